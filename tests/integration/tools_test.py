#!/usr/bin/python3
"""The tools that other tests break things with (tests/tools) do what they say: else a fault test could pass without a fault."""
import contextlib
import json
import pathlib
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
import time

from nurture import run_tests, until

TOOLS = pathlib.Path(__file__).resolve().parents[1] / "tools"
sys.path.insert(0, str(TOOLS))
from fault_proxy import Fault, FaultProxy  # noqa: E402
from smtp_sink import Drop, Sink, read_log  # noqa: E402


@contextlib.contextmanager
def echo():
    """A server that sends back what it gets, and notes how each connection ended."""
    ends = []

    def serve(connection):
        got = b""
        with connection:
            try:
                while piece := connection.recv(65536):
                    got += piece
                    connection.sendall(piece)
                ends.append(("eof", got))
                connection.sendall(b"bye")
            except OSError as error:
                ends.append((type(error).__name__, got))

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listener.getsockname()[:2], ends
        finally:
            listener.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def proxied(*faults):
    with echo() as (address, ends), FaultProxy(address) as proxy:
        proxy.plan(*faults)
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=60) as client:
            yield client, ends, proxy


def read_all(client):
    got = b""
    while piece := client.recv(65536):
        got += piece
    return got


def test_without_a_fault_all_octets_pass_both_ways():
    data = bytes(range(256)) * 8192
    with proxied() as (client, ends, proxy):
        sender = threading.Thread(target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR)))
        sender.start()
        assert read_all(client) == data + b"bye"
        sender.join()
        assert ends == [("eof", data)] and proxy.strikes == 0


def test_a_cut_comes_behind_the_very_octet():
    with proxied(Fault("cut", at=1000)) as (client, ends, proxy):
        client.sendall(b"x" * 5000)
        read_all(client)
        until(lambda: ends, 60, "the end")
        assert len(ends[0][1]) == 1000 and proxy.strikes == 1, ends


def test_a_pattern_is_found_across_pieces():
    with proxied(Fault("cut", after=b"\r\n.\r\n")) as (client, ends, _):
        for piece in (b"hello\r", b"\n", b".", b"\r\nmore"):
            client.sendall(piece)
            time.sleep(0.05)
        read_all(client)
        until(lambda: ends, 60, "the end")
        assert ends[0][1] == b"hello\r\n.\r\n", ends


def test_a_reset_is_a_reset_on_both_sides():
    with proxied(Fault("reset", way="down", at=3)) as (client, ends, _):
        client.sendall(b"abcdef")
        time.sleep(0.1)
        try:
            while client.recv(100):
                pass
            raise AssertionError("a clean end")
        except ConnectionResetError:
            pass
        with contextlib.suppress(OSError):
            client.sendall(b"more")
        until(lambda: ends, 60, "the end")
        assert ends[0][0] == "ConnectionResetError", ends


def test_a_hole_is_silent_and_open():
    with proxied(Fault("hole", at=4)) as (client, ends, proxy):
        client.sendall(b"abcdef")
        client.settimeout(0.5)
        got = b""
        try:
            while True:
                got += client.recv(100)
        except TimeoutError:
            pass
        assert len(got) <= 4 and not ends and proxy.open_links() == 1
        client.sendall(b"nobody hears this")


def test_a_slow_way_brings_an_octet_at_a_time():
    with proxied(Fault("slow", way="down", rate=20)) as (client, _, _):
        began = time.monotonic()
        client.sendall(b"0123456789")
        got = b""
        while len(got) < 10:
            got += client.recv(100)
        assert time.monotonic() - began > 0.4


def test_half_a_close_leaves_the_other_way_open():
    with proxied(Fault("half", at=5)) as (client, ends, _):
        client.sendall(b"01234")
        assert read_all(client) == b"01234bye"
        assert ends == [("eof", b"01234")]


