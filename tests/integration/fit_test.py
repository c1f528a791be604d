#!/usr/bin/env python3
"""Fit: points learned from outcomes whose weights are known, because they were invented here; and the page of a backtest in a browser."""
import csv
import datetime
import json
import math
import pathlib
import random
import re
import shutil
import subprocess
import tempfile

from nurture import SOURCE, Server, run_tests, until

HOSTILE = "</title><script>alert(1)</script><img src=//evil.example.com/x>"
MODEL = """
-- Worth a call? By hand.
model "worth" { title = "Worth a call", from = 0, to = 100,
  -- who they are
  rule "big %s" { lead { size = at_least(50) }, points = 1 },   -- learned: strong
  rule "need" { points = choose "need" { now = 9, later = 8 } },
  rule "old" { lead { age = at_least(50) }, points = 10 },
  rule "nobody" { lead { size = at_least(100000) }, points = 5 },
  -- what they do
  rule "reads" { on "page.view", points = 2, each = "time", max = 8 },
  rule "by hand" { points = function(lead) if lead.age then return 1 end return 0 end },
}
model "flat" { from = 0, to = 10, rule "old" { lead { size = at_least(100000) }, points = 10 } }
grades "worth" { model = "worth", A = 60, B = 30, C = 0 }
""" % HOSTILE
FIELDS = 'field "size" { type = "number" }\nfield "age" { type = "number" }\nfield "need" { type = "choice", choices = { "now", "later" } }\n'
MAP = """return { email = "{mail}", at = "since", fields = { size = "size", age = "age", need = "need" }, empty = { "" },
  outcome = { column = "y", won = "yes", event = "opportunity.won", lost = "no", lost_event = "opportunity.lost", at = "called" } }"""
DAY0 = datetime.datetime(2021, 3, 1, tzinfo=datetime.timezone.utc)
LEADS = 1500


