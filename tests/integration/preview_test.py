#!/usr/bin/env python3
"""What a publish would change is shown before it is done: leads by grade, band, segment, stage; nothing happens without a yes; and what was shown is
what then happens."""
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from nurture import BINARY, Server, run_tests, until

HEAD = 'playbook "x" { title = "X", time_zone = "Europe/Berlin" }\nconsent "email" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n'
FIELDS = 'field "size" { label = "Size", type = "number" }\n'
OLD = """model "fit" { title = "Fit", from = 0, to = 100,
  rule "size" { lead { size = at_least(10) }, points = 40 },
  rule "country" { lead { country = "DE" }, points = 30 },
}
model "does" { title = "Does", from = 0, to = 100,
  rule "looks" { on "page.view", points = 10, each = "time", max = 50, fades = "by half every 30 days" },
}
grades "main" { axes = { fit = { A = 60, B = 40, C = 20, D = 0 }, does = { 40, 20, 10, 0 } },
  band "ready" { grades = { "A*", "B1", "B2" }, stage = "qualified" },
  band "rest" { grades = { "B3", "B4", "C*", "D*" } },
}
segment "readers" { title = "Readers", who = score { does = at_least(15) } }
"""
NEW = OLD.replace('size = at_least(10) }, points = 40', 'size = at_least(10) }, points = 62').replace('points = 10, each', 'points = 15, each')


def write(folder, models, **files):
    (folder / "templates/email").mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "playbook.lua").write_text(HEAD)
    (folder / "fields.lua").write_text(FIELDS)
    (folder / "models.lua").write_text(models)
    for name, text in files.items():
        (folder / f"{name}.lua").write_text(text)
    return folder


def leads(s, token):
    """Sixty leads in a dozen ways."""
    rows = "".join(f"lead-{i}@example.com,{i % 20},{'DE' if i % 3 == 0 else ''}\n" for i in range(60))
    assert s.request("POST", "/v1/imports", "email,size,country\n" + rows, token, {"Content-Type": "text/csv"})[0] == 202
    until(lambda: s.sql("select count(*) from lead") == [["60"]], what="the import")
    events = [{"email": f"lead-{i}@example.com", "verb": "page.view", "subject": f"/{k}"} for i in range(60) for k in range(i % 5)]
    assert s.post("/v1/events", events, token)[0] == 202
    quiet(s)


def quiet(s):
    until(lambda: s.sql("select count(*) from inbox") == [["0"]] and s.sql("select count(*) from score where name = 'fit'") == [["60"]], what="all turns")


def active(s):
    return s.sql("select revision from activation order by activation desc limit 1")[0][0]


def standing(s):
    """lead → (grade, band, segments, stage), as stored."""
    rows = s.sql("select l.lead_id, coalesce(c.grade, ''), coalesce(c.band, ''), array_to_string(l.segments, ','), l.stage from lead l "
                 "left join score c on c.shard = l.shard and c.lead_id = l.lead_id and c.is_grade")
    return {row[0]: tuple(row[1:]) for row in rows}


def counted(before, after, which):
    moves = {}
    for lead, old in before.items():
        if old[which] != after[lead][which]:
            key = (old[which], after[lead][which])
            moves[key] = moves.get(key, 0) + 1
    return moves


def asked(s, folder, answer, *more):
    """publish on a terminal: what it showed, and its exit status."""
    main, other = pty.openpty()
    process = subprocess.Popen([BINARY, "publish", folder, "--config", s.conf, *more], stdin=other, stdout=other, stderr=other, start_new_session=True)
    os.close(other)
    shown = b""
    while b"[y/N]" not in shown:
        shown += os.read(main, 4096)
    if isinstance(answer, bytes):
        os.write(main, answer)
    else:
        process.send_signal(answer)
    try:
        while part := os.read(main, 4096):
            shown += part
    except OSError:
        pass
    os.close(main)
    return process.wait(120), shown.decode()


