#!/usr/bin/python3
"""Those who are slow, greedy or many (TRUST 26 to 28): absolute deadlines, bounded memory, descriptors that run out. Deadlines are
shortened by the server's arguments; what is checked is that they are absolute, not how long they are by default."""
import resource
import socket
import time

from http_raw import SANITIZED, Server, read_all, read_reply, replies, run, wait_until

H = b"Host: a\r\n"
GET = b"GET / HTTP/1.1\r\n" + H + b"\r\n"
MB = 1 << 20


def drip(s, data, pause):
    """Sends byte by byte until the peer has had enough; returns what it said and after how long."""
    start = time.monotonic()
    s.settimeout(pause)
    got = b""
    for i in range(len(data)):
        try:
            s.sendall(data[i:i + 1])
        except (BrokenPipeError, ConnectionResetError):
            break
        try:
            more = s.recv(4096)
            if not more:
                break
            got += more
        except ConnectionResetError:
            break
        except TimeoutError:
            pass
    return got, time.monotonic() - start


def headers_at_a_byte_a_moment_end_at_the_deadline():
    with Server("head_us=600000") as server, server.connect() as s:
        got, seconds = drip(s, b"GET / HTTP/1.1\r\nX: " + b"a" * 1000, 0.05)
        assert replies(got)[0].status == 408 and 0.5 < seconds < 45, (got, seconds)  # 50 were it not absolute
        assert server.stats()["timeouts_head"] == 1


def a_body_at_a_byte_a_moment_ends_at_the_deadline():
    with Server("body_us=600000") as server:
        for path in (b"/echo", b"/upload"):
            with server.connect() as s:
                s.sendall(b"POST " + path + b" HTTP/1.1\r\n" + H + b"Content-Length: 1000\r\n\r\n")
                got, seconds = drip(s, b"a" * 1000, 0.05)
                assert replies(got)[0].status == 408 and 0.5 < seconds < 45, (got, seconds)  # 50 were it not absolute
        stats = server.stats()
        assert stats["timeouts_body"] == 2 and stats["handled"] == 0 and stats["aborted"] == 1, stats


def silence_ends_too():
    with Server("head_us=1500000", "idle_us=3000000") as server:
        with server.connect() as fresh, server.connect() as served:
            served.sendall(GET)
            read_reply(served)
            start = time.monotonic()
            assert read_all(fresh) == b""
            assert read_all(served) == b"" and time.monotonic() - start > 0.4
        assert server.stats()["timeouts_idle"] == 2


def a_handler_that_sleeps_is_answered_for():
    with Server("handle_us=300000") as server, server.connect() as s:
        s.sendall(b"GET /hold HTTP/1.1\r\n" + H + b"\r\n")
        reply = replies(read_all(s))[0]
        assert reply.status == 503 and reply.headers["connection"] == "close"
        assert server.get("/release").body == b"gone\n"
        assert server.stats()["busy"] == 1


def who_does_not_read_is_reset():
    with Server("write_us=300000") as server, server.connect(receive_buffer=4096) as s:
        s.sendall(b"GET /big?n=16000000 HTTP/1.1\r\n" + H + b"\r\n")
        wait_until(lambda: server.memory() > 16 * MB)
        # a second for each 16 KiB stands on top: 976 s. A short reply's deadline is short.
        time.sleep(0.5)
        assert server.stats()["open"] == 2
    with Server("write_us=300000") as server:
        sockets = [server.connect(receive_buffer=4096) for _ in range(4)]
        for s in sockets:
            s.sendall((b"GET /big?n=16000 HTTP/1.1\r\n" + H + b"\r\n") * 2000)
        wait_until(lambda: server.stats()["timeouts_write"] == 4)
        assert server.stats()["open"] == 1
        for s in sockets:
            s.close()


def a_pipelined_flood_that_nobody_reads_takes_no_memory():
    with Server() as server:
        before = server.memory()
        with server.connect(timeout=0.3, receive_buffer=4096) as s:
            sent = 0
            flood = GET * 1000
            try:
                while sent < 64 * MB:
                    sent += s.send(flood)
            except TimeoutError:
                pass
            assert sent < 64 * MB, "all of it was taken"
            assert SANITIZED or server.memory() - before < 2 * MB, (before, server.memory())
            assert server.get("/").status == 200
        wait_until(lambda: server.stats()["open"] == 1)


def a_pipelined_flood_behind_a_request_that_waits_takes_no_memory():
    with Server() as server:
        before = server.memory()
        with server.connect(timeout=0.3) as s:
            s.sendall(b"GET /hold HTTP/1.1\r\n" + H + b"\r\n")
            sent = 0
            try:
                while sent < 64 * MB:
                    sent += s.send(GET * 1000)
            except TimeoutError:
                pass
            assert sent < 64 * MB
            assert SANITIZED or server.memory() - before < 2 * MB
            cpu = server.stats()["cpu"]
            time.sleep(0.3)
            assert server.stats()["cpu"] - cpu < 0.1
            assert server.get("/release").body == b"there\n"


