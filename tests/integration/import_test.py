#!/usr/bin/env python3
"""Imports: every row once, whatever is broken or killed; nobody who has left comes back by one."""
import contextlib
import csv
import io
import json
import pathlib
import signal
import subprocess
import time

from nurture import BINARY, SOURCE, Server, run_tests, until

CHANNEL = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Test <test@example.com>" }\npostal_address = "1 Test St"\n'
MAP = "return { email = '{mail}', fields = { first_name = 'first', need = 'need' }, empty = { 'unknown' } }"


def prepared(s, playbook="playbook"):
    s.run("publish", s.folder / playbook, "-m", "test", "--yes")
    (s.folder / "map.lua").write_text(MAP)
    return s


def put(s, text, name="leads.csv"):
    path = s.folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def bring(s, path, check=True, map_file="map.lua"):
    done = s.run("import", path, "--map", s.folder / map_file, "--json", check=check)
    return json.loads(done.stdout) if done.stdout else done


def progress(s):
    return int(s.sql("select coalesce(max(progress), 0) from job where kind = 'import'")[0][0])


def waits(s):
    """Somebody waits for a lock."""
    return s.sql("select 1 from pg_stat_activity where wait_event_type = 'Lock' limit 1")


def down(playbook="scripts"):
    """A server that is never started: commands bring the database up for themselves."""
    return Server(playbook=playbook, config=CHANNEL)


def test_good_rows_come_in_and_broken_ones_are_reported_by_line():
    s = down()
    try:
        prepared(s)
        path = put(s, b"mail,first,need,note\n"
                      b"ann@example.com,Zo\xc3\xab \xc3\x84,critical,\n"  # 2: what is UTF-8 here is meant to be so elsewhere
                      b"not an address,Bob,planned,\n"          # 3
                      b"cid@example.com,Cid,x\n"                # 4: ragged
                      b"dan@example.com,\xff\xfe,planned,\n"    # 5: not UTF-8
                      b"eve@example.com,Eve,urgent,\n"          # 6: not a choice
                      b"fay@example.com,Fay,unknown,\"two\nlines\"\n"  # 7, 8
                      b"gus@example.com,\"G\"us,planned,\n"     # 9: stray quote
                      b",Hal,planned,\n"                        # 10: nobody
                      b"=cmd|calc,Ivy,planned,\n"               # 11
                      b"joe@example.com,Joe,planned,\n")
        result = bring(s, path)
        assert (result["rows"], result["created"], result["rejected"]) == (10, 3, 7), result
        refused = pathlib.Path(result["rejects"]).read_text("utf-8-sig", "replace").splitlines()
        assert refused[0] == 'refused line,refused reason,"mail","first","need","note"', refused[0]
        assert [int(line.split(",")[0]) for line in refused[1:]] == [3, 4, 5, 6, 9, 10, 11], refused
        assert "it has 3 columns; the header has 4" in refused[2] and "UTF-8" in refused[3] and "need" in refused[4], refused
        assert "\"'=cmd|calc\"" in refused[7], refused[7]
        assert bring(s, path)["done_before"]
        for bad, part in (("", "empty"), ("mail,mail,first,need\n1,2,3,4\n", "two columns"), ("x,y\n1,2\n", 'What is the same for all rows is written { default')):
            done = bring(s, put(s, bad, "bad.csv"), check=False)
            assert done.returncode == 1 and part in done.stderr, (bad, done)
        (s.folder / "map.lua").write_text("return { email = '{mail}', fields = { shoe_size = 'need' } }")
        done = bring(s, path, check=False)
        assert done.returncode == 1 and 'no field "shoe_size"' in done.stderr, done
        done = s.run("import", "/dev/zero", "--map", s.folder / "map.lua", check=False)
        assert done.returncode == 1 and "not a regular file" in done.stderr, done
    finally:
        s.__exit__(None, None, None)


def refused_rows(path, separator):
    """The file of refused rows, as a spreadsheet reads it."""
    text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def mend(path, rows, separator, **cells):
    """Writes the rows back with other cells in the row of a line: line5={"need": "planned"}."""
    head = rows[0]
    for row in rows[1:]:
        for column, value in cells.get(f"line{row[0]}", {}).items():
            row[head.index(column)] = value
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)


