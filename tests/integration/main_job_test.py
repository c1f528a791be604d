#!/usr/bin/env python3
"""The main job, end to end: a lead in, an event in, scored, explained, in its campaign, its mail in the outbox, and the way out of it."""
import json
import re
import signal
import time

from nurture import SOURCE, Server, run_tests, until

CHANNEL = '''
postal_address = "Acme Security, 1 Example Street, 10115 Berlin"
channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }
'''
LEAD = {"email": "ann@example.com", "first_name": "Ann", "country": "US", "time_zone": "America/New_York", "phone": "+1 202 555 0101"}
DOWNLOAD = {"email": "ann@example.com", "verb": "asset.download", "subject": "security-guide", "key": "d-1"}


def server(**more):
    return Server(playbook="scripts", config=CHANNEL, **more)


def score_of(s, token, email="ann@example.com"):
    status, body = s.get(f"/v1/leads/{email}/score", token)
    assert status == 200, (status, body)
    return {m["model"]: m for m in body["models"]}, body


def mail_of(s):
    return until(s.mails, what="the mail")[0]


def unsubscribe_path(mail):
    return re.search(r"<https?://[^/>]+(/u/[^>]+)>", mail["List-Unsubscribe"]).group(1)


def test_a_lead_and_an_event_become_a_score_a_campaign_and_a_mail():
    with server() as s:
        token = s.token("write")
        s.lead(LEAD, token)
        status, body = s.post("/v1/events", DOWNLOAD, token)
        assert status == 202 and body["accepted"] == 1, (status, body)
        models, _ = until(lambda: (lambda r: r[0]["nurture"]["score"] == 10 and r)(score_of(s, token)), what="the score")
        for model in models.values():
            assert sum(r["points"] for r in model["rules"]) + model["bounded"] == model["score"], model
        rule = next(r for r in models["nurture"]["rules"] if r["points"])
        assert rule["rule"] == "read a white paper" and "security-guide" in rule["because"] and rule["where"].startswith("scoring/nurture.lua:"), rule
        text = s.run("score", "ann@example.com", "--explain").stdout
        assert "read a white paper" in text and "security-guide" in text, text
        enrollments = until(lambda: s.get("/v1/campaigns/thirty-day-nurture/enrollments", token)[1]["items"])
        assert len(enrollments) == 1, enrollments

        mail = mail_of(s)
        assert mail["Subject"] == "Thank you for reading The security guide" and "ann@example.com" in mail["To"]
        parts = {p.get_content_type(): p.get_content() for p in mail.walk() if not p.is_multipart()}
        assert set(parts) == {"text/plain", "text/html"}, parts.keys()
        for part in parts.values():
            assert "Hello Ann" in part and "1 Example Street" in part and "/u/" in part, part
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        timeline = json.dumps(s.get("/v1/leads/ann@example.com/timeline", token)[1])
        assert "asset.download" in timeline and "thirty-day-nurture" in timeline, timeline
        assert "asset.download" in s.run("lead", "ann@example.com").stdout

        status, body = s.post("/v1/events", DOWNLOAD, token)
        assert status == 202 and body["duplicates"] == 1 and body["accepted"] == 0, body
        time.sleep(1)
        assert score_of(s, token)[0]["nurture"]["score"] == 10, "a key counts once"
        assert len(s.mails()) == 1


