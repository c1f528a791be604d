#!/usr/bin/env python3
"""After an activation every lead is scored again by whoever holds its shard: killed, begun anew, beside live turns, with rules that fail. The oracle
is a second walk: it computes every score afresh, and finds nothing to change."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from nurture import BUILD, Server, run_tests, until

LEADS = 6000
HEAD = 'playbook "x" { title = "X", time_zone = "Europe/Berlin" }\n'
MODEL = '''model "who" {{ title = "Who", from = 0, to = 1000,
  rule "base" {{ points = {base} }},
  rule "role" {{ lead {{ role = "executive" }}, points = 30 }},
  rule "own"  {{ {own} }} }}
model "did" {{ title = "Did", from = 0, to = 1000, rule "read" {{ on "asset.download" {{ within = "1 year" }}, points = 5, each = "time", max = 200 }} }}
grades "main" {{ model = "who", A = 60, B = 32, C = 2, D = 0 }}
segment "readers" {{ title = "Readers", who = on "asset.download" {{ at_least = 3 }} }}
'''
PLAIN = "points = 1"
ERRS = 'points = function(lead, event) if lead.country == "US" then return lead.first_name + 1 end return 1 end'


def write(folder, base, own=PLAIN):
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    (folder / "playbook.lua").write_text(HEAD + MODEL.format(base=base, own=own))
    return folder


def playbook(s, base, own=PLAIN):
    return write(s.folder / "playbook", base, own)


def crowded():
    with tempfile.TemporaryDirectory() as root:
        s = Server(playbook=str(write(pathlib.Path(root) / "playbook", 1)))
    try:
        s.start()
        walked(s)
        conninfo = f"host={s.data}/run user=nurture_owner dbname=nurture"
        subprocess.run([BUILD / "tools/crowd", conninfo, str(LEADS), "20", "7"], check=True, timeout=120, capture_output=True)
        s.run("rescore")
        assert walked(s)["leads"] == LEADS
    except BaseException:
        s.__exit__(*sys.exc_info())
        raise
    return s


@contextlib.contextmanager
def stopping(s):
    try:
        yield
    except BaseException:
        s.__exit__(*sys.exc_info())
        raise
    s.__exit__(None, None, None)


def job(s):
    rows = s.sql("select job_id, state, coalesce(result::text, '{}'), progress, total from job where kind = 'rescore' order by job_id desc limit 1")
    return rows[0]


def walked(s):
    """Waits for the newest walk, and its leads' own turns; what it found."""
    until(lambda: job(s)[1] == "done", what="the end of the walk")
    until(lambda: s.sql("select count(*) from inbox")[0][0] == "0", what="the last turn")
    return json.loads(job(s)[2])


def fresh(s):
    """Every score computed afresh is the one that stands."""
    s.run("rescore")
    again = walked(s)
    assert again["leads"] >= LEADS and again["changed"] == 0, again


def scores(s, name="who"):
    return dict((int(p), int(n)) for p, n in s.sql(f"select points, count(*) from score where name = '{name}' and not is_grade group by points"))


def test_a_walk_that_is_killed_goes_on_where_it_stood_and_every_score_is_the_new_one():
    s = crowded()
    with stopping(s):
        before = scores(s)
        # a lock on a lead stops the walk in the middle, whatever the machine's speed
        lead = s.sql("select lead_id from lead where (lead_id & 63) = 40 limit 1")[0][0]
        with s.holding(f"select from score where lead_id = {lead} for update"):
            s.run("publish", playbook(s, 2), "--yes", "-m", "every score")
            until(lambda: int(s.sql("select sum(leads) from rescore_walk")[0][0]) > 0, what="a page")
            for pid in s.workers("engine"):
                os.kill(pid, signal.SIGKILL)
        found = walked(s)
        # at most the lead that an engine was killed over is left to a turn of its own
        own = found["turned"]
        assert found["leads"] == LEADS and found["changed"] + own == LEADS and own <= 1 and found["errors"] == 0, found
        assert scores(s) == {points + 1: n for points, n in before.items()}, (before, scores(s))
        assert job(s)[3] == job(s)[4] == str(LEADS), job(s)
        changed = int(s.sql("select count(*) from score_change where is_grade and cause = 'rescore' and old_grade is distinct from new_grade "
                            "and old_grade is not null")[0][0])
        assert found["graded"] <= changed <= found["graded"] + own, (changed, found)
        fresh(s)


