#!/usr/bin/env python3
"""What is known of people: quality flags, and every way of giving it out or away."""
import csv
import io
import json
import os
import pathlib
import signal
import subprocess

from nurture import SOURCE, Server, run_tests, until

CHANNEL = '''
postal_address = "Acme Security, 1 Example Street, 10115 Berlin"
channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }
'''


def server():
    return Server(playbook="scripts", config=CHANNEL)


def playbook(s, extra):
    """The sample with something of the test's own; the server's copy, published."""
    (s.folder / "playbook/people.lua").write_text(extra)
    head = s.folder / "playbook/playbook.lua"
    head.write_text(head.read_text().replace('language = "en",', 'language = "en", competitors = { "rival.example", "Rival*" },', 1))
    s.run("publish", s.folder / "playbook", "-m", "people", "--yes")


def quality(s, token, email):
    return s.get(f"/v1/leads/{email}", token)[1]["quality"]


FLAGGED = '''
segment "junk" { title = "Junk", who = lead { quality = { "disposable", "keyboard_noise" } } }
model "trust" { title = "Trust", from = -100, to = 100,
  rule "a real person" { lead { quality = empty }, points = 10 },
  rule "an address for minutes" { lead { quality = "disposable" }, points = -50 },
  rule "known already" { lead { quality = "duplicate" }, points = -20 } }
'''


def test_every_lead_has_flags_that_rules_and_segments_ask_and_nobody_is_dropped():
    with server() as s:
        token = s.token("write")
        playbook(s, FLAGGED)
        clean = s.lead({"email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee", "company": "Acme", "phone": "+49 30 901820"}, token)
        assert clean["quality"] == [], clean
        bad = s.lead({"email": "info@mailinator.com", "first_name": "asdf", "company": "Rival Inc", "phone": "+1 202"}, token)
        assert bad["quality"] == ["disposable", "role_address", "impossible_phone", "keyboard_noise", "competitor"], bad
        assert "junk" in bad["segments"] and "junk" not in clean["segments"]
        points = until(lambda: {m["model"]: m for m in s.get("/v1/leads/info@mailinator.com/score", token)[1]["models"]}.get("trust"),
                       what="the web worker's own look at the new playbook")
        rule = next(r for r in points["rules"] if r["points"])
        assert points["score"] == -50 and rule["because"].startswith("quality = "), points
        # the flags follow the fields
        bad = s.lead({"email": "info@mailinator.com", "first_name": "Ann", "company": None, "phone": None}, token)
        assert bad["quality"] == ["disposable", "role_address"], bad
        # the same number, or the same name at the same company, of an older lead
        s.lead({"email": "ann.lee@gmail.com", "first_name": "ANN", "last_name": "Lee", "company": "acme"}, token)
        s.lead({"email": "bob@acme.example", "phone": clean["phone"]}, token)
        until(lambda: quality(s, token, "ann.lee@gmail.com") == ["free_mail", "duplicate"], what="the second Ann's flag")
        until(lambda: quality(s, token, "bob@acme.example") == ["duplicate"], what="the flag of the same number")
        assert quality(s, token, "ann@acme.example") == [], "the older one is the one"
        shown = s.run("lead", "info@mailinator.com").stdout
        assert "quality" in shown and "disposable, role_address" in shown, shown
        status, body = s.post("/v1/leads", {"email": "x@acme.example", "quality": ["disposable"]}, token)
        assert status == 400 and body["field"] == "quality", (status, body)


# What spreadsheets, CSV and JSON stumble over: each comes out and in again as it was.
ODD = {"first_name": "=1+1", "last_name": "'=1+1", "title": "@SUM(A1)", "company": 'a "quoted", b', "city": "\uff1d5 below", "address": "1 Main St\nTown, \u674e",
       "phone": "+493090182099", "region": "'quoted'", "postal_code": "-7", "source": "+1 or so"}
MAP = 'return { email = "{email}", fields = { ' + ", ".join(f'{k} = "{k}"' for k in ODD) + " } }"


