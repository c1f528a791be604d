#!/usr/bin/python3
"""What the http room promises to those who behave: replies, keep-alive, bodies, streams, late replies, drain, proxies."""
import json
import os
import socket
import tempfile
import time

from http_raw import Server, read_all, read_reply, replies, run, wait_until

H = b"Host: a\r\n"
server = None


def ask(data):
    """One request whose connection closes after it."""
    with server.connect() as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        return replies(read_all(s))


def post(path, body, fields=b"", close=True):
    return (b"POST " + path + b" HTTP/1.1\r\n" + H + (b"Connection: close\r\n" if close else b"") + fields +
            b"Content-Length: %d\r\n\r\n" % len(body) + body)


def a_connection_serves_many_requests_in_order():
    with server.connect() as s:
        rest = b""
        for i in range(50):
            s.sendall(b"GET /echo/%d HTTP/1.1\r\n" % i + H + b"\r\n")
            reply, rest = read_reply(s, rest)
            assert json.loads(reply.body)["segments"] == ["echo", str(i)]


def pipelined_requests_are_answered_one_after_the_other():
    paths = [b"/echo/%d" % i if i % 3 else b"/later" for i in range(12)]
    data = b"".join(b"GET %s HTTP/1.1\r\n" % p + H + b"\r\n" for p in paths)
    got = ask(data)
    assert len(got) == 12
    for path, reply in zip(paths, got):
        assert (reply.body == b"later\n") if path == b"/later" else json.loads(reply.body)["path"] == path.decode()


def one_request_of_a_connection_is_with_the_handler_at_a_time():
    with server.connect() as s:
        s.sendall(b"GET /hold HTTP/1.1\r\n" + H + b"\r\n" + b"GET /echo HTTP/1.1\r\n" + H + b"\r\n")
        wait_until(lambda: server.stats()["busy"] == 2)  # the held one, and stats itself
        before = server.stats()["handled"]
        time.sleep(0.1)
        assert server.stats()["handled"] == before
        assert server.get("/release").body == b"there\n"
        reply, rest = read_reply(s)
        assert reply.body == b"released\n"
        reply, rest = read_reply(s, rest)
        assert json.loads(reply.body)["path"] == "/echo"


def a_handle_outlives_its_client():
    with server.connect() as s:
        s.sendall(b"GET /hold HTTP/1.1\r\n" + H + b"\r\n")
        wait_until(lambda: server.stats()["busy"] == 2)
        gone = server.stats()["gone"]
    wait_until(lambda: server.stats()["gone"] == gone + 1)
    assert server.get("/release").body == b"gone\n"
    assert server.stats()["busy"] == 1


def a_handle_outlives_a_reset():
    s = server.connect()
    s.sendall(b"GET /hold HTTP/1.1\r\n" + H + b"\r\n")
    wait_until(lambda: server.stats()["busy"] == 2)
    gone = server.stats()["gone"]
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    s.close()
    wait_until(lambda: server.stats()["gone"] == gone + 1)
    assert server.get("/release").body == b"gone\n"


def who_only_shuts_its_side_still_gets_the_reply():
    assert ask(b"GET /later HTTP/1.1\r\n" + H + b"\r\n")[0].body == b"later\n"


def half_a_request_behind_a_whole_one_is_not_waited_for():
    for half in (b"GET /ech", b"POST /upload HTTP/1.1\r\n" + H + b"Content-Length: 9\r\n\r\nabc"):
        start = time.monotonic()
        assert [r.body for r in ask(b"GET /later HTTP/1.1\r\n" + H + b"\r\n" + half)] == [b"later\n"]
        assert time.monotonic() - start < 50  # the body's deadline is at 60


def bodies_are_gathered_whole():
    for n in (1, 100, 16383, 16384, 16385, 300000, 1 << 20):
        assert json.loads(ask(post(b"/echo", b"x" * n))[0].body)["body"] == n
    assert ask(post(b"/echo", b"x" * ((1 << 20) + 1)))[0].status == 413


def begin_may_raise_the_limit():
    assert json.loads(ask(post(b"/raised", b"x" * (5 << 20)))[0].body)["body"] == 5 << 20


def begin_may_ask_first_and_answer_later():
    before = server.stats()["handled"]
    assert json.loads(ask(post(b"/asked", b"x" * 100000))[0].body)["body"] == 100000
    assert ask(post(b"/asked/no", b"x" * 100000))[0].status == 401
    assert server.stats()["handled"] == before + 1
    aborted = server.stats()["aborted"]
    with server.connect() as s:
        s.sendall(post(b"/asked", b"xx" * 10)[:-10])
        wait_until(lambda: server.stats()["open"] == 2)
        time.sleep(0.1)
    wait_until(lambda: server.stats()["aborted"] == aborted + 1)


def a_refusal_reaches_who_is_still_sending():
    with server.connect() as s:
        s.sendall(post(b"/early", b"x" * (3 << 20)))
        got = replies(read_all(s))
    assert [r.status for r in got] == [401] and got[0].headers["connection"] == "close"


