#!/usr/bin/python3
"""calls_queue.py [CALLS [AGENTS [CLAIMS_A_SECOND [SECONDS [OUTCOMES]]]]]: a queue of many calls in a real server, and agents who ask for the next at a fixed pace, whether answers come
soon or not (an open loop: what is late counts as late). OUTCOMES percent of the calls that were got are ended at once (100); what is not ended stays in hand, so each claim is then of
another line. Prints the latency of `next`, and that no call was given twice; beside it, from the same loop and in the same seconds, of `select 1` in one connection and of a
commit that writes one line to the log (the raw limits of a round trip and of a disk on this machine now: a claim is both), asked for at a fixed pace like the claims. The queue has stood for
a while: what filled it is on the disk before. SLOW=20 in the environment prints what the database logged as slower than so many milliseconds. Figures, never pass or fail by time."""
import asyncio
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import calls_test  # noqa: E402
from nurture import BUILD, until  # noqa: E402

CALLS, AGENTS, RATE, SECONDS, OUTCOMES = [int(a) for a in sys.argv[1:6]] + [100_000, 500, 200, 15, 100][len(sys.argv) - 1:]
SELECT, COMMIT = b"select 1;\n", b"select pg_logical_emit_message(true, '', 'x');\n"


def fill(s):
    """Leads of a crowd, a touch each that stands queued, and its row in the plugin's table, as a delivery leaves them."""
    conninfo = f"host={s.data}/run user=nurture_owner dbname=nurture"
    subprocess.run([BUILD / "tools/crowd", conninfo, str(CALLS), "10"], check=True, stdout=subprocess.DEVNULL)
    s.sql(f"update lead set phone = '+4930' || (1000000 + lead_id), time_zone = '{s.zone}', country = 'DE'")
    s.sql("insert into touch (shard, touch_id, lead_id, campaign, step, pass, channel, kind, template, purpose, state, planned_at, due_at, attempts, revision) "
          "select shard, lead_id, lead_id, 'ring', 'call', 1, 'calls', 'call', 'ask', 'marketing', 'queued', now(), now(), 1, (select encode(revision, 'hex') from activation limit 1) from lead"
          if s.sql("select data_type from information_schema.columns where table_name = 'activation' and column_name = 'revision'") == [["bytea"]] else
          "insert into touch (shard, touch_id, lead_id, campaign, step, pass, channel, kind, template, purpose, state, planned_at, due_at, attempts, revision) "
          "select shard, lead_id, lead_id, 'ring', 'call', 1, 'calls', 'call', 'ask', 'marketing', 'queued', now(), now(), 1, (select revision from activation limit 1) from lead")
    s.sql("insert into telemarketing.call (channel, touch_id, lead_id, attempt, campaign, step, script, priority, points, number, own_needs, needs, state, rank, queued_at, ready_at) "
          "select 'calls', lead_id, lead_id, 1, 'ring', 'call', 'ask', 'normal', 0, lead_id, '', '', 'ready', (random() * 1e15)::bigint, 1, 1 from lead")
    s.sql("vacuum analyze")
    s.sql("checkpoint")
    os.sync()  # else the system writes what filled the queue during the measurement, and each commit waits behind that


