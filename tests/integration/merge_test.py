#!/usr/bin/env python3
"""Two leads that are one person: merged by two turns, whole or not at all, and taken back within 90 days."""
import json
import os
import re
import signal

from nurture import Server, run_tests, until

CONFIG = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }\npostal_address = "1 Road, Town"'


def settled(s):
    until(lambda: s.sql("select (select count(*) from inbox) + (select count(*) from merge where state = 'waiting')") == [["0"]], 120, "all turns")


def lead(s, token, email, **fields):
    return s.lead({"email": email, "country": "US", **fields}, token)["lead_id"]


def download(s, token, email, subject="security-guide"):
    assert s.post("/v1/events", {"email": email, "verb": "asset.download", "subject": subject}, token)[0] == 202


def scores(s, which):
    return s.sql(f"select name, is_grade, points, grade, band from score where lead_id = {which} order by 1, 2")


def histories_agree(s):
    return json.loads(s.run("db", "rebuild-history", "--check", "--json", check=False).stdout)["differ"] == 0


def merged(s, loser, winner, *more):
    done = json.loads(s.run("merge", loser, winner, "--json", *more).stdout)
    settled(s)
    return done


def test_what_the_loser_was_and_did_is_the_winners_and_comes_back_when_it_is_taken_back():
    with Server(playbook="scripts", config=CONFIG) as s:
        token = s.token("write")
        a = lead(s, token, "ann@example.com", first_name="Ann", phone="+1 202 555 0101", city="Town")
        b = lead(s, token, "a.smith@example.org", last_name="Smith", address="1 Road")
        download(s, token, "ann@example.com")
        s.post("/v1/events", {"email": "a.smith@example.org", "verb": "page.view", "subject": "/pricing"}, token)
        settled(s)
        before_a, before_b = scores(s, a), scores(s, b)
        assert s.sql(f"select count(*) from enrollment where lead_id = {a} and state <> 'ended'") != [["0"]]
        mails = s.sql("select count(*) from touch where kind = 'email' and template = 'thanks-for-reading'")

        status, plan = s.post(f"/v1/leads/{a}/merge?dry_run=true", {"into": "a.smith@example.org"}, token)
        assert status == 200 and plan["state"] == "possible" and plan["lead"] == a and plan["into"] == b and plan["enrollments"] >= 1, plan
        assert sorted(plan["fill"]) == ["first_name", "phone"], plan  # of a postal address all or nothing
        assert s.sql("select count(*) from merge") == [["0"]]
        shown = s.run("merge", "ann@example.com", "a.smith@example.org", "--dry-run").stdout
        assert f"Lead {a} would become a part of {b}" in shown and "first_name" in shown, shown

        done = merged(s, "ann@example.com", "a.smith@example.org")
        assert (done["lead"], done["into"], done["state"]) == (a, b, "done"), done
        assert s.sql(f"select count(*) from touch where lead_id = {a} and state in ('planned', 'claimed', 'deferred') and recipient is null") == [["0"]]
        assert s.sql(f"select distinct state, reason from enrollment where lead_id = {a}") == [["ended", "merged"]]
        for name in ("ann@example.com", "a.smith@example.org", a, b):
            status, body = s.get(f"/v1/leads/{name}", token)
            assert status == 200 and body["lead_id"] == b and body["first_name"] == "Ann" and body["last_name"] == "Smith", body
            assert body["city"] is None and body["email"] == "a.smith@example.org"
        verbs = [e["what"] for e in s.get(f"/v1/leads/{b}/timeline?limit=500", token)[1]["items"]]
        assert any("asset.download" in v for v in verbs) and any("page.view" in v for v in verbs), verbs
        assert scores(s, a) == [] and scores(s, b) != before_b
        assert histories_agree(s)
        assert s.sql("select count(*) from touch where kind = 'email' and template = 'thanks-for-reading'") == mails  # nobody is thanked twice
        assert [r["lead_id"] for r in s.get("/v1/leads", token)[1]["items"]] == [b]
        download(s, token, "ann@example.com", "bank-case")  # a later act, by the old name
        settled(s)
        assert s.sql("select lead_id from event where subject = 'bank-case'") == [[str(b)]]

        done = s.run("unmerge", "a.smith@example.org", check=False)
        assert done.returncode == 1 and f"Lead {a} is merged into it" in done.stderr, done
        assert f"Lead {a} is itself again" in s.run("unmerge", "Ann@example.com").stdout  # the name that it brought
        settled(s)
        status, body = s.get("/v1/leads/ann@example.com", token)
        assert body["lead_id"] == a and body["first_name"] == "Ann" and body["city"] == "Town", body
        status, body = s.get(f"/v1/leads/{b}", token)
        assert body["first_name"] is None and body["phone"] is None and body["last_name"] == "Smith", body
        assert scores(s, a) == before_a
        assert histories_agree(s)
        assert s.sql(f"select count(*) from score where lead_id = {b} and name = 'nurture' and points > 0") != [["0"]]  # it read the case itself
        assert s.sql("select state, fill, names from merge") == [["undone", "", ""]]
        audit = s.sql("select act, actor like 'command %' from audit where act like 'lead.%' order by id")
        assert audit == [["lead.merge", "t"], ["lead.unmerge", "t"]], audit
        s.run("audit", "verify")


