#!/usr/bin/env python3
"""Behind nginx, haproxy and Caddy, configured by the samples of etc/proxy: who the client is, https, bodies both ways, reloads under load;
and for each hostile request one that goes in is never two that come out. A proxy that is not installed is passed over, and said so."""
import contextlib
import json
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import http_hostile_test
import http_raw
from nurture import SOURCE, Server, free_port, until

FOLDER = None
CHANNEL = 'postal_address = "1 Test St"\nchannel "email" { plugin = "email", relay = "maildir:outbox", from = "Test <test@example.com>" }\n'
NEXT = b"GET /echo/next HTTP/1.1\r\nHost: go.example.com\r\nConnection: close\r\n\r\n"


def put_in_place(name, *changes):
    """The sample, with what differs in a test replaced; each change must find its place in it."""
    text = (SOURCE / "etc/proxy" / name).read_text()
    for old, new in changes:
        assert old in text, f"etc/proxy/{name} has no {old!r}"
        text = text.replace(old, new)
    return text


def nginx(upstream, port, tls):
    listen = f"listen 127.0.0.1:{port} ssl http2;" if tls else f"listen 127.0.0.1:{port};"
    site = put_in_place("nginx.conf", ("127.0.0.1:8080", f"127.0.0.1:{upstream}"), ("listen 80;", f"listen 127.0.0.1:{free_port()};"), ("listen 443 ssl http2;", listen),
                        ("/etc/letsencrypt/live/go.example.com/fullchain.pem", f"{FOLDER}/cert.pem"), ("/etc/letsencrypt/live/go.example.com/privkey.pem", f"{FOLDER}/key.pem"))
    folder = pathlib.Path(tempfile.mkdtemp(dir=FOLDER))
    folder.chmod(0o777)
    paths = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "conf").write_text(f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error;\nevents {{ worker_connections 256; }}\n"
                                 f"http {{ access_log off; {paths}\n{site}\n}}\n")
    return ["nginx", "-p", str(folder), "-c", str(folder / "conf")]


def haproxy(upstream, port, tls):
    bind = f"bind 127.0.0.1:{port} ssl crt {FOLDER}/both.pem alpn h2,http/1.1" if tls else f"bind 127.0.0.1:{port}"
    redirect = "http-request redirect scheme https unless { ssl_fc }"
    text = put_in_place("haproxy.cfg", ("server one 127.0.0.1:8080 check", f"server one 127.0.0.1:{upstream}"), ("bind :80\n", "\n"), (redirect, redirect if tls else ""),
                        ("bind :443 ssl crt /etc/haproxy/go.example.com.pem alpn h2,http/1.1", bind))
    path = pathlib.Path(FOLDER) / f"haproxy-{port}.cfg"
    path.write_text("global\n\tmaxconn 200\n" + text)
    return ["haproxy", "-db", "-q", "-f", str(path)]


def caddy(upstream, port, tls):
    site = f"https://go.example.com:{port} {{\n\tbind 127.0.0.1\n\ttls {FOLDER}/cert.pem {FOLDER}/key.pem" if tls else f"http://:{port} {{\n\tbind 127.0.0.1"
    text = put_in_place("Caddyfile", ("go.example.com {", site), ("127.0.0.1:8080", f"127.0.0.1:{upstream}"))
    path = pathlib.Path(FOLDER) / f"Caddyfile-{port}"
    path.write_text("{\n\tadmin off\n\tauto_https off\n\tstorage file_system " + f"{FOLDER}/caddy\n}}\n" + text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(path)]


PROXIES = {"nginx": nginx, "haproxy": haproxy, "caddy": caddy}


@contextlib.contextmanager
def running(name, upstream, tls):
    """The proxy in front of a port of ours; gives its own port."""
    port = free_port()
    command = PROXIES[name](upstream, port, tls)
    path = shutil.which(command[0]) or f"/usr/sbin/{command[0]}"
    with open(f"{FOLDER}/{name}.log", "ab") as log:
        child = subprocess.Popen([path, *command[1:]], stdout=log, stderr=log, cwd=FOLDER, env={"HOME": FOLDER, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})

    def there():
        assert child.poll() is None, f"{name} ended:\n" + open(f"{FOLDER}/{name}.log").read()[-3000:]
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 60).close()
            return True
    try:
        until(there, 60, name)
        yield port
    finally:
        child.terminate()
        child.wait(60)


def connect(port, tls=False):
    s = socket.create_connection(("127.0.0.1", port), 120)
    if not tls:
        return s
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(s, server_hostname="go.example.com")


