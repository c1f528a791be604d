#!/usr/bin/python3
"""Accounts from what their people's turns say: who is counted, who looks again, what it scores and why; and that nothing of it is lost when workers are killed."""
import json
import os
import signal
import sys

from nurture import SOURCE, Server, run_tests, until

sys.path[:0] = [str(SOURCE / "tests" / "oracle"), str(SOURCE / "tests" / "tools")]
from oracle import ADDS, adds_of, Oracle  # noqa: E402

PLAYBOOK = """playbook "company" { title = "Company", time_zone = "UTC", language = "en", postal_address = "1 Road, Town" }
field "employees" { of = "account", type = "number" }
segment "engaged" { title = "Engaged", who = on "demo.request" {} }
segment "awake" { title = "Awake", who = people { segment "engaged", at_least = 2, different = "role" } }
segment "hot" { title = "Hot", who = band "hot-company" }
verb "demo.request" { label = "asked for a demo", by = "lead" }
model "visits" { from = 0, to = 100, rule "a visit" { on "page.view", points = 1, each = "time", max = 50 },
  rule "colleagues" { people { segment "engaged", at_least = 2 }, points = 10 } }
model "company" { of = "account", from = 0, to = 100, rule "executive" { people { role = "executive", segment "engaged" }, points = EXECUTIVE },
  rule "users" { people { role = "user", segment "engaged" }, points = 5, each = "person", max = 20 },
  rule "big" { account { employees = at_least(200) }, points = 10 } }
grades "company" { model = "company", band "hot-company" { from = 45 }, band "cold-company" { from = 0 } }
"""


class Company(Server):
    def __init__(self, executive=40):
        super().__init__(playbook="tests/data/playbooks/company")
        self.write_playbook(executive)

    def write_playbook(self, executive):
        (self.folder / "playbook" / "playbook.lua").write_text(PLAYBOOK.replace("EXECUTIVE", str(executive)))

    def begin(self):
        self.writer, self.reader = self.token("write"), self.token("read")
        return self

    def did(self, email, verb="demo.request", **more):
        status, answer = self.post("/v1/events", {"email": email, "verb": verb, **more}, self.writer)
        assert status == 202, answer

    def rest(self):
        self.oracle().settle(120)

    def oracle(self):
        return Oracle(self.psql, explain=self.explain, sample=30, serving=True)

    def explain(self, lead):
        status, answer = self.get(f"/v1/leads/{lead}/score", self.reader)
        assert status == 200, answer
        return {**{model["model"]: model["score"] for model in answer["models"]}, ADDS: adds_of(answer)}

    def account(self):
        found = self.sql("select account_id from account order by 1 limit 1")[0][0]
        return self.get(f"/v1/accounts/{found}", self.reader)[1]

    def walk(self):
        """The newest job of rescoring."""
        job = self.sql("select max(job_id) from job where kind = 'rescore'")[0][0]
        job = self.get(f"/v1/jobs/{job}", self.reader)[1]
        return {**job, "result": job.get("result") or {}}

    def scores(self):
        return dict(self.sql("select l.email, s.points::text from score s join lead l using (shard, lead_id) where s.name = 'visits'"))

    def members_in(self, segment):
        return sorted(row[0] for row in self.sql(f"select coalesce(email, '') from lead where '{segment}' = any (segments)"))