def test_what_is_shown_is_what_happens_and_nothing_happens_without_a_yes():
    root = pathlib.Path(tempfile.mkdtemp(prefix="nurture-preview-"))
    root.chmod(0o755)
    with Server(playbook=write(root / "a", OLD)) as s:  # the first publish asks nobody
        leads(s, s.token("write"))
        first, before = active(s), standing(s)
        told = "select verb, count(*) from event where verb in ('grade.change', 'segment.enter', 'segment.leave') group by verb order by verb"
        events = s.sql(told)
        assert [row[0] for row in events] == ["grade.change", "segment.enter"], "what leads do changes grades and segments, and is told by events"
        write(root / "b", NEW)
        shown = json.loads(s.run("preview", root / "b", "--json").stdout)
        assert (shown["leads"], shown["active"], shown["same"]) == (60, first, False), shown
        # without a terminal and without a yes: refused, nothing changed, and it is said what to do
        done = s.run("publish", root / "b", check=False)
        assert done.returncode == 1 and "--yes" in done.stderr and 'grades "main"' in done.stdout and "from \\ to" in done.stdout, done
        assert f"of 60 leads {shown['moved']} would stand otherwise" in done.stdout, done.stdout
        done = s.run("publish", root / "b", "--json", check=False)
        assert done.returncode == 1 and json.loads(done.stdout)["preview"]["moved"] == shown["moved"]
        assert s.run("publish", root / "b", "--dry-run").returncode == 0
        # on a terminal: no, and Ctrl-C in the question
        status, text = asked(s, root / "b", b"n\n")
        assert status == 1 and "Nothing was done" in text
        assert asked(s, root / "b", signal.SIGINT)[0] != 0
        assert active(s) == first and standing(s) == before
        # examples: they name the lead and the rules that made the difference
        example = next(e for e in shown["examples"] if any(m["model"] == "fit" for m in e["models"]))
        rule = next(m for m in example["models"] if m["model"] == "fit")["rules"][0]
        assert (rule["rule"], rule["before"], rule["after"], rule["where"]) == ("size", 40, 62, "models.lua:2"), example
        assert example["email"].endswith("@example.com") and "size = " in rule["because"]
        for example in shown["examples"]:
            for model in example["models"]:
                assert sum(r["after"] - r["before"] for r in model["rules"]) == model["after"] - model["before"], example
        # yes: what then becomes of the leads is what was shown
        status, text = asked(s, root / "b", b"y\n")
        assert status == 0 and "is active (activation 2)" in text, text
        until(lambda: s.sql("select count(*) from score where name = 'fit' and points in (62, 92)") == [["30"]], what="the rescoring")
        quiet(s)
        after = standing(s)
        table = shown["grades"][0]
        assert {(m["from"], m["to"]): m["leads"] for m in table["moves"]} == counted(before, after, 0) and len(table["moves"]) > 5, table
        assert {(m["from"], m["to"]): m["leads"] for m in table["bands"]} == counted(before, after, 1), table
        assert table["moved"] == sum(before[i][:2] != after[i][:2] for i in before)
        assert sum(x["leads"] for x in shown["stages"]) == sum(counted(before, after, 3).values()) > 0
        segment = shown["segments"][0]
        assert segment["enter"] == sum("readers" in after[i][2] and "readers" not in before[i][2] for i in before) > 0, segment
        job = "select result::text from job where kind = 'rescore' and state = 'done' order by job_id desc limit 1"
        until(lambda: json.loads(s.sql(job)[0][0])["leads"] == 60, what="the end of the walk")
        walk = json.loads(s.sql(job)[0][0])
        assert shown["moved"] == walk["changed"] and walk["graded"] == int(
            s.sql("select count(distinct lead_id) from score_change where is_grade and cause = 'rescore'")[0][0]), (shown["moved"], walk)
        # every change is kept with its cause and revision
        lead = next(i for i in before if before[i][0] != after[i][0])
        kept = json.loads(s.run("score", lead, "--history", "--json").stdout)
        change = next(c for c in kept if c["name"] == "main")
        assert (change["old_grade"], change["new_grade"], change["cause"], change["revision"]) == (before[lead][0], after[lead][0], "rescore", active(s)), kept
        assert s.get(f"/v1/leads/{lead}/score/history?limit=1", s.token("read"))[1]["items"][0]["at"] == kept[0]["at"]
        assert s.sql(told) == events, "publishing lets nobody into a campaign (decision 10): what it changed by itself is kept, and is no event"
        # nobody moves: nobody is asked
        write(root / "b", "-- a word\n" + NEW)
        assert "is active (activation 3)" in s.run("publish", root / "b").stdout
        same = s.run("preview", root / "b")
        assert "No lead moves" in same.stdout, same
        # going back shows the same, and asks the same
        done = s.run("rollback", first[:12], check=False)
        assert done.returncode == 1 and "not rolled back" in done.stderr and "--yes" in done.stderr and 'grades "main"' in done.stdout, done
        assert f"of 60 leads {shown['moved']} would stand otherwise" in done.stdout, done.stdout
        admin = s.token("admin")
        status, refused = s.post("/v1/playbook/rollback", {"revision": first[:12]}, admin)
        assert (status, refused["field"], refused["preview"]["moved"]) == (409, "yes", shown["moved"]), (status, refused)
        assert s.post("/v1/playbook/rollback", {"revision": "ffff"}, admin)[0] == 404
        assert json.loads(s.run("rollback", first[:12], "--dry-run", "--json").stdout)["moved"] == shown["moved"] and active(s) != first
        assert "is active (activation 4)" in s.run("rollback", first[:12], "--yes").stdout and active(s) == first
        status, answer = s.post("/v1/playbook/rollback", {"revision": shown["revision"], "yes": True}, admin)
        assert status == 200 and active(s) == answer["revision"], (status, answer)
    shutil.rmtree(root)


