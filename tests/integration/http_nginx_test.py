#!/usr/bin/python3
"""Behind a real nginx with kept-alive upstream connections: bodies, addresses, clients that leave; and for each hostile request of
http_hostile_test.py the two never disagree: what nginx passed on is what was dispatched or refused, no more."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

import http_hostile_test
from http_raw import Server, read_all, run, wait_until
from ports import free_port

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
CONFIG = """
daemon off; worker_processes 1; pid %(folder)s/pid; error_log %(folder)s/error;
events { worker_connections 256; }
http {
    log_format passed '$upstream_status'; access_log %(folder)s/access passed;
    client_body_temp_path %(folder)s; proxy_temp_path %(folder)s; fastcgi_temp_path %(folder)s; uwsgi_temp_path %(folder)s;
    scgi_temp_path %(folder)s; client_max_body_size 10m;
    upstream nurture { server 127.0.0.1:%(upstream)d; keepalive 8; }
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
    server { listen 127.0.0.1:%(port)d; location / { proxy_pass http://nurture; } }
    server { listen 127.0.0.1:%(patient)d; location / { proxy_pass http://nurture; proxy_ignore_client_abort on; } }
}
"""
H = b"Host: a\r\n"
server = port = patient = folder = None


def connect(to=None):
    s = socket.create_connection(("127.0.0.1", to or port), 60)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def listens():
    try:
        connect().close()
        return True
    except ConnectionRefusedError:
        return False


def ask(data):
    with connect() as s:
        s.sendall(data)
        head, _, body = read_all(s).partition(b"\r\n\r\n")
        return int(head.split()[1]), body


def passed():
    """Upstream statuses of the requests that nginx passed on."""
    with open(folder + "/access") as f:
        return [line.strip() for line in f if line.strip() != "-"]


def addresses_and_bodies_come_through():
    status, body = ask(b"GET /echo/a?b=c HTTP/1.1\r\n" + H + b"X-Forwarded-For: 6.6.6.6\r\nConnection: close\r\n\r\n")
    seen = json.loads(body)
    assert status == 200 and seen["path"] == "/echo/a" and seen["client"] == "6.6.6.6" and not seen["https"], seen
    for n in (1, 20000, 900000):
        status, body = ask(b"POST /echo HTTP/1.1\r\n" + H + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % n + b"x" * n)
        assert status == 200 and json.loads(body)["body"] == n
    status, body = ask(b"POST /echo HTTP/1.1\r\n" + H + b"Connection: close\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2000000)
    assert status == 413


def chunked_uploads_arrive_with_a_length():
    chunks = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    status, body = ask(b"POST /echo HTTP/1.1\r\n" + H + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    assert status == 200 and json.loads(body)["body"] == 11, body


def long_replies_come_whole():
    status, body = ask(b"GET /big?n=3000000 HTTP/1.1\r\n" + H + b"Connection: close\r\n\r\n")
    assert status == 200 and len(body) == 3000000


def who_leaves_is_noticed():
    gone = server.stats()["gone"]
    with connect() as s:
        s.sendall(b"GET /hold HTTP/1.1\r\n" + H + b"\r\n")
        wait_until(lambda: server.stats()["busy"] == 2)
    wait_until(lambda: server.stats()["gone"] == gone + 1)
    server.get("/release")


def nginx_and_we_never_disagree():
    wrong = []
    for name, data, *_ in http_hostile_test.REFUSED + http_hostile_test.ANSWERED:
        before, seen = server.stats(), len(passed())
        with connect(patient) as s:
            try:
                s.sendall(data + http_hostile_test.NEXT)
                s.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError, OSError):
                pass
            read_all(s)
        def ours():  # a request that nginx gave up on is still on its way to us
            after = server.stats()
            more = name == "refused by begin"  # neither handled nor refused by the protocol
            return (after["handled"] - before["handled"]) + (after["refused"] - before["refused"]) + more
        try:
            wait_until(lambda: len(passed()) - seen == ours(), 30)
        except AssertionError:
            wrong.append("%s: nginx passed on %s, %d arrived" % (name, passed()[seen:], ours()))
    assert not wrong, "\n".join(wrong)


if __name__ == "__main__":
    if not os.path.exists(NGINX):
        print("nginx is not installed")
        sys.exit(77)
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o777)
    port, patient = free_port(), free_port()
    try:
        with Server("proxy=127.0.0.1") as server:
            with open(folder + "/conf", "w") as f:
                f.write(CONFIG % {"folder": folder, "port": port, "patient": patient, "upstream": server.port})
            nginx = subprocess.Popen([NGINX, "-p", folder, "-c", folder + "/conf"], stderr=subprocess.DEVNULL)
            try:
                wait_until(listens)
                run([addresses_and_bodies_come_through, chunked_uploads_arrive_with_a_length, long_replies_come_whole,
                     who_leaves_is_noticed, nginx_and_we_never_disagree])
            finally:
                nginx.terminate()
                nginx.wait()
    finally:
        shutil.rmtree(folder)
