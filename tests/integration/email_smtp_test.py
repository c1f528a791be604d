#!/usr/bin/python3
"""The SMTP client of the e-mail plugin against servers that fail at every stage: the right outcome, no message twice, every
deadline kept."""
import concurrent.futures
import re
import tempfile
import time

from email_drive import FIELDS, drive, outcomes, run_tests, touch
from ports import free_port
from smtp_sink import Drop, Raw, Sink, Stall, certificate, server_tls

LONG = {"connect": 200, "greeting": 200, "command": 200, "data": 200, "body": 200, "final": 200, "idle": 60}  # longer than drive waits: what ends has ended by another deadline
HANG = 10  # seconds of the deadline that a hang is left by; what comes before the hang must never take so long, also where eight servers and a busy machine share a processor
SNIPPETS = ["\r", "\n", "\r\n", "\n\r", "\r\r\n", "\n\n", "\r\n\r", "\0\n", "\x85", "\u2028"]  # around a dot
FROM = '"{}" <a@example.com>'


def together(case, rows):
    """Cases that wait most of their time, several at once: each has a server and a process of its own."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for running in [pool.submit(case, *row) for row in rows]:
            running.result()


def send(sink, orders, login="", scheme="smtp", host="127.0.0.1", **settings):
    settings = {"relay": f"{scheme}://{login}{host}:{sink.port}", "deadlines": LONG, **settings}
    with tempfile.TemporaryDirectory() as data:
        status, results = drive(settings, data, orders)
    assert status == 0, (status, results)
    assert not sink.problems, sink.problems
    return results


def recipients(sink):
    return sorted(recipient for recipient, _, _ in sink.messages)


def at(stage, answer):
    """A rule: this answer at this stage; an exception class is raised."""
    def rule(where, argument, connection):
        if where != stage:
            return None
        if isinstance(answer, type):
            raise answer
        return answer
    return rule


def test_letters_arrive_whole_once_over_few_connections():
    for offer in (("PIPELINING", "SIZE 1000000"), ()):
        with Sink(offer=offer) as sink:
            text = ".\r\n..\r\nHello\r.\n.\r\n" + "word " * 400 + "\n.\n"
            orders = [touch(i, address=f"a{i}@example.net", fields={**FIELDS, "text": text}) for i in range(200)]
            results = send(sink, orders, connections=3)
            assert outcomes(results) == {i: "sent" for i in range(200)}
            assert recipients(sink) == sorted(f"a{i}@example.net" for i in range(200))
            assert len({m for _, m, _ in sink.messages}) == 200 and len(sink.connections) <= 3
            assert all(r["remote_id"].startswith("Q") for r in results)
            assert "RSET" not in sink.commands()
            assert not any(line == b"." for _, _, body in sink.messages for line in body.split(b"\r\n"))


def test_the_envelope_leaves_in_one_flight_and_behind_the_dot():
    seen = []

    def rule(stage, argument, connection):
        if stage == "MAIL":
            time.sleep(0.05)
            seen.append(b"RCPT TO" in connection.input and b"DATA\r\n" in connection.input)
    with Sink(rule) as sink:
        results = send(sink, [touch(i) for i in range(10)], connections=1)
        assert outcomes(results) == {i: "sent" for i in range(10)} and all(seen) and len(seen) == 10, seen


def test_a_bad_recipient_does_not_harm_the_others():
    def rule(stage, argument, connection):
        if stage == "RCPT" and "bad" in argument:
            return "550 5.1.1 no such user"
        return "354 though" if stage == "DATA" and easy and not connection.recipients else None
    for easy in (False, True):
        for offer in (("PIPELINING",), ()):
            with Sink(rule, offer=offer) as sink:
                orders = [touch(i, address=f"{'bad' if i % 3 == 0 else 'good'}{i}@example.net") for i in range(60)]
                results = send(sink, orders, connections=2)
                assert outcomes(results) == {i: "rejected" if i % 3 == 0 else "sent" for i in range(60)}, results
                assert len(sink.messages) == 40 and len(sink.connections) <= 2
                assert [r["reason"] for r in results if r["touch_id"] == 0] == ["550 5.1.1 no such user"]


ANSWERS = [
    ("RCPT", "550 5.1.1 no such user", "rejected"),
    ("RCPT", "550 no such user", "rejected"),
    ("RCPT", "553 5.1.3 bad address", "rejected"),
    ("RCPT", "550 5.7.1 relaying denied", "deferred"),  # of one domain: email_relays_test.py
    ("RCPT", "550 5.7.26 unauthenticated mail is prohibited", "deferred"),  # one domain says so: email_relays_test.py
    ("RCPT", "550 5.7.515 sender does not meet the level", "deferred"),
    ("RCPT", "530 5.7.0 authentication required", "channel_down"),
    ("RCPT", "552 5.2.2 mailbox full", "deferred"),
    ("RCPT", "452 4.2.2 over quota", "deferred"),
    ("RCPT", "450 4.7.1 greylisted", "deferred"),
    ("RCPT", "451 local error", "deferred"),
    ("RCPT", "421 4.7.0 try again later", "deferred"),
    ("MAIL", "550 5.7.1 you are not allowed", "channel_down"),
    ("MAIL", "553 5.1.8 sender's domain does not exist", "deferred"),
    ("MAIL", "451 4.3.0 try again", "deferred"),
    ("MAIL", "552 5.3.4 too big", "deferred"),
    ("MAIL", "421 4.3.2 closing", "channel_down"),
    ("DATA", "451 4.3.0 no room", "deferred"),
    ("DATA", "554 5.7.1 no", "rejected"),
    ("DATA", "421 closing", "deferred"),
    ("final", "250 2.0.0 Ok", "sent"),
    ("final", "451 4.3.0 disk full", "deferred"),
    ("final", "421 4.3.0 closing", "deferred"),
    ("final", "550 5.1.1 no such user after all", "rejected"),
    ("final", "550 5.7.26 unauthenticated", "deferred"),
    ("final", "552 5.3.4 too big", "deferred"),
    ("final", "354 what?", "unknown"),
    ("connect", "421 4.3.2 not now", "channel_down"),
    ("connect", "554 5.7.1 your network is blocked", "channel_down"),
    ("EHLO", "421 4.3.2 not now", "channel_down"),
]


def test_answers_mean_what_they_mean_at_their_stage():
    def case(stage, answer, outcome, offer):
        with Sink(at(stage, answer), offer=offer) as sink:
            results = send(sink, [touch(1), touch(2)], connections=1)
            second = "channel_down" if answer.startswith("421") else outcome  # the server says that it goes away
            assert outcomes(results) == {1: outcome, 2: second}, (stage, answer, offer, results)
            assert not sink.messages
            assert all(r["until"] > time.time() * 1e6 for r in results if r["outcome"] == "deferred"), results
    together(case, [(*row, offer) for row in ANSWERS for offer in (("PIPELINING",), ())])


def test_a_hang_ends_at_its_deadline():
    def case(stage, deadline, outcome):
        with Sink(at(stage, Stall)) as sink:
            began = time.monotonic()
            results = send(sink, [touch(1)], deadlines={**LONG, deadline: HANG})
            took = time.monotonic() - began
            assert outcomes(results) == {1: outcome}, (stage, results)
            assert took > HANG - 0.1, (stage, took)
            assert len(sink.messages) == (1 if stage == "answer" else 0)
            if outcome != "channel_down":
                assert len(sink.connections) == 1, "a letter that was late is not tried again at once"
    together(case, [("connect", "greeting", "channel_down"), ("EHLO", "command", "channel_down"), ("MAIL", "command", "deferred"), ("RCPT", "command", "deferred"),
                    ("DATA", "data", "deferred"), ("body", "final", "unknown"), ("final", "final", "unknown"), ("answer", "final", "unknown")])


def test_an_answer_of_one_octet_a_time_is_late_all_the_same():
    def rule(stage, argument, connection):
        if stage == "RCPT":
            for octet in b"250-" + b"x" * 400:
                connection.socket.sendall(bytes([octet]))
                time.sleep(0.4)
    with Sink(rule) as sink:
        assert outcomes(send(sink, [touch(1)], deadlines={**LONG, "command": HANG})) == {1: "deferred"}  # the whole answer takes longer than drive waits


def test_a_server_that_reads_no_body_is_late():
    with Sink(at("body", Stall), offer=("PIPELINING",)) as sink:
        big = touch(1, fields={**FIELDS, "text": "word " * 4000000})
        assert outcomes(send(sink, [big], deadlines={**LONG, "body": 1})) == {1: "deferred"}
        assert not sink.messages


def test_a_lost_connection_is_in_doubt_only_behind_the_dot():
    once = {"connect": 0, "EHLO": 0, "MAIL": 0, "RCPT": 0, "DATA": 0}
    for stage in once:
        def rule(where, argument, connection, stage=stage):
            if where == stage and connection.number == 0:
                raise Drop
        with Sink(rule) as sink:
            results = send(sink, [touch(1)])
            expected = "sent" if stage in ("MAIL", "RCPT", "DATA") else "channel_down"
            assert outcomes(results) == {1: expected}, (stage, results)
            assert len(sink.messages) == (1 if expected == "sent" else 0)
    for stage, there in (("final", 0), ("answer", 1)):
        with Sink(at(stage, Drop)) as sink:
            results = send(sink, [touch(1), touch(2), touch(3)], connections=1)
            assert outcomes(results) == {1: "unknown", 2: "channel_down", 3: "channel_down"}, results
            assert len(sink.messages) == there


def test_a_server_that_always_hangs_up_is_left_alone_for_a_while():
    for stage in ("MAIL", "RCPT", "DATA", "body"):
        with Sink(at(stage, Drop)) as sink:
            results = send(sink, [touch(1)])
            assert outcomes(results)[1] in (("deferred",) if stage != "body" else ("deferred", "unknown")), (stage, results)
            assert len(sink.connections) <= 3 and not sink.messages


def test_garbage_ends_the_connection_and_nothing_else():
    garbage = [Raw(b"hello\r\n"), Raw(b"250 a\n"), Raw(b"\0\0\0\0\r\n"), Raw(b"250-a\r\n251 b\r\n"), Raw(b"x" * 100000),
               Raw(b"250-a\r\n" * 5000), Raw(b"999 a\r\n"), Raw(b"\xff\xfe\r\n"), Raw(b"2500 a\r\n"), Raw(b"\r\n")]

    def case(raw, stage, deadline, outcome):
        with Sink(at(stage, raw)) as sink:
            results = send(sink, [touch(1)], deadlines={**LONG, deadline: HANG})  # half an answer is late
            assert outcomes(results) == {1: outcome}, (stage, raw[:20], results)
            assert len(sink.messages) == (stage == "answer")
    for stage, deadline, outcome in (("connect", "greeting", "channel_down"), ("EHLO", "command", "channel_down"), ("RCPT", "command", "deferred"),
                                     ("answer", "final", "unknown")):
        together(case, [(raw, stage, deadline, outcome) for raw in garbage])


def test_no_lone_cr_lf_or_dot_ends_a_message_or_begins_another():
    """What one server takes for the end of a message and another does not (SMTP smuggling): in the text, the page, the subject and both names."""
    smuggled = "MAIL FROM:<evil@example.com>{0}RCPT TO:<victim@example.com>{0}DATA{0}Subject: smuggled{0}{0}x{0}.{0}"
    ends = ["".join(before + "." + behind) for before in SNIPPETS for behind in SNIPPETS]
    for offer in (("PIPELINING", "8BITMIME"), ()):
        with Sink(offer=offer) as sink:
            orders = []
            for i, end in enumerate(ends):
                trap = f"before{end}" + smuggled.format(end.replace(".", "")) + "behind"
                orders.append(touch(i, address=f"a{i}@example.net", name=trap, fields={"subject": trap, "text": trap, "html": f"<p>{trap}</p>", "from": FROM.format(trap)}))
            results = outcomes(send(sink, orders, connections=3))
            sent = {i for i, outcome in results.items() if outcome == "sent"}
            assert set(results) == set(range(len(ends))) and set(results.values()) <= {"sent", "rejected"}, results
            assert recipients(sink) == sorted(f"a{i}@example.net" for i in sent), "each exactly once, and nobody else"
            for command in sink.commands():
                assert "evil" not in command and "victim" not in command, command
            for _, _, body in sink.messages:
                assert not re.search(rb"[^\r]\n|\r[^\n]", body) and b"\r\n.\r\n" not in body, body
                assert sum(line.lower().startswith(b"subject:") for line in body.split(b"\r\n\r\n")[0].split(b"\r\n")) == 1, body
            assert len(sent) == len(ends), results


def test_unasked_answers_are_no_answers():
    with Sink(at("RCPT", Raw(b"250 ok\r\n250 ok\r\n354 go on\r\n250 queued\r\n"))) as sink:
        assert outcomes(send(sink, [touch(1)], deadlines={**LONG, "final": 3}))[1] in ("deferred", "unknown")


def test_no_dot_without_permission():
    with Sink() as sink:
        orders = [touch(1, address="no@example.net", permit="no"), touch(2, address="late@example.net", permit=300),
                  touch(3, address="never@example.net", permit="never", cancel=300), touch(4, address="yes@example.net")]
        results = send(sink, orders)
        assert outcomes(results) == {1: "cancelled", 2: "sent", 3: "cancelled", 4: "sent"}, results
        assert recipients(sink) == ["late@example.net", "yes@example.net"]


def test_a_letter_that_takes_another_connection_asks_for_permission_again():
    def rule(stage, argument, connection):
        if stage == "DATA" and connection.number == 0:
            time.sleep(0.5)  # permission was given by now
            raise Drop
    for permit, outcome in (("once", "cancelled"), ("yes", "sent")):
        with Sink(rule) as sink:
            results = send(sink, [touch(1, permit=permit)], connections=1)
            assert outcomes(results) == {1: outcome}, (permit, results)
            assert len(sink.messages) == (outcome == "sent") and len(sink.connections) == 2


def test_a_permission_that_waited_long_is_asked_for_again():
    """The second letter's permission comes while the first is being answered, which takes longer than a permission holds."""
    def rule(stage, argument, connection):
        if stage == "answer" and not connection.sink.messages[1:]:
            time.sleep(3)
    for permit, outcome in (("once", "cancelled"), ("yes", "sent")):
        with Sink(rule) as sink:
            results = send(sink, [touch(1), touch(2, permit=permit)], connections=1)
            assert outcomes(results) == {1: "sent", 2: outcome}, (permit, results)
            assert len(sink.messages) == 1 + (outcome == "sent") and len(sink.connections) == 1


