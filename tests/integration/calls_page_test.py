#!/usr/bin/python3
"""The agents' page (plugins/telemarketing) in a real browser, by the keyboard alone; `nurture calls`: status, lists, and call centres outside."""
import contextlib
import csv
import io
import json
import os
import pty
import re
import subprocess
import time

from browser import Chromium
from calls_hand_test import Hand
from calls_test import Floor
from nurture import BINARY, SOURCE, run_tests, until

PASSWORD = "a long enough password"


def test_an_agent_works_with_the_keyboard_alone():
    if not Chromium.there():
        print("skip  no chromium: a page in a browser")
        return
    with Floor() as s:
        s.run("user", "add", "ann", "--role", "agent", "--password", stdin=PASSWORD + "\n")
        s.make("anna", 1234501, 90, last_name="<b>Bold</b>")
        s.make("bert", 1234502, 10)
        s.make("cleo", 1234503, 5)
        s.ring("anna", "bert", "cleo")
        s.queued(3)
        with Chromium() as page:
            page.open(f"http://127.0.0.1:{s.port}/v1/channels/calls/agent")
            page.until("location.pathname == '/login' && document.activeElement.id == 'name'")
            page.type("ann"), page.key("Tab"), page.type(PASSWORD), page.key("Enter")
            page.until("location.pathname == '/v1/channels/calls/agent' && document.activeElement.id == 'next'", "the page, with the first button in focus")
            page.key("Enter")
            page.until("document.activeElement.id == 'name'", "the call")
            text = page.text()
            assert "Anna <b>Bold</b>" in text and "+49301234501" in text and "Good day, Anna." in text and "90 for worth" in text, text
            assert page.js("document.getElementById('dial').href") == "tel:+49301234501"
            # a needed question: the page says so and goes to it
            tab_to(page, "q-timing")
            tab_to(page, "end-0")
            page.key(" "), page.key("s", 1)
            page.until("document.getElementById('wrong').textContent.includes('timing') && document.activeElement.id == 'q-timing'", "what is missing")
            assert page.js("document.getElementById('b-budget').hidden"), "what is not on the way is not asked"
            page.key("ArrowDown")  # "now"
            page.until("document.getElementById('q-timing').value == 'now' && !document.getElementById('b-budget').hidden", "the branch")
            page.key("Tab")
            page.type("5000")
            page.key("Tab")
            page.type("Dora"), page.key("Tab"), page.key("Tab")  # who else: first name, last name, e-mail
            page.type("dora@")
            page.key("s", 1)
            page.until("document.getElementById('wrong').textContent.includes('no e-mail address') && document.activeElement.id == 'q-others'", "which of the people")
            page.key("Tab"), page.key("Tab"), page.key("Tab")  # what stands there is chosen, and typed anew
            page.type("dora@example.org")
            page.key("s", 1)
            page.until("document.getElementById('said').textContent == 'Saved: reached.' && document.activeElement.id == 'next'", "saved")
            # a callback, by the keyboard
            page.key("n", 1)
            page.until("document.getElementById('name').textContent == 'Bert'", "the next call")
            at = time.strftime("%Y-%m-%dT%H:%M", time.localtime(time.time() + 7200))
            page.js("document.querySelector('input[value=\"@callback\"]').focus()")
            page.key(" ")
            page.until("!document.getElementById('when').hidden")
            page.js(f"document.getElementById('callback').value = '{at}'")
            page.key("s", 1)
            page.until("document.getElementById('said').textContent == 'Saved: callback.'", "a callback")
            # given back, and nothing is left
            page.key("n", 1)
            page.until("document.getElementById('name').textContent == 'Cleo'")
            page.key("g", 1)
            page.until("document.getElementById('said').textContent == 'The call is in the queue again.'")
            page.key("n", 1)
            page.until("document.getElementById('said').textContent == 'Nobody is to be called just now.'")
            assert not [said for said in page.said if "Failed to load resource" not in said], page.said  # no icon, and the refusal above
        until(lambda: s.source("anna") == "hot", what="the answers' way")
        until(lambda: s.get("/v1/leads/dora@example.org", s.write)[1].get("first_name") == "Dora", what="the colleague")
        rows = s.sql("select agent, disposition from telemarketing.attempt order by id")
        assert rows == [["ann", "reached"], ["ann", "callback"], ["ann", "released"]], rows
        status = json.loads(s.run("calls", "status", "--json").stdout)
        assert [(a["agent"], a["state"]) for a in status["agents"]] == [("ann", "ready")], status["agents"]


