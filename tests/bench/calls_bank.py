#!/usr/bin/python3
"""calls_bank.py [NEWEST [LINES]]: a floor that calls the newest contacts of a bank's real campaign (bank-marketing.csv; tests/data/bank/README.md), in the order of a score that was learnt on
the older ones alone; each call ends as it did. Prints which part of all who bought the first half of the calls reached. The data is looked for in $NURTURE_DATA and in ../shared/data."""
import concurrent.futures
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from nurture import SOURCE, Server, until  # noqa: E402

NEWEST, LINES = [int(a) for a in sys.argv[1:3]] + [10_000, 8][len(sys.argv) - 1:]
PLACES = [pathlib.Path(os.environ.get("NURTURE_DATA", ".")) / "bank-marketing.csv", SOURCE.parent / "shared/data/bank-marketing.csv"]
WORDS = {
    "calls.lua": 'script "offer" { title = "The deposit", question "job" { ask = "What do you do?" }, result "bought" {} }\n'
                 'disposition "refused" { label = "Did not buy", means = "refused" }\n',
    "campaigns/deposit.lua": 'campaign "deposit" { title = "The deposit", enter = on "form.submit", again = "always",\n'
                             '  step "call" { call "offer", answers = { bought = "done", otherwise = "done" } },\n'
                             '  step "done" { leave "called" } }\n',
    "templates/call/offer.md": '---\npoints: "{{ score.prospect }}"\n---\n# What do you do?\n\nWould you like the deposit?\n',
}


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def learn(s, older):
    """The score, learnt on the older contacts and their outcomes."""
    (s.folder / "older.csv").write_text(older)
    s.run("import", s.folder / "older.csv", "--map", SOURCE / "tests/data/bank/map.lua", timeout=900)
    until(lambda: s.sql("select count(*) from inbox") == [["0"]], 900, "the scoring of the older")
    s.run("fit", "--model", "prospect", "-o", s.folder / "playbook/scoring/prospect.lua", timeout=900)
    said = s.run("publish", s.folder / "playbook", "-m", "learnt", "--yes", timeout=900).stdout
    return said.splitlines()[-1] if said else ""


def bring(s, newest, zone):
    """The newest, of whom nobody says what became of them; each asks to be called."""
    rows = list(csv.DictReader(io.StringIO(newest)))
    out = io.StringIO()
    table = csv.DictWriter(out, [*rows[0], "phone", "zone"], lineterminator="\n")
    table.writeheader()
    for i, row in enumerate(rows):
        table.writerow({**row, "phone": f"+35121{1000000 + i}", "zone": zone})
    (s.folder / "newest.csv").write_text(out.getvalue())
    words = (SOURCE / "tests/data/bank/map.lua").read_text()
    begin = words.index("  outcome =")
    (s.folder / "map.lua").write_text((words[:begin] + "}\n").replace("fields = {", 'fields = { phone = "phone", time_zone = "zone",'))
    s.run("import", s.folder / "newest.csv", "--map", s.folder / "map.lua", timeout=900)
    until(lambda: s.sql("select count(*) from inbox") == [["0"]], 900, "the scoring of the newest")
    lines = "\n".join(json.dumps({"email": f"contact-{row['contact_id']}@example.com", "verb": "form.submit", "subject": "x"}) for row in rows)
    status, body, _ = s.request("POST", "/v1/events", lines, s.token("write"), {"Content-Type": "application/x-ndjson"})
    assert status == 202, body
    until(lambda: s.sql("select count(*) from telemarketing.call") == [[str(len(rows))]], 900, "the queue")
    return {f"contact-{row['contact_id']}@example.com": row["y"] == "yes" for row in rows}


def work(s, bought, token):
    """Every line takes the next call until there is none; in which order buyers were reached."""
    order, lock = [], threading.Lock()

    def line(name):
        while True:
            status, body = s.post("/v1/channels/calls/calls/next", {"agent": name}, token)
            assert status == 200, body
            call = body["call"]
            if not call:
                return
            yes = bought[call["sheet"]["lead"]["fields"]["email"]]
            with lock:
                order.append(yes)
            status, body = s.post(f"/v1/channels/calls/calls/{call['id']}/outcome", {"agent": name, **({"result": "bought"} if yes else {"disposition": "refused"})}, token)
            assert status == 200, body

    with concurrent.futures.ThreadPoolExecutor(LINES) as pool:
        list(pool.map(line, [f"line{i}" for i in range(LINES)]))
    return order


def main():
    data = next(place for place in PLACES if place.exists())
    dated = subprocess.run([SOURCE / "tests/data/bank/dated.py", data], capture_output=True, check=True, text=True).stdout.splitlines(True)
    hour = time.gmtime().tm_hour
    with Server(playbook="tests/data/bank", config='channel "calls" { plugin = "telemarketing" }') as s:
        write(s.folder / "playbook", WORDS)
        words = (s.folder / "playbook/playbook.lua").read_text()
        (s.folder / "playbook/playbook.lua").write_text(words + 'consent "call" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n')
        s.run("publish", s.folder / "playbook", "-m", "bank", "--yes")
        print(learn(s, "".join(dated[:-NEWEST])), flush=True)
        bought = bring(s, "".join(dated[:1] + dated[-NEWEST:]), f"Etc/GMT{hour - 13:+d}" if hour != 13 else "UTC")
        began = time.monotonic()
        order = work(s, bought, s.token("write"))
        took = time.monotonic() - began
        half, all_buyers = sum(order[:len(order) // 2]), sum(bought.values())
        print(f"{len(order):,} calls on {LINES} lines in {took:.0f} s ({len(order) / took:.0f}/s); {all_buyers:,} would buy; the first half of the calls reached {half:,} of them: "
              f"{100 * half / all_buyers:.1f} %; the first tenth {100 * sum(order[:len(order) // 10]) / all_buyers:.1f} %")
        assert len(order) == len(bought) and sum(order) == all_buyers, (len(order), sum(order))


if __name__ == "__main__":
    main()
