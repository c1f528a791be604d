#!/usr/bin/env python3
"""Companies by the domain that they registered, and who of the buying centre is known; people by each of their names, however written."""
import pathlib
import re
import tempfile
from urllib.parse import quote

from nurture import Server, run_tests, until

CONFIG = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }\npostal_address = "1 Road, Town"'


def settled(s):
    until(lambda: s.sql("select (select count(*) from inbox) + (select count(*) from account_inbox)") == [["0"]], 120, "all turns")


def test_people_of_one_company_share_its_account_which_shows_the_roles_that_are_missing():
    with Server(playbook="scripts", config=CONFIG) as s:
        write, read = s.token("write"), s.token("read")
        people = [("ann@acme.co.uk", "champion"), ("bob@mail.acme.co.uk", "executive"), ("cy@shop.eu.acme.co.uk", "champion"), ("dan@ACME.co.uk", None)]
        for email, role in people:
            s.lead({"email": email, **({"role": role} if role else {})}, write)
        for email in ("eve@gmail.com", "fay@co.uk", "gus@mailinator.com"):  # no company's
            s.lead({"email": email}, write)
        s.lead({"email": "hal@bücher.example"}, write)
        s.lead({"email": "ida@web.xn--bcher-kva.example"}, write)
        settled(s)
        status, page = s.get("/v1/accounts", read)
        assert status == 200 and sorted(a["domain"] for a in page["items"]) == ["acme.co.uk", "xn--bcher-kva.example"], page
        acme = next(a["account_id"] for a in page["items"] if a["domain"] == "acme.co.uk")
        status, account = s.get(f"/v1/accounts/{acme}", read)
        assert account["leads"] == 4 and account["roles_covered"] == [{"role": "champion", "leads": 2}, {"role": "executive", "leads": 1}], account
        assert account["roles_missing"] == ["researcher", "influencer", "user", "purchaser"], account
        status, members = s.get(f"/v1/accounts/{acme}/leads?limit=3", read)
        assert status == 200 and len(members["items"]) == 3 and members["next"], members
        rest = s.get(f"/v1/accounts/{acme}/leads?limit=3&after={members['next']}", read)[1]
        assert sorted(p["email"] for p in members["items"] + rest["items"]) == sorted(e.lower() for e, _ in people) and rest["next"] is None
        first = s.get("/v1/accounts?limit=1", read)[1]
        assert len(first["items"]) == 1 and s.get(f"/v1/accounts?limit=1&after={first['next']}", read)[1]["items"][0] != first["items"][0]
        s.run("merge", "cy@shop.eu.acme.co.uk", "ann@acme.co.uk")
        settled(s)
        account = s.get(f"/v1/accounts/{acme}", read)[1]
        assert account["leads"] == 3 and account["roles_covered"][0] == {"role": "champion", "leads": 1}, account

        assert s.request("PATCH", f"/v1/accounts/{acme}", {"country": "GB", "owner": "north"}, write)[0] == 202
        settled(s)
        assert s.get(f"/v1/accounts/{acme}", read)[1]["country"] == "GB"
        for body, word in (({"domain": "evil.example"}, "domain"), ({"shoe_size": 9}, "shoe_size"), ({"country": "XX"}, "country"), ({"country": 7}, "country")):
            status, answer, _ = s.request("PATCH", f"/v1/accounts/{acme}", body, write)
            assert status in (400, 422) and word in str(answer), answer
        for path in ("/v1/accounts/4711", "/v1/accounts/x", "/v1/accounts/-1", f"/v1/accounts/{2 ** 64}"):
            assert s.get(path, read)[0] == 404, path
        assert s.get("/v1/accounts?limit=0", read)[0] in (400, 422) and s.get("/v1/accounts?after=x", read)[0] in (400, 422)
        assert s.get("/v1/accounts")[0] == 401


