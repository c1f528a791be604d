#!/usr/bin/env python3
"""Tokens, secrets, rights (TRUST 2, 3, 13, 18, 19, 36, 37): what processes may do, what of a secret can be seen, what a guessed or a dead
token is worth, what hostile words and file names do to commands."""
import os
import pathlib
import pwd
import re
import socket
import stat
import subprocess
import sys
import tempfile
import urllib.parse

import nurture
from nurture import BINARY, ENVIRONMENT, SERVICE_USER, SOURCE, Server, run_tests, until

sys.path.append(str(SOURCE / "tests/tools"))
from postgres import Postgres  # noqa: E402

SECRET = "s3cr3t-Pa55w0rd"
WEAPONS = ["1'; drop table lead; --", "' or '1'='1", "9223372036854775808", "-9223372036854775809", "1e308", "NaN", "\\'", "$1", "%s%n", "a\u202eb", "x" * 5000]
ROOT = os.geteuid() == 0
s = None


def status_of(pid):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


def below():
    """Every process of the server but the master, PostgreSQL's too."""
    postgres = [pid for postmaster in s.postgres_left() for pid in s.tree(postmaster)]
    assert postgres and len(s.tree()) > 4
    return [pid for pid in s.tree() + postgres if pid != s.process.pid and os.path.exists(f"/proc/{pid}")]


def test_workers_and_the_database_have_no_rights_and_get_none():
    user = pwd.getpwnam(SERVICE_USER)
    for pid in below():
        try:
            has = status_of(pid)
        except FileNotFoundError:
            continue  # a backend that just ended
        title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        if ROOT:
            assert set(has["Uid"].split()) == {str(user.pw_uid)} and set(has["Gid"].split()) == {str(user.pw_gid)}, (title, has)
            assert set(has["Groups"].split()) <= {str(g) for g in os.getgrouplist(user.pw_name, user.pw_gid)}, (title, has["Groups"])
        assert has["NoNewPrivs"] == "1" and not any(int(has[f"Cap{k}"], 16) for k in ("Inh", "Prm", "Eff", "Amb")), (title, has)
        assert not ROOT or int(has["CapBnd"], 16) == 0, (title, has["CapBnd"])


def test_nobody_else_reads_what_a_process_holds():
    pids = s.workers("web") + s.workers("engine") + s.workers("delivery") + s.workers("jobs") + [s.process.pid]
    assert len(pids) == 5
    for pid in pids:
        assert os.stat(f"/proc/{pid}/environ").st_uid == 0, pid  # not dumpable: root's, whoever runs it
        limit = re.search(r"Max core file size\s+(\d+)\s+(\d+)", pathlib.Path(f"/proc/{pid}/limits").read_text())
        assert limit and limit.groups() == ("0", "0"), pid
        if ROOT:
            for what in ("environ", "mem", "maps"):
                read = subprocess.run(["setpriv", f"--reuid={SERVICE_USER}", "--clear-groups", "head", "-c1", f"/proc/{pid}/{what}"], capture_output=True)
                assert read.returncode and b"denied" in read.stderr, (pid, what, read)


def test_what_is_in_the_data_folder_is_nobody_elses():
    for path in [s.data, *s.data.rglob("*")]:
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue
        assert stat.S_ISLNK(mode) or not mode & 0o022, (path, oct(mode))
    for closed in ("run", "postgres"):
        assert stat.S_IMODE((s.data / closed).stat().st_mode) == 0o700, closed
    if ROOT:  # not even through the socket
        asked = subprocess.run(["setpriv", "--reuid=postgres", "--clear-groups", "psql", "-h", s.data / "run", "-U", "nurture_owner", "nurture"],
                               capture_output=True, cwd="/", stdin=subprocess.DEVNULL)
        assert asked.returncode and b"ermission denied" in asked.stderr, asked.stderr


def test_workers_ask_the_database_as_the_role_that_may_little():
    rows = until(lambda: s.sql("select distinct usename from pg_stat_activity where application_name ~ '^(nurture|engine|delivery|jobs|web)'"), what="workers at the database")
    assert rows == [["nurture_runtime"]], rows
    assert s.sql("select has_database_privilege('nurture_runtime', 'nurture', 'temporary')") == [["f"]]
    assert s.sql("select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls from pg_roles where rolname = 'nurture_runtime'") == [["f"] * 5]


