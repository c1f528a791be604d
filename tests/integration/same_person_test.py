#!/usr/bin/env python3
"""Leads that are one person by the playbook's rule (same_person): merged as by hand, never by less than the rule, and taken back for good."""
import json
import pathlib
import subprocess
import tempfile

from nurture import BINARY, Server, run_tests, until

PLAYBOOK = """playbook "x" { title = "X", time_zone = "UTC", same_person = { "phone", { "last_name", "company", "country" } } }
consent "email" { default = "opt-out", unknown = "opt-out" }
"""
WAITING = "(select count(*) from inbox) + (select count(*) from same_person) + (select count(*) from merge where state = 'waiting')"


def settled(s):
    until(lambda: s.sql(f"select {WAITING}") == [["0"]], what="all turns")


def quality(s, who):
    return s.sql(f"select array_to_string(quality, ' ') from lead where lead_id = {who}")[0][0].split()


def owner(s, token, name):
    return s.get(f"/v1/leads/{name}", token)[1]["lead_id"]


class Office:
    """Leads by their names; each call waits until everything is decided."""

    def __init__(self, s):
        self.s, self.token, self.n = s, s.token("admin"), 0

    def lead(self, email=None, **fields):
        self.n += 1
        made = self.s.lead({"email": email or f"lead{self.n}@example.com", **fields}, self.token)["lead_id"]
        settled(self.s)
        return made

    def why(self, lead):
        return [r[0] for r in self.s.sql(f"select why from merge where lead_id = {lead} and state = 'refused' and rule is not null")]

    def into(self, lead):
        return self.s.sql(f"select coalesce(merged_into, 0) from lead where lead_id = {lead}")[0][0]


def playbook_with_rule(folder):
    folder.mkdir()
    (folder / "playbook.lua").write_text(PLAYBOOK)
    return folder


def one_number_is_one_person(o):
    s = o.s
    a = o.lead("ann@example.com", phone="+1 202 555 0101", first_name="Ann")
    b = o.lead("ann@example.org", phone="+1 (202) 555-0101", last_name="Smith")
    assert o.into(b) == str(a) and owner(s, o.token, "ann@example.org") == a, "the younger becomes the older"
    body = s.get(f"/v1/leads/{a}", o.token)[1]
    assert body["last_name"] == "Smith" and body["email"] == "ann@example.com", body
    assert s.sql(f"select rule, state from merge where lead_id = {b}") == [["phone", "done"]]
    assert s.sql(f"select actor, fields from audit where act = 'lead.merge' and object = '{b} into {a}'") == [["same_person", "{phone}"]]
    assert s.sql(f"select data->>'rule' from event where lead_id = {a} and verb = 'lead.merged'") == [["phone"]]
    assert quality(s, a) == []
    # taken back, it stays so, whatever changes
    s.run("unmerge", b)
    settled(s)
    s.request("PATCH", f"/v1/leads/{b}", {"first_name": "Ann"}, o.token)
    settled(s)
    assert o.into(b) == "0" and o.why(b) == ["undone"] and "duplicate" in quality(s, b)


def name_company_and_country_are_alike_only_together(o):
    a = o.lead(first_name="Eva", last_name="Roth", company="Acme Corp", country="DE")
    b = o.lead(last_name="ROTH", company="acme corp", country="AT")
    c = o.lead(last_name="Roth", company="Acme Corp")
    d = o.lead(first_name="Ernst", last_name="Roth", company="Acme Corp", country="DE")
    assert [o.into(x) for x in (b, c, d)] == ["0"] * 3
    assert o.why(d) == ["names"] and "duplicate" in quality(o.s, d) and "duplicate" not in quality(o.s, b)
    e = o.lead(last_name="roth", company="ACME corp", country="DE")  # of the two it is the older
    assert o.into(e) == str(a)
    o.s.request("PATCH", f"/v1/leads/{c}", {"country": "DE"}, o.token)  # what was missing comes later
    settled(o.s)
    assert o.into(c) == str(a)
    o.s.request("PATCH", f"/v1/leads/{d}", {"company": "Elsewhere"}, o.token)  # and a suspicion goes with its reason
    settled(o.s)
    assert o.why(d) == [] and "duplicate" not in quality(o.s, d)


