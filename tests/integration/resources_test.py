#!/usr/bin/python3
"""Out of descriptors, out of memory, many reloads: who lacks something is replaced or heals, all else goes on, and nothing leaks."""
import contextlib
import os
import pathlib
import re
import signal
import subprocess

import faults
from nurture import run_tests, until

LIMITS = {"nofile": "Max open files", "as": "Max address space"}  # prlimit → /proc
field = None


@contextlib.contextmanager
def limited(pid, what, most):
    """The process may have no more of it than `most` until the end. Set as its own user: root need not have the right."""
    user = os.stat(f"/proc/{pid}").st_uid

    def limit(soft):
        command = ["prlimit", "--pid", str(pid), f"--{what}={soft}:"]
        if os.geteuid() == 0 and user:
            command = ["setpriv", f"--reuid={user}", f"--regid={os.stat(f'/proc/{pid}').st_gid}", "--clear-groups", *command]
        subprocess.run(command, check=True, cwd="/")
    was = re.search(rf"^{LIMITS[what]} +(\S+)", pathlib.Path(f"/proc/{pid}/limits").read_text(), re.MULTILINE).group(1)
    limit(most)
    try:
        yield
    finally:
        if os.path.exists(f"/proc/{pid}"):
            limit(was)


def begun():
    """What the log says from now on."""
    length = len(field.server.log_text())
    return lambda: field.server.log_text()[length:]


def test_a_master_without_descriptors_goes_on_and_starts_its_workers_when_it_can():
    until(lambda: field.server.log_text().rpartition("server.starting")[2].count("server.ready") == 1, 60, "a generation that is whole")
    master, engine, log = field.server.process.pid, field.worker("engine"), begun()
    with limited(master, "nofile", 3):
        os.kill(engine, signal.SIGKILL)
        field.kills += 1
        until(lambda: "worker.not_started" in log(), 60, "a start that fails")
        field.post(field.visits(10))  # what runs goes on
        field.server.process.send_signal(signal.SIGHUP)
        until(lambda: "reload.refused" in log(), 60, "a reload that cannot be")
    until(lambda: field.server.workers("engine") not in ([], [engine]), 60, "a new engine worker")
    field.reload()
    field.judge()


def test_an_engine_without_descriptors_heals_and_others_go_on():
    engine, log = field.worker("engine"), begun()
    with limited(engine, "nofile", 3):
        field.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'engine.%'")
        until(lambda: "engine.0 database.lost" in log(), 60, "the loss of its connections")
        field.post(field.visits(20))
        assert field.count("inbox") > 0
    until(lambda: field.count("inbox") == 0, 60, "turns")
    assert field.worker("engine") == engine
    field.judge()


def test_a_worker_out_of_memory_is_replaced_and_nothing_acknowledged_is_lost():
    web, log = field.worker("web"), begun()
    pages = int(pathlib.Path(f"/proc/{web}/statm").read_text().split()[0])
    with limited(web, "as", pages * os.sysconf("SC_PAGESIZE") + (256 << 10)):
        field.post(field.visits(9000))
    assert "worker.died" in log() and field.worker("web") != web, log()
    field.judge()


def test_descriptors_and_memory_of_the_master_are_back_after_reloads():
    faults.reload_often(field, 1)
    before = faults.master_sizes(field)
    faults.reload_often(field, 5)
    after = faults.master_sizes(field)
    print(f"      descriptors {before[0]} → {after[0]}, memory {before[1]} → {after[1]} kB", flush=True)
    assert after[0] == before[0] and after[1] <= before[1] + 1024, (before, after)


def main():
    global field
    with faults.Field(seed=4) as field:
        run_tests(globals())


if __name__ == "__main__":
    main()
