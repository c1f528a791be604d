#!/usr/bin/env python3
"""What turns know of a lead's past says what its events say, and can be built again from them."""
import json

from nurture import Server, run_tests, until

CONFIG = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }\npostal_address = "1 Road, Town"'
MANY = 260  # more than a history holds exactly


def settled(s):
    until(lambda: s.sql("select (select count(*) from inbox) + (select count(*) from touch where state in ('planned', 'claimed', 'permitted') and due_at <= now())")
          == [["0"]], 120, "all turns and mails")


def lived(s):
    """Leads with a past of every kind: mails, stages, updates, a long one, one enrolled by hand."""
    token = s.token("write")
    for i in range(20):
        assert s.post("/v1/leads", {"email": f"p{i}@example.com", "country": "US", "need": "critical"}, token)[0] in (200, 201, 202)
    events = [{"email": f"p{i}@example.com", "verb": "asset.download", "subject": "security-guide", "data": {"zeta": 1, "a": [1, 2.5, "x"]}} for i in range(20)]
    events += [{"email": "p0@example.com", "verb": "page.view", "subject": f"/page/{i % 7}", "value": i / 3} for i in range(MANY)]
    events += [{"email": "p1@example.com", "verb": "page.view", "subject": "/old", "at": "2020-01-01T00:00:00Z"}]
    assert s.post("/v1/events", events, token)[0] == 202
    until(lambda: len(s.mails()) >= 20, 120, "the first mails")
    settled(s)


def rebuild(s, *options):
    done = s.run("db", "rebuild-history", "--json", *options, check=False)
    return done.returncode, json.loads(done.stdout)


def scores(s):
    return s.sql("select lead_id, name, is_grade, points, grade, band from score order by 1, 2, 3")


def test_a_history_says_what_the_events_say_and_is_built_again_when_it_does_not():
    with Server(playbook="scripts", config=CONFIG) as s:
        lived(s)
        leads = int(s.sql("select count(*) from lead")[0][0])
        assert rebuild(s, "--check") == (0, {"leads": leads, "differ": 0, "unreadable": 0, "written": False})
        before, histories = scores(s), s.sql("select lead_id, packed from lead_history order by 1")
        assert len(histories) == leads
        s.sql("update lead_history set packed = 'junk' where lead_id = (select min(lead_id) from lead)")
        s.sql("delete from lead_history where lead_id = (select max(lead_id) from lead)")
        s.sql("update lead_history set packed = (select h.packed from lead_history h where h.lead_id = (select lead_id from lead where email = 'p2@example.com'))"
              " where lead_id = (select lead_id from lead where email = 'p3@example.com')")
        assert rebuild(s, "--check") == (1, {"leads": leads, "differ": 3, "unreadable": 1, "written": False})
        assert rebuild(s) == (0, {"leads": leads, "differ": 3, "unreadable": 1, "written": True})
        settled(s)
        assert rebuild(s, "--check")[1]["differ"] == 0
        assert rebuild(s) == (0, {"leads": leads, "differ": 0, "unreadable": 0, "written": True})
        assert scores(s) == before
        assert s.sql("select count(*) from turn_failure") == [["0"]]
        assert len(s.mails()) == 20  # nobody entered anything a second time


if __name__ == "__main__":
    run_tests(globals())
