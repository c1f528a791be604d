#!/usr/bin/env python3
"""People sign in (TRUST 32 to 35): sessions that nobody knew before and that end when they should, requests that come from our own pages alone, guessing that is
limited without locking anybody out, and every route of the table × every role."""
import concurrent.futures
import json
import pathlib
import re
import shutil
import urllib.parse

from browser import Chromium
from nurture import BUILD, SOURCE, Server, run_tests, until

ROLES = ("agent", "supervisor", "owner", "marketing", "admin")
SCOPE = {"agent": "", "supervisor": "read", "owner": "read", "marketing": "write", "admin": "admin"}
ALLOWS = {"": set(), "read": {"READ"}, "write": {"TRACK", "READ", "WRITE"}, "admin": {"TRACK", "READ", "WRITE", "ADMIN"}}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
s = None


PASSWORD = "the password of everybody"


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def add(name, role="agent"):
    """As `nurture user add` does it, with the hash that the command made of the first one's password."""
    s.sql(f"insert into person (name, role, password) select {quoted(name)}, '{role}', password from person where name = 'first'")
    return name


def own(headers=None):
    return {"Origin": f"http://127.0.0.1:{s.port}"} | FORM | (headers or {})


def login(name, password=None, headers=None, **fields):
    """Status, page or place, cookie of the session ("" = none)."""
    body = urllib.parse.urlencode({"name": name, "password": password or PASSWORD} | fields)
    status, page, back = s.request("POST", "/login", body, headers=own(headers))
    cookie = re.match(r"nurture=([\w-]{43}); Path=/; HttpOnly; SameSite=Lax$", back.get("Set-Cookie", ""))
    return status, back.get("Location", page), cookie.group(1) if cookie else ""


def sign_in(name):
    status, place, cookie = login(name)
    assert (status, place) == (303, "/home") and cookie, (status, place)
    return Browser(cookie)


class Browser:
    """Requests with the cookie of a session, and with its token when it is asked for."""

    def __init__(self, cookie):
        self.cookie = cookie
        self.csrf = re.search(r'name="csrf" value="([\w-]{43})"', self.get("/home")[1]).group(1)

    def ask(self, method, path, body=None, headers=None):
        return s.request(method, path, body, headers={"Cookie": f"other=1; nurture={self.cookie}"} | (headers or {}))

    def get(self, path, headers=None):
        return self.ask("GET", path, headers=headers)[:2]

    def post(self, path, body="{}", token=None, method="POST", **headers):
        json = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{s.port}"} | ({"X-CSRF-Token": self.csrf} if token is None else token)
        return self.ask(method, path, body, json | headers)[:2]

    def lives(self):
        status = self.get("/home")[0]
        assert status in (200, 401), status
        return status == 200


# -- 32: sessions --

