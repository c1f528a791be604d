#!/usr/bin/python3
"""What plugins keep of a person is part of all that is known of it (`nurture lead LEAD --export`, GET /v1/leads/{id}/export): calls that were made, letters that were cut, in channels whose
plugins say it; and what becomes of a plugin that says nothing, much, or fails."""
import contextlib
import json
import shutil

import calls_test
import letters_test
from nurture import BUILD, run_tests, until

s = None


class House(calls_test.Floor):
    """A channel for calls, one for letters, and one whose plugin has tables and never heard of the question."""
    cut, job, jobs, waiting, approved, csv = (getattr(letters_test.Post, name) for name in ("cut", "job", "jobs", "waiting", "approved", "csv"))

    def __init__(self):
        super().__init__()
        playbook = self.folder / "playbook"
        for path, text in letters_test.PLAYBOOK.items():
            if path != "playbook.lua" and "campaigns/house" not in path:
                (playbook / path).parent.mkdir(parents=True, exist_ok=True)
                (playbook / path).write_text(text)
        with open(playbook / "playbook.lua", "a", encoding="utf-8") as file:
            file.write('consent "letter" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n')
        plugins = self.folder / "plugins"
        plugins.mkdir()
        for path in (BUILD / "plugins/telemarketing.so", BUILD / "plugins/directmail.so", BUILD / "tests/plugins/puppet-rude.so"):
            shutil.copy(path, plugins)
        self.conf.write_text(self.conf.read_text().replace(f"{BUILD}/plugins", str(plugins)) + 'channel "desk" { plugin = "puppet-rude" }\n'
                             f'channel "letters" {{ plugin = "directmail", letters = "none", cut = "by hand", approval = true, {letters_test.SENDER} }}\n')

    def person(self, name, number, **more):
        return self.make(name, number, last_name="Doe", address=f"{number} Example Street", postal_code="10115", city="Berlin", country="DE", **more)["lead_id"]

    def called(self, name, agent):
        """A call that was made, and is over."""
        self.ring(name)
        call = until(lambda: self.next(agent), what=f"{name}'s call")
        assert call["name"] == f"{name.title()} Doe", call["name"]
        assert self.end(call, agent, disposition="no_answer", note="rang for long")[0] == 200
        until(lambda: self.sql(f"select count(*) from telemarketing.call where touch_id = {call['id']}") == [["0"]], what="recorded")

    def told(self, lead):
        """What both edges say of it; they say the same. (The other sections are person_http_test.py's.)"""
        status, body = self.get(f"/v1/leads/{lead}/export", self.admin)
        assert status == 200, body
        assert json.loads(self.run("lead", lead, "--export").stdout)["channels"] == body["channels"]
        return body["channels"]


def settled():
    until(lambda: s.sql("select (select count(*) from inbox) + (select count(*) from channel_forget)") == [["0"]], what="turns and plugins")


def test_a_call_that_was_made_and_a_letter_that_was_cut_are_known_of_a_person():
    anna, twin = s.person("anna", 1234501), s.person("twin", 1234502)
    s.called("anna", "one")
    s.called("twin", "two")
    s.run("merge", twin, anna)
    settled()
    s.post("/v1/events", {"email": "anna@example.com", "verb": "form.submit", "subject": "post"}, s.write)  # enters both campaigns
    s.waiting(1)
    hand = until(lambda: s.next("three"), what="the second call")
    job = s.job(s.cut(), "ready")
    told = s.told(anna)
    assert list(told) == ["calls", "letters"], "a channel whose plugin says nothing is none"

    first, second, third, open_call = told["calls"]
    assert [(a["what"], a["lead_id"], a["number"], a["agent"].split("/")[1], a.get("disposition")) for a in (first, second, third)] == [
        ("attempt", anna, "+49301234501", "one", "no_answer"), ("attempt", twin, "+49301234502", "two", "no_answer"), ("attempt", anna, "+49301234501", "three", None)], told
    assert first["script"] == "ask" and first["queued_at"] <= first["offered_at"] <= first["ended_at"] and "ended_at" not in third, told
    assert (open_call["what"], open_call["id"], open_call["state"]) == ("call", hand["id"], "leased"), open_call

    letter, = told["letters"]
    assert (letter["what"], letter["lead_id"], letter["state"], letter["campaign"], letter["job"]["name"]) == ("letter", anna, "cut", "post", job["name"]), letter
    assert letter["content"]["to.street"] == "1234501 Example Street" and letter["url"].endswith(letter["code"]) and letter["job"]["folder"].endswith(job["name"]), letter
    rows = s.sql("select encode(salt, 'hex'), salt::text from telemarketing.secret union all select number_key::text, number_key::text from telemarketing.attempt "
                 "union all select encode(house, 'hex'), encode(person, 'hex') from directmail.letter")
    assert not [secret for row in rows for secret in row if secret.removeprefix("\\x") in json.dumps(told)], "salts and keys are told to nobody"

    s.approved(job)
    letter, = s.told(anna)["letters"]
    assert letter["state"] == "sent" and letter["job"]["sent_at"] and "content" not in letter, "the words are in the folder alone"
    s.run("mail", "returns", s.csv("back.csv", f"code,reason\n{letter['code']},unknown\n"))
    letter, = s.told(anna)["letters"]
    assert letter["state"] == "returned" and letter["outcome"]["kind"] == "hard" and "came back" in letter["lists"], letter

    # never again is a list's word, and who is taken apart has its own again
    assert s.end(hand, "three", disposition="do_not_call")[0] == 200
    until(lambda: s.sql(f"select count(*) from telemarketing.call where touch_id = {hand['id']}") == [["0"]], what="recorded")
    assert [a.get("lists") for a in s.told(anna)["calls"]] == [["internal"], None, ["internal"]], "by the number, which two of them have"
    s.run("unmerge", twin)
    settled()
    assert {a["lead_id"] for a in s.told(anna)["calls"]} == {anna} and [a["agent"].split("/")[1] for a in s.told(twin)["calls"]] == ["two"]

    s.run("erase", anna, "--yes")
    settled()
    assert s.told(anna) == {} and len(s.told(twin)["calls"]) == 1


