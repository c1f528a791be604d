"""Ports of loopback for servers of tests that run side by side.

A port is this process's until it ends, and lies below those that the kernel gives to clients: neither another test nor a connection takes it between
free_port() and the server's own bind."""
import contextlib
import fcntl
import os
import pathlib
import random
import socket
import tempfile

HELD = []  # open locks; the kernel lets them go with the process
FOLDER = pathlib.Path(tempfile.gettempdir(), f"nurture-test-ports-{os.geteuid()}")


def client_ports_begin():
    with contextlib.suppress(OSError, ValueError):
        return int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    return 32768


def free_port():
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    end = max(client_ports_begin(), 20000)
    for port in iter(lambda: random.SystemRandom().randrange(10000, end), None):  # a test's own seed gives the same numbers again and again
        lock = open(FOLDER / str(port), "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as s:
                s.bind(("127.0.0.1", port))
            HELD.append(lock)
            return port
        except OSError:  # another test's, or some server's
            lock.close()
