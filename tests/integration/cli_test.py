#!/usr/bin/env python3
"""The command line: says what it knows, refuses what it does not, and every exit status means one thing."""
import concurrent.futures
import email
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from nurture import BINARY, SOURCE, Server, run_tests, until

CHANNEL = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Test <test@example.com>" }\npostal_address = "1 Test St"\n'


def nurture(*args, config=None):
    with tempfile.NamedTemporaryFile(suffix=".conf") as empty:  # what stands in /etc/nurture is not ours
        env = {**os.environ, "NURTURE_CONFIG": str(config or empty.name)}
        return subprocess.run([BINARY, *map(str, args)], capture_output=True, text=True, timeout=120, env=env)


def refused(status, part, *args, config=None):
    done = nurture(*args, config=config)
    assert done.returncode == status, (args, done)
    assert part in done.stderr, (args, done.stderr)
    return done


def commands():
    for line in nurture("--help").stdout.splitlines():
        if line.startswith("  "):
            words = line.split()
            two = " ".join(words[:2])
            group = words[0] in ("token", "user", "plugin", "touch", "job", "db", "audit", "suppression", "channel", "calls", "mail") or (words[0] in ("campaign", "email") and not words[1].isupper())
            yield two if group else words[0]


def test_every_command_has_help():
    names = list(commands())
    assert len(names) >= 25, names
    for name in names:
        done = nurture(*name.split(), "--help")
        assert done.returncode == 0 and done.stdout.startswith(f"usage: nurture {name}"), (name, done)
        assert "--config FILE" in done.stdout


def test_wrong_usage_is_status_2_and_says_what_was_meant():
    refused(2, 'Did you mean "publish"?', "publsh")
    refused(2, 'Did you mean "token create"?', "token", "creat")
    refused(2, "Did you mean --explain?", "score", "x", "--explian")
    refused(2, "LEAD is missing", "score")
    refused(2, "one argument too many", "score", "a", "b")
    refused(2, "--scope must be", "token", "create", "--scope", "root")
    refused(2, "needs a value", "publish", "-m")
    refused(2, "needs a value", "publish", "-m", "--config", "x")
    refused(2, "given twice", "publish", "-m", "a", "-m", "b")
    refused(2, "takes no value", "serve", "--watch=yes")
    refused(2, "--time-scale must be", "serve", "--time-scale", "fast")
    refused(2, "there is no --json", "serve", "--json")
    refused(2, "usage: nurture", )
    refused(2, "there is no file nope.so", "plugin", "check", "nope.so")
    refused(2, "/tmp is not a file", "plugin", "check", "/tmp")
    refused(2, "started by nurture serve", "worker", "engine", "0", "0", "0")


def test_what_is_not_built_is_refused_by_name():
    refused(2, "--explain campaign NAME", "check", "--explain", "model", SOURCE / "scripts")
    refused(1, 'Did you mean "re-engage"?', "check", "--explain", "campaign", "re-engaeg", SOURCE / "scripts")
    told = [nurture("check", *args).stdout for args in (("--explain", "campaign", "drip", SOURCE / "scripts"), (SOURCE / "scripts", "--explain", "campaign", "drip"),
                                                         ("--explain", "campaign drip", SOURCE / "scripts"))]
    assert told[0].startswith('campaign "drip"') and told[0] == told[1] == told[2], told


def test_a_wrong_configuration_is_told_with_file_and_line():
    with tempfile.TemporaryDirectory() as folder:
        conf = pathlib.Path(folder) / "n.conf"
        conf.write_text('watch = true\nlissen = "127.0.0.1:1"\n')
        refused(1, f'{conf}:2: there is no option "lissen". Did you mean "listen"?', "config", config=conf)
        conf.write_text('channel "email" { plugin = "nothing-such" }\n')
        refused(1, f"{conf}:1", "check", SOURCE / "scripts", config=conf)
        refused(1, "cannot open this file", "status", "--config", f"{folder}/none")
        conf.write_text('database = "postgresql://u:secret-word@h/d"\n')
        done = nurture("config", config=conf)
        assert done.returncode == 0 and "secret-word" not in done.stdout and "u:***@h" in done.stdout


def with_playbook(change=lambda book: None):
    """check's answer on the sample with one change."""
    with tempfile.TemporaryDirectory() as folder:
        conf = pathlib.Path(folder) / "n.conf"
        conf.write_text(CHANNEL)
        book = pathlib.Path(folder) / "book"
        shutil.copytree(SOURCE / "scripts", book)
        change(book)
        return nurture("check", book, config=conf), nurture("check", book, "--json", config=conf)


