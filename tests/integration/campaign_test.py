#!/usr/bin/env python3
"""What people do with campaigns by hand, over HTTP and by command: pause, resume, enroll, leave. Places are kept, nothing of a paused one is sent."""
import contextlib
import json
import pathlib
import tempfile

from nurture import Server, run_tests, until

CONFIG = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }\npostal_address = "1 Road, Town"'
PLAYBOOK = """playbook "t" { title = "T", time_zone = "Europe/Berlin", language = "en" }
consent "email" { default = "opt-out", unknown = "opt-out" }
campaign "hello" { enter = "by hand", again = "always", leave = withdrew "email",
  step "mail" { email "welcome" { hours = "any" } },
  step "rest" { wait "3 days", email "welcome" },
}
"""


@contextlib.contextmanager
def playbook(more=""):
    with tempfile.TemporaryDirectory(prefix="nurture-test-playbook-") as name:
        yield written(pathlib.Path(name), more)


def written(folder, more):
    folder.chmod(0o755)  # whoever the workers run as reads it
    (folder / "templates/email").mkdir(parents=True)
    (folder / "playbook.lua").write_text(PLAYBOOK + more)
    (folder / "templates/email/other.md").write_text("---\nsubject: Other\n---\nOther.\n")
    (folder / "templates/email/welcome.md").write_text("---\nsubject: Hello\n---\nHello.\n")
    return folder


def enrollments(s):
    return s.sql("select l.email, e.step, e.state, e.paused_at is not null, coalesce(e.reason, '') from enrollment e join lead l using (shard, lead_id) order by e.enrollment_id")


def audited(s):
    return [row[0] for row in s.sql("select act from audit where act like 'campaign.%' order by id")]


