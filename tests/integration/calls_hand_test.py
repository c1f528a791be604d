#!/usr/bin/python3
"""A call that an agent has in hand (plugins/telemarketing): what may happen to it and its lead meanwhile, and that what was said is never lost."""
import concurrent.futures
import os
import signal

from calls_test import PLAYBOOK, Floor
from nurture import run_tests, until

PLAYBOOK["verbs.lua"] = 'verb "demo.ask" { by = "lead" }\n'
PLAYBOOK["campaigns/soon.lua"] = (
    'campaign "soon" { title = "Soon", enter = on "demo.ask", again = "always",\n'
    '  step "call" { call "ask" { within = "1 hour" }, answers = { now = "hot", late = "late", otherwise = "cold" } },\n'
    '  step "hot" { set { source = "hot" }, leave "hot" },\n'
    '  step "late" { set { source = "late" }, leave "late" },\n'
    '  step "cold" { set { source = "cold" }, leave "cold" } }\n')


class Hand(Floor):
    def soon(self, name):
        status, body = self.post("/v1/events", {"email": f"{name}@example.com", "verb": "demo.ask"}, self.write)
        assert status == 202, body

    def turns(self):
        until(lambda: self.sql("select count(*) from inbox") == [["0"]], 120, "all turns")

    def overdue(self, call):
        """The call's hour is over, and its lead has a turn because of something else."""
        self.sql(f"update touch set expires_at = now() - interval '1 second' where touch_id = {call['id']}")
        email = call["sheet"]["lead"]["fields"]["email"]
        assert self.post("/v1/events", {"email": email, "verb": "page.view", "subject": "/"}, self.write)[0] == 202
        self.turns()

    def state(self, call):
        return self.sql(f"select state, coalesce(reason, '') from touch where touch_id = {call['id']}")[0]

    def offered(self, call):
        return self.sql(f"select coalesce((offered_until > now())::text, 'nobody') from touch where touch_id = {call['id']}")[0][0]


def test_what_is_spoken_is_not_taken_back_for_its_time():
    with Hand() as s:
        for i, name in enumerate(("anna", "bert", "cleo", "dora")):
            s.make(name, 5234500 + i, 100 - i)
            s.soon(name)
        s.queued(4)
        anna, bert, cleo, dora = (s.next(line) for line in ("one", "two", "three", "four"))
        assert [s.offered(call) for call in (anna, bert, cleo, dora)] == ["true"] * 4
        for call in (anna, bert, cleo, dora):
            s.overdue(call)
            assert s.state(call) == ["queued", ""], "an agent has it"
        # its answer goes its way, though its hour was over
        assert s.next("one")["id"] == anna["id"] and s.calls(f"calls/{anna['id']}/heartbeat", agent="one")[0] == 200
        assert s.end(anna, "one", disposition="reached", answers={"timing": "now"})[0] == 200
        until(lambda: s.source("anna") == "hot", what="the answer's way")
        # in nobody's hand its time is over at once: given back, or run out
        assert s.calls(f"calls/{bert['id']}/release", agent="two")[0] == 200
        s.sql(f"update telemarketing.call set lease_until = now() - interval '1 second' where touch_id = {cleo['id']}")
        until(lambda: (s.source("bert"), s.source("cleo")) == ("late", "late"), what="their time")
        assert s.state(bert) == ["cancelled", "late"] and s.state(cleo) == ["cancelled", "late"]
        assert s.next("five") is None, "what was taken back is offered to nobody"
        assert s.sql(f"select disposition from telemarketing.attempt where touch_id in ({bert['id']}, {cleo['id']}) order by disposition") == [["lease_ran_out"], ["released"]]
        # never is never: also of a call whose lease ran out, and of one that its campaign gave up while it was spoken
        assert s.end(cleo, "three", disposition="no_answer")[0] == 409
        status, body = s.end(cleo, "three", disposition="do_not_call")
        assert status == 409 and "never to be called again holds" in body["detail"], body
        assert s.end(cleo, "four", disposition="do_not_call")[0] == 409
        s.sql(f"update touch set offered_until = null where touch_id = {dora['id']}")  # nobody told it
        s.overdue(dora)
        assert s.state(dora) == ["cancelled", "late"] and s.source("dora") == "late"
        assert s.end(dora, "four", disposition="do_not_call", note="was angry")[0] == 200
        leads = lambda: sorted(row[0] for row in s.sql("select email from suppression p join lead l on l.lead_id::text = p.value where p.kind = 'lead' and p.channel = 'call'"))  # noqa: E731
        until(lambda: leads() == ["cleo@example.com", "dora@example.com"], what="both are suppressed")
        s.sql("update telemarketing.call set looked_at = null")  # what waits is looked at every five minutes: now
        until(lambda: s.sql("select count(*) from telemarketing.call") == [["0"]], what="all news recorded, and what was taken back gone")
        assert s.sql("select count(*) from telemarketing.listed where list = 'internal'") == [["2"]]
        assert s.sql("select count(*) from telemarketing.attempt where ended_at is null") == [["0"]], "every attempt has ended"