def test_the_strictest_permission_holds_and_stops_what_is_open():
    with Server(playbook="scripts", config=CONFIG) as s:
        token = s.token("write")
        a, b, c = (lead(s, token, f"{n}@example.com", country="DE") for n in "abc")

        def say(who, channel, state, purpose="marketing"):
            assert s.post(f"/v1/leads/{who}/consent", {"channel": channel, "state": state, "purpose": purpose}, token)[0] == 200
        say(a, "email", "withdrawn"), say(a, "call", "granted"), say(a, "letter", "granted")
        say(b, "email", "confirmed"), say(b, "letter", "withdrawn", "*")
        settled(s)
        for who, purpose, state in ((a, "topic:guides", "withdrawn"), (b, "topic:guides", "granted"), (b, "topic:events", "withdrawn"), (a, "topic:events", "granted")):
            s.sql(f"insert into consent (shard, lead_id, at, channel, purpose, state, source) values ({who} & 63, {who}, now(), 'email', '{purpose}', '{state}', 'preferences')")
        s.sql(f"insert into suppression values ('lead', '{a}', 'call', 'test', now())")
        for n, (kind, who) in enumerate((("email", b), ("call", b), ("letter", b), ("email", a))):
            s.sql("insert into touch (shard, touch_id, lead_id, channel, kind, template, purpose, state, planned_at, due_at, revision) values "
                  f"({who} & 63, ({n + 1} << 6) | ({who} & 63), {who}, '{kind}', '{kind}', 't', 'marketing', 'planned', now(), now() + interval '9 days', 'r')")
        merged(s, a, b)
        chosen = s.sql(f"select distinct on (purpose) purpose, state from consent where lead_id = {b} and purpose like 'topic:%' order by purpose, id desc")
        assert chosen == [["topic:events", "withdrawn"], ["topic:guides", "withdrawn"]], chosen
        last = dict(s.sql(f"select distinct on (channel) channel, state from consent where lead_id = {b} and purpose not like 'topic:%' order by channel, id desc"))
        assert last == {"email": "withdrawn", "call": "granted", "letter": "withdrawn"}, last
        states = s.sql("select lead_id = %d, kind, state from touch where touch_id >> 6 < 10 order by 1, 2" % b)
        assert states == [["f", "email", "cancelled"], ["t", "call", "cancelled"], ["t", "email", "cancelled"], ["t", "letter", "planned"]], states
        assert s.sql(f"select count(*) from suppression where kind = 'lead' and value = '{b}'") == [["1"]]
        s.sql("insert into consent (shard, lead_id, at, channel, purpose, state, source, ip, evidence) values "
              f"({c} & 63, {c}, now(), 'track_open', '*', 'granted', 'form', '192.0.2.7', '{{\"form\": \"demo\"}}'), "
              f"({c} & 63, {c}, now(), 'track_click', '*', 'granted', 'import', '192.0.2.8', null)")
        say(c, "call", "confirmed")
        merged(s, c, b)  # call: b has a word of its own by now
        assert s.sql(f"select count(*) from consent where lead_id = {b} and channel = 'call'") == [["1"]]
        copied = s.sql(f"select channel, ip, evidence->>'form' from consent where lead_id = {b} and channel like 'track%' order by 1")
        assert copied == [["track_click", "", "import"], ["track_open", "", "demo"]], copied  # no more worth to the winner, and no trace of where from
        s.run("unmerge", a)
        settled(s)
        last = dict(s.sql(f"select distinct on (channel) channel, state from consent where lead_id = {b} order by channel, id desc"))
        assert {c: last[c] for c in ("email", "call", "letter")} == {"email": "withdrawn", "call": "withdrawn", "letter": "withdrawn"}, last


