#!/usr/bin/python3
"""letters_cut.py [LETTERS [SETTINGS]]: how long a job of so many letters takes in a real server, from the command to the folder that is in its place, and until the server has heard of
each. NURTURE_BUILD and NURTURE_SOURCE as for the integration tests."""
import pathlib
import sys
import time

sys.path.append(str(pathlib.Path(__file__).parents[1] / "integration"))
import letters_test  # noqa: E402
from nurture import until  # noqa: E402


def resident(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) // 1024


def main():
    count, settings = int(sys.argv[1]) if len(sys.argv) > 1 else 100000, sys.argv[2] if len(sys.argv) > 2 else 'letters = "none"'
    with letters_test.Post(f'cut = "by hand", {settings}') as s:
        s.fill(count)
        s.sql("analyze lead; analyze touch; analyze directmail.letter")
        began, most, job = time.monotonic(), 0, s.cut()
        process = s.workers("delivery")[0]
        while s.jobs(f"/{job}")[1].get("state") == "cutting":
            most = max(most, resident(process))
            time.sleep(0.1)
        cut = time.monotonic() - began
        until(lambda: s.sql("select count(*) from directmail.letter where state <> 'sent' or not told") == [["0"]], seconds=600, what="the news")
        print(f"{count} letters: cut in {cut:.1f} s ({count / cut:.0f} a second), told in {time.monotonic() - began:.1f} s; {most} MB")


if __name__ == "__main__":
    main()