def test_a_company_is_named_by_its_domain_and_its_fields_are_set_by_it():
    with Server(playbook="scripts", config=CONFIG) as s:
        write, read = s.token("write"), s.token("read")
        s.lead({"email": "ann@acme.co.uk"}, write)
        s.lead({"email": "hal@bücher.example"}, write)
        s.lead({"email": "guest@gmail.com", "company": "Corner Shop"}, write)
        settled(s)
        acme = s.get("/v1/accounts/acme.co.uk", read)[1]
        assert acme["domain"] == "acme.co.uk" and acme == s.get(f"/v1/accounts/{acme['account_id']}", read)[1], acme
        for name, domain in (("ACME.co.uk", "acme.co.uk"), ("bücher.example", "xn--bcher-kva.example"), ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("corner shop", None)):
            status, account = s.get(f"/v1/accounts/{quote(name)}", read)
            assert status == 200 and account.get("domain") == domain, (name, account)
        assert s.get("/v1/accounts/acme.co.uk/leads", read)[1]["items"][0]["email"] == "ann@acme.co.uk" and s.get("/v1/accounts/acme.co.uk/changes", read)[0] == 200
        for path in ("none.example", "none.example/leads", "co.uk"):
            assert s.get(f"/v1/accounts/{path}", read)[0] == 404, path
        assert s.request("PATCH", "/v1/accounts/none.example", {"employees": 5}, write)[0] == 404

        assert s.request("PATCH", "/v1/accounts/acme.co.uk", {"employees": 500}, write)[0] == 202
        settled(s)
        assert s.get("/v1/accounts/acme.co.uk", read)[1]["employees"] == 500
        s.run("account", "set", "Acme.co.uk", "employees=20", "country=GB")
        settled(s)
        account = s.get("/v1/accounts/acme.co.uk", read)[1]
        assert account["employees"] == 20 and account["country"] == "GB", account
        for wrong, word in (("shoe_size=9", "shoe_size"), ("employees=many", "employees"), ("domain=evil.example", "domain"), ("country", "FIELD=VALUE")):
            done = s.run("account", "set", "acme.co.uk", "country=FR", wrong, check=False)
            assert done.returncode == 1 and word in done.stderr, (wrong, done)
        s.run("account", "set", "acme.co.uk", "employees=")
        settled(s)
        account = s.get("/v1/accounts/acme.co.uk", read)[1]
        assert account.get("employees") is None and account["country"] == "GB", account


def turns(s):
    return int(re.search(r"^nurture_turns_total (\d+)$", s.get("/metrics")[1], re.MULTILINE).group(1))


def looks(s, email, write, times):
    """Somebody new has so many turns until all is at rest."""
    before = turns(s)
    assert s.post("/v1/events", {"email": email, "verb": "page.view", "subject": "/prices"}, write)[0] == 202
    settled(s)
    until(lambda: turns(s) >= before + times, what=f"{times} turns of {email}")
    assert turns(s) == before + times, (email, turns(s) - before)


COLD_OR_WARM = """playbook "firm" { title = "Firm", time_zone = "UTC" }
model "company" { title = "The company", of = "account", from = 0, to = 100, rule "who buys knows us" { people { role = "purchaser" }, points = 10 } }
grades "company" { model = "company", band "warm" { from = 10 }, band "cold" { from = 0 } }
segment "warm" { title = "Of a warm company", who = band "warm" }
segment "cold" { title = "Of a cold company", who = band "cold" }
"""


def test_who_is_the_first_of_a_company_looks_once_and_who_joins_one_that_stands_otherwise_looks_again():
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        (pathlib.Path(folder) / "playbook.lua").write_text(COLD_OR_WARM)
        with Server(playbook=folder, config=CONFIG) as s:
            write = s.token("write")
            looks(s, "ann@first.example", write, 1)
            looks(s, "bob@first.example", write, 1)  # it is as cold as bob was told
            s.lead({"email": "pat@second.example", "role": "purchaser"}, write)
            settled(s)
            looks(s, "cid@second.example", write, 2)
            looks(s, "dan@gmail.com", write, 1)  # of no company
            found = dict(s.sql("select split_part(email, '@', 1), array_to_string(segments, ' ') from lead"))
            assert found == {"ann": "cold", "bob": "cold", "pat": "warm", "cid": "warm", "dan": ""}, found


