#!/usr/bin/python3
"""letters_cut.py [LETTERS [SETTINGS]]: how long a job of so many letters takes in a real server, from the command to the folder that is in its place, and until the server has heard of
each. NURTURE_BUILD and NURTURE_SOURCE as for the integration tests."""
import os
import pathlib
import sys
import time

sys.path.append(str(pathlib.Path(__file__).parents[1] / "integration"))
import letters_test  # noqa: E402
from nurture import until  # noqa: E402


def resident(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) // 1024


def used(pids):
    """Seconds of processor time that these processes and the children they waited for have had."""
    total = 0
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def main():
    count, settings = int(sys.argv[1]) if len(sys.argv) > 1 else 100000, sys.argv[2] if len(sys.argv) > 2 else 'letters = "none"'
    with letters_test.Post(f'cut = "by hand", {settings}') as s:
        s.fill(count)
        s.sql("update lead set updated_at = now() - interval '1 hour'; analyze lead; analyze touch; analyze directmail.letter")  # who waits has waited
        process, databases = s.workers("delivery")[0], s.tree(s.postgres_left()[0])
        before = used([process]), used(databases)
        began, most, job, spent = time.monotonic(), 0, s.cut(), {}
        while (now := s.jobs(f"/{job}")[1]).get("state") == "cutting":
            most = max(most, resident(process))
            spent[now.get("phase", "?")] = spent.get(now.get("phase", "?"), 0) + 0.1
            time.sleep(0.1)
        cut = time.monotonic() - began
        mine, theirs = used([process]) - before[0], used(set(databases) | set(s.tree(s.postgres_left()[0]))) - before[1]
        print(f"{count} letters: cut in {cut:.1f} s ({count / cut:.0f} a second); processor: {mine:.1f} s the channel's process, {theirs:.1f} s PostgreSQL; {most} MB")
        until(lambda: s.sql("select count(*) from directmail.letter where state <> 'sent' or not told") == [["0"]], seconds=600, what="the news")
        print(f"told in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