def test_what_is_typed_outlives_another_sign_in_in_another_tab():
    if not Chromium.there():
        print("skip  no chromium: a page in a browser")
        return
    with Floor() as s:
        for name in ("ann", "ben"):
            s.run("user", "add", name, "--role", "agent", "--password", stdin=PASSWORD + "\n")
        s.make("anna", 1534501)
        s.ring("anna")
        s.queued(1)
        with Chromium() as page:
            sign_in(page, s, "ann")
            page.key("n", 1)
            page.until("document.getElementById('name').textContent == 'Anna'", "the call")
            page.js("document.getElementById('note').focus()")
            page.type("rang for long")
            page.js("document.querySelector('input[value=no_answer]').checked = true")
            said = "document.getElementById('wrong').textContent"
            # signed out, and somebody else signed in, in another tab: nothing is done in his name, and all stands there
            page.js("fetch('/logout', {method: 'POST', headers: {'X-CSRF-Token': csrf}}).then(() => window.out = true)")
            page.until("window.out", "signed out")
            page.key("s", 1)
            page.until(said + ".includes('not signed in any more') && !document.getElementById('signin').hidden", "what to do")
            other_tab(page, "ben")
            page.key("s", 1)
            page.until(said + ".includes('ben has signed in in another tab')", "whose session it is")
            other_tab(page, "ann")
            assert page.js("document.getElementById('note').value") == "rang for long"
            page.key("s", 1)
            page.until("document.getElementById('said').textContent == 'Saved: no_answer.' && document.getElementById('signin').hidden", "saved")
        until(lambda: s.source("anna") == "cold", what="the answer's way")
        assert s.sql("select data->>'note' from event where verb = 'call.note'") == [["rang for long"]]
        assert s.sql("select agent, disposition from telemarketing.attempt") == [["ann", "no_answer"]]


def test_of_a_call_that_is_lost_what_was_typed_stays_until_the_next_one():
    if not Chromium.there():
        print("skip  no chromium: a page in a browser")
        return
    with Floor() as s:
        s.run("user", "add", "ann", "--role", "agent", "--password", stdin=PASSWORD + "\n")
        s.make("anna", 1734501)
        s.ring("anna")
        s.queued(1)
        with Chromium() as page:
            sign_in(page, s, "ann")
            page.key("n", 1)
            page.until("document.getElementById('name').textContent == 'Anna'", "the call")
            page.js("document.getElementById('note').value = 'rang for long'")
            # what the page does again and again: kept, to be done when the test says so
            page.js("window.setInterval = again => { window.again = again; return 0 }")
            s.sql("update telemarketing.call set agent = 'token:write/else'")
            page.js("window.out = null; heartbeat().then(() => window.out = true)")
            page.until("window.out && document.getElementById('said').textContent.includes('not yours any more')", "that it is lost")
            # Alt+N while there is none
            page.key("n", 1)
            page.until("document.getElementById('said').textContent.startsWith('Nobody is to be called just now')", "that there is no other")
            assert page.js("document.getElementById('note').value") == "rang for long" and not page.js("document.getElementById('call').hidden")
            s.sql("update telemarketing.agent set state = 'away'")
            page.js("window.again()")
            until(lambda: s.sql("select state from telemarketing.agent where name = 'ann'") == [["ready"]], what="that the agent is there all the same")
            s.make("bert", 1734502)
            s.ring("bert")
            until(lambda: s.sql("select count(*) from telemarketing.call where state = 'ready'") == [["1"]], what="another call")
            page.key("n", 1)
            page.until("document.getElementById('name').textContent == 'Bert' && document.getElementById('note').value == ''", "the next call, with nothing of the one before")