def test_open_connections_can_be_struck_and_the_address_can_be_gone():
    with proxied() as (client, ends, proxy):
        client.sendall(b"a")
        assert client.recv(1) == b"a"
        proxy.refuse()
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", proxy.port), timeout=60)
            raise AssertionError("it answers")
        assert proxy.strike("cut") == 1
        assert client.recv(1) == b""
        proxy.refuse(False)
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=60) as again:
            again.sendall(b"b")
            assert again.recv(1) == b"b"


def test_unix_sockets_are_addresses_too():
    with echo() as (address, _), tempfile.TemporaryDirectory() as folder:
        with FaultProxy(address, f"{folder}/s") as outer, FaultProxy(f"{folder}/s") as inner:
            with socket.create_connection(("127.0.0.1", inner.port), timeout=60) as client:
                client.sendall(b"through both")
                assert client.recv(100) == b"through both"
            assert outer.accepted == 1


def test_the_proxy_obeys_its_control_socket():
    with echo() as (address, ends), tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/control"
        process = subprocess.Popen([sys.executable, TOOLS / "fault_proxy.py", "--target", f"{address[0]}:{address[1]}", "--control", path],
                                   stdout=subprocess.PIPE, text=True)
        try:
            port = int(process.stdout.readline())
            until(lambda: pathlib.Path(path).exists(), 5, "the socket")
            with socket.socket(socket.AF_UNIX) as control:
                control.settimeout(60)
                control.connect(path)
                lines = control.makefile("rw")

                def say(**call):
                    print(json.dumps(call), file=lines, flush=True)
                    return json.loads(lines.readline())
                assert say(plan={"kind": "cut", "after": "stop"}) == {"ok": True}
                assert "error" in say(plan={"kind": "melt"}) and "error" in say(dance=1)
                with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
                    client.sendall(b"go stop here")
                    read_all(client)
                until(lambda: ends, 60, "the end")
                assert ends[0][1] == b"go stop" and say(state=True)["ok"]["strikes"] == 1
        finally:
            process.terminate()
            process.wait(60)


def send(port, count, drops=()):
    """Sends messages over one connection as long as it holds; returns the numbers that were accepted."""
    accepted = []
    for number in range(count):
        with contextlib.suppress(smtplib.SMTPException, OSError):
            with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
                smtp.sendmail("a@example.com", f"b{number}@example.com", f"Message-ID: <{number}@x>\r\n\r\nhello\r\n.dot\r\n")
                accepted.append(number)
    return accepted


def test_the_sink_has_on_disk_what_it_said_yes_to():
    with tempfile.TemporaryDirectory() as folder:
        log = f"{folder}/log"
        process = subprocess.Popen([sys.executable, TOOLS / "smtp_sink.py", "--log", log], stdout=subprocess.PIPE, text=True)
        try:
            port = int(process.stdout.readline())
            accepted = []
            threads = [threading.Thread(target=lambda: accepted.append(send(port, 20))) for _ in range(5)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            process.kill()  # no chance to write anything more
            process.wait(60)
            process.stdout.close()
        kept = list(read_log(log))
        assert len(kept) == sum(map(len, accepted)) == 100
        assert all(octets.endswith(b"\r\n\r\nhello\r\n.dot\r\n") for _, _, octets in kept)
        assert {message_id for _, message_id, _ in kept} == {f"<{n}@x>" for n in range(20)}


def test_an_unfinished_record_was_never_accepted():
    with tempfile.NamedTemporaryFile() as log:
        log.write(b"16 a@example.com\nMessage-ID: <1>\n17 b@example.com\nMessage-ID:")
        log.flush()
        assert [(r, m) for r, m, _ in read_log(log.name)] == [("a@example.com", "<1>")]


def test_the_sink_can_drop_before_and_after_its_answer():
    def rule(stage, argument, connection):
        if stage == where:
            raise Drop
    for where, kept, answered in (("final", 0, 0), ("answer", 3, 0), ("said", 3, 3)):
        with Sink(rule) as sink:
            assert len(send(sink.port, 3)) == answered and len(sink.messages) == kept, where
            assert len(list(read_log(sink.log))) == kept


if __name__ == "__main__":
    run_tests(dict(globals()))