def fields_of(s, email):
    return s.sql(f"select to_jsonb(r) from (select {', '.join(ODD)} from lead where email = '{email}') r")


def test_an_export_comes_in_again_as_it_went_out_and_holds_no_formula():
    with server() as s:
        token = s.token("write")
        s.lead({"email": "odd@acme.example", **ODD}, token)
        s.lead({"email": "plain@acme.example", "country": "DE"}, token)
        out = s.folder / "out.csv"
        s.run("export", "--output", out)
        rows = list(csv.DictReader(out.open(newline="")))
        assert {r["email"] for r in rows} == {"odd@acme.example", "plain@acme.example"} and rows[0]["lead"].isdigit()
        odd = next(r for r in rows if r["email"].startswith("odd"))
        for cell in odd.values():
            assert cell[:1] not in tuple("=@\t\r") and (cell[:1] not in ("+", "-") or cell[1:].isdigit()), cell
        assert odd["first_name"] == "'=1+1" and odd["last_name"] == "''=1+1" and odd["phone"] == ODD["phone"] and odd["region"] == ODD["region"] and odd["city"] == "'" + ODD["city"]
        before = fields_of(s, "odd@acme.example")
        out.write_text(out.read_text().replace("odd@acme.example", "again@acme.example"))
        (s.folder / "map.lua").write_text(MAP)
        s.run("import", out, "--map", s.folder / "map.lua")
        until(lambda: s.sql("select count(*) from inbox") == [["0"]], what="the import's turns")
        assert fields_of(s, "again@acme.example") == before
        refused = s.run("export", "--output", out, check=False)
        assert refused.returncode == 1 and "there already" in refused.stderr, refused


