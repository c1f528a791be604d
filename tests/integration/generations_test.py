#!/usr/bin/python3
"""Reloads under load, with work in flight, and with what is broken: at most two generations, nothing lost, nothing doubled."""
import os
import re
import shutil
import signal
import threading
import time

import faults
import nurture
from nurture import BINARY, BUILD, run_tests, until

PATIENT = faults.DEADLINES.replace("final = 3", "final = 100")  # a mail server may take its time here
field = None


def says(event, *parts):
    return any(event in line and all(part in line for part in parts) for line in field.server.log_text().splitlines())


def generation():
    """The newest that was live."""
    return sum("server.ready" in line for line in field.server.log_text().splitlines())


def refusals():
    return int(re.search(r"^nurture_reloads_refused_total (\d+)$", field.server.get("/metrics")[1], re.M)[1])


def wait_over(number):
    until(lambda: says("generation.over", f"generation={number}"), 120, f"the end of generation {number}")


def test_a_storm_of_reloads_under_load_has_two_generations_at_most_and_doubles_nothing():
    most = 0
    with field.visiting():
        field.enter("burst", 15)
        for _ in range(20):
            field.server.process.send_signal(signal.SIGHUP)
            end = time.monotonic() + 0.1
            while time.monotonic() < end:
                most = max(most, len(field.server.workers("engine")), len(field.server.workers("jobs")))
    assert most <= 2, f"{most} workers of one role at a time"
    field.reload()
    assert generation() >= 2
    until(lambda: all(len(field.server.workers(role)) == 1 for role in ("web", "engine", "delivery", "jobs")), 120, "one generation")
    field.judge()


def test_a_slow_answer_is_waited_out_while_the_next_generation_sends():
    answer, slow = threading.Event(), []

    def rule(stage, body, connection):
        if stage == "final" and not slow:
            slow.append(connection)
            answer.wait(200)
    field.mode = rule
    try:
        field.enter("single", 1)
        until(lambda: slow, 60, "a mail whose answer takes long")
        before, number = len(field.sink.messages), generation()
        field.server.process.send_signal(signal.SIGHUP)
        until(lambda: generation() > number, 60, "the next generation")
        field.enter("single", 3)
        until(lambda: len(field.sink.messages) >= before + 3, 60, "mails of the next generation")
        until(lambda: field.count("touch where state = 'permitted'") == 1, 60, "their answers")
        assert field.count("touch where state = 'in_doubt'") == 0
    finally:
        answer.set()
        field.mode = lambda stage, body, connection: None
    until(lambda: field.count("touch where state = any('{permitted,in_doubt}')") == 0, 60, "its answer")
    field.judge()
    assert field.count("attempt where outcome = 'in_doubt'") == 0


def test_another_program_takes_over_with_work_in_flight():
    """As an upgrade does it: another file under the same name, and a SIGHUP."""
    field.slow = (0.01, 0.05)
    field.server.stop()
    place = field.server.folder / "bin/core"
    place.mkdir(parents=True)
    shutil.copy(BINARY, place / "nurture")
    nurture.BINARY, before = place / "nurture", generation()
    try:
        field.server.start()
        number = until(lambda: generation() > before and generation(), 60, "the first generation")
        with field.visiting():
            field.enter("burst", 20)
            until(lambda: field.count("touch where state = any('{claimed,permitted}')") > 0, 60, "work in flight")
            shutil.copy(BINARY, place / "nurture.new")
            os.rename(place / "nurture.new", place / "nurture")
            field.server.process.send_signal(signal.SIGHUP)
            until(lambda: generation() > number, 60, "the new program")
        for role in ("web", "engine", "delivery", "jobs"):
            workers = until(lambda: len(found := field.server.workers(role)) == 1 and found, 90, f"one {role} worker")
            assert os.stat(f"/proc/{workers[0]}/exe").st_ino == os.stat(place / "nurture").st_ino, role
        field.judge()
    finally:
        nurture.BINARY = BINARY
        field.slow = (0.0, 0.0)


