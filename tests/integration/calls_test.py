#!/usr/bin/python3
"""The channel for calls (plugins/telemarketing) in a real server: calls are queued, offered to one agent each, answered, and what was answered steers the campaign."""
import concurrent.futures
import http.client
import json
import os
import signal
import time

from nurture import Server, run_tests, until

PLAYBOOK = {
    "playbook.lua": 'playbook "calls" { title = "Calls", time_zone = "UTC", language = "en", postal_address = "1 Road, Town" }\n'
                    'consent "call" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n'
                    'consent "email" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n',
    "fields.lua": 'field "timing" { label = "Decision", type = "choice", choices = { "now", "later" } }\n'
                  'field "budget" { label = "Budget", type = "number" }\n'
                  'field "worth" { label = "Worth", type = "number" }\n',
    "scoring/heat.lua": 'model "heat" { title = "Heat", from = 0, to = 100,\n'
                        '  rule "worth" { points = function(lead) return lead.worth or 0 end },\n'
                        '  rule "decides now" { lead { timing = "now" }, points = 50 } }\n',
    "calls.lua": 'script "ask" { title = "Ask", opening = "opening", closing = "closing",\n'
                 '  question "timing" { ask = "When?", needed = true, next = choose "timing" { now = "budget", later = "closing" } },\n'
                 '  question "budget" { ask = "How much?", next = "others" },\n'
                 '  question "others" { ask = "Who else?", creates = "colleague" },\n'
                 '  result "now" { when = lead { timing = "now" } }, result "later" {} }\n'
                 'disposition "no_answer" { label = "No answer", means = "nobody" }\n'
                 'disposition "refused" { label = "Not interested", means = "refused" }\n'
                 'disposition "do_not_call" { label = "Never again", means = "never" }\n',
    "campaigns/ring.lua": 'campaign "ring" { title = "Ring", enter = on "form.submit", again = "always",\n'
                          '  step "call" { call "ask", answers = { now = "hot", later = "cold", nobody = "cold", otherwise = "cold" } },\n'
                          '  step "hot" { set { source = "hot" }, leave "hot" },\n'
                          '  step "cold" { set { source = "cold" }, leave "cold" } }\n',
    "templates/call/ask.md": "---\npoints: '{{ score.heat }}'\n---\n# Opening\n\nGood day, {{ lead.first_name }}.\n\n# When?\n\nNow or later?\n\n# How much?\n\nA number.\n\n"
                             "# Who else?\n\nNames.\n\n# Closing\n\nThank you.\n",
}


class Floor(Server):
    """Leads are in UTC+0 to UTC+… wherever it is midday now, so that calls are lawful at any hour of the test."""

    def __init__(self, settings="", **more):
        super().__init__(config=f'channel "calls" {{ plugin = "telemarketing", {settings} }}\n', **more)
        for path, text in PLAYBOOK.items():
            file = self.folder / "playbook" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.conf.write_text(self.conf.read_text() + f'playbook = "{self.folder}/playbook"\n')
        hour = time.gmtime().tm_hour
        self.zone = f"Etc/GMT{hour - 13:+d}" if hour != 13 else "UTC"

    def start(self, wait=True):
        super().start(wait)
        self.run("publish", "-m", "first", "--yes")
        self.write, self.admin = self.token("write"), self.token("admin")
        return self

    def make(self, name, number, worth=0, **more):
        return self.lead({"email": f"{name}@example.com", "first_name": name.title(), "company": "Acme", "phone": f"+4930{number}", "time_zone": self.zone,
                          "worth": worth, **more}, self.write)

    def ring(self, *names):
        for name in names:
            status, body = self.post("/v1/events", {"email": f"{name}@example.com", "verb": "form.submit", "subject": "contact"}, self.write)
            assert status == 202, body

    def queued(self, n):
        until(lambda: self.sql("select count(*) from telemarketing.call c join touch t using (touch_id) where c.state in ('ready', 'waiting') and t.state = 'queued'") == [[str(n)]],
              what=f"{n} queued calls")

    def calls(self, path, body=None, agent=None, token=None):
        body = {**(body or {}), **({"agent": agent} if agent else {})}
        return self.post(f"/v1/channels/calls/{path}", body, token or self.write)

    def next(self, agent):
        status, body = self.calls("calls/next", agent=agent)
        assert status == 200, body
        return body["call"]

    def end(self, call, agent, **outcome):
        return self.calls(f"calls/{call['id']}/outcome", outcome, agent)

    def source(self, name):
        return self.get(f"/v1/leads/{name}@example.com", self.write)[1].get("source")


