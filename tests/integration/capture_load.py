#!/usr/bin/env python3
"""Capture at its size, with figures: a million rows in and out, a file of a gigabyte, no database for a minute, 500 answers
a second to forms, a form at one byte a second. Called by
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
        assert not ran_again, "the import did not go on by itself"
        assert int(kept) >= len(posters.taken), "an acknowledged event is gone"
        assert int(kept) <= len(posters.taken) + posters.later, "an event that nobody sent"
        counts = database.sql("select (select count(*) from lead where email like 'lead%'), (select count(*) from event where verb = 'lead.create' and subject = 'import'),"
                              " (select count(*) from event where verb = 'lead.update')").strip()
        assert counts == f"{rows}|{rows}|0", counts
        drained(s, database, rows, "its turns")


FORMS, RATE, CLIENTS = 40, 500, 24  # one form takes 500 at once and then ten a second: so many posts need many forms


class Filling:
    """Clients on connections of their own that fill in forms at a rate together, whatever the answers take; each from another address and network."""

    def __init__(self, s, showings, rate, seconds):
        self.s, self.showings, self.rate, self.count = s, showings, rate, int(rate * seconds)
        self.times, self.answers, self.lock, self.next = [], {}, threading.Lock(), 0
        self.taken = set()
        self.began = time.monotonic()
        threads = [threading.Thread(target=self.fill) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.seconds = time.monotonic() - self.began

    def fill(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.s.port, timeout=120)
        while True:
            with self.lock:
                n, self.next = self.next, self.next + 1
            if n >= self.count:
                break
            due = self.began + n / self.rate
            time.sleep(max(0, due - time.monotonic()))
            form = f"demo{n % FORMS}"
            body = f"form-instance={self.showings[form][n // FORMS % len(self.showings[form])]}&email=f{n}%40form{n % 5000}.example&first_name=F{n}&agree.email=yes"
            connection.request("POST", f"/f/{form}", body, {"Content-Type": "application/x-www-form-urlencoded",
                                                            "X-Forwarded-For": f"{1 + n % 200}.{n // 200 % 250}.{n // 50000}.9"})
            answer = connection.getresponse()
            answer.read()
            with self.lock:
                self.times.append(time.monotonic() - due)
                self.answers[answer.status] = self.answers.get(answer.status, 0) + 1
                if answer.status == 200:
                    self.taken.add(f"f{n}@form{n % 5000}.example")
        connection.close()


def forms_under_load(options):
    forms = "".join(f'form "demo{i}" {{ title = "Demo", ask = {{ "email", "first_name" }}, consent = {{ email = "Yes, write to me." }}, thanks = "Thank you." }}\n'
                    for i in range(FORMS))
    with serving('trusted_proxies = { "127.0.0.1" }') as s:
        book = s.folder / "playbook/forms.lua"
        book.write_text(forms)
        s.run("publish", s.folder / "playbook", "-m", "forms", "--yes")
        seconds = options.form_seconds
        each = int(RATE * seconds) // FORMS // 6 + 1  # a showing takes six answers in ten minutes
        until(lambda: s.request("GET", f"/f/demo{FORMS - 1}", None, None, {"Accept": "application/json"})[0] == 200, what="the forms")
        showings = {f"demo{i}": [s.request("GET", f"/f/demo{i}", None, None, {"Accept": "application/json"})[1]["form-instance"] for _ in range(each)] for i in range(FORMS)}
        time.sleep(2)
        filling = Filling(s, showings, RATE, seconds)
        times = sorted(filling.times)
        tell("forms", asked_for=f"{RATE}/s", posts=filling.count, answers=filling.answers, rate=f"{filling.count / filling.seconds:.0f}/s",
             p50=f"{times[len(times) // 2] * 1000:.0f} ms", p99=f"{times[len(times) * 99 // 100] * 1000:.0f} ms")
        drained(s, None, filling.count, "their turns, behind the last post")
        assert set(filling.answers) == {200}, filling.answers
        kept = {row[0] for row in s.sql("select email from lead where not anonymous and email like 'f%@form%'")}
        assert kept == filling.taken, (len(kept), len(filling.taken))
        counts = s.sql("select (select count(*) from event where verb = 'form.submit'), (select count(*) from consent where channel = 'email' and state = 'granted'), "
                       "(select count(*) from lead where first_name like 'F%')")[0]
        assert counts == [str(filling.count)] * 3, counts


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
    tests = {f.__name__: f for f in (a_million_rows_in_and_out, a_file_of_a_gigabyte, no_database_for_a_minute, forms_under_load, a_form_at_one_byte_a_second)}
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--away", type=float, default=60)
    parser.add_argument("--form-seconds", type=float, default=30)
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
