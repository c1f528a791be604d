#!/usr/bin/env python3
"""An engine that is killed inside the transaction that forgets a person, or that makes two leads one. The moments are fixed: the test holds a row that
the transaction must have, so it stands there for as long as it takes. What the killed one left behind at the database is ended, or goes on to its
end when the row is let go, whichever way it comes: the next engine does the whole of it, once."""
import json
import os
import signal

from nurture import Server, run_tests, until
from people_test import tells_of

CONFIG = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }\npostal_address = "1 Road, Town"'
WAITING = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%{}%'"


def settled(s):
    until(lambda: s.sql("select (select count(*) from inbox) + (select count(*) from merge where state = 'waiting') + (select count(*) from touch"
                        " where state in ('planned', 'claimed', 'permitted', 'deferred') and due_at <= now())") == [["0"]], 120, "all turns and mails")


def killed_at(s, row, statement, ask, nothing, leave):
    """Kills the engine in the statement that waits for the row; `leave`: its session at the database goes on. Until then nothing of it is to be seen."""
    with s.holding(f"select from {row} for update"):
        ask()
        session = until(lambda: s.sql(WAITING.format(statement)), 120, f"the turn at {row}")[0][0]
        engines = s.workers("engine")
        for pid in engines:
            os.kill(pid, signal.SIGKILL)
        until(lambda: s.workers("engine") and not set(s.workers("engine")) & set(engines), 120, "the next engine")
        assert nothing(), f"half of it is to be seen: {row}"
        if not leave:
            s.sql(f"select pg_terminate_backend({session})")
            until(lambda: not s.sql(f"select pid from pg_stat_activity where pid = {session}"), 120, "the end of its session")
    settled(s)


def known(s, token, name):
    """A lead of whom there is something in most tables, each with the name in it."""
    lead = s.lead({"email": f"{name}@{name}.example", "first_name": name, "company": name, "country": "US"}, token)["lead_id"]
    assert s.post("/v1/events", {"lead": lead, "verb": "asset.download", "subject": "security-guide", "data": {"page": name}, "value": 7}, token)[0] == 202
    assert s.post(f"/v1/leads/{lead}/consent", {"channel": "email", "state": "granted", "source": "form", "wording": "Yes."}, token)[0] < 300
    return lead


def test_killed_while_it_forgets_a_person_the_next_engine_forgets_it_wholly_and_once():
    with Server(playbook="scripts", config=CONFIG) as s:
        token = s.token("admin")
        moments = [("identity", False), ("event", True)]
        people = [(f"person{i}person", *moment) for i, moment in enumerate(moments)]
        leads = {name: known(s, token, name) for name, _, _ in people}
        stays = known(s, token, "whostays")
        settled(s)
        assert ("event", people[0][0]) in tells_of(s, leads)
        for name, table, leave in people:
            lead = leads[name]
            killed_at(s, f"{table} where lead_id = {lead}", "lead_erase", lambda: s.request("DELETE", f"/v1/leads/{lead}", token=token),
                      lambda: s.sql(f"select email, first_name, erased_at is null from lead where lead_id = {lead}") == [[f"{name}@{name}.example", name, "t"]]
                      and s.sql(f"select count(*) from identity where lead_id = {lead}") == [["1"]], leave)
            assert s.sql(f"select erased_at is not null from lead where lead_id = {lead}") == [["t"]]
            assert s.sql(f"select count(*) from audit where act = 'lead.erase' and object = '{lead}'") == [["1"]]
            assert s.sql(f"select count(*) from enrollment where lead_id = {lead} and state <> 'ended'") == [["0"]]
        told = tells_of(s, leads)
        assert told == set(), told
        assert s.get(f"/v1/leads/{stays}", token)[1]["first_name"] == "whostays"
        assert s.sql("select count(*) from turn_failure") == [["0"]]


def shape(s, loser, winner):
    """All that a merge moves, with no ids and times in it."""
    return [s.sql(text.format(a=loser, b=winner)) for text in (
        "select lead_id = {b}, merged_into = {b}, segments, first_name is null from lead where lead_id in ({a}, {b}) order by 1",
        "select kind, lead_id = {b} from identity where lead_id in ({a}, {b}) order by 1, 2",
        "select lead_id = {b}, channel, purpose, state, source from consent where lead_id in ({a}, {b}) order by id",
        "select lead_id = {b}, verb, count(*) from event where lead_id in ({a}, {b}) and verb not like 'touch.%' and verb not like 'email.%' group by 1, 2 order by 1, 2",
        "select lead_id = {b}, name, is_grade, points, grade, band from score where lead_id in ({a}, {b}) order by 1, 2, 3",
        "select lead_id = {b}, campaign, state, reason from enrollment where lead_id in ({a}, {b}) order by 1, 2, 3",
        "select state, count(*) from merge where lead_id = {a} group by 1")]


def test_killed_while_it_merges_two_leads_the_next_engine_makes_what_one_makes_that_was_not_killed():
    moments = [("identity", "update identity", True), ("lead", "update lead l set merged_into = m.winner, segments", False)]
    with Server(playbook="scripts", config=CONFIG) as s:
        token = s.token("admin")
        pairs = [(known(s, token, f"loser{i}"), s.lead({"email": f"winner{i}@example.org", "country": "US"}, token)["lead_id"]) for i in range(3)]
        settled(s)

        def ask(loser, winner):
            assert s.post(f"/v1/leads/{loser}/merge", {"into": winner}, token)[0] == 202

        ask(*pairs[0])
        settled(s)
        whole = shape(s, *pairs[0])
        assert whole[0] == [["f", "t", "{}", "f"], ["t", "", whole[0][1][2], "f"]] and whole[6] == [["done", "1"]], whole
        for (a, b), (table, statement, leave) in zip(pairs[1:], moments):
            before = shape(s, a, b)
            killed_at(s, f"{table} where lead_id = {a}", statement, lambda: ask(a, b), lambda: shape(s, a, b)[1:3] == before[1:3] and
                      s.sql(f"select merged_into is null from lead where lead_id = {a}") == [["t"]], leave)
            assert shape(s, a, b) == whole, (table, leave, shape(s, a, b), whole)
        assert json.loads(s.run("db", "rebuild-history", "--check", "--json", check=False).stdout)["differ"] == 0
        assert s.sql("select count(*) from turn_failure") == [["0"]]


if __name__ == "__main__":
    run_tests(globals())
