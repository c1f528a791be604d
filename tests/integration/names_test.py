#!/usr/bin/env python3
"""Names of leads: telephone numbers that name one, addresses that change, numbers of other systems."""
import concurrent.futures
import json

from nurture import Server, run_tests, until

PLAYBOOK = """playbook "x" { title = "X", time_zone = "UTC", country = "DE", competitors = { "rival.example" } }
consent "email" { default = "double-opt-in", unknown = "double-opt-in" }
verb "demo.request" { by = "lead" }
"""


def settled(s):
    until(lambda: s.sql("select count(*) from inbox") == [["0"]], what="all turns")


def refused(s, method, path, body, token, field, part, status=400):
    got, answer = s.request(method, path, body, token)[:2]
    assert got == status and part in json.dumps(answer) and field in json.dumps(answer), (got, answer)


def a_number_names_a_lead(s, token):
    status, body = s.post("/v1/events", {"phone": "+49 (0)30 123-456", "verb": "demo.request"}, token)
    assert status == 202, body
    lead = s.sql("select lead_id from identity where kind = 'phone' and value = '+4930123456'")[0][0]
    assert s.sql(f"select phone, email from lead where lead_id = {lead}") == [["+4930123456", ""]]
    for number in ("0049 30 123456", "030/123456", "+4930123456"):  # of the playbook's country when no other is said
        assert s.post("/v1/events", {"phone": number, "verb": "demo.request"}, token)[0] == 202
    settled(s)
    assert s.sql(f"select count(*) from event where lead_id = {lead} and verb = 'demo.request'") == [["4"]]
    assert s.sql(f"select count(*) from event where lead_id = {lead} and verb = 'lead.create'") == [["1"]]
    status, body = s.post("/v1/leads", {"phone": "030 123456", "last_name": "Roth"}, token)
    assert status == 200 and str(body["lead_id"]) == lead and body["last_name"] == "Roth", body
    status, body = s.post("/v1/leads", {"phone": "020 7946 0123", "country": "GB"}, token)
    assert status == 201 and body["phone"] == "+442079460123", body
    assert s.get("/v1/leads/+442079460123", token)[1]["lead_id"] == body["lead_id"]
    refused(s, "POST", "/v1/events", {"phone": "reception", "verb": "demo.request"}, token, "phone", "country code")
    refused(s, "POST", "/v1/events", {"phone": "+49 30 1", "email": "a@example.com", "verb": "demo.request"}, token, "email", "exactly one")
    refused(s, "POST", "/v1/leads", {"phone": "12", "last_name": "X"}, token, "phone", "country code")
    refused(s, "POST", "/v1/leads", {"last_name": "X"}, token, "email", "phone")
    status, body = s.post("/v1/events", [{"phone": "+49 170 5550001", "verb": "demo.request"}, {"phone": "x", "verb": "demo.request"}], token)
    assert status == 202 and len(body["errors"]) == 1 and body["errors"][0]["line"] == 2, body


def numbers_are_judged_by_the_library(s, token):
    made = {n: s.lead({"email": f"n{i}@example.com", "phone": n}, token)["lead_id"]
            for i, n in enumerate(("+49 30 4711815", "+44 20 7946 09", "+999 1234567", "+1 202 555 01", "089 123 45 67", "+33 1 23 45 67 8"))}
    settled(s)
    flags = {n: s.sql(f"select array_to_string(quality, ' ') from lead where lead_id = {i}")[0][0] for n, i in made.items()}
    assert [("impossible_phone" in f) for f in flags.values()] == [False, True, True, True, False, True], flags
    assert s.sql(f"select phone from lead where lead_id = {made['089 123 45 67']}") == [["+49891234567"]]
    rival = s.lead({"email": "x@mail.rival.example"}, token)["lead_id"]
    settled(s)
    assert "competitor" in s.sql(f"select array_to_string(quality, ' ') from lead where lead_id = {rival}")[0][0]


def an_address_changes_and_the_old_one_still_names_the_lead(s, token):
    lead = s.lead({"email": "old@example.com"}, token)["lead_id"]
    other = s.lead({"email": "other@example.com"}, token)["lead_id"]
    s.post(f"/v1/leads/{lead}/consent", {"channel": "email", "purpose": "marketing", "state": "confirmed"}, token)
    refused(s, "PATCH", f"/v1/leads/{lead}", {"email": "other@example.com"}, token, "email", f"nurture merge {lead} {other}", 409)
    settled(s)
    assert s.get(f"/v1/leads/{lead}", token)[1]["email"] == "old@example.com"
    status, body = s.request("PATCH", f"/v1/leads/{lead}", {"email": "New@Example.COM"}, token)[:2]
    assert status in (200, 202), body
    settled(s)
    assert s.get(f"/v1/leads/{lead}", token)[1]["email"] == "new@example.com"
    for name in ("old@example.com", "new@example.com"):
        assert s.get(f"/v1/leads/{name}", token)[1]["lead_id"] == lead, name
    assert s.post("/v1/events", {"email": "old@example.com", "verb": "demo.request"}, token)[0] == 202
    assert s.sql(f"select count(*) from event where lead_id = {lead} and verb = 'demo.request'") == [["1"]]
    # what was confirmed was the old mailbox
    assert s.sql(f"select state from consent where lead_id = {lead} and channel = 'email' order by id desc limit 1") == [["granted"]]
    s.post(f"/v1/leads/{lead}/consent", {"channel": "email", "purpose": "marketing", "state": "confirmed"}, token)
    s.request("PATCH", f"/v1/leads/{lead}", {"email": "new@example.com", "first_name": "N"}, token)  # the same is no new one
    assert s.sql(f"select state from consent where lead_id = {lead} and channel = 'email' order by id desc limit 1") == [["confirmed"]]


