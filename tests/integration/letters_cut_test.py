#!/usr/bin/python3
"""A cut that is killed, frozen or overtaken at a moment that the test chooses: no half job is left, nobody is in two, and whoever withdrew before the job was ready is in none."""
import contextlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import threading

sys.path.append(str(pathlib.Path(__file__).parents[1] / "tools"))
from postgres import Postgres  # noqa: E402
from letters_test import SENDER, Post
from nurture import SERVICE_USER, SOURCE, Server, is_alive, run_tests, until

s = None
LOCK = 8500
# what is written first in a phase: the test holds it back, and so the cut stands in that phase until it is let go
PHASES = {"looking": ("letter", "sort"), "writing": ("letter", "place"), "placing": ("job", "cut_at")}


@contextlib.contextmanager
def standing_in(s, phase):
    """A cut that comes into this phase stays there meanwhile."""
    table, column = PHASES[phase]
    s.sql("create or replace function directmail.stand() returns trigger language plpgsql as "
          f"$$ begin perform pg_advisory_xact_lock_shared({LOCK}); return new; end $$; "
          f"create trigger stand before update of {column} on directmail.{table} for each row execute function directmail.stand()")
    with s.holding(f"select pg_advisory_lock({LOCK})"):
        yield
    s.sql(f"drop trigger stand on directmail.{table}")  # waits for who stood there


def stands(s, job, phase):
    """Waits until the cut stands where it is held back."""
    until(lambda: s.sql(f"select count(*) from pg_locks where locktype = 'advisory' and objid = {LOCK} and not granted") != [["0"]], what=f"the cut being {phase}")
    assert s.sql(f"select state, phase from directmail.job where id = {job}") == [["cutting", phase]], s.sql("select * from directmail.job")


def kill(processes):
    for process in processes:
        os.kill(process, signal.SIGKILL)
    until(lambda: not any(is_alive(process) for process in processes), what="the end of the processes")


def each_once(s, letters):
    """All letters are sent, each in one job, and every job's folder is whole."""
    until(lambda: s.sql("select state, count(*) from touch group by 1") == [["sent", str(letters)]], seconds=120, what="all letters are sent")
    jobs = [row[0] for row in s.sql("select name from directmail.job where state = 'sent'")]
    assert s.folders() == sorted(jobs), (s.folders(), jobs)
    names = []
    for job in jobs:
        rows = s.rows(job)
        assert len(rows) == s.whole(job)["letters"], job
        names += [row["name"] for row in rows]
    assert len(names) == letters and len(set(names)) == letters, (len(names), len(set(names)))


def anew(letters):
    """A channel without jobs, and so many letters that wait."""
    s.sql("delete from directmail.letter; delete from directmail.job; delete from touch; delete from lead")
    for folder in s.folders() if (s.data / "letters").exists() else []:
        shutil.rmtree(s.data / "letters" / folder)
    s.fill(letters)


def killed_while(phase):
    anew(700)
    with standing_in(s, phase):
        job = s.cut()
        stands(s, job, phase)
        kill(s.workers("delivery"))
    s.fill(100, 701)  # what comes meanwhile is not in it
    assert s.job(job, "sent")["letters"] == 700
    s.job(s.cut(), "sent")
    each_once(s, 800)


def test_a_kill_while_letters_are_looked_at():
    killed_while("looking")


def test_a_kill_while_a_job_is_written():
    killed_while("writing")


def test_a_kill_when_the_folder_is_there_and_no_row_says_so():
    killed_while("placing")


def test_a_power_cut_while_a_job_is_written():
    anew(700)
    with contextlib.suppress(AssertionError, BrokenPipeError), standing_in(s, "writing"):  # the database dies as well, and what held it back
        job = s.cut()
        stands(s, job, "writing")
        s.kill_all()
    Server.start(s)
    s.sql("drop trigger if exists stand on directmail.letter")
    assert s.job(job, "sent")["letters"] == 700
    each_once(s, 700)


def test_whoever_withdraws_while_a_job_is_written_is_not_in_it():
    anew(600)
    s.sql("update lead set updated_at = now() - interval '1 day'")  # nobody has changed: the second question is the short one
    with standing_in(s, "writing"):
        job = s.cut()
        stands(s, job, "writing")
        # First, for it is asked over the plugin's connections: there are three, and the cut's stands, and so do those that would cancel and forget letters which it holds.
        s.run("mail", "list", "internal", s.csv("internal.csv", "name,street,postal_code,city,country\nFirst10 Last10,10 Example Street,10115,Berlin,DE\n"))
        withdrawn = {"channel": "letter", "purpose": "marketing", "state": "withdrawn", "source": "phone", "wording": "no more"}
        assert s.post(f"/v1/leads/{64000000 + 7}/consent", withdrawn, s.write)[0] in (200, 202)
        s.run("erase", str(64000000 + 8), "--yes")
        s.run("suppression", "add", "domain", "nine.example.com", "--channel", "letter")
        assert s.request("PATCH", f"/v1/leads/{64000000 + 11}", {"email": "l11@nine.example.com"}, s.write)[0] in (200, 202)  # its new address is suppressed
        until(lambda: s.sql(f"select email from lead where lead_id = {64000000 + 11}") == [["l11@nine.example.com"]], what="the new address")
    ready = s.job(job, "sent")
    names = {row["name"] for row in s.rows(ready["name"])}
    assert ready["letters"] == 596 and not names & {f"First{n} Last{n}" for n in (7, 8, 10, 11)}, (ready, len(names))
    s.whole(ready["name"])