def test_who_signs_in_is_at_home_and_out_again():
    ann = sign_in(add("Ann O'Neil <b>", "marketing"))
    page = ann.get("/home")[1]
    assert "Ann O&#39;Neil &lt;b&gt;" in page and "<b>" not in page and "/v1/reports/campaigns" in page and "desk" not in page, page
    assert ann.get("/v1/leads")[0] == 200
    assert ann.ask("POST", "/logout", f"csrf={ann.csrf}", own())[0::2][0] == 303
    assert not ann.lives() and ann.get("/v1/leads")[0] == 401
    status, page, back = s.request("GET", "/home?x=1", headers={"Accept": "text/html,*/*"})
    assert (status, back["Location"]) == (303, "/login?next=/home%3Fx%3D1"), back
    status, page, back = s.request("GET", "/login?next=/home%3Fx%3D1")
    assert status == 200 and 'value="/home?x=1"' in page and "script" not in page, page
    policy = back["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "script-src" not in policy and back["Referrer-Policy"] == "same-origin"


def test_a_session_is_new_at_each_log_in_and_known_by_its_hash_alone():
    first = sign_in(add("fixed"))
    forced = "A" * 43
    status, _, cookie = login("fixed", headers={"Cookie": f"nurture={forced}"})
    assert status == 303 and cookie not in (forced, first.cookie) and not session_lives(forced)
    status, _, again = login("fixed", headers={"Cookie": f"nurture={cookie}"})
    assert again != cookie and session_lives(again) and not session_lives(cookie), "the browser's old session ends"
    kept = s.sql("select encode(hash, 'hex') from session")
    assert not any(again in row[0] or bytes(again, "ascii").hex() in row[0] for row in kept) and len(kept[0][0]) == 64, kept
    dump = s.sql("select * from session") + s.sql("select * from audit") + s.sql("select * from person")
    assert again not in str(dump) and PASSWORD not in str(dump) + s.log_text() and "$argon2id$" in str(dump)
    listed = s.run("user", "list", "--json").stdout + s.run("user", "sessions", "fixed", "--json").stdout
    assert "argon2" not in listed and again not in listed, listed


def session_lives(cookie):
    return s.request("GET", "/home", headers={"Cookie": f"nurture={cookie}"})[0] == 200


def test_all_sessions_end_at_password_role_and_account_change():
    name, password = add("changed"), "another good password"
    ends = [("password", lambda: s.run("user", "password", name, stdin=password + "\n")), ("role", lambda: s.run("user", "role", name, "supervisor")),
            ("disable", lambda: s.run("user", "disable", name)), ("sessions", lambda: s.run("user", "sessions", name, "--end", "all")),
            ("remove", lambda: s.run("user", "remove", name, "--yes"))]
    known = PASSWORD
    for what, change in ends:
        session = Browser(login(name, known)[2])
        change()
        assert not session.lives(), what
        if what == "password":
            assert login(name, known)[0] == 403, "the old password"
            known = password
        if what == "disable":
            assert login(name, known)[0] == 403
            s.run("user", "enable", name)
    assert login(name, known)[0] == 403
    assert s.sql("select count(*) from session join person using (person_id) where name = 'changed'") == [["0"]]


def test_a_session_ends_by_itself_idle_or_old():
    name = add("sleeper")
    for column in ("seen_at", "until"):
        browser = sign_in(name)
        s.sql(f"update session set {column} = clock_timestamp() - interval '1 day' where person_id = (select person_id from person where name = '{name}')")
        assert not browser.lives(), column
    s.sql("update session set seen_at = clock_timestamp() - interval '10 minutes'")
    browser = sign_in(name)
    assert browser.lives()


def test_a_person_sets_another_password_and_stays_signed_in_here_alone():
    here, there = sign_in(add("mover")), sign_in("mover")
    def change(old, new, again=None):
        status, page, back = here.ask("POST", "/password", urllib.parse.urlencode({"csrf": here.csrf, "old": old, "password": new, "again": again or new}), own())
        return status, back.get("Set-Cookie", "")
    assert change("wrong password", "a new password")[0] == 403 and change(PASSWORD, "short")[0] == 400
    assert change(PASSWORD, "a new password", "a new passwort")[0] == 400 and change(PASSWORD, "mover")[0] == 400 and there.lives()
    status, cookie = change(PASSWORD, "a new password")
    assert status == 303 and not here.lives() and not there.lives()
    assert session_lives(re.match(r"nurture=([^;]+)", cookie).group(1)) and login("mover")[0] == 403 and login("mover", "a new password")[0] == 303
    acts = s.sql("select actor from audit where act = 'person.password' order by id desc limit 1")
    assert re.fullmatch(r"person \d+ mover", acts[0][0]), acts


# -- 33: from our own pages alone --

def test_what_changes_something_comes_from_our_pages_with_the_sessions_token():
    admin, other = sign_in(add("root", "admin")), sign_in(add("other root", "admin"))
    lead = {"Content-Type": "application/json"}
    body, path = '{"email": "forged@example.com"}', "/v1/leads"
    ours = f"http://127.0.0.1:{s.port}"
    dresses = [
        ({}, "no word of where it comes from"), ({"Origin": "http://evil.example"}, "a form of elsewhere"), ({"Origin": "null"}, "a sandboxed frame"),
        ({"Origin": ours + ".evil.example"}, "a longer name"), ({"Origin": f"http://127.0.0.1:{s.port + 1}"}, "another port"),
        ({"Origin": f"https://127.0.0.1:{s.port}"}, "another scheme"), ({"Origin": ours, "Sec-Fetch-Site": "cross-site"}, "cross-site"),
        ({"Origin": ours, "Sec-Fetch-Site": "same-site"}, "a host beside"), ({"Sec-Fetch-Site": "none"}, "nobody"),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, "both"), ({"Referer": ours + "/home"}, "a referrer alone"),
    ]
    for headers, what in dresses:
        assert admin.ask("POST", path, body, lead | headers | {"X-CSRF-Token": admin.csrf})[0] == 403, what
        assert s.request("POST", "/login", "name=root&password=x", headers=FORM | headers)[0] == 403, what
    for token, what in ((None, "none"), (other.csrf, "of another session"), ("", "empty"), (admin.csrf[:-1], "cut"), (admin.cookie, "the cookie")):
        for dress in ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            headers = {"Origin": ours, "Content-Type": dress} | ({"X-CSRF-Token": token} if token is not None else {})
            assert admin.ask("POST", path, body, headers)[0] == 403, (what, dress)
            in_form = f"csrf={urllib.parse.quote(token or '')}" if "urlencoded" in dress else f'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{token}\r\n--x--\r\n'
            assert admin.ask("POST", "/logout", in_form, {"Origin": ours, "Content-Type": dress})[0] == 403, (what, dress)
    assert admin.post("/v1/leads/64", method="DELETE", token={})[0] == 403 and admin.lives()
    assert s.sql("select count(*) from identity where value = 'forged@example.com'") == [["0"]]
    assert admin.post(path, body)[0] in (201, 202), "and with both it is done"
    assert admin.ask("POST", path, body, lead | {"Sec-Fetch-Site": "same-origin", "X-CSRF-Token": admin.csrf})[0] in (200, 202)
    assert s.request("POST", "/v1/leads", body, headers={"X-CSRF-Token": admin.csrf, "Origin": ours})[0] == 401, "the token is nobody's"


