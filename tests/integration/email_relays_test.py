#!/usr/bin/python3
"""Many relays, limits and what answers mean for the sender: the plugin "email" against several SMTP sinks."""
import json
import os
import subprocess
import tempfile
import threading
import time

from email_drive import command, run_tests, touch
from smtp_sink import Drop, Sink

LONG = {name: 60 for name in ("connect", "greeting", "command", "data", "body", "final", "idle")}
STANDING = {"standing": True}


def send(relays, orders, patience_ms=120000, kept=None, **settings):
    """Returns the results by touch, and what the plugin told of itself last."""
    settings = {"from": "Nurture <hello@example.com>", "relays": relays, "deadlines": LONG, **settings}
    env = {**os.environ, **({"NURTURE_KEPT": json.dumps(kept)} if kept else {})}
    with tempfile.TemporaryDirectory() as data:
        done = subprocess.run(command(settings, data, patience_ms), input="".join(json.dumps(order) + "\n" for order in orders), capture_output=True,
                              text=True, timeout=patience_ms / 1000 + 60, env=env)
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    said = [line for line in lines if "standing" in line]
    return {line["touch_id"]: line for line in lines if "touch_id" in line}, said[-1] if said else None


class Talk:
    """The plugin driven line by line, so that a test can wait for what an order has done."""

    def __init__(self, relays, **settings):
        self.data = tempfile.TemporaryDirectory()
        settings = {"from": "Nurture <hello@example.com>", "relays": relays, "deadlines": LONG, **settings}
        self.process = subprocess.Popen(command(settings, self.data.name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        self.data.cleanup()

    def order(self, *orders, answers):
        """The lines that come, so many as are waited for."""
        self.process.stdin.write("".join(json.dumps(order) + "\n" for order in orders))
        self.process.stdin.flush()
        return [json.loads(self.process.stdout.readline()) for _ in range(answers)]


def tally(results):
    counts = {}
    for result in results.values():
        word = "untried" if result["untried"] else result["outcome"]
        counts[word] = counts.get(word, 0) + 1
    return counts


def relay(sink, **more):
    return {"relay": f"smtp://127.0.0.1:{sink.port}", **more}


def to(domain, numbers, **more):
    return [touch(i, address=f"a{i}@{domain}", **more) for i in numbers]


def at(stage, answer):
    def rule(where, argument, connection):
        if where == stage:
            if isinstance(answer, type):
                raise answer
            return answer
        return None
    return rule


def test_relays_share_by_their_weights():
    began, last = time.monotonic(), [0.0]

    def rule(where, argument, connection):
        if where == "said":
            last[0] = time.monotonic()
    with Sink(rule) as a, Sink(rule) as b:
        results, said = send([relay(a, weight=3, connections=2), relay(b, weight=1, connections=2)], to("example.net", range(200)) + [{"wait": True}, {"sleep": 1500}, STANDING])
        assert tally(results) == {"sent": 200}, results
        if last[0] - began < 5:  # the other gets the share of one that takes nothing in 5 s: a machine that stands still so long
            assert (len(a.messages), len(b.messages)) == (150, 50), (len(a.messages), len(b.messages))
        assert len({m for _, m, _ in a.messages + b.messages}) == 200
        sent = {f["labels"]["relay"]: f["value"] for f in said["standing"]["figures"] if f["name"] == "relay_sent"}
        assert sent == {f"smtp://127.0.0.1:{a.port}": len(a.messages), f"smtp://127.0.0.1:{b.port}": len(b.messages)}, said


def test_the_share_of_a_relay_that_is_down_goes_to_the_others_and_it_is_tried_again():
    b = None

    def until_the_other_did_it(where, argument, connection):
        if where == "connect" and len(b.messages) < 50:
            raise Drop
    with Sink() as b, Sink(until_the_other_did_it) as a, Talk([relay(a, weight=10), relay(b)]) as talk:
        *results, said = talk.order(*to("example.net", range(50)), {"wait": True}, {"sleep": 1100}, STANDING, answers=51)
        sent, end = 50, time.monotonic() + 120
        while not a.messages and time.monotonic() < end:  # its pause is as long as the first ones took
            results += talk.order(*to("example.net", range(sent, sent + 1)), {"wait": True}, {"sleep": 300}, answers=1)
            sent += 1
        assert {result["outcome"] for result in results} == {"sent"} and len({result["touch_id"] for result in results}) == sent, results
        assert a.messages and len(a.messages) + len(b.messages) == sent and len(b.messages) >= 50, (len(a.messages), len(b.messages))
        assert any(f":{a.port} is down: " in line for line in said["standing"]["troubles"]), said
        assert {f["value"] for f in said["standing"]["figures"] if f["name"] == "relay_up"} == {0, 1}, said


def test_a_relay_that_refuses_the_password_or_to_relay_is_passed_over():
    for rule, login in ((None, "user:wrong@"), (at("RCPT", "550 5.7.1 <a@example.net>: Relay access denied"), ""), (at("MAIL", "530 5.7.0 Authentication required"), ""),
                        (at("RCPT", "554 5.7.1 Service unavailable; client host [192.0.2.1] blocked using zen.spamhaus.org"), "")):
        users = {"user": "user", "password": "right"} if login else None
        with Sink(rule, users=users) as a, Sink() as b:
            first = {"relay": f"smtp://{login}127.0.0.1:{a.port}", "weight": 5, "tls": "none"}
            results, said = send([first, relay(b)], to("example.net", range(40)) + [{"wait": True}, {"sleep": 1100}, STANDING])
            assert tally(results) == {"sent": 40} and len(b.messages) == 40 and not a.messages, results
            assert any(f":{a.port} is down: " in line for line in said["standing"]["troubles"]), said
            assert "wrong" not in json.dumps(said) and not said["held"], said


def test_an_address_beyond_ascii_goes_by_a_relay_that_takes_it_and_is_rejected_where_none_does():
    with Sink(offer=("PIPELINING",)) as plain, Sink(offer=("PIPELINING", "SMTPUTF8", "8BITMIME")) as able:
        orders = [touch(i, address=f"j\u00f6rg{i}@example.net" if i % 2 else f"a{i}@example.net") for i in range(1, 41)]
        results, _ = send([relay(plain), relay(able)], orders)
        assert tally(results) == {"sent": 40}, results
        by = [[recipient for recipient, _, _ in sink.messages if "j\u00f6rg" in recipient] for sink in (plain, able)]
        assert by[0] == [] and len(set(by[1])) == len(by[1]) == 20, by
        results, _ = send([relay(plain)], orders[:2])
        assert tally(results) == {"rejected": 1, "sent": 1} and "SMTPUTF8" in results[1]["reason"] and not results[1]["kind"], results   # the address is not bad


def test_one_recipient_whom_the_only_relay_does_not_serve_stops_nobody():
    def rule(where, argument, connection):
        return "550 5.7.1 access denied" if where == "RCPT" and "odd@" in argument else None
    with Sink(rule) as sink:
        results, said = send([relay(sink)], [touch(0, address="odd@example.net")] + to("example.org", range(1, 20)) + [{"wait": True}, STANDING])
        assert all(results[i]["outcome"] == "sent" for i in range(1, 20)), tally(results)
        assert results[0]["untried"] and not any("down" in line for line in said["standing"]["troubles"]), (results[0], said)


def test_when_all_relays_are_away_the_channel_is_down_and_says_which_and_why():
    with Sink(at("EHLO", "421 4.3.2 not now")) as a, Sink(at("connect", Drop)) as b:
        results, said = send([relay(a), relay(b)], to("example.net", range(20)) + [{"wait": True}, {"sleep": 1100}, STANDING])
        assert tally(results) == {"channel_down": 20}, results
        reason = next(r["reason"] for r in results.values() if f":{a.port}" in r["reason"] and f":{b.port}" in r["reason"])
        assert "421 4.3.2 not now" in reason, reason
        assert len(said["standing"]["troubles"]) == 2, said


def test_a_limited_domain_never_holds_up_the_others():
    with Sink() as sink:
        began = time.time()
        results, said = send([relay(sink)], to("gmail.com", range(1)) + to("gmail.com", range(1, 300), cancel=1200) + to("example.net", range(300, 400)) + [{"wait": True}, STANDING],
                             domains={"google": {"per_minute": 60}, "gmail.com": {"per_minute": 120}})
        took = time.time() - began
        gmail = [m for m in sink.messages if m[0].endswith("@gmail.com")]
        assert all(results[i]["outcome"] == "sent" for i in range(300, 400)), results
        assert 1 <= len(gmail) <= 2 * took + 4, (len(gmail), took)
        off = [results[i] for i in range(300) if results[i]["untried"]]
        assert results[0]["outcome"] == "sent" and len(off) >= 300 - 25 - 20 * took, (len(off), took)  # some twenty wait at once, for 1.2 s at most
        late = [r["until"] - off[0]["until"] - n * 500000 for n, r in enumerate(off)]
        assert min(late) > -30e6, late  # two a second, each its turn
        assert any("gmail.com" in line for line in said["standing"]["lines"]), said


def test_a_domain_has_so_many_messages_on_their_way_at_once():
    lock, now, most = threading.Lock(), {"n": 0}, {"n": 0}

    def rule(where, argument, connection):
        if where == "RCPT":
            connection.slow = "@slow.example" in argument
        if where == "body" and connection.slow:
            with lock:
                now["n"] += 1
                most["n"] = max(most["n"], now["n"])
            time.sleep(0.03)
        if where == "final" and connection.slow:
            with lock:
                now["n"] -= 1
    with Sink(rule) as sink:
        results, _ = send([relay(sink, connections=8)], to("slow.example", range(12)) + to("example.net", range(100, 200)), domains={"*.slow.example": {"connections": 2}})
        assert tally(results) == {"sent": 112}, tally(results)
        assert 1 <= most["n"] <= 2, most


def test_a_relay_sends_so_many_a_minute():
    with Sink() as sink:
        began = time.time()
        results, _ = send([relay(sink, per_minute=120)], to("example.net", range(1)) + to("example.net", range(1, 200), cancel=1000))
        took = time.time() - began
        assert 1 <= len(sink.messages) <= 2 * took + 4, (len(sink.messages), took)
        assert results[0]["outcome"] == "sent" and tally(results).get("untried", 0) >= 200 - 25 - 24 * took, (tally(results), took)
        urgent, _ = send([relay(sink, per_minute=6000)], to("example.net", range(1200, 1400), purpose="marketing") + to("example.org", range(1), purpose="confirm"))
        assert urgent[0]["outcome"] == "sent", urgent[0]


def test_a_new_senders_day_is_counted_over_restarts():
    while time.time() % 86400 > 86400 - 120:  # the test is of one day
        time.sleep(1)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    with Sink() as sink:
        warm = {"from": today, "first_day": 5}
        results, said = send([relay(sink, warm_up=warm)], to("example.net", range(20)) + [{"wait": True}, {"sleep": 1500}, STANDING])
        assert tally(results) == {"sent": 5, "untried": 15} and len(sink.messages) == 5, tally(results)
        midnight = (int(time.time()) // 86400 + 1) * 86400
        days = [(r["until"] // 1000000 - midnight) / 86400 for r in results.values() if r["untried"]]
        assert sorted(days) == [0] * 7 + [1] * 8, results  # seven of the second day's, the others the day after
        assert any("warm-up day 1: 5 of 5" in line for line in said["standing"]["lines"]), said
        again, _ = send([relay(sink, warm_up=warm)], to("example.net", range(20, 30)), kept=said["kept"])
        assert tally(again) == {"untried": 10} and len(sink.messages) == 5, tally(again)
        other = Sink()
        shared, _ = send([relay(sink, warm_up=warm), relay(other)], to("example.net", range(30, 40)), kept=said["kept"])
        assert tally(shared) == {"sent": 10} and len(other.messages) == 10, "what one may not send the other does"
        other.close()


def noted(data):
    try:
        return sum(used for _, used in json.load(open(data + "/notes"))["warm_up"].values())
    except FileNotFoundError:
        return 0


def test_a_new_senders_day_holds_over_kills():
    today = time.strftime("%Y-%m-%d", time.gmtime())
    with Sink() as sink, tempfile.TemporaryDirectory() as data:
        settings = {"from": "Nurture <hello@example.com>", "relays": [relay(sink, warm_up={"from": today, "first_day": 40}, connections=3)], "deadlines": LONG}
        env = {**os.environ, "NURTURE_KEPT_IN": data + "/notes"}
        for turn in range(8):
            process = subprocess.Popen(command(settings, data), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=env)
            process.stdin.write("".join(json.dumps(order) + "\n" for order in to("example.net", range(100 * turn, 100 * turn + 30)) + [{"wait": True}]))
            process.stdin.flush()
            before = len(sink.messages)
            ceiling = time.monotonic() + 120
            while len(sink.messages) < before + 1 + turn % 3 and noted(data) < 40:
                assert time.monotonic() < ceiling, f"turn {turn}: {len(sink.messages)} messages in two minutes"
                time.sleep(0.001)
            process.kill()
            process.communicate()
        time.sleep(0.2)
        assert time.strftime("%Y-%m-%d", time.gmtime()) != today or 1 <= len(sink.messages) <= 40, len(sink.messages)


def test_what_is_put_off_is_tried_for_days_and_then_fails_with_the_last_answer():
    with Sink(at("RCPT", "451 4.3.0 later")) as sink:
        orders = [touch(n, address=f"a{n}@example.net", attempt=n) for n in (1, 2, 3, 4, 5, 6, 7, 15)] + [touch(99, attempt=24)]
        began = time.time()
        results, _ = send([relay(sink)], orders)
        for n, minutes in ((1, 5), (2, 15), (3, 30), (4, 60), (5, 120), (6, 240), (7, 240), (15, 240)):
            assert results[n]["outcome"] == "deferred" and not results[n]["untried"], results[n]
            assert minutes * 60 - 1 <= results[n]["until"] / 1e6 - began <= minutes * 60 + 60, (n, results[n]["until"] / 1e6 - began)
        assert (results[99]["outcome"], results[99]["kind"], results[99]["reason"]) == ("rejected", "soft", "given up after 24 attempts: 451 4.3.0 later"), results[99]


def test_who_is_to_blame_is_told_apart():
    cases = [("550 5.1.1 no such user", "rejected", "hard"), ("550 5.7.1 this looks like spam", "rejected", "policy"), ("552 5.2.2 full", "deferred", None),
             ("550 Mailbox full", "deferred", None), ("550 5.7.26 unauthenticated", "deferred", None)]
    for answer, outcome, kind in cases:
        with Sink(at("RCPT", answer)) as sink:
            results, said = send([relay(sink)], to("example.net", range(2)) + [{"wait": True}, STANDING])
            assert {(r["outcome"], r["kind"]) for r in results.values()} == {(outcome, kind)} and not said["held"], (answer, results, said)


def test_a_broken_sender_holds_the_channel_and_marks_nobody():
    for answer in ("550 5.7.26 Your email has been blocked because the sender is unauthenticated.", "550 5.7.515 Access denied, sending domain does not meet the required level",
                   "554 5.7.1 message failed DMARC"):
        with Sink(at("final", answer)) as sink:
            results, said = send([relay(sink, connections=1)], to("gmail.com" if "26" in answer else "outlook.com", range(3)) + [{"wait": True}, STANDING])
            assert tally(results) == {"channel_down": 3}, (answer, results)
            assert "not accepted at" in said["held"] and answer[4:20].strip("- ") in said["held"], said
    with Sink(at("RCPT", "550 5.7.23 SPF validation failed")) as sink:
        results, said = send([relay(sink, connections=1)], to("one.example", range(1)) + [{"wait": True}] + to("two.example", range(1, 2)) + [{"wait": True}, STANDING])
        assert (results[0]["outcome"], results[1]["outcome"]) == ("deferred", "channel_down") and said["held"], (results, said)


def test_message_after_message_refused_by_policy_holds_the_channel():
    with Sink(at("final", "554 5.7.1 rejected as spam")) as sink:
        results, said = send([relay(sink, connections=1)], to("example.net", range(10)) + [{"wait": True}, STANDING])
        assert tally(results) == {"rejected": 10} and "all refused as spam or by policy" in said["held"], (results, said)


if __name__ == "__main__":
    run_tests(globals())