def streams_arrive_in_pieces_with_back_pressure():
    for path in (b"/upload", b"/slow-upload"):
        for n in (1, 16384, 500001):
            reply = json.loads(ask(post(path, b"y" * n))[0].body)
            assert reply["bytes"] == n and reply["chunks"] >= n // 16384, reply
    with server.connect() as s:  # what follows a slow stream on the same connection waits for it
        s.sendall(post(b"/slow-upload", b"z" * 100000, close=False) + b"GET /echo HTTP/1.1\r\n" + H + b"\r\n")
        reply, rest = read_reply(s)
        assert json.loads(reply.body)["bytes"] == 100000
        reply, rest = read_reply(s, rest)
        assert reply.status == 200


def a_stream_can_be_answered_in_its_middle():
    got = ask(post(b"/upload", b"x" * 50000 + b"STOP" + b"x" * 50000))
    assert [r.status for r in got] == [422] and got[0].headers["connection"] == "close"
    with server.connect() as s:  # in its last piece: all was read, so the connection lives on
        s.sendall(post(b"/upload", b"STOP", close=False) + b"GET /echo HTTP/1.1\r\n" + H + b"\r\n")
        reply, rest = read_reply(s)
        assert reply.status == 422
        assert read_reply(s, rest)[0].status == 200


def a_stream_that_breaks_off_is_told_so():
    before = server.stats()
    with server.connect() as s:
        s.sendall(post(b"/upload", b"x" * 50000)[:-1])
        wait_until(lambda: server.stats()["begun"] == before["begun"] + 1)
    wait_until(lambda: server.stats()["aborted"] == before["aborted"] + 1)
    assert server.stats()["handled"] == before["handled"]


def continue_is_said_when_the_body_is_wanted():
    for path, wanted in ((b"/echo", True), (b"/asked", True), (b"/early", False), (b"/asked/no", False)):
        with server.connect() as s:
            head, body = post(path, b"hello", b"Expect: 100-continue\r\n").split(b"\r\n\r\n")
            s.sendall(head + b"\r\n\r\n")
            reply, rest = read_reply(s)
            assert reply.status == (100 if wanted else 401), (path, reply.status)
            if wanted:
                s.sendall(body)
                reply, rest = read_reply(s, rest)
                assert json.loads(reply.body)["body"] == 5
    got = ask(post(b"/echo", b"hello", b"Expect: 100-continue\r\n"))
    assert [r.status for r in got] == [200]  # the body was there already


def head_has_the_length_and_no_body():
    with server.connect() as s:
        s.sendall(b"HEAD /big?n=5000000 HTTP/1.1\r\n" + H + b"\r\nGET /echo HTTP/1.1\r\n" + H + b"\r\n")
        reply, rest = read_reply(s, bodiless=True)
        assert reply.headers["content-length"] == "5000000"
        reply, rest = read_reply(s, rest)
        assert json.loads(reply.body)["path"] == "/echo"


def no_content_has_neither():
    reply = server.get("/empty")
    assert reply.status == 204 and "content-length" not in reply.headers


def methods_that_are_not_there_are_told_apart():
    got = ask(b"PUT /get-only HTTP/1.1\r\n" + H + b"Content-Length: 0\r\n\r\n" + b"OPTIONS /get-only HTTP/1.1\r\n" + H + b"\r\n")
    assert [(r.status, r.headers["allow"]) for r in got] == [(405, "GET"), (204, "GET")]


def long_replies_reach_slow_readers_whole():
    with server.connect(receive_buffer=4096) as s:
        s.sendall(b"GET /big?n=3000000 HTTP/1.1\r\n" + H + b"\r\n" + b"GET /echo HTTP/1.1\r\n" + H + b"\r\n")
        time.sleep(0.2)
        reply, rest = read_reply(s)
        assert reply.body == b"x" * 3000000
        reply, rest = read_reply(s, rest)
        assert reply.status == 200


def pages_and_errors_are_armoured():
    page = server.get("/html")
    assert "default-src 'none'" in page.headers["content-security-policy"] and page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["x-frame-options"] == "DENY" and page.headers["referrer-policy"] == "no-referrer"
    problem = server.get("/problem")
    body = json.loads(problem.body)
    assert problem.status == 422 and body["field"] == "email<" and b"<" not in problem.body
    assert body["title"] == "Unprocessable Content" and body["type"] == "urn:nurture:invalid" and body["detail"] == '"x\r\ny" is no address'


def nothing_splits_a_reply():
    assert server.get("/redirect?to=/a%0d%0aSet-Cookie:%20x").headers["location"] == "/a%0D%0ASet-Cookie:%20x"
    reply = server.get("/unsound?v=a%0d%0ab:c")
    assert reply.status == 500 and "x-value" not in reply.headers and "b" not in reply.headers
    assert server.get("/unsound?v=plain").headers["x-value"] == "plain"