def append(name, text):
    def change(book):
        with open(book / name, "a") as f:
            f.write(text)
    return change


def test_check_passes_the_sample_and_names_what_is_wrong():
    done, _ = with_playbook()
    assert done.returncode == 0 and "0 errors" in done.stdout and "passed" in done.stdout, done
    done, as_json = with_playbook(append("fields.lua", '\nsegmnt "x" {}\n'))
    assert done.returncode == 1 and 'fields.lua:' in done.stdout and 'Did you mean "segment"?' in done.stdout, done
    found = json.loads(as_json.stdout)
    assert as_json.returncode == 1 and found["errors"] >= 1 and any(p["file"] == "fields.lua" for p in found["problems"])
    done, _ = with_playbook(lambda book: next((book / "templates/email").iterdir()).unlink())
    assert done.returncode == 1 and "there is no template" in done.stdout, done
    done, _ = with_playbook(append("templates/email/newsletter.md", "\n{{ lead.shoe_size }}\n"))
    assert done.returncode == 1 and "templates/email/newsletter.md:" in done.stdout and "shoe_size" in done.stdout, done
    done, _ = with_playbook(lambda book: (book / "link.lua").symlink_to("/etc/passwd"))
    assert done.returncode == 1 and "link.lua" in done.stderr and "symbolic link" in done.stderr, done
    done, _ = with_playbook(lambda book: os.mkfifo(book / "pipe.lua"))
    assert done.returncode == 1 and "pipe.lua" in done.stderr, done
    refused(1, "cannot open", "check", "/nowhere/at/all")
    refused(1, "which folder?", "check")


def test_commands_work_while_the_server_is_down():
    """The private database is there for the time of the command, and gone after."""
    s = Server(playbook="scripts", config=CHANNEL)
    try:
        assert json.loads(s.run("revisions", "--json").stdout) == []
        assert "is active (activation 1)" in s.run("publish", s.folder / "playbook", "-m", "one").stdout
        assert "nothing changed" in s.run("publish", s.folder / "playbook", "-m", "again").stdout
        assert s.postgres_left() == []
        first = json.loads(s.run("revisions", "--json").stdout)[0]
        assert first["message"] == "one" and first["activation"] == 1

        rule = s.folder / "playbook/scoring/nurture.lua"
        good = rule.read_text()
        rule.write_text(good + "\nmodel {\n")
        done = s.run("publish", s.folder / "playbook", check=False)
        assert done.returncode == 1 and f"not published: 1 error above. Revision {first['revision'][:12]} stays active." in done.stderr and "scoring/nurture.lua:" in done.stderr, done
        rule.write_text(good + "\n-- a word\n")  # another revision; the sample's own tests hold its points
        s.run("publish", s.folder / "playbook", "-m", "two")
        assert "activation 3" in s.run("rollback", first["revision"][:8]).stdout
        assert json.loads(s.run("revisions", "--json").stdout)[0]["revision"] == first["revision"]
        assert s.run("rollback", "0000beef", check=False).returncode == 1

        token = s.token("read")
        rows = json.loads(s.run("token", "list", "--json").stdout)
        assert rows[0]["scope"] == "read" and token not in s.run("token", "list").stdout
        s.run("token", "revoke", rows[0]["token_id"])
        assert s.run("token", "revoke", rows[0]["token_id"], check=False).returncode == 1
        assert "known as person" in s.run("user", "add", "ann", "--email", "ann@example.com").stdout
        assert s.run("user", "add", "ann", check=False).returncode == 1
        assert "does not run here" in s.run("status").stdout
        assert json.loads(s.run("status", "--json").stdout)["running"] is False
        assert json.loads(s.run("db", "status", "--json").stdout)["applied"] >= 1
        assert "Nothing to do" in s.run("db", "migrate").stdout
        assert s.run("score", "nobody@example.com", check=False).returncode == 1
        assert s.run("report", "grads", check=False).stderr.find('Did you mean "grades"?') > 0
        assert json.loads(s.run("report", "grades", "--json").stdout) == []
        assert s.run("job", "cancel", "12345", check=False).returncode == 1
        assert s.run("touch", "drop", "12345", check=False).returncode == 1
        assert "scores all leads again" in s.run("rescore").stdout
    finally:
        s.__exit__(None, None, None)


