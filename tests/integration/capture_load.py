#!/usr/bin/env python3
"""Capture at its size, with figures: a million rows in and out, a file of a gigabyte, no database for a minute, a form at one byte a second. Called by
etc/soak.sh --capture; what it says of correctness and memory fails, what it says of speed is only told.

    capture_load.py [--rows N] [--away SECONDS] [--only NAME,…]"""
import argparse
import contextlib
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback

from nurture import Server, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from postgres import Postgres  # noqa: E402

MB = 1 << 20
MEMORY = 100  # MB that an import, an export or a worker may take
PLAYBOOK = """playbook "x" { title = "X", time_zone = "UTC" }
consent "email" { default = "opt-out", unknown = "opt-out" }
form "demo" { title = "Demo", ask = { "email" }, thanks = "Thank you." }
model "fit" { from = 0, to = 100, rule "known company" { lead { company = known }, points = 10 }, rule "read" { on "page.view", points = 1, each = "time", max = 20 } }
grades "main" { model = "fit", A = 75, B = 50, C = 25, D = 0 }
"""
MAP = "return { email = '{email}', fields = { first_name = 'first_name', last_name = 'last_name', company = 'company', country = 'country' } }"


@contextlib.contextmanager
def serving(config="", database=None):
    s = Server(config=config + (f'\ndatabase = "{database.conninfo}"' if database else ""))
    book = s.folder / "playbook"
    book.mkdir()
    (book / "playbook.lua").write_text(PLAYBOOK)
    (s.folder / "map.lua").write_text(MAP)
    s.conf.write_text(s.conf.read_text() + f'playbook = "{book}"\n')
    with s:
        yield s


def row(n):
    return f"lead{n}@company{n % 50000}.example,First{n % 997},Last{n},Company {n % 50000},{('US', 'DE', 'GB')[n % 3]}\n"


def write_rows(path, count):
    with open(path, "w", encoding="utf-8") as out:
        out.write("email,first_name,last_name,company,country\n")
        for start in range(0, count, 10000):
            out.write("".join(row(n) for n in range(start, min(count, start + 10000))))
    return path


def highest_mb(pids):
    """The most memory of their own that any of these had at once."""
    most = 0
    for pid in pids:
        with contextlib.suppress(OSError, StopIteration):
            most = max(most, int(next(line.split()[1] for line in open(f"/proc/{pid}/status") if line.startswith("VmHWM"))) // 1024)
    return most


class Watching:
    """Looks at processes until it is told to end."""

    def __init__(self, pids):
        self.pids, self.most, self.over = pids, 0, threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self):
        while not self.over.wait(0.2):
            self.most = max(self.most, highest_mb(self.pids()))

    def end(self):
        self.over.set()
        self.thread.join()
        return self.most


def tell(what, **figures):
    print(f"   {what}: " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items()), flush=True)


def drained(s, database, count, what):
    began = time.monotonic()
    ask = "select count(*) from inbox"
    until(lambda: (database.sql(ask).strip() if database else s.sql(ask)[0][0]) == "0", 7200, what)
    seconds = time.monotonic() - began
    tell(what, seconds=f"{seconds:.1f}", rate=f"{count / max(seconds, 0.001):.0f}/s")


