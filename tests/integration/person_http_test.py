#!/usr/bin/env python3
"""What a system beside us may ask about people: whom not to contact, and all that is known of one."""
import json
import signal

from nurture import Server, run_tests, until

CONFIG = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }\npostal_address = "1 Road, Town"'


def settled(s):
    until(lambda: s.sql("select count(*) from inbox") == [["0"]], what="all turns")


def lists_are_read_added_to_and_taken_from(s, admin, write, read):
    made = {kind: s.post("/v1/suppressions", {"kind": kind, "value": value, "reason": "asked us"}, write)
            for kind, value in (("email", " Gone@Example.COM "), ("domain", "@rival.example"), ("phone", "+49 30 123 456"))}
    assert all(m == (200, {"added": 1, "stopped": 0}) for m in made.values()), made
    assert s.post("/v1/suppressions", {"kind": "email", "value": "gone@example.com"}, write) == (200, {"added": 0, "stopped": 0})
    status, body = s.get("/v1/suppressions", read)
    assert [(i["kind"], i["value"], i["channel"], i["reason"]) for i in body["items"]] == [
        ("domain", "rival.example", "*", "asked us"), ("email", "gone@example.com", "*", "asked us"), ("phone", "+4930123456", "*", "asked us")], body
    assert s.post("/v1/suppressions", {"kind": "email", "value": "gone@example.com", "channel": "call"}, write)[1]["added"] == 1
    seen, after = [], ""
    while after is not None:  # of the same value two channels, and a page ends between them
        page = s.get(f"/v1/suppressions?limit=1{after and '&after=' + after}", read)[1]
        seen += [(i["value"], i["channel"]) for i in page["items"]]
        after = page["next"] and page["next"].replace("\t", "%09").replace("+", "%2B").replace("@", "%40")
    assert seen == [("rival.example", "*"), ("gone@example.com", "*"), ("gone@example.com", "call"), ("+4930123456", "*")], seen
    for body, part in (({"kind": "lead", "value": "1"}, "email, domain or phone"), ({"kind": "email", "value": "x"}, "value"), ({"kind": "email"}, "empty"),
                       ({"kind": "email", "value": 1}, "text"), ({"kind": "email", "value": "a@b.example", "channel": "fax"}, "channel"),
                       ({"kind": "email", "value": "a@b.example", "because": "x"}, "because")):
        status, answer = s.post("/v1/suppressions", body, write)
        assert status == 400 and part in json.dumps(answer), (body, answer)
    assert s.request("DELETE", "/v1/suppressions/email/gone@example.com", token=write)[0] == 403
    assert s.request("DELETE", "/v1/suppressions/email/GONE@example.com", token=admin)[:2] == (200, {"removed": True})
    assert s.request("DELETE", "/v1/suppressions/email/gone@example.com", token=admin)[0] == 404
    assert s.request("DELETE", "/v1/suppressions/email/gone@example.com?channel=call", token=admin)[0] == 200
    acts = s.sql("select act, actor ~ '^token [0-9]+', object !~ 'gone' from audit where act like 'suppression.%' order by id")
    assert acts == [["suppression.add", "t", "t"]] * 4 + [["suppression.remove", "t", "t"]] * 2, acts


def a_number_without_country_code_is_refused_or_of_a_country_that_is_said(s, admin, write):
    status, answer = s.post("/v1/suppressions", {"kind": "phone", "value": "030 1234501"}, write)
    assert status == 400 and "stops nobody" in json.dumps(answer) and "+49 30 123456" in json.dumps(answer), answer
    assert s.post("/v1/suppressions", {"kind": "phone", "value": "030 1234501", "country": "Atlantis"}, write)[0] == 400
    assert s.post("/v1/suppressions", {"kind": "phone", "value": "030 1234501", "country": "DE"}, write) == (200, {"added": 1, "stopped": 0})
    assert s.request("DELETE", "/v1/suppressions/phone/030%201234501?country=DE", token=admin)[0] == 200, "as it was put on"
    done = s.run("suppression", "add", "phone", "030 1234502", check=False)
    assert done.returncode == 2 and "stops nobody" in done.stderr, done
    s.run("suppression", "add", "phone", "030 1234502", "--country", "DE")
    assert s.sql("select value from suppression where value like '%12345__'") == [["+49301234502"]]
    # of a list from before
    s.sql("insert into suppression (kind, value, channel, reason, at) values ('phone', '030 1234503', '*', 'import', now())")
    rows = {row["value"]: row["warning"] for row in json.loads(s.run("suppression", "list", "--kind", "phone", "--json").stdout)}
    assert rows["030 1234503"] == "no country code: stops nobody whose number has one" and rows["+49301234502"] is None, rows
    assert s.request("DELETE", "/v1/suppressions/phone/030%201234503", token=admin)[0] == 200
    s.run("suppression", "remove", "phone", "+49301234502")