READERS = {}


def bare(mail):
    """A message without what is another one each time: links of its own, its number, its moment, its boundary."""
    boundary = email.message_from_bytes(mail).get_boundary()
    for pattern, text in ((re.escape(boundary.encode()), b"BOUNDARY"), (rb"(?m)^Date: .*$", b"Date: X"), (rb"(?m)^Message-ID: .*$", b"Message-ID: X"),
                          (rb"(/[ucodyr]/)[-_A-Za-z0-9=\n]+", rb"\1TOKEN")):
        mail = re.sub(pattern, text, mail)
    return mail


def many_at_once(s, token):
    """Each message is a process of its own: never more than four, whatever is asked at once; who is refused is told so, and may ask again."""
    web, most = s.workers("web")[0], 0
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        asked = [pool.submit(s.post, "/v1/playbook/email", {"template": "welcome"}, token) for _ in range(80)]
        while not all(job.done() for job in asked):
            most = max(most, len(pathlib.Path(f"/proc/{web}/task/{web}/children").read_text().split()))
    assert most <= 4 and {job.result()[0] for job in asked} <= {200, 503}, (most, [job.result()[0] for job in asked])
    until(lambda: s.post("/v1/playbook/email", {"template": "welcome"}, token)[0] == 200, 60, "a message again")


def by_http(s, shown):
    token = READERS[s.port]
    status, mail = s.post("/v1/playbook/email", {"template": "thanks-for-reading", "lead": "ann@example.com"}, token)
    assert status == 200, (mail, s.log_text()[-1500:])
    mail = mail.encode()
    assert status == 200 and bare(mail) == bare(shown), mail
    status, mail = s.post("/v1/playbook/email", {"template": "welcome", "fields": {"first_name": "Zoe"}}, token)
    assert status == 200 and "Zoe" in str(mail) and "invented@example.com" in str(mail), mail
    for asked, code in (({"template": "welcom"}, 422), ({"template": "welcome", "fields": {"x": 1}}, 422), ({"template": "welcome", "led": 1}, 422),
                        ({"template": "welcome", "lead": "nobody@example.com"}, 404), ({"template": "welcome", "lead": 1, "fields": {}}, 422)):
        status, said = s.post("/v1/playbook/email", asked, token)
        assert status in (400, code) and said["detail"], (asked, status, said)
    assert s.post("/v1/playbook/email", {"template": "welcome"})[0] == 401
    many_at_once(s, token)


def preview_is_what_was_sent(s):
    sent = until(lambda: list((s.data / "outbox/new").glob("*")), 60, "the first mail")[0].read_bytes()
    tables = ("touch", "attempt", "event", "enrollment_log", "job", "consent", "audit")
    before = [s.sql(f"select count(*) from {table}") for table in tables]
    shown = subprocess.run([BINARY, "email", "thanks-for-reading", "--lead", "ann@example.com", "--config", str(s.conf)], capture_output=True, timeout=60)
    assert shown.returncode == 0, shown
    assert bare(shown.stdout) == bare(sent), (shown.stdout.decode(), sent.decode())
    links = re.findall(rb"https?://[^/\s]+/[ucodyr]/([-_A-Za-z0-9]+)", shown.stdout.replace(b"=\n", b""))
    assert links and all(link.startswith(b"preview-") for link in links), links
    assert s.get("/u/" + links[0].decode())[0] in (404, 410), "a link of a preview opens nothing"
    by_http(s, shown.stdout)
    assert [s.sql(f"select count(*) from {table}") for table in tables] == before
    template, png = s.folder / "playbook/templates/email/thanks-for-reading.md", b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    template.write_text(template.read_text() + "\n![logo](logo.png)\n")
    template.with_name("logo.png").write_bytes(png)
    s.run("publish", s.folder / "playbook", "--yes", "-m", "a picture")
    shown = s.command("email", "thanks-for-reading", "--lead", "ann@example.com")
    mail = email.message_from_bytes(subprocess.run(shown, capture_output=True, timeout=60, check=True).stdout)
    assert [p.get_payload(decode=True) for p in mail.walk() if p.get_content_type() == "image/png"] == [png], "bytes go through the database as they are"


