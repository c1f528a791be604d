#!/usr/bin/env python3
"""Forms of the playbook on the web: what is asked, what is taken in, what is kept as evidence, and what is refused (trust page, 2, 4, 8, 9, 11)."""
import html
import html.parser
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.parse

from nurture import Server, run_tests, until

CHANNEL = '''
postal_address = "1 Test St"
trusted_proxies = { "127.0.0.1" }
channel "email" { plugin = "email", relay = "maildir:outbox", from = "Test <test@example.com>" }
'''
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SCRIPT = '"><script>document.title="hacked"</script>{{7*7}}'
s = None
addresses = iter(range(1, 1 << 16))


def elsewhere():
    """Headers of a client in a network of its own."""
    n = next(addresses)
    return {"X-Forwarded-For": f"10.{n >> 8}.{n & 255}.9"}


class Controls(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.fields, self.links, self.text = {}, [], text
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "name" in attributes:
            self.fields[attributes["name"]] = attributes
        if tag == "a":
            self.links.append(attributes["href"])


def shown(form, **more):
    status, page = s.get(f"/f/{form}", **more)
    assert status == 200, (status, page)
    return Controls(page).fields


showings = {}


def instance(form):
    """The token of a form that was shown long enough ago for a person to have filled it in: some are fetched at a time."""
    if not showings.get(form):
        showings[form] = [shown(form)["form-instance"]["value"] for _ in range(25)]
        time.sleep(1.6)
    return showings[form].pop()


def send(form, values, headers=None, **more):
    return s.post(f"/f/{form}", urllib.parse.urlencode(values, doseq=True), headers={**FORM, **(headers or elsewhere())}, **more)


def lead(email):
    return until(lambda: (lambda rows: rows[0][0] if rows else None)(s.sql(f"select lead_id from identity where kind = 'email' and value = '{email}'")), what=email)


def settled(email):
    """The lead once its turn has come."""
    id = lead(email)
    until(lambda: s.sql(f"select count(*) from inbox where lead_id = {id}") == [["0"]], what="the turn")
    return id


def events(email, verb="form.submit"):
    return s.sql(f"select subject, data from event where lead_id = {lead(email)} and verb = '{verb}' order by event_id")


def consents(email):
    return s.sql(f"select channel, purpose, state, source, wording, ip, evidence from consent where lead_id = {lead(email)} order by id")


def test_a_form_works_without_a_script():
    status, page, headers = s.request("GET", "/f/demo")
    assert status == 200 and "script" not in page and "lang=\"en\"" in page
    assert "script" not in headers["Content-Security-Policy"] and "default-src 'none'" in headers["Content-Security-Policy"]
    for name in ("email", "company", "first_name"):
        assert f'<label for="q-{name}">' in page and f'id="q-{name}"' in page
    fields = Controls(page).fields
    assert fields["email"]["autocomplete"] == "email" and fields["email"]["inputmode"] == "email" and "required" in fields["company"]
    assert fields["country"] and '<option value="DE">Germany</option>' in page
    assert "checked" not in page and "agree.email" in fields and "agree.call" in fields
    assert fields["web-site"]["tabindex"] == "-1"
    token = instance("demo")
    status, page = send("demo", {"form-instance": token, "email": "Ann@Example.com", "company": "Ann & Sons", "first_name": "Ann", "country": "US",
                                 "agree.email": "yes"})
    assert status == 200 and "within one working day" in page, page
    id = settled("ann@example.com")
    assert s.sql(f"select email, company, first_name, country, fields from lead where lead_id = {id}") == [["ann@example.com", "Ann & Sons", "Ann", "US", "{}"]]
    assert s.sql(f"select subject from event where lead_id = {id} and verb = 'lead.create'") == [["form"]]
    (subject, data), = events("ann@example.com")
    assert subject == "demo" and json.loads(data)["answers"]["company"] == "Ann & Sons"


def test_the_words_beside_a_box_are_kept_as_evidence():
    revision = s.sql("select revision from activation order by activation desc limit 1")[0][0]
    send("demo", {"form-instance": instance("demo"), "email": "eve@example.com", "company": "x", "agree.email": "yes", "agree.track_open": "yes"},
         {"X-Forwarded-For": "192.0.2.77"})
    row, = consents("eve@example.com")
    assert row[:6] == ["email", "marketing", "granted", "form",
                       "Yes, write to me about security, once or twice a month. I can stop it at any time.", "192.0.2.77"], row
    evidence = json.loads(row[6])
    assert evidence["form"] == "demo" and evidence["revision"] == revision and evidence["at"].endswith("Z")


def test_what_the_form_does_not_ask_is_not_looked_at():
    token = instance("demo")
    status, _ = send("demo", {"form-instance": token, "email": "greedy@example.com", "company": "x", "score": "100", "stage": "customer", "consent": "yes",
                              "consent.email": "confirmed", "external_id": "7", "lead": "1", "lead_id": "1", "title": "Boss", "source": "referral", "id": "5",
                              "budget": "exists", "agree": "email"})
    assert status == 200
    id = settled("greedy@example.com")
    assert s.sql(f"select stage, title, source, external_id, fields from lead where lead_id = {id}") == [["inquiry", "", "", "", "{}"]]
    assert consents("greedy@example.com") == []
    assert s.sql(f"select count(*) from identity where lead_id = {id}") == [["1"]]


def test_urlencoded_multipart_and_json_are_the_same():
    token = instance("demo")
    boundary = "xyz"
    parts = {"form-instance": token, "email": "multi@example.com", "company": "Zürich \"AG\"", "agree.call": "yes"}
    body = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in parts.items()) + f"--{boundary}--\r\n"
    status, page = s.post("/f/demo", body.encode(), headers={"Content-Type": f"multipart/form-data; boundary={boundary}", **elsewhere()})
    assert status == 200 and "<h1>Thank you" in page
    assert consents("multi@example.com")[0][:3] == ["call", "marketing", "granted"]
    status, asked, headers = s.request("GET", "/f/demo", headers={"Accept": "application/json"})
    assert status == 200 and headers["Access-Control-Allow-Origin"] == "*"
    assert {"name": "company", "ask": "Company", "type": "text", "needed": True} in asked["questions"]
    time.sleep(1.6)
    status, answer, headers = s.request("POST", "/f/demo", {"form-instance": asked["form-instance"], "email": "json@example.com", "company": "Zürich \"AG\"",
                                                          "agree": {"call": True}}, headers=elsewhere())
    assert status == 200 and answer["thanks"] and headers["Access-Control-Allow-Origin"] == "*", answer
    for email in ("multi@example.com", "json@example.com"):
        id = settled(email)
        assert s.sql(f"select company from lead where lead_id = {id}") == [['Zürich "AG"']]
    status, answer, headers = s.request("POST", "/f/demo", {"form-instance": asked["form-instance"], "email": "no", "country": "ZZ"}, headers=elsewhere())
    assert status == 400 and headers["Content-Type"] == "application/problem+json" and set(answer["fields"]) == {"email", "company", "country"}, answer
    status, text, headers = s.request("OPTIONS", "/f/demo", headers={"Origin": "https://other.example"})
    assert status == 204 and headers["Access-Control-Allow-Headers"] == "Content-Type" and "Access-Control-Allow-Credentials" not in headers


