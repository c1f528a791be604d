#!/usr/bin/python3
"""Workers of one node stand still (SIGSTOP) past their leases at the worst moments, the other node takes over, and they go on."""
import threading

import faults
import nodes
from nurture import run_tests, until

PATIENT = faults.DEADLINES.replace("data = 2", "data = 60")  # so that the answer to DATA may take as long as the test needs
pair = None


def permitted():
    return set(pair.sql("select touch_id from touch where state = 'permitted'").split())


def stop_sender(stopped):
    """Between permission and dot: the answer to DATA comes when it stands still. Returns the touches it has permission for."""
    answer = threading.Event()
    pair.mode = lambda stage, argument, connection: answer.wait(120) and None if stage == "DATA" else None
    try:
        pair.enter("single", 4)
        until(permitted, 60, "permission")
        nodes.freeze(stopped, pair.holder()[1])
        return permitted()
    finally:
        pair.mode = lambda stage, argument, connection: None
        answer.set()


def stop_engine(stopped, pid, table, mode, connection):
    """In the middle of a turn: its transaction stands before a lock, which goes when the worker stands still."""
    lead = pair.lead_of(pair.owner_by(pair.server, pid))
    with pair.locked(table, mode):
        number = next(pair.numbers)
        pair.post([("page.view", f"/{number}", lead, f"visit-{number}")])
        pair.wait_for_lock(connection)
        nodes.freeze(stopped, pid)


def test_who_stands_still_past_a_lease_doubles_nothing_when_it_goes_on():
    pair.post(pair.visits(200))
    pair.wait_shared(owners=4)
    pair.judge()
    writing, loading = pair.server.workers("engine")
    owners = [pair.owner_by(pair.server, pid) for pid in (writing, loading)]
    stopped = []
    with nodes.frozen(stopped):
        in_flight = stop_sender(stopped)
        sender = pair.owner_of("channel:email")
        stop_engine(stopped, writing, "score", "share row exclusive", "engine.writes")
        stop_engine(stopped, loading, "consent", "access exclusive", "engine.reads")
        until(lambda: pair.shares() == [32, 32] and not set(owners) & set(pair.sql("select owner from shard_lease").split()), 90, "the take-over")
        until(lambda: pair.owner_of("channel:email") not in ("", sender), 90, "another sender")
        until(lambda: pair.count("inbox") == 0 and not permitted(), 90, "their work, done by others")
        before = len(pair.sink.messages)
    until(lambda: "lease.lost" in pair.server.log_text(), 60, "the refusal of what was loaded before")
    pair.wait_shared(owners=4)
    pair.kills += 1
    pair.judge(90)
    states = pair.sql(f"select state, count(*) from touch where touch_id in ({','.join(in_flight)}) group by 1")
    assert states == f"in_doubt|{len(in_flight)}", states
    print(f"      {len(in_flight)} mails in flight, of which {len(pair.sink.messages) - before} arrived afterwards", flush=True)


def main():
    global pair
    with nodes.Pair(seed=1, config="workers = { web = 1, engine = 2 }\nwatchdog = 300", deadlines=PATIENT) as pair:
        run_tests(globals())


if __name__ == "__main__":
    main()