def test_what_was_said_outlives_the_process_and_is_told_once():
    with Hand() as s:
        for i, name in enumerate(("anna", "bert", "cleo", "dora")):
            s.make(name, 7234500 + i, 100 - i)
        s.ring("anna", "bert", "cleo", "dora")
        s.queued(4)
        # paused: what stands in the queue is offered to nobody, and comes back
        held = s.next("one")
        s.run("campaign", "pause", "ring")
        aside = lambda: s.sql("select state, count(*) from telemarketing.call where why = 'its campaign is paused' group by 1")  # noqa: E731
        until(lambda: aside() == [["waiting", "3"]], what="the calls are put aside")
        assert s.next("two") is None and s.next("one")["id"] == held["id"], "what is spoken goes on"
        assert s.calls(f"calls/{held['id']}/release", agent="one")[0] == 200
        s.sql("update telemarketing.call set ready_at = 0 where why = 'given back'")
        assert s.next("one") is None
        s.run("campaign", "resume", "ring")
        s.sql("update telemarketing.call set state = 'ready', ready_at = 0 where why = 'given back' or ready_at < 253370764800000000")
        until(lambda: s.sql("select count(*) from telemarketing.call where state = 'ready'") == [["4"]], what="they are back")
        anna, bert, cleo, dora = (s.next(line) for line in ("one", "two", "three", "four"))
        # the events cannot be written, the process dies
        said = {"timing": "now", "budget": 7, "others": [{"first_name": "Emil", "email": "emil@example.org"}, {"last_name": "Frey"}]}
        with s.holding("lock table event_key in access exclusive mode"):
            assert s.end(anna, "one", disposition="reached", answers=said, note="rings twice")[0] == 200
            for pid in s.workers("delivery"):
                os.kill(pid, signal.SIGKILL)
        until(lambda: s.source("anna") == "hot", 120, what="the answer's way")
        until(lambda: s.sql(f"select count(*) from telemarketing.call where touch_id = {anna['id']}") == [["0"]], what="its news recorded")
        told = "select verb, count(*) from event where verb in ('call.answer', 'call.note', 'call.end', 'referral.receive') group by 1 order by 1"
        companies = s.sql("select distinct coalesce(account_id, 0) from lead where last_name = 'Frey' or email = 'anna@example.com'")
        assert len(companies) == 1 and companies[0] != ["0"], "a colleague without an address is of the same company"
        until(lambda: s.sql("select count(*) from account_member m join lead l using (lead_id) where l.last_name = 'Frey'") == [["1"]], what="one of its people, too")
        assert s.sql(told) == [["call.answer", "1"], ["call.end", "1"], ["call.note", "1"], ["referral.receive", "2"]], s.sql(told)
        # the same outcome twice at once: the same answer
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            with s.holding(f"select from telemarketing.call where touch_id = {bert['id']} for update"):
                both = [pool.submit(s.end, bert, "two", disposition="no_answer", note="twice") for _ in range(2)]
                until(lambda: s.sql("select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock' and query like '%outcome%' or wait_event_type = 'Lock'") == [["t"]], what="one waits")
            answers = [one.result() for one in both]
        assert answers[0][0] == 200 and answers[0] == answers[1], answers
        until(lambda: s.source("bert") == "cold", what="its way")
        assert s.sql("select count(*) from event where verb = 'call.note'") == [["2"]]
        # a lead that turns out to be another one while an agent speaks with it: what it says is the other's
        s.make("emil", 9234599)
        s.run("merge", "cleo@example.com", "emil@example.com")
        until(lambda: s.sql("select count(*) from channel_forget") == [["0"]], what="the plugin knows")
        assert s.next("three")["id"] == cleo["id"], "it stays in hand"
        assert s.calls(f"calls/{cleo['id']}/heartbeat", agent="three")[0] == 200
        assert s.end(cleo, "three", disposition="reached", answers={"timing": "now"}, note="is Emil")[0] == 200
        until(lambda: s.get("/v1/leads/emil@example.com", s.write)[1].get("timing") == "now", what="the answer of the one that remains")
        until(lambda: s.sql(f"select count(*) from telemarketing.call where touch_id = {cleo['id']}") == [["0"]], what="its news recorded")
        emil = s.sql("select lead_id from identity where value = 'emil@example.com'")[0][0]
        assert s.sql(f"select distinct lead_id from event where verb = 'call.answer' and data->>'campaign' = 'ring' and lead_id = {emil}") == [[emil]]
        assert s.sql(f"select count(*) from touch where state = 'sent' and touch_id = {cleo['id']}") == [["1"]]
        # a lead that is erased meanwhile
        s.run("erase", "dora@example.com", "--yes")
        until(lambda: s.sql("select count(*) from channel_forget") == [["0"]], what="forgotten")
        status, body = s.end(dora, "four", disposition="reached", answers={"timing": "now"})
        assert status == 409 and "was erased while you had it" in body["detail"], body
        assert s.sql(f"select disposition from telemarketing.attempt where touch_id = {dora['id']}") == [["erased"]]
        assert s.sql("select count(*) from telemarketing.attempt where ended_at is null") == [["0"]], "every attempt has ended"


