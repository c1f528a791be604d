#!/usr/bin/env python3
"""Forms and the company's own site: thanks that stand there, and what its page brings along."""
import html.parser
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.parse

from nurture import Server, run_tests, until

THANKS = "https://www.example.com/thanks?from=form"
FORMS = f'''
form "visit" {{ title = "Visit us", ask = "email", thanks = "{THANKS}", consent = {{ email = "Yes, write to me." }},
  preset = {{ source = "utm_source", country = "utm_term" }} }}
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


def shown(path, **more):
    """The form's hidden values, as a browser would send them, once enough time has gone by for a person to have filled it in."""
    status, page = s.get(path, **more)
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


UTM = {"utm_source": "fair <b>", "utm_medium": "Zürich", "utm_term": "CH", "utm_content": "x" * 300}


def about(data):
    """What the data of a form says of the page on which it stood."""
    return {name: value for name, value in data.items() if name.startswith("utm_")}


def of_lead(email):
    return s.sql(f"select l.source, l.country, l.title from lead l join identity i using (lead_id) where i.kind = 'email' and i.value = '{email}'")


def test_what_led_to_a_form_is_kept_with_it_and_fills_the_fields_that_it_presets():
    for n, path in enumerate(("/f/visit", "/z/visit")):
        email = f"led-{n}@example.com"
        hidden = shown(f"{path}?{urllib.parse.urlencode({**UTM, 'other': 'private', 'source': 'x'})}")
        assert set(hidden) == {"form-instance"} | {f"form-page.{name}" for name in UTM}, hidden
        _, page, _ = send("visit", {**hidden, "email": "no address"})
        again = {name: value for name, value in Controls(page).values.items() if name.startswith("form-page.")}
        assert again == {name: value for name, value in hidden.items() if name.startswith("form-page.")}, "a correction loses nothing"
        assert send("visit", {**hidden, "email": email})[0] == 303
        data, = submitted(email)
        assert about(data) == {**UTM, "utm_content": "x" * 200} and "other" not in data and data["answers"] == {"email": email}, data
        until(lambda: of_lead(email) == [["fair <b>", "CH", ""]], what="the preset fields")
    hidden = shown("/f/visit?utm_source=second&utm_term=nowhere")
    assert send("visit", {**hidden, "email": "led-0@example.com"})[0] == 303 and len(submitted("led-0@example.com")) == 2
    assert of_lead("led-0@example.com") == [["fair <b>", "CH", ""]], "what is known stays, and what is no country is none"


def test_a_browser_that_is_not_to_be_followed_is_not():
    assert set(shown("/f/visit?utm_source=fair", headers={"Sec-GPC": "1"})) == {"form-instance"}
    hidden = shown("/f/visit?utm_source=fair")
    assert send("visit", {**hidden, "email": "private@example.com", "form-page.address": "https://www.example.com/prices"}, **{"Sec-GPC": "1"})[0] == 303
    data, = submitted("private@example.com")
    assert about(data) == {} and "page" not in data and of_lead("private@example.com") == [["", "", ""]], data


def test_a_visitor_sets_no_field_that_the_form_does_not_name():
    hidden = shown("/f/visit?title=Boss&source=x&utm_campaign=Boss")
    assert set(hidden) == {"form-instance", "form-page.utm_campaign"}
    more = {"form-page.title": "Boss", "form-page.source": "x", "source": "x", "title": "Boss", "preset": "x", "preset.source": "x", "utm_source": "x"}
    assert send("visit", {**hidden, **more, "email": "greedy@example.com", "form-page.address": "https://www.example.com/a?token=7#b"})[0] == 303
    data, = submitted("greedy@example.com")
    assert about(data) == {"utm_campaign": "Boss"} and data["page"] == "https://www.example.com/a", data
    assert of_lead("greedy@example.com") == [["", "", ""]]
    _, asked = s.get("/f/visit", headers={"Accept": "application/json"})
    time.sleep(1.6)
    body = {"form-instance": asked["form-instance"], "email": "json@example.net", "form-page": {"utm_source": "api", "utm_term": 7, "address": "javascript:x", "title": "Boss"}}
    assert s.post("/f/visit", body, headers=elsewhere())[0] == 200
    data, = submitted("json@example.net")
    assert about(data) == {"utm_source": "api"} and "page" not in data, data
    until(lambda: of_lead("json@example.net") == [["api", "", ""]], what="the preset field")


# The page of somebody else: what its reader said to t.js is known, the form is sent as soon as it stands there, and goes nowhere.
PAGE = """<!doctype html><title>Elsewhere</title><script>%s</script><script src="http://127.0.0.1:%d/f/visit.js" async></script><script>
var wait = setInterval(function () {
  var form = document.querySelector("form");
  if (form) { clearInterval(wait); form.dispatchEvent(new Event("submit")); form.dispatchEvent(new Event("submit")); document.title = "Sent"; }
}, 20);</script>"""


def in_chromium(said):
    """The controls of the form after it was sent from a page whose reader said that; None where there is no Chromium."""
    browser = shutil.which("chromium")
    if not browser:
        print("      (without Chromium, which is not installed)")
        return None
    with tempfile.TemporaryDirectory(prefix="nurture-chromium-") as folder:
        with open(f"{folder}/page.html", "w") as file:
            file.write(PAGE % (said, s.port))
        done = subprocess.run([browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder}/user", "--no-first-run",
                               "--virtual-time-budget=10000", "--timeout=60000", "--dump-dom", f"file://{folder}/page.html?utm_source=fair%20%26%20more&id=7#top"],
                              capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "<title>Sent</title>" in done.stdout, (done.stdout, done.stderr[-2000:])
    return re.findall(r'name="form-page\.(\w+)" value="([^"]*)"', re.sub(r'type="hidden" ', "", done.stdout))


def test_in_chromium_a_page_of_others_tells_what_its_reader_allows():
    """The sample playbook asks for consent."""
    for said in ("", 'localStorage.setItem("nv_consent", "0")'):
        assert not in_chromium(said), said
    told = in_chromium('localStorage.setItem("nv_consent", "1")')
    if told is not None:
        assert [name for name, _ in told] == ["address", "utm_source"] and told[0][1].endswith("/page.html") and told[1][1] == "fair &amp; more", told


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
