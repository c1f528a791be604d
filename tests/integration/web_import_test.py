#!/usr/bin/env python3
"""Imports over HTTP: a posted file is streamed to disk and imported whole, or nothing of it is left: cut, killed, disk full, disk slow."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from nurture import Server, run_tests, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from postgres import Postgres  # noqa: E402

CHANNEL = 'postal_address = "1 Test St"\nchannel "email" { plugin = "email", relay = "maildir:outbox", from = "Test <test@example.com>" }\n'
CSV = {"Content-Type": "text/csv"}
MB = 1 << 20
s = token = None


def rows(count, name="lead", start=0):
    return ("email,first_name,need\n" + "".join(f"{name}{i}@example.com,N{i},planned\n" for i in range(start, start + count))).encode()


def put(body, query="", headers=CSV):
    return s.request("POST", "/v1/imports" + query, body, token, headers, timeout=300)


def state_of(number):
    status, body = s.get(f"/v1/imports/{number}", token)
    assert status == 200, (status, body)
    return body


def finished(number, seconds=300):
    return until(lambda: (lambda b: b["state"] not in ("waiting", "running") and b)(state_of(number)), seconds, "the end of the import")


def left():
    folder = s.data / "uploads"
    return sorted(os.listdir(folder)) if folder.exists() else []


def children():
    """Pids of the processes that write posted files."""
    found = []
    for pid in s.tree():
        with contextlib.suppress(OSError):
            if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "nurture: upload":
                found.append(pid)
    return found


def half(body, path="/v1/imports", part=0.5):
    """A connection on which the head and a part of the body were sent."""
    c = socket.create_connection(("127.0.0.1", s.port), 120)
    c.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\nContent-Length: {len(body)}\r\n\r\n".encode() +
              body[:int(len(body) * part)])
    return c


def test_columns_named_as_fields_need_no_map():
    status, body, headers = put(rows(1200, "plain"))
    assert status == 202 and headers["Location"] == f"/v1/imports/{body['import']}", (status, body)
    done = finished(body["import"])
    assert (done["state"], done["rows"], done["created"], done["rejected"]) == ("done", 1200, 1200, 0), done
    assert done["bytes_read"] == done["bytes"] == len(rows(1200, "plain")), done
    assert s.sql("select count(*) from lead where email like 'plain%'") == [["1200"]]
    until(lambda: s.sql("select first_name from lead where email = 'plain7@example.com'") == [["N7"]], 120, "the turn")
    again, body2, _ = put(rows(1200, "plain"))
    assert again == 200 and body2["import"] == body["import"] and body2["state"] == "done", (again, body2)
    until(lambda: left() == [], 60, "an empty folder")
    sheet = put(b",Email ,FIRST_NAME,,\nx,sheet@example.com,Sheet,,\n")[1]  # as spreadsheets write heads
    assert finished(sheet["import"])["created"] == 1, state_of(sheet["import"])
    assert put(b"email,shoe_size\na@example.com,7\n")[0] == 202
    failed = until(lambda: [i for i in s.get("/v1/imports", token)[1]["items"] if i["state"] == "failed"], 60, "the failure")[0]
    assert 'no field "shoe_size"' in failed["error"], failed
    until(lambda: left() == [], 60, "an empty folder")


def test_a_map_is_kept_by_name_and_errors_stand_by_line():
    rules = {"email": "{Mail}", "fields": {"first_name": "First", "need": "Need"}, "empty": ["?"], "separator": ";"}
    for name, body, says in (("Big", rules, "small letters"), ("crm", {"fields": {}}, "nothing says who"), ("crm", {**rules, "emial": "x"}, "Did you mean"),
                             ("crm", {"email": "{E-mail"}, "never closed"), ("crm", {"email": "{E-mail}", "fields": {"city": "{Ort | default: '}"}}, "never closed"),
                             ("crm", [1], "one JSON object"), ("crm", {**rules, "separator": "||"}, "one character")):
        status, answer, _ = s.request("PUT", f"/v1/import-maps/{name}", body, token)
        assert status == 400 and says in answer["detail"], (body, answer)
    assert put(b"Mail\n", "?map=crm")[0] == 404
    status, answer, _ = s.request("PUT", "/v1/import-maps/crm", rules, token)
    assert status == 200 and answer["map"] == rules, (status, answer)
    assert s.get("/v1/import-maps/crm", token)[1]["map"] == rules and len(s.get("/v1/import-maps", token)[1]["items"]) == 1
    text = "Mail;First;Need\n" + "".join(f"m{i}@example.com;M{i};planned\n" if i % 10 else f"not an address;M{i};planned\n" for i in range(300)) + 'x@example.com;"X;planned\n'
    status, body, _ = put(text.encode(), "?map=crm")
    assert status == 202, body
    assert s.request("DELETE", "/v1/import-maps/crm", None, token)[0] == 204  # what was posted keeps its map
    done = finished(body["import"])
    assert (done["state"], done["rows"], done["created"], done["rejected"], done["map"]) == ("done", 301, 270, 31, "crm"), done
    page = s.get(f"/v1/imports/{body['import']}/errors?limit=10", token)[1]
    assert [e["line"] for e in page["items"]] == list(range(2, 102, 10)) and all(e["field"] == "email" for e in page["items"]), page
    errors, after = [], None
    while True:
        page = s.get(f"/v1/imports/{body['import']}/errors?limit=10" + (f"&after={after}" if after else ""), token)[1]
        errors += page["items"]
        after = page["next"]
        if not after:
            break
    assert [e["line"] for e in errors] == list(range(2, 302, 10)) + [302] and "never closed" in errors[-1]["detail"], errors[-2:]


def test_a_trial_and_a_list_come_over_http_too():
    body = b"email,first_name,need\ntrial1@example.com,A,planned\ntrial2@example.com,B,sometime\n"
    status, answer, _ = put(body, "?trial=yes")
    assert status == 202, answer
    done = finished(answer["import"])
    assert (done["state"], done["created"], done["rejected"], done["trial"]) == ("done", 1, 1, {"doubles": 0, "clashes": 0, "updated": 0, "same": 0, "changes": {}}), done
    assert s.sql("select count(*) from lead where email like 'trial%'") == [["0"]]
    assert len(s.get(f"/v1/imports/{answer['import']}/errors", token)[1]["items"]) == 1
    status, real, _ = put(body)
    assert status == 202 and real["import"] != answer["import"], "a trial is no import"
    finished(real["import"])
    assert s.sql("select count(*) from lead where email like 'trial%'") == [["1"]]
    status, answer, _ = put(b"email\nnever@example.com\nno address\n", "?suppress=email")
    assert status == 202, answer
    done = finished(answer["import"])
    assert (done["state"], done["created"], done["rejected"], done["suppress"]) == ("done", 1, 1, "email"), done
    assert s.sql("select reason from suppression where value = 'never@example.com'") == [["import"]]


def test_a_file_that_cannot_be_read_ends_its_own_import_and_no_other():
    wrong = ((b"PK\3\4 a workbook as it is", "save it as csv"), (b"\x1f\x8b\x08 packed", "gzip"), (b"%PDF-1.7 a page", "pdf"), (b"email,hat\nx@example.com,7\n", '"hat"'),
             (b"first_name\nNobody\n", "nothing says who"), (b"email,Email \nx@example.com,y@example.com\n", "two columns"))
    posted = [(put(body)[1]["import"], says) for body, says in wrong]
    good = put(rows(1, "behindwrong"))[1]["import"]
    assert finished(good, 60)["state"] == "done"
    for number, says in posted:
        told = finished(number, 60)
        assert told["state"] == "failed" and says in told["error"].lower() and "uploads" not in told["error"], told
    until(lambda: left() == [], 60, "an empty folder")


def test_files_come_in_as_they_were_posted_and_one_that_fails_holds_up_no_other():
    first = put(rows(60000, "ahead"))[1]["import"]
    before = set(left())
    held = put(b"email,first_name\nheld@example.com,Held\n")[1]["import"]
    name, = set(left()) - before
    file = s.data / "uploads" / name
    os.rename(file, s.data / "held")
    os.symlink("nowhere", file)  # what only its import stumbles over
    numbers = [put(f"email,first_name\norder@example.com,N{i}\n".encode())[1]["import"] for i in range(6)]
    for number in (first, *numbers):
        assert finished(number)["state"] == "done"
    ended = s.sql("select job_id from job where job_id >= %d and kind = 'import' and state = 'done' order by ended_at" % first)
    assert [int(row[0]) for row in ended] == [first, *numbers], ended
    until(lambda: s.sql("select first_name from lead where email = 'order@example.com'") == [["N5"]], 60, "the turn")
    assert state_of(held)["state"] == "waiting"
    os.rename(s.data / "held", file)
    assert finished(held, 90)["state"] == "done"


def test_what_is_no_import_is_refused_in_words():
    read = s.token("read")
    big = rows(10000, "never")
    for body, query, headers, auth, status, says in (
            (big, "", {}, token, 415, "text/csv"), (big, "", {"Content-Type": "application/json"}, token, 415, "text/csv"),
            (big, "", {"Content-Type": "multipart/form-data; boundary=x"}, token, 415, "text/csv"), (big, "?map=none", CSV, token, 404, "no map"),
            (big, "?file=x", CSV, token, 400, "map=NAME"), (big, "?map=a&map=b", CSV, token, 400, "map=NAME"),
            (big, "?trial=no", CSV, token, 400, "trial=yes"), (big, "?suppress=colour", CSV, token, 400, "a list is of"),
            (big, "?suppress=email&trial=yes", CSV, token, 400, "neither a map nor a trial"), (big, "?map=%2e%2e%2fx", CSV, token, 404, "no map"),
            (b"", "", CSV, token, 400, "as the body"), (big, "", CSV, read, 403, "write"), (big, "", CSV, None, 401, "token"),
            (b"x", "", {**CSV, "Content-Encoding": "gzip"}, token, 415, "unpacked")):
        got, answer, _ = s.request("POST", "/v1/imports" + query, body, auth, headers)
        assert got == status and says in json.dumps(answer), (query, headers, got, answer)
    with socket.create_connection(("127.0.0.1", s.port), 60) as c:  # beyond import_limit
        c.sendall(f"POST /v1/imports HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\nContent-Length: {65 * MB}\r\n\r\n".encode())
        said = b""
        while part := c.recv(4096):
            said += part
        assert said.startswith(b"HTTP/1.1 413") and b"import_limit = 64" in said, said
    for path in ("/v1/imports/0", "/v1/imports/x", "/v1/imports/99999999999999999999", "/v1/imports/7'"):
        assert s.get(path, token)[0] == 404, path
        assert s.request("DELETE", path, None, token)[0] == 404, path
    assert left() == []


def test_an_upload_that_is_cut_leaves_nothing():
    before = s.sql("select count(*) from job")
    body = rows(200000, "cut")
    for part in (0, 0.001, 0.5, 0.999):
        c = half(body, part=part)
        until(children, 60, "the process that writes")
        until(lambda: len(left()) == 1, 60, "the file")
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        c.close()
        until(lambda: left() == [] and not children(), 60, "nothing")
    c = half(body)
    until(lambda: len(left()) == 1, 60, "the file")
    os.kill(until(children, 60, "the process that writes")[0], signal.SIGKILL)
    assert c.recv(4096).startswith(b"HTTP/1.1 500"), "its end is told"
    c.close()
    until(lambda: left() == [], 60, "nothing")  # the jobs role finds it
    c = half(body)
    until(lambda: len(left()) == 1, 60, "the file")
    os.kill(s.workers("web")[0], signal.SIGKILL)
    until(lambda: left() == [] and not children(), 60, "nothing")
    c.close()
    until(lambda: s.get("/readyz")[0] == 200, 60, "a web worker")
    assert s.sql("select count(*) from job") == before and s.sql("select count(*) from lead where email like 'cut%'") == [["0"]]


def test_a_slow_disk_holds_back_who_sends_and_nobody_else():
    body = rows(800000, "slow")  # 30 MB: more than all sockets on the way hold
    web = s.workers("web")[0]
    sent, answer = threading.Event(), []
    c = half(body, part=0.01)
    writer = until(children, 60, "the process that writes")[0]
    os.kill(writer, signal.SIGSTOP)
    before = int(next(line.split()[1] for line in open(f"/proc/{web}/status") if line.startswith("VmRSS")))

    def send():
        c.sendall(body[int(len(body) * 0.01):])
        sent.set()
        answer.append(c.recv(65536))
    sender = threading.Thread(target=send)
    sender.start()
    for _ in range(20):
        assert s.get("/healthz")[0] == 200
        time.sleep(0.05)
    assert not sent.is_set(), "more was taken than the disk took"
    after = int(next(line.split()[1] for line in open(f"/proc/{web}/status") if line.startswith("VmRSS")))
    assert after - before < 4096, (before, after)
    os.kill(writer, signal.SIGCONT)
    sender.join()
    c.close()
    assert answer[0].startswith(b"HTTP/1.1 202"), answer
    number = json.loads(answer[0].split(b"\r\n\r\n")[1])["import"]
    until(lambda: state_of(number)["rows"] > 0, 120, "some rows")
    status, answer, _ = s.request("DELETE", f"/v1/imports/{number}", None, token)
    assert status == 200 and answer["cancel"], answer
    done = finished(number)
    assert done["state"] == "cancelled" and 0 < done["rows"] < 800000, done
    assert s.request("DELETE", f"/v1/imports/{number}", None, token)[0] == 409
    until(lambda: left() == [], 60, "an empty folder")


def test_killed_anywhere_every_row_counts_once():
    count = 40000
    status, body, _ = put(rows(count, "kill"))
    assert status == 202
    number = body["import"]
    for step in range(3):  # the jobs worker, a reload, everything
        until(lambda: state_of(number)["rows"] > step * 5000 or state_of(number)["state"] == "done", 120, "some rows")
        if step == 0:
            os.kill(s.workers("jobs")[0], signal.SIGKILL)
        elif step == 1:
            s.process.send_signal(signal.SIGHUP)
        else:
            s.kill_all()
            s.start()
    done = finished(number)
    assert (done["state"], done["rows"], done["rejected"]) == ("done", count, 0), done
    assert s.sql("select count(*) from lead where email like 'kill%'") == [[str(count)]]
    assert s.sql("select verb, count(*), count(distinct e.lead_id) from event e join lead l on l.shard = e.shard and l.lead_id = e.lead_id"
                 " where l.email like 'kill%' and verb like 'lead.%' group by 1") == [["lead.create", str(count), str(count)]]
    until(lambda: left() == [], 60, "an empty folder")


@contextlib.contextmanager
def small_disk(size):
    folder = tempfile.mkdtemp(prefix="nurture-disk-")
    mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", folder], capture_output=True).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", folder], check=False)
        os.rmdir(folder)


def test_a_full_disk_is_507_and_nothing_is_left():
    global s, token
    with small_disk("8m") as disk, Postgres() as database:
        if not disk:
            print("skip  a full disk: no mount here")
            return
        other = Server(playbook="scripts", config=CHANNEL + f'database = "{database.conninfo}"\n')
        other.conf.write_text(other.conf.read_text().replace(str(other.data), f"{disk}/data"))
        os.mkdir(f"{disk}/data")
        os.chmod(f"{disk}/data", 0o777)
        before, s = (s, token), other
        try:
            with other:
                token = other.token("write")
                folder = pathlib.Path(disk) / "data/uploads"
                status, answer, headers = put(rows(400000))  # 14 MB
                assert status == 507 and "no room" in answer["detail"] and headers["Content-Type"] == "application/problem+json", (status, answer)
                until(lambda: not list(folder.iterdir()), 60, "an empty folder")
                assert database.sql("select count(*) from job where kind = 'import'").strip() == "0"
                status, answer, _ = put(rows(100))
                assert status == 202, answer
                finished(answer["import"])
        finally:
            s, token = before


if __name__ == "__main__":
    with Server(playbook="scripts", config=CHANNEL + "import_limit = 64\n") as s:
        token = s.token("write")
        run_tests(globals())
