#!/usr/bin/python3
"""The Maildir outbox of the e-mail plugin: whole or not at all, once, and with a word when the disk refuses."""
import contextlib
import email
import email.policy
import json
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import threading

from email_drive import FIELDS, check, command, drive, outcomes, run_tests, touch

MAILDIR = {"relay": "maildir:outbox"}


def names(data, folder):
    path = pathlib.Path(data) / "outbox" / folder
    return sorted(p.name for p in path.iterdir()) if path.exists() else []


@contextlib.contextmanager
def small_disk():
    """A folder on a file system of 64 KB; None where mounting is not allowed."""
    with tempfile.TemporaryDirectory() as data:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", data], capture_output=True).returncode:
            print("     (not allowed to mount a small file system: skipped)")
            yield None
            return
        try:
            yield data
        finally:
            subprocess.run(["umount", data], check=True)


def test_a_mail_lies_in_new_and_reads_back():
    with tempfile.TemporaryDirectory() as data:
        status, results = drive(MAILDIR, data, [touch(7)])
        assert status == 0 and outcomes(results) == {7: "sent"}, results
        assert names(data, "new") == [results[0]["remote_id"]] and not names(data, "tmp")
        raw = (pathlib.Path(data) / "outbox/new" / results[0]["remote_id"]).read_bytes()
        assert b"\r" not in raw
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        assert mail["To"] == "Jane Doe <jane@example.net>" and mail["From"] == "Nurture <hello@example.com>"
        assert mail["Subject"] == FIELDS["subject"]
        assert mail.get_content_type() == "multipart/alternative"
        for kind in ("plain", "html"):
            body = mail.get_body((kind,)).get_content()
            assert "Hello Jane" in body and "https://go.example.com/u/token" in body and "1 Main Street" in body, body


def test_a_repeat_makes_no_second_mail_even_if_the_first_was_read():
    with tempfile.TemporaryDirectory() as data:
        drive(MAILDIR, data, [touch(7)])
        status, results = drive(MAILDIR, data, [touch(7)])
        assert status == 0 and outcomes(results) == {7: "sent"} and len(names(data, "new")) == 1, results
        new = pathlib.Path(data) / "outbox/new" / results[0]["remote_id"]
        new.rename(pathlib.Path(data) / "outbox/cur" / (new.name + ":2,S"))
        status, results = drive(MAILDIR, data, [touch(7), {"wait": True}, touch(8)])
        assert outcomes(results) == {7: "sent", 8: "sent"}, results
        status, results = drive(MAILDIR, data, [touch(7, permit="no")])
        assert outcomes(results) == {7: "cancelled"}, results
        assert names(data, "new") == ["touch-8.nurture"] and len(names(data, "cur")) == 1


def test_a_thousand_are_all_there():
    with tempfile.TemporaryDirectory() as data:
        status, results = drive(MAILDIR, data, [touch(i) for i in range(1000)])
        assert status == 0 and outcomes(results) == {i: "sent" for i in range(1000)}
        assert len(names(data, "new")) == 1000 and not names(data, "tmp")


