#!/usr/bin/env python3
"""Attacks on the whole server over its socket (trust page, 21, 22, 24 to 31): the protocol's as http_hostile_test.py has them, and those
that aim at what is behind it. After each the server answers, the workers are the same ones, and their memory is bounded."""
import json
import re
import socket
import threading

import http_hostile_test
from http_raw import SANITIZED, read_all, replies
from nurture import Server, run_tests, until

CHANNEL = '''
postal_address = "1 Test St"
channel "email" { plugin = "email", relay = "maildir:outbox", from = "Test <test@example.com>" }
'''
MB = 1 << 20
NEXT = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
EVENT = {"email": "ann@example.com", "verb": "page.view"}
s = token = None


def talk(data, timeout=60):
    """Sends bytes as they are; all replies until the close."""
    with socket.create_connection(("127.0.0.1", s.port), timeout) as c:
        try:
            c.sendall(data)
            c.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return replies(read_all(c))


def dispatched():
    """Requests that reached the web role; this one is among them."""
    return int(re.search(r"^nurture_http_requests_total (\d+)", s.get("/metrics")[1], re.M).group(1))


def memory(pid):
    """Private bytes."""
    text = open(f"/proc/{pid}/smaps_rollup").read()
    return sum(int(n) for n in re.findall(r"^Private_\w+:\s+(\d+)", text, re.M)) * 1024


def post(path, body, fields=b"Content-Type: application/json\r\n"):
    return (b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer " + token.encode() + b"\r\n" + fields +
            b"Content-Length: %d\r\n\r\n" % len(body) + body)


def test_nothing_ambiguous_reaches_the_product():
    before, wrong = dispatched(), []
    for name, data, status, *_ in http_hostile_test.REFUSED:
        got = talk(data + NEXT)
        if [r.status for r in got] != [status] or got[0].headers.get("connection") != "close":
            wrong.append(f"{name}: {[r.status for r in got]}")
    assert not wrong, "\n".join(wrong)
    assert dispatched() == before + 1


def test_tricks_with_the_path_reach_nothing():
    for path in (b"/v1//leads", b"/v1/../v1/leads", b"/v1/%2e%2e/metrics", b"/v1%2fleads", b"/v1/leads%00", b"/v1/leads%0a", b"\\v1\\leads", b"/v1/./leads",
                 b"/v1/leads/..%2f..%2fmetrics", b"/%76%31/leads%5c", b"/v1/leads;/../metrics%2f"):
        got = talk(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token.encode() + b"\r\n\r\n")
        assert [r.status for r in got] == [400], (path, [r.status for r in got])
    for path in ("/V1/leads", "/v1/Leads", "/v1/leads/", "/v1/leads;x", "/v1/leads.json", "/HEALTHZ", "/v1", "/v1/", "/u/", "/u"):
        assert s.get(path, token)[0] == 404, path
    assert s.get("/%76%31/%6ceads", token)[0] == 200  # the same characters otherwise written are the same place


def test_json_that_is_a_weapon_is_refused_in_words():
    event = json.dumps(EVENT).encode()
    cases = [
        (b"[" * 10000 + b"]" * 10000, 400, "nested deeper"), (b'{"a":' * 10000 + b"1" + b"}" * 10000, 400, "nested deeper"),
        (b"[" * 10000, 400, "nested deeper"),
        (b'{"email":"a@example.com","verb":"page.view","data":{' + b",".join(b'"k%d":1' % i for i in range(10000)) + b"}}", 400, "larger than"),
        (b"{" + b",".join(b'"k%d":1' % i for i in range(10000)) + b"}", 400, "an event has no"),
        (b'{"email":"a@example.com","verb":"page.view","data":{' + b",".join(b'"k%d":1' % i for i in range(1000000)) + b"}}", 400, "250,000 keys"),
        (b'{"email":"a@example.com","verb":"page.view","value":1e400}', 400, "not JSON"),
        (b'{"email":"a@example.com","verb":"page.view","value":-1e400}', 400, "not JSON"),
        (b'{"email":"a@example.com","verb":"page.view","value":NaN}', 400, "not JSON"),
        (b'{"email":"a@example.com","verb":"page.view","value":99999999999999999999}', 400, "not JSON"),
        (b'{"email":"a@example.com","verb":"page.view","subject":"\\ud800"}', 400, "not JSON"),
        (b'{"email":"a@example.com","verb":"page.view","subject":"\\udc00\\ud800"}', 400, "not JSON"),
        (b'{"email":"a@example.com","verb":"page.view","subject":"\xed\xa0\x80"}', 400, "not JSON"),
        (b'{"email":"a@example.com","verb":"page.view","subject":"a\\u0000b"}', 400, "no character of a text"),
        (b'{"email":"a@example.com","verb":"page.view","data":{"a\\u0000b":1}}', 400, "NUL byte"),
        (b'{"email":"a@example.com","verb":"page.view","subject":"a\0b"}', 400, "not JSON"),
        (b"\0" + event, 400, "not JSON"), (event + b"\0", 400, "not JSON"), (event + event, 400, "not JSON"),
        (event.decode().encode("utf-16"), 400, "not JSON"), (b"", 400, ""), (b"null", 400, "JSON object"), (b'"x"', 400, "JSON object"),
        (b'{"email":"a@example.com","verb":"page.view","data":{"a":1,"a":2}}', 400, "duplicate"),
    ]
    for body, status, says in cases:
        got = talk(post(b"/v1/events", body))
        text = got[0].body.decode()
        assert got[0].status == status and says in text and got[0].headers["content-type"] == "application/problem+json", (body[:80], got[0].status, text)
        assert len(text) < 1000, text
    assert s.sql("select count(*) from event") == [["0"]]


