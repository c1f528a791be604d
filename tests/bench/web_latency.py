#!/usr/bin/env python3
"""From an event posted to its score saved and its touch planned: a server with its engine on, fed by build/bench/web_events.

    web_latency.py [RATE, default 1000] [SECONDS, default 10] [known]

Each event is a white paper's download by a new lead, which scores and begins the sample playbook's campaign; known: by one of 5,000 leads that have done so before, in turn. `at` is when
the client sent it. When the transaction of its turn committed is what PostgreSQL says (track_commit_timestamp). RATE 0: as fast as 64 connections go, with the engine on; CPU time is counted
until the last turn is over. Two seconds of the same go before, for leads of their own that are not counted: connections plan each statement once."""
import contextlib
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from nurture import BUILD, Server, until  # noqa: E402

CHANNEL = '''
postal_address = "Acme Security, 1 Example Street, 10115 Berlin"
channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }
connections_per_address = 1000
'''
FIGURES = """
select count(*), {0} from (select extract(epoch from pg_xact_commit_timestamp({1}.xmin) - e.at) * 1000 as ms
from event e join {1} using (shard, lead_id) where e.verb = 'asset.download' and e.received_at > '{3}' {2}) x
"""
KNOWN = 5000
PARTS = ", ".join(f"percentile_disc({p}) within group (order by ms)" for p in (0.5, 0.95, 0.99, 1))



def cpu(s):
    """Seconds of CPU by what a process is called, of the server and its database."""
    sums = {}
    for pid in s.tree() + [p for postmaster in s.postgres_left() for p in s.tree(postmaster)]:
        with contextlib.suppress(OSError):
            title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            name = re.search(r"nurture: (\S+)|postgres: (checkpointer|walwriter|background writer|autovacuum worker|nurture \S+)|postgres: .*?(\w+)\(", title)
            ticks = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
            backend = re.match(r"postgres: \S+ \S+ \[local\]", title)
            key = next((g for g in name.groups() if g), "other") if name else "backends" if backend else "other"
            sums[key] = sums.get(key, 0) + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return sums


if __name__ == "__main__":
    known = "known" in sys.argv
    rate, seconds = ([a for a in sys.argv[1:] if a != "known"] + ["1000", "10"][len(sys.argv) - 1 - known:])[:2]
    with Server(playbook="scripts", config=CHANNEL) as s:
        s.sql("alter system set track_commit_timestamp = on")
        s.stop()
        s.start()
        token = s.token("track")
        bench, who = [BUILD / "bench/web_events", str(s.port), token, rate], ["p", str(KNOWN)] if known else []
        if known:
            lines = "".join(f'{{"email":"p{n}@example.com","verb":"asset.download","subject":"security-guide"}}\n' for n in range(KNOWN))
            status, text = s.post("/v1/events", lines, token, headers={"Content-Type": "application/x-ndjson"})
            assert status == 202, (status, text)
            until(lambda: s.sql("select count(*) from inbox") == [["0"]], 300, "the leads")
        subprocess.run(bench + ["2"] + (who or ["warm"]), stdout=subprocess.DEVNULL, check=True)
        until(lambda: s.sql("select count(*) from inbox") == [["0"]], 300, "the first turns")
        since = s.sql("select now()")[0][0]
        before = cpu(s)
        done = subprocess.run([*bench, seconds, *who], stdout=subprocess.PIPE, text=True, check=True)
        print(f"posted {done.stdout.strip()} for {seconds} s, wanted {rate}/s")
        until(lambda: s.sql("select count(*) from inbox") == [["0"]], 300, "the turns")
        events = int(s.sql("select count(*) from event where verb = 'asset.download' and received_at > '%s'" % since)[0][0])
        spent = {k: (v - before.get(k, 0)) * 1e6 / events for k, v in cpu(s).items()}
        print(f"CPU, microseconds an event: {sum(spent.values()):.0f}: " + ", ".join(f"{k} {v:.0f}" for k, v in sorted(spent.items(), key=lambda x: -x[1]) if v >= 1))
        for name, table, where in (("acknowledged", "event_key", None), ("score saved", "score_change", "and score_change.name = 'nurture' and not is_grade"),
                                   ("touch planned", "enrollment_log", "and enrollment_log.touch_id is not null and enrollment_log.step = 'thanks'")):
            if known and where is not None:
                continue  # their walks began before, and not each scores again
            if where is None:
                row = s.sql(f"select count(*), {PARTS} from (select extract(epoch from pg_xact_commit_timestamp(e.xmin) - e.at) * 1000 as ms from event e "
                            f"where verb = 'asset.download' and received_at > '{since}') x")[0]
            else:
                row = s.sql(FIGURES.format(PARTS, table, where, since))[0]
            print(f"{name:14} {row[0]:>8} of them, milliseconds: " + ", ".join(f"{w} {float(v):.0f}" for w, v in zip(("median", "p95", "p99", "worst"), row[1:])))
