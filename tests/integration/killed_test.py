#!/usr/bin/env python3
"""Workers that die in the middle of a turn: the rule and the lead are named, and neither can do it a fourth time."""
import os
import pathlib
import re
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from nurture import Server, run_tests, until

LOOP = "local n = 0 for i = 1, 15000 do n = n + i % 7 end"
HEAVY = f"""playbook "x" {{ title = "X" }}
consent "email" {{ purpose = "marketing", default = "opt-out", unknown = "opt-out" }}
model "light" {{ title = "Light", from = 0, to = 10, rule "one" {{ points = 1 }} }}
model "heavy" {{ title = "Heavy", from = 0, to = 10,
  rule "long" {{ points = function(lead) {LOOP} return 2 end }},
}}
"""


def folder(text):
    place = pathlib.Path(tempfile.mkdtemp(prefix="nurture-playbook-"))
    (place / "playbook.lua").write_text(text)
    place.chmod(0o755)
    return place


def note(pid):
    """What the worker is doing, as it stands in the memory that the master reads (the board, descriptor 5)."""
    for line in re.findall(rb"lead [0-9]+ revision [0-9a-f]+[^\0]*", pathlib.Path(f"/proc/{pid}/fd/5").read_bytes()):
        return line.decode()
    return ""


def killed_in(s, what, how):
    """Stops the engine worker until it stands in `what`, and kills it there. False when it has nothing to do."""
    pids = s.workers("engine")
    if not pids:
        return False
    try:
        os.kill(pids[0], signal.SIGSTOP)
        until(lambda: pathlib.Path(f"/proc/{pids[0]}/stat").read_text().rsplit(")", 1)[1].split()[0] in "TZ", 10, "a stopped worker")
        there = re.search(what, note(pids[0])) is not None
        if there:
            os.kill(pids[0], how)
        os.kill(pids[0], signal.SIGCONT)
    except (ProcessLookupError, FileNotFoundError):
        return False
    return there


def leads(s, token, first, count):
    body = [{"email": f"lead-{i}@example.com", "verb": "page.view", "subject": "/"} for i in range(first, first + count)]
    status, answer = s.post("/v1/events", body, token)
    assert status == 202, (status, answer)


def kill_until(s, token, what, how, over):
    """Kills in `what` again and again until over(); more leads whenever all are done."""
    made, end = 0, time.monotonic() + 120
    while not over():
        assert time.monotonic() < end, "two minutes of killing were not enough"
        if made < 40000 and int(s.sql("select count(*) from inbox")[0][0]) < 200:
            leads(s, token, made, 1000)
            made += 1000
        deaths = s.log_text().count("worker.died")
        for _ in range(50):
            if killed_in(s, what, how):
                until(lambda: s.log_text().count("worker.died") > deaths, 60, "the master's notice")
                break
            time.sleep(0.01)
        time.sleep(0.05)
    return made


def test_the_third_death_in_a_rule_switches_it_off_and_a_changed_file_switches_it_on():
    first = folder(HEAVY)
    with Server(playbook=first, config="watchdog = 30\n") as s:
        token = s.token("admin")
        made = kill_until(s, token, r' in playbook\.lua:[0-9]+ model "heavy", rule "long"', signal.SIGSEGV, lambda: "script.switched_off" in s.log_text())
        assert s.log_text().count("worker.died") >= 3
        assert 'in playbook.lua:5 model \\"heavy\\", rule \\"long\\"' in s.log_text(), "the log names lead, rule and line"
        rows = s.sql("select path, context, deaths from script_off")
        assert rows == [["playbook.lua", 'model "heavy", rule "long"', "3"]], rows
        # all go on without it, and nothing of its model changes
        until(lambda: s.sql("select count(*) from inbox i where not exists (select from turn_failure f where f.lead_id = i.lead_id)") == [["0"]], 120,
              "the other leads")
        scores = dict(s.sql("select name, count(*) from score group by name"))
        assert int(scores["light"]) >= made - 3, scores
        before = s.sql("select count(*) from score where name = 'heavy'")
        leads(s, token, 100000, 300)
        until(lambda: int(s.sql("select count(*) from score where name = 'light'")[0][0]) >= made - 3 + 300 and
              s.sql("select count(*) from inbox i where not exists (select from turn_failure f where f.lead_id = i.lead_id)") == [["0"]], 120, "more leads")
        assert s.sql("select count(*) from score where name = 'heavy'") == before, "a switched-off rule changes nothing"
        # said wherever one looks
        assert not int(s.sql("select count(*) from turn_failure")[0][0]) or ": a worker died in its turn (" in s.run("status").stdout, s.run("status").stdout
        assert 'off        model "heavy", rule "long" (playbook.lua:5): 3 workers died in it' in s.run("status").stdout, s.run("status").stdout
        assert "switched off, as three workers died in it" in s.run("revisions").stdout
        status, answer = s.get("/v1/playbook", token)
        assert status == 200 and answer["switched_off"][0]["context"] == 'model "heavy", rule "long"', answer
        assert "nurture_scripts_switched_off 1" in s.get("/metrics")[1]
        status, answer = s.get("/readyz")
        assert status == 200 and answer["switched_off"] == 1, answer
        # its file is changed: it is on; it is changed back: it is off; a person says so: it is on
        revision = s.get("/v1/playbook", token)[1]["revision"]
        second = folder(HEAVY.replace("15000", "10"))
        s.run("publish", second, "--yes")
        until(lambda: "nurture_scripts_switched_off 0" in s.get("/metrics")[1], 60, "the rule being on")
        until(lambda: int(s.sql("select count(*) from score where name = 'heavy'")[0][0]) >= made + 300 - 3, 120, "the scores of all")
        s.run("rollback", revision[:12], "--yes")
        until(lambda: "nurture_scripts_switched_off 1" in s.get("/metrics")[1], 60, "the rule being off")
        assert "is active already" in s.run("rollback", revision[:12]).stdout
        assert "is active (activation" in s.run("rollback", revision[:12], "--switch-on", "--yes").stdout
        until(lambda: "nurture_scripts_switched_off 0" in s.get("/metrics")[1], 60, "the rule being on again")
        assert s.sql("select count(*) from script_off") == [["0"]]
        said = s.sql("select act, object, actor like 'command _%' from audit where act like 'script.%' order by id")
        assert said == [["script.switch_off", "playbook.lua:5", "f"], ["script.switch_on", "playbook.lua:5", "t"]], said


