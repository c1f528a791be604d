"""Faults of what there must be enough of: disks, descriptors, time; and of what people write: configurations and playbooks. Like faults.py."""
import contextlib
import os
import pathlib
import pwd
import re
import signal
import subprocess
import time

from faults import needs, ready, until
from nurture import SERVICE_USER, fill_disk


@needs("small")
def fault_disk_full(field, random):
    """The database's disk is full, for a while, under load. What was acknowledged before is there; what was not is put off."""
    with field.visiting(patience=200):
        field.enter("burst", 15)
        time.sleep(random.uniform(0, 1))
        ballast = fill_disk(field.server.data / "ballast")
        try:
            time.sleep(random.choice((2, 6, 12)))
        finally:
            ballast.unlink()
        field.kills += 2  # the database may have gone down, and up, more than once
    until(lambda: ready(field), 120, "readiness")
    field.reload()
    field.judge(120)


@needs("maildir")
def fault_outbox_full(field, random):
    """No room in the outbox: mails wait, and go out when there is."""
    ballast = fill_disk(field.outbox / "ballast")
    field.enter("burst", 15)
    try:
        until(lambda: channel_is(field, "down"), 60, "the channel's state")
        assert field.server.get("/healthz")[0] == 200
    finally:
        ballast.unlink()
    field.reload()
    field.judge()


@needs("maildir")
def fault_outbox_read_only(field, random):
    """The outbox becomes read-only in the middle of sending."""
    field.enter("burst", 15)
    time.sleep(random.uniform(0, 0.5))
    subprocess.run(["mount", "-o", "remount,ro", field.outbox], check=False)
    try:
        field.enter("burst", 5)
        until(lambda: channel_is(field, "down"), 60, "the channel's state")
    finally:
        until(lambda: subprocess.run(["mount", "-o", "remount,rw", field.outbox], capture_output=True).returncode == 0, 60, "a writable outbox")
    field.kills += 1
    field.reload()
    field.judge()


def channel_is(field, state):
    return field.sql("select state from channel_state") == state


@needs("small")
def fault_log_full(field, random):
    """The log's disk is full, and later it is not: it loses lines, the server loses nothing."""
    ballast = fill_disk(field.log_disk / "ballast")
    try:
        with field.visiting():
            field.enter("burst", 10)
            for role in ("engine", "delivery"):  # whose deaths are logged
                with contextlib.suppress(ProcessLookupError):
                    os.kill(field.worker(role), signal.SIGKILL)
                    field.kills += 1
            field.reload()
    finally:
        ballast.unlink()
    field.judge()


HOUR, DAY = 3600, 86400


@needs("timed")
def fault_clock(field, random):
    """The clock of the whole machine jumps forth by an hour or a day, and stays there; or back, and is set right again. (Judged is when no event
    lies in the future: until its time has come it is not counted by whoever computes a score anew.)"""
    jump = random.choice((HOUR, DAY, -HOUR, -DAY))
    with field.visiting(patience=200):
        for ahead in (field.ahead + jump, field.ahead + max(jump, 0)):
            field.enter("burst", 8)
            time.sleep(random.uniform(0, 0.5))
            field.set_clock(ahead)
            time.sleep(random.uniform(3, 5))
            field.enter("burst", 8)
    field.kills += 2
    until(lambda: ready(field), 120, "readiness")
    field.reload()
    field.judge(180)


def limit_files(pid, most):
    """As the worker's own user, who may; root in a container may not."""
    user = pwd.getpwnam(SERVICE_USER)
    drop = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if os.geteuid() == 0 else []
    return subprocess.run([*drop, "prlimit", "--pid", str(pid), f"--nofile={most}:"], capture_output=True).returncode


def fault_descriptors(field, random):
    """A worker may open no more descriptors, for a while."""
    role = random.choice(("web", "engine", "delivery", "jobs"))
    pid = field.worker(role)
    used = max(map(int, os.listdir(f"/proc/{pid}/fd")), default=0) + 1 + random.randrange(3)
    with field.visiting(patience=120):
        before = re.search(r"Max open files\s+(\d+)", pathlib.Path(f"/proc/{pid}/limits").read_text()).group(1)
        assert limit_files(pid, used) == 0
        field.mail_wire.strike("cut")
        field.enter("burst", 8)
        time.sleep(random.uniform(1, 4))
        limit_files(pid, before)  # (it may have died of it)
    field.kills += 2
    field.reload()
    field.judge()


BROKEN = ("listen = 3\n", "x = = 1\n", "wotch = true\n", 'channel "email" { plugin = "nothing" }\n', "", "\0", 'data_dir = "/nowhere"\n')


def fault_broken_configuration(field, random):
    """Reloads with configurations that are broken, or half written: the old one goes on."""
    good = field.server.conf.read_text()
    with field.visiting():
        field.enter("burst", 10)
        for _ in range(3):
            bad = random.choice(BROKEN)
            field.server.conf.write_text(good + bad if bad else good[:random.randrange(len(good) // 2)])
            field.server.process.send_signal(signal.SIGHUP)
            time.sleep(random.uniform(0, 0.8))
        field.server.conf.write_text(good)
    field.reload()
    field.judge()


def fault_publishing(field, random):
    """A → B → A, and files that break: what is active is one of the two, always whole."""
    rule = pathlib.Path(field.server.folder / "playbook/playbook.lua")
    good = rule.read_text()
    texts = (good, good + "\n-- another\n", good + "\nmodle {", good[:len(good) // 2])
    with field.visiting():
        field.enter("burst", 10)
        for _ in range(5):
            rule.write_text(random.choice(texts))
            field.server.run("publish", field.server.folder / "playbook", "-m", "fault", "--yes", check=False)
        rule.write_text(good)
    field.server.run("publish", field.server.folder / "playbook", "-m", "fault", "--yes")
    field.judge()


def fault_import(field, random, rows=None):
    """An import that is killed anywhere, and run again until it is through: every row once."""
    rows = rows or random.choice((2000, 10000, 50000))
    number = next(field.numbers)
    path = field.server.folder / f"import-{number}.csv"
    path.write_text("mail\n" + "".join(f"i{number}-{n}@example.com\n" for n in range(rows)))
    path.with_suffix(".lua").write_text("return { email = '{mail}' }")
    command = field.server.command("import", path, "--map", path.with_suffix(".lua"))
    for _ in range(6):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=field.server.environment) as process:
            try:
                process.wait(random.uniform(0.05, 0.3 + rows / 20000))
            except subprocess.TimeoutExpired:
                process.kill()
    field.server.run("import", path, "--map", path.with_suffix(".lua"), timeout=1800)
    leads = f"lead where email like 'i{number}-%'"
    told = f"event e join lead l using (shard, lead_id) where l.email like 'i{number}-%' and e.verb in ('lead.create', 'lead.update')"
    assert (field.count(leads), field.count(told)) == (rows, rows), (rows, field.count(leads), field.count(told))
    field.judge(120 + rows / 200)


def fault_million(field, random):
    """The same with a million rows. Many minutes on a small machine: only by name."""
    fault_import(field, random, rows=1000000)
