#!/usr/bin/python3
"""The smoke set of faults, with fixed seeds: after each the oracle judges all that happened (TRUST sections 1 and 3). All of them,
for as long as one likes: etc/soak.sh."""
import random
import sys
import time

import faults
from nurture import is_alive, run_tests, until

sys.path.append(str(faults.SOURCE / "tests/tools"))
from postgres import Postgres  # noqa: E402

field = None


def test_a_sender_killed_twenty_times_in_the_middle_of_sending():
    faults.kill_sender(field, random.Random(1), kills=20, mails=45)
    assert field.kills >= 20 and len(field.sink.messages) >= 250, (field.kills, len(field.sink.messages))


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


def test_a_database_that_is_away_for_five_seconds_loses_nothing_that_was_acknowledged():
    with Postgres() as database, faults.Field(seed=7, database=database) as other:
        with other.visiting(clients=3):
            other.enter("burst", 20)
            time.sleep(0.5)
            database.stop()
            time.sleep(5)
            database.start()
            time.sleep(1)
        assert other.unavailable > 0, "nobody was put off: the database was not missed"
        other.kills += 1
        other.judge()


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