def those_inside(s, root, models, campaigns, members):
    """A campaign changes that leads are in: no score differs, and still it is shown and asked."""
    now, inside = active(s), f'campaign "now" changes; inside: {members} leads'
    moved = campaigns.replace('step "one" { wait "10 days"', 'step "first" { was = "one", wait "12 days" }, step "then" { wait "2 days", email "hello" }, step "end" { wait "10 days"')
    walk = write(root / "d", models, campaigns=moved)
    (walk / "templates/email/hello.md").write_text("---\nsubject: Hello\n---\nHello.\n")
    done = s.run("preview", walk)
    assert inside in done.stdout and f'{members} leads on step "one" → step "first"; next: email "hello"' in done.stdout and "until now: none" in done.stdout, done.stdout
    assert 'campaign "later"' not in done.stdout, "nobody is in it"
    shown = json.loads(s.run("preview", walk, "--json").stdout)
    campaign, = shown["inside"]
    step, = campaign["steps"]
    assert (shown["same"], shown["inside_leads"], step["to"], step["moved"], step["next"]["step"]) == (True, members, "first", True, "then"), shown
    done = s.run("publish", walk, check=False)
    assert done.returncode == 1 and inside in done.stdout and "--yes" in done.stderr and active(s) == now, done
    assert s.run("publish", walk, "--dry-run").returncode == 0 and active(s) == now
    # a comment changes nothing for anybody
    assert "inside:" not in s.run("preview", write(root / "f", models, campaigns="-- a comment\n" + campaigns)).stdout
    # the step is gone: preview says what publish says, and neither does it
    gone = write(root / "e", models, campaigns=campaigns.replace('step "one"', 'step "other"'))
    words = f'{members} leads stand on step "one" of campaign "now", which is gone. Say where they go: step "NEW" {{ was = "one" }}; or park them with --hold.'
    for command in (("preview", gone), ("publish", gone), ("publish", gone, "--yes"), ("publish", gone, "--dry-run"), ("preview", gone, "--json")):
        done = s.run(*command, check=False)
        assert done.returncode == 1 and words in done.stderr and active(s) == now, (command, done)
    assert json.loads(done.stdout)["stranded"] == members, done.stdout
    admin, files = s.token("admin"), {str(path.relative_to(walk)): path.read_text() for path in walk.rglob("*.*")}
    status, refused = s.post("/v1/playbook/publish", {"files": files}, admin)
    assert (status, refused["field"]) == (409, "yes") and f"{members} leads are inside campaigns that change" in refused["detail"], (status, refused)
    status, refused = s.post("/v1/playbook/publish", {"files": {**files, "campaigns.lua": (gone / "campaigns.lua").read_text()}}, admin)
    assert (status, refused["field"], refused["detail"]) == (409, "steps", words) and active(s) == now, (status, refused)
    status, done = s.post("/v1/playbook/publish", {"files": files, "yes": True}, admin)
    assert status == 200 and done["changed"], (status, done)
    done = s.run("rollback", now[:12], check=False)
    assert done.returncode == 1 and 'stand on step "first"' in done.stderr or inside in done.stdout, done