def test_a_call_is_offered_once_with_everything_and_its_answers_steer_the_campaign():
    with Floor() as s:
        s.make("anna", 1234501, 10)
        s.make("bert", 1234502, 90)
        s.make("cleo", 1234503, 50)
        s.ring("anna", "bert", "cleo")
        s.queued(3)
        # the formula's order: the points of the template
        first, second, third = s.next("one"), s.next("two"), s.next("three")
        assert [c["name"] for c in (first, second, third)] == ["Bert", "Cleo", "Anna"], [c["name"] for c in (first, second, third)]
        assert s.next("four") is None
        assert s.next("one")["id"] == first["id"], "who has one gets the same again"
        s.run("channel", "stop", "calls")
        until(lambda: s.calls("calls/next", agent="one")[0] == 503, what="a stopped channel")
        s.run("channel", "resume", "calls")
        until(lambda: s.calls("calls/next", agent="one")[0] == 200, what="a channel that goes on")
        assert s.next("one")["id"] == first["id"], "what is being spoken is not taken away"
        assert first["dial"] == "tel:+49301234502" and first["sheet"]["lead"]["fields"]["company"] == "Acme"
        assert first["sheet"]["receipt"][0]["rules"][0]["points"] == 90, first["sheet"]["receipt"]
        assert "form.submit" in [e["verb"] for e in first["sheet"]["timeline"]], first["sheet"]["timeline"]
        assert "Good day, Bert." in first["words"] and first["sheet"]["script"]["questions"][0]["choices"][0]["name"] == "now"
        # what does not fit the script is refused, with the question
        for wrong, field in (({"timing": "soon"}, "timing"), ({}, "timing"), ({"timing": "now", "budget": "10"}, "budget"), ({"nope": 1}, "nope"),
                             ({"timing": "later", "budget": 5}, "budget")):
            status, body = s.end(first, "one", disposition="reached", answers=wrong)
            assert (status, body["field"]) == (422, field), (wrong, status, body)
            assert wrong != {"timing": "soon"} or body["detail"] == '"timing" is one of: now, later.', body
        assert s.end(first, "one", disposition="busy")[0] == 422 and s.end(first, "one", result="great")[0] == 422
        assert s.end(first, "two", disposition="no_answer")[0] == 409, "somebody else's call"
        outcome = {"disposition": "reached", "answers": {"timing": "now", "budget": 5000, "others": [{"first_name": "Dora", "email": "dora@example.com"}]}}
        assert s.end(first, "one", **outcome)[0] == 200
        agents = s.get("/v1/channels/calls/status", s.write)[1]["agents"]
        states = {a["agent"].split("/")[1]: a["state"] for a in agents}
        assert states == {"one": "wrapping up", "two": "on call", "three": "on call", "four": "ready"}, agents
        status, body = s.end(first, "one", **outcome)
        assert (status, body["ended"]) == (200, "reached"), "told twice: the same answer"
        assert s.end(first, "one", disposition="no_answer")[0] == 409, "told otherwise: refused"
        assert s.end(second, "two", disposition="no_answer", note="rang for long")[0] == 200
        assert s.end(third, "three", disposition="do_not_call")[0] == 200
        until(lambda: (s.source("bert"), s.source("cleo")) == ("hot", "cold"), what="the answers' way")
        bert = s.get("/v1/leads/bert@example.com", s.write)[1]
        assert bert["timing"] == "now" and bert["budget"] == 5000, bert
        until(lambda: s.sql("select points from score join identity i using (lead_id) where i.value = 'bert@example.com' and name = 'heat'") == [["100"]], what="rescored")
        dora = until(lambda: s.get("/v1/leads/dora@example.com", s.write)[1].get("first_name"), what="the colleague")
        assert dora == "Dora"
        until(lambda: s.sql("select count(*) from telemarketing.call") == [["0"]], what="all news recorded")
        until(lambda: s.sql("select count(*) from suppression where channel = 'call'") == [["1"]], what="never again, by the server")
        kept = [row for row in json.loads(s.run("suppression", "list", "--json").stdout) if row["kind"] == "lead"]
        assert [row["channel"] for row in kept] == ["call"] and s.sql(f"select first_name from lead where lead_id = {kept[0]['value']}") == [[third["name"]]], kept
        assert s.sql("select data->>'note' from event where verb = 'call.note'") == [["rang for long"]]
        assert sorted(row[0] for row in s.sql("select verb from event where verb like 'call.%' and verb <> 'call.note'")) == ["call.answer"] + ["call.end"] * 3
        # the internal list: at once, for ever, for the number
        s.make("erik", 1234501)
        s.ring("erik")
        until(lambda: s.sql("select blocked from telemarketing.attempt where blocked is not null") == [["on the list internal"]], what="the number is refused at the door")
        assert s.next("one") is None
        kept = s.sql("select agent, disposition, number from telemarketing.attempt where blocked is null order by id")
        assert [row[1] for row in kept] == ["reached", "no_answer", "do_not_call"] and kept[0][2] == "+49301234502", kept


