#!/usr/bin/env python3
"""Pages that tell of their readers: /t.js in a real browser (Chromium), /b from a socket. Nothing without consent, nothing where the browser asks
not to be followed; a page says who its reader is only by our word; an anonymous reader's past becomes the lead's."""
import contextlib
import gzip
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading

from browser import Chromium
from nurture import Server, run_tests, until

CHANNEL = '''
postal_address = "Acme Security, 1 Example Street, 10115 Berlin"
channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }
'''
CHROMIUM = shutil.which("chromium")
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36"
VIEW = {"events": [{"verb": "page.view", "subject": "/prices", "data": {"title": "Prices"}}]}
s = token = site = None


class Site(http.server.BaseHTTPRequestHandler):
    """The company's own pages, on another port (the same site to a browser): /KIND/…"""
    before = {"plain": "", "yes": "", "gpc": "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});"}

    def do_GET(self):  # noqa: N802
        kind = self.path.split("/")[1]
        page = self.path.split("/")[2].split("?")[0] if self.path.count("/") > 1 else ""
        after = "setTimeout(function () { location = 'next'; }, 1500);" if page == "prices" else "document.title = 'seen';"
        yes = "window.nurture.push(['consent', true]);" if kind == "yes" else ""
        text = (f"<!doctype html><title>Our {page}</title><script>{self.before.get(kind, '')}window.nurture = [];{yes}</script>"
                f"<script async src='http://127.0.0.1:{s.port}/t.js'></script><h1>{page}</h1><script>{after}</script>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.server.seen.append(self.path)

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def browser(path):
    """A browser with that page; ends with the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen([CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                                    f"--user-data-dir={folder}", f"--user-agent={AGENT}", "--remote-debugging-port=0",
                                    f"http://127.0.0.1:{site.server_port}{path}"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)


def views(where="true"):
    rows = s.sql(f"select e.verb, e.subject, coalesce(e.value, 0), coalesce(e.data, '{{}}'), l.anonymous, e.lead_id from event e "
                 f"join lead l using (shard, lead_id) where verb like 'page.%' and {where} order by e.received_at, e.event_id")
    return [(verb, subject, float(value), json.loads(data), anonymous, lead) for verb, subject, value, data, anonymous, lead in rows]


def beacon(body, cookie=None, **headers):
    """Status and the cookie that was given."""
    fields = {"Content-Type": "text/plain;charset=UTF-8", "User-Agent": AGENT, "Origin": "https://www.example.com"}
    fields.update({k.replace("_", "-"): v for k, v in headers.items()})
    if cookie:
        fields["Cookie"] = cookie
    status, _, got = s.request("POST", "/b", body if isinstance(body, (str, bytes)) else json.dumps(body), headers=fields)
    given = re.match(r"nv=[^;]*", got.get("Set-Cookie", ""))
    return status, given and given.group(0)


def total():
    return int(s.sql("select count(*) from event")[0][0])


def test_a_page_in_a_browser_tells_views_campaigns_and_time_but_only_after_consent():
    if not CHROMIUM:
        print("skip  no chromium: a page in a browser")
        return
    with browser("/plain/prices?utm_source=ads"):
        until(lambda: any(p.startswith("/plain/next") for p in site.seen), what="the second page")
    with browser("/gpc/prices?utm_source=ads"):
        until(lambda: any(p.startswith("/gpc/next") for p in site.seen), what="the second page")
    with browser("/yes/prices?utm_source=ads&utm_campaign=Spring+time&email=ann@example.com"):
        until(lambda: [v[:2] for v in views()].count(("page.view", "/yes/next")) == 1, what="the second view")
        until(lambda: any(v[0] == "page.time" for v in views()), what="the time on the first page")
    seen = views()
    assert all(v[1].startswith("/yes/") for v in seen), seen
    first = seen[0]
    assert first[:2] == ("page.view", "/yes/prices") and first[4] == "t", first
    assert {k: v for k, v in first[3].items() if k != "site"} == {"title": "Our prices", "utm_source": "ads", "utm_campaign": "Spring time"}, first
    spent = next(v for v in seen if v[0] == "page.time")
    assert spent[1] == "/yes/prices" and 1 <= spent[2] <= 600, spent
    assert s.sql("select count(*) from identity where kind = 'cookie'") == [["1"]] and len({v[5] for v in seen}) == 1, seen
    assert "ann@example.com" not in json.dumps(seen)


def test_a_page_that_a_reader_comes_back_to_is_another_view():
    if not CHROMIUM:
        print("skip  no chromium: back to a page that the browser kept whole")
        return
    with Chromium() as page:
        page.ask("Network.setUserAgentOverride", userAgent=AGENT)
        page.open(f"http://127.0.0.1:{site.server_port}/yes/kept")
        page.js("window.kept = true")
        until(lambda: len(views("e.subject = '/yes/kept'")) == 1, what="the view")
        page.open(f"http://127.0.0.1:{site.server_port}/yes/away")
        until(lambda: views("e.subject = '/yes/away' and verb = 'page.view'"), what="the next page")
        page.ask("Runtime.evaluate", expression="history.back()")
        page.until("location.pathname == '/yes/kept'")
        assert page.js("window.kept") is True, "loaded anew: nothing of this was tried"
        until(lambda: len(views("e.subject = '/yes/kept' and verb = 'page.view'")) == 2, what="the view of who came back")


def test_the_script_is_small_and_kept_by_browsers():
    status, text, headers = s.request("GET", "/t.js")
    assert status == 200 and len(text) < 4000 and headers["Content-Type"].startswith("text/javascript") and "max-age" in headers["Cache-Control"]
    status, again, same = s.request("GET", "/t.js", headers={"If-None-Match": headers["ETag"]})
    assert (status, again, same["ETag"]) == (304, "", headers["ETag"])


def test_without_consent_or_against_the_readers_wish_nothing_is_kept_and_no_cookie_given():
    before = total()
    yes = {**VIEW, "consent": True}
    assert beacon(VIEW) == (204, None)
    assert beacon(yes, Sec_GPC="1") == (204, None)
    assert beacon(yes, User_Agent="Googlebot/2.1") == (204, None)
    assert beacon(yes, Sec_Fetch_Site="cross-site") == (204, None)
    assert total() == before
    status, cookie = beacon(yes)
    assert status == 204 and cookie and total() == before + 1
    assert beacon(VIEW, cookie) == (204, None) and total() == before + 2, "who was given one said yes"
    assert beacon(VIEW, cookie, Sec_GPC="1") == (204, None) and total() == before + 2
    assert beacon(VIEW, cookie[:-1]) == (204, None) and total() == before + 2, "a cut cookie is none"
    status, _, headers = s.request("POST", "/b", '{"consent": false}', headers={"User-Agent": AGENT, "Cookie": cookie})
    assert status == 204 and "Max-Age=0" in headers["Set-Cookie"]


def test_a_cookie_is_out_of_reach_of_scripts_and_other_sites_pages():
    status, _, headers = s.request("POST", "/b", json.dumps({**VIEW, "consent": True}), headers={"User-Agent": AGENT, "Origin": "https://www.example.com"})
    assert "HttpOnly" in headers["Set-Cookie"] and "SameSite=Lax" in headers["Set-Cookie"] and "Domain" not in headers["Set-Cookie"]
    assert headers["Access-Control-Allow-Origin"] == "https://www.example.com" and headers["Access-Control-Allow-Credentials"] == "true"
    status, _, headers = s.request("OPTIONS", "/b", headers={"Origin": "https://www.example.com", "Access-Control-Request-Method": "POST"})
    assert status == 204 and headers["Access-Control-Allow-Methods"] == "POST"


def test_a_page_says_only_what_pages_may_say():
    before = total()
    for body in ("", "{", '{"events": 7}', {"events": [{"verb": "webinar.attend"}], "consent": True}, {"events": [{"verb": "email.click"}], "consent": True},
                 {"events": [{"verb": "lead.update", "data": {"set": {"email": "x@example.com"}}}], "consent": True},
                 {"events": [{"verb": "page.view", "email": "ann@example.com"}], "consent": True},
                 {"events": [{"verb": "page.view", "lead": 64}], "consent": True}, {"email": "ann@example.com", "verb": "page.view"},
                 {"events": [{"verb": "page.view"}] * 21, "consent": True}, {"events": [], "score": 9}, "[" * 1000):
        status, cookie = beacon(body)
        assert status in (400, 413) and cookie is None, (body, status)
    assert beacon("x" * 40000)[0] == 413
    assert total() == before


def test_a_page_may_send_lines_also_packed_and_hears_which_are_wrong():
    before = total()
    lines = "\n".join([json.dumps({"consent": True}), json.dumps({"verb": "page.view", "subject": "/lines-1"}), "", json.dumps({"verb": "page.view", "subject": "/lines-2"})])
    status, cookie = beacon(lines, Content_Type="application/x-ndjson")
    assert status == 204 and cookie, status
    packed = gzip.compress(lines.replace("/lines-", "/packed-").encode())
    assert beacon(packed, cookie, Content_Type="application/x-ndjson", Content_Encoding="gzip")[0] == 204
    assert beacon(gzip.compress(json.dumps(VIEW).encode()), cookie, Content_Encoding="gzip")[0] == 204
    seen = [v for v in views() if re.match("/(lines|packed)-", v[1])]
    assert [v[1] for v in seen] == ["/lines-1", "/lines-2", "/packed-1", "/packed-2"] and len({v[5] for v in seen}) == 1, seen
    headers = {"User-Agent": AGENT, "Cookie": cookie, "Content-Type": "application/x-ndjson", "Origin": "https://www.example.com"}
    wrong = "\n".join([lines, json.dumps({"verb": "email.click"}), "{", json.dumps({"email": "ann@example.com"})])
    status, body, got = s.request("POST", "/b", wrong, headers=headers)
    assert status == 202 and body["accepted"] == 2 and [e["line"] for e in body["errors"]] == [5, 6, 7], (status, body)
    assert got["Access-Control-Allow-Origin"] == "https://www.example.com"
    status, body, _ = s.request("POST", "/b", '{"verb": "email.click"}\n[7]', headers=headers)
    assert status == 400 and [e["line"] for e in body["errors"]] == [1, 2], (status, body)
    status, body, _ = s.request("POST", "/b", json.dumps({"events": [{"verb": "page.view"}, {"verb": "email.click"}]}), headers={**headers, "Content-Type": "text/plain"})
    assert status == 202 and body["accepted"] == 1 and [e["line"] for e in body["errors"]] == [2], (status, body)
    for bad in (gzip.compress(b"x" * 40000), gzip.compress(b"\n" * 30_000_000), packed[:-9], packed + b"x", b"x"):
        assert beacon(bad, cookie, Content_Encoding="gzip", Content_Type="application/x-ndjson")[0] in (400, 413)
    assert total() == before + 8, total() - before


def test_who_it_is_says_our_word_alone_and_the_past_becomes_the_leads():
    lead = s.lead({"email": "eve@example.com", "country": "US"}, token)
    _, cookie = beacon({**VIEW, "consent": True})
    beacon({"events": [{"verb": "page.view", "subject": "/docs"}]}, cookie)
    status, word = s.post("/v1/leads/eve@example.com/identify", None, token)
    assert status == 200 and word["good_for"] == 86400, word
    mine = "e.lead_id = (select lead_id from identity where kind = 'email' and value = 'eve@example.com')"
    for wrong in ("eve@example.com", word["token"][:-1], cookie[3:], "", str(word["lead"])):
        assert beacon({"identify": wrong}, cookie) == (204, None)
    assert not views(mine), "nobody else's word counts"
    assert beacon({"identify": word["token"]}, cookie) == (204, None)
    found = lambda: s.sql("select count(*) from identity c join identity e using (lead_id) where c.kind = 'cookie' and e.value = 'eve@example.com'") == [["1"]]
    until(found, what="the visitor's name")
    beacon(VIEW, cookie)
    until(lambda: len(views(mine)) == 1, what="the next view")
    until(lambda: s.sql("select count(*) from inbox") == [["0"]], what="the turns")
    assert lead


def test_who_logs_in_has_the_browser_from_then_on_and_nobody_is_merged():
    people = {name: s.lead({"email": f"{name}@example.com", "country": "US"}, token) for name in ("typed", "fay", "gus")}
    words = {name: s.post(f"/v1/leads/{name}@example.com/identify", None, token)[1]["token"] for name in ("fay", "gus")}   # Gus logs in after Fay
    _, cookie = beacon({**VIEW, "consent": True})
    assert people and s.post("/v1/events", {"visitor": cookie[3:], "email": "typed@example.com", "verb": "page.view", "subject": "/theirs"}, token)[0] == 202
    seen = {"typed": ["/prices", "/theirs"], "fay": [], "gus": []}

    def look(page, *whose):
        for name in whose:
            seen[name].append(page)
        assert beacon({"events": [{"verb": "page.view", "subject": page}]}, cookie) == (204, None)
        for name, pages in seen.items():
            rows = views(f"e.lead_id in (select i.lead_id from identity i where i.value = '{name}@example.com' union "
                         f"select l.lead_id from lead l join identity i on i.lead_id = l.merged_into where i.value = '{name}@example.com')")
            assert [v[1] for v in rows] == pages, (name, rows)

    look("/1", "typed")
    assert beacon({"identify": words["fay"]}, cookie, Sec_GPC="1") == (204, None)
    look("/2", "typed")
    assert beacon({"identify": words["fay"]}, cookie) == (204, None)
    look("/3", "fay")
    assert beacon({"identify": words["gus"]}, cookie) == (204, None)
    look("/4", "gus")
    assert beacon({"identify": words["fay"]}, cookie) == (204, None)   # a page of Fay's that is still open
    look("/5", "gus")
    again = s.post("/v1/leads/fay@example.com/identify", None, token)[1]["token"]
    assert beacon({"identify": again}, cookie) == (204, None)
    look("/6", "fay")
    assert s.sql("select count(*) from lead where merged_into is not null and email is not null") == [["0"]]


def test_a_server_may_say_which_browser_it_was():
    _, cookie = beacon({**VIEW, "consent": True})
    status, body = s.post("/v1/events", {"visitor": cookie[3:], "verb": "page.view", "subject": "/server"}, token)
    assert status == 202 and body["accepted"] == 1, body
    assert s.post("/v1/events", {"visitor": "x" + cookie[4:], "verb": "page.view"}, token)[0] == 400
    status, body = s.post("/v1/events", {"visitor": cookie[3:], "email": "gil@example.com", "verb": "webinar.attend", "subject": "x"}, token)
    assert status == 202
    rows = views("e.lead_id = (select lead_id from identity where kind = 'email' and value = 'gil@example.com')")
    assert [v[1] for v in rows] == ["/prices", "/server"], rows


def test_a_flood_from_one_address_is_refused():
    before = total()
    answers = (s.request("POST", "/b", "{}", headers={"User-Agent": AGENT}) for _ in range(5000))
    refused = next((headers for status, _, headers in answers if status == 429), None)
    assert refused and refused.get("Retry-After") and total() == before, refused   # the next one may be let in: a fifth of a second brings one more


if __name__ == "__main__":
    with Server(playbook="scripts", config=CHANNEL) as s:
        token = s.token("write")
        site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        site.seen = []
        threading.Thread(target=site.serve_forever, daemon=True).start()
        run_tests(globals())