def test_an_export_that_broke_off_is_gone_on_with_and_pages_over_http_are_the_same_file():
    with server() as s:
        token = s.token("write")
        s.post("/v1/events", [{"email": f"p{i}@acme.example", "verb": "page.view"} for i in range(40)], token)
        s.lead({"email": "p7@acme.example", "address": 'P\n"7"', "phone": "+1 202"}, token)
        until(lambda: s.sql("select count(*) from inbox") == [["0"]], what="the turns")
        fields = "email,address,quality,score.nurture,grade.main"
        whole = s.run("export", "--fields", fields).stdout
        rows = list(csv.DictReader(io.StringIO(whole)))
        assert len(rows) == 40 and list(rows[0]) == ["lead", *fields.split(",")] and all(r["score.nurture"] != "" for r in rows), rows[0]
        for form, text in (("csv", whole), ("ndjson", s.run("export", "--fields", fields, "--format", "ndjson").stdout)):
            for cut in (len(text) // 2, text.index("7\"\"" if form == "csv" else "impossible"), 3):  # in a line, in a cell, in the heading
                out = s.folder / f"cut{cut}.{form}"
                pathlib.Path(f"{out}.part").write_text(text[:cut])
                s.run("export", "--fields", fields, "--format", form, "--output", out)
                assert out.read_text() == text and not pathlib.Path(f"{out}.part").exists(), (form, cut)
            pages, after = "", ""
            while after is not None:
                status, body, headers = s.request("GET", f"/v1/export?fields={fields}&format={form}&limit=7{after}", token=token)
                assert status == 200, body
                pages += body
                after = f"&after={headers['Nurture-Next']}" if "Nurture-Next" in headers else None
            assert pages == text
        assert len(s.run("export", "--segment", "first-time", "--fields", "email").stdout.splitlines()) == 41
        assert s.run("export", "--segment", "competitors", "--fields", "email").stdout == "lead,email\n"
        for wrong, field in (("fields=emial", "fields"), ("fields=email,email", "fields"), ("format=xls", "format"), ("segment=nobody", "segment"),
                             ("limit=0", "limit"), ("after=x", "after"), ("page=2", "query"), ("fields=score.none", "fields")):
            status, body = s.get(f"/v1/export?{wrong}", token)
            assert status == 400 and body["field"] == field, (wrong, status, body)
        for wrong in (["--fields", "emial"], ["--format", "xls"], ["--segment", "nobody"]):
            done = s.run("export", *wrong, check=False)
            assert done.returncode == 1 and done.stdout == "" and wrong[1] in done.stderr, done


ANN = {"email": "ann.secret@acme.example", "first_name": "Annsecret", "last_name": "Leesecret", "company": "Acme", "phone": "+49309018201", "country": "US",
       "time_zone": "America/New_York", "title": "Head of Secretary"}
TELLING = ("secret", "+49309018201", "192.0.2.77", "127.0.0.1")


def whole_database(s):
    """Every row of every table as text, by table; what the server knows of itself apart."""
    own = ("revision_file", "node", "job", "activation", "revision", "asset", "api_token", "clock", "schema_migration", "link_key", "erase_key")
    tables = [t for t, in s.sql("select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition")]
    rows = s.sql(" union all ".join(f"select '{t}', translate(t::text, E'\\n\\t', '  ') from {t} t" for t in tables if t not in own))
    found = {t: "" for t in tables if t not in own}
    for table, text in rows:
        found[table] += text + "\n"
    return found


def tells_of(s, needles=TELLING):
    return {(t, n) for t, text in whole_database(s).items() for n in needles if n in text.lower() or n in text}


def settle(s):
    until(lambda: s.sql("select count(*) from inbox") == [["0"]], what="all turns")


def known_lead(s, token):
    """A lead of whom every table knows something; and one that was merged into it. Returns their ids."""
    lead = s.lead(ANN, token)["lead_id"]
    s.post("/v1/events", {"email": ANN["email"], "verb": "asset.download", "subject": "security-guide", "data": {"from": "secret page"}}, token)
    s.post("/v1/events", {"email": ANN["email"], "verb": "page.view", "subject": "/thanks?email=secret", "value": 7}, token)
    s.post(f"/v1/leads/{lead}/consent", {"channel": "email", "state": "granted", "source": "form", "wording": "Yes, please."}, token)
    s.post("/v1/opportunities", {"lead": lead, "state": "open", "amount": 1000, "reason": "knows secretary"}, token)
    until(s.mails, what="the first mail")
    twin = s.lead({"email": "twin.secret@acme.example", "first_name": "Twinsecret"}, token)["lead_id"]
    settle(s)
    s.sql(f"update lead set merged_into = {lead} where lead_id = {twin}")
    s.sql(f"insert into suppression (kind, value, channel, reason, at) values ('email', '{ANN['email']}', 'email', 'bounced', now())")
    s.sql("with j as (insert into job (kind, arguments, state, created_at) values ('import', '{}', 'done', now()) returning job_id) "
          "insert into import_error (job_id, line, field, detail) select job_id, 2, 'email', 'ANN.secret@acme.example is known' from j")
    return lead, twin


def test_all_that_is_known_of_a_person_is_given_out_and_then_forgotten_and_what_was_counted_stays():
    with server() as s:
        token = s.token("write")
        lead, twin = known_lead(s, token)
        given = json.loads(s.run("lead", ANN["email"], "--export").stdout)
        assert {r["lead_id"] for r in given["leads"]} == {lead, twin} and given["leads"][0]["first_name"] == "Annsecret"
        assert {i["value"] for i in given["identities"]} >= {ANN["email"], "twin.secret@acme.example"}
        for section, telling in (("events", "secret page"), ("consent", "Yes, please."), ("touches", "thanks-for-reading"), ("opportunities", "secretary"),
                                 ("enrollments", "thirty-day-nurture"), ("score_changes", "nurture"), ("suppressions", "bounced"), ("campaign_log", "thanks")):
            assert telling in json.dumps(given[section]), (section, given[section])

        asked = s.run("erase", ANN["email"], check=False)
        assert asked.returncode == 2 and "--yes" in asked.stderr, asked
        dry = s.run("erase", ANN["email"], "--dry-run").stdout
        assert "1 that were merged into it" in dry and tells_of(s), dry
        reports = [s.run("report", name).stdout for name in ("stages", "grades")]
        verbs = s.sql("select verb, count(*) from event where verb <> 'touch.over' group by 1 order by 1")
        done = s.run("erase", ANN["email"], "--yes").stdout
        assert "is erased" in done, done
        settle(s)
        assert tells_of(s) == set(), tells_of(s)
        assert [s.run("report", name).stdout for name in ("stages", "grades")] == reports
        assert s.sql("select verb, count(*) from event where verb <> 'touch.over' group by 1 order by 1") == verbs
        assert s.sql("select amount from opportunity") == [["1000"]] and s.sql("select wording from consent where source = 'form'") == [["Yes, please."]]
        assert s.sql("select count(*) from touch where state in ('planned', 'deferred', 'claimed')") == [["0"]]
        assert s.sql("select count(*) from enrollment where state <> 'ended'") == [["0"]]
        assert s.get(f"/v1/leads/{lead}", token)[1]["erased_at"] and s.get(f"/v1/leads/{ANN['email']}", token)[0] == 404
        assert json.loads(s.run("status", "--json").stdout)["database"]["leads"] == 0
        assert "lead,email" in (out := s.run("export", "--fields", "email").stdout) and len(out.splitlines()) == 1, out
        assert s.run("audit", "verify").returncode == 0
        assert s.sql(f"select count(*) from audit where act = 'lead.erase' and object in ('{lead}', '{twin}')") == [["2"]]

        # what comes late is forgotten too, and an unknown lead is nobody
        s.sql(f"""with e as (insert into event (received_at, event_id, shard, lead_id, at, verb, data) values (now(), 1, {lead & 63}, {lead}, now(), 'page.view',
              '{{"late": "secret"}}') returning *) insert into inbox (shard, lane, lead_id, event_id, received_at) select shard, 0, lead_id, event_id, received_at from e""")
        settle(s)
        until(lambda: tells_of(s) == set(), what="forgetting what came late")
        status, body = s.post("/v1/events", {"lead": lead, "verb": "page.view", "data": {"a": "secret"}}, token)
        assert body.get("accepted", 0) == 0, (status, body)
        assert "erased already" in s.run("erase", str(lead), "--yes").stdout


def test_who_was_erased_and_comes_back_gets_nothing_until_it_says_yes_itself():
    with server() as s:
        token, admin = s.token("write"), s.token("admin")
        lead = s.lead(ANN, token)["lead_id"]
        assert s.request("DELETE", f"/v1/leads/{lead}", token=token)[0] == 403
        status, body = s.request("DELETE", f"/v1/leads/{lead}", token=admin)[:2]
        assert status == 202 and body["leads"] == 1, (status, body)
        until(lambda: s.get(f"/v1/leads/{lead}", token)[1].get("erased_at"), what="the turn")
        assert s.request("DELETE", f"/v1/leads/{lead}", token=admin)[1]["leads"] == 0
        (s.folder / "again.csv").write_text("email,phone\n" + f"{ANN['email']},{ANN['phone']}\nother@acme.example,{ANN['phone']}\n")
        (s.folder / "map.lua").write_text('return { email = "{email}", fields = { phone = "phone" } }')
        s.run("import", s.folder / "again.csv", "--map", s.folder / "map.lua")
        again = s.lead({"email": ANN["email"], "country": "US", "time_zone": "America/New_York"}, token)["lead_id"]
        assert again != lead
        s.post("/v1/events", {"email": ANN["email"], "verb": "asset.download", "subject": "security-guide"}, token)
        held = until(lambda: s.sql(f"select state, reason from touch where lead_id = {again}"), what="the touch")
        assert held[0][0] == "held" and "erased" in held[0][1], held
        assert s.sql("select count(*) from suppression where kind like '%hash' and value <> 'any'") == [["2"]]
        # its own new permission counts; an import's would not
        s.sql(f"insert into consent (shard, lead_id, at, channel, purpose, state, source) values ({again & 63}, {again}, now(), 'email', 'marketing', 'granted', 'import')")
        s.run("erase", "other@acme.example", "--yes")
        s.post(f"/v1/leads/{again}/consent", {"channel": "email", "state": "granted", "source": "form"}, token)
        s.sql("delete from enrollment; delete from lead_history")  # so that it enters the campaign anew
        s.post("/v1/events", {"email": ANN["email"], "verb": "asset.download", "subject": "security-guide"}, token)
        assert until(s.mails, what="the mail to who came back")


def test_what_others_said_of_an_address_outlives_the_person_and_its_company_does_not():
    with server() as s:
        token, admin = s.token("write"), s.token("admin")
        lead, other = s.lead(ANN, token)["lead_id"], s.lead({"email": "colleague@shared.example"}, token)["lead_id"]
        alone = s.lead({"email": "sole@sole-trader.example"}, token)["lead_id"]
        leaver = s.lead({"email": "leaver@shared.example"}, token)["lead_id"]
        s.run("suppression", "add", "email", ANN["email"], "--reason", "complained")
        until(lambda: s.sql("select count(*) from lead where account_id is null") == [["0"]], what="accounts")
        for who in (lead, alone, leaver):
            assert s.request("DELETE", f"/v1/leads/{who}", token=admin)[0] == 202
            until(lambda: s.get(f"/v1/leads/{who}", token)[1].get("erased_at"), what="the turn")
        assert s.sql("select kind, reason from suppression where reason <> 'erased'") == [["email_barred", "complained"]]
        assert s.sql("select domain from account where domain is not null") == [["shared.example"]], "somebody else is known there"
        assert s.sql("select count(*) from account where name is not null") == [["0"]]
        again = s.lead({"email": ANN["email"], "country": "US", "time_zone": "America/New_York"}, token)["lead_id"]
        assert s.post(f"/v1/leads/{again}/consent", {"channel": "email", "state": "confirmed", "source": "form"}, token)[0] == 200
        s.post("/v1/events", {"email": ANN["email"], "verb": "asset.download", "subject": "security-guide"}, token)
        held = until(lambda: s.sql(f"select state, reason from touch where lead_id = {again}"), what="the touch")
        assert held == [["held", "suppressed: complained"]], held
        s.run("suppression", "remove", "email", ANN["email"])  # who put it there may take it away
        assert s.sql("select count(*) from suppression where kind = 'email_barred'") == [["0"]]


def test_who_becomes_one_with_a_person_that_is_being_erased_is_erased_with_it():
    """The merge is asked for first, its turn comes after the request to erase the winner and before the winner's own turn."""
    with server() as s:
        admin = s.token("admin")
        winner = s.lead({"email": "winner@acme.example"}, admin)["lead_id"]
        loser = s.lead({"email": "loser@acme.example", "first_name": "Losername"}, admin)["lead_id"]
        engine, = s.workers("engine")
        os.kill(engine, signal.SIGSTOP)
        try:
            assert s.post(f"/v1/leads/{loser}/merge", {"into": "winner@acme.example"}, admin)[0] == 202
            assert s.request("DELETE", f"/v1/leads/{winner}", token=admin)[1]["leads"] == 1
            s.sql(f"create table aside as select * from inbox where lead_id = {winner}")
            s.sql(f"delete from inbox where lead_id = {winner}")
        finally:
            os.kill(engine, signal.SIGCONT)
        until(lambda: s.sql(f"select merged_into from lead where lead_id = {loser}") == [[str(winner)]], what="the loser's turn")
        s.sql("insert into inbox select * from aside; drop table aside")
        until(lambda: s.sql(f"select count(*) from lead where lead_id in ({winner}, {loser}) and erased_at is not null") == [["2"]], what="both erased")
        assert s.sql("select count(*) from lead where first_name = 'Losername' or email like '%acme.example'") == [["0"]]
        assert s.sql("select count(*) from event where data::text like '%Losername%'") == [["0"]]


def test_a_playbook_cannot_make_a_public_word_of_what_erases():
    with server() as s:
        (s.folder / "playbook/zz.lua").write_text('verb "lead.erase" { label = "x", by = "lead" }\n')
        done = s.run("publish", s.folder / "playbook", "--yes", check=False)
        assert done.returncode == 1 and "zz.lua:1" in done.stdout + done.stderr and "lead.erase" in done.stdout + done.stderr, done


def test_a_person_who_objects_is_stopped_on_every_channel():
    with server() as s:
        token = s.token("write")
        lead = s.lead(ANN, token)["lead_id"]
        s.post("/v1/events", {"email": ANN["email"], "verb": "asset.download", "subject": "security-guide"}, token)
        until(s.mails, what="the first mail")
        text = s.run("lead", ANN["email"], "--stop").stdout
        assert "stopped on every channel" in text, text
        assert s.sql(f"select channel, purpose, state from consent where lead_id = {lead}") == [["*", "*", "withdrawn"]]
        assert s.sql("select count(*) from touch where state in ('planned', 'deferred', 'claimed')") == [["0"]]
        settle(s)


def age(s, where, months):
    s.sql(f"update lead set created_at = created_at - interval '{months} months' where {where}")
    s.sql(f"update event e set at = e.at - interval '{months} months' from lead l where l.shard = e.shard and l.lead_id = e.lead_id and l.{where}")


def test_who_did_nothing_for_long_is_purged_in_a_job_that_goes_on_after_a_kill():
    with server() as s:
        token = s.token("write")
        s.post("/v1/events", [{"email": f"old{i}@acme.example", "verb": "page.view"} for i in range(600)], token)
        s.post("/v1/events", [{"email": f"new{i}@acme.example", "verb": "page.view"} for i in range(5)], token)
        settle(s)
        age(s, "email like 'old%'", 8)
        s.post("/v1/events", {"email": "old7@acme.example", "verb": "page.view"}, token)  # came back yesterday
        s.post("/v1/events", {"email": "old8@acme.example", "verb": "page.view", "at": "2000-01-01T00:00:00Z"}, token)
        settle(s)
        words = ["purge", "--older", "6mo", "--everybody"]
        assert s.run(*words, "--dry-run").stdout.startswith("599 leads"), s.run(*words, "--dry-run").stdout
        for wrong in (["purge", "--older", "6mo"], ["purge", "--everybody"], words, ["purge", "--older", "6mo", "--segment", "cooling", "--everybody"]):
            assert s.run(*wrong, check=False).returncode == 2, wrong
        for wrong in (["--older", "6 parsecs", "--everybody"], ["--older", "2 hours", "--everybody"], ["--older", "6mo", "--segment", "nobody"]):
            done = s.run("purge", *wrong, "--yes", check=False)
            assert done.returncode == 1 and "purge" not in done.stdout and done.stderr, done
        with s.holding("lock table suppression in exclusive mode"):
            process = subprocess.Popen(s.command(*words, "--yes"), cwd=s.folder, env=s.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            until(lambda: s.sql("select state from job where kind = 'purge'") == [["running"]], what="the job")
            process.kill()
            process.wait()
        done = json.loads(s.run(*words, "--yes", "--json").stdout)
        assert done["leads"] == 599 and not done["cancelled"], done
        assert s.sql("select count(*), count(*) filter (where erased_at is null) from lead") == [["605", "6"]]
        assert s.sql("select state, count(*) from job where kind = 'purge' group by 1") == [["done", "1"]]
        assert s.sql("select count(*) from identity") == [["6"]] and s.sql("select count(*) from event where verb = 'page.view'") == [["607"]]


def test_who_is_erased_while_the_server_is_down_is_stopped_at_once_and_forgotten_at_its_start():
    with server() as s:
        token = s.token("write")
        s.lead(ANN, token)
        s.stop()
        text = s.run("erase", ANN["email"], "--yes").stdout
        assert "as soon as the server runs" in text, text
        s.start()
        until(lambda: tells_of(s) == set(), what="forgetting")


if __name__ == "__main__":
    run_tests(globals())
