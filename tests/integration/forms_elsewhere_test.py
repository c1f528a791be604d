#!/usr/bin/env python3
"""Forms and the company's own site: thanks that stand there, and what its page brings along."""
import html.parser
import json
import time
import urllib.parse

from nurture import Server, run_tests, until

THANKS = "https://www.example.com/thanks?from=form"
FORMS = f'''
form "visit" {{ title = "Visit us", ask = "email", thanks = "{THANKS}", consent = {{ email = "Yes, write to me." }} }}
'''
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
s = None
addresses = iter(range(1, 1 << 16))


def elsewhere():
    """Headers of a client in a network of its own."""
    n = next(addresses)
    return {"X-Forwarded-For": f"10.{n >> 8}.{n & 255}.9"}


class Controls(html.parser.HTMLParser):
    """Names and values of the controls of a page."""
    def __init__(self, text):
        super().__init__()
        self.values = {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "input" and "name" in attributes:
            self.values[attributes["name"]] = attributes.get("value", "")


def shown(path):
    """The form's hidden values, as a browser would send them, once enough time has gone by for a person to have filled it in."""
    status, page = s.get(path)
    assert status == 200, (status, page)
    time.sleep(1.6)
    return {name: value for name, value in Controls(page).values.items() if name.startswith("form-")}


def send(form, values, **more):
    return s.request("POST", f"/f/{form}", urllib.parse.urlencode(values), headers={**FORM, **elsewhere(), **more})


def submitted(email):
    """The data of what this address filled in, once its turn has come."""
    id = until(lambda: s.sql(f"select lead_id from identity where kind = 'email' and value = '{email}'"), what=email)[0][0]
    until(lambda: s.sql(f"select count(*) from inbox where lead_id = {id}") == [["0"]], what="the turn")
    return [json.loads(row[0]) for row in s.sql(f"select data from event where lead_id = {id} and verb = 'form.submit' order by event_id")]


def test_thanks_on_a_site_of_ones_own_are_gone_to_and_nothing_of_the_visitor_says_where():
    hidden = shown("/f/visit")
    status, page, headers = send("visit", {**hidden, "email": "guest@example.com", "agree.email": "yes", "thanks": "https://evil.example/",
                                           "location": "https://evil.example/"}, Referer="https://evil.example/")
    assert status == 303 and headers["Location"] == THANKS, (status, headers)
    assert len(submitted("guest@example.com")) == 1
    status, page, headers = send("visit", {**hidden, "email": "robot@example.com", "web-site": "x"})
    assert status == 303 and headers["Location"] == THANKS, "who fills in the trap is answered as everybody is"
    status, page, headers = send("visit", {**hidden, "email": "no address"})
    assert status == 400 and "Location" not in headers
    status, asked = s.get("/f/visit", headers={"Accept": "application/json"})
    time.sleep(1.6)
    status, answer = s.post("/f/visit", {"form-instance": asked["form-instance"], "email": "program@example.com"}, headers=elsewhere())
    assert status == 200 and answer["location"] == THANKS, answer


def test_the_page_of_a_form_lets_it_lead_to_the_site_of_its_thanks_and_no_other():
    for path, policy in (("/f/visit", "form-action 'self' https://www.example.com"), ("/f/demo", "form-action 'self'"), ("/z/visit", "form-action 'self' https://www.example.com"),
                         ("/z/security", "form-action 'self'")):
        status, _, headers = s.request("GET", path)
        assert status == 200 and headers["Content-Security-Policy"].split("; ")[-1] == policy, (path, headers)


CONFIG = """
postal_address = "1 Test St"
trusted_proxies = { "127.0.0.1" }
channel "email" { plugin = "email", relay = "maildir:outbox", from = "Test <test@example.com>" }
"""

if __name__ == "__main__":
    s = Server(playbook="scripts", config=CONFIG)
    with open(s.folder / "playbook/forms.lua", "a") as file:
        file.write(FORMS)
    (s.folder / "playbook/templates/page/visit.html").write_text("<!doctype html><title>Visit</title>{{ form.visit }}")
    with s:
        run_tests(globals())
