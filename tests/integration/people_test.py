#!/usr/bin/env python3
"""What is known of people: quality flags, and every way of giving it out or away."""
import json
import pathlib

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
    s.run("publish", s.folder / "playbook", "-m", "people")


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
        points = {m["model"]: m for m in s.get("/v1/leads/info@mailinator.com/score", token)[1]["models"]}["trust"]
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


if __name__ == "__main__":
    run_tests(globals())
