#!/usr/bin/env python3
"""What a system beside us may ask about people: whom not to contact, and all that is known of one."""
import json

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


def test_what_a_system_beside_us_may_ask_about_people():
    with Server(playbook="scripts", config=CONFIG) as s:
        admin, write, read = s.token("admin"), s.token("write"), s.token("read")
        lists_are_read_added_to_and_taken_from(s, admin, write, read)
        what_is_planned_stops_with_it(s, write)
        all_that_is_known_of_one_person(s, admin, write)
        a_month_or_a_minute(s)
        s.run("audit", "verify")


if __name__ == "__main__":
    run_tests(globals())