def test_a_score_is_explained_by_the_same_rules_that_made_it():
    with Server(playbook="scripts", config=CHANNEL) as s:
        token = s.token("write")
        s.post("/v1/leads", {"email": "ann@example.com", "role": "executive", "country": "US", "first_name": "\u001b[31mRed"}, token)
        s.post("/v1/leads", {"email": "ann@example.com", "role": "executive", "country": "US"}, token)
        s.post("/v1/events", {"email": "ann@example.com", "verb": "asset.download", "subject": "security-guide"}, token)
        def explained():
            found = json.loads(s.run("score", "ann@example.com", "--explain", "--json").stdout)
            nurture_model = next(m for m in found["models"] if m["model"] == "nurture")
            return nurture_model["score"] == 10 and found
        found = until(explained, 20, "the score")
        for model in found["models"]:
            assert model["score"] == sum(rule["points"] for rule in model["rules"]) + model["bounded"], model
        stored = {row["name"]: row for row in json.loads(s.run("score", "ann@example.com", "--json").stdout) if row["points"] is not None}
        for model in found["models"]:
            assert stored[model["model"]]["points"] == model["score"]
        text = s.run("score", "ann@example.com", "--explain").stdout
        assert "read a white paper: 1 × asset.download (security-guide)" in text and "scoring/nurture.lua:" in text, text
        timeline = s.run("lead", "ann@example.com").stdout
        assert "asset.download security-guide" in timeline and "thirty-day-nurture" in timeline
        assert "\x1b" not in timeline
        READERS[s.port] = s.token("read")
        preview_is_what_was_sent(s)


FAILING = """
model "careful" { title = "Careful", from = 0, to = 100,
  rule "seen" { on "page.view", points = 7 },
  rule "for ever" { function(lead)
    while lead.first_name == "Loop" do end
    return false
  end, points = 5 },
}
campaign "erring" { title = "Errs", enter = on "form.submit", leave = withdrew "email",
  step "one" { function(lead) if lead.first_name == "Loop" then return leave(lead.account.employees + 1) end end },
}
"""


def test_a_function_that_fails_for_a_lead_stands_in_status_with_file_and_line():
    with Server(playbook="scripts", config=CHANNEL) as s:
        (s.folder / "playbook/scoring/failing.lua").write_text(FAILING)
        s.run("publish", s.folder / "playbook")
        token = s.token("write")
        lead = {"email": "loop@example.com", "country": "US"}
        s.post("/v1/leads", lead, token)
        s.post("/v1/events", {"email": "loop@example.com", "verb": "page.view"}, token)
        careful = lambda: next((r["points"] for r in json.loads(s.run("score", "loop@example.com", "--json").stdout) if r["name"] == "careful"), None)
        until(lambda: careful() == 7, 20, "the score")
        s.post("/v1/leads", {**lead, "first_name": "Loop"}, token)
        s.post("/v1/events", {"email": "loop@example.com", "verb": "form.submit"}, token)
        status = until(lambda: (t := s.run("status").stdout).count("failing.lua:") >= 2 and t, 20, "both errors")
        assert status.count("failing.lua:4:") == 1 and 'scoring/failing.lua:4: model "careful", rule "for ever" ran longer' in status and "ran longer than a rule may" in status, status
        assert 'scoring/failing.lua:10: campaign "erring", step "one"' in status and "employees is empty for lead" in status, status
        assert careful() == 7
        assert "from before: while a rule fails" in s.run("score", "loop@example.com", "--explain").stdout
        s.post("/v1/leads", {"email": "never@example.com", "country": "US", "first_name": "Loop"}, token)  # of whom there never was a score: no silent zero
        assert "careful = none" in s.run("score", "never@example.com", "--explain").stdout
        explained = json.loads(s.run("score", "never@example.com", "--explain", "--json").stdout)["models"]
        assert [m["model"] for m in explained if m.get("unscored")] == ["careful"], explained
        assert s.sql("select state from enrollment where campaign = 'erring'") == [["held"]]
        told = [line for line in s.log_text().splitlines() if "script.failed" in line]
        assert any("failing.lua:4" in line for line in told) and any("failing.lua:10" in line for line in told), told


def test_plugins_are_listed_and_checked():
    with tempfile.TemporaryDirectory() as folder:
        bad = pathlib.Path(folder) / "bad.so"
        bad.write_text("not a plugin")
        done = nurture("plugin", "check", bad)
        assert done.returncode == 1 and "bad.so" in done.stdout + done.stderr, done
        assert "email" in nurture("plugin", "list").stdout


if __name__ == "__main__":
    run_tests(globals())