def forms_come_both_ways():
    urlencoded = b"Content-Type: application/x-www-form-urlencoded\r\n"
    assert json.loads(ask(post(b"/form", b"a=1&b=x+y", urlencoded))[0].body) == {"a": "1", "b": "x y"}
    body = b"--B\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--B--\r\n"
    reply = ask(post(b"/form", body, b"Content-Type: multipart/form-data; boundary=B\r\n"))[0]
    assert json.loads(reply.body) == {"List-Unsubscribe": "One-Click"}
    reply = ask(post(b"/form", body, b"Content-Type: text/plain\r\n"))[0]
    assert reply.status == 400 and json.loads(reply.body)["field"] == "Content-Type"


def client_of(fields):
    reply = json.loads(ask(b"GET /echo HTTP/1.1\r\n" + H + fields + b"Connection: close\r\n\r\n")[0].body)
    return reply["client"], reply["https"]


def only_trusted_proxies_say_who_the_client_is():
    global server
    assert client_of(b"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n") == ("127.0.0.1", False)
    ordinary = server
    with Server("proxy=127.0.0.0/8") as server:
        assert client_of(b"") == ("127.0.0.1", False)
        assert client_of(b"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n") == ("192.0.2.1", True)
        assert client_of(b"X-Forwarded-For: 6.6.6.6, 192.0.2.1, 127.0.0.9\r\n") == ("192.0.2.1", False)
        assert client_of(b"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 192.0.2.1\r\n") == ("192.0.2.1", False)
        assert client_of(b"X-Forwarded-For: 6.6.6.6, junk, 127.0.0.9\r\n") == ("127.0.0.9", False)
        assert client_of(b"X-Forwarded-For: 2001:DB8::1\r\n") == ("2001:db8::1", False)
        assert client_of(b"X-Forwarded-For: " + b"6.6.6.6, " * 800 + b"192.0.2.1\r\n")[0] == "192.0.2.1"
        assert client_of(b"X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n")[1] is False
    server = ordinary


def a_unix_socket_serves_too():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s")
        with Server("listen=unix:" + path):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(60)
                s.connect(path)
                s.sendall(b"GET /echo HTTP/1.1\r\n" + H + b"X-Forwarded-For: 192.0.2.1\r\nConnection: close\r\n\r\n")
                assert json.loads(replies(read_all(s))[0].body)["client"] == "192.0.2.1"


def drain_finishes_what_runs_and_lets_nobody_in():
    with Server() as mine:
        idle, busy, asking = mine.connect(), mine.connect(), mine.connect()
        asking.sendall(b"GET /echo HTTP/1.1\r\n" + H + b"\r\n")
        assert "connection" not in read_reply(asking)[0].headers
        busy.sendall(b"GET /hold HTTP/1.1\r\n" + H + b"\r\n")
        wait_until(lambda: mine.stats()["busy"] == 2)
        with mine.connect() as s, mine.connect() as releaser:
            releaser.sendall(b"GET /release HTTP/1.1\r\n")  # has begun before the drain
            time.sleep(0.1)
            s.sendall(b"GET /drain HTTP/1.1\r\n" + H + b"\r\n")
            reply = replies(read_all(s))[0]
            assert reply.body == b"draining\n" and reply.headers["connection"] == "close"
            asking.sendall(b"GET /echo HTTP/1.1\r\n" + H + b"\r\n")  # it did not know: one more is answered, and told that it is the last
            reply = replies(read_all(asking))[0]
            assert reply.status == 200 and reply.headers["connection"] == "close"
            assert read_all(idle) == b""
            try:
                mine.connect().close()
                raise AssertionError("somebody was let in")
            except ConnectionRefusedError:
                pass
            assert mine.child.poll() is None
            releaser.sendall(H + b"\r\n")
            assert replies(read_all(releaser))[0].body == b"there\n"
        assert replies(read_all(busy))[0].body == b"released\n"
        assert mine.child.stdout.readline() == "end\n"
        assert mine.child.wait(60) == 0
        idle.close(), busy.close(), asking.close()


if __name__ == "__main__":
    with Server() as server:
        run([
            a_connection_serves_many_requests_in_order, pipelined_requests_are_answered_one_after_the_other,
            one_request_of_a_connection_is_with_the_handler_at_a_time, a_handle_outlives_its_client, a_handle_outlives_a_reset,
            who_only_shuts_its_side_still_gets_the_reply,
            half_a_request_behind_a_whole_one_is_not_waited_for, bodies_are_gathered_whole, begin_may_raise_the_limit,
            begin_may_ask_first_and_answer_later, a_refusal_reaches_who_is_still_sending, streams_arrive_in_pieces_with_back_pressure,
            a_stream_can_be_answered_in_its_middle, a_stream_that_breaks_off_is_told_so, continue_is_said_when_the_body_is_wanted,
            head_has_the_length_and_no_body, no_content_has_neither, methods_that_are_not_there_are_told_apart,
            long_replies_reach_slow_readers_whole, pages_and_errors_are_armoured, nothing_splits_a_reply, forms_come_both_ways,
            only_trusted_proxies_say_who_the_client_is, a_unix_socket_serves_too, drain_finishes_what_runs_and_lets_nobody_in,
        ])
