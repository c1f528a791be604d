#!/usr/bin/python3
"""What simulations say is what then happens, to the microsecond; and saying it changes nothing."""
import datetime
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from nurture import Server, run_tests, until  # noqa: E402

EMAIL = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Us <us@example.com>" }'
CAMPAIGN = "thirty-day-nurture"
DAYS = 70
TABLES = ("touch", "enrollment", "enrollment_log", "event", "inbox", "score", "lead_history", "consent", "handoff")


def moment(text):
    """Microseconds since 1970: exact."""
    whole = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((whole - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) / datetime.timedelta(microseconds=1))


def contacts(result):
    """(step, pass, outcome, when it goes) of a simulation's mails and calls of the campaign, to the millisecond that JSON shows."""
    return [(x["step"], x["pass"], x["outcome"], moment(x["at"]) // 1000) for x in result["lines"] if x.get("campaign") == CAMPAIGN and "name" in x]


def happened(server, lead, since, until_then):
    rows = server.sql("select step, pass, state, (extract(epoch from coalesce(over_at, due_at)) * 1000000)::bigint from touch"
                      f" where lead_id = {lead} and campaign = '{CAMPAIGN}' order by 4, touch_id")
    return [(step, int(n), state, int(at) // 1000) for step, n, state, at in rows if since < int(at) // 1000 <= until_then]


def rows_of(server, lead):
    return [server.sql(f"select count(*), coalesce(md5(string_agg(x::text, ' ' order by x::text)), '') from {table} x where lead_id = {lead}") for table in TABLES]


def test_what_is_simulated_is_what_happens_then_and_nothing_is_written():
    with Server(playbook="scripts", config=EMAIL) as s:
        writer, reader = s.token("write"), s.token("read")
        lead = s.lead({"email": "walker@example.com", "country": "US", "time_zone": "America/New_York"}, writer)["lead_id"]
        idle = s.lead({"email": "idle@example.com", "country": "DE"}, writer)["lead_id"]
        over_http(s, reader, idle)
        forecast(s, reader, idle)
        by_command(s)
        campaigns_by_name(s, reader)
        s.stop()
        s.args = ["--time-scale", "864000"]
        s.start()
        status, _ = s.post("/v1/events", {"lead": lead, "verb": "asset.download", "subject": "security-guide"}, writer)
        assert status == 202
        until(lambda: s.sql(f"select 1 from touch where lead_id = {lead} and state = 'sent'"), what="the first mail")
        assert "1 stands in it now." in s.run("campaign", CAMPAIGN).stdout
        assert "1 stands in it now." in s.run("check", "--explain", "campaign", CAMPAIGN).stdout
        assert s.run("campaign", CAMPAIGN, "--dot").stdout.startswith(f'digraph "{CAMPAIGN}"')
        s.stop()  # time stands while the server is down
        said = json.loads(s.run("simulate", CAMPAIGN, "--lead", "walker@example.com", "--days", DAYS, "--json").stdout)
        again = json.loads(s.run("simulate", CAMPAIGN, "--lead", str(lead), "--days", DAYS, "--json", "--playbook", s.folder / "playbook").stdout)
        assert said["in_before"] and said["lead"] == lead and not said["errors"], said
        assert contacts(again) == contacts(said)
        wanted = [x for x in contacts(said) if x[2] != "planned"]
        assert len([x for x in wanted if x[2] == "sent"]) >= 2, said["lines"]  # one a month at least, however long the stop took
        s.start()
        last = moment(said["to"])
        until(lambda: int(s.sql("select (extract(epoch from domain0) * 1000000)::bigint from clock")[0][0]) > last, 120, "the end of the days")
        s.stop()
        s.args = ["--time-scale", "2"]  # an hour takes half of one: nothing goes on between two looks
        s.start()
        span = moment(said["from"]) // 1000, last // 1000
        until(lambda: happened(s, lead, *span) == wanted, what=f"{wanted}")
        traced(s, reader, lead)
        reported(s, reader)
        archived(s, reader)


def reported(s, reader):
    """The report counts what the tables hold; over HTTP it is the same."""
    report = json.loads(s.run("report", "campaign", CAMPAIGN, "--json").stdout)
    assert report["living"] and report["leads"] == 1 and report["goal"]["assigned"]["leads"] + report["goal"]["held_out"]["leads"] == 1, report
    steps = {step["step"]: step for step in report["steps"]}
    sent = {step: int(n) for step, n in s.sql(f"select step, count(*) from touch where campaign = '{CAMPAIGN}' and state = 'sent' and recipient is null group by step")}
    held = {step: int(n) for step, n in s.sql(f"select step, count(*) from touch where campaign = '{CAMPAIGN}' and state = 'held' and recipient is null group by step")}
    assert len(sent) >= 2 and {step: row["sent"] for step, row in steps.items() if row["sent"]} == sent, (steps, sent)
    assert held and steps["qualify"]["held_back"] == held["qualify"] and steps["qualify"]["why"][0]["reason"] == "no channel", steps["qualify"]
    assert report["goal"]["uplift"]["verdict"] == "not yet known" and report["goal"]["uplift"]["difference"] is None
    text = s.run("report", "campaign", CAMPAIGN).stdout
    assert "Steps\nstep " in text and "not yet known" in text and "no channel" in text, text
    status, body = s.get(f"/v1/reports/campaign?name={CAMPAIGN}", reader)
    assert status == 200 and body == report, (status, body)
    wrong = s.run("report", "campaign", "thirty-days-nurture", check=False)
    assert wrong.returncode == 1 and f'Did you mean "{CAMPAIGN}"?' in wrong.stderr, wrong.stderr
    assert s.run("report", "campaign", check=False).returncode == 2 and s.run("report", "stages", "x", check=False).returncode == 2
    for query, wanted, says in (("?name=thirty-days-nurture", 404, "Did you mean"), ("", 400, "name a campaign"), ("?name=x&y=1", 400, "name a campaign")):
        status, body = s.get("/v1/reports/campaign" + query, reader)
        assert status == wanted and says in json.dumps(body), (query, status, body)


def archived(s, reader):
    """A campaign that the playbook no longer has keeps its numbers, its specification and its templates."""
    before = json.loads(s.run("report", "campaign", CAMPAIGN, "--json").stdout)
    source = (s.folder / "playbook" / "campaigns" / f"{CAMPAIGN}.lua").read_text()
    for path in [s.folder / "playbook" / "campaigns" / f"{CAMPAIGN}.lua", *(s.folder / "playbook" / "tests").glob("*.lua")]:
        path.unlink()
    fresh = s.folder / "playbook" / "campaigns" / "fresh.lua"
    fresh.write_text('campaign "fresh" { title = "Fresh", enter = "by hand", step "rest" { stage "engaged" } }\n')
    s.run("publish", "--yes", "--hold")
    assert s.run("report", "campaign", "fresh").stdout == "fresh: Fresh\nNobody has entered it yet.\n"
    after = json.loads(s.run("report", "campaign", CAMPAIGN, "--json").stdout)
    assert not after["living"] and after["leads"] == 1 and after["goal"] == before["goal"], after
    assert {x["step"]: x["sent"] for x in after["steps"]} == {x["step"]: x["sent"] for x in before["steps"] if x["reached"]}, after["steps"]
    files = {row["path"]: row["text"] for row in after["specification"]}
    assert files[f"campaigns/{CAMPAIGN}.lua"] == source and any(path.startswith("templates/email/") for path in files), list(files)
    text = s.run("report", "campaign", CAMPAIGN).stdout
    assert "no longer in the active playbook" in text and f'campaign "{CAMPAIGN}"' in text, text
    rows = {row["campaign"]: row for row in json.loads(s.run("report", "campaigns", "--json").stdout)}
    assert rows[CAMPAIGN]["living"] is False and rows[CAMPAIGN]["leads"] == 1 and rows["fresh"]["living"] is True and rows["fresh"]["leads"] == 0, rows
    until(lambda: not {x["campaign"]: x for x in s.get("/v1/reports/campaigns", reader)[1]["rows"]}[CAMPAIGN]["living"], what="the server to take the new playbook")


def traced(s, reader, lead):
    """Every contact of the campaign stands in the trace with its step, cause, place, revision and outcome; and why one did not happen is said."""
    traced_by_command = json.loads(s.run("trace", "walker@example.com", CAMPAIGN, "--json").stdout)
    status, enrollments = s.get(f"/v1/leads/{lead}/enrollments", reader)
    mine = [x for x in enrollments["items"] if x["campaign"] == CAMPAIGN]
    assert status == 200 and len(mine) == 1, enrollments
    status, body = s.get(f"/v1/leads/{lead}/enrollments/{mine[0]['enrollment_id']}?limit=5", reader)
    assert status == 200 and body["items"] == traced_by_command["trace"][:5] and body["next"], body
    assert body["items"][0]["what"] == "enter" and body["items"][0]["cause"] == "asset.download security-guide"
    assert [x["campaign"] for x in s.get(f"/v1/leads/{lead}/enrollments/{CAMPAIGN}", reader)[1]["items"]][:1] == [CAMPAIGN]
    assert s.get(f"/v1/leads/{lead}/enrollments/other", reader)[0] == 404
    planned = {row["touch_id"]: row for row in traced_by_command["trace"] if row["what"] in ("touch", "held")}
    rows = s.sql(f"select touch_id, step, state from touch where lead_id = {lead} and campaign = '{CAMPAIGN}'")
    assert len(rows) >= 5 and {int(touch) for touch, _, _ in rows} == set(planned)
    for touch, step, state in rows:
        row = planned[int(touch)]
        assert row["step"] == step and row["place"].startswith("campaigns/thirty-day-nurture.lua:") and len(row["revision"]) == 64 and row["cause"]
        assert row["outcome"] in (state, "sent"), (row, state)
    held = next(touch for touch, row in planned.items() if row["step"] == "qualify")
    status, body = s.get(f"/v1/touches/{held}", reader)
    assert status == 200 and body["why"] == "it was held back: no channel" and body["attempts"] == [] and body["planned_because"] == "no channel", body
    assert "held: it was held back: no channel." in s.run("touch", "show", held).stdout
    assert any(row["what"] == "otherwise" and row["step"] == "grade-check" and row["cause"] == "when is not true" for row in traced_by_command["trace"])
    text = s.run("trace", lead).stdout
    assert f'touch {held}: call "purchase-timeframe", held: no channel' in text and f'{CAMPAIGN}, enrollment ' in text, text
    assert s.get("/v1/touches/64", reader)[0] == 404 and s.run("touch", "show", "64", check=False).returncode == 1


def forecast(s, reader, idle):
    """Two leads of a segment: one may get mails, one may not. The command and the job say the same; nobody stands in the campaign by it."""
    s.sql("update lead set segments = array['active'] where not anonymous")
    before = rows_of(s, idle)
    said = json.loads(s.run("forecast", CAMPAIGN, "--segment", "active", "--days", "28", "--json").stdout)
    assert said["leads"] == {"inside": 0, "entering": 2} == said["walked"], said
    mails = next(x for x in said["channels"] if x["kind"] == "email")
    assert mails["total"] == 4 and sum(day["touches"] for day in mails["by_day"]) == 4, mails  # days 1, 3, 21, 24 of one of the two
    assert {(x["kind"], x["reason"], x["touches"]) for x in said["held"]} == {("email", "email: DE asks for double opt-in", 4.0), ("call", "no channel", 2.0)}, said["held"]
    status, body = s.post("/v1/playbook/forecast", {"campaign": CAMPAIGN, "segment": "active", "days": 28}, reader)
    assert status == 202, body
    job = until(lambda: (lambda x: x if x["state"] not in ("waiting", "running") else None)(s.get(body["see"], reader)[1]), what="the job")
    assert job["state"] == "done" and job["result"]["channels"][0]["total"] == mails["total"], job
    assert "email    4" in s.run("forecast", CAMPAIGN, "--segment", "active", "--days", "28").stdout
    assert rows_of(s, idle) == before and s.sql("select count(*) from enrollment") == [["0"]]
    for args, says in ((("thirty-day-nurtur",), 'Did you mean "thirty-day-nurture"?'), ((CAMPAIGN, "--segment", "activ"), 'Did you mean "active"?')):
        done = s.run("forecast", *args, check=False)
        assert done.returncode == 1 and says in done.stderr, done.stderr


def by_command(s):
    """An invented lead can be reached by every channel that there is; what was asked and never came to pass is told; what contradicts itself is refused."""
    said = json.loads(s.run("simulate", CAMPAIGN, "--invent", "--days", "25", "--answer", "qualify=now", "--event", "day 2 opportunity.won", "--event", "day 3 opportunity.lost",
                            "--json").stdout)
    assert [x["outcome"] for x in said["lines"] if x["what"] == "email"] == ["sent"], said["lines"]
    assert said["notes"] == ["answer qualify=now was never used: the lead never came to that step.",
                             "event day 3 opportunity.lost changed nothing here: the lead had left the campaign."], said["notes"]
    assert "note: answer thanks=held was never used: its contact was held back: email: DE" in s.run("simulate", CAMPAIGN, "--invent", "--country", "DE", "--answer",
                                                                                                   "thanks=held").stdout
    for args, says in ((("--lead", "1", "--invent"), "Say one or the other"), (("--country", "US", "--field", "country=DE"), "say one of them"),
                       (("--invent", "--days", "99999999"), "from 1 to 3660, not")):
        done = s.run("simulate", CAMPAIGN, *args, check=False)
        assert done.returncode == 2 and says in done.stderr, (args, done.returncode, done.stderr)


def campaigns_by_name(s, reader):
    """A campaign that nobody ever entered is there; one that is none is not."""
    rows = {x["campaign"]: x["active"] for x in s.get("/v1/campaigns", reader)[1]["items"]}
    assert rows.get(CAMPAIGN) == 0 and len(rows) >= 1, rows
    first = s.get("/v1/campaigns?limit=1", reader)[1]
    assert [x["campaign"] for x in first["items"]] == sorted(rows)[:1] and first["next"] == sorted(rows)[0], first
    status, body = s.get(f"/v1/campaigns/{CAMPAIGN}", reader)
    assert status == 200 and body["active"] == 0 and body["steps"] == [], body
    assert s.get(f"/v1/campaigns/{CAMPAIGN}/enrollments", reader)[1]["items"] == []
    assert s.get("/v1/campaigns/nope", reader)[0] == 404 and s.get("/v1/campaigns/nope/enrollments", reader)[0] == 404
    for asked, says in (({"campaign": "nope"}, "there is no campaign"), ({"campaign": CAMPAIGN, "segment": "activ"}, 'Did you mean \\"active\\"'),
                        ({"campaign": CAMPAIGN, "days": 0}, "from 1 to 730")):
        status, body = s.post("/v1/playbook/forecast", asked, reader)
        assert status == 400 and says in json.dumps(body), (asked, status, body)


def over_http(s, reader, idle):
    before = rows_of(s, idle)
    status, body = s.post("/v1/playbook/simulate", {"campaign": CAMPAIGN, "lead": idle, "days": 10}, reader)
    assert status == 200 and body["lead"] == idle and not body["in_before"], (status, body)
    held = [x for x in body["lines"] if x.get("outcome") == "held"]
    assert held and held[0]["reason"] == "email: DE asks for double opt-in" and held[0]["where"].startswith("campaigns/thirty-day-nurture.lua:"), body
    status, body = s.post("/v1/playbook/simulate", {"campaign": CAMPAIGN, "days": 10, "fields": {"email": "x@example.com", "country": "US"},
                                                    "events": ["day 2 opportunity.won"]}, reader)
    assert status == 200 and body["lead"] is None and body["stands"][0]["state"] == "ended", (status, body)
    for asked, wanted, says in (({}, 400, "which campaign"), ({"campaign": "thirty-day"}, 400, "there is no campaign"),
                                ({"campaign": CAMPAIGN, "lead": "nobody@example.com"}, 404, "no such lead"), ({"campaign": CAMPAIGN, "lead": []}, 400, "lead is"),
                                ({"campaign": CAMPAIGN, "lead": idle, "fields": {}}, 400, "invented"), ({"campaign": CAMPAIGN, "leed": 1}, 400, "leed"), ({"campaign": CAMPAIGN, "days": 367}, 400, "from 1 to 366 here"),
                                ({"campaign": CAMPAIGN, "answers": {"thanks": "helt"}}, 400, 'Did you mean \\"held\\"')):
        status, body = s.post("/v1/playbook/simulate", asked, reader)
        assert status == wanted and says in json.dumps(body), (asked, status, body)
    assert s.post("/v1/playbook/simulate", {"campaign": CAMPAIGN}, s.token("track"))[0] == 403
    assert rows_of(s, idle) == before


if __name__ == "__main__":
    run_tests(globals())
