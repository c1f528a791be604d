#!/usr/bin/python3
"""Letters and the law: lists without which none goes, organisations that want none, competitors, people who are erased while a job holds them; and what two generations of a server do with one job."""
import json
import signal
import subprocess
import threading
import time

from letters_test import SENDER, Post, PrintHouse, goes, print_house
from nurture import BINARY, run_tests, until

s = None
RIVALS = 'segment "rivals" { title = "Rivals", who = lead { title = "Rival" }, contact = "never" }\n'


def anew():
    s.sql("delete from directmail.letter; delete from directmail.job; delete from touch")


def wait_for(*names, what="post"):
    s.order(*names, what=what)
    s.waiting(len(names))


def names(job):
    return sorted(row["name"].split()[0] for row in s.rows(job["name"]))


def listed(name, rows, *more):
    head = "name,organisation,street,postal_code,city,country,domain\n"
    assert json.loads(s.run("mail", "list", name, s.csv(f"{name}.csv", head + rows), *more, "--json").stdout) == {"listed": len(rows.splitlines())}


def test_letters_to_a_country_wait_for_its_list_and_go_when_it_is_there():
    anew()
    s.make("alma", 1)
    s.make("bela", 2)
    s.make("cora", 3, country="FR", postal_code="75001", city="Paris")
    wait_for("alma", "bela", "cora")
    job = s.job(s.cut(), "ready")
    assert names(job) == ["Cora"], "to a country that asks for no list"
    row = next(row for row in s.jobs()[1]["waiting"] if row.get("missing"))
    assert row["letters"] == 2 and row["missing"] == "robinson" and row["again_at"] > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), row
    assert "they wait for the list robinson" in s.run("mail", "jobs").stdout
    until(lambda: '2 letters to DE wait for the list "robinson"' in s.run("status", check=False).stdout, what="it is told in status")
    assert s.jobs("", {})[0] == 409, "nothing is cut of them before"
    today = time.strftime("%Y-%m-%d", time.gmtime())
    listed("robinson", "Bela Doe,,2 Example Street,10115,Berlin,DE,\n", "--taken", today)
    second = s.job(s.cut(), "ready")
    assert names(second) == ["Alma"], second
    until(lambda: s.source("bela") == "kept", what="who is on it gets none")
    # when the job is released the list must still be young enough
    s.sql(f"update directmail.list set taken_at = taken_at - {91 * 86400 * 10**6} where name = 'robinson'")
    assert s.jobs(f"/{second['job']}/release", {})[0] == 200
    s.job(second["job"], "cancelled")
    assert s.sql("select state, missing from directmail.letter where campaign = 'post' and state = 'waiting'") == [["waiting", "robinson"]]
    listed("robinson", "Zoe Doe,,2 Example Street,10115,Berlin,DE,\n", "--taken", today)
    assert names(s.approved(s.job(s.cut(), "ready"))) == ["Alma"]


def test_an_organisation_is_known_by_name_and_postal_code_or_by_its_domain():
    anew()
    listed("robinson", "Nobody Here,,2 Example Street,10115,Berlin,DE,\n", "--taken", time.strftime("%Y-%m-%d", time.gmtime()))
    for number, (name, more) in enumerate({"dina": {"company": "Quiet Works"}, "edda": {"company": "Quiet Works", "postal_code": "20095"}, "fips": {}, "gabi": {"company": "Quiet Works"}}.items(), 31):
        s.make(name, number, **more)
    s.lead({"email": "fips@silent.example.org", "external_id": "f-1", "first_name": "Hank", "last_name": "Doe", "address": "36 Example Street", "postal_code": "10115", "city": "Berlin",
            "country": "DE", "company": "Silent"}, s.write)
    account = until(lambda: s.sql("select a.domain from lead l join account a on a.account_id = l.account_id where l.email = 'fips@silent.example.org'"), what="the account")
    s.order("dina", "edda", "fips")
    assert s.post("/v1/events", {"email": "fips@silent.example.org", "verb": "form.submit", "subject": "post"}, s.write)[0] == 202
    s.waiting(4)
    listed("internal", f",quiet works,,10115,,DE,\n,,,,,,{account[0][0].upper()}\n")
    job = s.job(s.cut(), "ready")
    assert names(job) == ["Edda", "Fips"], "asked when the job is cut"
    until(lambda: s.source("dina") == "kept", what="told to the campaign")
    s.order("gabi")
    until(lambda: s.source("gabi") == "kept", what="asked before the letter waits")
    assert s.sql("select distinct reason from touch where state <> 'queued'") == [['the organisation is on the do-not-mail list "internal"']]
    refused = s.run("mail", "list", "internal", s.csv("bad.csv", "organisation,street,postal_code\nQuiet Works,,\n"), check=False)
    assert refused.returncode == 1 and "organisation and postal_code, or domain" in refused.stderr, refused


