#!/usr/bin/python3
"""What an agent promises to a person (plugins/telemarketing): a callback that can be kept, or 422 with the moment that would do; more time by a supervisor. And what supervisors are told of calls
that are not offered."""
import datetime
import time

from calls_hand_test import Hand
from nurture import run_tests, until

HOUR = datetime.timedelta(hours=1)


def now():
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def nowhere_day():
    """A large country that has no lawful hour in the next hour: somebody who may be anywhere in it is called only when it is 8:00 to 21:00 everywhere. In the United States, from Adak to New
    York, that is from 18:00 to 02:00 UTC (01:00 in summer), in Russia, from Kaliningrad to Anadyr, from 06:00 to 09:00."""
    return "US" if 5 <= time.gmtime().tm_hour < 10 else "RU"


def text(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_callback_that_cannot_be_kept_is_refused_with_the_moment_that_would_do():
    with Hand(settings='hours = { GB = "9:00-20:00" }') as s:
        s.make("anna", 5134501, 10, country="DE")
        s.make("bert", 5134502, 5, country="GB")
        s.ring("anna", "bert")
        s.queued(2)
        anna, bert = s.next("one"), s.next("two")
        east = -int(s.zone[7:]) if s.zone != "UTC" else 0
        here = lambda moment: (moment + east * HOUR).strftime("%H:%M")  # noqa: E731
        for call, line, opens in ((anna, "one", "08:00"), (bert, "two", "09:00")):
            night = now() + 14 * HOUR  # three in the morning there
            status, body = s.end(call, line, callback_at=text(night), note="by night")
            assert (status, body["field"]) == (422, "callback_at") and body["lawful_at"] in body["detail"] and "latest_at" not in body, body
            lawful = datetime.datetime.fromisoformat(body["lawful_at"])
            assert here(lawful) == opens and datetime.timedelta() < lawful - night < 12 * HOUR, (body, here(lawful), here(night))
            lawful = body["lawful_at"]
            assert s.end(call, line, callback_at=lawful) == (200, {"id": call["id"], "ended": "callback", "reached": False, "callback_at": lawful}), "the moment that it names will do"
        assert s.sql("select count(*) from event where verb = 'call.note'") == [["0"]], "what was refused is not noted"


def test_a_callback_that_is_told_again_is_noted_once_and_lets_nobodys_call_go():
    with Hand() as s:
        s.make("anna", 5634501, 10)
        s.soon("anna")
        s.queued(1)
        anna = s.next("one")
        promised = {"callback_at": text(now() + HOUR / 3), "note": "is in a meeting"}
        first = s.end(anna, "one", **promised)
        assert first[0] == 200, first
        until(lambda: s.offered(anna) == "nobody", what="the word that nobody has it")
        assert s.end(anna, "one", **promised) == first, "told twice: the same answer"
        assert s.end(anna, "one", **{**promised, "note": "another"})[0] == 409, "told otherwise: refused"
        # somebody else calls back; the one who promised it never heard the answer, and tells it once more
        s.sql("update telemarketing.call set ready_at = 0, callback_at = 1, callback_for = null, needs = own_needs")
        mine = until(lambda: s.next("two"), what="the callback, of somebody else")
        assert mine["id"] == anna["id"] and s.offered(anna) == "true"
        assert s.end(anna, "one", **promised) == first
        assert s.offered(anna) == "true", "it is in the other's hand"
        assert s.sql("select data->>'note' from event where verb = 'call.note'") == [["is in a meeting"]]
        assert s.end(mine, "two", disposition="no_answer")[0] == 200


def test_nobody_but_a_supervisor_promises_beyond_the_deadline_and_that_is_kept():
    with Hand() as s:
        s.make("anna", 5234501)
        s.soon("anna")
        s.queued(1)
        anna = s.next("one")
        status, body = s.end(anna, "one", callback_at=text(now() + 2 * HOUR))
        assert (status, body["field"], body["latest_at"]) == (422, "callback_at", anna["latest_at"]) and anna["latest_at"] in body["detail"], body
        beyond = {"callback_at": text(now() + 2 * HOUR), "until": text(now() + 3 * HOUR)}
        status, body = s.end(anna, "one", **beyond)
        assert (status, body["field"]) == (422, "until") and "supervisor" in body["detail"], body
        assert s.end(anna, "one", disposition="no_answer", until=beyond["until"])[0] == 422
        assert s.calls(f"calls/{anna['id']}/release", agent="one")[0] == 200
        s.sql("update telemarketing.call set ready_at = 0")
        boss = lambda path, **body: s.calls(path, body, token=s.admin)  # noqa: E731
        mine = until(lambda: boss("calls/next")[1]["call"], what="the supervisor's call")
        assert mine["id"] == anna["id"]
        for wrong in ("soon", text(now() + HOUR * 1.5), text(now() + 400 * 24 * HOUR)):
            status, body = boss(f"calls/{anna['id']}/outcome", **{**beyond, "until": wrong})
            assert (status, body["field"]) == (422, "until"), (wrong, body)
        status, body = boss(f"calls/{anna['id']}/outcome", **beyond)
        assert status == 200, body
        assert boss(f"calls/{anna['id']}/outcome", **beyond) == (200, body), "told twice: the same answer"
        s.overdue(anna)
        assert s.state(anna) == ["queued", ""], "its campaign's time is over, the promise holds"
        s.sql("update telemarketing.call set ready_at = 0, callback_at = (extract(epoch from now()) * 1000000)::bigint")
        mine = until(lambda: boss("calls/next")[1]["call"], what="the callback")
        assert mine["id"] == anna["id"] and mine["latest_at"] == beyond["until"], mine
        assert boss(f"calls/{anna['id']}/release")[0] == 200
        s.overdue(anna)
        assert s.state(anna) == ["queued", ""], "given back it still has its time"
        s.sql("update telemarketing.call set ready_at = 0, until = 1, latest_at = 1, looked_at = null")
        until(lambda: s.state(anna) == ["cancelled", "late"], what="the time that it was given is over")


def test_a_hold_whose_end_was_lost_with_its_process_ends_with_the_deadline():
    with Hand() as s:
        s.make("anna", 5334501)
        s.soon("anna")
        s.queued(1)
        anna = s.next("one")
        # a process that died between its own record and the word to the server
        # (and the sweep has just looked at it: the next time is in five minutes)
        s.sql("update telemarketing.call set state = 'ready', agent = null, lease_until = null, attempt_id = null, looked_at = now()")
        s.overdue(anna)
        assert s.state(anna) == ["queued", ""], "the server still thinks that somebody has it"
        s.sql("update telemarketing.call set looked_at = null")  # now
        until(lambda: s.state(anna) == ["cancelled", "late"] and s.source("anna") == "late", what="its time")


def test_a_number_that_is_none_is_dialled_neither_when_it_comes_nor_when_it_becomes_one():
    with Hand() as s:
        none = "this is no telephone number with a country code"
        s.make("anna", 0, phone="++493055345501")  # on a list it would stand with one plus, and not be found
        s.make("bert", 5534502)
        s.ring("anna", "bert")
        state = lambda name: s.sql(f"select state, reason from touch join lead using (lead_id) where email = '{name}@example.com'")  # noqa: E731
        until(lambda: state("anna") == [["rejected", none]], what="refused at the door")
        s.queued(1)
        s.sql("update lead set phone = '+49 30 5534502 ext. 7' where email = 'bert@example.com'")
        assert s.next("one") is None
        until(lambda: state("bert") == [["deferred", none]], what="given back")
        s.sql("update touch set due_at = now() where state = 'deferred'")  # not in a minute
        until(lambda: state("bert") == [["rejected", none]], what="refused at the door")
        assert s.sql("select count(*) from telemarketing.attempt") == [["0"]], "no agent had it"


def test_supervisors_are_told_why_calls_are_not_offered():
    with Hand() as s:
        for i, name in enumerate(("anna", "bert", "cleo", "dora")):
            s.make(name, 5434501 + i, 100 - i)
        s.make("emil", 5434509)
        s.ring("anna", "bert", "cleo", "dora", "emil")
        s.queued(5)
        s.sql(f"update lead set time_zone = null, country = '{nowhere_day()}', phone = '+18005550123' where email = 'emil@example.com'")
        anna, bert, cleo, dora = (s.next(line) for line in ("one", "two", "three", "four"))
        assert [call["name"] for call in (anna, bert, cleo, dora)] == ["Anna", "Bert", "Cleo", "Dora"]
        assert s.end(anna, "one", callback_at=text(now() + HOUR))[0] == 200
        assert s.calls(f"calls/{bert['id']}/release", agent="two")[0] == 200
        # the server has taken it back while it is spoken: the agent is told, and so are supervisors
        s.sql(f"update touch set state = 'cancelled', reason = 'late' where touch_id = {cleo['id']}")
        status, body = s.calls(f"calls/{cleo['id']}/heartbeat", agent="three")
        assert status == 200 and body["taken_back"] == "cancelled", body
        assert "taken_back" not in s.calls(f"calls/{dora['id']}/heartbeat", agent="four")[1]
        assert "taken_back" in s.next("three")
        status, body = s.end(cleo, "three", callback_at=text(now() + HOUR))
        assert status == 409 and "it is not called back" in body["detail"], body
        until(lambda: s.next("five") is None, what="the rest is not offered")
        status, body = s.get("/v1/channels/calls/status", s.write)
        said = {(row["state"], row["reason"]): row for row in body["not_offered"]}
        assert status == 200 and said["waiting", "callback"]["calls"] == 1 and said["waiting", "callback"]["next_at"], body
        assert said["waiting", "given back"]["calls"] == 1, said
        assert [row["calls"] for (state, reason), row in said.items() if state == "in hand" and reason.startswith("taken back")] == [1], said
        assert [row["calls"] for (_, reason), row in said.items() if "time zones that the lead may be in" in reason] == [1], said
        assert {"reason": "given back by its agent", "calls": 1} in body["last_day"]["came_to_nothing"], body["last_day"]
        assert s.calls(f"calls/{dora['id']}/release", agent="four")[0] == 200
        s.sql("update telemarketing.call set ready_at = 0 where why = 'given back'")
        until(lambda: s.sql("select count(*) from telemarketing.call where state = 'ready'") == [["2"]], what="two that may be offered")
        s.run("campaign", "pause", "ring")
        paused = lambda: [row for row in s.get("/v1/channels/calls/status", s.write)[1]["not_offered"] if "paused" in row["reason"]]  # noqa: E731
        until(lambda: paused() and paused()[0]["next_at"] is None, what="a pause, which has no end that is known")
        told = s.run("calls", "status").stdout
        assert "Not offered now:" in told and "its campaign is paused" in told and "came to nothing: given back by its agent" in told, told


if __name__ == "__main__":
    run_tests(globals())