def test_what_people_do_wakes_their_colleagues_and_who_goes_is_counted_no_more():
    with Company() as s:
        s.begin()
        for name, role in (("ann", "champion"), ("bob", "user"), ("cy", "user"), ("dan", None)):
            s.lead({"email": f"{name}@acme.example", **({"role": role} if role else {})}, s.writer)
        s.did("ann@acme.example")
        s.rest()
        assert s.members_in("awake") == [] and s.members_in("engaged") == ["ann@acme.example"]
        s.did("bob@acme.example")
        s.rest()
        everybody = [f"{name}@acme.example" for name in ("ann", "bob", "cy", "dan")]
        assert s.members_in("awake") == everybody, s.members_in("awake")
        assert all(s.scores()[email] == "10" for email in everybody), s.scores()
        account = s.account()
        assert account["scores"] == {"company": 5} and account["leads"] == 4 and account["last_act"], account
        assert account["models"][0]["coverage"] == {"points": 5, "most": 60}, account["models"]
        assert "1 person (1 user)" in account["models"][0]["rules"][1]["because"]
        lead = s.sql("select lead_id from lead where email = 'dan@acme.example'")[0][0]
        because = [rule["because"] for model in s.get(f"/v1/leads/{lead}/score", s.reader)[1]["models"] for rule in model["rules"] if rule["rule"] == "colleagues"]
        assert because == ["2 people (1 champion, 1 user)"], because

        # an executive makes it hot, and what the company is worth is known of everybody in it
        s.lead({"email": "eve@acme.example", "role": "executive"}, s.writer)
        s.did("eve@acme.example")
        s.rest()
        assert s.account()["scores"] == {"company": 45} and s.members_in("hot") == sorted([*everybody, "eve@acme.example"])
        changes = s.get(f"/v1/accounts/{s.account()['account_id']}/changes", s.reader)[1]["items"]
        assert {(c["new_points"], c["new_band"]) for c in changes} >= {(45, None), (0, "hot-company")}, changes
        assert all(c["cause"].startswith("lead ") and c["revision"] for c in changes if c["new_points"]), changes
        text = s.run("account", "acme.example").stdout
        assert "company = 45" in text and "executive: 1 person (1 executive)" in text and "gives 45 of 60" in text, text
        assert s.run("score", "--account", "acme.example", "--explain").stdout == text
        assert json.loads(s.run("account", "acme.example", "--json").stdout)["roles_missing"] == ["researcher", "influencer", "purchaser"]
        listed = s.get("/v1/accounts?limit=1", s.reader)[1]
        assert listed["items"][0]["score"] == 45 and listed["next"] is not None
        assert s.get(f"/v1/accounts?after={listed['next']}", s.reader)[1]["items"] == []
        s.oracle().must_hold(show=False)

        # a summary that is wrong is counted again from the account's people, in its turn; so does `nurture rescore`
        right = s.sql("select people, roles, best, packed from account_summary")
        for mend in (("account", "recount", "acme.example"), ("rescore",)):
            s.sql("update account_summary set packed = E'1 9 9 9 9 9 9 9\n', people = 63, roles = '{63}'")
            s.run(*mend)
            until(lambda: s.sql("select people, roles, best, packed from account_summary") == right, 120, f"the right summary by {mend}")
        s.rest()
        assert s.account()["scores"] == {"company": 45} and "no account" in s.run("account", "recount", "nobody.example", check=False).stderr
        s.oracle().must_hold(show=False)

        # merged, gone to another company, disqualified, erased: each takes out what it added
        s.run("merge", "bob@acme.example", "cy@acme.example")
        s.rest()
        assert s.account()["leads"] == 4 and s.account()["scores"] == {"company": 45}, s.account()
        s.run("unmerge", s.sql("select lead_id from lead where merged_into is not null")[0][0])
        s.rest()
        assert s.account()["leads"] == 5
        eve = s.sql("select lead_id from lead where email = 'eve@acme.example'")[0][0]
        assert s.request("PATCH", f"/v1/leads/{eve}", {"email": "eve@other.example"}, s.writer)[0] in (200, 202)
        s.rest()
        assert s.account()["scores"] == {"company": 5} and s.members_in("hot") == [], s.account()
        assert s.sql("select count(*) from account_summary where people = 1") == [["1"]]
        s.run("erase", "ann@acme.example", "--yes")
        s.rest()
        assert s.account()["leads"] == 3 and s.members_in("awake") == [], (s.account(), s.members_in("awake"))
        assert s.request("PATCH", f"/v1/accounts/{s.account()['account_id']}", {"employees": 500}, s.writer)[0] == 202
        s.rest()
        assert s.account()["scores"] == {"company": 15}
        s.oracle().must_hold(show=False)