MANY = 'playbook "x" { title = "X" }\nmodel "heavy" { title = "Heavy", from = 0, to = 100,\n' + "".join(
    f'  rule "r{i}" {{ points = function(lead) if lead.company ~= "Bad" then return 1 end {LOOP} return 1 end }},\n' for i in range(60)) + "}\n"


def test_a_lead_in_whose_turn_three_workers_died_is_parked_shown_and_released():
    with Server(playbook=folder(MANY), config="watchdog = 30\n") as s:
        token = s.token("write")
        status, answer = s.post("/v1/leads", {"email": "good@example.com", "company": "Good"}, token)
        assert status in (200, 201, 202), (status, answer)
        s.post("/v1/leads", {"email": "bad@example.com", "company": "Bad"}, token)
        lead = until(lambda: s.sql("select lead_id from identity where value = 'bad@example.com'"), 30, "the lead")[0][0]
        end = time.monotonic() + 150
        while s.sql(f"select count(*) from turn_failure where lead_id = {lead} and parked_at is not null") == [["0"]]:
            assert time.monotonic() < end, "not parked after two minutes of killing"
            s.sql(f"update turn_failure set retry_at = failed_at where lead_id = {lead}")  # the minute of waiting is over
            s.post("/v1/events", {"lead": int(lead), "verb": "page.view", "subject": "/"}, token)
            deaths = s.log_text().count("worker.died")
            for _ in range(100):
                if killed_in(s, f"lead {lead} ", signal.SIGKILL):
                    until(lambda: s.log_text().count("worker.died") > deaths and
                          int(s.sql(f"select coalesce(max(deaths), 0) from turn_failure where lead_id = {lead}")[0][0]) > 0, 60, "the master's notice")
                    break
        assert s.sql(f"select deaths from turn_failure where lead_id = {lead}") == [["3"]]
        assert s.sql("select count(*) from script_off") == [["0"]], "a kill from outside is not held against a rule"
        said = s.run("status").stdout
        assert "1 lead is parked" in said and f"lead {lead}: a worker died in its turn (revision " in said and said.count(f"lead {lead}") == 1, said
        shown = s.run("lead", "bad@example.com").stdout
        assert f"nurture lead release {lead}" in shown, shown
        # the others are looked at, this one is not
        s.post("/v1/events", {"lead": int(lead), "verb": "page.view", "subject": "/last"}, token)
        s.post("/v1/events", {"email": "good@example.com", "verb": "page.view", "subject": "/last"}, token)
        until(lambda: s.sql(f"select count(*) from inbox where lead_id <> {lead}") == [["0"]], 60, "the other lead's turn")
        assert int(s.sql(f"select count(*) from inbox where lead_id = {lead}")[0][0]) > 0
        assert s.run("lead", "release", "good@example.com", check=False).stderr == "nurture: this lead is not parked.\n"
        assert "is looked at again" in s.run("lead", "release", "bad@example.com").stdout
        assert s.sql("select actor like 'command _%', object from audit where act = 'lead.release'") == [["t", lead]]
        until(lambda: s.sql(f"select count(*) from inbox where lead_id = {lead}") == [["0"]], 60, "the lead's turn")
        assert s.sql(f"select points from score where lead_id = {lead}") == [["60"]]
        assert "parked" not in s.run("lead", "bad@example.com").stdout


if __name__ == "__main__":
    run_tests(globals())