def test_who_becomes_a_competitor_is_in_no_job():
    anew()
    listed("robinson", "Nobody Here,,2 Example Street,10115,Berlin,DE,\n", "--taken", time.strftime("%Y-%m-%d", time.gmtime()))
    for number, name in enumerate(("hilda", "ingo", "judy"), 51):
        s.make(name, number)
    wait_for("hilda", "ingo", "judy")
    first = s.sql("select lead_id from lead where email = 'hilda@example.com'")[0][0]
    assert s.request("PATCH", f"/v1/leads/{first}", {"title": "Rival"}, s.write)[0] in (200, 202)
    until(lambda: s.sql(f"select 'rivals' = any(segments) from lead where lead_id = {first}") == [["t"]], what="the segment")
    job = s.job(s.cut(), "ready")
    assert names(job) == ["Ingo", "Judy"]
    second = s.sql("select lead_id from lead where email = 'ingo@example.com'")[0][0]
    assert s.request("PATCH", f"/v1/leads/{second}", {"title": "Rival"}, s.write)[0] in (200, 202)
    until(lambda: s.sql(f"select 'rivals' = any(segments) from lead where lead_id = {second}") == [["t"]], what="the segment")
    assert names(s.approved(job)) == ["Judy"], "asked when it is released, too"


def test_a_competitor_on_the_suppression_list_gets_no_letter_planned_and_none_that_waits():
    anew()
    listed("robinson", "Nobody Here,,2 Example Street,10115,Berlin,DE,\n", "--taken", time.strftime("%Y-%m-%d", time.gmtime()))
    for number, (name, domain) in enumerate((("nils", "rival-one.example"), ("olaf", "rival-two.example"), ("piet", "example.com")), 61):
        s.lead({"email": f"{name}@{domain}", "first_name": name.title(), "last_name": "Doe", "address": f"{number} Example Street", "postal_code": "10115", "city": "Berlin", "country": "DE"}, s.write)
    order = lambda address: s.post("/v1/events", {"email": address, "verb": "form.submit", "subject": "post"}, s.write)  # noqa: E731
    source = lambda address: s.get(f"/v1/leads/{address}", s.write)[1].get("source")  # noqa: E731
    s.run("import", s.csv("rivals.csv", "rival-one.example\n"), "--suppress", "competitor")
    for address in ("nils@rival-one.example", "olaf@rival-two.example", "piet@example.com"):
        assert order(address)[0] == 202
    s.waiting(2)
    until(lambda: source("nils@rival-one.example") == "kept", what="held when it is planned")
    assert s.sql("select count(*) from directmail.letter l join lead using (lead_id) where email like 'nils@%'") == [["0"]], "the channel never had it"
    s.run("import", s.csv("rivals.csv", "rival-two.example\n"), "--suppress", "competitor")
    assert names(s.job(s.cut(), "ready")) == ["Piet"], "asked again when the job is cut"
    until(lambda: source("olaf@rival-two.example") == "kept", what="told to the campaign")