def test_rules_that_would_fail_and_whom_campaigns_would_let_in_are_told_before():
    root = pathlib.Path(tempfile.mkdtemp(prefix="nurture-preview-"))
    root.chmod(0o755)
    with Server(playbook=write(root / "a", OLD)) as s:
        token = s.token("write")
        leads(s, token)
        assert s.post("/v1/leads", {"email": "empty@example.com"}, token)[0] in (200, 201, 202)  # has no size
        until(lambda: s.sql("select count(*) from score where name = 'fit'") == [["61"]], what="its turn")
        failing = OLD.replace('lead { size = at_least(10) }, points = 40', '\n    points = function(lead) return lead.size > 10 and 40 end')
        campaigns = "".join(f'campaign "{name}" {{ title = "C", enter = segment "readers", leave = withdrew "email", {existing}step "one" {{ wait "10 days", leave "over" }} }}\n'
                            for name, existing in (("now", "existing = true, "), ("later", "")))
        write(root / "b", failing, campaigns=campaigns)
        shown = json.loads(s.run("preview", root / "b", "--json").stdout)
        empty = int(s.sql("select lead_id from lead where email = 'empty@example.com'")[0][0])
        error, = shown["errors"]
        assert (error["leads"], error["first"], error["where"]) == (1, empty, "models.lua:2"), error
        assert 'rule "size"' in error["context"] and "size is empty" in error["message"], error
        members = int(s.sql("select count(*) from lead where 'readers' = any(segments)")[0][0])
        assert {(c["campaign"], c["leads"], c["existing"]) for c in shown["campaigns"]} == {("now", members, True), ("later", members, False)}, shown["campaigns"]
        # fields that changed their kind are read as each playbook means them
        new = write(root / "c", OLD.replace("size = at_least(10)", 'branch = "it"'))
        (new / "fields.lua").write_text('field "branch" { label = "Branch", type = "choice", choices = { "it" } }\nfield "size" { label = "Size", type = "text" }\n')
        fit, = (m for m in json.loads(s.run("preview", new, "--json").stdout)["models"] if m["model"] == "fit")
        assert (fit["changed"], fit["up"], fit["down"]) == (30, 0, 30), fit
        text = s.run("preview", root / "b").stdout
        assert f'segment "readers" has {members} leads now. They will not enter; existing = true lets them in.' in text, text  # PLAYBOOK message 48
        assert "models.lua:2: " in text and f"fails for 1 lead (first: {empty})" in text and "size is empty" in text, text
        s.run("publish", root / "b", "--yes")
        until(lambda: s.sql("select count(*) from enrollment where campaign = 'now'") == [[str(members)]], what="those whom existing lets in")
        quiet_empty = s.sql(f"select points from score where name = 'fit' and lead_id = {empty}")
        assert quiet_empty == [["0"]], "it keeps its score"
        assert s.sql("select count(*) from enrollment where campaign = 'later'") == [["0"]]
        those_inside(s, root, failing, campaigns, members)
    shutil.rmtree(root)