def take_reply(s, data=b""):
    """(status, headers, body, rest) of one reply, by its length or by chunks; None when the connection ends before it."""
    while b"\r\n\r\n" not in data:
        more = s.recv(65536)
        if not more:
            return None
        data += more
    head, data = data.split(b"\r\n\r\n", 1)
    lines = head.split(b"\r\n")
    status = int(lines[0].split()[1])
    headers = {name.lower().decode(): value.strip().decode() for name, value in (line.split(b":", 1) for line in lines[1:])}
    if status < 200:
        return take_reply(s, data)
    if "chunked" in headers.get("transfer-encoding", ""):
        body = b""
        while True:
            while b"\r\n" not in data:
                data += s.recv(65536)
            size, data = data.split(b"\r\n", 1)
            n = int(size, 16)
            while len(data) < n + 2:
                data += s.recv(65536)
            body, data = body + data[:n], data[n + 2:]
            if n == 0:
                return status, headers, body, data
    n = 0 if status in (204, 304) else int(headers.get("content-length", 0))
    while len(data) < n:
        more = s.recv(65536)
        if not more:
            return None
        data += more
    return status, headers, data[:n], data[n:]


def ask(port, data):
    with connect(port, True) as s:
        s.sendall(data)
        reply = take_reply(s)
        assert reply, "no reply"
        return reply[0], reply[2]


H = b"Host: go.example.com\r\nConnection: close\r\n"


def who_asks_and_how_comes_through(server, port):
    status, body = ask(port, b"GET /echo/a?b=c HTTP/1.1\r\n" + H + b"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7, 8.8.8.8\r\nX-Forwarded-Proto: http\r\n\r\n")
    seen = json.loads(body)
    assert status == 200 and seen["path"] == "/echo/a" and seen["query"] == {"b": "c"}, seen
    assert seen["client"] == "127.0.0.1" and seen["https"], seen  # what a stranger wrote is not believed
    host = next(v for k, v in seen["headers"].items() if k.lower() == "host")
    assert host.split(":")[0] == "go.example.com", host
    assert ask(port, b"GET /metrics HTTP/1.1\r\n" + H + b"\r\n")[0] == 403  # figures are not for strangers


