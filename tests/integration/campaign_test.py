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
def playbook():
    with tempfile.TemporaryDirectory(prefix="nurture-test-playbook-") as name:
        yield written(pathlib.Path(name))


def written(folder):
    folder.chmod(0o755)  # whoever the workers run as reads it
    (folder / "templates/email").mkdir(parents=True)
    (folder / "playbook.lua").write_text(PLAYBOOK)
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
        status, body = s.post("/v1/campaigns/hello/resume", {"lead": "b@example.com"}, token)
        assert status == 202 and body["act"] == "resume", body
        until(lambda: [row[3] for row in enrollments(s)] == ["f", "f"], what="its end")
        assert "leaves campaign" in s.run("campaign", "leave", "hello", "--lead", "a@example.com").stdout
        until(lambda: enrollments(s)[0][2:] == ["ended", "f", "by hand"], what="its leaving")
        assert "It is not in there" in s.run("campaign", "leave", "hello", "--lead", "a@example.com").stdout
        assert s.post("/v1/campaigns/hello/enroll", {"lead": "a@example.com"}, token)[0] == 202
        until(lambda: len(enrollments(s)) == 3, what="again")
        assert s.post("/v1/campaigns/hello/enroll", {"lead": "b@example.com"}, token)[1]["changed"] is False
        assert audited(s) == ["campaign.pause", "campaign.enroll", "campaign.resume", "campaign.enroll", "campaign.pause", "campaign.resume", "campaign.leave", "campaign.enroll"]

        # and what is wrong is said
        assert s.post("/v1/campaigns/helo/pause", {}, token)[0] == 404
        assert s.post("/v1/campaigns/hello/pause", {}, read)[0] == 403
        assert s.post("/v1/campaigns/hello/enroll", {}, token)[0] == 400
        assert s.post("/v1/campaigns/hello/enroll", {"lead": "nobody@example.com"}, token)[0] == 404
        assert s.post("/v1/campaigns/hello/pause", {"leads": 1}, token)[0] == 400
        wrong = s.run("campaign", "pause", "helo", check=False)
        assert wrong.returncode == 1 and 'Did you mean "hello"?' in wrong.stderr, wrong
        assert s.run("enroll", "hello", check=False).returncode == 2


if __name__ == "__main__":
    run_tests(globals())