def test_a_letter_called_back_leaves_its_predecessor_alone():
    def rule(stage, argument, connection):
        if stage == "answer":
            time.sleep(3)
    with Sink(rule) as sink:
        results = send(sink, [touch(1), touch(2, cancel=300), touch(3)], connections=1)
        assert outcomes(results) == {1: "sent", 2: "cancelled", 3: "sent"}, results
        assert len(sink.messages) == 2


def test_in_doubt_are_at_most_the_letters_behind_a_dot():
    """One letter a connection, though the envelope of the next has left already."""
    with Sink(at("final", Stall)) as sink:
        results = send(sink, [touch(i) for i in range(10)], connections=3, deadlines={**LONG, "final": 1})
        unknown = [r for r in results if r["outcome"] == "unknown"]
        assert len(results) == 10 and len(unknown) <= len(sink.connections), results
        assert {r["outcome"] for r in results} <= {"unknown", "deferred", "channel_down"}, results


def test_a_server_that_is_away_is_the_channel_down_at_once_and_heals():
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        began = time.monotonic()
        settings = {"relay": f"smtp://127.0.0.1:{port}", "deadlines": LONG}
        status, results = drive(settings, data, [touch(i) for i in range(20)])
        assert status == 0 and set(outcomes(results).values()) == {"channel_down"} and time.monotonic() - began < 50, results
        assert "refused" in results[0]["reason"], results[0]
    state = {"up": False}

    def rule(stage, argument, connection):
        if not state["up"] and stage == "connect":
            state["up"] = True
            raise Drop
    with Sink(rule) as sink:
        results = send(sink, [touch(1), {"wait": True}, {"sleep": 1500}, touch(2)])
        assert outcomes(results) == {1: "channel_down", 2: "sent"}, results