def test_two_leads_who_turn_out_to_be_one_are_both_spoken_to_the_end():
    with Hand() as s:
        s.make("anna", 8234501, 90)
        s.make("bert", 8234502, 80)
        s.ring("anna", "bert")
        s.queued(2)
        anna, bert = s.next("one"), s.next("two")
        assert (anna["name"], bert["name"]) == ("Anna", "Bert")
        s.run("merge", "anna@example.com", "bert@example.com")
        until(lambda: s.sql("select count(*) from channel_forget") == [["0"]], what="the plugin knows")
        for call, line in ((anna, "one"), (bert, "two")):
            assert s.next(line)["id"] == call["id"], "each stays in its hand"
            assert s.calls(f"calls/{call['id']}/heartbeat", agent=line)[0] == 200
        assert s.end(anna, "one", disposition="reached", answers={"timing": "now"}, note="is Bert")[0] == 200
        assert s.end(bert, "two", disposition="no_answer", note="rang")[0] == 200
        until(lambda: s.sql("select count(*) from telemarketing.call") == [["0"]], what="all news recorded")
        one = s.sql("select lead_id from identity where value = 'bert@example.com'")[0][0]
        told = lambda: s.sql("select verb, count(*), count(distinct coalesce(l.merged_into, l.lead_id)) from event e join lead l using (lead_id) "  # noqa: E731
                             "where verb in ('call.answer', 'call.note') group by 1 order by 1")
        assert told() == [["call.answer", "1", "1"], ["call.note", "2", "1"]], told()
        until(lambda: s.get(f"/v1/leads/{one}", s.write)[1].get("timing") == "now", what="what was answered is of the one that remains")
        assert s.sql("select count(*) from telemarketing.attempt where ended_at is null") == [["0"]], "every attempt has ended"
        assert s.sql(f"select count(*) from telemarketing.attempt where lead_id <> {one}") == [["0"]]


