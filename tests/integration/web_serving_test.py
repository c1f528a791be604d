#!/usr/bin/env python3
"""Serving goes on: through reloads every request is answered, without a database each is told when to come again, and one address
does not take all connections."""
import concurrent.futures
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import select
import signal
import socket
import sys
import threading
import time

from nurture import Server, run_tests, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from postgres import Postgres  # noqa: E402

CHANNEL = 'postal_address = "1 Test St"\nchannel "email" { plugin = "email", relay = "maildir:outbox", from = "Test <test@example.com>" }\n'


def kept(keys):
    """What event_key holds of them."""
    return {hashlib.sha256(key.encode()).hexdigest()[:32] for key in keys}


class Visitor(threading.Thread):
    """Posts events one after the other, over connections that it keeps as long as the server lets it, or over a new one each."""
    def __init__(self, s, token, name, keeps):
        super().__init__(daemon=True)
        self.s, self.token, self.who, self.keeps = s, token, name, keeps
        self.over = threading.Event()
        self.answered, self.failures, self.last_words = [], [], 0

    def connection(self, old):
        if old and not select.select([old.sock], [], [], 0)[0]:
            return old
        if old:
            old.close()  # the server ended it while nothing was asked
        new = http.client.HTTPConnection("127.0.0.1", self.s.port, timeout=120)
        new.connect()
        return new

    def run(self):
        connection, n = None, 0
        while not self.over.is_set():
            key = f"{self.who}-{n}"
            n += 1
            try:
                connection = self.connection(connection)
                connection.request("POST", "/v1/events", json.dumps({"email": f"{self.who}@example.com", "verb": "page.view", "key": key}),
                                   {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
                answer = connection.getresponse()
                body = answer.read()
                if answer.status == 202:
                    self.answered.append(key)
                else:
                    self.failures.append((key, answer.status, body))
                if answer.getheader("Connection") == "close":
                    self.last_words += 1
            except (OSError, http.client.HTTPException) as error:
                self.failures.append((key, repr(error)))
            if connection and (not self.keeps or not connection.sock):
                connection.close()
                connection = None
            time.sleep(0.005)
        if connection:
            connection.close()


def reloads(s):
    return s.log_text().count("server.ready")


def test_every_request_is_answered_through_five_reloads():
    with Server(playbook="scripts", config=CHANNEL) as s:
        token = s.token("write")
        visitors = [Visitor(s, token, f"visitor{i}", keeps=i % 3 != 0) for i in range(9)]
        for v in visitors:
            v.start()
        body = json.dumps({"email": "slow@example.com", "verb": "page.view", "key": "slow"}).encode()
        for i in range(5):
            until(lambda: all(len(v.answered) > 3 * (i + 1) for v in visitors), 120, "visits")
            slow = socket.create_connection(("127.0.0.1", s.port), 120)  # a request that is half here when the reload comes
            slow.sendall(b"POST /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token.encode() + b"\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
            assert slow.recv(4096).startswith(b"HTTP/1.1 100"), "this generation has it"
            slow.sendall(body[:10])
            before, over = reloads(s), s.log_text().count("generation.over")
            s.process.send_signal(signal.SIGHUP)
            until(lambda: reloads(s) > before, 120, "the new generation")
            slow.sendall(body[10:])
            said = b"".join(iter(lambda: slow.recv(4096), b""))  # until the server ends the connection
            assert said.startswith(b"HTTP/1.1 202"), said
            slow.close()
            until(lambda: s.log_text().count("generation.over") > over, 120, "the end of the old generation")
        for v in visitors:
            v.over.set()
        for v in visitors:
            v.join()
        assert not any(v.failures for v in visitors), [v.failures[:3] for v in visitors if v.failures]
        keys = [key for v in visitors for key in v.answered]
        assert {key for key, in s.sql("select key from event_key")} == kept([*keys, "slow"])
        assert any(v.last_words for v in visitors), "nobody was told that a connection ends"


def test_without_a_database_each_is_told_when_to_come_again_and_what_was_acknowledged_is_there():
    with Postgres() as database, Server(playbook="scripts", config=CHANNEL + f'database = "{database.conninfo}"\n') as s:
        token = s.token("write")
        event = {"email": "ann@example.com", "verb": "page.view"}
        assert s.post("/v1/events", {**event, "key": "before"}, token)[0] == 202
        database.stop()
        asked = [("POST", "/v1/events", {**event, "key": "meanwhile"}), ("POST", "/v1/leads", {"email": "bob@example.com"}), ("GET", "/v1/leads", None)]
        with concurrent.futures.ThreadPoolExecutor() as pool:  # each is held for a while, in case the database comes back
            answers = list(pool.map(lambda a: s.request(*a, token, timeout=120), asked))
        for (_, path, _), (status, answer, headers) in zip(asked, answers):
            assert status == 503 and int(headers["Retry-After"]) > 0, (path, status, answer)
            assert headers["Content-Type"] == "application/problem+json" and answer["status"] == 503 and answer["detail"], answer
            assert not re.search("connection|socket|port|role|FATAL", answer["detail"]), "what strangers need not know: " + answer["detail"]
        assert "database.lost" in s.log_text() or "database.away" in s.log_text()
        assert s.get("/healthz")[0] == 200
        status, answer = s.get("/readyz")
        assert status == 503 and "database" in json.dumps(answer), answer
        database.start()
        until(lambda: s.post("/v1/events", {**event, "key": "after"}, token)[0] == 202, 120, "an acknowledged event")
        until(lambda: s.get("/readyz")[0] == 200, 120, "readiness")
        keys = set(database.sql("select key from event_key").split())
        assert kept(["before", "after"]) <= keys <= kept(["before", "after", "meanwhile"]), keys
        until(lambda: database.sql("select count(*) from inbox").strip() == "0", 120, "the turns of all")


def test_who_waits_for_a_database_that_stands_still_is_told_to_come_again_before_it_is_given_up():
    with Server(playbook="scripts", config=CHANNEL) as s:
        token = s.token("write")
        assert s.post("/v1/events", {"email": "a@example.com", "verb": "page.view", "subject": "/"}, token)[0] == 202
        shown = re.search('name="form-instance" value="([^"]+)"', s.get("/f/newsletter")[1]).group(1)
        time.sleep(1.6)  # nobody fills in a form in less
        stopped = [int(row[0]) for row in s.sql("select pid from pg_stat_activity where application_name in ('nurture web', 'web.intake')")]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            status, answer = s.get("/readyz")
            assert status == 503 and "database: has not answered" in answer["problems"][0], answer
            assert time.monotonic() - began < 9, "as long as any request: probes do not wait so long"
            form = "form-instance=" + shown + "&email=c@example.com"
            status, answer, headers = s.request("POST", "/f/newsletter", form, headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}, timeout=120)
            assert (status, headers["Content-Type"]) == (503, "text/html; charset=utf-8") and "go back" in answer and int(headers["Retry-After"]) > 0, (answer, headers)
            status, answer, headers = s.request("POST", "/v1/events", {"email": "b@example.com", "verb": "page.view", "subject": "/", "key": "b"}, token, timeout=120)
            assert (status, "Retry-After" in headers) == (503, True), (status, answer, headers)
            assert not re.search('database.lost connection="?(nurture web|web.intake)', s.log_text()), "told long before"
        finally:
            for pid in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        until(lambda: s.post("/v1/events", {"email": "b@example.com", "verb": "page.view", "subject": "/", "key": "b"}, token)[0] == 202, 60, "the database")
        assert s.sql("select count(*) from event where verb = 'page.view' and lead_id = (select lead_id from identity where value = 'b@example.com')") == [["1"]]


def word_for(s, headers, length=10):
    """What is said to who asks whether its body is wanted."""
    with socket.create_connection(("127.0.0.1", s.port), timeout=120) as c:
        c.sendall(f"POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n{headers}\r\n".encode())
        return c.recv(4096).decode().split("\r\n")[0]


def test_a_body_is_asked_for_only_from_who_may_send_it():
    with Server(playbook="scripts", config=CHANNEL) as s:
        writer, reader = s.token("write"), s.token("read")
        assert word_for(s, "") == "HTTP/1.1 401 Unauthorized"
        assert word_for(s, "Authorization: Bearer nt_nobody\r\n") == "HTTP/1.1 401 Unauthorized"
        assert word_for(s, f"Authorization: Bearer {reader}\r\n") == "HTTP/1.1 403 Forbidden"
        assert word_for(s, f"Authorization: Bearer {writer}\r\n") == "HTTP/1.1 100 Continue"
        assert word_for(s, f"Authorization: Bearer {writer}\r\n", 1 << 30) == "HTTP/1.1 413 Content Too Large"


def test_one_address_does_not_take_all_connections():
    with Server(playbook="scripts", config=CHANNEL + "connections_per_address = 10\n") as s:
        crowd = []
        for _ in range(40):
            crowd.append(socket.create_connection(("127.0.0.1", s.port), 60))
        refused = 0
        for c in crowd:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                c.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            refused += c.recv(4096).startswith(b"HTTP/1.1 503")
        assert refused >= 30, refused
        with socket.socket() as other:  # another address
            other.bind(("127.0.0.2", 0))
            other.settimeout(60)
            other.connect(("127.0.0.1", s.port))
            other.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            assert other.recv(4096).startswith(b"HTTP/1.1 200")
        for c in crowd:
            c.close()
        until(lambda: s.get("/healthz")[0] == 200, 60, "room again")


if __name__ == "__main__":
    run_tests(globals())
