#!/usr/bin/python3
"""The channel for letters (plugins/directmail) in a real server: letters gather, are cut into a job, and go. What becomes of a cut that is killed: letters_cut_test.py."""
import contextlib
import csv
import hashlib
import http.server
import json
import os
import pwd
import shutil
import signal
import ssl
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

sys.path.append(str(pathlib.Path(__file__).parents[1] / "tools"))
from nurture import SERVICE_USER, Server, fill_disk, run_tests, small_disk, until
from ports import free_port

PLAYBOOK = {
    "playbook.lua": 'playbook "letters" { title = "Letters", time_zone = "UTC", language = "en", postal_address = "1 Road, Town" }\n'
                    'consent "letter" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n'
                    'consent "email" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n',
    "campaigns/post.lua": 'campaign "post" { title = "Post", enter = on "form.submit" { subject = "post" }, again = "always",\n'
                          '  step "letter" { letter "hello", answers = { undeliverable = "bad", held = "kept" } },\n'
                          '  step "sent" { set { source = "sent" }, leave "sent" },\n'
                          '  step "bad" { set { source = "bad" }, leave "bad" },\n'
                          '  step "kept" { set { source = "kept" }, leave "kept" } }\n',
    "campaigns/house.lua": 'campaign "house" { title = "House", enter = on "form.submit" { subject = "house" }, again = "always",\n'
                           '  step "letter" { letter "hello" { once_per = "household" }, answers = { undeliverable = "bad", held = "kept" } },\n'
                           '  step "sent" { set { source = "sent" }, leave "sent" },\n'
                           '  step "bad" { set { source = "bad" }, leave "bad" },\n'
                           '  step "kept" { set { source = "kept" }, leave "kept" } }\n',
    "templates/letter/hello.md": "---\nsubject: 'For {{ lead.first_name }}'\n---\nDear {{ lead.first_name }},\n\ncome and see us.\n",
}


