#!/usr/bin/python3
"""The SMTP client of the e-mail plugin against postfix's own servers: a whole private Postfix that delivers into a Maildir,
and smtp-sink, which fails as it is told. Needs root, as Postfix does."""
import collections
import contextlib
import email
import email.policy
import json
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from email_drive import FIELDS, command, drive, outcomes, run_tests, touch
from mail_rig import Authority, need
from mail_transport import MASTER, Postfix
from ports import free_port
from smtp_sink import Sink

SINK = "/usr/sbin/smtp-sink"
need(MASTER, SINK)


def wait_for(port):
    for _ in range(1200):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.05)
    raise RuntimeError("no server")


@contextlib.contextmanager
def smtp_sink(*options):
    folder, port = tempfile.mkdtemp(prefix="sink"), free_port()
    user = pwd.getpwnam("postfix")
    os.chown(folder, user.pw_uid, user.pw_gid)
    server = subprocess.Popen([SINK, "-u", "postfix", "-d", "%s.", *options, f"127.0.0.1:{port}", "200"], cwd=folder,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port, pathlib.Path(folder)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def arrive(folder, count):
    for _ in range(1200):
        files = list(folder.iterdir()) if folder.exists() else []
        if len(files) >= count:
            break
        time.sleep(0.1)
    return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]


def deliver(port, orders, **settings):
    with tempfile.TemporaryDirectory() as data:
        status, results = drive({"relay": f"smtp://localhost:{port}", **settings}, data, orders, 120000)
    assert status == 0, (status, results)
    return results


def test_a_real_postfix_takes_the_good_and_refuses_the_bad():
    with Authority() as ca, Postfix(ca, boxes={"good.*": "box"}, size=200000) as mta:
        port, box = mta.smtp, mta.mail / "box/new"
        text = ".\nUmlaut: \u00fc\n..\nFrom here\n" + "x" * 3000 + "\n"
        orders = [touch(i, address=("good" if i % 4 else "bad") + f"{i}@example.net", fields={**FIELDS, "text": text}) for i in range(40)]
        orders.append(touch(100, address="jane@elsewhere.example"))
        results = deliver(port, orders, tls="require", tls_ca=ca.ca, connections=4)
        expected = {i: "sent" if i % 4 else "rejected" for i in range(40)}
        assert outcomes(results) == {**expected, 100: "deferred"}, results  # 554 5.7.1 relay access denied: one domain that is refused stops nobody
        mails = arrive(box, 30)
        assert sorted(m["Message-ID"].split(".")[0] for m in mails) == sorted(f"<{i}" for i in range(40) if i % 4)
        for mail in mails:
            assert mail.get_body(("plain",)).get_content().startswith(text) and mail["Subject"] == FIELDS["subject"]
            assert "TLS" in mail["Received"]
        big = touch(200, address="good@example.net", fields={**FIELDS, "text": "x" * 300000})
        assert outcomes(deliver(port, [big])) == {200: "deferred"}


def test_smtp_sink_fails_as_told():
    hard = ["-B", "550 5.1.1 no such user"]
    for options, outcome in ((["-f", "RCPT", *hard], "rejected"), (["-f", "RCPT", "-B", "550 5.7.1 no"], "deferred"),
                             (["-r", "RCPT"], "deferred"), (["-r", "MAIL"], "deferred"), (["-r", "DATA"], "deferred"),
                             (["-r", "."], "deferred"), (["-f", ".", *hard], "rejected"), (["-f", "CONNECT"], "channel_down"),
                             (["-q", "RCPT"], "deferred"), (["-q", "."], "unknown"), (["-p"], "sent"), (["-e"], "sent"),
                             (["-8"], "sent")):
        with smtp_sink(*options) as (port, folder):
            results = deliver(port, [touch(i) for i in range(6)], connections=2)
            beside = {"deferred", "channel_down"} if "-q" in options else set()  # it hangs up: a pause for the others
            assert {r["outcome"] for r in results} <= {outcome} | beside, (options, results)
            assert outcome in outcomes(results).values(), (options, results)


def test_smtp_sink_that_goes_away_now_and_then_gets_each_letter_once():
    with smtp_sink("-R", ".") as (port, folder):  # a soft error to the final dot now and then
        left, sent = {i: touch(i) for i in range(200)}, set()
        for _ in range(40):
            results = outcomes(deliver(port, list(left.values()), connections=5))
            assert set(results.values()) <= {"sent", "deferred"}, results
            sent |= {i for i, outcome in results.items() if outcome == "sent"}
            left = {i: order for i, order in left.items() if i not in sent}
            if not left:
                break
        assert not left
        ids = [line.split("<")[1].split(".")[0] for f in folder.iterdir() for line in f.read_text().splitlines()
               if line.startswith("Message-ID:")]
        assert sorted(map(int, ids)) == list(range(200)), len(ids)


def test_a_killed_sender_leaves_doubt_only_about_what_was_on_the_wire():
    """kill -9 at random moments: received ⊆ asked; recorded as sent ⊆ received; the rest of received is at most one letter
    a connection and kill; a repeat has the same Message-ID."""
    random.seed(int(os.environ.get("SEED", "4711")))
    connections, count, kills = 4, 600, 0

    def slow(stage, argument, connection):
        if stage in ("final", "answer"):
            time.sleep(random.uniform(0, 0.004))
    with Sink(slow) as sink, tempfile.TemporaryDirectory() as data:
        settings = {"from": "A <a@example.com>", "relay": f"smtp://127.0.0.1:{sink.port}", "connections": connections}
        left, recorded = list(range(count)), set()
        while left:
            process = subprocess.Popen(command(settings, data), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                       stderr=subprocess.DEVNULL)
            timer = threading.Timer(random.uniform(0.04, 0.2), process.kill)
            if kills < 40:
                timer.start()
            lines, _ = process.communicate("".join(json.dumps(touch(i)) + "\n" for i in left))
            timer.cancel()
            kills += process.returncode == -signal.SIGKILL
            for line in lines.splitlines():
                with contextlib.suppress(json.JSONDecodeError):  # the last may be cut
                    result = json.loads(line)
                    assert result["outcome"] == "sent", result
                    recorded.add(result["touch_id"])
            left = [i for i in left if i not in recorded]
        time.sleep(0.2)
        copies = collections.Counter(message_id for _, message_id, _ in sink.messages)
        received = {int(message_id[1:].split(".")[0]) for message_id in copies}
        assert recorded == received == set(range(count)) and len(copies) == count
        extra = sum(copies.values()) - count
        assert kills >= 1 and extra <= kills * (connections + 1), (kills, extra)  # and one whose record was in the pipe
        print(f"     {kills} kills, {extra} copies of letters in doubt")


run_tests(globals())
