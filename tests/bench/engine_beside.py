#!/usr/bin/env python3
"""Live events turned into saved scores while all leads are scored again: a server with its engine on, a crowd of leads, and a walk that never ends.

    engine_beside.py [RATE, default 5000 [SECONDS, default 10 [LEADS, default 100000 [ENGINES, default 1]]]]

RATE events a second are posted, half a thousand a request, each a download by a lead drawn by lots, under a playbook of 20 rules without campaigns; a walk
is begun as soon as the one before is over. Printed: events taken in, events whose turn was committed when the last one was posted, how long the rest took,
milliseconds from posting to the commit of the changed score (PostgreSQL's track_commit_timestamp), leads walked meanwhile, CPU time; the same once more
without a walk, for comparison."""
import datetime
import http.client
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "integration")]
from nurture import BUILD, Server, until  # noqa: E402
from web_latency import cpu  # noqa: E402

PIECE, FIRST = 500, 100000  # events a request; the crowd's first lead (tests/tools/crowd.h)
VERBS = ("page.view", "asset.download", "email.click", "webinar.attend")
ASSETS = ("security-guide", "ten-questions", "case-study", "price-list")


def playbook(folder):
    rules = "\n".join(f'  rule "r{i}" {{ on "{VERBS[i % 4]}" {{ at_least = {1 + i // 4} }}, points = {1 + i % 5}, each = "time", max = 2000 }},' for i in range(20))
    (folder / "playbook.lua").write_text(
        'playbook "beside" { title = "Beside", time_zone = "UTC" }\n' +
        'field "need" { type = "choice", choices = { "critical", "planned", "curious" } }\n'
        'field "timing" { type = "choice", choices = { "now", "six_months", "later" } }\nfield "budget" { type = "choice", choices = { "exists", "requested", "building" } }\n' +
        "".join(f'asset "{a}" {{ title = "A", kind = "white-paper", url = "https://example.com/{a}" }}\n' for a in ASSETS) +
        f'model "nurture" {{ title = "What", from = 0, to = 100000,\n{rules}\n}}\ngrades "main" {{ model = "nurture", A = 300, B = 200, C = 100, D = 0 }}\n')


class Feed:
    """Posts RATE events a second in pieces, each at its moment; late ones at once."""

    def __init__(self, server, token, rate, seconds, leads):
        self.server, self.token, self.leads, self.random = server, token, leads, random.Random(1)
        self.pieces, self.gap = int(rate * seconds / PIECE), PIECE / rate
        self.accepted = 0

    def lead(self):
        n = FIRST + self.random.randrange(self.leads)
        return n << 6 | n & 63

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        begin = time.monotonic()
        for piece in range(self.pieces):
            time.sleep(max(0, begin + piece * self.gap - time.monotonic()))
            now = datetime.datetime.now(datetime.timezone.utc).isoformat()
            body = "\n".join(f'{{"lead": {self.lead()}, "verb": "asset.download", "subject": "{ASSETS[i % 4]}", "at": "{now}"}}' for i in range(PIECE))
            connection.request("POST", "/v1/events", body, {"Authorization": f"Bearer {self.token}", "Content-Type": "application/x-ndjson"})
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 202, (answer.status, text)
            self.accepted += json.loads(text)["accepted"]
        return time.monotonic() - begin


def waiting(s):
    return int(s.sql("select count(*) from inbox where lane = 0")[0][0])


def walked(s):
    return int(re.search(r"^nurture_rescored_total (\d+)$", s.get("/metrics")[1], re.MULTILINE).group(1))


def keep_walking(s, over):
    while not over.is_set():
        if s.sql("select count(*) from job where kind = 'rescore' and state in ('waiting', 'running')") == [["0"]]:
            s.run("rescore")
        over.wait(0.2)


def measure(s, token, rate, seconds, leads, walks):
    over, walker, since = threading.Event(), None, s.sql("select clock_timestamp()")[0][0]
    if walks:
        walker = threading.Thread(target=keep_walking, args=(s, over))
        before = walked(s)
        walker.start()
        until(lambda: walked(s) > before, what="the first page")
    before, spent = walked(s), cpu(s)
    feed = Feed(s, token, rate, seconds, leads)
    took = feed.run()
    left, done, leads_walked = waiting(s), time.monotonic(), walked(s) - before
    until(lambda: waiting(s) == 0, 600, "the last turn")
    drained = time.monotonic() - done
    spent = {k: (v - spent.get(k, 0)) / (took + drained) for k, v in cpu(s).items()}
    over.set()
    if walker:
        walker.join()
        until(lambda: s.sql("select count(*) from job where kind = 'rescore' and state in ('waiting', 'running')") == [["0"]], 600, "the end of the walk")
    print(f"{'beside a walk' if walks else 'alone'}: {feed.accepted / took:.0f} events/s taken in, {(feed.accepted - left) / took:.0f}/s turned into saved scores; "
          f"{left} left, done {drained:.1f} s later" + (f"; {leads_walked / took:.0f} leads/s walked meanwhile" if walks else ""))
    row = s.sql("select count(*), " + ", ".join(f"percentile_disc({p}) within group (order by ms)" for p in (0.5, 0.95, 0.99, 1)) +
                " from (select extract(epoch from pg_xact_commit_timestamp(c.xmin) - e.at) * 1000 as ms from score_change c join event e on e.shard = c.shard "
                f"and e.event_id = c.event_id where not c.is_grade and e.received_at > '{since}') x")[0]
    print(f"  posted to score saved, {row[0]} of them, milliseconds: " +
          ", ".join(f"{w} {float(v):.0f}" for w, v in zip(("median", "p95", "p99", "worst"), row[1:])))
    print("  cores used: " + ", ".join(f"{k} {v:.2f}" for k, v in sorted(spent.items(), key=lambda x: -x[1]) if v >= 0.01))


def main():
    rate, seconds, leads, engines = (list(map(int, sys.argv[1:])) + [5000, 10, 100000, 1][len(sys.argv) - 1:])[:4]
    with tempfile.TemporaryDirectory() as root:
        pathlib.Path(root).chmod(0o755)
        playbook(pathlib.Path(root))
        server = Server(playbook=root, config=f"workers = {{ engine = {engines} }}\nconnections_per_address = 1000")
    with server as s:
        s.sql("alter system set track_commit_timestamp = on")
        s.stop()
        s.start()
        until(lambda: s.sql("select count(*) from job where kind = 'rescore' and state in ('waiting', 'running')") == [["0"]], what="the end of the first walk")
        subprocess.run([BUILD / "tools/crowd", f"host={s.data}/run user=nurture_owner dbname=nurture", str(leads), "20", "1"], check=True, capture_output=True)
        s.run("rescore")
        until(lambda: s.sql("select count(*) from job where kind = 'rescore' and state in ('waiting', 'running')") == [["0"]], 600, "the first scores")
        token = s.token("track")
        for walks in (False, True):
            measure(s, token, rate, seconds, leads, walks)


if __name__ == "__main__":
    main()