def test_a_changed_model_of_accounts_scores_them_again_and_killed_engines_lose_nothing():
    with Company() as s:
        s.begin()
        people = 120
        for start in range(0, people, 40):
            events = [{"email": f"p{i}@c{i % 5}.example", "verb": "page.view", "subject": "/"} for i in range(start, start + 40)]
            assert s.post("/v1/events", events, s.writer)[0] == 202
        s.rest()
        for i in range(people):
            role = ("executive", "user", "champion")[i % 3]
            s.post("/v1/leads", {"email": f"p{i}@c{i % 5}.example", "role": role}, s.writer)
            s.did(f"p{i}@c{i % 5}.example")
            if i % 60 == 30:
                kill_engine(s)
        s.rest()
        s.oracle().must_hold(show=False)
        best = s.sql("select count(*) from account_score where name = 'company' and points = 60")
        assert best == [["5"]], s.sql("select account_id, name, points, band from account_score")
        preview_tells_of_accounts(s, people)
        s.write_playbook(20)
        # four accounts cannot be written: the walk stops among them, and is not over when that over the leads is
        kept = s.sql("select account_id from account order by shard limit 4")
        with s.holding(f"select from account_summary where account_id in ({', '.join(k[0] for k in kept)}) for update"):
            s.run("publish", str(s.folder / "playbook"), "-m", "an executive is worth less", "--yes")
            kill_engine(s)
            for leads in (people, people + 1):  # as if all leads were through: who has looked twice did not end it at the first look
                s.sql(f"update rescore_walk set over = true, leads = {leads}")
                until(lambda n=leads: s.walk()["result"].get("leads") == 64 * n, 120, "a look at the walk")
            assert s.walk()["state"] == "running" and s.walk()["result"]["accounts"] < 5, s.walk()
        job = until(lambda: s.walk()["state"] == "done" and s.walk(), 120, "the walk over the accounts")
        assert s.sql("select count(*) from account_score where name = 'company' and points = 40") == [["5"]]
        assert [job["result"][k] for k in ("accounts", "accounts_changed", "accounts_graded")] == [5, 5, 5], job
        assert job["progress"] == job["total"] == 64 * (people + 1) + 5, job
        s.rest()
        assert s.members_in("hot") == [] and all(a["score"] == 40 for a in s.get("/v1/accounts", s.reader)[1]["items"])
        assert s.sql("select count(*) from account_change where cause = 'rescore' and old_points = 60 and new_points = 40") == [["5"]]
        s.oracle().must_hold(show=False)