def test_leases_run_out_callbacks_come_back_and_withdrawals_cancel():
    with Floor(settings='sip_domain = "pbx.example.com"') as s:
        for i, name in enumerate(("anna", "bert", "cleo")):
            s.make(name, 2234500 + i, 100 - i)
        s.ring("anna", "bert", "cleo")
        s.queued(3)
        anna = s.next("one")
        assert anna["dial"] == "sip:+49302234500@pbx.example.com" and anna["queued_at"].endswith("Z"), anna
        s.sql("update telemarketing.call set lease_until = now() - interval '1 second' where state = 'leased'")
        assert s.calls(f"calls/{anna['id']}/heartbeat", agent="one")[0] == 409
        assert s.next("one")["id"] == anna["id"], "who lost a call may take one again at once"
        s.sql("update telemarketing.call set lease_until = now() - interval '1 second' where state = 'leased'")
        s.queued(3)  # by itself, within a second
        again = s.next("two")
        assert again["id"] == anna["id"], "a lease that runs out returns to the queue"
        assert s.end(anna, "one", disposition="no_answer")[0] == 409, "its lease ran out"
        assert s.calls(f"calls/{anna['id']}/heartbeat", agent="two")[0] == 200
        s.sql("update telemarketing.call set lease_until = now() + interval '2 days' where state = 'leased'")
        status, body = s.calls(f"calls/{anna['id']}/heartbeat", agent="two")
        assert status == 200 and body["lease_seconds"] > 86400 and s.next("two")["id"] == anna["id"], body
        assert s.sql("select lease_until > now() + interval '1 day' from telemarketing.call where state = 'leased'") == [["t"]], "a sign of life never makes a lease shorter"
        assert s.sql("select disposition from telemarketing.attempt order by id limit 1") == [["lease_ran_out"]]
        # a callback wins over the queue and comes to the same agent
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        assert s.end(again, "two", callback_at="2020-01-01T10:00:00Z")[0] == 422
        for beside in ({"disposition": "do_not_call"}, {"answers": {"timing": "now"}}):
            assert s.end(again, "two", callback_at=at, **beside)[0] == 422, "a callback swallows nothing"
        assert s.end(again, "two", callback_at=at, note="is on a train")[0] == 200
        until(lambda: s.sql("select data->>'note' from event where verb = 'call.note'") == [["is on a train"]], what="the note of a callback")
        s.sql("update telemarketing.call set ready_at = 0, callback_at = (extract(epoch from now()) * 1000000)::bigint where callback_at is not null")
        s.calls("calls/1/heartbeat", agent="two")  # it is there
        until(lambda: s.sql("select count(*) from telemarketing.call where state = 'waiting'") == [["0"]], what="the callback's moment")
        bert = s.next("three")
        assert bert["name"] == "Bert", "another agent gets the queue"
        assert s.next("two")["id"] == anna["id"], "the same agent gets the callback first"
        # ten minutes after its moment it is anybody's, though the agent is there
        assert s.end(anna, "two", callback_at=at)[0] == 200
        late = "(extract(epoch from now() - interval '11 minutes') * 1000000)::bigint"
        s.sql(f"update telemarketing.call set ready_at = 0, callback_at = {late} where state = 'waiting'")
        s.calls("here", agent="two")
        until(lambda: s.sql("select count(*) from telemarketing.call where state = 'ready' and needs = '' and callback_at is not null") == [["1"]], what="a late callback is shared")
        assert s.next("five")["id"] == anna["id"], "a late callback goes to others"
        # a withdrawal takes the call out of the queue: the offer looks again
        lead = s.sql("select lead_id from identity where value = 'cleo@example.com'")[0][0]
        status, body = s.post(f"/v1/leads/{lead}/consent", {"channel": "call", "purpose": "marketing", "state": "withdrawn", "source": "phone", "wording": "no more"}, s.write)
        assert status in (200, 202), body
        assert s.next("four") is None
        # the lead is erased while somebody talks to it: the outcome is taken, nothing of the person comes back
        s.run("erase", "bert@example.com", "--yes")
        until(lambda: s.sql("select count(*) from channel_forget") == [["0"]], what="forgotten")
        assert s.sql(f"select count(*) from telemarketing.call where lead_id = {bert['lead']}") == [["0"]]
        assert s.sql(f"select count(*) from telemarketing.attempt where lead_id = {bert['lead']}") == [["0"]]
        assert s.end(bert, "three", disposition="no_answer")[0] == 409