def test_a_program_loses_no_consent_without_a_word():
    def post(email, agree, form="demo"):
        values = {"form-instance": instance(form), "email": email, "company": "x", "agree": agree}
        return s.post(f"/f/{form}", {name: value for name, value in values.items() if value != "left out"}, headers=elsewhere())

    for n, (agree, granted) in enumerate((({"email": "yes", "call": True}, ["call", "email"]), ({"email": True, "call": False}, ["email"]), ({}, []),
                                          ("left out", []))):
        status, answer = post(f"agree-{n}@example.com", agree)
        assert status == 200 and sorted(row[0] for row in consents(f"agree-{n}@example.com")) == granted, (agree, status, answer)
    wrong = [("email", "agree", "object"), (["email"], "agree", "object"), (True, "agree", "object"), (None, "agree", "object"),
             ({"email": True, "sms": True}, "agree", '"sms"'), ({"sms": False}, "agree", '"sms"')]
    wrong += [({"call": True, "email": said}, "agree.email", "true or false") for said in ("no", "", "true", 1, None, ["yes"], {"yes": True})]
    for agree, where, word in wrong:
        status, answer = post("lost@example.com", agree)
        assert status == 400 and answer["field"] == where and word in answer["fields"][where] and word in answer["detail"], (agree, status, answer)
    status, answer = post("no address", {"sms": True})
    assert status == 400 and answer["field"] == "email" and set(answer["fields"]) == {"email", "agree"}, answer
    status, answer = post("lost@example.com", {"email": True}, "checklist")
    assert status == 400 and answer["field"] == "agree" and "no boxes" in answer["detail"], answer
    assert s.sql("select count(*) from identity where value = 'lost@example.com'") == [["0"]]


def test_what_is_wrong_stands_beside_its_question():
    status, page = send("demo", {"form-instance": instance("demo"), "email": SCRIPT, "first_name": SCRIPT, "country": SCRIPT, "phone": "x" * 300, "agree.email": "yes"})
    assert status == 400
    fields = Controls(page).fields
    assert "script" not in page.replace("&lt;script", "").replace("&lt;/script", "") and "49" not in fields["first_name"]["value"]
    assert fields["first_name"]["value"] == SCRIPT and fields["email"]["value"] == SCRIPT  # shown again, as text
    assert fields["email"]["aria-describedby"] == "e-email" and 'id="e-email">This is not an e-mail address.' in page
    assert 'id="e-company">Please fill this in.' in page and 'id="e-phone">This is too long.' in page and 'id="e-country">Please check this.' in page
    assert "checked" in fields["agree.email"]  # what the person ticked stays ticked
    assert s.sql("select count(*) from lead where email is null or email like '%script%'") == [["0"]]


def test_the_same_answers_count_once_and_a_correction_counts():
    token = instance("demo")
    values = {"form-instance": token, "email": "twice@example.com", "company": "One", "agree.email": "yes"}
    for _ in range(3):
        assert send("demo", values)[0] == 200
    assert len(events("twice@example.com")) == 1 and len(consents("twice@example.com")) == 1
    assert send("demo", {**values, "company": "Two"})[0] == 200
    assert len(events("twice@example.com")) == 2
    for n in range(20):
        status, _ = send("demo", {**values, "email": f"reuse-{n}@example.com"})
    assert status == 429  # one showing is not a key to as many as one likes


def test_without_its_token_a_form_is_shown_again_and_nothing_is_taken():
    other = instance("newsletter")
    fresh = shown("demo")["form-instance"]["value"]
    values = {"email": "stale@example.com", "company": "x", "agree.email": "yes"}
    for token in (None, "", "x", other, fresh[:-1], fresh[:20], ("A" if fresh[9] != "A" else "B").join((fresh[:9], fresh[10:])), fresh + "A"):
        status, page = send("demo", values | ({"form-instance": token} if token is not None else {}))
        fields = Controls(page).fields
        assert status == 400 and fields["email"]["value"] == "stale@example.com" and "send them once more" in page, (token, page)
        assert "checked" not in fields["agree.email"]  # who sent this may not have seen the words
    assert s.sql("select count(*) from identity where value = 'stale@example.com'") == [["0"]]
    time.sleep(1.6)
    assert send("demo", values | {"form-instance": fields["form-instance"]["value"]})[0] == 200
    assert len(events("stale@example.com")) == 1


def test_nobody_fills_in_a_form_in_a_second():
    for n in range(100):
        began = time.monotonic()
        token = shown("demo")["form-instance"]["value"]
        status, _ = send("demo", {"form-instance": token, "email": f"fast-{n}@example.com", "company": "x"})
        if time.monotonic() - began < 1.5:  # else the machine was slower than a person
            break
    assert status == 400 and s.sql(f"select count(*) from identity where value = 'fast-{n}@example.com'") == [["0"]]


def test_what_fills_in_the_trap_is_thanked_and_forgotten():
    status, page = send("demo", {"form-instance": instance("demo"), "email": "robot@example.com", "company": "x", "web-site": "http://spam.example"})
    assert status == 200 and "<h1>Thank you" in page
    assert s.sql("select count(*) from identity where value = 'robot@example.com'") == [["0"]]