def statement(name):
    """A named statement of the plugin's cut.sql."""
    text = (SOURCE / "plugins/directmail/cut.sql").read_text().split(f"-- :name {name}\n")[1].split("-- :name")[0]
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))


def test_a_letter_of_a_job_is_found_by_its_number_also_before_anybody_has_counted():
    """As long as no letter is in a job when the table is analysed, the planner believes that each index of a job's letters is empty, and would read all of it for each letter."""
    with Post('cut = "by hand"') as own:
        own.fill(3000)
        own.sql("analyze directmail.letter")
        for name, types in (("cut_keep", "text, text, int8, int4"), ("cut_out", "text, text, int8"), ("cut_wait", "text, text, int8"), ("cut_gone", "text, text, int8"), ("write_places", "text, text, int8")):
            values = ", ".join("null" for _ in types.split(","))
            plan = own.sql(f"set search_path = directmail; set plan_cache_mode = force_generic_plan; prepare p ({types}) as {statement(name)}; explain execute p ({values})")
            words = "\n".join(line[0] for line in plan)
            assert ("letter_pkey" in words or "Seq Scan on letter" in words) and "letter_job" not in words, (name, words)


def test_what_a_record_became_is_noted_within_its_page_and_in_no_index():
    """If one index had the place, each index would get an entry for the row's new version: a third of a cut went there."""
    with Post('cut = "by hand", letters = "none"') as own:
        own.fill(3000)
        job = own.job(own.cut(), "sent")
        own.whole(job["name"])
        within = "select n_tup_hot_upd from pg_stat_user_tables where schemaname = 'directmail' and relname = 'letter'"
        until(lambda: int(own.sql(within)[0][0]) > 2000, seconds=30, what="updates within the page")


class Node(Post):
    """One of several servers on one database, with one spool."""

    def __init__(self, database, spool):
        self.database = database
        super().__init__(f'letters = "none", cut = "by hand", spool = "{spool}"', f'database = "{database.conninfo}"\nwatchdog = 300')
        own = f'public_url = "http://127.0.0.1:{self.port}"'  # nodes must agree on it
        self.conf.write_text(self.conf.read_text().replace(own, 'public_url = "http://letters.example.com"'))

    @property
    def psql(self):
        return self.database.psql


def test_two_servers_cut_one_job_once_though_the_first_stands_still_meanwhile():
    with Postgres() as database, tempfile.TemporaryDirectory() as spool:
        shutil.chown(spool, SERVICE_USER if os.geteuid() == 0 else None)
        with Node(database, spool) as first, Node(database, spool) as second:
            first.fill(700)
            said = []
            askers = [threading.Thread(target=lambda s=s: said.append(s.post("/v1/channels/letters/jobs", {}, first.admin))) for s in (first, second) * 2]
            with standing_in(first, "writing"):
                for asker in askers:
                    asker.start()
                for asker in askers:
                    asker.join()
                assert sum(status == 202 for status, _ in said) == 1, said
                stands(first, next(body["job"] for status, body in said if status == 202), "writing")
                owner = first.sql("select owner from shard_lease where role = 'channel:letters'")[0][0]
                holder = next(s for s in (first, second) if f"owner={owner}" in s.log_text())
                frozen = holder.workers("delivery")
                for process in frozen:
                    os.kill(process, signal.SIGSTOP)
            try:
                until(lambda: first.sql("select state from directmail.job") == [["sent"]], what="the other goes on with it")
                folder = pathlib.Path(spool) / first.sql("select name from directmail.job")[0][0]
                before = {file.name: file.read_bytes() for file in folder.iterdir()}
            finally:
                for process in frozen:
                    os.kill(process, signal.SIGCONT)
            until(lambda: first.sql("select state, count(*) from touch group by 1") == [["sent", "700"]], what="each is sent")
            until(lambda: "channel.lease.lost" in holder.log_text(), what="the first has heard")
            assert {file.name: file.read_bytes() for file in folder.iterdir()} == before, "what is there stays as it is"
            assert len(before["data.csv"].splitlines()) == 701
            assert [name for name in os.listdir(spool) if not name.endswith(".tmp")] == [folder.name], os.listdir(spool)


if __name__ == "__main__":
    with Post(f'letters = "none", cut = "by hand", {SENDER}') as s:
        run_tests(globals())