def what_speaks_against_it_leaves_two_that_are_flagged(o):
    s = o.s
    a, b = o.lead("info@acme.example", phone="+49 30 1234501"), o.lead("karl@acme.example", phone="+49 30 1234501")
    assert o.into(b) == "0" and o.why(b) == ["role_address"] and "duplicate" in quality(s, b)
    a, b = o.lead(phone="+49 30 1234502", external_id="crm:1"), o.lead(phone="+49 30 1234502", external_id="crm:2")
    assert o.why(b) == ["external_id"]
    a, b = o.lead(phone="+49 30 1234503", external_id="crm:3"), o.lead(phone="+49 30 1234503", external_id="shop:3")
    assert o.into(b) == str(a), "two systems may know one person"
    a, b = o.lead(), o.lead()
    for who in (a, b):
        s.post(f"/v1/leads/{who}/consent", {"channel": "email", "purpose": "marketing", "state": "confirmed"}, o.token)
    for who in (a, b):
        s.request("PATCH", f"/v1/leads/{who}", {"phone": "+49 30 1234504"}, o.token)
        settled(s)
    assert o.into(b) == "0" and o.why(b) == ["confirmed"]


def a_switchboard_is_no_person(o):
    leads = [o.lead(phone="+49 30 1234000", first_name=f"Name{chr(97 + n)}") for n in range(5)]
    assert [o.into(x) for x in leads] == ["0"] * 5
    assert o.why(leads[1]) == ["names"] and o.why(leads[4]) == ["too_many"]
    nameless = [o.lead(phone="+49 30 1234001") for n in range(6)]  # nothing tells them apart: after three it is no person any more
    assert [o.into(x) for x in nameless] == ["0"] + [str(nameless[0])] * 3 + ["0", "0"], [o.into(x) for x in nameless]
    assert o.why(nameless[5]) == ["too_many"] and "duplicate" in quality(o.s, nameless[5])


def who_has_taken_in_others_wins_and_nothing_makes_a_chain(o):
    s = o.s
    a, b, c = o.lead(), o.lead(), o.lead()
    s.run("merge", c, b)
    settled(s)
    s.request("PATCH", f"/v1/leads/{b}", {"phone": "+49 30 1234601"}, o.token)
    s.request("PATCH", f"/v1/leads/{a}", {"phone": "+49 30 1234601"}, o.token)
    settled(s)
    assert o.into(a) == str(b) and o.into(b) == "0", "the older becomes who stands for others already"
    d, e = o.lead(phone="+49 30 1234602"), o.lead()
    s.run("merge", e, d)
    settled(s)
    s.request("PATCH", f"/v1/leads/{d}", {"last_name": "Chain", "company": "Chain Ltd", "country": "US"}, o.token)
    s.request("PATCH", f"/v1/leads/{b}", {"last_name": "Chain", "company": "Chain Ltd", "country": "US"}, o.token)
    settled(s)
    assert o.into(d) == o.into(b) == "0" and s.sql("select why from merge where why = 'both_took'") == [["both_took"]]


def many_at_once_are_merged_as_one_after_the_other(o):
    s = o.s
    rows = [{"email": f"many{n}@example.com", "last_name": f"Pair{n % 20}", "company": "Many", "country": "US"} for n in range(40)]
    file = s.folder / "many.csv"
    file.write_text("email,last_name,company,country\n" + "".join(",".join(r.values()) + "\n" for r in rows))
    map_file = s.folder / "many.map"
    map_file.write_text("return { email = '{email}', fields = { last_name = 'last_name', company = 'company', country = 'country' } }")
    done = s.run("import", file, "--map", map_file, "--json")
    settled(s)
    assert s.sql("select count(*), count(*) filter (where merged_into is not null) from lead where company = 'Many'") == [["40", "20"]], done.stdout
    differ = json.loads(s.run("db", "rebuild-history", "--check", "--json", check=False).stdout)["differ"]
    assert differ == 0