def test_the_page_says_until_when_a_callback_may_be_promised():
    if not Chromium.there():
        print("skip  no chromium: a page in a browser")
        return
    with Hand() as s:
        s.run("user", "add", "ann", "--role", "agent", "--password", stdin=PASSWORD + "\n")
        s.run("user", "add", "sue", "--role", "supervisor", "--password", stdin=PASSWORD + "\n")
        s.make("anna", 1634501)
        s.soon("anna")
        s.queued(1)
        in_hours = lambda hours: time.strftime("%Y-%m-%dT%H:%M", time.localtime(time.time() + hours * 3600))  # noqa: E731
        with Chromium() as page:
            def promise(at):
                page.until("document.getElementById('name').textContent == 'Anna'", "the call")
                page.js("document.querySelector('input[value=\"@callback\"]').focus()")
                page.key(" ")
                page.until("!document.getElementById('when').hidden")
                page.js(f"document.getElementById('callback').value = '{at}'")

            sign_in(page, s, "ann")
            page.key("n", 1)
            promise(in_hours(2))
            assert page.js("document.getElementById('callback').validity.rangeOverflow"), "the form itself knows"
            assert "A supervisor may give it more." in page.text() and "Before " in page.text(), page.text()
            page.key("g", 1)
            page.until("document.getElementById('said').textContent == 'The call is in the queue again.'")
            s.sql("update telemarketing.call set ready_at = 0")
            page.js("fetch('/logout', {method: 'POST', headers: {'X-CSRF-Token': csrf}}).then(() => window.out = true)")
            page.until("window.out", "signed out")
            sign_in(page, s, "sue")

            def has_a_call():
                page.key("n", 1)
                return page.js("!document.getElementById('call').hidden")

            until(has_a_call, what="the call is offered again")
            promise(in_hours(2))
            assert page.js("document.getElementById('callback').validity.valid")
            page.key("s", 1)
            page.until("document.getElementById('said').textContent == 'Saved: callback.'", "more time")
        assert s.sql("select agent, disposition from telemarketing.attempt order by id") == [["ann", "released"], ["sue", "callback"]]
        assert s.sql("select latest_at = until and until > callback_at from telemarketing.call") == [["t"]]


def sign_in(page, s, name):
    page.open(f"http://127.0.0.1:{s.port}/v1/channels/calls/agent")
    page.until("location.pathname == '/login' && document.activeElement.id == 'name'")
    page.type(name), page.key("Tab"), page.type(PASSWORD), page.key("Enter")
    page.until("location.pathname == '/v1/channels/calls/agent' && document.activeElement.id == 'next'", "the page, with the first button in focus")


def other_tab(page, name):
    """What another tab of the same browser does: the cookie of this one is another one then."""
    page.js("window.other = null; fetch('/login', {method: 'POST', body: new URLSearchParams({name: '" + name + "', password: '" + PASSWORD + "'})}).then(a => window.other = a.status)")
    page.until("window.other", "signed in in another tab")


def tab_to(page, name):
    for _ in range(60):
        if page.js("document.activeElement.id") == name:
            return
        page.key("Tab")
    raise AssertionError(f"the keyboard does not come to {name}")