def test_killed_at_any_moment_each_mail_is_there_once_and_whole():
    random.seed(int(os.environ.get("SEED", "11")))
    with tempfile.TemporaryDirectory() as data:
        left, kills = list(range(400)), 0
        while left:
            process = subprocess.Popen(command({"from": "a@example.com", **MAILDIR}, data), stdin=subprocess.PIPE, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            timer = threading.Timer(random.uniform(0.05, 0.5), process.kill)
            if kills < 10:
                timer.start()
            lines, _ = process.communicate("".join(json.dumps(touch(i)) + "\n" for i in left))
            timer.cancel()
            kills += process.returncode == -signal.SIGKILL
            sent = set()
            for line in lines.splitlines():
                with contextlib.suppress(json.JSONDecodeError):  # the last may be cut
                    result = json.loads(line)
                    assert result["outcome"] == "sent", result
                    sent.add(result["touch_id"])
            left = [i for i in left if i not in sent]
        new = pathlib.Path(data) / "outbox/new"
        assert names(data, "new") == sorted(f"touch-{i}.nurture" for i in range(400)), kills
        assert all(f.read_bytes().rstrip().endswith(b"--") for f in new.iterdir())
        print(f"     {kills} kills, {len(names(data, 'tmp'))} leftovers in tmp")


def test_without_permission_nothing_goes_out():
    with tempfile.TemporaryDirectory() as data:
        status, results = drive(MAILDIR, data, [touch(1, permit="no"), touch(2, permit="never", cancel=300), touch(3, permit=200)])
        assert status == 0 and outcomes(results) == {1: "cancelled", 2: "cancelled", 3: "sent"}, results
        assert names(data, "new") == ["touch-3.nurture"] and not names(data, "tmp")


def test_what_waits_when_the_channel_closes_leaves_nothing():
    with tempfile.TemporaryDirectory() as data:
        status, results = drive(MAILDIR, data, [touch(1, permit="never")], patience_ms=500)
        assert status == 3 and results == [] and not names(data, "new") and not names(data, "tmp")


def test_a_full_disk_is_the_channel_down_and_heals():
    with small_disk() as data:
        if not data:
            return
        ballast = pathlib.Path(data) / "ballast"
        ballast.write_bytes(b"x" * 50000)
        big = touch(1, fields={**FIELDS, "text": "word " * 8000})
        status, results = drive(MAILDIR, data, [big])
        assert status == 0 and outcomes(results) == {1: "channel_down"}, results
        assert "No space left" in results[0]["reason"] and not names(data, "new") and not names(data, "tmp"), results
        ballast.unlink()
        status, results = drive(MAILDIR, data, [big])
        assert outcomes(results) == {1: "sent"}, results


def does_not_open(data):
    """What is said of a channel that cannot work, before it has a mail."""
    try:
        drive(MAILDIR, data, [])
    except RuntimeError as error:
        return str(error)
    raise AssertionError("the channel was opened")


def test_a_folder_that_cannot_be_written_is_told_when_the_channel_is_opened_and_it_heals():
    with small_disk() as data:
        if not data:
            return
        drive(MAILDIR, data, [touch(1)])
        subprocess.run(["mount", "-o", "remount,ro", data], check=True)
        assert "Read-only" in does_not_open(data)
        subprocess.run(["mount", "-o", "remount,rw", data], check=True)
        assert outcomes(drive(MAILDIR, data, [touch(2)])[1]) == {2: "sent"}
        assert names(data, "new") == ["touch-1.nurture", "touch-2.nurture"] and names(data, "tmp") == []


def test_an_outbox_that_is_a_file_is_told_when_the_channel_is_opened():
    with tempfile.TemporaryDirectory() as data:
        (pathlib.Path(data) / "outbox").write_text("in the way")
        assert "outbox" in does_not_open(data)


def test_wrong_recipients_are_rejected_and_the_others_sent():
    with tempfile.TemporaryDirectory() as data:
        orders = [touch(1), touch(2, address="jane@example.net\r\nRCPT TO:<eve@example.com>"), touch(3),
                  touch(4, address="a" * 65 + "@example.net"), touch(5, fields={**FIELDS, "from": "not an address"})]
        status, results = drive(MAILDIR, data, orders)
        assert outcomes(results) == {1: "sent", 2: "rejected", 3: "sent", 4: "rejected", 5: "deferred"}, results
        assert len(names(data, "new")) == 2


def test_settings_are_checked_with_a_word():
    sender = {"from": "a@example.com"}
    folder = {**sender, "relay": "maildir:x"}
    wrong = [
        ({"relay": "maildir:x"}, "from", "say who sends"),
        (sender, "relay", "say where mail goes"),
        ({**sender, "relay": "ftp://x"}, "relay", "must be"),
        ({**folder, "conections": 3}, "conections", 'did you mean "connections"'),
        ({**folder, "connections": 0}, "connections", "1 to 1000"),
        ({**folder, "tls": "yes"}, "tls", "opportunistic"),
        ({**folder, "from": "nobody"}, "from", "not an e-mail address"),
        ({**folder, "deadlines": {"finl": 3}}, "deadlines.finl", 'did you mean "final"'),
        ({**folder, "deadlines": {"final": -1}}, "deadlines.final", "number of seconds"),
        ({**folder, "helo": "a b"}, "helo", "name"),
        ({**sender, "relay": "smtps://host", "tls": "none"}, "tls", "contradicts"),
        ({**sender, "relay": "smtp://host:99999"}, "relay", "port"),
        ({**sender, "relay": "smtp://user@host"}, "relay", "USER:PASSWORD"),
        ({**sender, "relay": "smtp://user:50%of@host"}, "relay", "%25"),
    ]
    for settings, where, word in wrong:
        problem = check(settings)
        assert problem and problem["where"] == where and word in problem["problem"], (settings, problem)
    for right in (folder, {**folder, "reply_to": "b@example.com", "tls": "require", "connections": 5},
                  {**sender, "relay": "smtps://user:p%40ss@[::1]:465/"}):
        assert check(right) is None, (right, check(right))


run_tests(globals())
