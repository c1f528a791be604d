"""What the fault tests and the soak share: a server under load with its outside, the faults themselves, and the oracle behind each.

Those of wires stand in faults_wire.py, those of disks, clocks and files in faults_room.py.

A fault is a function fault_NAME(field, random): it makes load, breaks something at random moments, waits until the server has come
to rest, and lets the oracle judge all that ever happened in this field. It must leave the server running and whole."""
import concurrent.futures
import contextlib
import http.client
import itertools
import os
import pathlib
import pwd
import random
import re
import shutil
import signal
import sys
import threading
import time

from nurture import SERVICE_USER, SOURCE, Server, small_disk, until

sys.path[:0] = [str(SOURCE / "tests/oracle"), str(SOURCE / "tests/tools")]
from fault_proxy import Fault, FaultProxy  # noqa: E402
from oracle import ADDS, adds_of, Oracle, Received, received_in_maildir  # noqa: E402
from postgres import Postgres  # noqa: E402
from smtp_sink import Drop, Sink, Stall  # noqa: E402

CONNECTIONS = 5      # of the mail channel: at most so many touches are on the wire
UNSUBSCRIBE = re.compile(rb"List-Unsubscribe:\s*<http://[^/]+(/u/[^>\s]+)>", re.IGNORECASE)
DEADLINES = "{ connect = 2, greeting = 2, command = 2, data = 2, body = 2, final = 3, idle = 20 }"


def needs(kind):
    """Marks a fault that only one kind of field can meet (see soak.py)."""
    def mark(fault):
        fault.needs = kind
        return fault
    return mark


