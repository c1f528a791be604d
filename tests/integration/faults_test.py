#!/usr/bin/python3
"""The smoke set of faults, with fixed seeds: after each the oracle judges all that happened (TRUST sections 1 and 3). All of them,
for as long as one likes: etc/soak.sh."""
import contextlib
import os
import pathlib
import random
import signal
import sys
import time

import faults
from nurture import is_alive, run_tests, until

sys.path.append(str(faults.SOURCE / "tests/tools"))
from postgres import Postgres  # noqa: E402

field = None


def test_a_sender_killed_twenty_times_in_the_middle_of_sending():
    faults.kill_sender(field, random.Random(1), kills=20, mails=45)
    assert field.kills == 20 and len(field.sink.messages) >= field.kills, field.kills  # each waited for a mail to arrive


def test_an_engine_killed_in_the_middle_of_its_batches():
    faults.fault_kill_engine(field, random.Random(2))


def test_a_power_cut():
    faults.fault_power_cut(field, random.Random(3))


def test_a_database_that_stops_at_once_under_load():
    faults.fault_stop_database(field, random.Random(4))


def test_a_mail_server_that_drops_behind_the_dot():
    faults.fault_drop_after_data(field, random.Random(5))


def test_a_thousand_withdrawals_that_race_a_send():
    faults.race_withdrawals(field, random.Random(6), 1000)
    assert field.count("touch where state = 'cancelled'") > 0, "no withdrawal met a touch that was planned: there was no race"


def test_a_database_that_is_away_for_five_seconds_loses_nothing_that_was_acknowledged():
    with Postgres() as database, faults.Field(seed=7, database=database) as other:
        with other.visiting(clients=3):
            other.enter("burst", 20)
            database.stop()
            until(lambda: other.server.log_text().count("database.lost") > 0, what="missing the database")  # requests wait for it, or are put off with a 503
            time.sleep(5)
            database.start()
        other.kills += 1
        other.judge()


def test_a_worker_that_is_ended_at_its_birth_does_not_end_the_server():
    """Between fork and exec it is a copy of the master, with the master's handlers."""
    master, caught, begun = field.server.process.pid, set(), time.monotonic()
    began = len(field.server.log_text())
    while len(caught) < 3 and time.monotonic() < begun + (40 if caught else 300):  # the moment is short: one will do
        field.server.process.send_signal(signal.SIGHUP)
        pause = time.monotonic() + 1
        while time.monotonic() < pause:
            for pid in pathlib.Path(f"/proc/{master}/task/{master}/children").read_text().split():
                with contextlib.suppress(OSError):
                    if b"serve" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() and pid not in caught:
                        os.kill(int(pid), signal.SIGTERM)
                        caught.add(pid)
    time.sleep(0.5)
    assert caught, "none was seen before its exec"
    assert field.server.process.poll() is None and "server.stopping" not in field.server.log_text()[began:]
    field.reload()
    field.judge()


def test_what_may_not_have_arrived_is_sent_again_where_that_is_wanted():
    with faults.Field(seed=8, in_doubt="resend") as other:
        dice = random.Random(8)
        faults.kill_sender(other, dice, kills=4, mails=30)
        while not (doubts := other.count("attempt where outcome = 'in_doubt'")) and other.kills < 40:  # each time nothing was on the wire
            faults.kill_sender(other, dice, kills=1, mails=30)
        copies = len(other.sink.messages)
        sent = other.count("touch where state = 'sent'")
        assert other.count("touch where state = 'in_doubt'") == 0 and doubts > 0 and sent <= copies <= sent + doubts, (sent, copies, doubts)


def main():
    global field
    with faults.Field(seed=1) as field:
        try:
            run_tests(globals())
        finally:
            pids = field.server.tree()
            field.server.stop()
            until(lambda: not any(map(is_alive, pids)), 30, "the end of all processes")


if __name__ == "__main__":
    main()
