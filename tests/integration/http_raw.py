"""What the http_*_test.py share: the test server (http_server.c) as a child, raw sockets, and a frame that runs every check."""
import json
import os
import re
import socket
import subprocess
import sys
import time
import traceback

PROGRAM = os.path.join(os.environ.get("NURTURE_BUILD", "build"), "tests", "http_test_server")

with open(PROGRAM, "rb") as program:
    SANITIZED = b"__asan_init" in program.read()  # keeps freed memory for a while, so that sizes say nothing


class Server:
    def __init__(self, *arguments, files=None):
        command = [PROGRAM, *arguments]
        if files:
            command = ["prlimit", "--nofile=%d" % files, *command]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.child.stdout.readline().split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.terminate()
        self.child.wait()
        self.child.stdout.close()

    def connect(self, timeout=60, receive_buffer=None):
        s = socket.socket()
        if receive_buffer:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        s.settimeout(timeout)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.connect(("127.0.0.1", self.port))
        return s

    def get(self, path):
        with self.connect() as s:
            s.sendall(b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % path.encode())
            return replies(read_all(s))[0]

    def stats(self):
        return json.loads(self.get("/stats").body)

    def memory(self):
        """Resident bytes."""
        with open("/proc/%d/statm" % self.child.pid) as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.child.pid))


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


def read_all(s):
    """Everything until the peer closes. A reset counts as closed; no end within the timeout is an error."""
    data = b""
    while True:
        try:
            more = s.recv(65536)
        except ConnectionResetError:
            return data
        if not more:
            return data
        data += more


def read_reply(s, data=b"", bodiless=False):
    """One reply from a connection that stays open; and what was read beyond it."""
    while b"\r\n\r\n" not in data:
        more = s.recv(65536)
        if not more:
            raise AssertionError("closed before a whole reply: %r" % data)
        data += more
    head, data = data.split(b"\r\n\r\n", 1)
    reply = parse_head(head)
    length = 0 if bodiless or reply.status in (204, 304) or reply.status < 200 else int(reply.headers["content-length"])
    while len(data) < length:
        more = s.recv(65536)
        if not more:
            raise AssertionError("closed inside a body")
        data += more
    reply.body = data[:length]
    return reply, data[length:]


def parse_head(head):
    lines = head.split(b"\r\n")
    match = re.fullmatch(rb"HTTP/1\.1 (\d{3}) [A-Za-z ]+", lines[0])
    assert match, "no status line: %r" % lines[0]
    headers = {}
    for line in lines[1:]:
        name, value = line.split(b": ", 1)
        assert name.lower() not in headers, "twice: %r" % name
        headers[name.decode().lower()] = value.decode()
    return Reply(int(match[1]), headers, b"")


def replies(data):
    """All replies in what came until the close; every byte must belong to one."""
    out = []
    while data:
        head, separator, data = data.partition(b"\r\n\r\n")
        assert separator, "half a reply: %r" % head
        reply = parse_head(head)
        if reply.status >= 200 and reply.status not in (204, 304):
            length = int(reply.headers["content-length"])
            assert len(data) >= length, "half a body"
            reply.body, data = data[:length], data[length:]
        out.append(reply)
    return out


def wait_until(what, seconds=60):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise AssertionError("did not come true in %d s" % seconds)
        time.sleep(0.02)


def run(checks):
    failed = 0
    for check in checks:
        start = time.monotonic()
        try:
            check()
            print("ok    %s (%.1f s)" % (check.__name__, time.monotonic() - start), flush=True)
        except Exception:
            failed += 1
            print("FAIL  %s" % check.__name__)
            traceback.print_exc(file=sys.stdout)
    sys.exit(1 if failed else 0)