def test_tables_are_their_owners_and_the_server_has_another_role():
    with Postgres(max_connections="60") as database:
        database.sql("create role nurture_runtime; create role app login in role nurture_runtime; create role keeper login;"
                     "grant nurture_runtime to keeper; grant create, usage on schema public to keeper")
        conninfo = f"host={database.folder} dbname=nurture user="
        with Server(playbook="scripts", config=f'database = "{conninfo}app"\ndatabase_owner = "{conninfo}keeper"\npostal_address = "Street 1"\n'
                    'channel "email" { plugin = "email", relay = "maildir:outbox", from = "N <n@example.com>" }') as server:
            token = server.token("write")
            assert server.lead({"email": "l@example.com"}, token)["email"] == "l@example.com"
            used = database.sql("select distinct usename from pg_stat_activity where datname = 'nurture' and pid <> pg_backend_pid()").split()
            assert used == ["app"], used
            assert database.sql("select distinct tableowner from pg_tables where schemaname = 'public'").split() == ["keeper"]
            for words in ("create table x ()", "drop table lead", "delete from audit", "reset role; create table x ()"):
                done = subprocess.run(["psql", f"{conninfo}app", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", words], capture_output=True, text=True, timeout=60)
                assert done.returncode and ("permission denied" in done.stderr or "must be owner" in done.stderr), (words, done)


def test_a_secret_is_shown_nowhere():
    token = s.token("read")
    seen = {"config": s.run("config").stdout, "log": s.log_text(), "status": s.run("status").stdout + s.run("status", "--json").stdout,
            "plugin list": s.run("plugin", "list").stdout, "health": str([s.request("GET", p) for p in ("/readyz", "/healthz", "/metrics", "/nothing")]),
            "errors": str([s.request("GET", f"/v1/leads/{w}", token=token)[1] for w in ("env(x)", "{{relay}}", "0")]),
            "dump": subprocess.run(["pg_dump", "-h", s.data / "run", "-U", "nurture_owner", "nurture"], capture_output=True, text=True, check=True, cwd="/").stdout,
            "ps": str([pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() for pid in [s.process.pid, *below()] if os.path.exists(f"/proc/{pid}")])}
    for where, text in seen.items():
        assert text and SECRET not in text, where
    assert token not in seen["dump"] and token not in seen["log"]
    assert "***" in seen["config"] and len(seen["dump"]) > 10000


def test_what_the_master_was_given_is_in_no_other_process_s_environment():
    assert s.run("config").stdout.count("***") and SECRET.encode() in pathlib.Path(f"/proc/{s.process.pid}/environ").read_bytes()
    looked = 0
    for pid in below():
        try:
            has = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:  # not root: not dumpable, so nobody else's either
            continue
        looked += 1
        assert SECRET.encode() not in has and b"NURTURE_" not in has, (pid, has)
        assert has.startswith(b"postgres: ") or b"PATH=" in has or not has.strip(b"\0"), (pid, has)  # PostgreSQL writes its titles there
    assert looked > 4 or not ROOT
    # and the channel has its secret all the same: the relay is asked with it
    assert s.request("GET", "/readyz")[0] in (200, 503) and "worker.failed" not in s.log_text()


def test_a_configuration_that_only_root_reads_is_enough():
    assert stat.S_IMODE(s.conf.stat().st_mode) == 0o600 and s.request("GET", "/readyz")[0] in (200, 503)
    if ROOT:
        read = subprocess.run(["setpriv", f"--reuid={SERVICE_USER}", "--clear-groups", "cat", s.conf], capture_output=True)
        assert read.returncode and SECRET.encode() not in read.stdout


def test_a_token_works_until_it_ends_and_nowhere_but_in_its_header():
    token, dead, gone = s.token("read"), s.run("token", "create", "--scope", "read", "--expires", "1 hour").stdout.strip(), s.token("read")
    for t in (token, dead, gone):
        assert re.fullmatch(r"nt_[A-Za-z0-9_-]{43}", t) and s.get("/v1/leads", t)[0] == 200
    for headers in ({"Authorization": f"Basic {token}"}, {"Authorization": token}, {"Authorization": f"Bearer {token}x"}, {"Authorization": f"Bearer {token[:-1]}"},
                    {"Authorization": f"Bearer {token.swapcase()}"}, {"Authorization": "Bearer "}, {"Cookie": f"token={token}"}, {"X-Api-Key": token}):
        assert s.request("GET", "/v1/leads", headers=headers)[0] == 401, headers
    for query in (f"?token={token}", f"?access_token={token}", f"?Authorization=Bearer%20{token}"):
        assert s.request("GET", f"/v1/leads{query}")[0] == 401, query
    number = {r[0]: r[1] for r in s.sql("select case when expires_at is null then 'gone' else 'dead' end, max(token_id) from api_token group by 1")}
    s.sql("update api_token set expires_at = clock_timestamp() where expires_at is not null")
    s.run("token", "revoke", number["gone"])
    for t in (dead, gone):
        until(lambda: s.get("/v1/leads", t)[0] == 401, 60, "the end of the token")
    assert s.get("/v1/leads", token)[0] == 200
    listed = s.run("token", "list").stdout
    assert not any(t in listed or t[3:] in listed for t in (token, dead, gone)) and "expires" in listed
    assert s.sql("select count(*) from api_token where position('nt_' in encode(hash, 'escape')) > 0 or length(hash) <> 32") == [["0"]]
    for wrong in ("", "0 days", "yesterday", "100 years", "-1 day", "1 hour; drop table lead"):
        done = s.run("token", "create", "--scope", "read", "--expires", wrong, check=False)
        assert done.returncode == 2 and "90 days" in done.stderr and not done.stdout, (wrong, done)
    assert re.match(r"\d+ entries, each follows", s.run("audit", "verify").stdout)
    acts = s.run("audit", "list").stdout
    assert "token.create" in acts and "token.revoke" in acts and "command " in acts, acts


def test_a_guessed_link_is_worth_nothing_and_all_wrong_ones_are_answered_alike():
    with Server(playbook="scripts", config='postal_address = "Acme, Street 1"\nchannel "email" { plugin = "email", relay = "maildir:outbox", from = "N <n@example.com>" }') as m:
        token = m.token("write")
        for name in ("ann", "bob"):
            m.lead({"email": f"{name}@example.com", "first_name": name, "country": "US"}, token)
            m.post("/v1/events", {"email": f"{name}@example.com", "verb": "asset.download", "subject": "security-guide"}, token)
        until(lambda: len(m.mails()) == 2, 90, "both mails")
        ann, bob = (re.search(r"/u/([^>]+)>", mail["List-Unsubscribe"]).group(1) for mail in sorted(m.mails(), key=lambda mail: mail["To"]))
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        flipped = [ann[:i] + letters[letters.index(ann[i]) ^ 1 << i % 6] + ann[i + 1:] for i in range(len(ann))]
        half = len(ann) // 2
        wrong = flipped + [ann[:n] for n in (1, 10, half, len(ann) - 1)] + [ann + "A", ann + "=", ann.swapcase(), ann[::-1], ann[:half] + bob[half:],
                                                                             "A" * len(ann), "1", "2", "64", "128", "null", "a" * 3000]

        def answer(method, path):
            status, body, headers = m.request(method, path, b"List-Unsubscribe=One-Click" if method == "POST" else None)
            return status, str(body), tuple(sorted((k, v) for k, v in headers.items() if k != "Date"))

        for method in ("GET", "POST"):
            answers = {answer(method, f"/u/{t}") for t in wrong}
            assert len(answers) == 1 and next(iter(answers))[0] in (400, 404), answers
        assert m.sql("select count(*) from consent") == [["0"]]
        for _ in range(50):  # and looking at a right one changes nothing
            assert m.request("GET", f"/u/{ann}")[0] == 200 and m.request("HEAD", f"/u/{ann}")[0] == 200
        for path in (f"/c/{ann}", f"/c/{ann}?url=//evil.example", "/c/https://evil.example", "/c//evil.example", "/c/%5c%5cevil.example", "/c/javascript:alert(1)",
                     f"/c/{ann}%0d%0aLocation:%20//evil.example", f"/o/{ann}.gif", f"/d/{ann}"):
            status, body, headers = m.request("GET", path)
            assert (status >= 400 or path.startswith("/o/")) and "Location" not in headers and "evil" not in str(headers), (path, status, headers)  # the picture is anybody's
        assert m.sql("select count(*) from consent") == [["0"]] and m.sql("select count(*) from event where verb ~ 'open|click|unsubscribe|consent'") == [["0"]]
        for kind, body in (("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"), ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
                           ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n')):
            status, _, headers = m.request("POST", f"/u/{bob}", body, headers={"Content-Type": kind, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
            assert status == 200 and "Location" not in headers and "Set-Cookie" not in headers, (kind, status)
        withdrawn = m.sql("select distinct l.email, c.state from consent c join lead l using (shard, lead_id)")
        assert withdrawn == [["bob@example.com", "withdrawn"]], withdrawn


def test_sql_in_anything_is_a_word():
    token = s.token("admin")
    s.lead({"email": "only@example.com"}, token)
    for weapon in WEAPONS:
        w = urllib.parse.quote(weapon, safe="")
        paths = [f"/v1/leads/{w}", f"/v1/leads/{w}/score", f"/v1/leads/{w}/timeline", f"/v1/accounts/{w}", f"/v1/opportunities/{w}", f"/v1/campaigns/{w}",
                 f"/v1/campaigns/{w}/enrollments", f"/v1/reports/{w}", f"/v1/leads?cursor={w}", f"/v1/leads?limit={w}", f"/v1/leads?sort={w}", f"/v1/leads?{w}={w}",
                 f"/v1/leads/only@example.com/timeline?cursor={w}"]
        for path in paths:
            status, body = s.get(path, token)
            assert status < 500 or status == 501, (path, status, body)
            assert not re.search(r"syntax error|SQLSTATE|relation|unterminated|PG::|libpq", str(body)), (path, body)
        for body in ({"email": "x@example.com", weapon[:50]: 1}, {"email": "x@example.com", "first_name": weapon[:200]}, {"lead": weapon[:100], "verb": "page.view"}):
            status, answer = s.post("/v1/events" if "verb" in body else "/v1/leads", body, token)
            assert status < 500, (body, status, answer)
    for weapon in WEAPONS[:5]:
        for command in (("lead", weapon), ("score", weapon), ("touch", "drop", weapon), ("job", "cancel", weapon), ("token", "revoke", weapon)):
            done = s.run(*command, check=False)
            assert done.returncode in (1, 2) and not re.search(r"syntax error|SQLSTATE|relation", done.stderr), (command, done)
    assert s.sql("select count(*) from lead where email = 'only@example.com'") == [["1"]]


def test_words_from_outside_do_not_steer_a_terminal_nor_the_log():
    token = s.token("write")
    evil = "A\u202enna\u2066\x9b31m\u061c\u2028x"
    s.lead({"email": "evil@example.com", "first_name": evil, "source": "referral"}, token)
    s.post("/v1/events", {"email": "evil@example.com", "verb": "page.view", "subject": "/\u202e\u200f"}, token)
    s.request("GET", "/v1/leads/%1b%5d0;x%07%e2%80%ae", token=token, headers={"User-Agent": "\x1b[31m"})
    hidden = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
    for command in (("lead", "evil@example.com"), ("score", "evil@example.com", "--explain"), ("status",), ("job", "list"), ("report", "stages")):
        out = s.run(*command).stdout
        assert not hidden.search(out), (command, out)
    assert not hidden.search(s.log_text().replace("\n", ""))
    assert "\\xe2\\x80\\xae" in s.run("lead", "evil@example.com").stdout


def test_no_name_of_a_file_leads_astray():
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        where.chmod(0o755)
        os.mkfifo(where / "fifo")
        (where / "map.lua").write_text('return { columns = { email = "email" } }')
        (where / "leads.csv").write_text("email\na@example.com\n")
        (where / "link").symlink_to(where / "leads.csv")
        for file in ("/dev/zero", "/dev/full", where / "fifo", where, where / "nothing", "/proc/self/mem", "x\n\x1b[31m", "../" * 40 + "etc/shadow"):
            done = subprocess.run([BINARY, "import", str(file), "--map", where / "map.lua", "--config", s.conf], capture_output=True, text=True, timeout=120, env=SECRETS, cwd="/")
            assert done.returncode in (1, 2) and done.stderr, (file, done)
            done = subprocess.run([BINARY, "config", "--config", str(file)], capture_output=True, text=True, timeout=120, env=SECRETS, cwd="/")
            assert done.returncode in (1, 2) and done.stderr and "root:" not in done.stderr, (file, done)
            done = s.run("import", where / "leads.csv", "--map", file, check=False)
            assert done.returncode in (1, 2) and "root:" not in done.stderr, (file, done)
            done = s.run("check", file, check=False)
            assert done.returncode in (1, 2), (file, done)
        for name in ("../email", "/etc/passwd", "email.so", "..", "%2e%2e%2femail", "email/../email", ""):
            conf = where / "nurture.conf"
            conf.write_text(f'data_dir = "{where}/data"\nplugin_dir = "{nurture.BUILD}/plugins"\nchannel "email" {{ plugin = "{name}" }}')
            done = subprocess.run([BINARY, "config", "--config", conf], capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
            assert done.returncode == 1 and "plugin" in done.stderr, (name, done)


def test_config_refuses_what_serve_refuses_and_in_the_same_words():
    with tempfile.TemporaryDirectory() as folder:
        conf, wrong = pathlib.Path(folder, "nurture.conf"), [
            'channel "email" { plugin = "emial", relay = "maildir:outbox", from = "N <n@example.com>" }', 'playbook = "/nowhere"', f'data_dir = "/tmp/{"x" * 90}"',
            'channel "email" { plugin = "email", relay = "pigeon:post", from = "N <n@example.com>" }', "data_dir = \"/tmp/it's\"",
            'listen = "nowhere"', 'user = "nobody-of-this-name"' if ROOT else 'watchdog = "x"', 'user = "root"' if ROOT else 'drain = "x"']
        for line in wrong:
            head = "" if "data_dir" in line else f'data_dir = "{folder}/data"\n'
            conf.write_text(f'{head}plugin_dir = "{nurture.BUILD}/plugins"\n{line}\n')
            told = [subprocess.run([BINARY, command, "--config", conf], capture_output=True, text=True, timeout=60, env=ENVIRONMENT) for command in ("config", "serve")]
            said = [done.stderr.strip().split("\n")[-1] for done in told]
            assert [done.returncode for done in told] == [1, 1] and said[0] == said[1] and said[0], (line, told)
        assert s.run("config").returncode == 0


def test_a_plugin_that_is_only_asked_has_no_rights_either():
    with tempfile.TemporaryDirectory() as folder:
        conf = pathlib.Path(folder, "nurture.conf")
        conf.write_text(f'data_dir = "{folder}/data"\nplugin_dir = "{nurture.BUILD}/tests/plugins"\nuser = "{SERVICE_USER}"\n'
                        'channel "email" { plugin = "puppet", act = "no-root" }\n')
        done = subprocess.run([BINARY, "config", "--config", conf], capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
        assert done.returncode == 0, done


def main():
    global s, SECRETS
    with socket.socket() as closed:  # bound and never listening: the relay is down
        closed.bind(("127.0.0.1", 0))
        relay = f'relay = "smtp://mailer:" .. env("NURTURE_TEST_SECRET") .. "@127.0.0.1:{closed.getsockname()[1]}"'
        SECRETS = {**ENVIRONMENT, "NURTURE_TEST_SECRET": SECRET}
        nurture.ENVIRONMENT = SECRETS
        s = Server(playbook="scripts", config=f'postal_address = "Acme, Street 1"\nchannel "email" {{ plugin = "email", {relay}, from = "N <n@example.com>" }}')
        s.conf.chmod(0o600)
        with s:
            run_tests(globals())


if __name__ == "__main__":
    main()
