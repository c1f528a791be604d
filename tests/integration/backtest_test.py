#!/usr/bin/env python3
"""Backtest: the score is measured by what really happened, on leads as they stood before it."""
import csv
import datetime
import json
import math
import os
import pathlib
import random
import re
import signal
import tempfile

from nurture import Server, is_alive, run_tests, until

FIELDS = 'field "size" { type = "number" }\nfield "need" { type = "choice", choices = { "now", "later" } }\n'
MODELS = """
model "nature" { title = "Who they are", from = 0, to = 100,
  rule "big"      { lead { size = at_least(50) }, points = 40 },
  rule "need"     { points = choose "need" { now = 30, later = 10, otherwise = 0 } },
  rule "has left" { lead { size = at_least(100000) }, points = 5 },
}
model "nurture" { title = "What they do", from = 0, to = 100,
  rule "reads"     { on "page.view" { subject = "/pricing*" }, points = 10, each = "time", max = 40 },
  rule "downloads" { on "asset.download" { within = "30 days" }, points = %s },
}
grades "main" { axes = { nature = { A = 70, B = 40, C = 20, D = 0 }, nurture = { 40, 20, 10, 0 } },
  band "hot" { grades = { "A1", "A2", "B1" } }, band "cold" { grades = { "A3", "A4", "B2", "B3", "B4", "C1", "C2", "C3", "C4", "D1", "D2", "D3", "D4" } } }
"""
MAP = """return { email = "{mail}", at = "since", fields = { size = "size", need = "need" }, empty = { "" },
  outcome = { column = "y", won = "yes", event = "opportunity.won", lost = "no", lost_event = "opportunity.lost", at = "called" } }"""
DAY0 = datetime.datetime(2021, 3, 1, tzinfo=datetime.timezone.utc)