def a_million_rows_in_and_out(options):
    with serving() as s:
        file = write_rows(s.folder / "rows.csv", options.rows)
        command = s.command("import", file, "--map", s.folder / "map.lua", "--json")
        began, done, kills, most = time.monotonic(), 0, 0, 0
        while True:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=s.folder)
            watching = Watching(lambda pid=process.pid: s.tree(pid))
            if kills < 2:  # twice in the middle, then to the end
                wanted = options.rows * (kills + 1) // 3
                until(lambda: process.poll() is not None or int(s.sql("select coalesce(max(progress), 0) from job where kind = 'import'")[0][0]) >= wanted, 7200, "rows")
                process.send_signal(signal.SIGKILL)
                kills += 1
            out = process.communicate()[0]
            most = max(most, watching.end())
            if process.returncode == 0:
                done = json.loads(out)
                break
            assert process.returncode == -signal.SIGKILL, process.returncode
        seconds = time.monotonic() - began
        tell("import", rows=options.rows, kills=kills, seconds=f"{seconds:.1f}", rate=f"{options.rows / seconds:.0f}/s", memory_of_the_command=f"{most} MB")
        assert most < MEMORY, f"the import took {most} MB"
        assert done["rejected"] == 0, done
        counts = s.sql("select (select count(*) from lead), (select count(*) from event where verb = 'lead.create'), "
                       "(select count(distinct lead_id) from event where verb = 'lead.create'), (select count(*) from event where verb = 'lead.update')")[0]
        assert counts == [str(options.rows)] * 3 + ["0"], counts
        drained(s, None, options.rows, "its turns")
        assert s.sql("select count(*) from score where name = 'fit' and points = 10") == [[str(options.rows)]]
        tell("engine", memory=f"{highest_mb(s.workers('engine'))} MB")
        for form in ("csv", "ndjson"):
            began = time.monotonic()
            path = s.folder / f"out.{form}"
            process = subprocess.Popen(s.command("export", "--format", form, "--output", path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=s.folder)
            watching = Watching(lambda pid=process.pid: s.tree(pid))
            assert process.wait() == 0
            most, seconds = watching.end(), time.monotonic() - began
            with open(path, "rb") as lines:
                count = sum(chunk.count(b"\n") for chunk in iter(lambda f=lines: f.read(MB), b""))
            assert count == options.rows + (form == "csv"), count
            assert most < MEMORY, f"the export took {most} MB"
            tell(f"export {form}", seconds=f"{seconds:.1f}", rate=f"{options.rows / seconds:.0f}/s", bytes=path.stat().st_size, memory=f"{most} MB")
            path.unlink()


def post_big(s, token, size):
    """POST /v1/imports of so many bytes, made while they are sent; what is answered, as early as it comes."""
    block = "".join(row(n) for n in range(20000)).encode()
    head = b"email,first_name,last_name,company,country\n"
    with socket.create_connection(("127.0.0.1", s.port), 600) as c:
        c.sendall(f"POST /v1/imports HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\nContent-Length: {size}\r\n\r\n".encode())
        left, part = size, head
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while left:
                c.settimeout(0)
                with contextlib.suppress(BlockingIOError):
                    if c.recv(1, socket.MSG_PEEK):
                        break
                c.settimeout(600)
                c.sendall(part[:left])
                left -= min(left, len(part))
                part = block
        c.settimeout(600)
        answer = http.client.HTTPResponse(c)
        answer.begin()
        return answer.status, json.loads(answer.read()), size - left


def a_file_of_a_gigabyte(options):
    size = 1 << 30
    with serving("import_limit = 512") as s:
        status, body, sent = post_big(s, s.token("write"), size)
        tell("over the limit", status=status, sent=f"{sent // MB} MB", said=body.get("detail"))
        assert status == 413 and "512" in body["detail"], body
        assert not list((s.data / "uploads").glob("*")) if (s.data / "uploads").exists() else True
    with serving("import_limit = 2048") as s:
        token = s.token("write")
        for pid in s.workers("engine"):
            os.kill(pid, signal.SIGSTOP)  # its rows are not the question
        before = highest_mb(s.workers("web"))
        watching = Watching(lambda: s.workers("web"))
        began = time.monotonic()
        status, body, sent = post_big(s, token, size)
        most, seconds = watching.end(), time.monotonic() - began
        tell("taken", status=status, seconds=f"{seconds:.1f}", rate=f"{sent / MB / seconds:.0f} MB/s", web=f"{before} MB before, {most} MB at most")
        assert status == 202 and sent == size and most < before + 16, (status, body, most)
        assert s.request("DELETE", f"/v1/imports/{body['import']}", None, token)[0] == 200
        for pid in s.workers("engine"):
            os.kill(pid, signal.SIGCONT)
        until(lambda: s.get(f"/v1/imports/{body['import']}", token)[1]["state"] == "cancelled", 300, "the end of it")


class Posters:
    """Clients that post events with keys until they are told to end, and remember what was acknowledged."""

    def __init__(self, s, token, count=8):
        self.s, self.token, self.over = s, token, threading.Event()
        self.taken, self.later, self.waited, self.odd = [], 0, 0.0, []
        self.threads = [threading.Thread(target=self.post, args=(i,)) for i in range(count)]
        for thread in self.threads:
            thread.start()

    def post(self, who):
        n = 0
        while not self.over.is_set():
            n += 1
            key, began = f"key-{who}-{n}", time.monotonic()
            try:
                status, _, headers = self.s.request("POST", "/v1/events", {"email": f"p{who}@example.com", "verb": "page.view", "subject": "/", "key": key}, self.token)
            except OSError as error:
                self.odd.append(repr(error))
                continue
            self.waited = max(self.waited, time.monotonic() - began)
            if status == 202:
                self.taken.append(key)
            elif status == 503 and "Retry-After" in headers:
                self.later += 1
                time.sleep(random.random() / 5)
            else:
                self.odd.append(status)

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def no_database_for_a_minute(options):
    rows = min(options.rows, 300000)
    with Postgres() as database, serving(database=database) as s:
        token = s.token("write")
        file = write_rows(s.folder / "rows.csv", rows)
        importing = subprocess.Popen(s.command("import", file, "--map", s.folder / "map.lua", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=s.folder)
        posters = Posters(s, token)
        until(lambda: int(database.sql("select coalesce(max(progress), 0) from job where kind = 'import'")) >= rows // 4, 600, "rows")
        until(lambda: len(posters.taken) > 50, 600, "events")
        database.stop("immediate")
        before = len(posters.taken)
        time.sleep(options.away)
        during = len(posters.taken) - before
        database.start()
        until(lambda: len(posters.taken) > before + during + 200, 600, "events after it")
        out, err = importing.communicate(timeout=3600)
        ran_again = 0
        while importing.returncode != 0:  # the command may give up: run again, it goes on
            ran_again += 1
            assert ran_again < 5, (out, err)
            importing = subprocess.Popen(s.command("import", file, "--map", s.folder / "map.lua", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=s.folder)
            out, err = importing.communicate(timeout=3600)
        posters.end()
        kept = database.sql("select count(*) from event where verb = 'page.view'").strip()
        tell("away", seconds=options.away, acknowledged=len(posters.taken), kept=kept, told_to_come_later=posters.later, longest_wait=f"{posters.waited:.1f} s",
             import_run_again=ran_again)
        assert not posters.odd, posters.odd[:5]
        assert int(kept) >= len(posters.taken), "an acknowledged event is gone"
        assert int(kept) <= len(posters.taken) + posters.later, "an event that nobody sent"
        counts = database.sql("select (select count(*) from lead where email like 'lead%'), (select count(*) from event where verb = 'lead.create' and subject = 'import'),"
                              " (select count(*) from event where verb = 'lead.update')").strip()
        assert counts == f"{rows}|{rows}|0", counts
        drained(s, database, rows, "its turns")


def a_form_at_one_byte_a_second(options):
    with serving() as s:
        body = b"email=slow%40example.com&x=" + b"y" * 1000
        with socket.create_connection(("127.0.0.1", s.port), 120) as c:
            c.sendall(f"POST /f/demo HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            began, answer = time.monotonic(), b""
            c.settimeout(1)
            for byte in body:
                with contextlib.suppress(OSError):
                    c.send(bytes([byte]))
                try:
                    answer = c.recv(4096)
                    break
                except TimeoutError:
                    pass
            seconds = time.monotonic() - began
        tell("slow form", closed_after=f"{seconds:.0f} s", answer=answer.split(b"\r\n")[0].decode())
        assert answer.startswith(b"HTTP/1.1 408"), answer
        assert s.sql("select count(*) from lead") == [["0"]] and s.get("/healthz")[0] == 200


def main():
    tests = {f.__name__: f for f in (a_million_rows_in_and_out, a_file_of_a_gigabyte, no_database_for_a_minute, a_form_at_one_byte_a_second)}
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--away", type=float, default=60)
    parser.add_argument("--only", default=",".join(tests), help="which: " + ", ".join(tests))
    options = parser.parse_args()
    failed = 0
    for name in options.only.split(","):
        print(f"== {name.replace('_', ' ')}", flush=True)
        try:
            tests[name](options)
        except Exception:  # noqa: BLE001: each is judged alone
            failed += 1
            traceback.print_exc()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