def test_a_campaign_and_a_lead_in_it_are_paused_resumed_entered_and_left_by_hand():
    with playbook() as folder, Server(playbook=str(folder), config=CONFIG) as s:
        s.run("publish", "-m", "first")
        token, read = s.token("write"), s.token("read")
        for name in ("a", "b"):
            s.lead({"email": f"{name}@example.com", "country": "US"}, token)

        # the whole campaign
        assert "is paused" in s.run("campaign", "pause", "hello").stdout
        assert "Nothing changed" in s.run("campaign", "pause", "hello").stdout
        until(lambda: s.get("/v1/campaigns/hello", read)[0] == 200)
        status, body = s.post("/v1/campaigns/hello/enroll", {"lead": "a@example.com"}, token)
        assert status == 202 and body["changed"] is True and body["campaign"] == "hello", body
        until(lambda: enrollments(s) == [["a@example.com", "", "active", "f", ""]], what="a place")
        until(lambda: s.sql("select count(*) from inbox") == [["0"]], what="all turns")
        assert enrollments(s) == [["a@example.com", "", "active", "f", ""]] and s.sql("select count(*) from touch") == [["0"]]
        assert s.get("/v1/campaigns/hello", read)[1]["paused_at"] and "paused" in s.run("campaign", "list").stdout
        assert 'campaign "hello" since' in s.run("status").stdout
        assert json.loads(s.run("status", "--json").stdout)["campaigns_paused"][0]["inside"] == 1
        assert "\nIt is paused since " in s.run("campaign", "hello").stdout and "; the campaign is paused since " in s.run("trace", "a@example.com").stdout
        done = json.loads(s.run("campaign", "resume", "hello", "--json").stdout)
        assert done["changed"] is True and done["waiting"] == 1, done
        until(lambda: len(s.mails()) == 1, what="the mail that waited")
        until(lambda: enrollments(s) == [["a@example.com", "rest", "active", "f", ""]], what="the step behind it")
        assert "was not paused" in s.run("campaign", "resume", "hello").stdout

        # one lead
        assert "enters campaign" in s.run("enroll", "hello", "--lead", "b@example.com").stdout
        until(lambda: len(s.mails()) == 2 and enrollments(s)[1][1] == "rest", what="the second lead")
        assert "is paused in" in s.run("campaign", "pause", "hello", "--lead", "b@example.com").stdout
        until(lambda: [row[3] for row in enrollments(s)] == ["f", "t"], what="its pause")
        assert [bool(row["paused_at"]) for row in s.get("/v1/campaigns/hello/enrollments", read)[1]["items"]] == [True, False]
        assert "\n1 in it is paused by itself" in s.run("campaign", "hello").stdout and "; paused by itself since " in s.run("trace", "b@example.com").stdout
        status, body = s.post("/v1/campaigns/hello/resume", {"lead": "b@example.com"}, token)
        assert status == 202 and body["act"] == "resume", body
        until(lambda: [row[3] for row in enrollments(s)] == ["f", "f"], what="its end")
        assert "leaves campaign" in s.run("campaign", "leave", "hello", "--lead", "a@example.com").stdout
        until(lambda: enrollments(s)[0][2:] == ["ended", "f", "by hand"], what="its leaving")
        assert "it is not in there" in s.run("campaign", "leave", "hello", "--lead", "a@example.com").stdout
        assert s.post("/v1/campaigns/hello/enroll", {"lead": "a@example.com"}, token)[0] == 202
        until(lambda: len(enrollments(s)) == 3, what="again")
        assert s.post("/v1/campaigns/hello/enroll", {"lead": "b@example.com"}, token)[1]["changed"] is False

        # a step that fails is told with whom it stopped
        until(lambda: [row[1] for row in enrollments(s)][1:] == ["rest", "rest"] and s.sql("select count(*) from inbox") == [["0"]]
              and s.sql("select count(*) from touch where state <> 'sent'") == [["0"]], what="all walks to wait")
        s.sql("update enrollment set state = 'held', reason = 'the function failed' where enrollment_id = (select max(enrollment_id) from enrollment)")
        held = s.run("status").stdout
        assert 'step "' in held and "failed for 1 lead (first: " in held and "They are held there, nothing was sent, and they are tried again after the next publish" in held, held
        s.sql("update enrollment set state = 'active', reason = null where state = 'held'")

        # the end: nobody enters, who is inside walks on; or leaves
        assert "is finished" in s.run("campaign", "finish", "hello").stdout and "already" in s.run("campaign", "finish", "hello").stdout
        s.lead({"email": "c@example.com", "country": "US"}, token)
        body = s.post("/v1/campaigns/hello/enroll", {"lead": "c@example.com"}, token)[1]
        assert body["changed"] is False and body["finished_at"], body
        for command in (("enroll", "hello", "--lead", "c@example.com"), ("campaign", "resume", "hello")):
            assert "was finished at" in s.run(*command).stdout and "It does not begin again" in s.run(*command).stdout
        assert len(enrollments(s)) == 3 and [row[2] for row in enrollments(s)] == ["ended", "active", "active"]
        assert s.get("/v1/campaigns/hello", read)[1]["finished_at"] and [row for row in json.loads(s.run("campaign", "list", "--json").stdout) if row["finished_at"]]
        report = s.get("/v1/reports/campaign?name=hello", read)[1]["finished"]
        assert report["numbers"] == {"leads": 2, "held_out": 0, "inside": 2, "goals": 0} and report["let_out"] is False and report["revision"], report
        assert "Finished at" in s.run("report", "campaign", "hello").stdout
        assert s.post("/v1/campaigns/hello/finish", {"now": 1}, token)[0] == 400
        assert s.post("/v1/campaigns/hello/finish", {"now": True}, token)[1]["changed"] is True
        until(lambda: [row[2:] for row in enrollments(s)][1:] == [["ended", "f", "finished by hand"]] * 2, what="those inside to leave")
        assert audited(s) == ["campaign.pause", "campaign.enroll", "campaign.resume", "campaign.enroll", "campaign.pause", "campaign.resume", "campaign.leave", "campaign.enroll", "campaign.finish", "campaign.finish"]

        # and what is wrong is said
        assert s.post("/v1/campaigns/helo/pause", {}, token)[0] == 404
        assert s.post("/v1/campaigns/hello/pause", {}, read)[0] == 403
        assert s.post("/v1/campaigns/hello/enroll", {}, token)[0] == 400
        assert s.post("/v1/campaigns/hello/enroll", {"lead": "nobody@example.com"}, token)[0] == 404
        assert s.post("/v1/campaigns/hello/pause", {"leads": 1}, token)[0] == 400
        wrong = s.run("campaign", "pause", "helo", check=False)
        assert wrong.returncode == 1 and 'Did you mean "hello"?' in wrong.stderr, wrong
        assert s.run("enroll", "hello", check=False).returncode == 2


SPLIT = """campaign "ab" { enter = on "page.view", leave = withdrew "email",
  step "offer" { split { email "welcome" { hours = "any" }, email "other" { hours = "any" }, first = "60%", winner = on "email.click", after = "1 day" } },
  step "rest" { wait "3 days", email "welcome" },
}
"""
HOT = """verb "demo.ask" { by = "lead" }
campaign "hot" { enter = on "demo.ask", leave = withdrew "email", once_per = "account", step "one" { email "welcome" { hours = "any" } } }
"""


