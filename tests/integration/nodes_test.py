#!/usr/bin/python3
"""Two nodes on one database: they agree or say where they differ, share evenly, take over, and never act for a lead together."""
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import threading
import time

import faults
import nodes
from nurture import is_alive, run_tests, until

PATIENT = faults.DEADLINES.replace("data = 2", "data = 60")  # so that the answer to DATA may take as long as the test needs
pair = None


def metric(node, name):
    return int(re.search(rf"^{name} (\d+)$", node.get("/metrics")[1], re.MULTILINE).group(1))


def problems(node):
    return node.get("/readyz")[1]["problems"]


def test_nodes_know_each_other_and_say_where_they_differ():
    first, other = pair.nodes
    until(lambda: [metric(node, "nurture_nodes") for node in pair.nodes] == [2, 2], 60, "two nodes")
    status = first.run("status").stdout
    assert f"127.0.0.1:{first.port})" in status and f"127.0.0.1:{other.port})" in status and "differs" not in status, status
    pair.copy_configuration(lambda text: text.replace("N <n@example.com>", "M <m@example.com>") + 'postal_address = "2 Other Street"\n')
    other.process.send_signal(signal.SIGHUP)
    for node in pair.nodes:
        def told():  # of a generation that has just begun, not yet
            text = " ".join(problems(node))
            return len(problems(node)) == 2 and node.get("/readyz")[0] == 503 and f"127.0.0.1:{other.port}" in text and "postal_address" in text and 'channel "email": from' in text
        until(told, 60, "the differences in /readyz")
    assert metric(first, "nurture_node_differences") in (0, 2)  # it is counted with the next beat
    status = first.run("status").stdout
    assert "postal_address differs" in status, status
    hashes = pair.sql("select options from node")
    assert "example.com" not in hashes and "Other Street" not in hashes and str(pair.sink.port) not in hashes, hashes
    pair.copy_configuration()
    other.process.send_signal(signal.SIGHUP)
    for node in pair.nodes:
        until(lambda: node.get("/readyz")[0] == 200, 60, "agreement")


def test_a_node_that_stops_or_starts_again_leaves_no_row_of_the_dead():
    first, other = pair.nodes
    other.kill_all()
    other.start()
    until(lambda: pair.count("node") == 2 and metric(first, "nurture_nodes") == 2, 60, "two rows, none of the dead")
    other.stop()
    assert pair.count("node") == 1 or "clerk.failed" in other.log_text(), pair.sql("select * from node")
    until(lambda: metric(first, "nurture_nodes") == 1, 90, "one node")
    other.start()
    until(lambda: metric(first, "nurture_nodes") == 2, 60, "two nodes")


HEAD = struct.Struct("16s 5I")  # the beginning of struct answers_head: magic, version, since, and the sizes of head and slots


def noted():
    """How many answers the sender keeps that the database has not."""
    count = 0
    for file in filter(pathlib.Path.is_file, pair.holder()[0].data.glob("delivery/email.*")):  # the door beside them is a socket
        octets = file.read_bytes()
        _, _, _, head, slot, _ = HEAD.unpack_from(octets)
        count += sum(any(octets[at:at + 8]) for at in range(head, len(octets), slot or len(octets)))
    return count


def test_what_a_killed_sender_knew_is_recorded_before_the_other_node_takes_the_channel():
    pair.wait_shared()
    answer = threading.Event()
    pair.mode = lambda stage, argument, connection: answer.wait(120) and None if stage == "DATA" else None
    try:
        pair.enter("single", 4)
        until(lambda: pair.count("touch where state in ('claimed', 'permitted')") == 4, 60, "claims")
        touches = ",".join(pair.sql("select touch_id from touch where state in ('claimed', 'permitted')").split())
        with pair.locked("attempt", "share"):
            answer.set()
            until(lambda: noted() == 4, 60, "four answers that cannot be recorded")
            os.kill(pair.holder()[1], signal.SIGKILL)
        pair.kills += 1
    finally:
        answer.set()
        pair.mode = lambda stage, argument, connection: None
    until(lambda: pair.count(f"touch where touch_id in ({touches}) and state in ('claimed', 'permitted')") == 0, 90, "the end of the four")
    states = pair.sql(f"select state, count(*) from touch where touch_id in ({touches}) group by 1")
    assert states == "sent|4", states


WALKED = """
model "walked" { title = "Told by the walk", from = 0, to = 10, rule "all" { points = 7 } }
segment "known" { title = "Known", who = lead { email = known } }
"""
# Each time that a score of the new model is written, whoever writes it.
WRITES = """
create table walk_write (lead_id bigint);
create function walk_note() returns trigger language plpgsql security definer as
  'begin insert into walk_write values (new.lead_id); return null; end';
create trigger walk_note after insert or update on score for each row when (new.name = 'walked') execute function walk_note();
"""
NO_WRITES = "drop trigger walk_note on score; drop function walk_note(); drop table walk_write;"


@contextlib.contextmanager
def walk_that_stands_at(node):
    """After a publish a shard of this node cannot be walked to its end, nor can it walk others meanwhile; until the end."""
    first = pair.nodes[0]
    folder = shutil.copytree(first.folder / "playbook", first.folder / "walked")
    (folder / "playbook.lua").write_text((folder / "playbook.lua").read_text() + WALKED)
    owner = pair.owner_by(node, node.workers("engine")[0])
    until(lambda: pair.count("inbox") == 0, 60, "all turns")
    lead = pair.sql(f"select lead_id from lead where email ~ '^v[1-3]..@' and (lead_id & 63) in (select shard from shard_lease where role = 'engine' and "
                    f"owner = '{owner}') order by lead_id desc limit 1")
    with pair.holding(f"select from lead where lead_id = {lead} for update"):
        first.run("publish", folder, "--yes", "-m", "walked")
        pair.wait_for_lock("engine.rescore.writes")
        yield


def test_they_share_evenly_and_one_takes_over_leads_and_walk_when_the_other_is_killed():
    first, other = pair.nodes
    pair.post(pair.visits(400))
    pair.wait_shared()
    holders = pair.sql("select count(*) from shard_lease where role = 'channel:email' and until >= clock_timestamp()")
    assert holders == "1", holders
    pair.sql(WRITES)
    with walk_that_stands_at(other), pair.visiting():
        pair.enter("burst", 15)
        other.kill_all()
        pair.kills += 1
    with pair.visiting():
        pair.wait_shared(owners=1)
        until(lambda: pair.holder()[0] is first, 90, "the channel at the other node")
    until(lambda: pair.sql("select state from job where kind = 'rescore' order by job_id desc limit 1") == "done", 90, "the end of the walk")
    pair.judge(90)
    scores = pair.sql("select count(*), sum((points = 7)::int) from score where name = 'walked'")
    written = pair.sql("select count(*), count(distinct lead_id) from walk_write")
    leads = pair.count("lead where not anonymous and merged_into is null")
    assert scores == written == f"{leads}|{leads}", (scores, written, leads)
    pair.sql(NO_WRITES)
    other.start()
    pair.wait_shared()


def main():
    global pair
    with nodes.Pair(seed=1, deadlines=PATIENT) as pair:
        run_tests(globals())


if __name__ == "__main__":
    main()