def a_nameless_lead_takes_in_one_of_two_who_differ(o):
    """All three are looked at before either merge is carried out, as of the rows of one file."""
    s = o.s
    bare, hans, fritz = o.lead(), o.lead(first_name="Hans"), o.lead(first_name="Fritz")
    s.sql(f"""do $$ begin
      update lead set phone = '+12025550180' where lead_id in ({bare}, {hans}, {fritz});
      insert into same_person (shard, lead_id) select w & 63, w from unnest(array[{bare}, {hans}, {fritz}]) w;
      perform same_person_turn(n, '{{phone}}', 3, now()) from generate_series(0, 63) n;
    end $$""")
    settled(s)
    assert o.into(hans) == str(bare), "the older of the two"
    assert o.into(fritz) == "0", "the nameless one is Hans by now"
    assert o.why(fritz) == ["names"] and "duplicate" in quality(s, fritz)
    assert s.get(f"/v1/leads/{bare}", o.token)[1]["first_name"] == "Hans"


def wait_to_merge(s, loser, winner):
    """A merge by rule whose turn has not come yet, as an older version may have left it: both rows are changed in one statement, as nothing else waits."""
    s.sql(f"""with m as (insert into merge (lead_id, winner, state, asked_at, rule) values ({loser}, {winner}, 'waiting', now(), 'phone') returning merge_id),
      told as (insert into event (received_at, event_id, shard, lead_id, at, verb, data)
        select now(), new_id({loser & 63}), {loser & 63}, {loser}, now(), 'lead.merge', jsonb_build_object('merge', merge_id, 'into', {winner}) from m
        returning shard, lead_id, event_id, received_at, at, verb, data)
      insert into inbox (shard, lane, lead_id, event_id, received_at, at, machine, verb, data)
      select shard, 0, lead_id, event_id, received_at, at, false, verb, data from told""")
    settled(s)


def a_merge_that_waited_is_looked_at_again(o):
    a, b = o.lead(first_name="Hans", phone="+1 202 555 0181"), o.lead(first_name="Fritz", phone="+1 202 555 0181")
    wait_to_merge(o.s, b, a)
    assert o.into(b) == "0", "Fritz is not Hans"
    assert o.why(b) == ["names"] and "duplicate" in quality(o.s, b)
    a, b = o.lead(first_name="Hans", phone="+1 202 555 0182"), o.lead(first_name="Hans", phone="+1 202 555 0183")
    wait_to_merge(o.s, b, a)
    assert o.into(b) == "0" and o.why(b) == [] and "duplicate" not in quality(o.s, b), "they are not alike any more"


def test_a_rule_that_is_none_is_told_so_and_publishes_nothing():
    told = {'{ "phon" }': 'nobody is the same person by "phon". Did you mean "phone"?',
            '{ { "email", "phone" } }': 'nobody is the same person by "email".',
            '{ { "last_name", "country" } }': "{ last_name, country } is too little to say that two leads are one person.",
            '{ { "phone", "phone" } }': 'same_person names "phone" twice in one line.',
            '{ { { "phone" } } }': "same_person lists fields that two leads have alike",
            '{ phone = true }': "same_person lists fields that two leads have alike",
            '{}': "same_person lists fields that two leads have alike"}
    with tempfile.TemporaryDirectory() as folder:
        book = playbook_with_rule(pathlib.Path(folder) / "playbook")
        check = [BINARY, "check", book, "--config", pathlib.Path(folder) / "none.conf"]
        (pathlib.Path(folder) / "none.conf").write_text("")
        assert subprocess.run(check, capture_output=True).returncode == 0
        for rule, message in told.items():
            (book / "playbook.lua").write_text(PLAYBOOK.replace('{ "phone", { "last_name", "company", "country" } }', rule))
            done = subprocess.run(check, capture_output=True, text=True)
            assert done.returncode == 1 and message in done.stdout + done.stderr, (rule, done.stdout, done.stderr)


def test_leads_that_are_one_person_by_rule_are_merged_and_no_others():
    s = Server()
    s.conf.write_text(s.conf.read_text() + f'playbook = "{playbook_with_rule(s.folder / "playbook")}"\n')
    with s:
        o = Office(s)
        for case in (one_number_is_one_person, name_company_and_country_are_alike_only_together, what_speaks_against_it_leaves_two_that_are_flagged,
                     a_switchboard_is_no_person, who_has_taken_in_others_wins_and_nothing_makes_a_chain, many_at_once_are_merged_as_one_after_the_other,
                     a_nameless_lead_takes_in_one_of_two_who_differ, a_merge_that_waited_is_looked_at_again):
            case(o)
        assert s.sql("select count(*) from turn_failure") == [["0"]]
        s.run("audit", "verify")


if __name__ == "__main__":
    run_tests(globals())