def test_floods_are_limited_by_address_network_and_mailbox():
    token = instance("demo")
    for least, address in ((20, lambda n: "198.51.100.1"), (100, lambda n: f"198.51.102.{n % 250}")):
        codes = []
        while 429 not in codes and len(codes) < 5000:
            codes.append(send("demo", {"form-instance": "x"}, {"X-Forwarded-For": address(len(codes))})[0])
        assert codes[-1] == 429 and codes[:-1] == [400] * (len(codes) - 1) and len(codes) > least, codes[-20:]
    assert send("demo", {"form-instance": "x"}, {"X-Forwarded-For": "198.51.103.1"})[0] == 400
    codes = []
    for n in range(8):
        if n % 4 == 0:
            token = instance("demo")
        codes.append(send("demo", {"form-instance": token, "email": "bombed@example.com", "company": f"{n}"})[0])
    assert codes[:6] == [200] * 6 and codes[-1] == 429, codes
    status, answer = s.post("/f/demo", {"form-instance": token, "email": "bombed@example.com", "company": "z"}, headers=elsewhere())
    assert status == 429 and answer["type"] == "urn:nurture:limit", answer


def test_nothing_says_whether_an_address_is_known():
    s.lead({"email": "known@example.com", "company": "Secret Corp", "first_name": "Known"}, s.token("write"))
    pages = []
    for email in ("known@example.com", "never@example.com"):
        pages.append(send("demo", {"form-instance": instance("demo"), "email": email, "company": "x"}))
    assert pages[0] == pages[1]


def test_an_embedded_form_is_the_same_for_everybody():
    status, script, headers = s.request("GET", "/f/demo.js")
    assert status == 200 and headers["Content-Type"].startswith("text/javascript") and f"http://127.0.0.1:{s.port}/f/demo?part=form" in script
    status, part, headers = s.request("GET", "/f/demo?part=form", headers={"Origin": "https://other.example"})
    assert status == 200 and headers["Access-Control-Allow-Origin"] == "*" and part.startswith("<form") and "<script" not in part
    assert f'action="http://127.0.0.1:{s.port}/f/demo"' in part


def visitor():
    """The cookie of a browser that read a page of ours."""
    _, _, headers = s.request("POST", "/b", json.dumps({"consent": True, "events": [{"verb": "page.view", "subject": "/prices"}]}),
                              headers={"Content-Type": "text/plain;charset=UTF-8", "User-Agent": "Mozilla/5.0 Firefox/128.0", **elsewhere()})
    return {"Cookie": re.match(r"nv=[^;]*", headers["Set-Cookie"]).group(0)}


def asked(form, headers):
    return [name for name in shown(form, headers=headers) if name not in ("viewport", "robots", "web-site", "form-instance", "form-all") and "agree" not in name]


def test_what_is_known_of_a_visitor_is_not_asked_again():
    cookie = visitor()
    assert asked("demo", cookie) == asked("demo", None) == ["email", "first_name", "last_name", "company", "phone", "country"]
    values = {"form-instance": instance("demo"), "email": "prog@example.com", "company": "Prog", "first_name": "Pat", "phone": "+49 30 1"}
    assert send("demo", values, {**elsewhere(), **cookie})[0] == 200
    id = settled("prog@example.com")
    until(lambda: s.sql(f"select count(*) from event where lead_id = {id} and verb = 'page.view'") == [["1"]], what="the visit before")
    assert asked("demo", cookie) == ["email", "last_name", "country", "need", "timing"]
    assert "Prog" not in s.get("/f/demo", headers=cookie)[1] and "prog@" not in s.get("/f/demo", headers=cookie)[1]  # nobody's answers are shown
    assert send("demo", {"form-instance": instance("demo"), "email": "prog@example.com", "need": "critical"}, {**elsewhere(), **cookie})[0] == 200
    settled("prog@example.com")
    assert s.sql(f"select company, fields->>'need' from lead where lead_id = {id}") == [["Prog", "critical"]]
    forged = {"Cookie": cookie["Cookie"][:-2] + "AA"}
    for headers in (forged, {"Cookie": "nv=1"}, {**cookie, "Sec-GPC": "1"}):
        assert "company" in asked("demo", headers), headers


def test_the_page_promises_a_mail_only_where_the_playbook_has_one():
    said = {}
    for form, values in (("demo", {"email": "told-1@example.com", "company": "x", "agree.email": "yes"}), ("demo", {"email": "told-2@example.com", "company": "x"}),
                         ("call-me", {"email": "told-3@example.com", "phone": "+49 30 90182099", "agree.call": "yes"})):
        status, page = send(form, {"form-instance": instance(form), **values})
        assert status == 200, page
        said[values["email"]] = "has to be confirmed" in page
    assert said == {"told-1@example.com": True, "told-2@example.com": False, "told-3@example.com": False}, said


def test_somebody_else_at_the_same_browser_is_asked_what_is_needed():
    s.lead({"email": "known-8@example.com", "company": "Known", "phone": "+49 30 8"}, s.token("write"))
    cookie = visitor()
    post = lambda values: send("demo", {"form-instance": instance("demo"), **values}, {**elsewhere(), **cookie})  # noqa: E731
    assert post({"email": "first-8@example.com", "company": "First", "phone": "+49 30 9"})[0] == 200
    settled("first-8@example.com")
    assert "company" not in asked("demo", cookie)
    answers = []
    for email in ("known-8@example.com", "second-8@example.com"):  # neither says who is known
        status, page = post({"email": email, "last_name": "Two"})
        assert status == 400 and 'id="e-company"' in page and "Two" in page and {"company", "phone"} <= set(Controls(page).fields), page
        answers.append(re.sub('name="form-instance" value="[^"]*"', "", page.replace(email, "EMAIL")))
    assert answers[0] == answers[1]
    assert s.sql("select count(*) from identity where value = 'second-8@example.com'") == [["0"]]
    status, answer = s.post("/f/demo", {"form-instance": instance("demo"), "email": "second-8@example.com"}, headers={**elsewhere(), **cookie})
    assert status == 400 and answer["field"] == "company", answer
    assert post({"email": "First-8@Example.com", "last_name": "One"})[0] == 200, "the same person"
    assert post({"email": "second-8@example.com", "company": "Second"})[0] == 200
    settled("second-8@example.com")
    assert post({"email": "second-8@example.com", "last_name": "Two"})[0] == 200, "theirs now"
    assert post({"email": "first-8@example.com", "last_name": "One"})[0] == 200, "whose browser it is"
    assert s.sql("select count(*) from identity where kind = 'cookie' and (select count(*) from unnest(told) t where t like 'email=%') > 1") == [["0"]]