def numbers_of_other_systems_are_names_too(s, token):
    lead = s.lead({"email": "ids@example.com", "external_id": "crm:4711"}, token)["lead_id"]
    status, body = s.post("/v1/leads", {"external_id": "shop:4711"}, token)
    assert status == 201 and body["lead_id"] != lead, "the same number of another system is somebody else"
    refused(s, "PATCH", f"/v1/leads/{lead}", {"external_id": "shop:4711"}, token, "external_id", f"nurture merge {lead} {body['lead_id']}", 409)
    assert s.request("PATCH", f"/v1/leads/{lead}", {"external_id": "crm:4712"}, token)[0] in (200, 202)
    settled(s)
    for name in ("crm:4711", "crm:4712"):
        assert s.post("/v1/events", {"external_id": name, "verb": "demo.request"}, token)[0] == 202
    assert s.sql(f"select count(*) from event where lead_id = {lead} and verb = 'demo.request'") == [["2"]]


def an_external_id_finds_the_lead_of_a_new_address(s, token):
    lead = s.lead({"email": "new77@example.com", "external_id": "crm:77"}, token)["lead_id"]
    bare = s.lead({"external_id": "crm:78", "first_name": "Bare"}, token)["lead_id"]
    s.post(f"/v1/leads/{lead}/consent", {"channel": "email", "purpose": "marketing", "state": "confirmed"}, token)
    settled(s)
    s.run("suppression", "add", "email", "new77@example.com")
    before = s.sql("select count(*) from lead")
    status, body = s.post("/v1/leads", {"external_id": "crm:77", "email": "changed77@example.com"}, token)
    assert status in (200, 202), (status, body)
    status, body = s.post("/v1/leads", {"external_id": "crm:78", "email": "first78@example.com"}, token)
    assert status in (200, 202), (status, body)
    settled(s)
    assert s.sql("select count(*) from lead") == before
    assert [s.get(f"/v1/leads/{id}", token)[1]["email"] for id in (lead, bare)] == ["changed77@example.com", "first78@example.com"]
    for name in ("new77@example.com", "changed77@example.com", "crm:77"):
        assert s.get(f"/v1/leads/{name}", token)[1]["lead_id"] == lead, name
    assert s.sql(f"select state, source from consent where lead_id = {lead} order by id desc limit 1") == [["granted", "new address"]]
    assert s.sql("select reason from suppression where value = 'changed77@example.com'") == [["by hand"]]
    # back to an address that is known already: it is confirmed anew, too
    s.post(f"/v1/leads/{lead}/consent", {"channel": "email", "purpose": "marketing", "state": "confirmed"}, token)
    assert s.post("/v1/leads", {"external_id": "crm:77", "email": "new77@example.com"}, token)[0] in (200, 202)
    settled(s)
    assert s.get(f"/v1/leads/{lead}", token)[1]["email"] == "new77@example.com"
    assert s.sql(f"select state from consent where lead_id = {lead} order by id desc limit 1") == [["granted"]]
    # two leads: both are there, and both are named
    refused(s, "POST", "/v1/leads", {"external_id": "crm:77", "email": "first78@example.com"}, token, "external_id", f"nurture merge {bare} {lead}", 409)
    # an event names its lead in one way
    refused(s, "POST", "/v1/events", {"external_id": "crm:77", "email": "x@example.com", "verb": "demo.request"}, token, "email", "exactly one")


def many_at_once_make_one_lead(s, token):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        bodies = [{"external_id": f"once:{n % 4}", "email": f"once{n}@example.com"} for n in range(48)]
        answers = list(pool.map(lambda body: s.post("/v1/leads", body, token)[0], bodies))
    assert all(status in (200, 201, 202) for status in answers), answers
    settled(s)
    for n in range(4):
        lead = s.sql(f"select lead_id from identity where kind = 'external_id' and value = 'once:{n}'")[0][0]
        names = s.sql(f"select value from identity where kind = 'email' and lead_id = {lead} order by 1")
        assert names == sorted([f"once{k}@example.com"] for k in range(n, 48, 4)), names
        assert s.sql(f"select email from lead where lead_id = {lead}")[0] in names
    assert s.sql("select count(*) from lead where external_id like 'once:%'") == [["4"]]


def test_what_names_a_lead():
    s = Server()
    book = s.folder / "playbook"
    book.mkdir()
    (book / "playbook.lua").write_text(PLAYBOOK)
    s.conf.write_text(s.conf.read_text() + f'playbook = "{book}"\n')
    with s:
        token = s.token("write")
        for case in (a_number_names_a_lead, numbers_are_judged_by_the_library, an_address_changes_and_the_old_one_still_names_the_lead,
                     numbers_of_other_systems_are_names_too, an_external_id_finds_the_lead_of_a_new_address, many_at_once_make_one_lead):
            case(s, token)
        assert s.sql("select count(*) from turn_failure") == [["0"]]


if __name__ == "__main__":
    run_tests(globals())