def ck_one_of_each_company_enters(s, token, count):
    """Sixty people whose very first turns find thirty companies, in as many shards as there are, all at once."""
    people = [{"email": f"{name}@company{i}.example", "verb": "demo.ask"} for i in range(30) for name in ("ann", "bob")]
    assert s.post("/v1/events", people, token)[0] == 202
    until(lambda: count("select count(*) from enrollment_log where campaign = 'hot' and what in ('enter', 'not entered')") >= 60 and count("select count(*) from inbox") == 0,
          what="all turns")
    assert count("select count(*) from enrollment where campaign = 'hot'") == 30
    assert count("select count(distinct l.account_id) from enrollment e join lead l using (shard, lead_id) where e.campaign = 'hot'") == 30
    assert count("select count(*) from account_claim c join enrollment e on e.enrollment_id = c.enrollment_id and e.lead_id = c.lead_id") == 30
    causes = s.sql("select distinct regexp_replace(cause, '[0-9]+', 'N') from enrollment_log where campaign = 'hot' and what = 'not entered' order by 1")
    assert set(row[0] for row in causes) <= {"lead N of the same account is in it: one at a time",
                                             "lead N of the same account was in it, and again does not let another in"}, causes
    late = s.sql("select lead_id from enrollment_log where campaign = 'hot' and what = 'not entered' limit 1")[0][0]
    assert "of the same account" in s.run("simulate", "hot", "--lead", late).stdout
    assert "Of the people of one account only one is in it at a time: the first." in s.run("campaign", "hot").stdout


def test_a_split_is_tried_on_some_its_winner_is_named_and_the_others_get_it():
    with playbook(SPLIT + HOT) as folder, Server(playbook=str(folder), config=CONFIG) as s:
        token, read = s.token("write"), s.token("read")
        people = [f"p{i}@example.com" for i in range(60)]
        assert s.post("/v1/events", [{"email": mail, "verb": "page.view", "subject": "/"} for mail in people], token)[0] == 202

        def count(sql):
            return int(s.sql(sql)[0][0])

        until(lambda: count("select count(*) from enrollment where state = 'active' and touch_id is null") == 60, what="all walks to wait")
        drawn = dict(s.sql("select l.email, g.cause from enrollment_log g join lead l using (shard, lead_id) where what = 'split'"))
        waits = count("select count(*) from enrollment_log where what = 'waits'")
        assert len(drawn) + waits == 60 and set(drawn.values()) == {"welcome", "other"}, (drawn, waits)
        assert s.sql("select campaign, step, first, ways, decided_at is null, look_at - began_at from split_test") == [["ab", "offer", "0.6", "{welcome,other}", "t", "1 day"]]
        report = s.get("/v1/reports/campaign?name=ab", read)[1]["splits"][0]
        assert report["test"]["winner"] is None and report["test"]["decided_at"] is None and sum(v["leads"] for v in report["variants"]) == len(drawn), report

        # everybody clicks in one of the two mails, and in the other nobody
        clicks = [{"email": mail, "verb": "email.click", "data": {"campaign": "ab", "step": "offer"}} for mail, variant in drawn.items() if variant == "other"]
        assert s.post("/v1/events", clicks, token)[0] == 202
        until(lambda: count("select count(*) from enrollment_log where what = 'won'") == list(drawn.values()).count("other"), what="all clicks")
        s.sql("update split_test set look_at = began_at, began_at = began_at - interval '1 day'")
        until(lambda: s.sql("select winner, looks from split_test where decided_at is not null") == [["other", "1"]], what="the winner")
        s.sql("update enrollment set due_at = now() where step = 'offer'")
        s.sql("insert into inbox (shard, lane, lead_id) select shard, 0, lead_id from enrollment where step = 'offer'")
        until(lambda: s.sql("select cause, count(*) from enrollment_log where what = 'winner' group by cause") == [["other", str(waits)]], what="the others")
        report = s.get("/v1/reports/campaign?name=ab", read)[1]["splits"][0]
        assert report["test"]["winner"] == "other" and sum(v["leads"] for v in report["variants"]) == len(drawn), report
        assert 'Winner: "other"' in s.run("report", "campaign", "ab").stdout
        assert s.post("/v1/events", {"email": "late@example.com", "verb": "page.view", "subject": "/"}, token)[0] == 202
        until(lambda: count("select count(*) from enrollment_log where what = 'winner'") == waits + 1, what="who comes later")
        ck_one_of_each_company_enters(s, token, count)


if __name__ == "__main__":
    run_tests(globals())