def moment(day):
    return (DAY0 + datetime.timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")


def invented():
    """Leads with known weights: big 2.0, need now 1.2, later 0.6, a page view 0.4 up to four; age says nothing."""
    dice = random.Random(11)
    for i in range(LEADS):
        size, age, need, views = dice.choice(["10", "60"]), dice.choice(["30", "60"]), dice.choice(["", "now", "later"]), dice.randint(0, 6)
        total = 2.0 * (size == "60") + {"": 0, "later": 0.6, "now": 1.2}[need] + 0.4 * min(views, 4) - 2.6
        yield {"mail": f"l{i:04d}@example.com", "size": size, "age": age, "need": need, "views": views, "day": i / 2,
               "y": "yes" if dice.random() < 1 / (1 + math.exp(-total)) else "no"}


def write_playbook(folder, model=MODEL, more=""):
    folder.mkdir(exist_ok=True)
    (folder / "playbook.lua").write_text('playbook "t" { time_zone = "UTC" }\n')
    (folder / "fields.lua").write_text(FIELDS)
    (folder / "scoring.lua").write_text(model + more)
    return folder


def server():
    """One for all tests: leads imported, their views told, their turns done, then stopped; commands start the database for their time."""
    if not hasattr(server, "one"):
        s = server.one = Server(playbook=write_playbook(pathlib.Path(tempfile.mkdtemp()) / "playbook"))
        s.run("publish", s.folder / "playbook", "-m", "fit")
        leads = list(invented())
        (s.folder / "map.lua").write_text(MAP)
        (s.folder / "leads.csv").write_text("mail,size,age,need,since,called,y\n" + "".join(
            f'{a["mail"]},{a["size"]},{a["age"]},{a["need"]},{moment(a["day"])},{moment(a["day"] + 20)},{a["y"]}\n' for a in leads))
        s.start()
        done = json.loads(s.run("import", s.folder / "leads.csv", "--map", s.folder / "map.lua", "--json").stdout)
        assert (done["rows"], done["rejected"]) == (LEADS, 0), done
        token = s.token("write")
        lines = [json.dumps({"email": a["mail"], "verb": "page.view", "subject": f"/p{k}", "at": moment(a["day"] + 1 + k)}) for a in leads for k in range(a["views"])]
        lines += [json.dumps({"email": a["mail"], "verb": "page.view", "subject": "/late", "at": moment(a["day"] + 30)}) for a in leads if a["y"] == "no" for _ in "123"]
        for at in range(0, len(lines), 500):
            status, body = s.post("/v1/events", "\n".join(lines[at:at + 500]), token, headers={"Content-Type": "application/x-ndjson"})
            assert status == 202, body
        until(lambda: s.sql("select count(*) from inbox") == [["0"]], 180, "the turns of all")
        s.leads = leads
        s.active = s.sql("select revision from activation order by activation desc limit 1")[0][0]
    return server.one


def auc_of(rows):
    won, lost = ([float(row["score"]) for row in rows if row["outcome"] == said] for said in ("1", "0"))
    return sum((a > b) + (a == b) / 2 for a in won for b in lost) / (len(won) * len(lost))


def fit(*args, check=True):
    return server().run("fit", "--model", "worth", *args, check=check)


def rules_of(result):
    return {rule["rule"]: rule for rule in result["rules"]}


def test_points_follow_the_weights_and_are_judged_on_leads_kept_away():
    result = json.loads(fit("--json").stdout)
    rules = rules_of(result)
    big, need = rules[f"big {HOSTILE}"], rules["need"]["choices"]
    unit = big["points"] / 2.0
    assert big["points"] > 15 and big["folds"] == 5, big
    assert abs(need["now"] / unit - need["otherwise"] / unit - 1.2) < 0.4 and need["now"] > need["later"] > need["otherwise"], need
    assert abs(rules["reads"]["points"] / unit - 0.4) < 0.15, rules["reads"]  # and not turned around by views that came after the outcome
    assert abs(rules["old"]["points"] / unit) < 0.35, rules["old"]
    assert rules["nobody"]["word"] == "never" and rules["nobody"]["points"] == 0 and rules["by hand"]["word"] == "kept", rules
    auc = result["auc"]
    assert 0.7 < auc["value"] < 0.9 and auc["interval"][0] < auc["value"] < auc["interval"][1] and auc["value"] > auc["old"] + 0.05, auc
    assert result["half"]["value"] > result["half"]["old"], result["half"]
    assert result["held_leads"] == result["leads"] == LEADS, result


def test_a_split_keeps_leads_away_by_lot_or_by_time_and_says_its_seed():
    lot, again, other = (json.loads(fit("--split", "random", "--seed", seed, "--json").stdout) for seed in ("7", "7", "8"))
    assert lot["auc"] == again["auc"] and lot["seed"] == 7 and lot["auc"] != other["auc"], (lot["auc"], other["auc"])
    assert lot["leads"] + lot["held_leads"] == LEADS and 200 < lot["held_leads"] < 400, lot
    newest = json.loads(fit("--split", "time", "--json").stdout)
    assert newest["held_leads"] == LEADS // 5 and newest["held_outcomes"] == sum(a["y"] == "yes" for a in server().leads[LEADS * 4 // 5:]), newest
    text = fit("--split", "random", "--seed", "7").stdout
    assert "seed 7" in text and f'AUC {lot["auc"]["value"]:.4f}' in text and "with the points before" in text, text


def test_the_written_file_checks_in_the_place_of_the_old_one_and_scores_as_was_said():
    s = server()
    out = s.folder / "fitted.lua"
    said = fit("--split", "time", "-o", out).stdout
    assert "Nothing was published" in said and "scoring.lua" in said, said
    assert s.sql("select revision from activation order by activation desc limit 1") == [[s.active]]
    text = out.read_text()
    for kept in ("-- Worth a call? By hand.", "-- who they are", "-- learned: strong", "on \"page.view\"", "max = ", 'function(lead) if lead.age then return 1 end return 0 end', 'model "flat"'):
        assert kept in text, (kept, text)
    assert len(re.findall(r"^ *-- fit: ", text, re.M)) == 3 + 6, text
    assert "otherwise = " in text and "held for none of the leads" in text and "worth nothing here" in text, text
    fresh = write_playbook(s.folder / "fresh", text)
    s.run("check", fresh)
    # scored by a backtest of the written file, the newest fifth gives the figure that fit gave for the leads that it kept away
    newest = json.loads(fit("--split", "time", "--json").stdout)
    s.run("backtest", fresh, "--model", "worth", "--scores", s.folder / "scores.csv")
    with open(s.folder / "scores.csv", newline="", encoding="utf-8") as rows:
        rows = sorted(csv.DictReader(rows), key=lambda row: (row["moment"], int(row["lead"]) >> 6))[-newest["held_leads"]:]
    assert abs(auc_of(rows) - newest["auc"]["value"]) < 1e-9, (auc_of(rows), newest["auc"])
    # done again, it says what it has to say once
    again = s.folder / "again.lua"
    s.run("fit", fresh, "--model", "worth", "-o", again)
    assert len(re.findall(r"^ *-- fit: ", again.read_text(), re.M)) == 3 + 6


def test_the_same_as_a_job_over_http_which_publishes_nothing():
    s = server()
    admin, active = s.token("admin"), s.sql("select count(*) from activation")

    def fitted(**body):
        status, answer = s.post("/v1/playbook/fit", body, admin)
        assert status == 202, (status, answer)
        until(lambda: s.get(answer["see"], admin)[1]["state"] not in ("waiting", "running"), what="the fit")
        return s.get(answer["see"], admin)[1]
    job, told = fitted(model="worth", split="time", seed=3), json.loads(fit("--split", "time", "--seed", "3", "--json").stdout)
    told.pop("written")
    assert (job["kind"], job["state"]) == ("fit", "done") and job["result"] == told, (job, told)
    job = fitted(model="flat")
    assert job["state"] == "failed" and "no rule of the model tells these leads apart" in job["error"], job
    assert s.post("/v1/playbook/fit", {"model": "worth", "seed": "x"}, admin)[0] == 400
    assert s.post("/v1/playbook/fit", {"model": "worth"}, s.token("write"))[0] == 403
    assert s.sql("select count(*) from activation") == active


def test_fit_never_writes_where_a_server_publishes_what_is_saved():
    s = server()
    conf = s.conf.read_text()
    try:
        s.conf.write_text(conf + "\nwatch = true\n")
        done = fit("-o", s.folder / "playbook/scoring.lua", check=False)
        assert done.returncode == 1 and "watches" in done.stderr, done.stderr
        assert (s.folder / "playbook/scoring.lua").read_text() == MODEL
    finally:
        s.conf.write_text(conf)


def test_too_little_and_what_cannot_be_learned_is_said():
    s = server()
    first = json.loads(fit("--to", moment(100), "--json", check=False).stdout or "null")
    few = fit("--to", moment(45), check=False)
    assert first is not None and few.returncode == 1 and re.search(r"\d+ leads with opportunity.won and \d+ without; 50 of each are needed", few.stderr), few.stderr
    none = fit("--outcome", "webinar.attend", check=False)
    assert none.returncode == 1, none.stdout + none.stderr
    flat = s.run("fit", "--model", "flat", check=False)
    assert flat.returncode == 1 and "no rule of the model tells these leads apart" in flat.stderr, flat.stderr
    missing = s.run("fit", "--model", "wroth", check=False)
    assert missing.returncode == 1 and 'no model "wroth"' in missing.stderr, missing.stderr
    assert s.run("fit", "--model", "worth", "--split", "sometimes", check=False).returncode == 2
    sums = write_playbook(s.folder / "sums", MODEL.replace("points = 10 }", "points = 5 * 2 }", 1))
    refused = s.run("fit", sums, "--model", "worth", check=False)
    assert refused.returncode == 1 and "line 7" in refused.stderr and "plain number" in refused.stderr, refused.stderr


def test_a_playbooks_tests_that_expect_other_points_are_named():
    s = server()
    tested = write_playbook(s.folder / "tested")
    (tested / "tests").mkdir(exist_ok=True)
    (tested / "tests/worth.lua").write_text('test "big is one" { lead { size = 60 }, expect { score = { worth = 1 } } }\n')
    said = s.run("fit", tested, "--model", "worth", "-o", s.folder / "tested.lua").stdout
    assert "tests expect other points" in said and "tests/worth.lua:1" in said, said


def test_the_page_of_a_backtest_stands_alone_and_shows_names_as_text():
    s = server()
    page = s.folder / "page.html"
    result = json.loads(s.run("backtest", "--model", "worth", "--html", page, "--json").stdout)
    text = page.read_text()
    assert "<script" not in text and not re.search(r"<[^>]*\s(?:src|href)=|url\(|@import", text), "something is loaded or run"
    assert "&lt;script&gt;" in text and text.count("<svg") == 5 == text.count("</svg>"), text.count("<svg")
    assert text.count("<table") == 4 and f'{result["auc"]["value"]:.3f}' in text and "prefers-color-scheme:dark" in text and "width=device-width" in text
    chromium = shutil.which("chromium")
    if not chromium:
        print("skip  no chromium: the page in a browser")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        done = subprocess.run([chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--enable-logging=stderr",
                               f"--user-data-dir={folder}", "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=240)
    dom = done.stdout
    assert "CONSOLE" not in done.stderr, done.stderr[-2000:]
    assert "<script" not in dom and "<img" not in dom and dom.count("<svg") == 5 and dom.count("<circle") >= 15, dom[:3000]
    assert "Which rules carry weight?" in dom and "Does a high score come before the outcome?" in dom
    s.run("backtest", "--model", "worth", "--outcome", "webinar.attend", "--html", page)
    assert "<svg" not in page.read_text() and "nothing to measure" in page.read_text(), page.read_text()[-1500:]


if __name__ == "__main__":
    try:
        run_tests(globals())
    finally:
        if hasattr(server, "one"):
            server.one.__exit__(None, None, None)