def test_a_claim_that_crosses_another_process_goes_back_and_the_others_are_given():
    """That of claims which are written together only the one that crosses goes back is telemarketing_give_test's: here nobody says which are."""
    with Hand() as s:
        names = ("anna", "bert", "cleo", "dora", "emil", "fred")
        for i, name in enumerate(names):
            s.make(name, 8334501 + i, 100 - i)
        s.ring(*names)
        s.queued(6)
        lead = {name: s.sql(f"select lead_id from identity where value = '{name}@example.com'")[0][0] for name in names}

        def patiently(line):
            """What stands still for longer than a request may last is answered 503: who asks again gets the same."""
            status, body = until(lambda: [answer for answer in [s.calls("calls/next", agent=line)] if answer[0] != 503], what="an answer")[0]
            assert status == 200, body
            return body["call"]["name"] if body["call"] else ""

        # a row that names its lead by a number of before a merge: that lead is being spoken to, under its other number
        s.sql(f"update telemarketing.call set state = 'leased', agent = 'elsewhere', lease_until = now() + interval '1 hour', lead_id = {lead['cleo']} where lead_id = {lead['anna']}")
        s.sql(f"update telemarketing.call set lead_id = 77 where lead_id = {lead['cleo']} and state = 'ready'")
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            got = set(pool.map(patiently, ("zero", "one", "two")))
        assert len(got) == 3 and got < {"Bert", "Dora", "Emil", "Fred"}, got
        left = ({"Bert", "Dora", "Emil", "Fred"} - got).pop().lower()
        # another process gives its own agent that lead in the same moment, and commits first
        s.make("gina", 8334511, 200)
        s.make("hugo", 8334512, 150)
        s.make("ivan", 8334513, 140)
        s.ring("gina", "hugo", "ivan")
        until(lambda: s.sql("select count(*) from telemarketing.call c join touch t using (touch_id) where c.state = 'ready' and t.state = 'queued'") == [["5"]], what="three more")
        gina = s.sql("select lead_id from identity where value = 'gina@example.com'")[0][0]
        other = (f"update telemarketing.call set state = 'leased', agent = 'far', lease_until = now() + interval '1 hour', lead_id = {gina} where lead_id = {lead[left]}; "
                 "select pg_advisory_xact_lock(78)")
        waits = lambda what: s.sql(f"select count(*) from pg_stat_activity where datname = current_database() and {what}")  # noqa: E731
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            with s.holding("select pg_advisory_xact_lock(78)"):
                far = pool.submit(s.sql, other)
                until(lambda: waits("wait_event = 'advisory'") == [["1"]], what="the other process is between")
                asked = [pool.submit(patiently, line) for line in ("three", "four", "five")]
                until(lambda: waits("application_name = 'plugin.telemarketing' and wait_event = 'transactionid'") != [["0"]], what="a claim of the same lead waits for it")
            far.result()
            got = sorted(one.result() for one in asked)
        assert got == ["", "Hugo", "Ivan"], got
        assert s.sql("select count(*) from telemarketing.attempt where ended_at is null") == [["5"]], "what crossed left no attempt"