def test_of_whom_plugins_know_nothing_nothing_is_told():
    assert s.told(s.person("nora", 1234511)) == {}
    assert s.sql("select count(*) from plugin_migration where plugin = 'puppet-rude'") != [["0"]], "the plugin without the function has tables"


@contextlib.contextmanager
def knows(columns, body):
    """The third plugin learns to answer."""
    s.sql(f'create function "puppet-rude".knows(leads bigint[]) returns table ({columns}) language plpgsql stable as $body$ begin {body} end $body$')
    try:
        yield
    finally:
        s.sql('drop function "puppet-rude".knows(bigint[])')


COLUMNS = "lead bigint, channel text, what text, id bigint, data jsonb"


def test_a_plugin_that_fails_is_named_and_no_part_passes_for_the_whole():
    lead = s.person("olga", 1234521)
    for columns, body, why in ((COLUMNS, "raise 'my table is gone';", "my table is gone"), ("a int", "", "does not exist")):
        with knows(columns, body):
            done = s.run("lead", lead, "--export", check=False)
            assert done.returncode == 1 and "the plugin puppet-rude cannot say what it keeps of a person" in done.stderr and why in done.stderr, done
            assert done.stdout == "", "the sections before it are no answer"
            assert s.get(f"/v1/leads/{lead}/export", s.admin)[0] == 500
    assert s.told(lead) == {}
    s.environment["TMPDIR"] = "/proc/nowhere"
    try:
        done = s.run("lead", lead, "--export", check=False)
    finally:
        del s.environment["TMPDIR"]
    assert done.returncode == 1 and done.stdout == "" and "/proc/nowhere" in done.stderr and "TMPDIR" in done.stderr, done


def test_pages_of_several_plugins_and_channels_are_each_told_once():
    lead = s.person("page", 1234531)
    s.called("page", "four")
    # more than two pages, on both sides of the other plugin's, in its channel, too, given in no order; and what a plugin must not say
    with knows(COLUMNS, "return query select l, c, w, i, jsonb_build_object('n', i, 'channel', 'mine', 'cursor', 1) from unnest(leads) l, "
                        "unnest(array['b\"1', 'Zoo', 'calls']) c, unnest(array['note', 'mark']) w, generate_series(1::bigint, 450) i order by i desc, c;"):
        told = s.told(lead)
    assert list(told) == ["Zoo", 'b"1', "calls"], list(told)
    wanted = [(lead, what, i) for what in ("mark", "note") for i in range(1, 451)]
    rows = {channel: [(r["lead_id"], r["what"], r["id"]) for r in part if "n" in r] for channel, part in told.items()}
    assert all(part == wanted for part in rows.values()), {channel: len(part) for channel, part in rows.items()}
    assert sorted(told["Zoo"][0]) == ["id", "lead_id", "n", "what"] and [r["number"] for r in told["calls"] if r["what"] == "attempt"] == ["+49301234531"]


if __name__ == "__main__":
    with House() as s:
        run_tests(globals())