def broken(good, bad, *words, ask=False):
    """A reload that must not replace what works: the log and `status` say why, readiness stays, mail goes on."""
    workers, number, before = {role: field.server.workers(role) for role in ("engine", "delivery")}, generation(), field.count("touch where state = 'sent'")
    begins, refused = len(field.server.log_text()), refusals()
    field.server.conf.write_text(bad)
    field.server.process.send_signal(signal.SIGHUP)

    def said():
        text = field.server.log_text()[begins:]
        return "reload.refused" in text or "reload.failed" in text
    until(said, 60, "the refusal")
    field.server.conf.write_text(good)  # commands read it too
    text = field.server.log_text()[begins:]
    assert all(word in text for word in words), text
    until(lambda: not ask or all(word in field.server.run("status").stdout for word in ("last reload was refused", *words)), 60, "the reason in nurture status")
    until(lambda: {role: field.server.workers(role) for role in workers} == workers, 60, "the end of what was tried")
    assert generation() == number and refusals() == refused + 1
    assert field.server.get("/readyz")[0] == 200
    field.enter("single", 1)
    until(lambda: field.count("touch where state = 'sent'") > before, 60, "mail, as before")


def test_what_is_broken_replaces_nothing_and_is_told():
    server, conf = field.server, field.server.conf
    good = conf.read_text()
    plugins = server.folder / "plugins"
    shutil.copytree(BUILD / "plugins", plugins, ignore=lambda folder, names: [n for n in names if not n.endswith(".so")])
    shutil.copy(BUILD / "tests/plugins/puppet.so", plugins)
    shutil.copy(BUILD / "tests/plugins/crash-at-load.so", plugins)
    good = good.replace(f"{BUILD}/plugins", str(plugins))

    def refused(bad, *words, **more):
        broken(good, bad, *words, **more)
    refused(good + "\nlisten = 3\n", "listen", ask=True)
    refused(good.replace('plugin = "email"', 'plugin = "fax"', 1), "fax.so")
    refused(good + '\nchannel "two" { plugin = "crash-at-load" }\n', "crash-at-load")
    refused(good + '\nchannel "two" { plugin = "puppet", act = "shut" }\n', "does not open today", ask=True)
    refused(good + '\nchannel "two" { plugin = "puppet", act = "crash-open" }\n', "ended with", "opened")
    refused(good.replace(str(plugins), str(plugins / "none")), "none/email.so")
    conf.write_text(good)
    field.reload()
    until(lambda: "refused" not in server.run("status").stdout, 60, "a status without reproach")
    field.judge()


def test_a_first_generation_that_can_never_start_is_replaced_by_a_reload():
    if os.geteuid():
        return  # the program that workers may not run is made by being root
    server = nurture.Server()
    program = server.folder / "nurture"
    shutil.copy(BINARY, program)
    program.chmod(0o700)
    own, nurture.BINARY = nurture.BINARY, program
    try:
        server.start(wait=False)
        until(lambda: "cannot run the worker's program" in server.log_text(), 60, "workers that cannot start")
        shutil.copy(own, server.folder / "mended")
        (server.folder / "mended").chmod(0o755)
        os.replace(server.folder / "mended", program)
        server.process.send_signal(signal.SIGHUP)
        until(lambda: "server.ready" in server.log_text(), 60, "a generation that is whole")
        assert "generation=2" in server.log_text() and server.get("/healthz")[0] == 200
        until(lambda: "generation.over" in server.log_text(), 60, "the end of the first")
    finally:
        nurture.BINARY = own
        server.__exit__(None, None, None)


def main():
    global field
    field = faults.Field(seed=3)
    field.server.conf.write_text(field.server.conf.read_text().replace(faults.DEADLINES, PATIENT))
    with field:
        run_tests(globals())


if __name__ == "__main__":
    main()