def test_looking_at_the_unsubscribe_page_changes_nothing_and_posting_withdraws():
    with server() as s:
        token = s.token("write")
        s.post("/v1/leads", LEAD, token)
        s.post("/v1/events", DOWNLOAD, token)
        path = unsubscribe_path(mail_of(s))
        until(lambda: s.sql("select 1 from touch where state = 'planned'") or True)
        for _ in range(100):
            assert s.get(path)[0] == 200
            assert s.request("HEAD", path)[0] == 200
        assert s.sql("select count(*) from consent") == [["0"]]
        assert s.get(path[:-1] + ("A" if path[-1] != "A" else "B"))[0] == 404
        assert s.post(path[:-2])[0] == 404
        for body, kind in ((b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
                           (b"--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n", "multipart/form-data; boundary=x")):
            status, page, headers = s.request("POST", path, body, headers={"Content-Type": kind, "Origin": "https://elsewhere.example.net"})
            assert status == 200 and "unsubscribed" in page and "Location" not in headers, (status, page)
        assert s.sql("select state, source from consent order by id")[0] == ["withdrawn", "unsubscribe"]
        until(lambda: s.sql("select count(*) from touch where state in ('planned', 'claimed', 'deferred')") == [["0"]], what="cancelling what is open")
        until(lambda: s.sql("select state, reason from enrollment") and s.sql("select state from enrollment") == [["ended"]], what="leaving the campaign")
        status, body = s.get("/v1/leads/ann@example.com/consent", token)
        assert body["items"][0]["state"] == "withdrawn", body


def test_the_thirty_day_cycle_runs_by_scaled_time_over_a_restart_and_goes_on_monthly():
    with server(args=["--time-scale", "432000"]) as s:  # five days a second
        token = s.token("write")
        s.post("/v1/leads", LEAD, token)
        s.post("/v1/events", DOWNLOAD, token)
        until(lambda: len(s.mails()) >= 2, 60, "the second mail")
        s.stop()                     # time goes on where it was
        s.start()
        def thirty():  # other campaigns (the webinar, who has gone quiet) may write in between
            return [m for m in s.mails() if m["Feedback-ID"].startswith("thirty-day-nurture:")]
        until(lambda: len(thirty()) >= 6, 120, "two newsletters of the monthly round")
        subjects = [m["Subject"] for m in thirty()][:6]
        assert subjects[0].startswith("Thank you") and subjects[1].startswith("What changes") and "an invitation" in subjects[2], subjects
        assert all(x.startswith("Security in plain words") for x in subjects[3:]), subjects
        rows = s.sql("select step, state, reason, extract(epoch from due_at - (select min(entered_at) from enrollment)) / 86400 from touch where campaign = 'thirty-day-nurture' order by due_at, touch_id")
        by_step = {}
        for step, state, reason, day in rows:
            by_step.setdefault(step, []).append((state, reason, float(day)))
        assert by_step["qualify"][0][:2] == ("held", "no channel") and by_step["requalify"][0][:2] == ("held", "no channel"), by_step
        assert by_step["thanks"][0][2] < 1 and 1 <= by_step["benefits"][0][2] < 6 and 19 <= by_step["e-seminar"][0][2] < 25, by_step
        assert by_step["monthly"][0][2] > 55, by_step
        assert s.sql("select count(*) from (select 1 from touch where enrollment_id is not null and recipient is null "
                     "group by enrollment_id, step, pass having count(*) > 1) x") == [["0"]]
        hours = [m["Date"].datetime for m in thirty()][1:6]
        assert all(d.astimezone(__import__("zoneinfo").ZoneInfo("America/New_York")).weekday() < 5 for d in hours), hours


def test_a_saved_rule_scores_the_next_event_and_a_broken_file_changes_nothing():
    with server(args=["--watch"]) as s:
        token = s.token("write")
        s.post("/v1/leads", LEAD, token)
        rules = s.folder / "playbook/scoring/nurture.lua"
        good = rules.read_text()
        rules.write_text(good.replace('  rule "asked for a demo"', f'  rule "it is this one" {{ on "asset.download", lead {{ email = "{LEAD["email"]}" }}, points = 7 }},\n'
                                      '  rule "asked for a demo"', 1))
        until(lambda: s.sql("select count(*) from activation") == [["2"]], what="publishing what was saved")
        s.post("/v1/events", DOWNLOAD, token)
        until(lambda: score_of(s, token)[0]["nurture"]["score"] == 17, what="the new points")
        rules.write_text(good.replace("points = 10,", "points = 10 each", 1))
        until(lambda: "scoring/nurture.lua:" in s.run("status").stdout, what="the error in status")
        assert re.search(r"scoring/nurture\.lua:\d+", s.log_text())
        assert s.sql("select count(*) from activation") == [["2"]]
        assert score_of(s, token)[0]["nurture"]["score"] == 17
        rules.write_text(good)
        until(lambda: s.sql("select count(*) from activation") == [["3"]], what="the mended file")
        until(lambda: "scoring/nurture.lua:" not in s.run("status").stdout, what="the error going away")


WRONG = [  # method, path, body, headers, status, what the answer must say
    ("POST", "/v1/leads", b"{", {}, 400, "not JSON"),
    ("POST", "/v1/leads", b"[" * 1000 + b"]" * 1000, {}, 400, "nested deeper"),
    ("POST", "/v1/leads", b'{"email":"a@example.com","email":"b@example.com"}', {}, 400, "duplicate"),
    ("POST", "/v1/leads", b'{"email":"a@example.com","first_name":"\xff"}', {}, 400, "body"),
    ("POST", "/v1/leads", b'{"email":"a@example.com","first_name":"a\\u0000b"}', {}, 400, "no character of a text"),
    ("POST", "/v1/leads", b'{"email":"a@example.com","frist_name":"Ann"}', {}, 400, "first_name"),
    ("POST", "/v1/leads", b'{"first_name":"Ann"}', {}, 400, "email"),
    ("POST", "/v1/leads", b'{"email":"a@example.com","need":"nwo"}', {}, 400, "critical"),
    ("POST", "/v1/leads", b'{"email":7}', {}, 400, "email"),
    ("POST", "/v1/leads", b"{" + b'"x":1,' * 200000 + b'"y":1}', {}, 413, "at most"),
    ("POST", "/v1/leads", b"<lead/>", {"Content-Type": "text/xml"}, 400, "Content-Type"),
    ("POST", "/v1/events", b'{"email":"a@example.com","verb":"asset.downlaod"}', {}, 400, "asset.download"),
    ("POST", "/v1/events", b'{"email":"a@example.com","verb":"page.view","at":"2199-01-01T00:00:00Z"}', {}, 400, "future"),
    ("POST", "/v1/events", b'{"email":"a@example.com","verb":"page.view","at":"1905-01-01T00:00:00Z"}', {}, 400, "1990"),
    ("POST", "/v1/events", b'{"lead":9223372036854775807,"verb":"page.view"}', {}, 404, "no lead"),
    ("GET", "/v1/leads/nobody@example.com", None, {}, 404, "lead"),
    ("GET", "/v1/leads/'%20or%201=1--", None, {}, 404, "lead"),
    ("GET", "/v1/leads?limit=0", None, {}, 400, "limit"),
    ("GET", "/v1/leads?after=x';drop%20table%20lead;--", None, {}, 400, "after is what"),
    ("GET", "/v1/leads?page=2", None, {}, 400, "takes after and limit"),
    ("GET", "/v1/accounts/none", None, {}, 404, "no such account"),
    ("POST", "/v1/events", b'{"email":"a@example.com","verb":"page.view","value":1e300}', {}, 400, "value"),
    ("POST", "/v1/events", b'{"email":"a@example.com","verb":"page.view","key":""}', {}, 400, "key"),
    ("GET", "/v1/reports/nothing", None, {}, 404, "report"),
    ("DELETE", "/v1/leads", None, {}, 405, ""),
    ("GET", "/v1/nothing", None, {}, 404, ""),
    ("POST", "/v1/playbook/simulate", b"{}", {}, 400, "which campaign"),
]


def test_wrong_requests_get_the_field_named_and_change_nothing():
    with server() as s:
        token = s.token("admin")
        for method, path, body, headers, status, says in WRONG:
            answer, text, _ = s.request(method, path, body, token, headers)
            assert answer == status, (method, path, (body or b"")[:80], answer, text)
            assert says.lower() in json.dumps(text, ensure_ascii=False).lower(), (path, says, text)
        s.post("/v1/leads", {"email": "b@example.com"}, token)
        for wrong, says in [({"channel": "emial"}, "there is no channel"), ({"channel": "email", "purpose": "news"}, "there is no purpose"), ({}, "channel is missing")]:
            status, body = s.post("/v1/leads/b@example.com/consent", {"state": "withdrawn", **wrong}, token)
            assert status == 400 and says in body["detail"], (wrong, body)
        assert s.post("/v1/leads/b@example.com/consent", {"state": "granted", "channel": "email"}, token)[0] == 200
        lines = b'{"email":"b@example.com","verb":"page.view"}\nnot json\n\n{"email":"b@example.com","verb":"page.veiw"}\n{"email":"c@example.com","verb":"page.view"}'
        status, body, _ = s.request("POST", "/v1/events", lines, token, {"Content-Type": "application/x-ndjson"})
        assert status == 202 and body["accepted"] == 2 and [e["line"] for e in body["errors"]] == [2, 4], body
        many = b'{"email":"b@example.com","verb":"page.view"}\n' * 10000
        status, body, _ = s.request("POST", "/v1/events", many, token, {"Content-Type": "application/x-ndjson"})
        assert status == 202 and body["accepted"] == 10000, body
        status, body, _ = s.request("POST", "/v1/events", many + many[:100], token, {"Content-Type": "application/x-ndjson"})
        assert status == 413 and "10000" in body["detail"], body
        assert sorted(r[0] for r in s.sql("select email from lead where email is not null") or []) <= ["b@example.com", "c@example.com"]
        assert s.request("GET", "/v1/leads")[0] == 401
        assert s.request("GET", f"/v1/leads?token={token}")[0] == 401
        track = s.token("track")
        assert s.get("/v1/leads", track)[0] == 403
        assert s.post("/v1/events", {"email": "d@example.com", "verb": "page.view"}, track)[0] == 202
        read = s.token("read")
        assert s.get("/v1/leads", read)[0] == 200
        assert s.post("/v1/events", {"email": "d@example.com", "verb": "page.view"}, read)[0] == 403


def test_data_is_never_code():
    with server() as s:
        token = s.token("write")
        evil = "{{ lead.email }}<script>alert(1)</script>' or 1=1 --"
        body = s.lead({**LEAD, "first_name": evil}, token)
        assert body["first_name"] == evil, body
        s.post("/v1/events", DOWNLOAD, token)
        mail = mail_of(s)
        parts = {p.get_content_type(): p.get_content() for p in mail.walk() if not p.is_multipart()}
        assert "<script>" not in parts["text/html"] and "&lt;script&gt;" in parts["text/html"], parts["text/html"]
        assert "{{ lead.email }}" in re.sub(r"\s+", " ", parts["text/plain"]), parts["text/plain"]


ALLOWS = {"track": {"TRACK"}, "read": {"READ"}, "write": {"TRACK", "READ", "WRITE"}, "admin": {"TRACK", "READ", "WRITE", "ADMIN"}}


def test_every_route_takes_only_the_scopes_it_says():
    table = re.findall(r'\{HTTP_(\w+), "([^"]+)", SCOPE_(\w+), (\w+)', (SOURCE / "core/web/route.c").read_text())
    assert len(table) > 30, table
    with server() as s:
        tokens = {scope: s.token(scope) for scope in ALLOWS}
        for method, path, needs, handler in table:
            path = re.sub(r":\w+|\*", "64", path)
            for scope, token in {**tokens, None: None, "forged": "nt_" + "x" * 43}.items():
                status = s.request(method, path, b"{}" if method in ("POST", "PATCH") else None, token)[0]
                where = (method, path, scope, status)
                if needs == "PUBLIC":
                    assert status not in (401, 403), where
                elif scope in (None, "forged"):
                    assert status == 401, where
                else:
                    assert (status == 403) == (needs not in ALLOWS[scope]) and status != 401, where
                assert status < 500 or status == 501 or handler == "web_ready", where
        assert s.run("token", "revoke", s.sql("select token_id from api_token where scope = 'read'")[0][0]).returncode == 0
        until(lambda: s.get("/v1/leads", tokens["read"])[0] == 401, what="the end of a revoked token")


def test_a_worker_that_just_started_knows_the_playbooks_fields():
    with server() as s:
        token = s.token("write")
        for _ in range(4):
            s.process.send_signal(signal.SIGHUP)
            end = time.monotonic() + 2
            while time.monotonic() < end:
                status, body = s.post("/v1/leads", {"email": "ann@example.com", "need": "critical"}, token)
                assert status in (200, 201, 202), (status, body)


def test_health_readiness_and_figures_are_told():
    with server() as s:
        assert s.get("/healthz") == (200, "ok\n")
        until(lambda: s.get("/readyz")[1]["channels"], 60, "the channel's own word")
        status, body = s.get("/readyz")
        assert status == 200 and body["ready"] and body["channels"][0]["channel"] == "email", body
        assert "nurture_turns_total" in s.get("/metrics")[1]


if __name__ == "__main__":
    run_tests(globals())