def test_what_was_withdrawn_while_they_were_one_holds_for_both_when_it_is_taken_back():
    with Server(playbook="scripts", config=CONFIG) as s:
        token = s.token("write")
        a, b, c, d, e, f, g, h = (lead(s, token, f"{n}@example.com", country="DE") for n in "abcdefgh")
        u, v = lead(s, token, "u@example.com"), lead(s, token, "v@example.com")
        download(s, token, "u@example.com")
        until(lambda: s.mails(), 90, "the mail of what becomes the loser")
        link = re.search(r"(/u/[^>]+)>", s.mails()[0]["List-Unsubscribe"]).group(1)

        def say(who, channel, state):
            assert s.post(f"/v1/leads/{who}/consent", {"channel": channel, "state": state, "purpose": "marketing"}, token)[0] == 200
        for who in (a, b, c, d, e, f, g, h):
            say(who, "email", "confirmed"), say(who, "call", "confirmed")
        say(f, "call", "withdrawn")  # the winner's own word from before says nothing about the loser
        settled(s)
        for pair in ((a, b), (c, d), (e, f), (u, v), (g, h)):
            merged(s, *pair)
        say(a, "email", "withdrawn")
        say(b, "email", "granted")  # whose word is whose is not known
        s.run("lead", c, "--stop")
        assert s.request("POST", link, b"List-Unsubscribe=One-Click")[0] == 200
        s.sql(f"insert into suppression values ('lead', '{f}', 'letter', 'test', clock_timestamp() + interval '1 minute')")
        settled(s)
        for n, (kind, who) in enumerate((("email", a), ("call", a), ("letter", e))):  # open once more, wherever they come from
            s.sql("insert into touch (shard, touch_id, lead_id, channel, kind, template, purpose, state, planned_at, due_at, revision) values "
                  f"({who} & 63, ({n + 1} << 6) | ({who} & 63), {who}, '{kind}', '{kind}', 't', 'marketing', 'planned', now(), now() + interval '9 days', 'r')")
        for who in (a, c, e, u, g):
            s.run("unmerge", who)
        settled(s)

        def said(who):
            return s.sql(f"select distinct on (channel, purpose) channel, purpose, state from consent where lead_id = {who} order by channel, purpose, id desc")
        both = [["call", "marketing", "confirmed"], ["email", "marketing", "confirmed"]]
        assert said(a) == [["call", "marketing", "confirmed"], ["email", "marketing", "withdrawn"]], said(a)
        assert [r[2] for r in said(c) if r[0] == "*"] == ["withdrawn"] == [r[2] for r in said(d) if r[0] == "*"], (said(c), said(d))
        assert said(e) == both and said(f)[0][2] == "withdrawn" and said(g) == said(h) == both, (said(e), said(f), said(g), said(h))
        assert [r[2] for r in said(u)] == [r[2] for r in said(v)] == ["withdrawn"], (said(u), said(v))
        assert s.sql(f"select source, evidence->>'lead' from consent where lead_id = {u}") == [["unmerge", str(v)]]
        assert s.sql(f"select channel from suppression where kind = 'lead' and value = '{e}'") == [["letter"]]
        assert s.sql("select kind, state from touch where touch_id >> 6 < 10 order by 1") == [["call", "planned"], ["email", "cancelled"], ["letter", "cancelled"]]