def announced_bodies_take_memory_only_as_they_come():
    with Server("bodies=%d" % (8 * MB)) as server:
        before = server.memory()
        head = b"POST /echo HTTP/1.1\r\n" + H + b"Content-Length: 1000000\r\n\r\n"
        sockets = [server.connect() for _ in range(200)]
        for s in sockets:
            s.sendall(head)
        wait_until(lambda: server.stats()["begun"] == 200)
        assert SANITIZED or server.memory() - before < 8 * MB, server.memory() - before  # 5 MB of it the requests themselves
        for s in sockets[:16]:  # 16 times 900 KB do not fit in 8 MB
            try:
                s.sendall(b"x" * 900000)
            except (BrokenPipeError, ConnectionResetError):
                pass
        wait_until(lambda: server.stats()["refused"] >= 7)
        assert SANITIZED or server.memory() - before < 24 * MB
        for s in sockets:
            s.close()
        wait_until(lambda: server.stats()["open"] == 1)
        with server.connect() as s:
            s.sendall(head.replace(b"1000000", b"1000000\r\nConnection: close") + b"x" * 1000000)
            assert replies(read_all(s))[0].status == 200


def more_connections_than_descriptors_cost_no_cpu_and_pass():
    with Server("connections=100000", "head_us=20000000", files=60) as server:
        crowd = []
        for _ in range(200):  # the kernel's backlog takes what the server cannot
            s = socket.socket()
            s.settimeout(60)
            s.connect(("127.0.0.1", server.port))
            s.sendall(b"G")  # begun, so that it is not reaped as idle
            crowd.append(s)
        time.sleep(0.3)
        with open("/proc/%d/stat" % server.child.pid) as f:
            ticks = sum(map(int, f.read().split()[13:15]))
        time.sleep(1)
        with open("/proc/%d/stat" % server.child.pid) as f:
            assert sum(map(int, f.read().split()[13:15])) - ticks <= 5  # of 100
        crowd[0].sendall(GET[1:])  # who is in is served
        assert read_reply(crowd[0])[0].status == 200
        for s in crowd:
            s.close()
        wait_until(lambda: server.stats()["open"] == 1)
        stats = server.stats()
        assert stats["accept_pauses"] > 0, stats
        assert server.get("/").status == 200


def at_the_limit_the_idle_make_room():
    with Server("connections=50", "head_us=600000000") as server:  # so long that only making room lets anybody in
        crowd = [server.connect() for _ in range(50)]
        wait_until(lambda: server.descriptors() >= 50)
        assert server.get("/").status == 200  # comes in when the silent ones have been so for a second
        for s in crowd:
            s.close()


def no_address_takes_all_connections():
    with Server("per_address=5") as server:
        crowd = [server.connect() for _ in range(4)]
        for s in crowd:
            s.sendall(GET)
            read_reply(s)
        with server.connect() as fifth:
            fifth.sendall(GET)
            assert read_reply(fifth)[0].status == 200
            for _ in range(20):
                with server.connect() as s:
                    reply = replies(read_all(s))[0]
                    assert reply.status == 503 and reply.headers["retry-after"] and reply.headers["connection"] == "close", reply.headers
            crowd[0].sendall(GET)  # who is in is served
            assert read_reply(crowd[0])[0].status == 200
        wait_until(lambda: server.get("/").status == 200)  # the fifth has gone: there is room for one
        assert server.stats()["crowded"] >= 20
        for s in crowd:
            s.close()
    with Server("per_address=5", "proxy=127.0.0.1") as server:  # a proxy brings everybody's
        crowd = [server.connect() for _ in range(30)]
        for s in crowd:
            s.sendall(GET)
            assert read_reply(s)[0].status == 200
            s.close()


def ten_thousand_idle_connections_take_little():
    count = 10000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * count:
        count = (hard - 100) // 2
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, hard))
    with Server(files=count + 200) as server:
        server.get("/")
        before = server.memory()
        crowd = []
        for i in range(count):
            s = server.connect()
            s.sendall(GET)
            crowd.append(s)
            if i % 100 == 99:
                for c in crowd[-100:]:
                    read_reply(c)
        each = (server.memory() - before) / count
        print("      %d idle connections: %.0f bytes each" % (count, each))
        assert SANITIZED or each < 400
        for s in crowd:
            s.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def nothing_is_left_behind():
    with Server("head_us=400000", "body_us=400000") as server:
        server.get("/")
        descriptors = server.descriptors()
        for round_ in range(3):
            sockets = []
            for data in (b"G", GET, b"POST /upload HTTP/1.1\r\n" + H + b"Content-Length: 9\r\n\r\nx", b"GET / HTTP/9\r\n\r\n",
                         b"GET /later HTTP/1.1\r\n" + H + b"\r\n", b"GET /big?n=9000000 HTTP/1.1\r\n" + H + b"\r\n"):
                for _ in range(20):
                    s = server.connect()
                    s.sendall(data)
                    sockets.append(s)
            time.sleep(0.1)
            for s in sockets[::2]:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            for s in sockets:
                s.close()
        wait_until(lambda: server.stats()["open"] == 1 and server.stats()["busy"] == 1)
        wait_until(lambda: server.descriptors() == descriptors)


if __name__ == "__main__":
    run([
        headers_at_a_byte_a_moment_end_at_the_deadline, a_body_at_a_byte_a_moment_ends_at_the_deadline, silence_ends_too,
        a_handler_that_sleeps_is_answered_for, who_does_not_read_is_reset, a_pipelined_flood_that_nobody_reads_takes_no_memory,
        a_pipelined_flood_behind_a_request_that_waits_takes_no_memory, announced_bodies_take_memory_only_as_they_come,
        more_connections_than_descriptors_cost_no_cpu_and_pass, at_the_limit_the_idle_make_room, no_address_takes_all_connections,
        ten_thousand_idle_connections_take_little, nothing_is_left_behind,
    ])
