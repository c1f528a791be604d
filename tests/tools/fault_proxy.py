#!/usr/bin/python3
"""A TCP proxy that breaks connections as networks do: at once, at an octet, or after a pattern; in one direction.

    with FaultProxy(("127.0.0.1", 25)) as proxy:
        proxy.plan(Fault("reset", way="up", after=b"\\r\\n.\\r\\n"))   # the next connection
        proxy.always(Fault("slow", way="down", rate=1))                # each new one, until clear()
        proxy.strike("hole")                                           # all that are open now
        proxy.refuse(True)                                             # nobody answers at the address

As a program it obeys lines of JSON on a unix socket, each answered by one line ({"ok": true} or {"error": …}); the calls
are those above, a fault is an object of its arguments with text as latin-1:

    fault_proxy.py --target 127.0.0.1:25 [--listen 127.0.0.1:0] --control /tmp/proxy.sock
    {"plan": {"kind": "cut", "way": "up", "at": 4096}}   {"strike": "reset"}   {"refuse": false}   {"clear": true}   {"state": true}

An address is (host, port), or the path of a unix socket (that of PostgreSQL, for one)."""
import argparse
import asyncio
import dataclasses
import json
import os
import signal
import socket
import struct
import sys
import threading

KINDS = {
    "cut": "both ways are closed",
    "reset": "both sides get RST",
    "hole": "nothing passes any more, either way, and nobody is told",
    "slow": "`rate` octets a second, this way",
    "half": "this way is closed, the other stays open",
}
WAYS = {"up": "from the client to the target", "down": "from the target to the client"}
PIECE = 65536


@dataclasses.dataclass
class Fault:
    """What happens to one connection once `at` octets have passed this way, or once `after` has (that included)."""
    kind: str
    way: str = "up"
    at: int = None
    after: bytes = None
    rate: float = 1.0

    def __post_init__(self):
        if self.kind not in KINDS or self.way not in WAYS:
            raise ValueError(f"a fault is one of {', '.join(KINDS)} on the way {' or '.join(WAYS)}: {self}")
        if isinstance(self.after, str):
            self.after = self.after.encode("latin-1")
        if self.at is None and self.after is None:
            self.at = 0


class Link:
    """One connection of a client and ours to the target. Lives on the loop's thread."""

    def __init__(self, proxy, client, fault):
        self.proxy, self.fault = proxy, fault
        self.ends = {"up": client, "down": None}  # where each way begins
        self.passed = {"up": 0, "down": 0}
        self.tail = b""                           # of what has passed the fault's way: as long as its pattern
        self.slow = set()
        self.closed = None                        # the way that a half-close has ended
        self.hole = asyncio.Event()
        self.struck = False

    def quiet_part(self, way, piece):
        """How much of a piece passes before the fault strikes; None: all of it, and it does not strike."""
        fault = self.fault
        if not fault or self.struck or fault.way != way:
            return None
        if fault.after is not None:
            seen = self.tail + piece
            end = seen.find(fault.after)
            keep = len(fault.after) - 1
            if end < 0:
                self.tail = seen[-keep:] if keep else b""
                return None
            return end + len(fault.after) - len(self.tail)
        left = fault.at - self.passed[way]
        return left if left <= len(piece) else None

    async def write(self, way, piece):
        writer = self.ends["down" if way == "up" else "up"][1]
        if way not in self.slow:
            writer.write(piece)
            await writer.drain()
            self.passed[way] += len(piece)
            return
        for octet in piece:
            await asyncio.sleep(1 / self.fault.rate)
            writer.write(bytes([octet]))
            await writer.drain()
            self.passed[way] += 1

    async def pump(self, way):
        reader, other = self.ends[way][0], self.ends["down" if way == "up" else "up"][1]
        if self.fault and self.fault.way == way and self.fault.at == 0 and not self.struck:
            self.strike(self.fault.kind, way)
        while piece := await reader.read(PIECE):
            if self.hole.is_set():
                await asyncio.Event().wait()  # until the task is cancelled; what was read is lost
            quiet = self.quiet_part(way, piece)
            if quiet is not None:
                await self.write(way, piece[:quiet])
                self.strike(self.fault.kind, way)
                piece = piece[quiet:]
            if self.hole.is_set() or self.closed == way:
                continue
            await self.write(way, piece)
        if self.closed != way and not self.hole.is_set():
            other.write_eof()

    def strike(self, kind, way):
        self.struck = True
        self.proxy.strikes += 1
        if kind == "hole":
            self.hole.set()
        elif kind == "half":
            self.closed = way
            self.ends["down" if way == "up" else "up"][1].write_eof()
        elif kind == "slow":
            self.slow.add(way)
        else:
            self.close(kind == "reset")
            raise asyncio.CancelledError

    def close(self, reset=False):
        for end in self.ends.values():
            if not end:
                continue
            raw = end[1].get_extra_info("socket")
            if reset and raw is not None and raw.family != socket.AF_UNIX:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if reset:
                end[1].transport.abort()
            else:
                end[1].close()

    async def run(self, target):
        try:
            self.ends["down"] = await connect(target)
        except OSError:
            self.close(reset=True)
            return
        ways = [asyncio.ensure_future(self.pump(way)) for way in WAYS]
        try:
            await asyncio.gather(*ways)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for task in ways:
                task.cancel()
            self.close()