def bodies_come_through_both_ways(server, port):
    for n in (1, 20000, 900000):
        status, body = ask(port, b"POST /echo HTTP/1.1\r\n" + H + b"Content-Length: %d\r\n\r\n" % n + b"x" * n)
        assert status == 200 and json.loads(body)["body"] == n, (n, status, body[:200])
    status, body = ask(port, b"POST /slow-upload HTTP/1.1\r\n" + H + b"Content-Length: 3000000\r\n\r\n" + b"x" * 3000000)
    assert status == 200 and json.loads(body)["bytes"] == 3000000, body[:200]
    status, body = ask(port, b"GET /big?n=3000000 HTTP/1.1\r\n" + H + b"\r\n")
    assert status == 200 and len(body) == 3000000
    before = server.stats()["handled"]  # a body without a length: with one made by the proxy, or refused; never two requests
    status, body = ask(port, b"POST /echo HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    assert status == 501 or (status == 200 and json.loads(body)["body"] == 5), (status, body)
    assert server.stats()["handled"] == before + (status == 200)


def connections_to_us_are_kept(server, port):
    with connect(port, True) as s:
        rest = b""
        for i in range(20):
            s.sendall(b"GET /echo/%d HTTP/1.1\r\nHost: go.example.com\r\n\r\n" % i)
            status, _, body, rest = take_reply(s, rest)
            assert status == 200 and json.loads(body)["segments"] == ["echo", str(i)], body
    assert server.stats()["open"] < 10, server.stats()["open"]


def arrived(server):
    stats = server.stats()
    return stats["handled"] + stats["refused"]


def one_try(server, port, data):
    """How many replies the client got, and how many requests came to us."""
    before, got = arrived(server), b""
    with connect(port) as s:
        s.settimeout(0.5)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            s.sendall(data + NEXT)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                more = s.recv(65536)
                if not more:
                    break
                got += more
            except TimeoutError:
                if arrived(server) - before <= max(got.count(b"HTTP/1.1 "), 1):
                    break  # it waits for the rest of what it took for a request
            except ConnectionResetError:
                break
    replies = got.count(b"HTTP/1.1 ") + got.count(b"HTTP/1.0 ")
    return replies, arrived(server) - before


def one_that_goes_in_is_never_two_that_come_out(server, port):
    wrong = []
    for name, data, *_ in http_hostile_test.REFUSED + http_hostile_test.ANSWERED:
        if name == "refused by begin":
            continue
        for _ in range(3):  # what is so is so each time; what an impatient proxy sent late is not
            replies, ours = one_try(server, port, data)
            if ours <= max(replies, 1):  # one came in, whoever answered; a second one needs a second answer
                break
        else:
            wrong.append(f"{name}: {replies} replies, {ours} requests arrived")
    assert not wrong, "\n".join(wrong)
    for i in range(30):  # nobody's reply is left over for somebody else
        with connect(port) as s:
            s.sendall(b"GET /echo/mine-%d HTTP/1.1\r\nHost: go.example.com\r\nConnection: close\r\n\r\n" % i)
            assert json.loads(take_reply(s)[2])["segments"][1] == f"mine-{i}"


class Visitor(threading.Thread):
    """Posts events through a proxy, one behind the other, over a connection that it keeps."""
    def __init__(self, name, port, token):
        super().__init__(daemon=True)
        self.who, self.port, self.token = name, port, token
        self.over, self.answered, self.failures = threading.Event(), 0, []

    def run(self):
        s, rest, n = None, b"", 0
        while not self.over.is_set():
            body = json.dumps({"email": f"{self.who}@example.com", "verb": "page.view", "key": f"{self.who}-{n}"}).encode()
            n += 1
            try:
                s = s or connect(self.port, True)
                s.sendall(b"POST /v1/events HTTP/1.1\r\nHost: go.example.com\r\nAuthorization: Bearer " + self.token.encode() +
                          b"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                reply = take_reply(s, rest)
                if not reply or reply[0] != 202:
                    self.failures.append(reply)
                else:
                    self.answered += 1
                rest = reply[3] if reply else b""
                if not reply or reply[1].get("connection") == "close":
                    s.close()
                    s, rest = None, b""
            except OSError as error:
                self.failures.append(repr(error))
                s, rest = None, b""
            time.sleep(0.01)


def reloads_behind_all_of_them_cost_no_request(names):
    with Server(playbook="scripts", config=CHANNEL + 'trusted_proxies = { "127.0.0.1" }\n') as s, contextlib.ExitStack() as stack:
        token = s.token("write")
        visitors = [Visitor(f"{name}{i}", port, token) for name in names for port in [stack.enter_context(running(name, s.port, True))] for i in range(2)]
        for v in visitors:
            v.start()
        for i in range(3):
            until(lambda: all(v.answered > 5 * (i + 1) or v.failures for v in visitors), 120, "visits")
            over = s.log_text().count("generation.over")
            s.process.send_signal(signal.SIGHUP)
            until(lambda: s.log_text().count("generation.over") > over, 120, "the end of the old generation")
        for v in visitors:
            v.over.set()
        for v in visitors:
            v.join()
        assert not any(v.failures for v in visitors), [(v.who, v.failures[:3]) for v in visitors if v.failures]
        count = s.sql("select count(*) from event_key")[0][0]
        assert int(count) == sum(v.answered for v in visitors), (count, [v.answered for v in visitors])


def make_certificate():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{FOLDER}/key.pem", "-out", f"{FOLDER}/cert.pem", "-days", "2",
                    "-subj", "/CN=go.example.com", "-addext", "subjectAltName=DNS:go.example.com"], check=True, capture_output=True)
    both = open(f"{FOLDER}/cert.pem").read() + open(f"{FOLDER}/key.pem").read()
    pathlib.Path(f"{FOLDER}/both.pem").write_text(both)


def checks(names):
    """Each check of each proxy, as functions without arguments."""
    def bind(check, name, tls):
        def run():
            with http_raw.Server("proxy=127.0.0.1") as server, running(name, server.port, tls) as port:
                check(server, port)
        run.__name__ = f"{name}: {check.__name__}"
        return run
    found = [bind(check, name, True) for name in names for check in (who_asks_and_how_comes_through, bodies_come_through_both_ways, connections_to_us_are_kept)]
    found += [bind(one_that_goes_in_is_never_two_that_come_out, name, False) for name in names]

    def reloads():
        reloads_behind_all_of_them_cost_no_request(names)
    return found + [reloads]


if __name__ == "__main__":
    installed = [name for name in PROXIES if shutil.which(name) or pathlib.Path(f"/usr/sbin/{name}").exists()]
    for missing in PROXIES.keys() - set(installed):
        print(f"skip  {missing} is not installed")
    if not installed:
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="nurture-proxy-") as FOLDER:
        pathlib.Path(FOLDER).chmod(0o755)
        make_certificate()
        http_raw.run(checks(sys.argv[1:] or installed))
