#!/usr/bin/env python3
"""What marketing ops do with playbooks: publish, go back, watch; and folders that are no playbooks."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from nurture import BINARY, ENVIRONMENT, Server, run_tests, until

HEAD = 'playbook "x" { title = "X", time_zone = "Europe/Berlin" }\nconsent "email" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n'
MODEL = 'model "m" {{ title = "M", from = 0, to = 100, rule "r" {{ points = {points} }} }}\nmodel "n" {{ title = "N", from = 0, to = 100, rule "r" {{ points = {points} }} }}\n'
WALK = 'campaign "c" {{ title = "C", enter = on "page.view", step "one" {{ wait "10 days", alert "note" {{ to = "p" }} }}, step "{second}" {{ wait "200 days", leave "over" }} }}\n' \
       'person "p" {{ name = "P", email = "p@example.com" }}\n'


def write(folder, text, **files):
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "playbook.lua").write_text(text)
    (folder / "templates/email").mkdir(parents=True, exist_ok=True)
    (folder / "templates/email/note.md").write_text("---\nsubject: Look\n---\nLook.\n")
    return folder


def state_a(folder):
    return write(folder, HEAD + MODEL.format(points=3) + WALK.format(second="two"))


def check(folder):
    conf = folder.parent / "empty.conf"
    conf.write_text("")
    return subprocess.run([BINARY, "check", folder, "--config", conf], capture_output=True, text=True, errors="replace", timeout=60, env=ENVIRONMENT)


def test_a_folder_that_is_no_playbook_is_refused_and_the_file_named():
    root = pathlib.Path(tempfile.mkdtemp(prefix="nurture-folder-"))
    try:
        folder = state_a(root / "playbook")
        assert check(folder).returncode == 0, check(folder)

        def refused(name, word):
            done = check(folder)
            assert done.returncode == 1 and name in done.stderr + done.stdout and word in done.stderr + done.stdout, (name, done)
        odd = folder / "odd.lua"
        odd.symlink_to("/etc/passwd")
        refused("odd.lua", "symbolic link")
        odd.unlink()
        (folder / "there").symlink_to("/etc")
        refused("there", "symbolic link")
        (folder / "there").unlink()
        os.mkfifo(odd)
        refused("odd.lua", "not a regular file")
        odd.unlink()
        os.truncate(os.open(odd, os.O_CREAT | os.O_WRONLY), 100 * 1024 * 1024)
        refused("odd.lua", "larger than 4 MB")
        odd.unlink()
        odd.write_bytes(b"x" * (1 << 20) + b"y")
        refused("odd.lua", "longer than a megabyte")
        odd.write_bytes(b"\xff\xfe\x00segment")
        refused("odd.lua", "another encoding")
        odd.write_bytes(b"field \"a\" { type = \"text\0\" }")
        refused("odd.lua", "odd.lua:1")
        odd.unlink()
        bad = os.fsencode(folder) + b"/odd\xff\x1b[31m.lua"
        open(bad, "w").close()
        refused("odd", "not UTF-8")
        os.unlink(bad)
        deep = folder / "/".join("d" * 20)
        deep.mkdir(parents=True)
        (deep / "x.lua").write_text("")
        refused("d/d/d", "too deeply")
        shutil.rmtree(folder / "d")
        if os.geteuid():  # root may read everything
            odd.touch(0)
            refused("odd.lua", "cannot open")
            odd.unlink()
        # what editors leave behind is passed over; what Windows writes is read
        (folder / ".odd.lua.swp").write_bytes(b"\0\xff")
        (folder / "odd.lua~").write_bytes(b"(")
        (folder / "playbook.lua").write_bytes(b"\xef\xbb\xbf" + (folder / "playbook.lua").read_bytes().replace(b"\n", b"\r\n"))
        (folder / "templates/email/note.md").write_bytes(b"\xef\xbb\xbf---\r\nsubject: Look\r\n---\r\nLook.\r\n")
        assert check(folder).returncode == 0, check(folder)
    finally:
        shutil.rmtree(root)


def test_going_back_strands_nobody_unless_told_to_and_who_was_held_goes_on():
    root = pathlib.Path(tempfile.mkdtemp(prefix="nurture-folder-"))
    root.chmod(0o755)
    a, b = state_a(root / "a"), write(root / "b", HEAD + MODEL.format(points=5) + WALK.format(second="three"))
    with Server(playbook=a) as s:
        first = s.get("/readyz")[1]["revision"]
        token = s.token("write")
        s.post("/v1/events", [{"email": f"l{i}@example.com", "verb": "page.view", "subject": "/"} for i in range(7)], token)

        def standing(step, state="active"):
            return int(s.sql(f"select count(*) from enrollment where step = '{step}' and state = '{state}'")[0][0])

        def days_pass(step):
            """Whoever waits at this step has waited long enough. Said again until it is seen: a turn that is on its way may write when it wakes the lead after this."""
            s.sql(f"update enrollment set due_at = now() where step = '{step}'; update lead_wake set wake_at = now()")
        until(lambda: standing("one") == 7, 60, "seven leads on step one")
        until(lambda: standing("two") == 7 or days_pass("one"), 60, "seven leads on step two")
        refused = s.run("publish", b, "--yes", check=False)
        assert refused.returncode == 1 and '7 leads stand on step "two" of campaign "c", which is gone.' in refused.stderr, refused
        assert s.sql("select count(*) from activation") == [["1"]], "refused means nothing changed"
        parked = json.loads(s.run("publish", b, "--hold", "-m", "second", "--json", "--yes").stdout)
        assert parked["activation"] == 2 and parked["changed"] and parked["parked"] == 7, parked
        until(lambda: standing("two", "held") == 7, 60, "seven leads held")
        assert s.sql("select count(*) from enrollment where reason like '%is gone%'") == [["7"]]
        assert s.sql("select count(*) from enrollment_log where what = 'error'") == [["7"]], "said once each"
        said = s.run("status").stdout
        assert "7 enrollments are held" in said and '7 in campaign "c", step "two": step "two" is gone' in said, said
        assert json.loads(s.run("status", "--json").stdout)["enrollments_held"][0]["count"] == 7
        assert "\nnurture_enrollments_held 7\n" in s.request("GET", "/metrics")[1]
        # the same again parks them no second time
        again = s.run("publish", b, "--hold", "--yes").stdout
        assert "nothing changed" in again and "parked" not in again, again
        # what has nothing to do with them is published without a word about stranding
        c = write(root / "c", HEAD + MODEL.format(points=6) + WALK.format(second="three"))
        assert "7 leads stay parked" in s.run("preview", c).stdout
        later = s.run("publish", c, "--yes").stdout
        assert "activation 3" in later and "7 enrollments are parked since an earlier revision" in later, later
        # A again: the step is back, and they walk on to the end
        assert "activation 4" in s.run("rollback", first, "--hold", "--yes").stdout
        until(lambda: standing("two") == 7, 60, "seven leads on step two again")
        until(lambda: s.sql("select count(*) from enrollment where state = 'ended' and reason = 'over'") == [["7"]] or days_pass("two"), 120, "seven leads at the end")
        # A → B → C → A: four activations, three revisions, the same bytes
        rows = s.sql("select revision from activation order by activation")
        assert len(rows) == 4 and rows[0] == rows[3] != rows[1] != rows[2], rows
        assert s.sql("select count(*) from revision") == [["3"]]
        until(lambda: s.sql("select distinct points from score") == [["3"]], 60, "the scores of A")
        assert s.run("rollback", "ffff", check=False).returncode == 1
        assert "there is no revision ffff" in s.run("rollback", "ffff", check=False).stderr
    shutil.rmtree(root)


def test_publishing_while_leads_are_decided_decides_each_by_one_revision():
    root = pathlib.Path(tempfile.mkdtemp(prefix="nurture-folder-"))
    root.chmod(0o755)
    states = [write(root / str(i), HEAD + MODEL.format(points=i + 1)) for i in range(4)]
    with Server(playbook=states[0]) as s:
        token = s.token("write")
        stop = threading.Event()

        def events():
            n = 0
            while not stop.is_set():
                s.post("/v1/events", [{"email": f"l{k}@example.com", "verb": "page.view", "subject": "/"} for k in range(n, n + 100)], token)
                n = (n + 100) % 300
        feeder = threading.Thread(target=events)
        feeder.start()
        try:
            for k in range(2):
                two = [threading.Thread(target=lambda f: s.run("publish", f, "-m", "race", "--yes"), args=(states[(k + i) % 4],)) for i in (1, 2)]
                for t in two:
                    t.start()
                for t in two:
                    t.join()
        finally:
            stop.set()
            feeder.join()
        until(lambda: s.sql("select count(*) from inbox") == [["0"]] and s.sql("select count(*) from job where state in ('waiting', 'running')") == [["0"]],
              180, "all turns")
        # the two models of a revision give the same points: a lead with a mix was decided half by one and half by another
        mixed = s.sql("select count(*) from score_change a join score_change b using (shard, lead_id, at) where a.name = 'm' and b.name = 'n' "
                      "and (a.new_points <> b.new_points or a.revision <> b.revision)")
        assert mixed == [["0"]], mixed
        active = s.sql("select r.revision from activation r order by activation desc limit 1")[0][0]
        bytes_ = s.sql(f"select convert_from(bytes, 'UTF8') from revision_file where revision = '{active}' and path = 'playbook.lua'")
        points = str(bytes_).split("points = ")[1].split()[0]
        assert s.sql("select distinct points from score") == [[points]], (points, s.sql("select points, count(*) from score group by 1"))
        assert s.sql("select count(*) from activation a join activation b on b.activation = a.activation + 1 and a.revision = b.revision") == [["0"]]
    shutil.rmtree(root)


def test_a_half_written_file_changes_nothing_and_heals_and_one_node_watches():
    root = pathlib.Path(tempfile.mkdtemp(prefix="nurture-folder-"))
    root.chmod(0o755)
    mine = state_a(root / "mine")
    with Server(config=f'playbook = "{mine}"\nwatch = true\n') as s:
        revision = s.get("/readyz")[1]["revision"]
        until(lambda: "watch.here" in s.log_text(), 60, "the watch")
        # a writer that takes its time, and closes in the middle
        whole = (HEAD + MODEL.format(points=9) + WALK.format(second="two")).encode()
        with open(mine / "playbook.lua", "wb") as f:
            f.write(whole[:len(whole) // 2])
        until(lambda: "not published" in s.run("status").stdout, 60, "the error in status")
        shown = s.run("status").stdout
        assert "playbook.lua:" in shown and f"revision {revision[:12]}" in shown, shown
        assert s.get("/readyz")[1]["revision"] == revision, "the old one goes on"
        with open(mine / "playbook.lua", "ab") as f:
            f.write(whole[len(whole) // 2:])
        until(lambda: s.get("/readyz")[1]["revision"] not in (None, revision), 60, "the healed one")
        until(lambda: "not published" not in s.run("status").stdout, 60, "the end of the error")
        # a second node on the same database, with a folder of its own
        other = write(root / "other", HEAD + MODEL.format(points=4))
        database = f'host={s.data}/run user=nurture_owner dbname=nurture'
        second = Server(config=f'playbook = "{other}"\nwatch = true\ndatabase = "{database}"\n')
        second.conf.write_text(second.conf.read_text().replace(f'public_url = "http://127.0.0.1:{second.port}"', f'public_url = "http://127.0.0.1:{s.port}"'))
        with second:  # nodes must agree on it, or they are not ready
            until(lambda: "watch.elsewhere" in second.log_text(), 60, "the word that another node watches")
            (other / "playbook.lua").write_text(HEAD + MODEL.format(points=44))
            (mine / "playbook.lua").write_text(HEAD + MODEL.format(points=5) + WALK.format(second="two"))
            until(lambda: s.sql("select count(*) from activation") == [["3"]], 60, "the first node's publish")
            assert s.sql("select count(*) from revision_file where position('points = 44'::bytea in bytes) > 0") == [["0"]]
            assert "watch.here" not in second.log_text()
    shutil.rmtree(root)


def test_playbooks_are_checked_published_and_taken_back_over_http():
    root = pathlib.Path(tempfile.mkdtemp(prefix="nurture-folder-"))
    root.chmod(0o755)
    with Server(playbook=state_a(root / "a")) as s:
        admin, writer = s.token("admin"), s.token("write")
        first = s.get("/v1/playbook", admin)[1]
        files = {"playbook.lua": HEAD + MODEL.format(points=8) + WALK.format(second="two"), "templates/email/note.md": "---\nsubject: Look\n---\nLook.\n"}
        assert s.post("/v1/playbook/publish", {"files": files}, writer)[0] == 403
        status, answer = s.post("/v1/playbook/check", {"files": files}, admin)
        assert (status, answer["good"], answer["errors"]) == (200, True, 0), answer
        assert s.sql("select count(*) from revision") == [["1"]], "a check publishes nothing"
        broken = {**files, "scoring/x.lua": 'model "z" {\n  rule "r" { point = 1 },\n}\n'}
        for act in ("check", "publish"):
            status, answer = s.post(f"/v1/playbook/{act}", {"files": broken}, admin)
            assert status == 422 and [(p["file"], p["line"]) for p in answer["problems"] if p["kind"] == "error"] == [("scoring/x.lua", 2)], (status, answer)
        assert s.get("/v1/playbook", admin)[1]["revision"] == first["revision"]
        status, answer = s.post("/v1/playbook/publish", {"files": files, "message": "by a tool"}, admin)
        assert status == 200 and answer["changed"] and answer["activation"] == 2, (status, answer)
        until(lambda: s.get("/readyz")[1]["revision"] == answer["revision"], 60, "the new one")
        now = s.get("/v1/playbook", admin)[1]
        who = "token " + s.sql("select token_id || ' ' || name from api_token where scope = 'admin'")[0][0]
        assert (now["author"], now["message"], now["revision"]) == (who, "by a tool", answer["revision"]), now
        assert s.sql("select actor from audit where act = 'playbook.activate' order by id desc limit 1") == [[who]]
        status, again = s.post("/v1/playbook/publish", {"files": files}, admin)
        assert status == 200 and not again["changed"] and again["activation"] == 2, (status, again)
        # the bytes are those of the same folder published by hand
        for path, text in files.items():
            write(root / "b", "") if path == "playbook.lua" else None
            (root / "b" / path).write_text(text)
        assert answer["revision"][:12] in s.run("publish", root / "b", "--yes").stdout
        # going back, and leads that would be stranded
        s.post("/v1/events", {"email": "l@example.com", "verb": "page.view", "subject": "/"}, writer)
        until(lambda: s.sql("select count(*) from enrollment where step = 'one'") == [["1"]], 60, "a lead on step one")
        status, answer = s.post("/v1/playbook/publish", {"files": {**files, "playbook.lua": HEAD}, "yes": True}, admin)
        assert status == 409 and '1 lead stands on step "one"' in answer["detail"], (status, answer)
        status, answer = s.post("/v1/playbook/rollback", {"revision": first["revision"][:10], "yes": True}, admin)
        assert status == 200 and answer["revision"] == first["revision"] and answer["activation"] == 3, (status, answer)
        assert s.post("/v1/playbook/rollback", {"revision": "ffffff"}, admin)[0] == 404
        # what is no playbook
        for body, field in (({}, "files"), ({"files": []}, "files"), ({"files": files, "by": 1}, "by"), ({"files": files, "hold": 1}, "hold"),
                            ({"files": {"../x.lua": ""}}, "files"), ({"files": {"/x.lua": ""}}, "files"), ({"files": {"x//y.lua": ""}}, "files"),
                            ({"files": {"x.lua": 1}}, "files"), ({"files": {"x" * 500: ""}}, "files"), ({"files": {"\x1b.lua": ""}}, "files")):
            status, answer = s.post("/v1/playbook/publish", body, admin)
            assert status in (400, 422) and answer["field"] == field, (body, status, answer)
        big = {"files": {f"templates/email/{i}.md": "x" * 1000000 for i in range(9)}}
        assert s.post("/v1/playbook/publish", big, admin)[0] == 413
        assert s.sql("select count(*) from activation") == [["3"]]
        assert s.sql("select count(*) from job where kind = 'playbook' and arguments ? 'files'") == [["0"]], "no job keeps the files"
    shutil.rmtree(root)


if __name__ == "__main__":
    run_tests(globals())
