#!/usr/bin/python3
"""Turns in the real server: quick, never lost, and at --time-scale 86400 each mail on its right day."""
import os
import pathlib
import random
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from nurture import Server, run_tests, until  # noqa: E402

SEED = int(os.environ.get("NURTURE_SEED", "7"))
EMAIL = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Us <us@example.com>" }'

SMALL = {
    "playbook.lua": 'playbook "small" { title = "Small", time_zone = "UTC", language = "en", postal_address = "1 Road, Town" }\n'
                    'consent "email" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n'
                    'asset "guide" { title = "Guide", kind = "white-paper", topic = "x", url = "https://example.com/guide" }\n',
    "scoring/nurture.lua": 'model "nurture" { title = "What it does", from = 0, to = 1000,\n'
                           '  rule "read" { on "asset.download", points = 1, each = "time", max = 1000 },\n}\n',
}

TIMED = {
    **{k: v for k, v in SMALL.items() if k == "playbook.lua"},
    "campaigns/timed.lua": 'campaign "timed" { title = "Timed", enter = on "asset.download",\n'
                           '  step "first"  { day(1),  email "hello" { hours = "any" } },\n'
                           '  step "third"  { day(3),  email "hello" { hours = "any" } },\n'
                           '  step "soon"   { wait "90 minutes", email "hello" { hours = "any" } },\n'
                           '  step "tenth"  { day(10), email "hello" { hours = "any" } },\n'
                           '  step "last"   { day(30), email "hello" { hours = "any" } },\n}\n',
    "templates/email/hello.md": "---\nsubject: Hello\n---\nHello.\n",
}


class Small(Server):
    def __init__(self, files, **more):
        super().__init__(**more)
        for path, text in files.items():
            file = self.folder / "playbook" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.conf.write_text(self.conf.read_text() + f'playbook = "{self.folder}/playbook"\n')

    def publish(self):
        self.run("publish", self.folder / "playbook", "-m", "test", "--yes")
        self.write = self.token("write")

    def events(self, lines):
        status, body = self.request("POST", "/v1/events", "\n".join(lines), self.write, {"Content-Type": "application/x-ndjson"})[:2]
        assert status == 202, (status, body)


def download(n, key):
    return '{"email": "lead%d@example.com", "verb": "asset.download", "subject": "guide", "key": "%s"}' % (n, key)


def test_an_event_is_scored_at_once_and_how_fast_is_printed():
    with Small(SMALL) as server:
        server.publish()
        server.events([download(0, "warm")])
        until(lambda: server.sql("select points from score where name = 'nurture'") == [["1"]], 20, "the first score")
        took = []
        for n in range(5):
            begun = time.monotonic()
            server.events([download(n + 1, f"k{n}")])
            until(lambda: len(server.sql("select 1 from score where name = 'nurture'")) == n + 2, 20, "the score")
            took.append(time.monotonic() - begun)
        print(f"      {sorted(took)[2] * 1000:.0f} ms in the middle, asked by psql", flush=True)


def test_a_lead_with_a_flood_of_events_holds_nobody_up_and_every_event_counts():
    with Small(SMALL) as server:
        server.publish()
        left = 0
        for part in range(6):  # the others are through before the flood is; where the machine is too quick to see that, a larger flood
            for _ in range(2 + part):
                server.events([download(1, "").replace(', "key": ""', "")] * 9500)
            server.lead({"email": f"other{part}@example.com"}, server.write)
            left = int(server.sql("select count(*) from inbox")[0][0])
            until(lambda: server.sql("select count(*) from inbox") == [["0"]], 60, "the flood's end")
            if left:
                break
        print(f"      {left} events of the flood were left when another lead's turn was done", flush=True)
        assert left, "the other leads were through only when the flood was"
        assert server.sql("select points from score where name = 'nurture' order by points desc limit 1") == [["1000"]]


def cpu_ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def test_an_idle_engine_and_an_idle_channel_cost_almost_nothing():
    with Small(SMALL, config=EMAIL) as server:
        server.publish()
        time.sleep(3)
        pids = server.workers("engine") + server.workers("delivery")
        before = sum(cpu_ticks(pid) for pid in pids)
        time.sleep(5)
        share = (sum(cpu_ticks(pid) for pid in pids) - before) / os.sysconf("SC_CLK_TCK") / 5
        print(f"      {share * 100:.1f} % of a processor for both", flush=True)
        assert share < 0.3, "they are busy with nothing"  # a loop that spins takes a whole one


def test_an_engine_killed_at_any_moment_turns_every_event_once():
    rng = random.Random(SEED)
    leads, rounds = 200, 12
    with Small(SMALL) as server:
        server.publish()
        for turn in range(rounds):
            server.events([download(n, f"{n}.{turn}") for n in range(leads)])
            time.sleep(rng.random() * 0.3)
            if turn % 3 == 1:
                for pid in server.workers("engine"):
                    os.kill(pid, signal.SIGKILL)
        until(lambda: server.sql("select count(*) from inbox") == [["0"]], 240, "an empty inbox")  # a lead waits a minute after a worker died in its turn
        assert server.sql("select count(*) from event where verb = 'asset.download'") == [[str(leads * rounds)]]
        assert server.sql("select points, count(*) from score where name = 'nurture' group by 1") == [[str(rounds), str(leads)]]