def test_refused_rows_stand_with_their_cells_and_come_in_when_they_are_mended():
    s = down()
    try:
        prepared(s)
        (s.folder / "map.lua").write_text("return { email = '{mail}', external_id = '{id}', at = 'at', separator = ';', encoding = 'windows-1252', dates = 'day month year', "
                                          "consent = { email = { column = 'news', granted = 'yes', withdrawn = 'no' } }, "
                                          "fields = { first_name = 'first', need = 'need' }, empty = { 'unknown' } }")
        path = put(s, b"mail;id;first;need;news;at\n"
                      b"ann@example.com;1;Zo\xeb;planned;yes;\n"
                      b"bob@example.com;2;B\0b;planned;;\n"          # 3: a NUL
                      b"cid@example.com;3;\"Cid;planned;;\n"         # 4: an open quote
                      b"dan@example.com;4;D\"an;\"plan\"ned;;\n"     # 5: a quote astray
                      b"eve@example.com;5;E\xefve;urgent;;\n"        # 6: no choice
                      b"no address;6;Fay;planned;;\n"                # 7
                      b"gus@example.com;7;Gus;planned;perhaps;\n"    # 8: neither yes nor no
                      b"hal@example.com;8;Hal;planned;;01.02.2999\n" # 9: to come
                      b"ivy@example.com;9;Ivy;planned\n"             # 10: ragged
                      b"joe@example.com;" + b"1" * 201 + b";Joe;planned;;\n"  # 11: too long an id
                      b"kim@example.com;11;Kim\rX;planned;;\n"       # 12: half a line end
                      b";;;planned;;\n")                             # 13: nobody
        result = bring(s, path)
        assert (result["rows"], result["created"], result["rejected"]) == (12, 1, 11), result
        rejects = pathlib.Path(result["rejects"])
        rows = refused_rows(rejects, ";")
        assert rows[0] == ["refused line", "refused reason", "mail", "id", "first", "need", "news", "at"], rows[0]
        assert [row[0] for row in rows[1:]] == [str(i) for i in range(3, 14)], rows
        assert all(row[1] for row in rows[1:]), rows
        cells = {row[0]: row[2:] for row in rows[1:]}
        assert cells["3"] == ["bob@example.com", "2", "B\0b", "planned", "", ""], cells
        assert cells["4"] == ["cid@example.com", "3", '"Cid', "planned", "", ""], cells
        assert cells["5"] == ["dan@example.com", "4", 'D"an', '"plan"ned', "", ""], cells
        assert cells["6"] == ["eve@example.com", "5", "E\xefve", "urgent", "", ""], cells
        assert cells["9"][-1] == "01.02.2999" and cells["10"] == ["ivy@example.com", "9", "Ivy", "planned"], cells
        assert cells["12"][:4] == ["kim@example.com", "11", "Kim\rX", "planned"] and cells["13"][3] == "planned", cells
        mend(rejects, rows, ";", line3={"first": "Bob"}, line4={"first": "Cid"}, line5={"need": "planned"}, line6={"need": "planned"}, line7={"mail": "fay@example.com"},
             line8={"news": "yes"}, line9={"at": "01.02.2020"},
             line12={"first": "Kim X"})
        again = bring(s, rejects)
        assert (again["created"], again["rejected"], again["encoding"]) == (8, 3, "utf-8"), again
        s.start()
        names = sorted([["Zoë"], ["Bob"], ["Cid"], ['D"an'], ["Eïve"], ["Fay"], ["Gus"], ["Hal"], ["Kim X"]])
        until(lambda: sorted(s.sql("select first_name from lead")) == names, what="the turns of all leads")
        rows = refused_rows(pathlib.Path(again["rejects"]), ";")
        assert rows[0] == ["refused line", "refused reason", "mail", "id", "first", "need", "news", "at"], "their own two columns are not carried along"
        assert len(rows) == 4 and [row[2] for row in rows[1:]] == ["ivy@example.com", "joe@example.com", ""], rows
    finally:
        s.__exit__(None, None, None)


def test_a_customers_own_columns_line_and_reason_are_kept():
    s = down()
    try:
        prepared(s)
        result = bring(s, put(s, "line,reason,mail,first,need\n12,asked,ann@example.com,Ann,planned\n14,asked,no address,Bob,planned\n"))
        assert (result["created"], result["rejected"]) == (1, 1), result
        rejects = pathlib.Path(result["rejects"])
        rows = refused_rows(rejects, ",")
        assert rows[0] == ["refused line", "refused reason", "line", "reason", "mail", "first", "need"] and rows[1][2:] == ["14", "asked", "no address", "Bob", "planned"], rows
        mend(rejects, rows, ",", line3={"mail": "bob@example.com"})
        assert bring(s, rejects)["created"] == 1
    finally:
        s.__exit__(None, None, None)