def test_a_later_activation_begins_anew_and_a_walk_can_be_cancelled():
    s = crowded()
    with stopping(s):
        lead = s.sql("select lead_id from lead where (lead_id & 63) = 40 limit 1")[0][0]
        with s.holding(f"select from score where lead_id = {lead} for update"):
            s.run("publish", playbook(s, 2), "--yes", "-m", "second")
            until(lambda: int(s.sql("select sum(leads) from rescore_walk")[0][0]) > 0, what="a page")
            superseded = job(s)[0]
            # the page that waits has locked its shard's place in the walk, and so the publish waits for that page
            third = subprocess.Popen(s.command("publish", playbook(s, 9), "--yes", "-m", "third"), cwd=s.folder, env=s.environment,
                                     stdout=subprocess.DEVNULL)
            until(lambda: third.poll() is not None or s.sql("select count(*) from pg_stat_activity where wait_event_type = 'Lock' "
                                                            "and application_name like 'command%'") != [["0"]], what="the publish")
        assert third.wait(120) == 0
        assert walked(s)["leads"] == LEADS
        assert s.sql(f"select state from job where job_id = {superseded}")[0][0] == "cancelled"
        assert min(scores(s)) == 10, scores(s)
        fresh(s)
        with s.holding(f"select from score where lead_id = {lead} for update"):
            s.run("publish", playbook(s, 4), "--yes", "-m", "fourth")
            s.run("job", "cancel", job(s)[0])
        until(lambda: job(s)[1] == "cancelled", what="the end of the job")
        s.run("rollback", s.sql("select revision from activation order by activation desc offset 1 limit 1")[0][0], "--yes")
        walked(s)
        assert min(scores(s)) == 10, scores(s)
        fresh(s)


def test_a_rule_that_fails_for_some_leaves_their_scores_and_names_one_of_them():
    s = crowded()
    with stopping(s):
        before = s.sql("select lead_id, points from score join lead using (shard, lead_id) where name = 'who' and not is_grade and country = 'US' order by 1")
        s.run("publish", playbook(s, 5, ERRS), "--yes", "-m", "errs")
        found = walked(s)
        assert found["errors"] == len(before) > 0, (found, len(before))
        after = s.sql("select lead_id, points from score join lead using (shard, lead_id) where name = 'who' and not is_grade and country = 'US' order by 1")
        assert before == after
        assert int(s.sql("select count(*) from score join lead using (shard, lead_id) where name = 'who' and not is_grade and country <> 'US' and points < 6")[0][0]) == 0
        place, count, first = s.sql("select place, count, first_lead from script_error order by last_at desc limit 1")[0]
        assert place == "playbook.lua:5" and int(count) == len(before) and first in [row[0] for row in before], (place, count, first)
        assert f"first for lead {first}" in s.run("status").stdout
        s.run("publish", playbook(s, 5), "--yes", "-m", "mended")
        walked(s)
        fresh(s)


def test_live_turns_beside_the_walk_are_not_overwritten():
    s = crowded()
    with stopping(s):
        token = s.token("write")
        lead = s.sql("select lead_id from lead where (lead_id & 63) = 40 limit 1")[0][0]
        with s.holding(f"select from score where lead_id = {lead} for update"):
            s.run("publish", playbook(s, 3), "--yes", "-m", "live")
            ids = s.sql("select lead_id from lead order by lead_id limit 300")
            for at in range(0, 300, 100):
                body = [{"lead": int(row[0]), "verb": "asset.download", "subject": "x"} for row in ids[at:at + 100]]
                assert s.post("/v1/events", body, token)[0] == 202
        walked(s)
        fresh(s)


def test_whom_a_walk_disqualifies_its_company_counts_no_longer_and_scores_of_a_model_that_is_gone_go():
    with tempfile.TemporaryDirectory() as root:
        s = Server(playbook=str(write(pathlib.Path(root) / "playbook", 1)))
    with stopping(s):
        s.start()
        walked(s)
        s.lead({"email": "ann@acme.co.uk"}, s.token("write"))
        until(lambda: s.sql("select people from account_summary") == [["1"]], what="her company")
        folder = playbook(s, 50)
        rules = (folder / "playbook.lua").read_text()
        (folder / "playbook.lua").write_text(rules.replace("D = 0 }", 'D = 0, band "out" { from = 40, stage = "disqualified" }, band "in" { from = 0 } }')
                                             + 'model "half" { title = "Half", from = 0, to = 9, rule "r" { points = 4 } }\n')
        s.run("publish", folder, "--yes", "-m", "out")
        assert walked(s)["turned"] == 1
        assert s.sql("select stage from lead") == [["disqualified"]]
        until(lambda: s.sql("select count(*) from account_inbox") == [["0"]], what="the account's turn")
        assert s.sql("select people from account_summary") == [["0"]]
        assert s.sql("select points from score where name = 'half'") == [["4"]]
        s.run("rollback", s.sql("select revision from activation order by activation desc offset 1 limit 1")[0][0], "--yes")
        walked(s)
        assert s.sql("select name from score where not is_grade order by 1") == [["did"], ["who"]]


if __name__ == "__main__":
    run_tests(globals())