def test_not_you_shows_all_questions_and_sends_nothing():
    cookie = visitor()
    assert "form-all" not in s.get("/f/demo", headers=cookie)[1]
    values = {"form-instance": instance("demo"), "email": "first-9@example.com", "company": "First"}
    assert send("demo", values, {**elsewhere(), **cookie})[0] == 200
    settled("first-9@example.com")
    page = s.get("/f/demo?utm_source=fair", headers=cookie)[1]
    assert "Not you?" in page and page.index("form-all") > page.index("</button>"), "Enter presses the first button"
    for values in ({"form-instance": instance("demo"), "email": "second-9@example.com", "form-all": "1", "form-page.utm_source": "fair"}, {"email": "no address", "form-all": "1"}):
        status, page = send("demo", values, {**elsewhere(), **cookie})
        assert status == 200 and 'class="error"' not in page and 'role="alert"' not in page and "Not you?" not in page, page
        assert "company" in Controls(page).fields and values["email"] in page and ("fair" in page) == ("form-instance" in values), page
    assert s.sql("select count(*) from identity where value like 'second-9%'") == [["0"]]


def test_the_cookie_of_somebody_else_stays_theirs():
    cookie = visitor()
    send("demo", {"form-instance": instance("demo"), "email": "owner@example.com", "company": "Owner"}, {**elsewhere(), **cookie})
    settled("owner@example.com")
    send("demo", {"form-instance": instance("demo"), "email": "guest@example.com", "company": "Guest"}, {**elsewhere(), **cookie})
    guest, owner = settled("guest@example.com"), settled("owner@example.com")
    assert guest != owner and len(events("guest@example.com")) == 1 and len(events("owner@example.com")) == 1
    assert s.sql("select lead_id from identity where kind = 'cookie' order by created_at desc limit 1") == [[owner]]
    assert s.sql(f"select company from lead where lead_id = {owner}") == [["Owner"]]


def test_a_browser_in_which_somebody_typed_an_address_is_not_that_person():
    s.lead({"email": "victim-2@example.com", "company": "Secret", "phone": "+49 30 2", "first_name": "Vic"}, s.token("write"))
    victim, made, claimed = lead("victim-2@example.com"), visitor(), visitor()
    pages, answers = [], []
    for email, cookie in (("fresh-2@example.com", made), ("victim-2@example.com", claimed)):
        values = {"form-instance": instance("demo"), "email": email, "company": "Typed", "last_name": "T"}
        answers.append(send("demo", values, {**elsewhere(), **cookie}))
        settled(email)
        pages.append(asked("demo", cookie))
    assert answers[0] == answers[1] and pages[0] == pages[1] == ["email", "first_name", "phone", "country", "need"], pages  # neither says who is known
    until(lambda: s.sql(f"select count(*) from event where lead_id = {victim} and verb = 'form.submit'") == [["1"]], what="the form itself")
    s.request("POST", "/b", json.dumps({"events": [{"verb": "page.view", "subject": "/secret"}]}),
              headers={"Content-Type": "text/plain;charset=UTF-8", "User-Agent": "Mozilla/5.0 Firefox/128.0", **elsewhere(), **claimed})
    rows = until(lambda: s.sql("select l.anonymous, l.merged_into from event e join lead l using (shard, lead_id) where e.subject = '/secret'"), what="the view")
    assert rows == [["t", ""]], rows


def test_a_landing_page_holds_its_form_and_nothing_of_a_lead():
    status, page, headers = s.request("GET", "/z/security")
    assert status == 200 and "<title>The security guide · Acme Security</title>" in page and "\1" not in page, page[:300]
    assert "script-src 'self'" in headers["Content-Security-Policy"] and "unsafe-eval" not in headers["Content-Security-Policy"]
    fields = Controls(page).fields
    assert "required" in fields["email"] and 'action="/f/security-guide"' in page
    time.sleep(1.6)
    status, page = send("security-guide", {"form-instance": fields["form-instance"]["value"], "email": "landed@example.com"})
    links = Controls(page).links
    assert status == 200 and "Enjoy reading" in page and len(links) == 1 and "/d/" in links[0]
    assert s.get(urllib.parse.urlsplit(links[0]).path)[0] == 200
    assert len(events("landed@example.com")) == 1
    for path in ("/z/none", "/z/security.html", "/z/Security", "/z/", "/z/security/x"):
        assert s.get(path)[0] == 404, path


def test_forms_that_are_not_there():
    for path in ("/f/none", "/f/none.js", "/f/.js", "/f/demo.html", "/f/Demo", "/f/%3Cscript%3E"):
        status, page = s.get(path)
        assert status == 404 and "<script" not in page, path
    assert s.request("GET", "/f/none", headers={"Accept": "application/json"})[1]["status"] == 404
    assert s.post("/f/demo", b"x" * 70000, headers=FORM)[0] == 413
    assert s.post("/f/demo", b"{}", headers={"Content-Type": "text/plain", **elsewhere()})[0] == 400
    assert s.post("/f/demo", b"[" * 5000, headers={"Content-Type": "application/json", **elsewhere()})[0] == 400
    assert s.request("PUT", "/f/demo")[0] == 405


def mails_to(address):
    return [m for m in s.mails() if m["To"].addresses[0].addr_spec == address]


def confirm_link(address):
    mail = until(lambda: mails_to(address), what=f"the mail to {address}")[0]
    text = mail.get_body(("plain",)).get_content()
    return re.search(r"http://127\.0\.0\.1:\d+(/y/[\w-]+)", text).group(1)


def test_a_second_yes_is_asked_for_by_mail_and_given_by_a_button():
    send("newsletter", {"form-instance": instance("newsletter"), "email": "hans@example.org", "country": "DE", "agree.email": "yes"})
    link = confirm_link("hans@example.org")
    for method in ("GET", "HEAD") * 20:
        status, page, _ = s.request(method, link)
        assert status == 200
    status, page = s.get(link)
    assert "Yes, send me the newsletter every month." in page and "method=\"post\"" in page and "script" not in page
    assert [row[2] for row in consents("hans@example.org")] == ["granted"]
    for body in ("", "x=y"):
        status, page = s.post(link, body, headers={**FORM, "Origin": "https://evil.example", **elsewhere()})
        assert status == 200 and "<h1>Confirmed" in page
    rows = consents("hans@example.org")
    assert [row[2] for row in rows] == ["granted", "confirmed"] and rows[1][4] == rows[0][4] and rows[1][3] == "confirm" and "touch" in rows[1][6]
    assert "<h1>Confirmed" in s.get(link)[1]
    unsubscribe = s.sql(f"select 1 from event where lead_id = {lead('hans@example.org')} and verb = 'consent.confirm'")
    assert unsubscribe == [["1"]]


