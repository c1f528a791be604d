"""Faults of what lies between: the wires to the database and to the mail server, and a database that is slow, held up or away. Like
faults.py; those marked `wired` need a field whose database is reached through the fault proxy."""
import contextlib
import os
import signal
import subprocess
import time

from fault_proxy import Fault
from faults import needs, until

WAYS = ("up", "down")
SILENCE = 30  # seconds after which a worker gives up a connection that owes it an answer


def some_fault(random, most):
    kind = random.choice(("cut", "reset", "half", "hole"))
    return Fault(kind, way=random.choice(WAYS), at=random.randrange(most))


@needs("wired")
def fault_database_wire(field, random, seconds=4):
    """Connections to the database are cut, reset or half closed, at once or at any octet of a new one."""
    field.wire.always(None)
    with field.visiting():
        field.enter("burst", 15)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            field.wire.plan(Fault(random.choice(("cut", "reset", "half")), way=random.choice(WAYS), at=random.randrange(40000)))
            time.sleep(random.uniform(0, 0.5))
            field.kills += field.wire.strike(random.choice(("cut", "reset")))
        field.wire.clear()
    field.kills += field.wire.strike("cut")  # whoever has a fault before it still
    field.judge()


@needs("wired")
def fault_black_hole(field, random):
    """All connections to the database fall silent and nobody is told; new ones get through. Clients are put off meanwhile, and all goes on by itself."""
    field.enter("burst", 15)
    with field.visiting(patience=SILENCE + 90):
        time.sleep(random.uniform(0, 1))
        field.kills += field.wire.strike("hole")
        began = field.count("event")
        until(lambda: field.count("event") > began, SILENCE + 60, "the first event behind the hole")
    field.judge()


@needs("wired")
def fault_no_database(field, random, seconds=60):
    """Nobody answers at the database's address, for a minute: clients are told soon, the server lives."""
    with field.visiting(patience=seconds + 120):
        field.enter("burst", 15)
        time.sleep(random.uniform(0, 0.5))
        field.wire.refuse(True)
        field.kills += field.wire.strike("reset")
        time.sleep(seconds)
        put_off = field.unavailable
        assert put_off > 0, "nobody was put off"
        field.wire.refuse(False)
    field.judge()


@needs("private")
def fault_database_every_five_seconds(field, random, times=12):
    """PostgreSQL stops at once (stop -m immediate) every five seconds for a minute."""
    with field.visiting(patience=200):
        for _ in range(times):
            field.enter("burst", 5)
            until(field.server.postgres_left, 60, "the database")
            for postmaster in field.server.postgres_left():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(postmaster, signal.SIGQUIT)
            field.kills += 1
            time.sleep(5)
    field.judge()


@needs("private")
def fault_slow_database(field, random, seconds=8):
    """The database gets a fifth of the time only."""
    with field.visiting():
        field.enter("burst", 15)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pids = [pid for postmaster in field.server.postgres_left() for pid in field.server.tree(postmaster)]
            for how, pause in ((signal.SIGSTOP, random.uniform(0.1, 0.5)), (signal.SIGCONT, 0.05)):
                for pid in pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, how)
                time.sleep(pause)
    field.kills += 1
    field.judge()


OPEN = ("select count(*) from touch", "select from lead order by random() limit 50 for update", "select from shard_lease for update",
        "select from inbox limit 50 for update", "update clock set scale = scale", "select from touch where state <> 'sent' limit 50 for update")


def fault_open_transaction(field, random):
    """Somebody begins, touches something, and goes to lunch."""
    statement = random.choice(OPEN)
    with field.visiting():
        field.enter("burst", 15)
        with subprocess.Popen([*field.psql, "-XAtq"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd="/") as session:
            session.stdin.write(f"begin isolation level repeatable read;\n{statement};\n")
            session.stdin.flush()
            time.sleep(random.choice((1, 5, 12)))
            session.stdin.close()
    field.kills += 1
    field.judge(120)


def fault_mail_wire(field, random):
    """Connections to the mail server are cut, reset, half closed, swallowed or slowed down to an octet at a time, anywhere."""
    struck = field.mail_wire.strikes
    field.mail_wire.always(None)
    end = time.monotonic() + 60
    while field.mail_wire.strikes - struck < 8 and time.monotonic() < end:
        field.enter("burst", 5)
        field.mail_wire.plan(*(Fault("slow", way="down", rate=3, at=random.randrange(300)) if random.random() < 0.2 else some_fault(random, 3000)
                               for _ in range(5)))
        field.mail_wire.strike("cut")
        time.sleep(random.uniform(0.3, 1))
    field.mail_wire.clear()
    field.mail_wire.strike("cut")
    field.kills += field.mail_wire.strikes - struck
    field.reload()
    field.judge()