def test_call_centres_outside_take_calls_along_and_bring_results():
    with Floor(settings='lists = { GB = "tps" }, calls_a_day = 2') as s:
        names = ["anna", "bert", "cleo", "dora", "emil"]
        for i, name in enumerate(names):
            s.make(name, 5234500 + i, 100 - i)
        s.ring(*names)
        s.queued(5)
        text = s.run("calls", "status").stdout
        assert "5 calls are queued." in text and "ring" in text, text
        told = s.run("forecast", "ring").stdout
        assert "more calls fall due than the 2 that the agents make" in told, told
        # the example of etc/nurture.conf is one
        example = re.search(r'^-- channel "calls".*(\n--   .*)*', (SOURCE / "etc/nurture.conf").read_text(), re.MULTILINE)[0].replace("\n--", " ")[3:]
        other = s.folder / "example.conf"
        kept = [line for line in s.conf.read_text().splitlines() if not line.startswith('channel "calls"')]
        for line, code, said in ((example, 0, ""), (example.replace("hours = { DE", "hours = { UK"), 1, "is no country or region"),
                                 (example.replace('"12-25"', '"2027-02-30"'), 1, "is a list of days")):
            other.write_text("\n".join([*kept, line]) + "\n")
            done = subprocess.run([BINARY, "check", "--config", other], capture_output=True, text=True)
            assert done.returncode == code and said in done.stdout + done.stderr, (line, done)
        (s.folder / "list.txt").write_text("Number\n" + "020 7946 0000\n" * 50_000 + "nonsense\n0\n")  # two parts
        said = s.run("calls", "dnc", s.folder / "list.txt", "--list", "tps", "--scrubbed", time.strftime("%Y-%m-%d", time.gmtime()), "--country", "44").stdout
        assert said.startswith("50000 numbers are on the list") and said.endswith("! 2 lines are no numbers, and what they mean may be called: line 50002, 50003.\n"), said
        assert "tps" in s.run("calls", "lists").stdout
        lost = s.run("calls", "export", s.folder / "nowhere" / "calls.csv", "--centre", "acme", check=False)
        assert lost.returncode == 1 and "cannot be written" in lost.stderr, lost.stderr
        assert s.sql("select count(*) from telemarketing.attempt") == [["0"]], "no call is taken for a file that cannot be"
        out = s.folder / "calls.csv"
        said = s.run("calls", "export", out, "--centre", "acme", "--most", "3").stdout
        assert said.startswith("3 calls"), said
        rows = list(csv.DictReader(io.StringIO(out.read_text())))
        assert [row["name"] for row in rows] == ["Anna", "Bert", "Cleo"] and rows[0]["phone"] == "+49305234500", rows
        assert s.next("one")["name"] == "Dora", "what a centre has nobody else gets"
        results, rejects = s.folder / "results.csv", s.folder / "rejects.csv"
        results.write_text("line,disposition\r\nx,no_answer\r\n")
        headless = s.run("calls", "import", results, "--centre", "acme", check=False)
        assert headless.returncode == 1 and 'no column "id"' in headless.stderr and "refused" not in headless.stdout, headless.stderr
        results.write_text("\ufeffid;line;disposition\r\n" f"{rows[1]['id']};other;no_answer\r\n")  # as spreadsheets save it
        told = s.run("calls", "import", results, "--centre", "acme", check=False)
        assert told.stdout.startswith("0 results are taken, 1 refused") and f"results.csv: 2: call {rows[1]['id']} is not yours." in told.stderr, told.stderr
        results.write_text("id,line,disposition,timing,budget,note\r\n"
                           f"{rows[0]['id']},{rows[0]['line']},reached,now,4000,\"said \"\"yes\"\"\"\r\n"
                           f"{rows[1]['id']},{rows[1]['line']},no_answer,,,\r\n"
                           f"{rows[2]['id']},{rows[2]['line']},reached,soon,,\r\n"
                           f"{rows[2]['id']},other,no_answer,,,\r\nnone,,no_answer,,,\r\n")
        done = s.run("calls", "import", results, "--centre", "acme", "--rejects", rejects, check=False)
        assert done.returncode == 1 and done.stdout.startswith("2 results are taken, 3 refused"), done.stdout + done.stderr
        wrong = list(csv.DictReader(io.StringIO(rejects.read_text())))
        assert [row["reason"] for row in wrong] == ['"timing" is one of: now, later.', f"call {rows[2]['id']} is not yours.", "there is no id of a call"], wrong
        again = s.run("calls", "import", results, "--centre", "acme", check=False).stdout
        assert again.startswith("2 results are taken, 3 refused"), again
        # what a killed export has taken goes back by a word
        assert s.run("calls", "export", "--centre", "acme", check=False).returncode == 2, "a file, or --back"
        assert s.run("calls", "export", "--back", "--centre", "other").stdout == "0 calls of other are in the queue again.\n"
        assert s.run("calls", "export", "--back", "--centre", "acme").stdout == "1 calls of acme are in the queue again.\n"
        assert s.next("two")["id"] == int(rows[2]["id"]), "the next one gets it"
        until(lambda: s.source("anna") == "hot" and s.source("bert") == "cold", what="the results' way")
        told = s.sql("select count(*) from event where verb = 'call.end'")
        assert told == [["2"]], f"each counts once: {told}"
        last = s.folder / "rest.ndjson"
        s.run("calls", "export", last, "--centre", "acme", "--hours", "1")
        rest = [json.loads(line) for line in last.read_text().splitlines()]
        assert [call["name"] for call in rest] == ["Emil"] and rest[0]["sheet"]["script"]["questions"], rest
        last.write_text(json.dumps({"id": rest[0]["id"], "line": rest[0]["line"], "disposition": "reached", "answers": {"timing": "later"}}) + "\nrubbish\n")
        done = s.run("calls", "import", last, "--centre", "acme", check=False)
        assert done.stdout.startswith("1 results are taken, 1 refused"), done.stdout + done.stderr