def test_too_much_is_refused_before_it_is_read():
    web = s.workers("web")[0]
    before = memory(web)
    for path, length in ((b"/v1/events", 50 * MB), (b"/v1/leads", 50 * MB), (b"/u/x", 50 * MB), (b"/v1/events", 10**17), (b"/nowhere", 50 * MB)):
        with socket.create_connection(("127.0.0.1", s.port), 60) as c:
            c.sendall(post(path, b"")[:-7].rsplit(b"Content-Length", 1)[0] + b"Content-Length: %d\r\n\r\n" % length)
            got = replies(read_all(c))  # answered though nothing of the body was sent
            assert got[0].status == 413 and got[0].headers["connection"] == "close", (path, got[0].status)
    assert SANITIZED or memory(web) - before < 4 * MB


def test_a_strangers_long_body_is_not_waited_for():
    for auth in (b"", b"Authorization: Bearer nt_" + b"x" * 43 + b"\r\n", b"Authorization: Basic eDp5\r\n"):
        with socket.create_connection(("127.0.0.1", s.port), 60) as c:
            c.sendall(b"POST /v1/events HTTP/1.1\r\nHost: a\r\n" + auth + b"Content-Length: 15000000\r\n\r\n{")
            got = replies(read_all(c))
            assert got[0].status == 401 and got[0].headers["connection"] == "close", got[0].status


def test_what_is_not_json_is_not_taken_for_it():
    event = json.dumps(EVENT).encode()
    for kind in ("text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json-patch+json", "application/jsonx",
                 "text/html, application/json", "application/octet-stream", "application/csp-report"):
        status, body, _ = s.request("POST", "/v1/events", event, token, {"Content-Type": kind})
        assert status in (400, 415) and "Content-Type" in json.dumps(body), (kind, status, body)
    for kind in ("Application/JSON", "application/json;charset=utf-8", "application/json ; x=\"a;b\""):
        status, body, _ = s.request("POST", "/v1/leads", b'{"email":"kind@example.com"}', token, {"Content-Type": kind})
        assert status in (200, 201, 202), (kind, status, body)
    got = talk(post(b"/v1/events", event, b"Content-Type: application/json\r\nContent-Type: text/plain\r\n"))
    assert [r.status for r in got] == [400], got[0].body
    got = talk(post(b"/v1/leads", b"\x1f\x8b\x08" + b"\0" * 50, b"Content-Encoding: gzip\r\n") + NEXT)
    assert [r.status for r in got] == [415], got[0].status     # /v1/events alone unpacks: events_test
    for coding in (b"deflate", b"br", b"zstd", b"x-gzip", b"identity, gzip", b"gzip, gzip"):
        got = talk(post(b"/v1/events", b"\x1f\x8b\x08" + b"\0" * 50, b"Content-Encoding: " + coding + b"\r\n") + NEXT)
        assert [r.status for r in got] == [415], (coding, got[0].status)


def multipart(*parts, boundary=b"x", end=b"--x--\r\n"):
    return b"".join(b"--" + boundary + b"\r\n" + p + b"\r\n" for p in parts) + end


