#!/usr/bin/env python3
"""Events that come packed, in heaps, late and in any order (POST /v1/events): good ones are kept, wrong ones named by their line, and the score is what
it would be had they come in time."""
import datetime
import gzip
import json
import random

from nurture import Server, run_tests, until

CHANNEL = '''
postal_address = "Acme Security, 1 Example Street, 10115 Berlin"
channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }
'''
s = token = None


def post(body, encoding=None, kind="application/x-ndjson"):
    headers = {"Content-Type": kind, **({"Content-Encoding": encoding} if encoding else {})}
    return s.request("POST", "/v1/events", body, token, headers)[:2]


def lines(events):
    return "\n".join(json.dumps(e) if isinstance(e, dict) else e for e in events).encode()


def test_a_packed_heap_is_taken_and_its_wrong_lines_are_named():
    good = {"email": "ann@example.com", "verb": "page.view", "subject": "/prices"}
    heap = lines([good, "{", "", {**good, "verb": "page.veiw"}, good, {**good, "at": "2199-01-01T00:00:00Z"}, good])
    for body, encoding in ((heap, None), (gzip.compress(heap), "gzip"), (gzip.compress(heap[:70]) + gzip.compress(heap[70:]), "GZIP")):
        status, answer = post(body, encoding)
        assert status == 202 and answer["accepted"] == 3 and answer["refused"] == 3, (encoding, status, answer)
        assert [(e["line"], e["field"]) for e in answer["errors"]] == [(2, "body"), (4, "verb"), (6, "at")], answer
    status, answer = post(gzip.compress(json.dumps(good).encode()), "gzip", "application/json")
    assert status == 202 and answer["accepted"] == 1, answer


def test_a_byte_order_mark_before_the_json_is_passed_over():
    mark, good = b"\xef\xbb\xbf", {"email": "mark@example.com", "verb": "page.view", "subject": "/mark"}
    two, one = lines([good, good]), json.dumps(good).encode()
    for body, kind, taken in ((two, "application/x-ndjson", 2), (one, "application/json", 1), (b"[" + one + b"]", "application/json", 1)):
        for encoding, packed in ((None, mark + body), ("gzip", gzip.compress(mark + body))):
            status, answer = post(packed, encoding, kind)
            assert status == 202 and answer["accepted"] == taken and not answer.get("refused"), (kind, encoding, status, answer)
    status, answer = s.request("POST", "/v1/leads", mark + b'{"email": "mark@example.com", "company": "Mark"}', token, {"Content-Type": "application/json"})[:2]
    assert status in (200, 202), (status, answer)
    for body in (mark + mark + one, one + mark, mark):  # only one, and only before it
        status, answer = post(body, kind="application/json")
        assert status == 400 and answer["field"] == "body", (body, status, answer)


def test_a_bomb_a_cut_and_a_strange_encoding_are_refused_and_nothing_is_kept():
    event = lines([{"email": "ann@example.com", "verb": "page.view", "subject": "/bomb"}])
    bomb = gzip.compress(event + b"\n" * (300 << 20), 9)
    assert len(bomb) < 1 << 20
    status, answer = post(bomb, "gzip")
    assert status == 413 and "unpacked" in answer["detail"], answer
    for body, encoding in ((gzip.compress(event)[:-4], "gzip"), (event, "gzip"), (gzip.compress(event) + b"x", "gzip"), (event, "br"), (event, "gzip, gzip"),
                           (gzip.compress(gzip.compress(event)), "gzip")):
        status, answer = post(body, encoding)
        assert status == (400 if encoding == "gzip" else 415), (encoding, status, answer)
    assert s.sql("select count(*) from event where subject = '/bomb'") == [["0"]]
    assert s.get("/healthz")[0] == 200


def test_events_land_where_they_belong_whatever_order_they_come_in():
    now = datetime.datetime.now(datetime.timezone.utc)
    days = [100, 40, 35, 20, 9, 3, 1, 0]
    acts = ["asset.download", "webinar.attend", "page.view", "email.click", "asset.view"]
    story = [{"verb": acts[i % len(acts)], "subject": ["security-guide", "zero-trust-live", "/pricing", "key-benefits", "bank-case"][i % 5], "value": 30,
              "at": (now - datetime.timedelta(days=d, minutes=i)).strftime("%Y-%m-%dT%H:%M:%SZ")} for i, d in enumerate(days * 3)]
    story.sort(key=lambda e: e["at"])
    mixed = story[:]
    random.Random(7).shuffle(mixed)
    for name, order in (("early", story), ("late", story[::-1]), ("mixed", mixed)):
        for event in order:      # each in a group and a turn of its own
            assert s.post("/v1/events", {**event, "email": f"{name}@example.com"}, token)[0] == 202
    until(lambda: s.sql("select count(*) from inbox") == [["0"]], what="the turns")

    def scores():  # they are colleagues, so their company's turn comes to it, too
        return [{m["model"]: m["score"] for m in s.get(f"/v1/leads/{name}@example.com/score", token)[1]["models"]} for name in ("early", "late", "mixed")]

    until(lambda: (found := scores())[0] == found[1] == found[2] and any(found[0].values()), 30, "the same score for all")


if __name__ == "__main__":
    with Server(playbook="scripts", config=CHANNEL) as s:
        token = s.token("write")
        run_tests(globals())