class Post(Server):
    def __init__(self, settings="", lines="", **more):
        super().__init__(config=f'channel "letters" {{ plugin = "directmail", {settings} }}\n{lines}\n', **more)
        for path, text in PLAYBOOK.items():
            file = self.folder / "playbook" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.conf.write_text(self.conf.read_text() + f'playbook = "{self.folder}/playbook"\n')

    def start(self, wait=True):
        super().start(wait)
        self.run("publish", "-m", "first", "--yes")
        self.write, self.admin = self.token("write"), self.token("admin")
        return self

    def make(self, name, n, **more):
        return self.lead({"email": f"{name}@example.com", "first_name": name.title(), "last_name": "Doe", "address": f"{n} Example Street", "postal_code": "10115",
                          "city": "Berlin", "country": "DE", **more}, self.write)

    def order(self, *names, what="post"):
        status, body = self.post("/v1/events", [{"email": f"{name}@example.com", "verb": "form.submit", "subject": what} for name in names], self.write)
        assert status == 202, body

    def waiting(self, n):
        until(lambda: self.sql("select count(*) from directmail.letter l join touch t using (touch_id) where l.state = 'waiting' and t.state = 'queued'") == [[str(n)]],
              what=f"{n} letters that wait")

    def source(self, name):
        return self.get(f"/v1/leads/{name}@example.com", self.write)[1].get("source")


    def fill(self, n, first=1):
        """So many letters that wait, as touches and rows: faster than by their turns."""
        ids = f"(64000000 + g) & 63, 64000000 + g"
        self.sql(f"""insert into lead (shard, lead_id, email, first_name, last_name, address, postal_code, city, country, created_at, updated_at)
            select {ids}, 'l' || g || '@example.com', 'First' || g, 'Last' || g, g || ' Example Street', '10115', 'Berlin', 'DE', now(), now() from generate_series({first}, {first + n - 1}) g""")
        self.sql(f"""insert into touch (shard, touch_id, lead_id, campaign, step, pass, channel, kind, template, purpose, state, planned_at, due_at, attempts, revision)
            select {ids}, 64000000 + g, 'post', 'letter', 1, 'letters', 'letter', 'hello', 'marketing', 'queued', now(), now(), 1, '' from generate_series({first}, {first + n - 1}) g""")
        self.sql(f"""insert into directmail.letter (channel, touch_id, lead_id, attempt, campaign, step, template, queued_at, state)
            select 'letters', 64000000 + g, 64000000 + g, 1, 'post', 'letter', 'hello', 1, 'waiting' from generate_series({first}, {first + n - 1}) g""")

    def stopped(self, word):
        """Stops the channel or resumes it; its process knows."""
        self.run("channel", word, "letters")
        until(lambda: (self.sql("select state from channel_state where channel = 'letters'") == [["stopped"]]) == (word == "stop"), what=f"the channel's word on {word}")

    def csv(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def approved(self, job):
        self.jobs(f"/{job['job']}/release", {})
        return self.job(job["job"], "sent")

    def folders(self):
        spool = self.data / "letters"
        return sorted(path.name for path in spool.iterdir()) if spool.exists() else []  # the first job makes it

    def jobs(self, what="", body=None):
        """GET (or, with a body, POST) of a job's route."""
        path = f"/v1/channels/letters/jobs{what}"
        return self.get(path, self.admin) if body is None else self.post(path, body, self.admin)

    def cut(self, **body):
        status, answer = self.jobs("", body)
        assert status == 202, (status, answer)
        return answer["job"]

    def job(self, number, *states):
        """The job, when it is in one of the states."""
        def there():
            status, job = self.jobs(f"/{number}")
            return status == 200 and job["state"] in states and job
        return until(there, what=f"job {number} being {states}")

    def rows(self, name):
        with open(self.data / "letters" / name / "data.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def whole(self, name):
        """The folder says of every file what it is."""
        folder = self.data / "letters" / name
        sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
        files = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
        assert files == sorted([*sums, "SHA256SUMS"]), (files, sums)
        for file, wanted in sums.items():
            assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == wanted, file
        return json.loads((folder / "manifest.json").read_text())


SENDER = 'sender = { organisation = "Acme", street = "1 Road", postal_code = "10115", city = "Berlin", country = "DE" }'
SEEDS = 'seeds = { { name = "Sam Seed", street = "9 Decoy Road", postal_code = "10115", city = "Berlin", country = "DE" } }'
FILLED = "touch_id between 64000000 and 64999999"
COSTS = 'costs = { job = 100, piece = { DE = 0.85, otherwise = 1.25 }, currency = "EUR" }'


def test_a_job_is_cut_approved_and_sent():
    s.make("anna", 1, last_name='=HYPERLINK("http://x")', company='Say "A", GmbH')
    s.make("bert", 2, country="FR", postal_code="75001", city="Paris")
    s.make("carl", 3)
    s.order("anna", "bert", "carl")
    s.waiting(3)
    status, body, _ = s.request("POST", "/v1/channels/letters/jobs", {}, s.token("read"))
    assert status == 403, "who reads does not cut"
    assert s.jobs()[1]["waiting"][0]["letters"] == 3
    job = s.job(s.cut(), "ready")
    assert job["letters"] == 3 and job["seeds"] == 1 and job["cost"] == 100 + 3 * 0.85 + 1.25 and job["folder"] == {"whole": True}, job
    assert s.jobs("", {})[0] == 409, "nothing waits"
    manifest = s.whole(job["name"])
    assert manifest["letters"] == 3 and manifest["costs"]["total"] == job["cost"] and manifest["revision"] == job["revision"], manifest
    rows = s.rows(job["name"])
    assert [row["name"] for row in rows][3] == "Bert Doe" and [row["number"] for row in rows] == ["1", "2", "3", "4"], rows
    assert [row["subject"] for row in rows if row["name"] == "Sam Seed"] == ["For Sam"], "a decoy among them, with words of its own"
    anna = next(row for row in rows if row["name"].startswith("Anna"))
    assert anna["subject"] == "For Anna" and anna["name"] == 'Anna =HYPERLINK("http://x")' and len({row["code"] for row in rows}) == 4, rows
    text = subprocess.run(["pdftotext", "-layout", s.data / "letters" / job["name"] / "letters.pdf", "-"], capture_output=True, text=True, check=True, timeout=120).stdout
    assert text.count("\f") == 4 and 'Anna =HYPERLINK("http://x")' in text and "For Sam" in text and text.count("come and see us.") == 4, text
    assert all(row["code"] in text for row in rows if row["code"]) and next(f for f in manifest["files"] if f["name"] == "letters.pdf")["pages"] == 4, manifest
    shown = subprocess.run(s.command("mail", "preview", "hello", "--lead", "carl@example.com"), capture_output=True, cwd=s.folder, env=s.environment, timeout=120)
    assert shown.returncode == 0 and shown.stdout.startswith(b"%PDF-"), shown.stderr
    assert s.source("anna") is None, "not sent before the release"
    assert s.sql("select count(*) from touch where state = 'queued'") == [["3"]]
    assert s.jobs(f"/{job['job']}/release", {})[0] == 200
    s.job(job["job"], "sent")
    for name in ("anna", "bert", "carl"):
        until(lambda name=name: s.source(name) == "sent", what=f"{name}'s letter was sent")
    assert s.sql("select count(*) from event where verb = 'letter.drop'") == [["3"]]
    assert sorted(row[0] for row in s.sql("select remote_id from touch")) == sorted(f"{job['name']}/{row['number']}" for row in rows if row["name"] != "Sam Seed")
    assert s.sql("select count(*) from directmail.letter where content is not null") == [["0"]], "what they said is not kept"
    assert s.jobs(f"/{job['job']}/release", {})[0] == 409 and s.jobs(f"/{job['job']}/cancel", {})[0] == 409 and s.jobs("/999/release", {})[0] == 404
    told = s.jobs(f"/{job['job']}/acknowledge", {"reference": "A-1"})
    assert told[0] == 200 and told[1]["acknowledged"] == s.jobs(f"/{job['job']}")[1]["acknowledged"] == "A-1", told
    s.sql("update directmail.job set acknowledged_at = acknowledged_at - 3600000000")
    again = s.jobs(f"/{job['job']}/acknowledge", {"reference": "A-1"})
    assert again[0] == 200 and again[1]["acknowledged_at"] < told[1]["acknowledged_at"], "told twice: the first moment"
    status, problem = s.jobs(f"/{job['job']}/acknowledge", {"reference": "B-2"})
    assert status == 409 and 'as "A-1"' in problem["detail"] and s.jobs("/999/acknowledge", {"reference": "A-1"})[0] == 404, problem
    # its folder is kept for 90 days
    assert s.jobs(f"/{job['job']}")[1]["folder"] == {"whole": True}
    aside = s.data / "letters" / f"{job['name']}.0.aside"
    aside.mkdir()
    (aside / "data.csv").write_text("a copy")
    if os.geteuid() == 0:
        shutil.chown(aside, SERVICE_USER)
    half = s.data / "letters" / f".gone-{job['name']}.1.tmp"  # a process died while it took this away
    half.mkdir()
    if os.geteuid() == 0:
        shutil.chown(half, SERVICE_USER)
    s.sql(f"update directmail.job set sent_at = sent_at - {90 * 86400 * 10**6} where id = {job['job']}")
    until(lambda: "purged_at" in s.jobs(f"/{job['job']}")[1], what="the folder is gone")
    kept = s.jobs(f"/{job['job']}")[1]
    assert "folder" not in kept and kept["letters"] == 3 and not [name for name in s.folders() if job["name"] in name], (kept, s.folders())
    assert "folder gone" in s.run("mail", "show", str(job["job"])).stdout


def test_who_may_not_go_leaves_the_job_and_houses_get_one():
    s.make("gina", 11)
    s.make("hugo", 11)           # one house
    s.make("ida", 12)
    s.make("jana", 13)
    s.make("karl", 14)
    s.order("gina", "hugo", what="house")
    s.order("ida", "jana", "karl")
    s.waiting(5)
    lead = lambda name: s.sql(f"select lead_id from identity where value = '{name}@example.com'")[0][0]  # noqa: E731
    body = {"channel": "letter", "purpose": "marketing", "state": "withdrawn", "source": "phone", "wording": "no more"}
    assert s.post(f"/v1/leads/{lead('ida')}/consent", body, s.write)[0] in (200, 202)
    s.run("erase", "karl@example.com", "--yes")
    jana = lead("jana")
    assert s.request("PATCH", f"/v1/leads/{jana}", {"city": ""}, s.write)[0] in (200, 202)
    until(lambda: s.sql(f"select coalesce(city, '') from lead where lead_id = {jana}") == [[""]], what="the address that is bad now")
    job = s.approved(s.job(s.cut(), "ready"))
    assert job["letters"] == 1 and [row["name"] for row in s.rows(job["name"]) if row["name"] != "Sam Seed"] in (["Gina Doe"], ["Hugo Doe"]), job
    until(lambda: s.source("jana") == "bad", what="undeliverable")
    until(lambda: sorted(filter(None, (s.source("gina"), s.source("hugo")))) == ["kept", "sent"], what="the house has one")
    until(lambda: s.sql("select state, count(*) from directmail.letter where campaign = 'house' or state <> 'sent' group by 1") == [["sent", "1"]], what="the others' rows are gone")
    # the house has its letter: whoever else lives there gets none of the next job, either
    s.make("fred", 11)
    s.order("fred", what="house")
    s.waiting(1)
    s.job(s.cut(), "cancelled")
    until(lambda: s.source("fred") == "kept", what="the house has one from before")


def test_whoever_may_not_go_any_more_when_a_job_is_released_is_not_in_it():
    for number, name in enumerate(("lena", "mike", "nora", "otto"), 21):
        s.make(name, number)
    s.order("lena", "mike", "nora", "otto")
    s.waiting(4)
    job = s.job(s.cut(), "ready")
    names = lambda: sorted(row["name"] for row in s.rows(job["name"]) if row["name"] != "Sam Seed")  # noqa: E731
    assert names() == ["Lena Doe", "Mike Doe", "Nora Doe", "Otto Doe"]
    words = next(row for row in s.rows(job["name"]) if row["name"] == "Lena Doe")
    s.run("erase", "mike@example.com", "--yes")
    withdrawn = {"channel": "letter", "purpose": "marketing", "state": "withdrawn", "source": "phone", "wording": "no more"}
    assert s.post("/v1/leads/nora@example.com/consent", withdrawn, s.write)[0] in (200, 202)
    s.run("mail", "list", "internal", s.csv("internal.csv", "name,street,postal_code,city,country\nOtto Doe,24 Example Street,10115,Berlin,DE\n"))
    until(lambda: s.sql("select count(*) from channel_forget") == [["0"]], what="mike forgotten")
    s.stopped("stop")
    assert s.jobs(f"/{job['job']}/release", {})[0] == 200
    until(lambda: "is the channel stopped" in s.jobs(f"/{job['job']}")[1].get("trouble", ""), what="nothing goes while the channel is stopped")
    assert s.source("lena") is None
    s.stopped("resume")
    sent = s.job(job["job"], "sent")
    assert sent["letters"] == 1 and names() == ["Lena Doe"] and s.whole(job["name"])["letters"] == 1, (sent, names())
    assert {**words, "number": ""} == {**next(row for row in s.rows(job["name"]) if row["name"] == "Lena Doe"), "number": ""}, "the words that were approved"
    until(lambda: (s.source("lena"), s.source("nora"), s.source("otto")) == ("sent", "kept", "kept"), what="who went, and who was kept")
    assert s.folders() == sorted(row[0] for row in s.sql("select name from directmail.job where state = 'sent' and purged_at is null")), s.folders()


def test_a_job_that_is_cancelled_or_was_tampered_with():
    before = s.folders()
    s.fill(40)
    first = s.job(s.cut(), "ready")
    status, sample = s.jobs(f"/{first['job']}/sample", {"count": 4})
    assert (status, sample["letters"]) == (200, 4), sample
    assert {row["code"] for row in s.rows(f"{first['name']}.samples")} == {"SAMP-LE00-0000-0000"}
    assert s.jobs(f"/{first['job']}/cancel", {"letters": "up"})[0] == 422
    assert s.jobs(f"/{first['job']}/cancel", {"letters": "back"})[0] == 200
    s.job(first["job"], "cancelled")
    assert s.folders() == before, s.folders()
    s.waiting(40)
    second = s.job(s.cut(), "ready")
    assert {row["touch"] for row in s.rows(second["name"])} == {str(64000000 + g) for g in range(1, 41)} if "touch" in s.rows(second["name"])[0] else second["letters"] == 40
    data = s.data / "letters" / second["name"] / "data.csv"
    good = data.read_bytes()
    data.write_bytes(good.replace(b"Example", b"exempla", 1))
    job = s.jobs(f"/{second['job']}")[1]
    assert job["folder"] == {"whole": False, "why": "data.csv was changed since it was written."}, job["folder"]
    assert "data.csv was changed" in s.run("mail", "show", second["name"]).stdout
    refused = s.run("mail", "release", str(second["job"]), check=False)
    assert refused.returncode == 1 and "data.csv was changed" in refused.stderr, refused
    (s.data / "letters" / second["name"] / "more.csv").write_text("x")
    data.write_bytes(good)
    assert s.jobs(f"/{second['job']}")[1]["folder"]["why"] == "more.csv was not written into it: take it out."
    status, problem = s.jobs(f"/{second['job']}/release", {})
    assert status == 409 and problem["detail"].startswith("more.csv was not written into it"), problem
    # what is changed behind the release is found before it goes
    (s.data / "letters" / second["name"] / "more.csv").unlink()
    s.stopped("stop")
    assert s.jobs(f"/{second['job']}/release", {})[0] == 200
    data.write_bytes(good.replace(b"Example", b"exempla", 1))
    s.stopped("resume")
    until(lambda: "data.csv was changed" in s.jobs(f"/{second['job']}")[1].get("trouble", ""), what="what was tampered with does not go")
    assert s.sql(f"select count(*) from touch where {FILLED} and state = 'sent'") == [["0"]]
    until(lambda: "data.csv was changed" in s.run("status", check=False).stdout, what="it is told in status")
    s.run("mail", "cancel", str(second["job"]), "--drop")
    s.job(second["job"], "cancelled")
    until(lambda: s.sql(f"select state, count(*) from touch where {FILLED} group by 1") == [["rejected", "40"]], what="given up, and told")
    until(lambda: s.sql(f"select count(*) from directmail.letter where {FILLED}") == [["0"]], what="the rows are gone")


def test_no_space_on_the_disk():
    with Post('letters = "none"') as s:
        s.fill(3000)
        folder = s.data / "letters"
        folder.mkdir()
        owner = pwd.getpwnam(SERVICE_USER) if os.geteuid() == 0 else None
        with small_disk(folder, 1 << 20, owner) as small:
            if not small:
                return
            ballast = fill_disk(folder / "ballast")
            ballast.write_bytes(b"")
            fill_disk(ballast)
            job = s.cut()
            until(lambda: "No space left" in s.jobs(f"/{job}")[1].get("trouble", ""), what="the trouble")
            until(lambda: s.folders() == ["ballast"], what="nothing half is left")
            assert s.sql("select count(*) from directmail.letter where state = 'cut'") == [["3000"]], "nobody else takes them"
            until(lambda: "No space left" in s.run("status", check=False).stdout, what="it is told in status")
            ballast.unlink()
            s.sql("update directmail.job set again_at = null")
            name = s.job(job, "sent")["name"]
            assert len(s.rows(name)) == 3000 and s.folders() == [name], s.folders()
            s.whole(name)
            s.stop()


class PrintHouse(http.server.BaseHTTPRequestHandler):
    """Takes files by PUT, for whom has the token; breaks the second one off half-way, once."""
    files, broke, puts = {}, False, 0
    hold, held = None, False  # an event: what comes is not taken before
    refuses = False

    def do_PUT(self):
        size = int(self.headers["Content-Length"])
        if PrintHouse.hold:
            PrintHouse.held = True
            PrintHouse.hold.wait(60)
        PrintHouse.puts += 1
        if PrintHouse.refuses or self.headers.get("Authorization") != "Bearer secret":
            self.send_error(403)
        elif PrintHouse.puts == 2 and not PrintHouse.broke:
            PrintHouse.broke = True
            self.rfile.read(size // 2)
            self.connection.close()
        else:
            PrintHouse.files[self.path] = self.rfile.read(size)
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def do_GET(self):
        if PrintHouse.files is None:
            self.send_error(500)
            return
        body = PrintHouse.files.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def print_house():
    """Its address and certificate."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key", "-out", f"{folder}/ca", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/ca", f"{folder}/key")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), PrintHouse)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}/jobs/", f"{folder}/ca"
        finally:
            server.shutdown()
            server.server_close()


def goes(s, number):
    """The job is sent in the end: what fails is tried again, here without waiting."""
    def sent():
        s.sql("update directmail.job set again_at = null where state = 'released'")
        return s.jobs(f"/{number}")[1]["state"] == "sent"
    until(sent, what="the upload")
    return s.jobs(f"/{number}")[1]


def test_an_upload_by_https_that_breaks_off_is_done_again_and_never_twice():
    with print_house() as (url, ca), Post(f'letters = "none", upload = {{ url = "{url}", token = "secret", ca = "{ca}" }}') as s:
        s.fill(30)
        number = s.cut()
        until(lambda: "manifest.json" in s.jobs(f"/{number}")[1].get("trouble", ""), what="the trouble")
        assert s.sql("select count(*) from touch where state = 'sent'") == [["0"]], "what did not arrive is not sent"
        job = goes(s, number)
        assert job["remote"] == f"{url}{job['name']}", job
        here = s.data / "letters" / job["name"]
        assert PrintHouse.files == {f"/jobs/{job['name']}/{file.name}": file.read_bytes() for file in here.iterdir()}
        until(lambda: s.sql("select state, count(*) from touch group by 1") == [["sent", "30"]], what="sent")
        puts = PrintHouse.puts
        s.sql("update directmail.job set state = 'released'")  # as if the process had died before it wrote that
        goes(s, number)
        assert PrintHouse.puts == puts, "what is there is not brought twice"
        # part of it was marked when the process died: what has gone is not called back
        left = "update directmail.job set state = 'released', trouble = 'an old one', again_at = now() + interval '1 hour'"
        s.sql(f"{left}; update directmail.letter set state = 'cut' where place > 10")
        assert s.jobs(f"/{number}/cancel", {})[0] == 409
        # none was: the print house is asked before its job is called back, and a job that it has is sent
        house, PrintHouse.files = PrintHouse.files, None
        s.sql(f"{left}; update directmail.letter set state = 'cut'")
        assert s.jobs(f"/{number}/cancel", {})[0] == 200
        until(lambda: "whether the print house has it" in s.jobs(f"/{number}")[1].get("trouble", ""), what="the trouble: nobody knows")
        assert s.folders() == [job["name"]] and s.sql("select distinct state from directmail.letter") == [["cut"]]
        PrintHouse.files = house
        s.sql("update directmail.job set again_at = null")
        goes(s, number)
        assert s.sql("select distinct state from directmail.letter") == [["sent"]] and s.folders() == [job["name"]] and PrintHouse.puts == puts
        # nothing is brought while the channel is stopped
        s.stopped("stop")
        PrintHouse.files = {}
        s.sql("update touch set state = 'queued', over_at = null")
        s.sql(f"{left}; update directmail.letter set state = 'cut'; update directmail.job set again_at = null")
        until(lambda: "is the channel stopped" in s.jobs(f"/{number}")[1].get("trouble", ""), what="the trouble: the channel is stopped")
        assert PrintHouse.puts == puts and PrintHouse.files == {}
        # one that it has not is called back
        PrintHouse.files = {}
        s.sql(f"{left}; update directmail.letter set state = 'cut'")
        assert s.jobs(f"/{number}/cancel", {"letters": "drop"})[0] == 200
        s.job(number, "cancelled")
        assert s.folders() == []


def test_an_upload_that_was_refused_goes_once_when_a_stopped_channel_is_resumed():
    PrintHouse.files, PrintHouse.broke, PrintHouse.refuses = {}, True, True
    with print_house() as (url, ca), Post(f'letters = "none", upload = {{ url = "{url}", token = "secret", ca = "{ca}" }}') as s:
        s.fill(30)
        number = s.cut()
        until(lambda: "403" in s.jobs(f"/{number}")[1].get("trouble", ""), what="the trouble: it is refused")
        s.stopped("stop")

        def stands():
            s.sql("update directmail.job set again_at = null, tries = 9 where trouble like '%403%'")  # as one that was refused all day, and whose next try has come
            return "is the channel stopped" in s.jobs(f"/{number}")[1].get("trouble", "")
        until(stands, what="the trouble: the channel is stopped")
        PrintHouse.refuses, puts = False, PrintHouse.puts
        s.stopped("resume")
        job = s.job(number, "sent")  # by itself, and soon: what waited for the channel does not wait as who was refused
        here = s.data / "letters" / job["name"]
        assert PrintHouse.files == {f"/jobs/{job['name']}/{file.name}": file.read_bytes() for file in here.iterdir()}
        assert PrintHouse.puts - puts == len(PrintHouse.files), "each file once"
        until(lambda: s.sql("select state, count(*) from touch group by 1") == [["sent", "30"]], what="sent")
        for _ in range(2):
            assert s.jobs(f"/{number}/acknowledge", {"reference": "R-1"})[0] == 200
        assert s.jobs(f"/{number}")[1]["acknowledged"] == "R-1" and s.jobs(f"/{number}/acknowledge", {"reference": "R-2"})[0] == 409


@contextlib.contextmanager
def sftp_server():
    """OpenSSH on the loopback for this user: the setting `upload`, and the folder that it leads to."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nurture-test-sftp-"))
    port, me = free_port(), pwd.getpwuid(os.geteuid())
    os.chmod(folder, 0o755)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    if me.pw_uid == 0:
        os.makedirs("/run/sshd", exist_ok=True)
        shutil.chown(folder / "user", SERVICE_USER)
    (folder / "keys").write_text((folder / "user.pub").read_text())
    (folder / "known").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    (folder / "conf").write_text(f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/keys\nStrictModes no\nUsePAM no\nPidFile none\n"
                                 "PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n")
    process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", folder / "conf"], stderr=subprocess.DEVNULL)
    try:
        yield (f'{{ url = "sftp://127.0.0.1:{port}{folder}/in/", user = "{me.pw_name}", key = "{folder}/user", known_hosts = "{folder}/known" }}', folder)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def test_an_upload_by_sftp_is_there_as_a_whole_or_not():
    if not os.path.exists("/usr/sbin/sshd"):
        return
    with sftp_server() as (upload, folder), Post(f'letters = "none", upload = {upload}') as s:
        (folder / "in").write_text("no folder")
        s.fill(30)
        number = s.cut()
        until(lambda: s.jobs(f"/{number}")[1].get("trouble"), what="the trouble")
        (folder / "in").unlink()
        (folder / "in").mkdir()
        job = goes(s, number)
        here, there = s.data / "letters" / job["name"], folder / "in" / job["name"]
        assert os.listdir(folder / "in") == [job["name"]], "under its own name alone"
        assert {file.name: file.read_bytes() for file in there.iterdir()} == {file.name: file.read_bytes() for file in here.iterdir()}
        before = (there / "data.csv").stat().st_mtime_ns
        s.sql("update directmail.job set state = 'released'")
        goes(s, number)
        assert (there / "data.csv").stat().st_mtime_ns == before and os.listdir(folder / "in") == [job["name"]]
        # another host under that name gets nothing
        (folder / "known").write_text(f"{(folder / 'known').read_text().split()[0]} {(folder / 'user.pub').read_text()}")
        s.sql("delete from directmail.letter; delete from touch; delete from lead")
        s.fill(5)
        number = s.cut()
        until(lambda: s.jobs(f"/{number}")[1].get("trouble"), what="the strange host is refused")
        assert os.listdir(folder / "in") == [job["name"]]


def test_letters_wait_a_bad_address_is_undeliverable_and_a_day_is_kept():
    while time.strftime("%H:%M", time.gmtime()) > "23:50":
        time.sleep(1)  # the day of the test is one day
    post = Post('at = "00:00", gather_minutes = 0')
    (post.folder / "playbook/campaigns/today.lua").write_text(
        'campaign "today" { title = "Today", enter = on "form.submit" { subject = "today" }, again = "always",\n'
        f'  step "letter" {{ letter "hello" {{ drop = "{time.strftime("%A", time.gmtime())}", hours = "any" }} }},\n'
        '  step "sent" { set { source = "sent" }, leave "sent" } }\n')
    with post as s:
        s.make("anna", 1)
        s.make("bert", 2, city="")
        s.order("anna", "bert")
        s.waiting(1)
        until(lambda: s.source("bert") == "bad", what="the address without a city is undeliverable")
        assert s.sql("select reason from touch where state = 'rejected'") == [["the address has no city that a post can do with"]]
        # what has a day is cut on it by itself; what has none waits for a count, a day of the channel, or a person
        s.make("carl", 3)
        s.order("carl", what="today")
        until(lambda: s.source("carl") == "sent", what="the letter of today")
        job = s.sql("select name, letters, begun_by, drop_on from directmail.job")
        assert job == [[job[0][0], "1", "its day", time.strftime("%Y-%m-%d", time.gmtime())]], job
        assert s.sql("select state from directmail.letter where campaign = 'post'") == [["waiting"]]
        s.run("erase", "anna@example.com", "--yes")
        until(lambda: s.sql("select count(*) from channel_forget") == [["0"]], what="forgotten")
        assert s.sql("select count(*) from directmail.letter where campaign = 'post'") == [["0"]]


if __name__ == "__main__":
    with Post(f"approval = true, {COSTS}, {SENDER}, {SEEDS}") as s:  # of the tests that need no other
        run_tests(globals())