def test_long_bodies_are_looked_at_before_and_after_they_came():
    ann, admin = sign_in(add("long", "agent")), sign_in(add("long root", "admin"))
    long = '{"email": "' + "x" * (100 << 10) + '"}'
    assert ann.post("/v1/leads", long)[0] == 403
    assert admin.post("/v1/leads", long)[0] == 413 and admin.post("/v1/leads", long, token={})[0] == 403
    assert admin.ask("POST", "/v1/imports?map=none", "a,b\n" * 50000, {"Content-Type": "text/csv", "Origin": f"http://127.0.0.1:{s.port}"})[0] == 403
    assert admin.ask("POST", "/v1/imports?map=none", "a,b\n", {"Content-Type": "text/csv", "Origin": "http://evil.example", "X-CSRF-Token": admin.csrf})[0] == 403


def test_the_log_in_goes_on_to_places_of_ours_alone():
    name = add("traveller")
    for evil in ("//evil.example", "/\\evil.example", "https://evil.example"):  # all others: web_session_test
        assert login(name, next=evil)[1] == "/home", evil
    assert login(name, next="/v1/channels/desk/desk?a=1&b=%2F")[1] == "/v1/channels/desk/desk?a=1&b=%2F"
    page = s.get("/login?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")[1]
    assert "<script" not in page and 'value="/home"' in page, page


# -- 34: guessing --

def figure(name):
    return int(re.search(rf"^{name} (\d+)", s.get("/metrics")[1], re.MULTILINE).group(1))


def guess(name, network, password="a wrong guess"):
    return login(name, password, headers={"X-Forwarded-For": network})[0]


def test_a_name_that_is_guessed_is_limited_there_and_open_elsewhere():
    name = add("victim")
    answers = []
    while 429 not in answers and len(answers) < 30:  # six at once, then one in a minute
        answers.append(guess(name, "203.0.113.9"))
    assert answers[:6] == [403] * 6 and answers[-1] == 429, answers
    assert guess(name, "203.0.113.77", PASSWORD) == 429, "the same network"
    assert guess(name, "198.51.100.7", PASSWORD) == 303, "its owner, from elsewhere"
    assert guess(add("neighbour"), "203.0.113.9", PASSWORD) == 303, "another name from there"
    for _ in range(7):
        assert guess("neighbour", "203.0.113.9", PASSWORD) == 303, "who knows the password spends nothing"


def test_many_names_are_limited_by_address_and_by_network():
    """Ten at once from one address, then one in ten seconds; twenty from one network, then one in five."""
    answers = []
    while 429 not in answers and len(answers) < 300:
        answers.append(guess(f"name {len(answers)}", "203.0.114.1"))
    assert answers[:10] == [403] * 10 and answers[-1] == 429, answers
    beside = []
    while 429 not in beside and len(beside) < 300:
        beside.append(guess(f"another {len(beside)}", f"203.0.114.{len(beside) % 250 + 2}"))
    assert beside[:5] == [403] * 5 and beside[-1] == 429, beside
    assert guess("first", "198.51.100.200", PASSWORD) == 303, "everybody else"


def test_a_flood_of_log_ins_waits_in_a_row_and_the_rest_of_the_server_goes_on():
    with concurrent.futures.ThreadPoolExecutor(18) as pool:
        answers = [pool.submit(guess, f"flood {n}", f"198.19.0.{n}") for n in range(18)]
        assert s.get("/healthz")[0] == 200 and s.get("/v1/leads", s.admin)[0] == 200
        assert {answer.result() for answer in answers} <= {403, 503}
    threads = len(list(pathlib.Path(f"/proc/{s.workers('web')[0]}/task").iterdir()))
    assert threads == 2, threads
    until(lambda: guess("first", "198.51.100.201", PASSWORD) == 303, what="the end of the row")


