#!/usr/bin/env python3
"""A revision that was published before a rule was made: it runs on, and only a new publish is judged by the rule."""
import hashlib

from nurture import Server, run_tests, until

HEAD = ('playbook "x" {{ title = "X", time_zone = "Europe/Berlin" }}\nconsent "email" {{ purpose = "marketing", default = "opt-out", unknown = "opt-out" }}\n'
        'hours "email" {{ days = "Mon-Sun", from = "0:00", to = "23:59", countries = {{ {country} = "Mon-Fri 9:00-20:00" }} }}\n'
        'model "m" {{ title = "M", from = 0, to = 100, rule "r" {{ on "page.view", points = 7 }} }}\n'
        'campaign "c" {{ title = "C", enter = on "page.view", step "one" {{ email "note" {{ hours = "any" }} }} }}\n')
ROUND = ('campaign "a" { title = "A", enter = on "campaign.leave" { campaign = "b" }, again = "always", step "x" { leave "over" } }\n'
         'campaign "b" { title = "B", enter = on "campaign.leave" { campaign = "a" }, again = "always", step "x" { leave "over" } }\n')
SEEN, HIDDEN = "<html><body>{{ content }}{{ footer }}</body></html>", '<html><body>{{ content }}<p style="display:none">{{ footer }}</p></body></html>'
CONFIG = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Test <test@example.com>" }\npostal_address = "1 Test St"\n'


def write(folder, text, layout):
    (folder / "templates/email").mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "playbook.lua").write_text(text)
    (folder / "templates/email/note.md").write_text("---\nsubject: Look\n---\nLook.\n")
    (folder / "templates/email/layout.html").write_text(layout)


def replace(s, texts):
    """The files of the active revision are others, and it has the name that these give it."""
    for path, text in texts.items():
        s.sql(f"update revision_file set bytes = convert_to($t${text}$t$, 'UTF8') where path = '{path}'")
    name = hashlib.sha256()
    for path, hexed in s.sql("select path, encode(bytes, 'hex') from revision_file order by path collate \"C\""):
        content = bytes.fromhex(hexed)
        name.update(path.encode() + b"\0" + len(content).to_bytes(8, "big") + content)
    s.sql("set session_replication_role = replica; " + "; ".join(f"update {table} set revision = '{name.hexdigest()}'" for table in ("revision", "revision_file", "activation")))


def test_a_revision_that_a_younger_rule_refuses_is_run_after_a_restart_and_status_says_so():
    s = Server(config=CONFIG)
    book = s.folder / "book"
    write(book, HEAD.format(country="DE"), SEEN)
    s.run("publish", book, "-m", "sound", "--yes")
    with s:
        assert "refuse to publish" not in s.run("status").stdout
        younger = HEAD.format(country="XX") + ROUND
        replace(s, {"playbook.lua": younger, "templates/email/layout.html": HIDDEN})
        s.stop()
        s.start()
        token = s.token("write")
        s.post("/v1/events", {"email": "ann@example.com", "verb": "page.view", "subject": "/"}, token)
        until(lambda: s.sql("select points from score where name = 'm' and points = 7") == [["7"]], what="the score")
        until(lambda: len(s.mails()) == 1, what="the mail")
        told = until(lambda: "refuse to publish" in s.run("status").stdout and s.run("status").stdout, what="status")
        for part in ("XX is no country", "leads go round without a pause"):
            assert part in told, told
        assert "playbook.judged" in s.log_text() and "{{ footer }} stands" in s.log_text(), s.log_text()[-3000:]
        simulated, forecast = s.run("simulate", "c", "--lead", "ann@example.com").stdout, s.run("forecast", "c").stdout
        assert "Nothing is sent" in simulated and "step one" in forecast, (simulated, forecast)
        status, mail = s.post("/v1/playbook/email", {"template": "note", "lead": "ann@example.com"}, token)
        assert status == 200, (status, mail)
        assert s.run("email", "note", "--lead", "ann@example.com").returncode == 0
        write(book, younger + "-- another\n", HIDDEN)
        done = s.run("publish", book, "-m", "judged", "--yes", check=False)
        assert done.returncode == 1 and "XX is no country" in done.stdout + done.stderr, done
        write(book, HEAD.format(country="FR"), SEEN)
        done = s.run("publish", book, "-m", "mended", "--yes")
        assert "does not load" not in done.stdout + done.stderr, done
        until(lambda: "refuse to publish" not in s.run("status").stdout, what="status of the mended one")


if __name__ == "__main__":
    run_tests(globals())