def test_the_same_over_http():
    root = pathlib.Path(tempfile.mkdtemp(prefix="nurture-preview-"))
    root.chmod(0o755)
    with Server(playbook=write(root / "a", OLD)) as s:
        leads(s, s.token("write"))
        admin, reader = s.token("admin"), s.token("read")
        first = active(s)
        files = {"playbook.lua": HEAD, "fields.lua": FIELDS, "models.lua": NEW}
        assert s.post("/v1/playbook/preview", {"files": files}, reader)[0] == 403
        status, shown = s.post("/v1/playbook/preview", {"files": files}, admin)
        assert status == 200 and shown["leads"] == 60 and shown["moved"] > 0 and shown["grades"][0]["moves"], (status, list(shown))
        # kept in the job's row, and naming no person
        status, job = s.get(f"/v1/jobs/{shown['job']}", reader)
        assert status == 200 and (job["kind"], job["state"]) == ("preview", "done") and job["result"]["moved"] == shown["moved"], job
        assert "example.com" not in json.dumps(job) and shown["examples"][0]["lead"] > 0
        assert [j["job"] for j in s.get("/v1/jobs", reader)[1]["items"] if j["kind"] == "preview"] == [shown["job"]]
        assert json.loads(s.run("job", "show", str(shown["job"])).stdout)["result"] == job["result"]
        assert s.sql("select count(*) from job where arguments ? 'files'") == [["0"]], "no job keeps the files"
        # without a yes it is refused, with what would change
        status, refused = s.post("/v1/playbook/publish", {"files": files}, admin)
        assert status == 409 and refused["field"] == "yes" and refused["preview"]["moved"] == shown["moved"], (status, refused)
        assert active(s) == first
        # a preview of other files, one that is none
        status, answer = s.post("/v1/playbook/publish", {"files": {**files, "models.lua": NEW + "-- x\n"}, "preview": shown["job"]}, admin)
        assert (status, answer["field"]) == (409, "preview") and "other files" in answer["detail"], answer
        assert s.post("/v1/playbook/publish", {"files": files, "preview": 4711}, admin)[0] == 404
        # another revision became active in between
        other = {**files, "models.lua": OLD + "-- x\n"}
        status, answer = s.post("/v1/playbook/publish", {"files": other}, admin)
        assert status == 200 and answer["changed"], (status, answer)  # it moves nobody: no yes is needed
        status, answer = s.post("/v1/playbook/publish", {"files": files, "preview": shown["job"]}, admin)
        assert (status, answer["field"]) == (409, "preview") and "look again" in answer["detail"], (status, answer)
        status, shown = s.post("/v1/playbook/preview", {"files": files}, admin)
        status, answer = s.post("/v1/playbook/publish", {"files": files, "preview": shown["job"], "message": "seen"}, admin)
        assert status == 200 and answer["changed"] and active(s) == answer["revision"] == shown["revision"], (status, answer)
        status, answer = s.post("/v1/playbook/publish", {"files": other, "yes": True}, admin)
        assert status == 200 and answer["changed"], (status, answer)
        # a preview that nobody works on yet is taken back
        s.sql("insert into job (kind, arguments, state, created_at, until, owner) values ('preview', '{}', 'running', now(), now() + interval '1 hour', 'x')")
        last = s.get("/v1/jobs?limit=1", reader)[1]["items"][0]["job"]
        assert s.request("DELETE", f"/v1/jobs/{last}", token=reader)[0] == 403
        assert s.request("DELETE", "/v1/jobs/4711", token=admin)[0] == 404
    shutil.rmtree(root)


if __name__ == "__main__":
    run_tests(globals())