def test_nobody_is_looked_at_as_long_as_somebody():
    """The same work, counted: time itself is the machine's. And the same words."""
    s.run("user", "add", "no password")
    add("shut")
    s.run("user", "disable", "shut")
    pages = set()
    for n, name in enumerate(("nobody at all", add("somebody"), "no password", "shut", "x" * 5000, "", "a\u202eb")):
        before, refused = figure("nurture_passwords_tried_total"), figure("nurture_logins_refused_total")
        status, page, _ = login(name, PASSWORD if name in ("shut", "no password") else "a wrong guess", headers={"X-Forwarded-For": f"198.18.{n}.1"})
        assert status == 403 and figure("nurture_passwords_tried_total") == before + 1 and figure("nurture_logins_refused_total") == refused + 1, name
        pages.add(re.sub(r'value="[^"]*"', "", page))
    assert len(pages) == 1, pages


# -- 35: route × role × whose object --

def test_every_route_takes_only_the_roles_it_says():
    table = re.findall(r'\{HTTP_(\w+), "([^"]+)", SCOPE_(\w+), (\w+)', (SOURCE / "core/web/route.c").read_text())
    assert len(table) > 70, table
    people = {role: sign_in(add(f"a {role}", role)) for role in ROLES}
    for method, path, needs, handler in table:
        besides = [role for role in ROLES if path.startswith("/v1/playbook/" if role == "marketing" else "/v1/letters/")]  # core/web/roles.c
        path = re.sub(r":\w+|\*", "64", path)
        for role, browser in people.items():
            if needs == "PUBLIC" or handler in ("web_logout_post", "web_password_post"):
                continue
            may = needs == "PERSON" or needs in ALLOWS[SCOPE[role]] or role in besides
            status = browser.post(path, method=method)[0] if method != "GET" else browser.get(path)[0]
            assert (status == 403) == (not may) and status != 401 and (status < 500 or status == 501), (method, path, role, status)
            if method != "GET" and may:
                assert browser.post(path, method=method, token={})[0] == 403, (method, path, role, "without the token")
        if needs == "PERSON":
            assert s.request(method, path, token=s.admin)[0] == 403, (path, "tokens are nobody's session")


def test_a_role_reaches_the_plugins_routes_that_name_it_and_the_plugin_is_told_who_asks():
    for role in ROLES:
        browser = sign_in(add(f"desk {role}", role))
        may = role in ("agent", "supervisor", "admin")
        status, page = browser.get("/v1/channels/desk/desk")
        assert (status == 200) == may, (role, status)
        assert ("The agents&#39; desk &lt;1&gt;" in browser.get("/home")[1]) == may, role
        status, told = browser.post("/v1/channels/desk/work")
        assert (status == 201) == may, (role, status)
        if may:
            assert (told["asker"], told["asker_name"], told["role"], told["csrf"]) == ("person", f"desk {role}", role, browser.csrf), told
            assert told["asker_id"] == int(s.sql(f"select person_id from person where name = 'desk {role}'")[0][0])
            assert told["scopes"] == (["track", "read", "write", "admin"] if role == "admin" else ["read"] if role == "supervisor" else []), told
            assert browser.post("/v1/channels/desk/work", token={})[0] == 403
            assert browser.ask("POST", "/v1/channels/desk/work", f"csrf={browser.csrf}", own())[0] == 201
        assert (browser.get("/v1/channels/desk/echo/a/b")[0] == 201) == (role != "agent"), role


def test_nobody_ends_or_sees_the_session_of_somebody_else():
    ann, bob = sign_in(add("ann")), sign_in(add("bob"))
    assert ann.ask("POST", "/logout", f"csrf={ann.csrf}&session={bob.cookie}", own())[0] == 303 and bob.lives()
    assert bob.post("/logout", token={"X-CSRF-Token": ann.csrf})[0] == 403 and bob.lives()
    rows = s.sql("select object, actor from audit where act in ('session.begin', 'session.end') order by id desc limit 1")
    assert re.fullmatch(r"person \d+ ann", rows[0][1]), rows