def test_a_list_without_a_head_has_refused_rows_that_can_be_imported_again():
    s = down()
    try:
        prepared(s)
        listed = lambda path: json.loads(s.run("import", path, "--suppress", "domain", "--json").stdout)
        result = listed(put(s, b"a.example\nno domain\nb.\0example\n", "domains.csv"))
        assert (result["created"], result["rejected"]) == (1, 2), result
        rejects = pathlib.Path(result["rejects"])
        rows = refused_rows(rejects, ",")
        assert rows[0] == ["refused line", "refused reason", "domain"] and [row[2] for row in rows[1:]] == ["no domain", "b.\0example"], rows
        mend(rejects, rows, ",", line2={"domain": "c.example"}, line3={"domain": "b.example"})
        again = listed(rejects)
        assert (again["created"], again["rejected"]) == (2, 0), again
    finally:
        s.__exit__(None, None, None)


def test_an_import_killed_anywhere_and_run_again_counts_every_row_once():
    s = down()
    try:
        prepared(s)
        rows = 20000
        path = put(s, "mail,first,need\n" + "".join(f"lead{i}@example.com,{'N' * 30},{'bad' if i % 1000 == 7 else 'planned'}\n" for i in range(rows)))
        s.start()
        kills = resumed = 0
        for pause in (0, 0.02, 0.05, 0, 0.1, 0.03):
            before = progress(s)
            held = s.holding("lock table event in access exclusive mode") if kills == 0 else contextlib.nullcontext()
            with held:  # the first is caught in its first group for certain
                command = subprocess.Popen([BINARY, "import", path, "--map", s.folder / "map.lua", "--config", s.conf], stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE, text=True)
                until(lambda: progress(s) > before or (kills == 0 and waits(s)) or command.poll() is not None, what="progress")
                time.sleep(pause)
                command.send_signal(signal.SIGKILL)
                kills += command.wait() == -signal.SIGKILL
        result = bring(s, path)
        resumed = result["resumed_behind"]
        assert kills >= 1
        assert s.sql("select count(*) from lead") == [[str(rows - 20)]]
        assert s.sql("select verb, subject, count(*), count(distinct lead_id) from event where verb like 'lead.%' group by 1, 2") == [
            ["lead.create", "import", str(rows - 20), str(rows - 20)]]
        assert s.sql("select sum(rows), sum(created) from import_group") == [[str(rows), str(rows - 20)]]
        refused = pathlib.Path(f"{path}.refused.csv").read_text().splitlines()
        assert [int(line.split(",")[0]) for line in refused[1:]] == [9 + 1000 * i for i in range(20)], refused
        assert result["done_before"] or resumed + result["rows"] == rows, result
        until(lambda: s.sql("select count(*) from inbox") == [["0"]], 60, "the turns of all leads")
        assert s.sql("select count(*) from lead where first_name is null") == [["0"]]
    finally:
        s.__exit__(None, None, None)


def test_an_import_never_brings_back_who_has_unsubscribed():
    s = down()
    try:
        prepared(s)
        s.start()
        token = s.token("write")
        status, lead = s.post("/v1/leads", {"email": "gone@example.com", "country": "US"}, token)
        status, answer = s.post(f"/v1/leads/{lead.get('lead_id', lead.get('lead'))}/consent",
                                {"channel": "email", "purpose": "marketing", "state": "withdrawn", "source": "test"}, token)
        assert status in (200, 201), answer
        before = s.sql("select channel, purpose, state from consent order by id")
        bring(s, put(s, "mail,first,need\ngone@example.com,Back,critical\n"))
        until(lambda: s.sql("select first_name from lead where email = 'gone@example.com'") == [["Back"]], 20, "the update")
        assert s.sql("select channel, purpose, state from consent order by id") == before
        s.post("/v1/events", {"email": "gone@example.com", "verb": "asset.download", "subject": "security-guide"}, token)
        until(lambda: s.sql("select count(*) from event where verb = 'asset.download'") == [["1"]], 20)
        time.sleep(2)
        assert s.mails() == []
    finally:
        s.__exit__(None, None, None)


def test_a_job_that_is_cancelled_stops_and_keeps_what_it_did():
    s = down()
    try:
        prepared(s)
        s.start()
        path = put(s, "mail,first,need\n" + "".join(f"c{i}@example.com,X,planned\n" for i in range(60000)))
        command = subprocess.Popen([BINARY, "import", path, "--map", s.folder / "map.lua", "--config", s.conf, "--json"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        job = until(lambda: s.sql("select job_id from job where kind = 'import' and state = 'running' and progress > 0"), 20, "the job")[0][0]
        with s.holding("lock table event in access exclusive mode"):  # it cannot come to its end first
            s.run("job", "cancel", job)
        out, err = command.communicate(timeout=120)
        assert json.loads(out)["cancelled"], (out, err)
        assert s.sql(f"select state from job where job_id = {job}") == [["cancelled"]]
        count = int(s.sql("select count(*) from lead")[0][0])
        assert 0 < count < 60000, count
    finally:
        s.__exit__(None, None, None)


if __name__ == "__main__":
    run_tests(globals())