def test_what_is_withdrawn_by_a_file_while_they_are_one_holds_for_both_also_where_the_winner_withdrew_before():
    with Server(playbook="scripts", config=CONFIG) as s:
        token = s.token("write")
        a, b = lead(s, token, "a@example.com"), lead(s, token, "b@example.com")
        assert s.post(f"/v1/leads/{b}/consent", {"channel": "email", "state": "withdrawn", "purpose": "marketing"}, token)[0] == 200
        settled(s)
        merged(s, a, b)
        (s.folder / "no.csv").write_text("mail,news\na@example.com,no\n")
        (s.folder / "no.lua").write_text("return { email = '{mail}', consent = { email = { column = 'news', granted = 'yes', withdrawn = 'no' } } }")
        for _ in range(2):  # said again is not written down again
            s.run("import", s.folder / "no.csv", "--map", s.folder / "no.lua")
        assert s.sql(f"select source from consent where lead_id = {b} order by id") == [["api"], ["import"]]
        s.run("unmerge", a)
        settled(s)
        assert s.sql(f"select channel, state from consent where lead_id = {a}") == [["email", "withdrawn"]]


def test_of_a_loser_that_is_itself_again_and_then_erased_the_winner_keeps_nothing():
    with Server(playbook="scripts", config=CONFIG) as s:
        token = s.token("write")
        a, b, c = lead(s, token, "a@example.com", phone="+12025550101", city="Smallville"), lead(s, token, "b@example.com"), lead(s, token, "c@example.com")
        settled(s)
        merged(s, a, b)
        assert s.get(f"/v1/leads/{b}", token)[1]["city"] == "Smallville"
        assert sorted(json.loads(s.sql("select data->'fill' from event where verb = 'lead.merged'")[0][0])) == ["city", "phone"]
        s.run("unmerge", a)
        settled(s)
        s.run("erase", a, "--yes")
        until(lambda: s.get(f"/v1/leads/{a}", token)[1].get("erased_at"), what="the erasing")
        settled(s)
        for table in ("event", "inbox", "merge", "lead", "consent", "lead_history"):
            assert s.sql(f"select count(*) from {table} t where t::text ~ 'Smallville|2025550101'") == [["0"]], table
        assert not re.search("Smallville|2025550101", s.run("lead", b, "--export").stdout)

        # and who was erased is merged with nobody, nor known to any page
        for path, body in ((f"{a}/merge", {"into": c}), (f"{c}/merge", {"into": a}), (f"{a}/unmerge", None)):
            for dry in ("", "?dry_run=true"):
                status, answer = s.post(f"/v1/leads/{path}{dry}", body, token)
                assert status == 409 and "erased" in json.dumps(answer), (path, dry, status, answer)
        assert s.run("merge", a, c, check=False).returncode == 1 == s.run("merge", c, a, check=False).returncode
        assert s.post(f"/v1/leads/{a}/identify", None, token)[0] == 404 and s.post(f"/v1/leads/{c}/identify", None, token)[0] == 200