def test_never_the_same_call_twice_and_hours_and_lists_hold():
    with Floor(settings='lists = { DE = "national" }, hours = { FR = "0:00-0:15" }') as s:
        names = [f"lead{i}" for i in range(12)]
        for i, name in enumerate(names):
            s.make(name, 3234500 + i, country="DE" if i else "GB")  # the lists of the number's country count, too
        s.make("french", 4234500, country="FR")
        s.ring(*names, "french")
        s.queued(13)
        assert s.next("one") is None, "the national list was never loaded"
        s.make("short", 0, phone="0123", country="GB")
        s.ring("short")
        until(lambda: s.sql("select reason from touch where state = 'rejected'") == [["there is no telephone number of this length in its country"]], what="an impossible number")
        assert "was not scrubbed lately" in s.sql("select blocked from telemarketing.attempt order by id limit 1")[0][0]
        put = lambda more, text: s.request("PUT", f"/v1/channels/calls/lists/national?{more}", text, s.admin)  # noqa: E731
        load = lambda day: put(f"scrubbed={day}", "number\n+49 30 3234505\nrubbish\n")  # noqa: E731
        today = time.strftime("%Y-%m-%d", time.gmtime())
        old = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 40 * 86400))
        assert load("soon")[0] == 422
        status, body, _ = load(old)
        assert (status, body["numbers"], body["bad_lines"]) == (200, 1, 1), body
        s.sql("update telemarketing.call set ready_at = 0 where state = 'waiting'")
        assert s.next("one") is None, "scrubbed more than 31 days ago"
        fresh = lambda: [(one["fresh"], one["numbers"]) for one in s.get("/v1/channels/calls/lists", s.write)[1]["lists"] if one["list"] == "national"]  # noqa: E731
        load(today)
        for rubbish in ("", "number\n", "<html>\n<p>404</p>\n", "030 3234505\n030 3234506\n"):
            assert put(f"scrubbed={today}", rubbish)[0] == 422, rubbish
        assert fresh() == [(True, 1)], "a wrong file leaves the list as it was"
        assert put(f"scrubbed={today}&end=false&load=a", "+49 30 9234501\n+49 30 9234502\n")[0] == 200
        assert put(f"scrubbed={today}&end=false&load=a", "+49 30 9234501\n+49 30 9234502\n")[0] == 200, "begun anew: what was begun before is deleted"
        assert fresh() == [(True, 1)], "half of a list is none: it is what it was"
        status, body, _ = put(f"scrubbed={today}&load=b", "+49 30 9234501\n")
        assert status == 409 and "being loaded by somebody else" in body["detail"], body
        assert put(f"scrubbed={today}&begin=false&load=b", "+49 30 9234501\n")[0] == 409
        assert put(f"scrubbed={today}&begin=false&end=false&load=a", "+49 30 9234501\n+49 30 3234505\n+49 30 9234503\n")[0] == 200 and fresh() == [(True, 1)]
        assert put(f"scrubbed={today}&begin=false&load=a", "")[0] == 200 and fresh() == [(True, 4)]
        until(lambda: s.sql("select count(*) from telemarketing.listed") == [["4"]], what="what was replaced is deleted")
        assert put(f"scrubbed={today}&begin=false&load=a", "+49 30 9234501\n")[0] == 409, "it has ended"
        for part in ("end=false", "begin=false", "begin=false&end=false"):
            assert put(f"scrubbed={today}&{part}", "+49 30 9234511\n")[0] == 422, "parts without a word may be those of two loads"
        # a part or an end that is still on its way when its load is begun anew goes into nothing: the list would lack what came before it
        waits = lambda query: s.sql(f"select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%{query}%'") == [["1"]]  # noqa: E731
        for numbers, statement in (("+49 30 9234512\n", "with own as materialized"), ("", "with was as materialized (select current")):
            assert put(f"scrubbed={today}&end=false&load=a", "+49 30 9234511\n")[0] == 200
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                with s.holding("select pg_advisory_xact_lock(77)"):
                    anew = pool.submit(s.sql, "update telemarketing.list set loading = 'national/anew' where name = 'national'; select pg_advisory_xact_lock(77)")
                    until(lambda: waits("national/anew"), what="it is begun anew")
                    late = pool.submit(put, f"scrubbed={today}&begin=false&load=a", numbers)
                    until(lambda: waits(statement), what="what is late waits")
                anew.result()
                assert late.result()[0] == 409 and fresh() == [(True, 4)], late.result()
        s.sql("update telemarketing.list set loading = null, load_key = null where name = 'national'")
        assert put(f"scrubbed={today}&end=false&load=dead", "+49 30 9234501\n")[0] == 200
        s.sql("update telemarketing.list set load_at = load_at - interval '61 seconds'")  # who loads it has died
        assert put(f"scrubbed={today}&country=49", "030 3234505\n00493032345 05\n+49 (0)30 3234505\n303234505\n")[0] == 200 and fresh() == [(True, 1)], "each is the same number"
        s.sql("update telemarketing.call set ready_at = 0 where state = 'waiting'")
        until(lambda: s.sql("select count(*) from telemarketing.call where state = 'waiting' and ready_at = 0") == [["0"]], what="all that are due in the queue")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            got = list(pool.map(lambda i: s.next(f"line{i}"), range(16)))
        ids = [call["id"] for call in got if call]
        assert len(ids) == len(set(ids)) == 11, f"each call once, not the listed one nor the one in France: {len(ids)}"
        assert "closed by the table" in s.sql("select why from telemarketing.call c join identity i using (lead_id) where i.value = 'french@example.com'")[0][0]
        # what agents can: a line can what its token can; nobody else is made an agent, and no word is swallowed
        put_agent = lambda name, body: s.request("PUT", f"/v1/channels/calls/agents/{name}", body, s.admin)[0]  # noqa: E731
        assert (put_agent("nobody", {"skills": ["x"]}), put_agent("token:write", {"skils": ["x"]}), put_agent("token:write", {"skills": ["x y"]})) == (422, 422, 422)
        s.sql("update telemarketing.call set state = 'ready', agent = null, lease_until = null, attempt_id = null, needs = 'language:de', own_needs = 'language:de' "
              f"where touch_id = {ids[0]}")
        assert s.next("line90") is None, "nobody can that"
        token = s.sql(f"select split_part(agent, '/', 1) from telemarketing.call where touch_id = {ids[1]}")[0][0]
        assert put_agent(token, {"languages": ["de"]}) == 200
        assert s.next("line90")["id"] == ids[0], "a line can what its token can"
        status, body = s.post("/v1/channels/calls/calls/release", {}, s.write)
        assert (status, body) == (200, {"released": 11}), body
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            got = list(pool.map(lambda i: s.next(f"line{i}"), range(16)))
        assert sorted(call["id"] for call in got if call) == sorted(ids), "all of a token's came back"
        status, body = s.get("/v1/channels/calls/status", s.write)
        assert status == 200 and body["queue"][0]["in_hand"] == 11, body