def test_what_a_call_centre_wrote_is_read_in_its_own_letters_and_nothing_of_it_is_lost():
    with Floor() as s:
        for i, name in enumerate(("anna", "bert", "cleo")):
            s.make(name, 6234500 + i, 100 - i)
        s.ring("anna", "bert", "cleo")
        s.queued(3)
        out, results, rejects = s.folder / "calls.csv", s.folder / "results.csv", s.folder / "rejects.csv"
        s.run("calls", "export", out, "--centre", "acme")
        anna, bert, cleo = csv.DictReader(io.StringIO(out.read_text()))

        def told(text, encoding, name=results):
            name.write_bytes(text.encode(encoding))
            done = s.run("calls", "import", name, "--centre", "acme", "--rejects", rejects, check=False)
            return done.stdout.split(":")[0].rstrip(".\n"), done.stderr

        assert told("id;line;disposition;note;others\r\n" f"{anna['id']};{anna['line']};no_answer;Grüße;\r\n", "cp1252") == ("1 results are taken, 0 refused", "")
        until(lambda: s.sql("select data->>'note' from event where verb = 'call.note'") == [["Grüße"]], what="the note")
        ragged = "id,line,disposition,note\r\n" f"{bert['id']},{bert['line']},no_answer,said: later, maybe\r\n"
        assert told(ragged, "utf-8") == ("0 results are taken, 1 refused", "")
        assert "this row has 5 cells, the head 4" in rejects.read_text() and bert["id"] in rejects.read_text()
        assert told("id,line,disposition,note\r\n" + f"{bert['id']},{bert['line']},no_answer,\"open\r\n", "utf-8")[0] == "0 results are taken, 1 refused"
        people = f"id\tline\tdisposition\ttiming\tothers\r\n{bert['id']}\t{bert['line']}\treached\tnow\tJörg Ünal; carl@example.com ;\r\n"
        assert told(people, "utf-16") == ("1 results are taken, 0 refused", "")
        until(lambda: s.sql("select last_name from lead where last_name like '%Ünal%'") == [["Jörg Ünal"]] and s.get("/v1/leads/carl@example.com", s.write)[0] == 200, what="both colleagues")
        line = {"id": str(cleo["id"]), "line": cleo["line"], "disposition": "no_answer", "note": "id as a text"}
        assert told(json.dumps(line) + "\n{\"id\": 1.5}\n", "utf-8", s.folder / "results.ndjson") == ("1 results are taken, 1 refused", "")
        assert "this is a workbook" in told("PK\x03\x04 and so on", "utf-8")[1]


def test_a_list_is_loaded_to_its_end_though_the_token_of_the_command_runs_out():
    with Floor() as s:
        pipe = s.folder / "numbers"
        os.mkfifo(pipe)
        lines = [f"+1{2015550000 + i}\n" for i in range(100_000)]  # two parts and a half
        load = subprocess.Popen([BINARY, "calls", "dnc", pipe, "--list", "us-dnc", "--scrubbed", time.strftime("%Y-%m-%d", time.gmtime()), "--config", s.conf],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        with open(pipe, "w") as out:
            out.writelines(lines[:50_000])
            out.flush()
            until(lambda: s.sql("select load_count > 0 from telemarketing.list") == [["t"]], what="the first part")
            s.sql("update api_token set expires_at = now() - interval '1 second' where name = 'nurture calls'")
            time.sleep(6)  # the server keeps what it knows of a token for five seconds
            out.writelines(lines[50_000:])
        said = load.communicate()[0]
        assert load.returncode == 0 and said.startswith("100000 numbers are on the list"), said
        assert s.sql("select numbers from telemarketing.list") == [["100000"]]
        assert s.sql("select count(*) from api_token where name = 'nurture calls' and revoked_at is null and expires_at > now()") == [["0"]], "none of its tokens is left"


def test_a_terminal_sees_how_far_a_list_is_loaded():
    with Floor() as s:
        file = s.folder / "list"
        file.write_text("".join(f"+1{2015550000 + i}\n" for i in range(100_000)))
        main, other = pty.openpty()
        seen = []
        with s.holding("lock table telemarketing.listed in exclusive mode"):  # the first part takes longer than the second before which no bar is shown
            load = subprocess.Popen([*s.command("calls", "dnc", file, "--list", "us-dnc", "--scrubbed", time.strftime("%Y-%m-%d", time.gmtime()))],
                                    stdout=subprocess.PIPE, stderr=other, text=True)
            os.close(other)
            until(lambda: s.sql("select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into listed%' and clock_timestamp() - query_start > interval '2 seconds'") == [["t"]],
                  what="a part that waits")
        with contextlib.suppress(OSError):  # its end: the terminal is closed
            while text := os.read(main, 4096):
                seen.append(text.decode())
        os.close(main)
        said = load.communicate()[0]
        shown = [int(n) for n in re.findall(r"\rnumbers \[#+ *\] +(\d+) %", "".join(seen))]
        assert load.returncode == 0 and said.startswith("100000 numbers are on the list"), said
        assert shown and 0 < shown[0] < 100 and shown == sorted(shown) and "".join(seen).endswith(" \r"), seen


if __name__ == "__main__":
    run_tests(globals())