def test_421_after_some_letters_only_costs_a_connection():
    def rule(stage, argument, connection):
        if stage == "MAIL" and connection.count == 5:
            connection.socket.sendall(b"421 4.7.0 enough for one connection\r\n")
            raise Drop
    for offer in (("PIPELINING",), ()):
        with Sink(rule, offer=offer) as sink:
            results = send(sink, [touch(i) for i in range(30)], connections=2)
            assert outcomes(results) == {i: "sent" for i in range(30)}, results
            assert len(sink.messages) == 30


def test_an_idle_connection_that_was_closed_is_replaced():
    with Sink() as sink:
        results = send(sink, [touch(1), {"wait": True}, {"sleep": 300}, touch(2), {"wait": True}, {"sleep": 6500}, touch(3)], deadlines={**LONG, "idle": 5})
        assert outcomes(results) == {1: "sent", 2: "sent", 3: "sent"} and len(sink.connections) == 2, results
        assert "QUIT" in sink.connections[0].commands


def test_helo_where_ehlo_is_not_known():
    with Sink(at("EHLO", "502 5.5.1 not implemented")) as sink:
        assert outcomes(send(sink, [touch(1)])) == {1: "sent"}
        assert any(c.startswith("HELO ") for c in sink.commands())


def test_size_and_smtputf8_are_used_only_where_offered():
    with Sink(offer=("PIPELINING", "SIZE 5000")) as sink:
        big = touch(1, fields={**FIELDS, "text": "word " * 2000})
        results = send(sink, [big, touch(2), touch(3, address="j\u00e4ne@example.net")])
        assert outcomes(results) == {1: "deferred", 2: "sent", 3: "rejected"}, results
        assert any(re.search(r" SIZE=\d+$", c) for c in sink.commands()) and not any("SMTPUTF8" in c for c in sink.commands())
    with Sink(offer=("PIPELINING", "SMTPUTF8", "8BITMIME")) as sink:
        results = send(sink, [touch(1, address="j\u00e4ne@b\u00fccher.example"), touch(2)])
        assert outcomes(results) == {1: "sent", 2: "sent"}, results
        assert recipients(sink) == ["jane@example.net", "j\u00e4ne@xn--bcher-kva.example"], recipients(sink)
        assert [" SMTPUTF8" in c for c in sink.commands() if c.startswith("MAIL")].count(True) == 1