def test_the_way_out_takes_no_bait():
    """One-click POSTs with bombs and forged names in them: nothing of the body is believed, and the withdrawal is done all the same."""
    s.post("/v1/leads", {"email": "bob@example.com", "first_name": "Bob", "country": "US"}, token)
    s.post("/v1/events", {"email": "bob@example.com", "verb": "asset.download", "subject": "security-guide"}, token)
    mail = until(s.mails, 60, "the mail")[0]
    link = re.search(r"<(https?://[^>]+)>", mail["List-Unsubscribe"]).group(1)
    assert link.startswith(f"http://127.0.0.1:{s.port}/u/"), link
    path = link[link.index("/u/"):]
    field = b"Content-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click"
    forged = b"Content-Disposition: form-data; name=\"List-Unsubscribe\"; filename=\"../../../../etc/passwd\0.png\"\r\nContent-Type: image/png\r\n\r\nOne-Click"
    nested = b"Content-Disposition: form-data; name=\"a\"\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + multipart(field) * 3
    kind = "multipart/form-data; boundary=x"
    bodies = [(multipart(field), kind), (multipart(forged), kind), (multipart(nested), kind), (multipart(*[field] * 150), kind),
              (b"--x\r\n" * 3000, kind), (b"--x" + b"\r\nA: b" * 2000, kind), (multipart(field, end=b""), kind), (multipart(field), "multipart/form-data"),
              (multipart(field), "multipart/form-data; boundary=" + "y" * 5000), (b"a=1&" * 4000, "application/x-www-form-urlencoded"),
              (b"%" * 16000, "application/x-www-form-urlencoded"), (b"\0" * 16000, "text/plain"), (b"", "")]
    assert s.post(path, b"x" * 20000)[0] == 413  # of one-click's length and a little more
    assert s.sql("select count(*) from consent") == [["0"]]
    for body, content_type in bodies:
        status, page, headers = s.request("POST", path, body, headers={"Content-Type": content_type, "X-Forwarded-For": "6.6.6.6"})
        assert status == 200 and "unsubscribed" in page and "Location" not in headers, (body[:60], status)
    rows = s.sql("select distinct state, ip from consent")
    assert rows == [["withdrawn", "127.0.0.1"]], rows  # a stranger's X-Forwarded-For is not believed


def test_the_host_is_never_believed():
    """Links go where public_url says, whoever was asked for."""
    for fields, status in ((b"Host: evil.example\r\n", 201), (b"Host: evil.example:99999\r\n", 201), (b"Host: evil.example\r\nX-Forwarded-Host: evil.example\r\n", 201),
                           (b"Host: a\r\nHost: evil.example\r\n", 400), (b"", 400), (b"Host: evil.example/x\r\n", 400), (b"Host: ev il\r\n", 400)):
        body = json.dumps({"email": f"host{abs(hash(fields))}@example.com", "country": "US"}).encode()
        got = talk(b"POST /v1/leads HTTP/1.1\r\n" + fields + b"Content-Type: application/json\r\nAuthorization: Bearer " + token.encode() +
                   b"\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        assert len(got) == 1 and got[0].status in ({201, 202} if status == 201 else {status}), (fields, got[0].status, got[0].body)
        assert b"evil" not in got[0].body and "location" not in got[0].headers
    s.post("/v1/leads", {"email": "cid@example.com", "country": "US"}, token)
    got = talk(b"POST /v1/events HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nAuthorization: Bearer " + token.encode() + b"\r\nContent-Length: %d\r\n\r\n" %
               len(b := json.dumps({"email": "cid@example.com", "verb": "asset.download", "subject": "security-guide"}).encode()) + b)
    assert got[0].status == 202, got[0].body
    mail = until(lambda: [m for m in s.mails() if "cid@" in m["To"]], 60, "the mail")[0]
    assert "evil" not in mail.as_string() and f"http://127.0.0.1:{s.port}/u/" in mail["List-Unsubscribe"]


def test_who_reads_nothing_and_who_ends_nothing_take_no_memory():
    web = s.workers("web")[0]
    before = memory(web)
    flood = (NEXT * 1000)
    crowd = []
    for data in (flood, b"GET /" + b"a" * 65536, b"GET / HTTP/1.1\r\nX: " + b"a" * 65536, b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 8192):
        c = socket.socket()
        c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.settimeout(0.5)
        c.connect(("127.0.0.1", s.port))
        crowd.append(c)
        sent = 0
        try:
            while sent < 64 * MB:
                sent += c.send(data)
        except (TimeoutError, BrokenPipeError, ConnectionResetError):
            pass
    assert SANITIZED or memory(web) - before < 4 * MB, (before, memory(web))
    assert s.get("/healthz")[0] == 200
    for c in crowd:
        c.close()


def test_a_crowd_of_broken_ones_leaves_the_others_alone():
    stop, failures = threading.Event(), []

    def visit():
        while not stop.is_set():
            status, body = s.post("/v1/events", {**EVENT, "email": "good@example.com"}, token)
            if status != 202:
                failures.append((status, body))
    visitor = threading.Thread(target=visit)
    visitor.start()
    for _ in range(3):
        for name, data, *_ in http_hostile_test.REFUSED:
            if len(data) < 2000:
                talk(data)
    stop.set()
    visitor.join()
    assert not failures, failures[:3]


if __name__ == "__main__":
    with Server(playbook="scripts", config=CHANNEL) as s:
        token = s.token("write")
        workers = s.workers("web")
        try:
            run_tests(globals())
        finally:
            assert s.workers("web") == workers, "a worker died"