class Line:
    """One agent's kept-alive connection."""
    def __init__(self, port, token, name):
        self.port, self.token, self.name = port, token, name

    async def open(self, number):
        # a hundred agents an address: the server takes 256 connections of one
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(f"127.0.1.{1 + number // 100}", 0))
        self.busy = asyncio.Lock()

    async def post(self, path, body, name=None):
        text = json.dumps({**body, "agent": name or self.name}).encode()
        self.writer.write(f"POST /v1/channels/calls/{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.token}\r\n"
                          f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        return int(head.split()[1]), json.loads(await self.reader.readexactly(length))


async def probe(s, statement, raw, over):
    """The statement, fifty times a second, by one session that is open; counted from the moment at which each was due, as claims are: what stands still for long keeps many waiting."""
    session = await asyncio.create_subprocess_exec(*s.psql, "-XAtq", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd="/")
    due = time.perf_counter()
    while not over:
        await asyncio.sleep(max(0, due - time.perf_counter()))
        waited = [due]
        while (due := due + 0.02) <= time.perf_counter():
            waited.append(due)
        session.stdin.write(statement)
        await session.stdout.readline()
        raw += [time.perf_counter() - moment for moment in waited]
    session.stdin.close()
    await session.wait()


def slow_statements(s, milliseconds):
    """From now on the database's log has what took longer; gives it, longest first."""
    log = s.data / "run/postgres.log"
    begin = log.stat().st_size
    s.sql(f"alter system set log_min_duration_statement = {milliseconds}")
    s.sql("alter system set log_line_prefix = '%m %a '")
    s.sql("alter system set log_lock_waits = on")
    s.sql("alter system set deadlock_timeout = '20ms'")
    s.sql("alter system set log_checkpoints = on")
    s.sql("alter system set log_autovacuum_min_duration = 0")
    s.sql("select pg_reload_conf()")
    return lambda: log.read_bytes()[begin:].decode(errors="replace")


async def work(s, lines, taken, delays, raw, bad):
    async def one(i, line, due):
        async with line.busy:
            ends = i * OUTCOMES % 100 + OUTCOMES >= 100
            name = line.name if OUTCOMES == 100 else f"line-{i}"
            status, body = await line.post("calls/next", {}, name)
            delays.append((time.perf_counter() - due, due))
            if status != 200 or not body["call"]:
                bad.append((status, body))
                return
            taken.append(body["call"]["id"])
            if not ends:
                return
            status, body = await line.post(f"calls/{body['call']['id']}/outcome", {"disposition": "no_answer"}, name)
            if status != 200:
                bad.append((status, body))

    for number, line in enumerate(lines):
        await line.open(number)
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -15)  # agents sit at machines of their own: what measures does not wait for a core of the server's
    over = []
    probing = [asyncio.create_task(probe(s, statement, times, over)) for statement, times in raw.items()]
    start, tasks = time.perf_counter() + 0.2, []
    for i in range(RATE * SECONDS):
        due = start + i / RATE
        await asyncio.sleep(max(0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(i, lines[i % len(lines)], due)))
    await asyncio.gather(*tasks)
    over.append(True)
    await asyncio.gather(*probing)
    return time.perf_counter() - start


def seconds_of(pids):
    return sum(sum(int(x) for x in pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]) for pid in pids) / os.sysconf("SC_CLK_TCK")


def main():
    with calls_test.Floor() as s:
        fill(s)
        lines = [Line(s.port, s.write, f"agent-{i}") for i in range(AGENTS)]
        taken, delays, raw, bad = [], [], {SELECT: [], COMMIT: []}, []
        slow = slow_statements(s, int(os.environ["SLOW"])) if "SLOW" in os.environ else None
        pids = {"plugin": s.workers("delivery"), "web": s.workers("web"), "engine": s.workers("engine"), "database": [p for m in s.postgres_left() for p in s.tree(m)]}
        before = {name: seconds_of(p) for name, p in pids.items()}
        zero = time.time() - time.perf_counter()
        took = asyncio.run(work(s, lines, taken, delays, raw, bad))
        cpu = {name: (seconds_of([x for x in p if pathlib.Path(f"/proc/{x}").exists()]) - before[name]) * 1e6 / max(1, len(taken)) for name, p in pids.items()}
        worst = sorted(delays, reverse=True)[:len(delays) // 100]
        delays = sorted(delay for delay, _ in delays)
        for times in raw.values():
            times.sort()
        at = lambda q, of=delays: of[min(len(of) - 1, int(len(of) * q))] * 1000  # noqa: E731
        print(f"{CALLS:,} queued, {AGENTS} agents, {RATE}/s asked for {SECONDS} s, {OUTCOMES} % ended: {len(taken) / took:.0f}/s got; ms p50 {at(.5):.1f} p95 {at(.95):.1f} p99 {at(.99):.1f} "
              f"most {delays[-1] * 1000:.1f}; twice {len(taken) - len(set(taken))}; not got {len(bad)} {bad[:1]}")
        for name, times in (("select 1", raw[SELECT]), ("a commit", raw[COMMIT])):
            print(f"{name} meanwhile: ms p50 {at(.5, times):.1f} p95 {at(.95, times):.1f} p99 {at(.99, times):.1f} most {times[-1] * 1000:.1f}")
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        if slow:
            print(slow())
            for delay, due in sorted(worst, key=lambda one: one[1]):
                print(f"late: {time.strftime('%H:%M:%S', time.gmtime(zero + due))}.{int((zero + due) * 1000) % 1000:03d} + {delay * 1000:.0f} ms")
        print("CPU a call, µs: " + ", ".join(f"{name} {micros:.0f}" for name, micros in cpu.items()))
        until(lambda: s.sql("select count(*) from telemarketing.call where state = 'done'") == [["0"]], what="all news recorded")


if __name__ == "__main__":
    main()