def test_whoever_erases_a_person_is_told_which_jobs_hold_it():
    anew()
    listed("robinson", "Nobody Here,,2 Example Street,10115,Berlin,DE,\n", "--taken", time.strftime("%Y-%m-%d", time.gmtime()))
    for number, name in enumerate(("kira", "lara", "mona"), 71):
        s.make(name, number)
    wait_for("kira", "lara", "mona")
    job = s.job(s.cut(), "ready")
    shown = s.run("erase", "kira@example.com", "--dry-run").stdout
    folder = s.data / "letters" / job["name"]
    assert f"letters {job['job']}, {job['name']}: ready, not uploaded; folder: {folder}" in shown, shown
    lead = s.sql("select lead_id from lead where email = 'kira@example.com'")[0][0]
    said = json.loads(s.run("erase", "kira@example.com", "--yes", "--json").stdout)
    assert [(h["channel"], h["job"], h["name"], h["state"], h["folder"], h["uploaded"], h["lead"]) for h in said["held"]] == [
        ("letters", job["job"], job["name"], "ready", str(folder), "not uploaded", int(lead))], said
    assert s.sql(f"select fields from audit where act = 'lead.erase' and object = '{lead}'") == [[f"{{*,directmail/{job['job']}}}"]]
    other = s.sql("select lead_id from lead where email = 'lara@example.com'")[0][0]
    status, answer, _ = s.request("DELETE", f"/v1/leads/{other}", None, s.admin)
    assert status == 202 and [h["job"] for h in answer["held"]] == [job["job"]], answer
    until(lambda: s.sql("select count(*) from channel_forget") == [["0"]], what="forgotten")
    sent = s.approved(job)
    assert names(sent) == ["Mona"] and "in jobs" not in s.run("erase", "bela@example.com", "--dry-run").stdout
    # what is sent is held as long as its folder is there
    assert json.loads(s.run("erase", "mona@example.com", "--dry-run", "--json").stdout)["held"][0]["state"] == "sent"


def test_a_job_that_one_generation_uploads_is_not_cancelled_by_the_next():
    with print_house() as (url, ca), Post(f'letters = "none", upload = {{ url = "{url}", token = "secret", ca = "{ca}" }}') as server:
        PrintHouse.broke, PrintHouse.files, PrintHouse.hold = True, {}, threading.Event()
        try:
            server.fill(20)
            number = server.cut()
            until(lambda: PrintHouse.held, what="the upload being on its way")
            server.process.send_signal(signal.SIGHUP)
            until(lambda: server.log_text().count("channel.lease.taken channel=letters") == 2, what="the second generation having the channel")
            until(lambda: server.jobs(f"/{number}/cancel", {})[0] not in (502, 503), what="an answer")
            assert server.sql("select state from directmail.job") == [["released"]], "it is on its way"
        finally:
            PrintHouse.hold.set()
        job = goes(server, number)
        here = server.data / "letters" / job["name"]
        assert PrintHouse.files == {f"/jobs/{job['name']}/{file.name}": file.read_bytes() for file in here.iterdir()}
        until(lambda: server.sql("select state, count(*) from touch group by 1") == [["sent", "20"]], what="each is sent")


def refused(settings):
    """What is said of a configuration that has these settings of the channel."""
    conf = s.folder / "refused.conf"
    lines = [line for line in s.conf.read_text().splitlines() if not line.startswith("channel ")]
    conf.write_text("\n".join([*lines, f'channel "letters" {{ plugin = "directmail", {settings} }}', ""]))
    done = subprocess.run([BINARY, "config", "--config", conf], capture_output=True, text=True, cwd=s.folder, timeout=60, env=s.environment)
    assert done.returncode == 1, (settings, done)
    return done.stdout + done.stderr


def test_an_upload_s_url_says_nothing_else_than_where():
    for url, words in (("https://me:secret@127.0.0.1/in/", "user = … and password = …"), ("sftp://me@127.0.0.1/in/", "user = … and password = …"), ("https://127.0.0.1/a%20b/", "a %, ?, #")):
        said = refused(f'upload = {{ url = "{url}", known_hosts = "x" }}')
        assert "upload" in said and words in said, said


def test_a_required_list_has_a_country_a_name_and_an_age():
    for required in ('{ DE = { list = "internal", days = 90 } }', '{ Germany = { list = "robinson", days = 90 } }', '{ DE = { list = "robinson" } }'):
        assert "required" in refused(f"required = {required}")


if __name__ == "__main__":
    post = Post(f'approval = true, gather_minutes = 0, letters = "none", {SENDER}, required = {{ DE = {{ list = "robinson", days = 90 }} }}')
    (post.folder / "playbook/segments").mkdir()
    (post.folder / "playbook/segments/rivals.lua").write_text(RIVALS)
    with post as s:
        run_tests(globals())