def moment(day, hour=0):
    return (DAY0 + datetime.timedelta(days=day, hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_playbook(folder, downloads="20", more=""):
    folder.mkdir(exist_ok=True)
    (folder / "playbook.lua").write_text('playbook "t" { time_zone = "UTC" }\n')
    (folder / "fields.lua").write_text(FIELDS)
    (folder / "assets.lua").write_text('asset "guide" { title = "Guide", kind = "white-paper", url = "https://example.com/g" }\n')
    (folder / "scoring.lua").write_text(MODELS % downloads + more)
    return folder


class Lead:
    """What was sent of one lead, and what its score must have been before its outcome."""

    def __init__(self, dice, i):
        self.mail = f"l{i:04d}@example.com"
        self.size = dice.choice(["", "10", "60", "500"])
        self.need = dice.choice(["", "now", "later"])
        self.called = dice.randint(60, 120)
        self.views = [dice.randint(0, 150) for _ in range(dice.randint(0, 6))]
        self.downloads = [dice.randint(0, 150) for _ in range(dice.randint(0, 1))]
        chance = 1 / (1 + math.exp(3 - 0.04 * self.nature() - 0.05 * self.nurture()))
        self.outcome = dice.choices(["yes", "no", "open"], [chance, 0.6 * (1 - chance), 0.4 * (1 - chance)])[0]

    def at(self):
        return 140 if self.outcome == "open" else self.called

    def nature(self):
        return (40 if self.size and int(self.size) >= 50 else 0) + {"": 0, "now": 30, "later": 10}[self.need]

    def nurture(self, day=None):
        day = self.called if day is None else day
        return min(40, 10 * sum(d < day for d in self.views)) + (20 if any(day - 30 < d < day for d in self.downloads) else 0)

    def events(self):
        return [{"email": self.mail, "verb": "page.view", "subject": "/pricing/all", "at": moment(d), "key": f"{self.mail} v{i}"} for i, d in enumerate(self.views)] + \
               [{"email": self.mail, "verb": "asset.download", "subject": "guide", "at": moment(d), "key": f"{self.mail} d"} for d in self.downloads]


def settled(s):
    until(lambda: s.sql("select count(*) from inbox") == [["0"]], what="all turns")


def send(s, events, token):
    for i in range(0, len(events), 500):
        status, body = s.post("/v1/events", events[i:i + 500], token)
        assert status == 202, (status, body)


def bring(s, leads, token):
    path = s.folder / "leads.csv"
    path.write_text("mail,since,size,need,y,called\n" + "".join(
        f"{x.mail},{moment(-1)},{x.size},{x.need},{x.outcome if x.outcome != 'open' else ''},{moment(x.called) if x.outcome != 'open' else ''}\n" for x in leads))
    (s.folder / "map.lua").write_text(MAP)
    done = json.loads(s.run("import", path, "--map", s.folder / "map.lua", "--json").stdout)
    assert done["created"] == len(leads) and done["rejected"] == 0, done
    send(s, [e for x in leads for e in x.events()], token)
    settled(s)


def backtest(s, *args):
    return json.loads(s.run("backtest", *args, "--to", moment(140), "--json").stdout)


# ---- worked out apart, by the definition: every pair of one with the outcome and one without ----

def placements(rows):
    positive = [score for score, y in rows if y]
    negative = [score for score, y in rows if not y]
    ups = [sum(1.0 if p > n else 0.5 if p == n else 0.0 for n in negative) / len(negative) for p in positive]
    downs = [sum(1.0 if p > n else 0.5 if p == n else 0.0 for p in positive) / len(positive) for n in negative]
    return ups, downs


def variance(values):
    mean = sum(values) / len(values)
    return sum((v - mean) ** 2 for v in values) / (len(values) - 1)


def auc(rows):
    ups, downs = placements(rows)
    return sum(ups) / len(ups), math.sqrt(variance(ups) / len(ups) + variance(downs) / len(downs))


def near(a, b, digits=4):
    return abs(a - b) < 0.5 * 10 ** -digits


def test_the_figures_are_those_of_an_outside_computation_on_leads_as_they_stood_then():
    dice = random.Random(7)
    leads = [Lead(dice, i) for i in range(400)]
    with tempfile.TemporaryDirectory() as folder, Server(playbook=str(write_playbook(pathlib.Path(folder) / "playbook"))) as s:
        token, playbook = s.token(), s.folder / "playbook"
        bring(s, leads, token)
        scores = s.folder / "scores.csv"
        r = backtest(s, "--model", "nurture", "--scores", scores)
        rows = list(csv.DictReader(scores.open()))
        ids = {mail: lead for mail, lead in s.sql("select email, lead_id from lead")}
        by_id = {int(row["lead"]): row for row in rows}
        assert len(rows) == 400 == r["leads"], r["leads"]
        for x in leads:
            row = by_id[int(ids[x.mail])]
            assert (int(row["score"]), row["outcome"], row["moment"][:10]) == (x.nurture(x.at()), "1" if x.outcome == "yes" else "0", moment(x.at())[:10]), (row, vars(x))
        assert r["outcomes"] == sum(x.outcome == "yes" for x in leads) and r["by_against"] == sum(x.outcome == "no" for x in leads)
        assert r["at_end"] == sum(x.outcome == "open" for x in leads) and r["verdict"] == "known" and r["waiting"] == 0

        pairs = [(int(row["score"]), row["outcome"] == "1") for row in rows]
        value, error = auc(pairs)
        assert near(r["auc"]["value"], value), (r["auc"], value)
        middle, half = math.log(value / (1 - value)), 1.959963984540054 * error / (value * (1 - value))
        for got, want in zip(r["auc"]["interval"], (1 / (1 + math.exp(half - middle)), 1 / (1 + math.exp(-half - middle)))):
            assert near(got, want), (r["auc"], want)

        groups = {g["name"]: g for t in r["tables"] if t["kind"] == "grade" for g in t["groups"]}
        for name, g in groups.items():
            mine = [row for row in rows if row["grade"] == name]
            assert (g["leads"], g["outcomes"]) == (len(mine), sum(row["outcome"] == "1" for row in mine)), (name, g)
        assert sum(g["leads"] for g in groups.values()) == 400

        assert math.isclose(sum(d["outcomes"] for d in r["deciles"]), r["outcomes"]) and near(r["deciles"][4]["reached"], r["half"])
        shuffled = pairs[:]
        shares = []
        for _ in range(60):  # ties shared out evenly = the mean over all orders of equals
            dice.shuffle(shuffled)
            best = sorted(shuffled, key=lambda p: -p[0])[:200]
            shares.append(sum(y for _, y in best) / r["outcomes"])
        assert abs(r["half"] - sum(shares) / len(shares)) < 0.02, (r["half"], shares)
        fitted = [b["fitted"] for b in r["calibration"]]
        assert fitted == sorted(fitted) and sum(b["leads"] for b in r["calibration"]) == 400

        rules = {x["rule"]: x for x in r["rules"]}
        for name in rules:
            given = [row for row in rows if int(row[name])]
            assert (rules[name]["leads"], rules[name]["outcomes"]) == (len(given), sum(row["outcome"] == "1" for row in given)), rules[name]
            without = [(max(0, min(100, sum(int(row[x]) for x in rules if x != name))), row["outcome"] == "1") for row in rows]
            assert near(rules[name]["drop"], value - auc(without)[0]), (name, rules[name])
        nature = backtest(s, "--model", "nature")
        assert {x["rule"]: x["weight"] for x in nature["rules"]}["has left"] == "never"
        assert near(nature["auc"]["value"], nature["axes"]["letter"]["auc"]) and near(nature["axes"]["digit"]["auc"], value)
        assert nature["axes"]["together"]["auc"] > max(nature["auc"]["value"], value) - 0.02

        all_at_one_moment(s, leads, r)
        no_peeking(s, leads, token, r)
        both_folders(s, playbook, r)
        over_http(s, playbook)
        plain_words(s)
        what_cannot_be(s)


def all_at_one_moment(s, leads, before):
    """--at: everybody as of day 90, by what was known then; the outcome is what came after. Whoever had it before is not among them."""
    path = s.folder / "at.csv"

    r = json.loads(s.run("backtest", "--model", "nurture", "--at", moment(90), "--to", moment(140), "--scores", path, "--json").stdout)
    ids = {lead: mail for mail, lead in s.sql("select email, lead_id from lead")}
    rows = {ids[row["lead"]]: row for row in csv.DictReader(path.open())}
    left = [x for x in leads if x.outcome == "yes" and x.called < 90]
    assert left and r["at"] == moment(90) == r["from"] and before["at"] is None and r["left_out"]["before"] == len(left), (r["left_out"], len(left))
    assert set(rows) == {x.mail for x in leads} - {x.mail for x in left}
    for x in leads:
        if x in left:
            continue
        row = rows[x.mail]
        assert (int(row["score"]), row["outcome"], row["moment"]) == (x.nurture(90), "1" if x.outcome == "yes" else "0", moment(90)), (row, vars(x))
    assert r["by_against"] == sum(x.outcome == "no" and x.called >= 90 for x in leads)
    # what is dated at that moment or after it was there all the time, and is seen by none of it
    assert sum(x not in left and x.nurture(150) > x.nurture(90) for x in leads) > 50
    assert "as of 2021-" in s.run("backtest", "--model", "nurture", "--at", moment(90), "--to", moment(140)).stdout
    assert s.run("backtest", "--model", "nurture", "--at", moment(90), "--from", moment(1), check=False).returncode == 2


def no_peeking(s, leads, token, before):
    """Later events and changed fields move no figure; nor does who is merged, or forgotten, but in being one less."""
    send(s, [{"email": x.mail, "verb": "page.view", "subject": "/pricing/late", "at": moment(145)} for x in leads[:150]] +
            [{"email": x.mail, "verb": "asset.download", "subject": "guide"} for x in leads[100:200]], token)
    for x in leads[:20]:
        status, _ = s.request("PATCH", f"/v1/leads/{x.mail}", {"size": 7 if x.size != "10" else 999, "need": "now" if x.need != "now" else "later"}, token)[:2]
        assert status in (200, 202), status
        status, _ = s.post("/v1/opportunities", {"email": x.mail, "state": "won" if x.outcome != "yes" else "lost"}, token)
        assert status == 200, status
    settled(s)
    assert int(s.sql("select count(*) from lead where fields->>'size' in ('7', '999')")[0][0]) >= 20
    assert backtest(s, "--model", "nurture") == before
    path = s.folder / "nature.csv"
    backtest(s, "--model", "nature", "--scores", path)
    ids = {lead: mail for mail, lead in s.sql("select email, lead_id from lead")}
    scores = {ids[row["lead"]]: int(row["score"]) for row in csv.DictReader(path.open())}
    assert all(scores[x.mail] == x.nature() for x in leads), [(x.mail, scores[x.mail], x.nature()) for x in leads if scores[x.mail] != x.nature()]
    # what comes in late but is dated before counts, by its date
    one = next(x for x in leads if x.outcome == "yes" and x.nurture() < 40 and not x.downloads)
    send(s, [{"email": one.mail, "verb": "page.view", "subject": "/pricing/x", "at": moment(one.called, -1)}], token)
    settled(s)
    backtest(s, "--model", "nurture", "--scores", path)
    assert next(int(row["score"]) for row in csv.DictReader(path.open()) if ids[row["lead"]] == one.mail) == one.nurture() + 10
    # the merged are one, the erased none
    s.run("merge", leads[0].mail, leads[1].mail)
    s.run("erase", leads[2].mail, "--yes")
    until(lambda: s.sql("select count(*) from lead where erased_at is not null or merged_into is not null") == [["2"]], what="a merge and an erasure")
    settled(s)
    assert backtest(s, "--model", "nurture")["leads"] == 398


def both_folders(s, playbook, before):
    """An edited folder beside the active one: did my change help?"""
    same = backtest(s, playbook, "--model", "nurture")
    assert same["compare"]["difference"] == {"value": 0.0, "interval": [0.0, 0.0]} and "chance" in same["compare"]["words"], same["compare"]
    worse = write_playbook(s.folder / "edited", downloads="-60")
    r = backtest(s, worse, "--model", "nurture")
    assert near(r["compare"]["difference"]["value"], r["auc"]["value"] - r["compare"]["auc"]["value"]) and r["compare"]["revision"] == before["revision"] != r["revision"]
    (worse / "scoring.lua").write_text("model broken")
    done = s.run("backtest", worse, "--model", "nurture", check=False)
    assert done.returncode == 1 and "scoring.lua:1" in done.stderr and "nothing was replayed" in done.stderr, done


def over_http(s, playbook):
    """The same as a job: progress, result, files that are posted, and an end before its time."""
    admin = s.token("admin")

    def ask(**body):
        status, answer = s.post("/v1/playbook/backtest", {"to": moment(140), **body}, admin)
        assert status == 202 and answer["see"] == f"/v1/jobs/{answer['job']}", (status, answer)
        return answer["see"]

    def over(see):
        return until(lambda: next(iter(j for j in [s.get(see, admin)[1]] for j in (j if isinstance(j, list) else [j]) if j["state"] not in ("waiting", "running")), None), what=see)
    assert over(ask(model="nurture"))["result"] == backtest(s, "--model", "nurture")
    files = {str(p.relative_to(playbook)): p.read_text() for p in playbook.rglob("*.lua")}
    job = over(ask(model="nature", files=files))
    assert job["state"] == "done" and job["result"]["compare"]["difference"]["value"] == 0, job
    job = over(ask(model="nature", files={**files, "scoring.lua": "model broken"}))
    assert job["state"] == "failed" and job["result"]["problems"][0]["file"] == "scoring.lua", job
    job = over(ask(model="nope"))
    assert job["state"] == "failed" and 'no model "nope"' in job["result"]["detail"], job
    job = over(ask(model="nature", outcome="oportunity.won"))
    assert (job["state"], job["result"]["field"]) == ("failed", "outcome"), job
    assert 'there is no verb "oportunity.won". Did you mean "opportunity.won"?' in job["error"] == job["result"]["detail"], job
    done = s.run("backtest", "--model", "nature", "--against", "no.such", check=False)
    assert done.returncode == 1 and 'there is no verb "no.such"' in done.stderr, done
    for body, field in (({"from": "yesterday"}, "from"), ({"modell": "x"}, "modell"), ({"as_imported": 1}, "as_imported"), ({"files": []}, "files")):
        status, answer = s.post("/v1/playbook/backtest", body, admin)
        assert status == 400 and answer["field"] == field, (body, status, answer)
    assert s.post("/v1/playbook/backtest", {}, s.token("read"))[0] == 403
    with s.holding("lock table identity in access exclusive mode"):
        see = ask(model="nurture")
        until(lambda: s.sql("select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%identity%'"), what="a backtest under way")
        assert s.request("DELETE", see, token=admin)[0] == 202
    assert over(see)["state"] == "cancelled"

    # a child that hears nothing: its job stays ours beyond every page, ends when it is asked to, and is left alone when it is another's
    def deaf():
        with s.holding("lock table identity in access exclusive mode"):
            see = ask(model="nurture")
            until(lambda: s.sql("select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%identity%'"), what="a backtest under way")
            child = int(re.findall(r"job.taken .*kind=backtest process=(\d+)", s.log_text())[-1])
            os.kill(child, signal.SIGSTOP)
        return see, child

    def until_when(see):
        return s.sql(f"select until from job where job_id = {see.rsplit('/', 1)[1]}")[0][0]
    see, child = deaf()
    first = until_when(see)
    until(lambda: until_when(see) > first, what="a renewal")
    assert s.request("DELETE", see, token=admin)[0] == 202
    assert over(see)["state"] == "cancelled"
    until(lambda: not is_alive(child), what="the end of the child")
    see, child = deaf()
    s.sql(f"update job set owner = 'another', state = 'done', until = null where job_id = {see.rsplit('/', 1)[1]}")
    until(lambda: not is_alive(child), what="the end of the child")
    assert s.get(see, admin)[1]["state"] == "done"  # as its owner said

    # what nobody can do is tried three times, and told
    s.sql("alter table identity rename to elsewhere")
    job = over(ask(model="nurture"))
    s.sql("alter table elsewhere rename to identity")
    assert job["state"] == "failed" and job["result"]["status"] == 500 and "identity" in job["error"], job
    assert len(re.findall(rf"job.put_off job={job['job']} ", s.log_text())) == 2
    listed = {row["job_id"]: row for row in json.loads(s.run("job", "list", "--json").stdout)}
    assert listed[job["job"]]["error"] == job["error"]
    assert all(row["progress"] == row["total"] for row in listed.values() if (row["kind"], row["state"]) == ("backtest", "done") and row["total"]), listed


def plain_words(s):
    """The same for people: within 100 columns, plain where it is no terminal."""
    text = s.run("backtest", "--model", "nurture", "--to", moment(140)).stdout
    for part in ("Backtest of nurture (What they do)", "AUC 0.", "Calling the best half reaches", "Grades of main", "Do more points mean more outcomes?",
                 "nature against nurture", "Which rules carry weight", "downloads"):
        assert part in text, (part, text)
    assert text.isascii() and max(map(len, text.split("\n"))) <= 100, [line for line in text.split("\n") if len(line) > 100]


def what_cannot_be(s):
    """No outcomes, only outcomes, one score for all, too few, no such model: clear words, no figures of noise."""
    r = backtest(s, "--model", "nurture", "--outcome", "webinar.attend")
    assert r["verdict"] == "no outcomes" and r["auc"] is None and "None of the" in r["words"][0], r
    text = s.run("backtest", "--model", "nurture", "--outcome", "webinar.attend").stdout
    assert "nothing to measure the score by" in text and "AUC" not in text, text
    few = backtest(s, "--model", "nurture", "--from", moment(119))
    assert few["verdict"] in ("few", "no outcomes") and (few["auc"] is None or few["auc"]["interval"] is None), few
    assert all(x["weight"] in ("not yet known", "never", "always") for x in few["rules"] or []), few["rules"]
    flat = write_playbook(s.folder / "flat", more='model "flat" { from = 0, to = 10, rule "all" { lead { size = at_least(999999) }, points = 1 } }\n')
    r = backtest(s, flat, "--model", "flat")
    assert r["verdict"] == "one score" and r["auc"]["value"] == 0.5 and "tells nobody from anybody" in r["words"][0], r
    fails = write_playbook(s.folder / "fails", more='model "odd" { from = 0, to = 10, rule "some" { points = function(lead) return lead.size / 10 end } }\n')
    r = backtest(s, fails, "--model", "odd")
    assert r["left_out"]["failed"] > 50 and "scoring.lua:" in r["left_out"]["failed_where"] and r["left_out"]["failed_lead"] > 0, r["left_out"]
    for status, words, args in ((1, 'no model "nope". It has: nature, nurture', ("--model", "nope")), (2, "which model? Say --model NAME: nature, nurture", ()),
                                (2, "--from", ("--model", "nature", "--from", "yesterday")), (1, "ends before it begins", ("--model", "nature", "--from", moment(200))),
                                (1, "are the same event", ("--model", "nature", "--against", "opportunity.won"))):
        done = s.run("backtest", *args, "--to", moment(140), check=False)
        assert done.returncode == status and words in done.stderr, (args, done)


if __name__ == "__main__":
    run_tests(globals())