def test_what_a_stranger_types_in_lifts_no_withdrawal():
    cases = {"stopped@example.com": ("*", "*"), "left@example.com": ("email", "marketing"), "other@example.com": ("call", "marketing")}
    for email, (channel, purpose) in cases.items():
        s.lead({"email": email, "country": "US", "company": "Own"}, s.token("write"))
        assert s.post(f"/v1/leads/{lead(email)}/consent", {"channel": channel, "purpose": purpose, "state": "withdrawn"}, s.token("write"))[0] == 200
        assert send("demo", {"form-instance": instance("demo"), "email": email, "company": "x", "agree.email": "yes"})[0] == 200
    assert [row[2] for row in consents("stopped@example.com")] == ["withdrawn"] == [row[2] for row in consents("left@example.com")]
    assert [row[2] for row in consents("other@example.com")] == ["withdrawn", "granted"]  # no word about mail was taken back
    assert json.loads(events("stopped@example.com")[0][1])["agreed"] == ["email"]


def states(email):
    return [row[2] for row in consents(email)]


def newsletter(email, **more):
    return send("newsletter", {"form-instance": instance("newsletter"), "email": email, "agree.email": "yes", **more})


def withdraw(email, channel="*", purpose="*"):
    assert s.post(f"/v1/leads/{lead(email)}/consent", {"channel": channel, "purpose": purpose, "state": "withdrawn"}, s.token("write"))[0] == 200


def thanked(email):
    """A mail that needs permission goes to them."""
    s.post("/v1/events", {"email": email, "verb": "asset.download", "subject": "security-guide"}, s.token("write"))
    until(lambda: [m for m in mails_to(email) if m["List-Unsubscribe"]], what=f"a mail to {email}")


def test_who_has_left_comes_back_by_the_link_in_a_mail_and_by_nothing_else():
    answers = [newsletter("nobody@example.com", country="US")]
    for email, (channel, purpose) in {"back@example.com": ("*", "*"), "again@example.com": ("email", "marketing")}.items():
        s.lead({"email": email, "country": "US"}, s.token("write"))
        withdraw(email, channel, purpose)
        answers.append(newsletter(email))
        link = confirm_link(email)
        assert states(email) == ["withdrawn"] and "Yes, send me the newsletter every month." in s.get(link)[1]
        assert states(email) == ["withdrawn"]
        assert "<h1>Confirmed" in s.post(link, "", headers=FORM)[1] and "<h1>Confirmed" in s.post(link, "", headers=FORM)[1]
        rows = consents(email)
        assert [row[:4] for row in rows[1:]] == [["email", "marketing", "granted", "form"], ["email", "marketing", "confirmed", "confirm"]], rows
        assert rows[1][4] == rows[2][4] == "Yes, send me the newsletter every month. I can stop it at any time." and json.loads(rows[1][6])["form"] == "newsletter"
        assert len(s.sql(f"select 1 from event where lead_id = {lead(email)} and verb = 'consent.confirm'")) == 1
        thanked(email)
        withdraw(email)
        newsletter(email)  # whose mail does not go: it was asked just now
        assert "nothing left to confirm" in s.post(link, "", headers=FORM)[1]  # the mail of another question
        assert states(email)[-1] == "withdrawn" and len(states(email)) == 4
    assert len(set(answers)) == 1 and "we ask you by mail, at most once a day" in answers[0][1], answers


def test_what_others_put_on_the_list_is_lifted_by_no_form():
    s.lead({"email": "listed@example.com", "country": "US"}, s.token("write"))
    withdraw("listed@example.com")
    s.run("suppression", "add", "email", "listed@example.com", "--reason", "complained")
    newsletter("listed@example.com")
    held = until(lambda: s.sql(f"select state, reason from touch where lead_id = {settled('listed@example.com')}"), what="the touch")
    assert held == [["held", "suppressed: complained"]] and not mails_to("listed@example.com"), held


def test_who_was_erased_comes_back_by_the_link_in_a_mail():
    old = s.lead({"email": "lazarus@example.com", "country": "US"}, s.token("write"))["lead_id"]
    s.run("erase", "lazarus@example.com", "--yes")
    until(lambda: s.sql(f"select erased_at is not null from lead where lead_id = {old}") == [["t"]], what="the erasing")
    newsletter("lazarus@example.com", country="US")
    link = confirm_link("lazarus@example.com")
    assert states("lazarus@example.com") == ["granted"] and len(mails_to("lazarus@example.com")) == 1
    assert "<h1>Confirmed" in s.post(link, "", headers=FORM)[1]
    thanked("lazarus@example.com")


def test_what_a_stranger_types_in_lifts_no_erasure():
    old = s.lead({"email": "erased@example.com", "country": "US"}, s.token("write"))["lead_id"]
    s.run("erase", "erased@example.com", "--yes")
    until(lambda: s.sql(f"select erased_at is not null from lead where lead_id = {old}") == [["t"]], what="the erasing")
    assert send("demo", {"form-instance": instance("demo"), "email": "erased@example.com", "company": "x", "country": "US", "agree.email": "yes"})[0] == 200
    new = settled("erased@example.com")
    assert new != str(old) and [row[2] for row in consents("erased@example.com")] == ["granted"]
    s.post("/v1/events", {"email": "erased@example.com", "verb": "asset.download", "subject": "security-guide"}, s.token("write"))
    held = until(lambda: s.sql(f"select state, reason from touch where lead_id = {new} and template <> 'please-confirm'"), what="the touch")
    assert held[0][0] == "held" and "erased" in held[0][1], held
    confirm_link("erased@example.com")   # the one mail that may go
    assert len(mails_to("erased@example.com")) == 1


def test_a_form_fills_only_what_is_empty_of_a_known_lead():
    s.lead({"email": "german@example.org", "country": "DE"}, s.token("write"))
    assert send("newsletter", {"form-instance": instance("newsletter"), "email": "german@example.org", "country": "US", "agree.email": "yes"})[0] == 200
    id = settled("german@example.org")
    assert send("demo", {"form-instance": instance("demo"), "email": "german@example.org", "company": "Filled", "country": "US"})[0] == 200
    settled("german@example.org")
    assert s.sql(f"select country, company from lead where lead_id = {id}") == [["DE", "Filled"]]