def named_alike(s, write):
    """Two companies without a domain; their ids."""
    for email, company in (("a@gmail.com", "Acme"), ("b@gmail.com", "ACME Corp")):
        s.lead({"email": email, "company": company}, write)
    settled(s)
    return [s.sql(f"select account_id from account where name = '{name}'")[0][0] for name in ("Acme", "ACME Corp")]


def test_a_name_that_another_account_is_known_by_is_refused_or_kept_off_and_stops_nobody():
    with Server(playbook="scripts", config=CONFIG) as s:
        write, read = s.token("write"), s.token("read")
        acme, corp = named_alike(s, write)
        status, answer, _ = s.request("PATCH", f"/v1/accounts/{acme}", {"name": "acme corp"}, write)
        assert status == 409 and answer["field"] == "name", (status, answer)
        assert s.request("PATCH", f"/v1/accounts/{acme}", {"name": "ACME"}, write)[0] == 202  # its own
        settled(s)
        assert s.get(f"/v1/accounts/{acme}", read)[1]["name"] == "ACME"
        # whom nobody could refuse: another was called so only a moment before, or is in the same turn
        s.sql(f"""insert into account_inbox (shard, account_id, data) values ({int(acme) & 63}, {acme}, '{{"set": {{"name": "Acme CORP", "city": "Rome"}}}}')""")
        settled(s)
        account = s.get(f"/v1/accounts/{acme}", read)[1]
        assert account["name"] == "ACME" and account["city"] == "Rome" and s.get(f"/v1/accounts/{corp}", read)[1]["name"] == "ACME Corp", account
        assert "account.name_kept" in s.log_text() and "engine.trouble" not in s.log_text() and "account.refused" not in s.log_text()


def test_an_account_that_the_database_refuses_costs_no_other_anything_and_is_tried_again():
    with Server(playbook="scripts", config=CONFIG) as s:
        write, read = s.token("write"), s.token("read")
        s.lead({"email": "z@acme.example"}, write)
        settled(s)
        # enough of one shard, so that they are one batch with those that are refused
        s.sql("insert into account (shard, account_id, created_at, updated_at, name, domain) select 5, 64 * (1000000 + n) + 5, now(), now(), 'c' || n, 'c' || n || '.example'"
              " from generate_series(1, 40) n")
        s.sql("alter table account add constraint known check (city <> 'Nowhere')")
        s.sql("insert into account_inbox (shard, account_id, data) select shard, account_id, jsonb_build_object('set', jsonb_build_object('city',"
              " case when name in ('c7', 'c31') then 'Nowhere' else 'Rome' end)) from account where shard = 5 and name ~ '^c'")
        until(lambda: s.sql("select count(*) from account where city = 'Rome'") == [["38"]], 120, "the turns of the others")
        until(lambda: s.sql("select count(*) from account_failure") == [["2"]], 120, "both refused")
        assert s.sql("select count(*), min(failures), max(failures) from account_failure where place = 'known' and retry_at = failed_at + interval '1 minute'") == [["2", "1", "1"]]
        s.lead({"email": "y@other.example"}, write)
        until(lambda: s.sql("select count(*) from account_inbox") == [["2"]], 120, "all but theirs")
        assert "engine.trouble" not in s.log_text() and s.log_text().count("account.refused") == 2
        text = s.run("status").stdout
        assert "2 accounts whose turns the database refuses" in text and f"account {64 * 1000007 + 5}: " in text, text
        assert "nurture_accounts_failing 2\n" in s.get("/metrics")[1]
        s.sql("update account_failure set retry_at = failed_at")
        until(lambda: s.sql("select count(*) from account_failure where failures = 2 and retry_at = failed_at + interval '2 minutes'") == [["2"]], 120, "refused again")
        s.sql("alter table account drop constraint known")
        s.sql("update account_failure set retry_at = failed_at")
        settled(s)
        assert s.sql("select count(*) from account where city = 'Nowhere'") == [["2"]] and s.sql("select count(*) from account_failure") == [["0"]]
        assert "refuses" not in s.run("status").stdout