def test_no_call_is_given_twice_or_lost_though_workers_are_killed():
    with Floor() as s:
        names = [f"lead{i}" for i in range(40)]
        for i, name in enumerate(names):
            s.make(name, 6234500 + i)
        s.ring(*names)
        s.queued(40)

        def refused(reason):  # what it got before the word came is given back
            status, body = s.calls("calls/next", agent="early")
            assert status == 200, body
            if body["call"]:
                assert s.calls(f"calls/{body['call']['id']}/release", agent="early")[0] == 200
            return not body["call"] and body.get("reason", reason) == reason

        s.run("channel", "stop", "calls")
        until(lambda: refused("the channel is stopped"), what="a stopped channel: no call, and why")
        s.run("channel", "resume", "calls")
        s.run("campaign", "pause", "ring")
        until(lambda: refused("its campaign is paused"), what="a paused campaign: no call, and no error either")
        s.run("campaign", "resume", "ring")
        s.sql("update telemarketing.call set ready_at = 0 where state = 'waiting'")
        held, ended, stop = {}, [], []

        def line(name):
            while not stop:
                try:
                    status, body = s.calls("calls/next", agent=name)
                    if status != 200:
                        time.sleep(0.2)
                        continue
                    if not body["call"]:  # what others hold may come back
                        time.sleep(0.2)
                        continue
                    call = body["call"]["id"]
                    held[name] = call
                    others = [n for n, c in list(held.items()) if c == call and n != name]
                    assert not others, f"{call} is {name}'s and {others}'"
                    while (status := s.calls(f"calls/{call}/outcome", {"disposition": "no_answer"}, name)[0]) == 503:
                        time.sleep(0.2)
                    assert status == 200, status
                    ended.append(call)
                    held.pop(name)
                except (OSError, http.client.HTTPException):
                    time.sleep(0.2)  # its worker was killed: asked again, it is the same call, and the same outcome

        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            lines = [pool.submit(line, f"line{i}") for i in range(6)]
            for role in ("web", "delivery", "web"):
                until(lambda: len(ended) > len(names) // 8 or all(one.done() for one in lines), what="some calls")
                for pid in s.workers(role):
                    os.kill(pid, signal.SIGKILL)
                until(lambda: s.workers(role), what="a new worker")
            try:
                until(lambda: s.sql("select count(*) from telemarketing.call") == [["0"]] or any(one.done() for one in lines), 120, "all news recorded")
            finally:
                stop.append(True)
            for one in lines:
                one.result()
        assert len(ended) == len(set(ended)), "no call was ended by two"
        assert s.sql("select count(*) from touch where state = 'sent'") == [["40"]]
        assert s.sql("select count(*) from event where verb = 'call.end'") == [["40"]], "each ended once"


if __name__ == "__main__":
    run_tests(globals())