def test_a_confirmation_is_asked_for_once_a_day_whoever_fills_in_the_form():
    for _ in range(3):
        assert newsletter("victim@example.org", country="DE")[0] == 200
    confirm_link("victim@example.org")
    walks = f"select step, state from enrollment where lead_id = {settled('victim@example.org')} and campaign = 'second-yes' order by enrollment_id"
    until(lambda: s.sql(walks)[0][1] == "ended", what="the first question")
    for _ in range(2):
        assert newsletter("victim@example.org", country="DE")[0] == 200
    until(lambda: len(s.sql(walks)) == 2 and s.sql(walks)[1][0] == "tomorrow", what="the question of the next day")
    settled("victim@example.org")
    assert s.sql(f"select count(*) from touch where lead_id = {lead('victim@example.org')}") == [["1"]]
    assert len(mails_to("victim@example.org")) == 1


def test_what_was_taken_back_is_not_confirmed_by_an_old_link():
    send("newsletter", {"form-instance": instance("newsletter"), "email": "gone@example.org", "country": "DE", "agree.email": "yes"})
    link = confirm_link("gone@example.org")
    id = lead("gone@example.org")
    assert s.post(f"/v1/leads/{id}/consent", {"channel": "*", "purpose": "*", "state": "withdrawn"}, s.token("write"))[0] == 200
    assert "nothing left to confirm" in s.post(link, "", headers=FORM)[1]
    assert [row[2] for row in consents("gone@example.org")] == ["granted", "withdrawn"]


def test_forged_and_foreign_links_get_the_same_answer():
    send("newsletter", {"form-instance": instance("newsletter"), "email": "forge@example.org", "country": "DE", "agree.email": "yes"})
    link = confirm_link("forge@example.org")
    token = link.split("/")[-1]
    other = shown("demo")["form-instance"]["value"]
    wrong = [token[:-1], token + "A", token[:10], "x", other, token[:30] + ("A" if token[30] != "A" else "B") + token[31:]]
    answers = {s.get(f"/y/{t}") for t in wrong} | {s.post(f"/y/{t}", "", headers=FORM) for t in wrong}
    assert len(answers) == 1 and next(iter(answers))[0] == 404, answers
    assert s.get(f"/u/{token}")[0] == 404 and s.get(f"/d/{token}")[0] == 404  # a link of another purpose
    assert [row[2] for row in consents("forge@example.org")] == ["granted"]


def unsubscribe_link(address):
    mail = until(lambda: [m for m in mails_to(address) if m["List-Unsubscribe"]], what=f"a mail to {address}")[0]
    return urllib.parse.urlsplit(mail["List-Unsubscribe"].strip("<>")).path


def test_what_shall_stop_can_be_chosen_and_nothing_can_be_allowed():
    s.lead({"email": "choosy@example.com", "country": "US"}, s.token("write"))
    s.post("/v1/events", {"email": "choosy@example.com", "verb": "asset.download", "subject": "security-guide"}, s.token("write"))
    path = unsubscribe_link("choosy@example.com")
    page = s.get(path)[1]
    assert all(f'value="{c}"' in page for c in ("email", "call", "letter", "track_open", "track_click", "*"))
    assert not [tag for tag in re.findall("<input[^>]*>", page) if 'name="stop"' in tag and "checked" in tag]
    assert s.post(path, "choose=1", headers=FORM)[0] == 200 and s.post(path, "choose=1&stop=everything&state=granted", headers=FORM)[0] == 200
    assert consents("choosy@example.com") == []
    assert "This has stopped" in s.post(path, "choose=1&stop=call&stop=track_open&allow=email", headers=FORM)[1]
    assert [row[:4] for row in consents("choosy@example.com")] == [["call", "marketing", "withdrawn", "unsubscribe"], ["track_open", "*", "withdrawn", "unsubscribe"]]
    assert s.post(path, "choose=1&stop=*", headers=FORM)[0] == 200
    assert consents("choosy@example.com")[-1][:3] == ["*", "*", "withdrawn"]
    assert "You are unsubscribed" in s.post(path, b"{{{", headers={"Content-Type": "multipart/form-data"})[1]
    assert consents("choosy@example.com")[-1][:3] == ["email", "marketing", "withdrawn"]


def checked(page):
    return sorted(value for name, value in re.findall(r'name="(\w+)" value="([^"]+)" checked', page))


def plan_by_hand(lead_id, n, template, purpose):
    """A mail due now, as if it had been planned before anything was chosen."""
    s.sql("insert into touch (shard, touch_id, lead_id, channel, kind, template, purpose, state, planned_at, due_at, revision) "
          f"select {lead_id} & 63, (({n} + 1) << 6) | ({lead_id} & 63), {lead_id}, 'email', 'email', '{template}', '{purpose}', 'planned', now(), now(), revision "
          "from activation order by activation desc limit 1")

    def looked_at():
        rows = s.sql(f"select state, coalesce(reason, ''), due_at > now() + interval '28 days' from touch where touch_id = (({n} + 1) << 6) | ({lead_id} & 63)")
        return rows[0] if rows[0][0] in ("held", "sent") or rows[0][1] else None
    return until(looked_at, what=f"the gate's word about {template}")