class Field:
    """A server that mails to a sink, and what a careful client of it remembers. With a database of its own (database), that is reached
    through a proxy which breaks connections (wire); so is the sink (mail_wire). relay = "maildir" has an outbox instead of the sink."""

    def __init__(self, seed=1, in_doubt="hold", database=None, relay="smtp"):
        self.random = random.Random(seed)
        self.mode = lambda stage, body, connection: None   # what the sink does just now
        self.slow = (0.0, 0.0)                              # seconds before each answer to a message
        self.sink = Sink(self.rule, bodies=False)
        self.mail_wire = FaultProxy(("127.0.0.1", self.sink.port))
        self.wire = FaultProxy(f"{database.folder}/.s.PGSQL.5432") if database else None
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()
        self.acknowledged, self.offered, self.unavailable = [], [], 0
        self.kills = 0
        self.show = True                                    # every line of the oracle, not only those that fail
        relay = f"smtp://127.0.0.1:{self.mail_wire.port}" if relay == "smtp" else "maildir:outbox"
        config = f'channel "email" {{ plugin = "email", relay = "{relay}", tls = "none", from = "N <n@example.com>",' \
            f' connections = {CONNECTIONS}, in_doubt = "{in_doubt}", deadlines = {DEADLINES} }}'
        if database:
            config += f'\ndatabase = "host=127.0.0.1 port={self.wire.port} user=nurture dbname=nurture"'
        self.server = Server("tests/data/faults", config=config)
        self.log_disk = self.clock = None
        self.outbox = None if relay.startswith("smtp") else self.server.data / "outbox"
        self.database = database
        self.psql = database.psql if database else self.server.psql

    def __enter__(self):
        try:
            self.server.start()
            self.oracle().watch()
            if not self.database:
                self.sql("alter system set track_commit_timestamp = on")
                self.server.stop()
                self.server.start()
            self.token, self.reader = self.server.token("write"), self.server.token("read")
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *error):
        try:
            self.server.__exit__(*error)
        finally:
            self.mail_wire.close()
            self.sink.close()
            if self.wire:
                self.wire.close()

    # -- the outside --
    def rule(self, stage, argument, connection):
        if stage == "final" and self.slow[1]:
            time.sleep(self.random.uniform(*self.slow))
        return self.mode(stage, argument, connection)

    def received(self):
        if self.outbox:
            return received_in_maildir(self.outbox)
        with self.sink.lock:
            return [Received(recipient, message_id) for recipient, message_id, _ in self.sink.messages]

    # -- the inside --
    def sql(self, text):
        return self.oracle().sql(text).strip()

    def count(self, what):
        return int(self.sql(f"select count(*) from {what}"))

    def oracle(self, **more):
        return Oracle(self.psql, self.received, self.acknowledged, self.offered, serving=True, on_the_wire=2 * CONNECTIONS,  # one on each connection, one before it whose answer is not recorded yet
                      kills=self.kills, **more)

    def explain(self, lead):
        status, answer = self.server.get(f"/v1/leads/{lead}/score", self.reader)
        assert status == 200, (lead, status, answer)
        return {**{model["model"]: model["score"] for model in answer["models"]}, ADDS: adds_of(answer)}

    def judge(self, seconds=180):
        """The oracle, and what only this playbook promises: each visit is one point."""
        oracle = self.oracle(explain=self.explain, sample=10)
        oracle.must_hold(settle=seconds, show=self.show)
        wrong = self.sql("""select count(*) from lead l
            left join (select coalesce(d.merged_into, d.lead_id) as lead_id, count(*) n from event join lead d using (shard, lead_id)
              where verb = 'page.view' group by 1) e on e.lead_id = l.lead_id
            left join score s on s.lead_id = l.lead_id and s.name = 'visits'
            where l.merged_into is null and l.erased_at is null and coalesce(s.points, 0) <> coalesce(e.n, 0)""")
        assert wrong == "0", f"{wrong} leads have not one point for each visit"
        self.watch_sizes()

    # -- load --
    def post(self, events, patience=180):
        """Like a careful client: again, with the same keys, until it is answered with 202."""
        lines = [{"verb": verb, "subject": subject, "email": email, "key": key} for verb, subject, email, key in events]
        pairs = [(verb, subject) for verb, subject, _, _ in events if verb == "page.view"]
        with self.lock:
            self.offered += pairs
        end = time.monotonic() + patience
        while True:
            try:
                status, answer, headers = self.server.request("POST", "/v1/events", lines, self.token, timeout=20)
                if status == 202:
                    assert answer["accepted"] + answer["duplicates"] == len(lines), answer
                    with self.lock:
                        self.acknowledged += pairs
                    return
                assert status == 503 and "Retry-After" in headers, f"{status}: neither taken nor put off: {answer} {headers}"
                with self.lock:
                    self.unavailable += 1
            except (OSError, http.client.HTTPException) as error:
                answer = repr(error)  # nobody knows: again, with the same keys
            if time.monotonic() > end:
                raise AssertionError(f"not acknowledged within {patience} s; the last answer: {answer}")
            time.sleep(0.1)

    def visits(self, leads, each=1):
        """Visits of leads, in the form that post() takes."""
        numbers = [next(self.numbers) for _ in range(leads * each)]
        return [("page.view", f"/{n}", f"v{n % leads}@example.com", f"visit-{n}") for n in numbers]

    def enter(self, campaign, leads):
        """New leads that enter a campaign; returns when that is acknowledged."""
        numbers = [next(self.numbers) for _ in range(leads)]
        self.post([("form.submit", campaign, f"l{n}@example.com", f"form-{n}") for n in numbers])

    @contextlib.contextmanager
    def visiting(self, clients=2, each=20, patience=180):
        """Visits all the time."""
        stop = threading.Event()

        def client():
            while not stop.is_set():
                self.post(self.visits(50, each=1)[:each], patience)
                time.sleep(0.02)
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            futures = [pool.submit(client) for _ in range(clients)]
            try:
                yield
            finally:
                stop.set()
        for future in futures:
            future.result()

    # -- hands --
    def worker(self, role, seconds=30):
        return until(lambda: self.server.workers(role), seconds, f"a {role} worker")[0]

    def reload(self):
        """A new generation: its workers have not died yet, so that nothing waits for a back-off."""
        was = set(self.server.workers("delivery"))
        self.server.process.send_signal(signal.SIGHUP)
        until(lambda: (now := set(self.server.workers("delivery"))) and not now & was, 60, "the new generation")
        until(lambda: ready(self), 30, "readiness")

    def watch_sizes(self):
        """Descriptors and memory of each worker stay within bounds."""
        for role in ("web", "engine", "delivery", "jobs"):
            for pid in self.server.workers(role):
                with contextlib.suppress(OSError):
                    files = len(os.listdir(f"/proc/{pid}/fd"))
                    memory = int(re.search(r"RssAnon:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) // 1024
                    assert files < 150 and memory < 200, f"the {role} worker holds {files} descriptors and {memory} MB"

    def set_clock(self, ahead):
        """Of the server and its database, by so many seconds."""
        self.ahead = ahead
        pathlib.Path(self.clock).write_text(f"{ahead:+d}s\n")

    def open_mails(self):
        return self.count("touch where state = any('{planned,deferred,claimed,permitted}') and due_at <= clock_timestamp()")


# -- kinds of fields --

FAKETIME = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
KINDS = {
    "private": "a private database, and a mail server",
    "wired": "a database of somebody else's, behind a proxy that breaks connections",
    "small": "a private database on a disk that is easily full, a log on another",
    "maildir": "a private database, and an outbox on a disk that is easily full",
    "timed": "a private database, and a clock that can be set",
}


def sweep_clocks():
    """Removes what libfaketime left in shared memory for processes that were killed. It names that after the process: a later one of the same
    number, and of another user, finds what it may not open and ends with 1."""
    for entry in pathlib.Path("/dev/shm").glob("*faketime_s?m_*"):
        if not pathlib.Path("/proc", entry.name.rpartition("_")[2]).exists():
            with contextlib.suppress(OSError):  # of somebody else's, or swept by another test
                entry.unlink()


@contextlib.contextmanager
def field_of(kind, **more):
    """A field of that kind; None where this machine cannot have one (no mounts allowed, no libfaketime)."""
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(Postgres()) if kind == "wired" else None
        field = Field(database=database, relay="maildir" if kind == "maildir" else "smtp", **more)
        server, owner = field.server, pwd.getpwnam(SERVICE_USER) if os.geteuid() == 0 else None
        stack.callback(shutil.rmtree, server.folder, ignore_errors=True)
        able = True
        if kind == "small":
            field.log_disk = server.folder / "logs"
            field.log_disk.mkdir()
            able = stack.enter_context(small_disk(server.data, "400m", owner)) and stack.enter_context(small_disk(field.log_disk, "8m"))
            server.log = field.log_disk / "log"
        if kind == "maildir":
            field.outbox.mkdir()
            able = stack.enter_context(small_disk(field.outbox, "4m", owner))
        if kind == "timed":
            able = bool(FAKETIME)
            sweep_clocks()
            stack.callback(sweep_clocks)
            field.clock = server.folder / "clock"
            field.set_clock(0)
            server.environment.update(LD_PRELOAD=str(FAKETIME), FAKETIME_TIMESTAMP_FILE=str(field.clock), FAKETIME_CACHE_DURATION="1",
                                      FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1")
        yield stack.enter_context(field) if able else None


# -- faults --

def kill_sender(field, random, kills, mails=60):
    """kill -9 of the delivery worker at random moments while mail goes out."""
    field.slow, done = (0.01, 0.06), field.kills
    try:
        for number in range(kills):
            if number % 3 == 2:
                field.reload()
            if field.open_mails() < 25:
                field.enter("burst", mails // 3)
            while field.kills < done + number + 1:
                pid = field.worker("delivery")
                before = len(field.sink.messages)
                until(lambda: len(field.sink.messages) > before, 30, "mail on its way")
                time.sleep(random.uniform(0, 0.15))
                with contextlib.suppress(ProcessLookupError):  # of the generation before, and done meanwhile: then the next
                    os.kill(pid, signal.SIGKILL)
                    field.kills += 1
                if field.open_mails() < 25:
                    field.enter("burst", mails // 3)
    finally:
        field.slow = (0.0, 0.0)
    field.reload()
    field.judge()


def fault_kill_sender(field, random):
    kill_sender(field, random, 4)


def fault_kill_engine(field, random, kills=3):
    """kill -9 of the engine worker in the middle of batches."""
    for number in range(kills):
        pid = field.worker("engine")
        field.post(field.visits(150, each=4))
        field.enter("single", 10)
        time.sleep(random.uniform(0, 0.08))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            field.kills += 1
        until(lambda: field.server.workers("engine") not in ([], [pid]), 30, "the next engine worker")
    field.reload()
    field.judge()


def fault_power_cut(field, random):
    """All processes and the database at once; then a new start."""
    field.slow = (0.01, 0.05)
    field.enter("burst", 20)
    field.post(field.visits(50, each=2))
    time.sleep(random.uniform(0.05, 0.4))
    field.server.kill_all()
    field.kills += 1
    field.slow = (0.0, 0.0)
    field.server.start()
    field.judge()


@needs("private")
def fault_stop_database(field, random, stops=2):
    """PostgreSQL stops at once (stop -m immediate) under load; the server brings it up again."""
    with field.visiting():
        field.enter("burst", 10)
        for _ in range(stops):
            time.sleep(random.uniform(0.1, 0.6))
            for postmaster in field.server.postgres_left():
                os.kill(postmaster, signal.SIGQUIT)  # what pg_ctl stop -m immediate sends
            until(lambda: field.server.postgres_left() and ready(field), 60, "the database")
            field.kills += 1  # what was on the wire may come into doubt
    field.judge()


def ready(field):
    with contextlib.suppress(OSError, http.client.HTTPException):
        return field.server.get("/readyz")[0] == 200


def fault_drop_after_data(field, random):
    """The mail server goes away behind the dot: before or after it has kept the message, before or after it has said so."""
    struck = []

    def rule(stage, body, connection):
        if stage in ("final", "answer", "said") and random.random() < 0.2:
            struck.append(stage)
            raise (Drop, Drop, Stall)[random.randrange(3)]
    field.mode = rule
    try:
        field.enter("burst", 15)
        until(lambda: len(struck) > 5, 90, "enough trouble")
    finally:
        field.mode = lambda stage, body, connection: None
    field.kills += len(struck)  # each may bring its touch into doubt
    field.reload()  # a channel that is down would wait longer and longer before it tries again
    field.judge()


def race_withdrawals(field, random, leads):
    """Each lead unsubscribes when its first mail arrives, while the second is on its way."""
    links, done = set(), []
    pool = concurrent.futures.ThreadPoolExecutor(8)

    def unsubscribe(path, wait):
        time.sleep(wait)
        done.append(field.server.request("POST", path, "List-Unsubscribe=One-Click",
                                         headers={"Content-Type": "application/x-www-form-urlencoded"})[0])

    def rule(stage, body, connection):
        if stage == ("answer" if (connection.count + (stage == "final")) % 2 else "final"):  # before or behind the moment at which it is kept
            path = UNSUBSCRIBE.search(body).group(1).decode()
            with field.lock:
                fresh = path not in links
                links.add(path)
            if fresh:
                pool.submit(unsubscribe, path, random.choice((0, 0, 0.005, 0.02)))
    field.mode = rule
    withdrawn = field.count("consent where state = 'withdrawn'")
    try:
        for _ in range(0, leads, 100):
            field.enter("burst", min(100, leads))
        until(lambda: field.count("consent where state = 'withdrawn'") - withdrawn >= leads, 120 + leads, "the last withdrawal")
    finally:
        field.mode = lambda stage, body, connection: None
        pool.shutdown()
    assert set(done) == {200}, set(done)
    field.judge()


def fault_withdrawals(field, random):
    race_withdrawals(field, random, 100)


def wait_one_generation(field):
    until(lambda: all(len(field.server.workers(role)) == 1 for role in ("web", "engine", "delivery", "jobs")), 120, "one generation")
    until(lambda: len(list(pathlib.Path(f"/proc/{field.server.process.pid}/task/{field.server.process.pid}/children").read_text().split())) == 4, 60,
          "the end of the master's errands")


def reload_often(field, times):
    for _ in range(times):
        field.reload()
        wait_one_generation(field)


def master_sizes(field):
    """Descriptors, and kilobytes of memory of its own."""
    pid = field.server.process.pid
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return len(os.listdir(f"/proc/{pid}/fd")), int(re.search(r"RssAnon:\s*(\d+)", status).group(1))


def fault_many_reloads(field, random):
    """Fifty reloads: the master's descriptors and memory are back where they were."""
    reload_often(field, 2)
    before = master_sizes(field)
    reload_often(field, 50)
    after = master_sizes(field)
    assert after[0] == before[0] and after[1] <= before[1] + 1024, f"descriptors and kB of the master: {before} before, {after} after fifty reloads"
    field.judge()


def fault_reloads(field, random):
    """A storm of SIGHUPs under load."""
    with field.visiting():
        field.enter("burst", 10)
        for _ in range(random.randrange(2, 6)):
            field.server.process.send_signal(signal.SIGHUP)
            time.sleep(random.uniform(0, 0.5))
    field.reload()
    field.judge()


def fault_pause(field, random):
    """A worker stands still past its lease (SIGSTOP), and goes on when others have taken over."""
    role = random.choice(("engine", "delivery"))
    field.slow = (0.01, 0.05)
    field.enter("burst", 10)
    field.post(field.visits(50, each=2))
    pid = field.worker(role)
    time.sleep(random.uniform(0, 0.3))
    os.kill(pid, signal.SIGSTOP)
    time.sleep(random.uniform(0.2, 12))
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
    field.slow = (0.0, 0.0)
    field.kills += 1
    field.judge()


def fault_kill_any(field, random):
    """kill -9 of any worker, or of the master alone: its workers end by themselves, and the next start finds the database running."""
    field.slow = (0.01, 0.05)
    role = random.choice(("web", "engine", "delivery", "jobs", "master"))
    with field.visiting():
        field.enter("burst", 10)
        time.sleep(random.uniform(0, 0.5))
        pid = field.server.process.pid if role == "master" else field.worker(role)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        field.kills += 1
        if role == "master":
            field.server.process.wait(30)
            field.server.start()
        time.sleep(0.5)
    field.slow = (0.0, 0.0)
    field.judge()


def fault_terminate_backends(field, random):
    """The database ends single connections under load."""
    with field.visiting():
        field.enter("burst", 15)
        for _ in range(random.randrange(3, 10)):
            time.sleep(random.uniform(0, 0.4))
            field.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'nurture_runtime' order by random() limit 1")
    field.kills += 1
    field.judge()


@needs("private")
def fault_freeze_database(field, random):
    """The whole database stands still, as behind a black hole, for less or more than a lease; then it goes on."""
    frozen = []
    with field.visiting():
        field.enter("burst", 15)
        time.sleep(random.uniform(0, 0.5))
        try:
            for postmaster in field.server.postgres_left():
                for pid in field.server.tree(postmaster):
                    os.kill(pid, signal.SIGSTOP)
                    frozen.append(pid)
            time.sleep(random.choice((1, 4, 14)))
        finally:
            for pid in frozen:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
    field.kills += 1
    field.judge(120)


def fault_locks(field, random):
    """Another session holds a table for a while."""
    table = random.choice(("touch", "event", "inbox", "shard_lease", "lead", "consent", "enrollment"))
    mode = random.choice(("access exclusive", "share row exclusive"))
    with field.visiting():
        field.enter("burst", 15)
        time.sleep(random.uniform(0, 0.3))
        field.sql(f"begin; lock table {table} in {mode} mode; select pg_sleep({random.choice((0.5, 3, 9))}); commit")
    field.kills += 1
    field.judge(120)


REFUSALS = ("421 4.3.2 closing", "451 4.3.0 try again", "452 4.2.2 over quota", "550 5.1.1 no such user", "550 5.7.1 no", "552 5.2.2 full",
            "554 5.7.1 no")


def fault_bad_mail_server(field, random):
    """Wrong answers, hang-ups and silence at every stage."""
    struck = []

    def rule(stage, argument, connection):
        if stage in ("QUIT", "RSET", "said") or random.random() > 0.1:
            return None
        struck.append(stage)
        what = random.randrange(2 if stage == "answer" else 6)  # what it has kept it does not refuse: no client could know
        if what == 0:
            raise Drop
        if what == 1:
            raise Stall
        return random.choice(REFUSALS)
    field.mode = rule
    try:
        field.enter("burst", 20)
        until(lambda: len(struck) > 10, 60, "trouble")
        time.sleep(2)
    finally:
        field.mode = lambda stage, argument, connection: None
    field.kills += len(struck)
    field.reload()
    field.judge()


def faults_of(module):
    return {name[6:]: fault for name, fault in module.items() if name.startswith("fault_")}