def test_the_audit_names_the_person_who_did_it():
    admin = sign_in(add("auditor", "admin"))
    assert admin.post("/v1/suppressions", '{"kind": "email", "value": "stop@example.com"}')[0] in (200, 201)
    assert admin.post("/v1/suppressions/email/stop@example.com", method="DELETE")[0] in (200, 204)
    actors = s.sql("select actor from audit where act like 'suppression%' order by id desc limit 1")
    assert re.fullmatch(r"person \d+ auditor", actors[0][0]), actors
    assert "each follows from the one before" in s.run("audit", "verify").stdout


def test_commands_refuse_what_is_wrong():
    assert "no role" in s.run("user", "add", "x", "--role", "king", check=False).stderr
    assert "those of tokens" in s.run("user", "add", "token:dialer/l1", "--role", "agent", check=False).stderr
    for password in ("short\n", "aaaaaaaaaaaa\n", "\n", "", "x" * 300 + "\n", "wrong name\n"):
        refused = s.run("user", "add", "wrong name", "--password", stdin=password, check=False)
        assert refused.returncode == 1 and refused.stderr, (password, refused)
    assert s.sql("select count(*) from person where name = 'wrong name'") == [["0"]]
    add("twice")
    listed = {person["name"]: person for person in json.loads(s.run("user", "list", "--json").stdout)}
    assert listed["first"]["password"] and not listed["first"]["disabled_at"] and listed["twice"]["role"] == "agent", listed
    assert s.run("user", "add", "twice", check=False).returncode == 1
    for command in (("show", "nobody"), ("role", "nobody", "agent"), ("disable", "nobody"), ("remove", "nobody", "--yes"), ("sessions", "nobody"),
                    ("sessions", "nobody", "--end", "all"), ("sessions", "twice", "--end", "9")):
        assert s.run("user", *command, check=False).returncode == 1, command


# -- in a browser --

def test_in_chromium_a_person_signs_in_by_the_keyboard_and_works_from_a_plugins_page():
    if not Chromium.there():
        print("      (without Chromium, which is not installed)")
        return
    name = add("<img src=x onerror=document.title='hacked'>")
    desk = f"http://127.0.0.1:{s.port}/v1/channels/desk/desk"
    evil = s.folder / "evil.html"
    evil.write_text(f'<!doctype html><form id="f" method="post" action="{desk[:-4]}work"></form><iframe src="{desk}"></iframe>')
    with Chromium() as page:
        page.open(desk)
        page.until("location.pathname == '/login' && document.activeElement.id == 'name'")
        page.type(name), page.key("Tab"), page.type("a wrong guess"), page.key("Enter")
        page.until("document.querySelector('[role=alert]') && document.title == 'Sign in'")
        page.js("document.getElementById('password').focus()")
        page.type(PASSWORD), page.key("Enter")
        page.until("location.pathname == '/v1/channels/desk/desk' && document.getElementById('said').textContent == 'status 201'", "a script of the page, with the token")
        page.js("document.getElementById('take').click()")
        page.until("location.pathname == '/v1/channels/desk/work' && document.body.innerText.includes('\"role\": \"agent\"')", "its form, with the token")
        page.open(f"http://127.0.0.1:{s.port}/home")
        assert name in page.text() and "The agents' desk <1>" in page.text() and page.js("document.title + document.images.length") == "Nurture0"
        assert page.js("document.cookie") == "", "no script sees the cookie"
        page.open(f"file://{evil}")
        page.js("document.getElementById('f').submit()")
        page.until("document.body.innerText.includes('does not come from a page') || document.body.innerText.includes('send a token')", "a form of elsewhere")
        page.open(f"http://127.0.0.1:{s.port}/home")
        page.js("document.querySelector('form button').click()")
        page.until("location.pathname == '/login'")
        page.open(desk)
        page.until("location.pathname == '/login'", "signed out")
        assert not any("Refused to" in word and "frame" not in word for word in page.said), page.said


if __name__ == "__main__":
    s = Server(config='channel "desk" { plugin = "puppet" }\ntrusted_proxies = { "127.0.0.1" }')
    (s.folder / "playbook").mkdir()
    (s.folder / "playbook/playbook.lua").write_text('playbook "desk" { title = "Desk", time_zone = "UTC", language = "en", postal_address = "1 Road" }\n')
    plugins = s.folder / "plugins"
    plugins.mkdir()
    shutil.copy(BUILD / "tests/plugins/puppet.so", plugins)
    s.conf.write_text(s.conf.read_text().replace(f"{BUILD}/plugins", str(plugins)) + f'playbook = "{s.folder}/playbook"\n')
    with s:
        s.admin = s.token("admin")
        s.run("user", "add", "first", "--role", "supervisor", "--password", stdin=PASSWORD + "\n")
        run_tests(globals())