def test_topics_and_frequency_are_chosen_on_the_page_and_honoured_before_each_mail():
    s.lead({"email": "picky@example.com", "country": "US"}, s.token("write"))
    s.post("/v1/events", {"email": "picky@example.com", "verb": "asset.download", "subject": "security-guide"}, s.token("write"))
    path, id = unsubscribe_link("picky@example.com"), settled("picky@example.com")
    until(lambda: s.sql(f"select 1 from touch where lead_id = {id} and state = 'sent'"), what="the first mail")
    for _ in range(3):
        page = s.get(path)[1]
        assert checked(page) == ["all", "events", "guides", "news"] and "Webinars and seminars" in page and "<script" not in page, page
    assert consents("picky@example.com") == []
    choice = "prefer=1&shown=guides&shown=events&shown=unheard-of&topic=events&topic=news&often=month&state=granted"
    for _ in range(2):  # twice is as once
        status, page = s.post(path, choice, headers=FORM)
        assert status == 200 and "Your choice is kept" in page, page
    rows = consents("picky@example.com")
    assert [row[:5] for row in rows] == [["email", "topic:guides", "withdrawn", "preferences", "Guides and examples"],
                                         ["email", "more-often:month", "withdrawn", "preferences", "One e-mail a month at most"]], rows
    assert all(row[5] and json.loads(row[6])["touch"] for row in rows) and len(events("picky@example.com", "preference.change")) == 1
    assert checked(s.get(path)[1]) == ["events", "month", "news"]
    assert plan_by_hand(id, 101, "key-benefits", "marketing")[:2] == ["held", 'topic "guides" is not wanted']
    assert plan_by_hand(id, 102, "webinar-invitation", "marketing") == ["planned", "email: not so often is wanted", "t"]
    assert plan_by_hand(id, 103, "key-benefits", "service")[0] == "sent"
    s.post(path, "prefer=1&shown=guides&topic=guides&often=all", headers=FORM)
    assert [row[1:3] for row in consents("picky@example.com")[2:]] == [["topic:guides", "granted"], ["more-often:month", "granted"]]
    assert plan_by_hand(id, 104, "key-benefits", "marketing")[0] == "sent"
    assert s.post(path, "prefer=1&often=none&topic=guides", headers=FORM)[0] == 200
    assert consents("picky@example.com")[-1][:3] == ["email", "marketing", "withdrawn"]
    assert 'name="prefer"' not in s.get(path)[1]
    s.post(path, "prefer=1&shown=guides&often=week", headers=FORM)
    assert consents("picky@example.com")[-1][:3] == ["email", "marketing", "withdrawn"], "who has left is asked nothing more"


def test_topics_and_frequency_are_taken_by_the_api_too():
    s.lead({"email": "asked@example.com", "country": "US"}, s.token("write"))
    def post(body):
        return s.post("/v1/leads/asked@example.com/consent", body, s.token("write"))
    choice = {"preferences": {"topics": {"guides": False, "news": True}, "frequency": "week"}, "source": "crm", "wording": "told us on the telephone"}
    status, body = post(choice)
    assert status == 200 and body["changed"] == 2, body
    assert post(choice)[1]["changed"] == 0
    assert [row[:5] for row in consents("asked@example.com")] == [["email", "topic:guides", "withdrawn", "crm", "told us on the telephone"],
                                                                  ["email", "more-often:week", "withdrawn", "crm", "told us on the telephone"]]
    assert post({"preferences": {"topics": {"guides": True}}})[1]["changed"] == 1 and post({"preferences": {"frequency": "all"}})[1]["changed"] == 1
    for wrong in ({"topics": {"unheard-of": False}}, {"topics": {"guides": "no"}}, {"topics": ["guides"]}, {"frequency": "daily"}, {"frequency": 7}, {"often": "week"}, {}, "week"):
        assert post({"preferences": wrong})[0] == 400, wrong
    assert post({**choice, "state": "granted"})[0] == 400 and len(consents("asked@example.com")) == 4


def in_chromium(address):
    """The page as Chromium has it when its scripts have run; NULL where there is no Chromium."""
    browser = shutil.which("chromium")
    if not browser:
        print("      (without Chromium, which is not installed)")
        return None
    with tempfile.TemporaryDirectory(prefix="nurture-chromium-") as folder:
        done = subprocess.run([browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder}", "--no-first-run",
                               "--virtual-time-budget=10000", "--timeout=60000", "--dump-dom", address], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "<html" in done.stdout, done.stderr[-2000:]
    return done.stdout


def test_in_chromium_a_script_in_an_answer_is_text():
    """Opened as a file, so that no policy of the server helps: what is not escaped would run."""
    answers = {"email": SCRIPT, "first_name": "<img src=x onerror=document.title='hacked'>", "last_name": "</textarea><svg onload=document.title='hacked'>",
               "company": "javascript:document.title='hacked'", "phone": SCRIPT + "x" * 300, "country": '"><script>document.title="hacked"</script>'}
    status, page = send("demo", answers | {"form-instance": instance("demo")})
    assert status == 400
    file = s.folder / "answer.html"
    file.write_text(page)
    dom = in_chromium(f"file://{file}")
    if dom:
        assert "hacked</title>" not in dom and "<title>See it at work</title>" in dom and not re.search(r"<(script|img|svg)", dom), dom
        live = in_chromium(f"http://127.0.0.1:{s.port}/f/demo")
        assert '<input type="text" inputmode="email" id="q-email"' in live and "<script" not in live


def test_in_chromium_a_form_stands_in_a_page_of_somebody_else():
    file = s.folder / "elsewhere.html"
    file.write_text(f'<!doctype html><title>Elsewhere</title><p id="before">x</p><script src="http://127.0.0.1:{s.port}/f/demo.js" async></script>')
    dom = in_chromium(f"file://{file}")
    if dom:
        assert re.search(r'<form method="post"[^>]*action="http://127\.0\.0\.1:\d+/f/demo"', dom) and 'name="form-instance" value="' in dom, dom


def downloads(email):
    return s.sql(f"select subject, data from event where lead_id = {lead(email)} and verb = 'asset.download' order by event_id")


def asset_path(email, form="checklist"):
    page = Controls(send(form, {"form-instance": instance(form), "email": email})[1])
    return urllib.parse.urlsplit(page.links[0]).path


def test_a_gated_asset_is_given_and_counted():
    path = asset_path("reader@example.com")
    for method in ("GET", "HEAD") * 3:
        status, text, _ = s.request(method, path)
        assert status == 200
    page = Controls(s.get(path)[1])
    assert "<h1>Ten questions" in page.text and "The security guide" in page.text and "script" not in page.text
    assert downloads("reader@example.com") == []
    open_path = next(link for link in page.links if link.endswith("/open"))
    assert s.request("HEAD", open_path)[0] == 200 and s.request("GET", open_path, headers={**BROWSER, "Sec-Purpose": "prefetch"})[0] == 200
    assert downloads("reader@example.com") == []
    for _ in range(2):
        status, text, headers = s.request("GET", open_path, headers=BROWSER)
        assert status == 200 and text == open(f"{s.folder}/playbook/library/ten-questions.txt").read()
    assert headers["Content-Type"] == "text/plain; charset=utf-8" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == "attachment; filename=\"ten-questions.txt\"; filename*=UTF-8''ten-questions.txt"
    assert "sandbox" in headers["Content-Security-Policy"]
    (subject, data), = downloads("reader@example.com")
    assert subject == "checklist" and json.loads(data) == {"kind": "checklist", "topic": "security", "buying_stage": "learn"}
    following = next(link for link in page.links if link.startswith("http") and "/d/" in link)
    status, text, headers = s.request("GET", urllib.parse.urlsplit(following).path + "/open", headers=BROWSER)
    assert status == 303 and headers["Location"] == "https://www.example.com/library/security-guide"
    assert [row[0] for row in downloads("reader@example.com")] == ["checklist", "security-guide"]