async def connect(address):
    if isinstance(address, str):
        return await asyncio.open_unix_connection(address)
    reader, writer = await asyncio.open_connection(*address)
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return reader, writer


class FaultProxy:
    """Runs on a thread of its own; every call may be made from any thread and returns when it has been done."""

    def __init__(self, target, listen=("127.0.0.1", 0)):
        self.target, self.listen = target, listen
        self.links, self.planned, self.each = {}, [], None
        self.accepted = self.strikes = 0
        self.server = None
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.call(self.open())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if not self.thread.is_alive():
            return
        self.call(self.end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    # -- what tests say --
    def plan(self, *faults):
        """For the next connections, one each, in this order; None: that one is left alone."""
        self.loop.call_soon_threadsafe(self.planned.extend, faults)

    def always(self, fault):
        """For each new connection that has none of its own."""
        async def set_it():
            self.each = fault
        self.call(set_it())

    def clear(self):
        """New connections are left alone; those that are struck stay so."""
        async def forget():
            self.each, self.planned = None, []
        self.call(forget())

    def strike(self, kind):
        """All open connections, now: cut, reset or hole. How many they were."""
        if kind not in ("cut", "reset", "hole"):
            raise ValueError(f"{kind} needs a way: plan it for a connection")
        return self.call(self.strike_all(kind))

    def refuse(self, on=True):
        """Whether the address answers at all. Open connections are left alone."""
        self.call(self.shut() if on else self.open())

    def open_links(self):
        return len(self.links)

    # -- on the loop --
    async def open(self):
        if self.server:
            return
        if isinstance(self.listen, str):
            if os.path.exists(self.listen):
                os.unlink(self.listen)
            self.server = await asyncio.start_unix_server(self.serve, self.listen)
            os.chmod(self.listen, 0o777)
        else:
            self.server = await asyncio.start_server(self.serve, *self.listen, backlog=500)
            self.listen = self.server.sockets[0].getsockname()[:2]  # the same again after refuse()
        self.port = None if isinstance(self.listen, str) else self.listen[1]

    async def shut(self):
        if self.server:
            self.server.close()
        self.server = None
        if isinstance(self.listen, str) and os.path.exists(self.listen):
            os.unlink(self.listen)

    async def end(self):
        await self.shut()
        await self.strike_all("cut")
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def strike_all(self, kind):
        struck = list(self.links.items())
        for link, task in struck:
            self.strikes += 1
            link.struck = True
            if kind == "hole":
                link.hole.set()
            else:
                link.close(kind == "reset")
                task.cancel()
        return len(struck)

    async def serve(self, reader, writer):
        self.accepted += 1
        link = Link(self, (reader, writer), self.planned.pop(0) if self.planned else self.each)
        self.links[link] = asyncio.current_task()
        try:
            await link.run(self.target)
        except asyncio.CancelledError:
            pass
        finally:
            del self.links[link]
            link.close()


def fault_of(said):
    return said and Fault(**said)


def obey(proxy, line):
    """One line of the control socket."""
    said = json.loads(line)
    if not isinstance(said, dict) or len(said) != 1:
        raise ValueError("one call a line: {\"CALL\": ARGUMENT}")
    call, argument = next(iter(said.items()))
    calls = {
        "plan": lambda: proxy.plan(*map(fault_of, argument if isinstance(argument, list) else [argument])),
        "always": lambda: proxy.always(fault_of(argument)),
        "strike": lambda: proxy.strike(argument),
        "refuse": lambda: proxy.refuse(bool(argument)),
        "clear": proxy.clear,
        "state": lambda: {"open": proxy.open_links(), "accepted": proxy.accepted, "strikes": proxy.strikes},
    }
    if call not in calls:
        raise ValueError(f"{call} is not one of {', '.join(calls)}")
    return calls[call]()


def control(proxy, path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{path}.new")
        server.listen(5)
        os.rename(f"{path}.new", path)  # whoever sees it can connect
        while True:
            connection = server.accept()[0]
            with connection, connection.makefile("rw") as lines:
                for line in lines:
                    try:
                        answer = {"ok": obey(proxy, line) or True}
                    except (ValueError, TypeError) as error:
                        answer = {"error": str(error)}
                    print(json.dumps(answer), file=lines, flush=True)


def address(text):
    host, _, port = text.rpartition(":")
    return text if "/" in text else (host, int(port))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--target", required=True, type=address, help="HOST:PORT or the path of a unix socket")
    parser.add_argument("--listen", type=address, default=("127.0.0.1", 0))
    parser.add_argument("--control", required=True, help="path of the unix socket to make")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with FaultProxy(options.target, options.listen) as proxy:
        print(proxy.port or proxy.listen, flush=True)
        try:
            control(proxy, options.control)
        finally:
            os.unlink(options.control)


if __name__ == "__main__":
    main()