def test_what_engines_try_in_vain_is_told():
    with Server(playbook="scripts", config=CONFIG) as s:
        write = s.token("write")
        s.lead({"email": "z@acme.example"}, write)
        settled(s)
        assert s.get("/readyz")[0] == 200 and "nurture_engine_troubles 0\n" in s.get("/metrics")[1]
        s.sql("alter table account_summary rename column best to worst")
        s.lead({"email": "y@acme.example"}, write)
        until(lambda: s.sql("select count(*) from engine_trouble where what = 'accounts'") == [["1"]], 120, "the trouble")
        s.sql("update engine_trouble set since = since - interval '20 s'")
        until(lambda: s.get("/readyz")[0] == 503, 120, "the word of the engine")
        assert any(p.startswith("engine: accounts: ") and "best" in p for p in s.get("/readyz")[1]["problems"]), s.get("/readyz")
        assert "attention  the engine cannot work (accounts) since " in s.run("status").stdout
        assert "nurture_engine_troubles 1\n" in s.get("/metrics")[1]
        s.sql("alter table account_summary rename column worst to best")
        settled(s)
        s.sql("update engine_trouble set at = at - interval '1 min', since = since - interval '1 min'")
        assert s.get("/readyz")[0] == 200 and "cannot work" not in s.run("status").stdout


def test_a_person_is_found_by_each_way_of_writing_its_names():
    with Server(playbook="scripts", config=CONFIG) as s:
        write, read = s.token("write"), s.token("read")
        lead = s.lead({"email": "Ann@Bücher.example", "phone": "+49 (0)30 / 123-456", "country": "DE"}, write)
        assert (lead["email"], lead["phone"]) == ("ann@xn--bcher-kva.example", "+4930123456"), lead
        for name in ("ann@bücher.example", "ANN@BÜCHER.example", "ann@xn--bcher-kva.example"):
            assert s.get(f"/v1/leads/{quote(name)}", read)[1]["lead_id"] == lead["lead_id"], name
            assert str(lead["lead_id"]) in s.run("lead", name).stdout, name
            assert s.post("/v1/events", {"email": name, "verb": "page.view", "subject": "/"}, write)[0] == 202
        settled(s)
        assert s.sql("select count(*) from lead") == [["1"]]
        assert s.sql("select kind, value from identity order by 1") == [["email", "ann@xn--bcher-kva.example"], ["phone", "+4930123456"]]
        for i, (number, country, spelled) in enumerate((("030 123456", "DE", "+4930123456"), ("(202) 555-0101", "US", "+12025550101"), ("06 1234 5678", "IT", "+390612345678"),
                                         ("555", "US", "555"), ("030 123456 x12", "DE", "030 123456 x12"), ("030 123456", None, "030 123456"))):
            told = s.lead({"email": f"n{i}@example.com", "phone": number, **({"country": country} if country else {})}, write)
            assert told["phone"] == spelled, told
        assert "phone.module" not in s.log_text()
        for email in ("ü\u200b@example.com", "a@\u202eevil.example", "a@b..example", "a@ü", "a b@example.com"):
            status, answer = s.post("/v1/leads", {"email": email}, write)
            assert status in (400, 422) and answer.get("field") == "email" or "e-mail" in str(answer), (email, answer)
        assert s.sql("select count(*) from lead") == [["7"]]


if __name__ == "__main__":
    run_tests(globals())