def preview_tells_of_accounts(s, people):
    """What a publish would make of accounts, and by them of their people; also when only what is said of people changes."""
    folder = s.folder / "playbook"
    s.write_playbook(20)
    shown = json.loads(s.run("preview", str(folder), "--json").stdout)
    model, table = shown["accounts"]["models"][0], shown["accounts"]["grades"][0]
    assert (shown["accounts"]["accounts"], shown["accounts"]["moved"], model["changed"], model["down"]) == (5, 5, 5, 5), shown["accounts"]
    assert (model["mean_before"], model["mean_after"]) == (60, 40) and table["bands"] == [{"from": "hot-company", "to": "cold-company", "accounts": 5}], table
    assert [(x["segment"], x["leave"]) for x in shown["segments"]] == [("hot", people)], "their people are told by what the account would be"
    example = shown["accounts"]["examples"][0]
    rule, = example["models"][0]["rules"]
    assert (rule["rule"], rule["before"], rule["after"]) == ("executive", 40, 20) and "people" in rule["because"] and example["name"].endswith(".example"), example
    text = s.run("preview", str(folder)).stdout
    assert "Of 5 accounts 5 would stand otherwise." in text and "bands: 5 hot-company → cold-company" in text and f"account {example['account']} (" in text, text
    done = s.run("publish", str(folder), check=False)
    assert done.returncode == 1 and "--yes" in done.stderr, done
    other = PLAYBOOK.replace("EXECUTIVE", "40").replace('who = on "demo.request" {}', 'who = all { on "demo.request" {}, lead { role = "user" } }')
    (folder / "playbook.lua").write_text(other)
    shown = json.loads(s.run("preview", str(folder), "--json").stdout)
    assert [(m["model"], m["changed"], m["mean_after"]) for m in shown["accounts"]["models"]] == [("company", 5, 20)], shown["accounts"]
    assert {(x["segment"], x["leave"]) for x in shown["segments"]} == {("engaged", people * 2 // 3), ("awake", people), ("hot", people)}, shown["segments"]


CHAIN = """playbook "chain" { title = "Chain", time_zone = "UTC", language = "en", postal_address = "1 Road, Town" }
verb "demo.request" { label = "asked for a demo", by = "lead" }
segment "one" { title = "One", who = all { on "VERB" {}, lead { role = "executive" }} }
segment "two" { title = "Two", who = all { people { segment "one" }, lead { role = "user" } } }
segment "three" { title = "Three", who = all { people { segment "two" }, lead { role = "champion" } } }
segment "four" { title = "Four", who = all { people { segment "three" }, lead { role = "purchaser" } } }
model "company" { of = "account", from = 0, to = 100, rule "all four" { people { segment "four" }, points = 30 } }
grades "company" { model = "company", band "warm" { from = 30 }, band "cold" { from = 0 } }
"""


def test_what_hangs_on_colleagues_who_hang_on_colleagues_is_shown_to_its_end_as_it_then_happens():
    with Company() as s:
        s.begin()
        file = s.folder / "playbook" / "playbook.lua"
        file.write_text(CHAIN.replace("VERB", "demo.request"))
        s.run("publish", str(file.parent), "-m", "chain", "--yes")
        names = {"one": "ann", "two": "bob", "three": "cy", "four": "dan"}
        for name, role in zip(names.values(), ("executive", "user", "champion", "purchaser")):
            s.lead({"email": f"{name}@acme.example", "role": role}, s.writer)
            s.did(f"{name}@acme.example", "page.view", subject="/")
        s.rest()
        assert not any(s.members_in(segment) for segment in names)

        file.write_text(CHAIN.replace("VERB", "page.view"))
        shown = json.loads(s.run("preview", str(file.parent), "--json").stdout)
        assert {x["segment"]: x["enter"] for x in shown["segments"]} == dict.fromkeys(names, 1), shown["segments"]
        assert shown["accounts"]["grades"][0]["bands"] == [{"from": "cold", "to": "warm", "accounts": 1}] and "unsettled" not in shown, shown
        assert "not the last ones" not in s.run("preview", str(file.parent)).stdout
        file.write_text(CHAIN.replace("VERB", "page.view") + "".join(   # longer than anybody would write one: it says where it stopped
            f'segment "n{i}" {{ title = "N{i}", who = all {{ people {{ segment "{f"n{i - 1}" if i else "one"}" }}, lead {{ role = "{("user", "executive")[i % 2]}" }} }} }}\n' for i in range(20)))
        shown = json.loads(s.run("preview", str(file.parent), "--json").stdout)
        assert shown["unsettled"] and {x["segment"] for x in shown["segments"] if x["enter"]} == {*names, *(f"n{i}" for i in range(16))}, shown["segments"]
        assert "not the last ones" in s.run("preview", str(file.parent)).stdout
        file.write_text(CHAIN.replace("VERB", "page.view"))
        s.run("publish", str(file.parent), "-m", "by pages", "--yes")
        until(lambda: all(s.members_in(segment) == [f"{name}@acme.example"] for segment, name in names.items()), 60, "what was shown")
        s.rest()
        assert s.account()["scores"] == {"company": 30}
        s.oracle().must_hold(show=False)


def kill_engine(s):
    for pid in until(lambda: s.workers("engine"), 60, "an engine"):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    run_tests(globals())