def test_of_outcomes_that_are_told_at_once_each_counts_once_and_each_wrong_one_is_refused_alone():
    with Hand() as s:
        names = [f"lead{i:02}" for i in range(20)]
        for i, name in enumerate(names):
            s.make(name, 8434500 + i, 90 - i)
        s.ring(*names)
        s.queued(20)
        held = {f"line{i}": s.next(f"line{i}") for i in range(20)}
        assert len({call["id"] for call in held.values()}) == 20
        lines = list(held)
        told = {line: {"disposition": "no_answer", "note": f"told by {line}"} for line in lines}
        for line in lines[:5]:
            told[line] = {"disposition": "reached", "answers": {"timing": "now"}, "note": f"told by {line}"}
        told[lines[5]] = {"disposition": "do_not_call"}
        otherwise = {line: {**told[line], "note": "another one"} for line in lines[6:9]}
        wrong = [(lines[10], {"disposition": "reached", "answers": {"timing": "soon"}}, 422), (lines[11], {"disposition": "busy"}, 422)]
        tell = lambda line, outcome, agent=None: s.end(held[line], agent or line, **outcome)  # noqa: E731
        waits = lambda: s.sql("select count(*) from pg_stat_activity where application_name = 'plugin.telemarketing' and wait_event_type = 'Lock'")  # noqa: E731

        def kill():
            for pid in s.workers("delivery"):
                os.kill(pid, signal.SIGKILL)

        with concurrent.futures.ThreadPoolExecutor(60) as pool:
            # no attempt can be ended: the first write stands, and what comes meanwhile waits. It may be answered after ten seconds: 503
            with s.holding("lock table telemarketing.attempt in exclusive mode"):
                begun = [pool.submit(tell, lines[0], told[lines[0]])]
                until(lambda: waits() != [["0"]], what="the first write")
                begun += [pool.submit(tell, line, told[line]) for line in lines[1:]]
                begun += [pool.submit(tell, line, outcome) for line, outcome in otherwise.items()]
                begun += [pool.submit(tell, line, outcome) for line, outcome, _ in wrong]
                assert s.sql("select count(*) from telemarketing.attempt where ended_at is not null") == [["0"]]
                kill()
            for one in begun:
                assert one.result()[0] in (200, 409, 422, 502, 503), one.result()
            # whoever was not answered tells it again, and twice, all at once: the same counts once, the other of two is refused, and so is what is wrong; the plugin is killed once more
            patiently = lambda *outcome: until(lambda: [answer for answer in [tell(*outcome)] if answer[0] not in (502, 503)], 120, "an answer")[0]  # noqa: E731
            answers = {line: [pool.submit(patiently, line, told[line]) for _ in range(2)] for line in lines}
            crossed = {line: pool.submit(patiently, line, outcome) for line, outcome in otherwise.items()}
            bad = [(pool.submit(patiently, line, outcome), (status, 409)) for line, outcome, status in wrong]  # 409: by then it has ended
            bad += [(pool.submit(patiently, line, told[line], "somebody"), (409,)) for line in lines[12:14]]
            until(lambda: s.sql("select count(*) from telemarketing.attempt where ended_at is not null") != [["0"]], what="some are written")
            kill()
            for line, both in answers.items():
                both = [one.result() for one in both]
                assert both[0] == both[1], (line, both)
                if line in crossed:
                    assert sorted([both[0][0], crossed[line].result()[0]]) == [200, 409], (line, both, crossed[line].result())
                else:
                    assert both[0][0] == 200 and both[0][1]["id"] == held[line]["id"], (line, both)
            for one, allowed in bad:
                assert one.result()[0] in allowed, one.result()
        until(lambda: s.sql("select count(*) from telemarketing.call") == [["0"]], 120, "all news recorded")
        s.turns()
        ended = s.sql("select disposition, count(*) from telemarketing.attempt group by 1 order by 1")
        assert ended == [["do_not_call", "1"], ["no_answer", "14"], ["reached", "5"]], ended
        verbs = "select verb, count(*), count(distinct lead_id) from event where verb in ('call.answer', 'call.end', 'call.note') group by 1 order by 1"
        assert s.sql(verbs) == [["call.answer", "5", "5"], ["call.end", "20", "20"], ["call.note", "19", "19"]], s.sql(verbs)
        assert s.sql("select count(*) from telemarketing.listed where list = 'internal'") == [["1"]]
        notes = s.sql("select count(*) from event e join telemarketing.attempt a using (lead_id) where e.verb = 'call.note' and e.data->>'note' = 'told by ' || split_part(a.agent, '/', 2)")
        kept_otherwise = sum(crossed[line].result()[0] == 200 for line in crossed)
        assert notes == [[str(19 - kept_otherwise)]], (notes, kept_otherwise)


if __name__ == "__main__":
    run_tests(globals())