def test_hosts_have_names():
    with Sink() as sink:
        assert outcomes(send(sink, [touch(1)], host="localhost")) == {1: "sent"}
    results = send(sink, [touch(1)], host="no-such-host.invalid", deadlines=LONG)
    assert outcomes(results) == {1: "channel_down"} and "no-such-host.invalid" in results[0]["reason"], results


def test_tls_and_passwords():
    with tempfile.TemporaryDirectory() as folder:
        good, other = certificate(folder), certificate(folder, "other.example")
        users = {"user": "us er", "password": "p@ss:w%rd"}
        login = "us%20er:p%40ss:w%25rd@"
        require = {"tls": "require", "tls_ca": good}
        with Sink(tls=server_tls(good), users=users) as sink:
            assert outcomes(send(sink, [touch(1)], login, host="localhost", **require)) == {1: "sent"}
            assert outcomes(send(sink, [touch(2)], login, **require)) == {2: "sent"}, "by its address, which the certificate has"
            assert outcomes(send(sink, [touch(3)], login)) == {3: "sent"}
            wrong = send(sink, [touch(4)], "us%20er:wrong@")
            assert outcomes(wrong) == {4: "channel_down"} and "535" in wrong[0]["reason"], wrong
            unknown = send(sink, [touch(5)], login, host="localhost", tls="require", tls_ca=other)
            assert outcomes(unknown) == {5: "channel_down"} and "verify" in unknown[0]["reason"], unknown
        with Sink(tls=server_tls(good), users={**users, "mechanisms": "LOGIN"}) as sink:
            assert outcomes(send(sink, [touch(i) for i in range(20)], login, connections=2)) == {i: "sent" for i in range(20)}
            assert "AUTH LOGIN" in sink.commands()
        with Sink(tls=server_tls(good), smtps=True, users=users) as sink:
            assert outcomes(send(sink, [touch(1)], login, "smtps", "localhost", **require)) == {1: "sent"}
        with Sink(tls=server_tls(other)) as sink:
            named = send(sink, [touch(1)], host="localhost", tls="require", tls_ca=other)
            assert outcomes(named) == {1: "channel_down"} and "verify" in named[0]["reason"], named
            assert outcomes(send(sink, [touch(2)])) == {2: "sent"}
        with Sink(users=users) as sink:
            plain = send(sink, [touch(1)], login)
            assert outcomes(plain) == {1: "channel_down"} and not any("AUTH" in c for c in sink.commands()), plain
            assert outcomes(send(sink, [touch(2)], login, tls="none")) == {2: "sent"}
            assert outcomes(send(sink, [touch(3)], tls="require")) == {3: "channel_down"}


def test_what_is_said_before_tls_is_not_believed():
    with tempfile.TemporaryDirectory() as folder:
        injected = at("STARTTLS", Raw(b"220 go on\r\n250 injected\r\n"))
        with Sink(injected, tls=server_tls(certificate(folder))) as sink:
            results = send(sink, [touch(1)])
            assert outcomes(results) == {1: "channel_down"} and not sink.messages, results


def test_losing_connections_under_tls_is_no_different():
    with tempfile.TemporaryDirectory() as folder:
        context = server_tls(certificate(folder))
        for stage, outcome in (("RCPT", "deferred"), ("answer", "unknown"), ("final", "unknown")):
            with Sink(at(stage, Drop), tls=context) as sink:
                assert outcomes(send(sink, [touch(1)])) == {1: outcome}, stage
                assert len(sink.messages) == (stage == "answer")


run_tests(globals())