def what_is_planned_stops_with_it(s, write):
    lead = s.lead({"email": "planned@example.com", "country": "US"}, write)["lead_id"]
    settled(s)
    s.sql("insert into touch (shard, touch_id, lead_id, channel, kind, template, purpose, state, planned_at, due_at, revision) values "
          f"({lead} & 63, 64 | ({lead} & 63), {lead}, 'email', 'email', 't', 'marketing', 'planned', now(), now() + interval '9 days', 'r')")
    assert s.post("/v1/suppressions", {"kind": "email", "value": "planned@example.com"}, write) == (200, {"added": 1, "stopped": 1})
    assert s.sql(f"select state, reason from touch where lead_id = {lead} and template = 't'") == [["cancelled", "suppressed"]]


def all_that_is_known_of_one_person(s, admin, write):
    a = s.lead({"email": "ann@example.com", "country": "US", "first_name": 'A"n'}, write)["lead_id"]
    b = s.lead({"email": "ann@example.org", "country": "US"}, write)["lead_id"]
    for part in range(3):  # more than a page of events
        lines = "".join(json.dumps({"email": "ann@example.com", "verb": "page.view", "subject": f"/{part}/{n}"}) + "\n" for n in range(500))
        assert s.post("/v1/events", lines, write, headers={"Content-Type": "application/x-ndjson"})[0] == 202
    s.run("merge", b, a)
    settled(s)
    status, told = s.get(f"/v1/leads/{a}/export", admin)
    assert status == 200 and len([e for e in told["events"] if e["verb"] == "page.view"]) == 1500
    assert told == json.loads(s.run("lead", a, "--export").stdout)
    assert {i["value"] for i in told["identities"]} == {"ann@example.com", "ann@example.org"} and len(told["leads"]) == 2
    assert s.get("/v1/leads/ann@example.org/export", admin)[1] == told
    assert s.get("/v1/leads/nobody@example.com/export", admin)[0] == 404
    assert s.get(f"/v1/leads/{a}/export", write)[0] == 403


def a_month_or_a_minute(s):
    done = s.run("purge", "--older", "1m", "--everybody", "--dry-run", check=False)
    assert done.returncode and '"1mo"' in done.stdout + done.stderr, done


def old(s, write, name, count, months=8):
    s.post("/v1/events", [{"email": f"{name}{i}@acme.example", "verb": "page.view"} for i in range(count)], write)
    settled(s)
    s.sql(f"update lead set created_at = created_at - interval '{months} months' where email like '{name}%'")
    s.sql(f"update event e set at = e.at - interval '{months} months' from lead l where l.shard = e.shard and l.lead_id = e.lead_id and l.email like '{name}%'")


def left(s, name):
    return int(s.sql(f"select count(*) from lead where email like '{name}%' and erased_at is null")[0][0])