def test_what_may_not_be_merged_is_refused_and_says_why():
    with Server(playbook="scripts", config=CONFIG) as s:
        token, read = s.token("write"), s.token("read")
        a, b, c, d = (lead(s, token, f"{n}@example.com") for n in "abcd")
        settled(s)

        def refused(loser, winner, word, status=409, back=False):
            answer = s.post(f"/v1/leads/{loser}/{'unmerge' if back else 'merge'}", None if back else {"into": winner}, token)
            assert answer[0] == status and word in json.dumps(answer[1]), answer
            done = s.run(*(("unmerge", loser) if back else ("merge", loser, winner)), check=False)
            assert done.returncode == 1 and done.stderr, done
        refused(a, a, "itself")
        refused(a, "nobody@example.com", "no such lead", 404)
        refused(4711, a, "no such lead", 404)
        refused(a, None, "not merged", back=True)
        merged(s, a, b)
        refused(a, c, "already")
        assert s.post(f"/v1/leads/{d}/merge", {"into": c}, token)[0] == 202 and s.post(f"/v1/leads/{d}/unmerge", None, token)[0] == 202
        settled(s)
        assert s.sql(f"select coalesce(merged_into, 0) from lead where lead_id = {d}") == [["0"]]
        assert s.sql(f"select actor ~ '^token ' from audit where act = 'lead.unmerge' and object like '{d} %'") == [["t"]]
        refused(c, a, "merge into that one")
        refused(b, c, "has taken in")
        refused(b, a, "merge into that one")
        merged(s, c, b)  # a star is no chain
        e, f = (lead(s, token, f"{n}@example.com") for n in "ef")
        settled(s)
        merged(s, e, f)
        refused(f, b, f"unmerge {e}), then merge {e} and {f} into {b}")
        refused(b, f, "then merge")
        for body, word in (({}, "into"), ({"into": ""}, "into"), ({"into": [1]}, "into"), ({"into": b, "x": 1}, "x"), ([], "")):
            answer = s.post(f"/v1/leads/{d}/merge", body, token)
            assert answer[0] in (400, 422) and word in json.dumps(answer[1]), answer
        assert s.post(f"/v1/leads/{d}/merge?dry_run=maybe", {"into": b}, token)[0] in (400, 422)
        assert s.post(f"/v1/leads/{d}/merge", {"into": b}, read)[0] == 403
        assert s.post(f"/v1/leads/{d}/merge", {"into": b})[0] == 401
        s.sql("update merge set done_at = done_at - interval '91 days' where lead_id = %d" % a)
        refused(a, None, "90 days", back=True)
        assert s.run("merge", d, check=False).returncode == 2
        assert s.sql("select count(*) from merge where state = 'done'") == [["3"]]


def test_killed_between_its_turns_a_merge_is_finished_by_the_next_engine():
    with Server(playbook="scripts", config=CONFIG) as s:
        token = s.token("write")
        a, b = lead(s, token, "a@example.com", first_name="Ann"), lead(s, token, "b@example.com")
        for n in range(30):
            s.post("/v1/events", {"email": "a@example.com", "verb": "page.view", "subject": f"/{n}"}, token)
        download(s, token, "a@example.com")
        settled(s)
        with s.holding(f"select from lead where lead_id = {b} for update"):  # the winner's turn cannot end
            assert s.post(f"/v1/leads/{a}/merge", {"into": b}, token)[0] == 202
            until(lambda: s.sql(f"select merged_into from lead where lead_id = {a}") == [[str(b)]], 120, "the loser's turn")
            assert s.sql(f"select count(*) > 30 from inbox where lead_id = {b}") == [["t"]]
            for pid in s.workers("engine"):
                os.kill(pid, signal.SIGKILL)
        settled(s)
        body = s.get("/v1/leads/a@example.com", token)[1]
        assert body["lead_id"] == b and body["first_name"] == "Ann"
        assert histories_agree(s)
        assert s.sql(f"select count(*) from event where verb = 'lead.merged' and lead_id = {b}") == [["1"]]


def test_what_comes_for_the_loser_while_it_is_merged_is_heard_by_the_winner_once():
    with Server(playbook="scripts", config=CONFIG) as s:
        token = s.token("write")
        pairs = [(lead(s, token, f"l{n}@example.com"), lead(s, token, f"w{n}@example.com")) for n in range(8)]
        settled(s)
        for n, (a, b) in enumerate(pairs):
            for k in range(3):
                s.post("/v1/events", [{"lead": a, "verb": "page.view", "subject": f"/{n}/{k}/{i}"} for i in range(5)], token)
                if k == 1:
                    assert s.post(f"/v1/leads/{a}/merge", {"into": b}, token)[0] == 202
        for n, (a, b) in enumerate(pairs):  # and a click on a mail that went out before
            s.post("/v1/events", {"lead": a, "verb": "email.click", "subject": "x"}, token)
        settled(s)
        assert s.sql("select count(*) from event where verb = 'page.view'") == [["120"]]
        assert histories_agree(s)
        for a, b in pairs:
            shown = [e["what"] for e in s.get(f"/v1/leads/{b}/timeline?limit=500", token)[1]["items"]]
            assert sum(w.startswith("page.view") for w in shown) == 15 and sum(w.startswith("email.click") for w in shown) == 1, shown
        assert s.sql("select count(*) from turn_failure") == [["0"]]


if __name__ == "__main__":
    run_tests(globals())