def test_what_a_machine_fetches_is_no_download_of_the_reader():
    """A messenger that shows what a link leads to, a mail gateway that follows it: they get the file, and nobody is scored for it."""
    path = asset_path("pasted@example.com") + "/open"
    for agent in ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Mozilla/5.0 (compatible; Googlebot/2.1)"):
        assert s.request("GET", path, headers={"User-Agent": agent})[0] == 200
    reader = lead("pasted@example.com")
    kept = lambda: s.sql(f"select machine, data ->> 'why' from event where lead_id = {reader} and verb = 'asset.download' order by event_id")  # noqa: E731
    assert kept() == [["t", "user agent"]]
    assert s.request("GET", path, headers=BROWSER)[0] == 200
    assert kept() == [["t", "user agent"], ["f", ""]], "whom the machine hid"


def test_nothing_but_the_token_says_what_is_given():
    path = asset_path("thief@example.com")
    token = path.split("/")[-1]
    for more in ("/open/../../etc/passwd", "/open/x", "/..%2fopen", "/library", "//open"):
        assert s.get(path + more)[0] in (400, 404), more
    for query in ("?file=/etc/passwd", "?url=//evil.example", "?next=javascript:alert(1)"):
        status, text, headers = s.request("GET", path + "/open" + query)
        assert status == 200 and "Location" not in headers and "Ten questions" in text
    wrong = [token[:-1], token + "A", token[:40], "x" * 95, token[:60] + ("A" if token[60] != "A" else "B") + token[61:]]
    answers = {s.get(f"/d/{t}{end}") for t in wrong for end in ("", "/open")}
    assert len(answers) == 1 and next(iter(answers))[0] == 404, answers


def refer(path, values, headers=None):
    return s.post(path, urllib.parse.urlencode(values), headers={**FORM, **(headers or elsewhere())})


def refer_showings(path, n):
    tokens = [Controls(s.get(path)[1]).fields["form-instance"]["value"] for _ in range(n)]
    time.sleep(1.6)
    return tokens


def test_a_colleague_is_named_and_nobody_is_written_to_without_consent():
    page = Controls(s.get(asset_path("friend@example.org"))[1])
    path = urllib.parse.urlsplit(next(link for link in page.links if "/r/" in link)).path
    tokens = refer_showings(path, 3)
    mails = len(s.mails())
    own = refer(path, {"form-instance": tokens[2], "email": "Friend@example.org"})
    assert own[0] == 200 and "<h1>Thank you" in own[1]
    assert s.sql(f"select count(*) from event where lead_id = {lead('friend@example.org')} and verb like 'referral.%'") == [["0"]], "nobody is named by naming oneself"
    values = {"form-instance": tokens[0], "email": "Colleague@Example.net", "first_name": SCRIPT[:90], "stage": "customer"}
    for _ in range(2):
        status, text = refer(path, values)
        assert status == 200 and "<h1>Thank you" in text
    id = settled("colleague@example.net")
    assert s.sql(f"select source, first_name, stage from lead where lead_id = {id}") == [["referral", SCRIPT[:90], "inquiry"]]
    by = lead("friend@example.org")
    assert s.sql(f"select data->>'by' from event where lead_id = {id} and verb = 'referral.receive'") == [[by]]
    assert s.sql(f"select count(*) from event where lead_id = {by} and verb = 'referral.make'") == [["1"]]
    assert consents("colleague@example.net") == []
    assert s.sql(f"select subject from event where lead_id = {id} and verb = 'lead.create'") == [["referral"]]
    s.lead({"email": "old@example.net", "first_name": "Old", "source": "fair"}, s.token("write"))
    assert refer(path, values | {"form-instance": tokens[1], "email": "old@example.net", "first_name": "New"}) == (status, text)
    assert s.sql(f"select source, first_name from lead where lead_id = {settled('old@example.net')}") == [["fair", "Old"]]
    assert s.sql(f"select count(*) from touch where lead_id in ({id}, {lead('old@example.net')})") == [["0"]] and len(s.mails()) == mails


def test_nobody_names_a_colleague_in_the_name_of_whom_they_typed_in():
    s.lead({"email": "famous@example.org"}, s.token("write"))
    famous = lead("famous@example.org")
    pages = [Controls(s.get(asset_path(email))[1]) for email in ("famous@example.org", "unheard@example.org")]
    assert [re.sub(r"/([dr])/[\w-]+", r"/\1/TOKEN", page.text) for page in pages[:1]] == [re.sub(r"/([dr])/[\w-]+", r"/\1/TOKEN", pages[1].text)]
    path = urllib.parse.urlsplit(next(link for link in pages[0].links if "/r/" in link)).path
    status, text = refer(path, {"form-instance": refer_showings(path, 1)[0], "email": "dupe@example.net"})
    assert status == 200 and "<h1>Thank you" in text
    id = settled("dupe@example.net")
    assert s.sql(f"select data from event where lead_id = {id} and verb = 'referral.receive'") == [[f'{{"claimed_by": {famous}}}']]
    assert s.sql(f"select count(*) from event where lead_id = {famous} and verb = 'referral.make'") == [["0"]]


def test_naming_colleagues_has_limits_and_wants_a_real_page():
    page = Controls(s.get(asset_path("spammer@example.org"))[1])
    path = urllib.parse.urlsplit(next(link for link in page.links if "/r/" in link)).path
    tokens = refer_showings(path, 9)
    assert refer(path, {"email": "x1@example.net"})[0] == 400 and refer(path, {"email": "nobody", "form-instance": tokens[0]})[0] == 400
    assert refer(path, {"email": "x2@example.net", "form-instance": tokens[0], "web-site": "x"})[0] == 200
    codes = [refer(path, {"email": f"y{n}@example.net", "form-instance": tokens[n]})[0] for n in range(9)]
    assert codes == [200] * 5 + [429] * 4, codes
    assert s.sql("select count(*) from identity where value ~ '^[xy][0-9]@example.net'") == [["5"]]
    assert s.get("/r/" + path.split("/")[-1][:-1])[0] == 404


if __name__ == "__main__":
    with Server(playbook="scripts", config=CHANNEL) as s:
        run_tests(globals())