def who_did_nothing_for_long_goes_when_an_admin_says_yes(s, admin, write):
    old(s, write, "idle", 40)
    words = {"older": "6mo", "everybody": True}
    for body, part in (({"older": "6mo"}, "of whom"), ({"everybody": True}, "for how long"), ({**words, "segment": "lapsed"}, "of whom"),
                       ({"older": "6m", "everybody": True}, "6mo"), ({"older": "2 hours", "everybody": True}, "days, weeks"),
                       ({"older": "banana", "everybody": True}, "Write a number and days, weeks, months or years"), ({**words, "yess": True}, "yess"),
                       ({"older": "6mo", "segment": "nobody"}, "nobody"), ({**words, "yes": "no"}, "true or false")):
        status, told = s.post("/v1/purges", body, admin)
        assert status == 400 and part in told["detail"], (body, status, told)
    assert s.post("/v1/purges", {**words, "yes": True}, write)[0] == 403
    status, told = s.post("/v1/purges", {**words, "dry_run": True}, admin)
    assert status == 200 and told["leads"] == 40 and told["segment"] is None, told
    status, told = s.post("/v1/purges", words, admin)
    assert status == 409 and told["field"] == "yes" and told["preview"]["leads"] == 40, told
    assert left(s, "idle") == 40 and {j["kind"] for j in s.get("/v1/jobs", admin)[1]["items"]} <= {"rescore"}
    status, told = s.post("/v1/purges", {**words, "yes": True}, admin)
    assert status == 202 and told["leads"] == 40, told
    until(lambda: s.get(told["see"], admin)[1]["state"] == "done", what="the purge")
    assert s.get(told["see"], admin)[1]["result"] == {"leads": 40} and left(s, "idle") == 0
    assert s.sql("select distinct actor from audit where act = 'lead.erase'") == [["token 2 test-admin"]]


RETENTION = '\nretention = { { segment = "lapsed", older = "24 months" }, { segment = "nobody", older = "2 years" }, anonymous = "60 days" }\n'


def what_the_configuration_says_is_kept_is_kept_and_no_longer(s, admin, write):
    old(s, write, "cold", 30, 30)
    old(s, write, "cool", 10, 12)
    s.sql("update lead set segments = '{lapsed}' where email like 'co%'")
    assert "leads are kept" in s.run("purge", "--retention").stdout
    conf = s.folder / "nurture.conf"
    conf.write_text(conf.read_text() + RETENTION.replace("nobody", "active"))
    told = json.loads(s.run("purge", "--retention", "--json").stdout)
    assert told["anonymous_days"] == 60 and [(r["segment"], r["leads"]) for r in told["rules"]] == [("lapsed", 30), ("active", 0)], told
    assert "30 leads of segment lapsed" in s.run("purge", "--retention").stdout and left(s, "cold") == 30
    assert s.run("purge", "--retention", "--everybody", check=False).returncode == 2
    conf.write_text(conf.read_text().replace('"active"', '"nobody"'))
    s.process.send_signal(signal.SIGHUP)
    until(lambda: left(s, "cold") == 0, what="retention")
    jobs = lambda: [j for j in s.get("/v1/jobs", admin)[1]["items"][:2]]
    until(lambda: sorted(j["state"] for j in jobs()) == ["done", "failed"], what="both rules")
    assert left(s, "cool") == 10
    failed = next(j for j in jobs() if j["state"] == "failed")
    assert "nobody" in s.get(f"/v1/jobs/{failed['job']}", admin)[1]["result"]["detail"]
    ours = "select count(*) from job where kind = 'retention' and arguments->>'by' = 'retention' and arguments->>'segment' = "
    s.sql("update job set created_at = created_at - interval '25 hours' where arguments->>'segment' = 'nobody'")
    s.process.send_signal(signal.SIGHUP)  # who looks again makes a job of the rule whose day is over, and none of the one before it
    until(lambda: s.sql(ours + "'nobody'") == [["2"]], what="the next day's job")
    assert s.sql(ours + "'lapsed'") == [["1"]]


def test_what_a_system_beside_us_may_ask_about_people():
    with Server(playbook="scripts", config=CONFIG) as s:
        admin, write, read = s.token("admin"), s.token("write"), s.token("read")
        lists_are_read_added_to_and_taken_from(s, admin, write, read)
        a_number_without_country_code_is_refused_or_of_a_country_that_is_said(s, admin, write)
        what_is_planned_stops_with_it(s, write)
        all_that_is_known_of_one_person(s, admin, write)
        a_month_or_a_minute(s)
        who_did_nothing_for_long_goes_when_an_admin_says_yes(s, admin, write)
        what_the_configuration_says_is_kept_is_kept_and_no_longer(s, admin, write)
        s.run("audit", "verify")


if __name__ == "__main__":
    run_tests(globals())