def test_three_engines_share_the_leads_and_what_one_leaves_the_others_take():
    rng = random.Random(SEED)
    leads, rounds = 200, 12
    with Small(SMALL, config="workers = { web = 1, engine = 3 }") as server:
        server.publish()
        until(lambda: len(server.sql("select owner from shard_lease where role = 'engine' group by owner having count(*) between 20 and 23")) == 3, 60,
              "an even share")
        for turn in range(rounds):
            server.events([download(n, f"{n}.{turn}") for n in range(leads)])
            if turn % 4 == 1:
                os.kill(rng.choice(server.workers("engine")), signal.SIGKILL)
            time.sleep(rng.random() * 0.2)
        until(lambda: server.sql("select count(*) from inbox") == [["0"]], 240, "an empty inbox")  # a lead waits a minute after a worker died in its turn
        assert server.sql("select points, count(*) from score where name = 'nurture' group by 1") == [[str(rounds), str(leads)]]


def test_an_engine_killed_in_the_minute_in_which_all_fall_due_advances_everyone_once_with_one_touch_each():
    leads = 700  # more of a shard than a sweep takes
    with Small(TIMED, config=EMAIL) as server:
        server.publish()
        server.events([download(n, f"k{n}") for n in range(leads)])
        standing = "select count(*) from enrollment where step = 'third' and touch_id is null"
        until(lambda: server.sql(standing) == [[str(leads)]], 240, "everyone before the third day")
        server.sql("update enrollment set due_at = now() where step = 'third'")  # nobody looks at it before its wake
        # rows of these shards are somebody else's just now: all who save stand in the middle of their transactions
        with server.holding("select from enrollment where shard < 48 for update"):
            server.sql("update lead_wake set wake_at = now()")
            until(lambda: server.sql("select count(*) > 0 from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.application_name = 'engine.writes'") == [["t"]],
                  60, "a turn in the middle of its save")
            died = server.log_text().count("worker.died")
            os.kill(server.workers("engine")[0], signal.SIGKILL)
            until(lambda: server.log_text().count("worker.died") > died, 60, "the master's notice")
        until(lambda: server.sql(standing) == [["0"]] and server.sql("select count(*) from touch where state <> 'sent'") == [["0"]], 240, "everyone's third day")
        rows = server.sql("select step, passes, touches, count(*) from (select t.step, t.pass as passes, count(*) over (partition by enrollment_id, t.step) as touches"
                          " from touch t) x group by 1, 2, 3 order by 1")
        assert rows == [["first", "1", "1", str(leads)], ["third", "1", "1", str(leads)]], rows
        assert len(server.mails()) == 2 * leads


def timeline(server):
    return server.sql("select t.step, extract(epoch from t.due_at - e.entered_at) / 86400, t.state, t.over_at = t.due_at"
                      " from touch t join enrollment e using (shard, enrollment_id) order by t.due_at, t.touch_id")


def test_at_a_day_a_second_each_mail_goes_out_on_its_day_to_the_microsecond_and_a_restart_goes_on():
    with Small(TIMED, config=EMAIL, args=("--time-scale", "86400")) as server:
        server.publish()
        begun = time.monotonic()
        server.events([download(n, f"k{n}") for n in range(20)])
        until(lambda: len(server.mails()) >= 60, 60, "three mails each")
        server.stop()
        stood = server_clock(server)
        time.sleep(3)
        server.start()
        until(lambda: len(server.mails()) >= 100, 90, "five mails each")
        took = time.monotonic() - begun
        rows = timeline(server)
        assert len(rows) == 100 and all(row[2] == "sent" for row in rows), rows
        # (the first is due when its event comes in, and time may be on its way just then)
        assert all(row[3] == "t" for row in rows if row[0] != "first"), [row for row in rows if row[3] != "t"]
        for step, days in (("first", (0, 0)), ("third", (2, 2)), ("soon", (2.0624, 2.0626)), ("tenth", (9, 9)), ("last", (29, 29))):
            of_step = [float(row[1]) for row in rows if row[0] == step]
            assert len(of_step) == 20 and all(days[0] - 0.1 <= day <= days[1] + 0.1 for day in of_step), (step, of_step)
        assert stood
        print(f"      thirty days in {took:.0f} s, with a restart", flush=True)


def server_clock(server):
    """Time stands while the server is down: what the data says is not later than the clock."""
    text = server.log_text()
    return "clock.keeper" in text


def test_data_that_is_ahead_refuses_an_unscaled_start():
    with Small(TIMED, config=EMAIL, args=("--time-scale", "86400")) as server:
        server.publish()
        server.events([download(0, "k")])
        until(lambda: len(server.mails()) >= 2, 30, "two mails")
        server.stop()
        server.args = []
        server.start(wait=False)
        until(lambda: server.process.poll() is not None, 30, "the refusal")
        assert server.process.returncode == 1 and "future" in server.log_text()


if __name__ == "__main__":
    run_tests(globals())
