#!/usr/bin/python3
"""The statements of plugins/telemarketing that know their call or its agent find it by that, whatever the statistics say of states: those of a queue are of a while ago."""
import re

from calls_test import Floor
from nurture import SOURCE, run_tests

BY_STATE = re.compile(r"\b(call_lease|call_lead_leased|call_ready|call_looked|call_waiting|call_done)\b|Seq Scan on call\b")
KNOWN = {"pick.sql": ["pick_agents"], "give.sql": ["give_calls"], "hand.sql": ["hand_back"], "hold.sql": ["hold_beat", "hold_release"], "news.sql": ["news_drop", "news_give_back"],
         "ending.sql": ["ending_calls"], "outcome.sql": ["outcome_callback"], "try.sql": ["try_aside", "try_gone", "try_keep"], "sweep.sql": ["sweep_over", "sweep_gone", "sweep_later", "sweep_rank"]}


def statement(file, name):
    text = (SOURCE / "plugins/telemarketing" / file).read_text()
    body = re.search(rf"^-- :name {name}\n(.*?)(?=^-- :name |\Z)", text, re.MULTILINE | re.DOTALL).group(1)
    return "\n".join(line for line in body.splitlines() if not line.startswith("--"))


def statements():
    return {name: statement(file, name) for file, names in KNOWN.items() for name in names}


def plan_of(s, body):
    count = max(int(n) for n in re.findall(r"\$(\d+)", body))
    prepared = f"set search_path = telemarketing, public; set plan_cache_mode = force_generic_plan; prepare one as {body}; explain execute one({', '.join(['null'] * count)})"
    return "\n".join(row[0] for row in s.sql(prepared))


def test_what_is_known_is_found_by_it_whatever_the_statistics_say():
    with Floor() as s:
        s.sql("alter table telemarketing.call set (autovacuum_enabled = off)")
        all_of_them = statements()
        for then in ("ready", "waiting", "done"):  # as they all were when the statistics were made: of each other state there was none
            s.sql("truncate telemarketing.call")
            s.sql("insert into telemarketing.call (channel, touch_id, lead_id, attempt, campaign, step, script, priority, points, number, own_needs, needs, state, rank, queued_at, ready_at) "
                  f"select 'other', n, n, 1, 'ring', 'call', 'ask', 'normal', 0, n, '', '', '{then}', n, 1, 1 from generate_series(1, 20000) n")
            s.sql("analyze telemarketing.call")
            for name, body in all_of_them.items():
                plan = plan_of(s, body)
                assert "call" in plan and not BY_STATE.search(plan), f"{name}, when all were {then}:\n{plan}"


def test_leases_that_ran_out_are_found_without_reading_those_that_did_not():
    with Floor() as s:
        for file, name in (("sweep.sql", "sweep_expire"), ("pick.sql", "pick_expire")):
            plan = plan_of(s, statement(file, name))
            assert re.search(r"Index Cond: .*lease_until <= ", plan), f"{name}:\n{plan}"


if __name__ == "__main__":
    run_tests(globals())
