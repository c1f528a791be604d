#!/usr/bin/env python3
"""Mails that tell when they are read (trust page, 1, 2, 6, 7): links go where they were sealed to go and nowhere else, for ever; machines are
known by what they do; consent taken back counts for mails already sent."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import urllib.parse

from nurture import BINARY, SOURCE, Server, run_tests, until

CHANNEL = '''
trusted_proxies = { "127.0.0.1" }
machine_networks = { "MACHINES" }
proxy_networks = { "PROXIES" }
postal_address = "Acme Security, 1 Example Street, 10115 Berlin"
channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }
'''
TEMPLATE = '''---
subject: Thank you for reading The security guide
---
Hello {{ lead.first_name }}, look at [how a bank did it](https://www.example.com/bank?a=1&b=2), at
[the prices](https://www.example.com/prices), or at [your page](https://www.example.com/for/{{ lead.first_name }}).
{% if lead.first_name == "Gus" %}[1](https://www.example.com/1) [2](https://www.example.com/2) [3](https://www.example.com/3) [4](https://www.example.com/4){% endif %}
{% if lead.first_name == "Hal" %}[Read it]({{ asset.security-guide.link }}), [loud](HTTPS://www.example.com/loud){% endif %}
'''
PEOPLE = ["ann", "bob", "cid", "dan", "eve", "fay", "gus", "hal", "ivy"]
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
s = token = None
hal = {}   # how it went on from a link


def playbook(folder):
    shutil.copytree(SOURCE / "scripts", folder)
    (folder / "templates/email/thanks-for-reading.md").write_text(TEMPLATE)
    (folder / "scoring/clicks.lua").write_text('model "clicks" { title = "Clicks", from = 0, to = 100,\n'
                                               '  rule "clicked" { on "email.click", points = 7, each = "subject", max = 70 } }\n')
    flow = folder / "campaigns/thirty-day-nurture.lua"
    changed = flow.read_text().replace('goal = grade "A1"', 'goal = any { grade "A1", on "email.click" }')
    assert changed != flow.read_text(), "the sample's campaign has another goal now"
    flow.write_text(changed)
    return folder


def part(mail, kind):
    return next(p.get_content() for p in mail.walk() if p.get_content_type() == kind)


def links(mail):
    """Paths of the links that tell of a click, in the order of the HTML."""
    return re.findall(r'href="http://[^/"]+(/c/[^"]+)"', part(mail, "text/html"))


def pixel(mail):
    found = re.search(r'<img src="http://[^/"]+(/o/[^"]+\.gif)"', part(mail, "text/html"))
    return found and found.group(1)


def mail_of(name):
    return until(lambda: next((m for m in s.mails() if f"{name}@" in m["To"]), None), what=f"the mail to {name}")


def follow(path, method="GET", agent=None):
    status, _, headers = s.request(method, path, headers=agent or BROWSER)
    return status, headers.get("Location")


def events(verb, name):
    return s.sql(f"select e.subject, e.machine, e.data ->> 'url' from event e join lead l using (shard, lead_id) "
                 f"where verb = '{verb}' and email = '{name}@example.com' order by e.at, 3")


def why(verb, name):
    """Why each event is no person's, None = it is one's."""
    found = s.sql(f"select coalesce(e.data ->> 'why', 'person'), e.machine from event e join lead l using (shard, lead_id) "
                  f"where verb = '{verb}' and email = '{name}@example.com' order by 1")
    assert all((reason != "person") == (machine == "t") for reason, machine in found), found
    return [reason for reason, _ in found]


def score(name):
    return next(m["score"] for m in s.get(f"/v1/leads/{name}@example.com/score", token)[1]["models"] if m["model"] == "clicks")


def test_links_and_picture_stand_in_html_and_text_where_consent_allows():
    mail = mail_of("ann")
    html, text = part(mail, "text/html"), part(mail, "text/plain")
    assert len(links(mail)) == 3 and pixel(mail), html
    assert "www.example.com" not in html and set(links(mail)) == set(re.findall(r"\(http://[^/)]+(/c/[^)]+)\)", text)), text
    assert f"{s.port}/u/" in html, "the way out is no link to be counted"
    denied = mail_of("dan")   # took back track_click and track_open before
    assert not links(denied) and not pixel(denied) and "https://www.example.com/prices" in part(denied, "text/html")


def test_a_link_goes_where_it_was_sealed_to_go_and_nowhere_else():
    paths = links(mail_of("ann"))
    assert [follow(p, agent={"User-Agent": "curl/8"}) for p in paths] == [(302, f"https://www.example.com/{x}") for x in ("bank?a=1&b=2", "prices", "for/Ann")]
    before, whole = follow("/c/nothing"), paths[1]
    bent = [whole[:-1], whole[:40], whole + "A", whole[:30] + ("A" if whole[30] != "A" else "B") + whole[31:], pixel(mail_of("ann"))[3:-4],
            "/c/" + paths[0][3:60] + whole[60:], "/c/https://evil.example", "/c/%2f%2fevil.example", "/c/" + "A" * 3000]
    for path in bent:
        status, where = follow(path if path.startswith("/c/") else "/c/" + path)
        assert (status, where) == before == (404, None) or status in (404, 400) and where is None, (path, status, where)
    for extra in ("?url=https://evil.example", "?to=//evil.example", "?next=javascript:alert(1)"):
        assert follow(whole + extra) == (302, "https://www.example.com/prices")
    assert follow(whole + "%0d%0aLocation:%20https://evil.example")[1] is None


def test_any_picture_is_the_same_and_only_ours_are_kept():
    path = pixel(mail_of("bob"))
    good = s.request("GET", path, headers=BROWSER)
    assert good[0] == 200 and good[2]["Content-Type"] == "image/gif" and good[1].startswith("GIF89a") and good[2]["Cache-Control"] == "no-store"
    for other in (path[:-8] + ".gif", "/o/x.gif", path[:20] + "A" + path[21:]):
        status, body, headers = s.request("GET", other, headers=BROWSER)
        assert (status, body, headers["Content-Type"]) == (200, good[1], "image/gif"), other
    assert until(lambda: events("email.open", "bob"), what="the open") == [["thanks-for-reading", "f", ""]]
    s.request("GET", path, headers={"User-Agent": "Mozilla/5.0"})   # Apple's proxy
    until(lambda: len(events("email.open", "bob")) == 2, what="the second open")
    assert [e[1] for e in events("email.open", "bob")].count("t") == 1
    assert score("bob") == 0 and s.sql("select count(*) from inbox where verb = 'email.open'") == [["0"]]


def test_all_links_within_seconds_are_a_machine_and_one_alone_is_the_reader():
    for path in links(mail_of("bob")):       # a scanner that looks like a browser
        assert follow(path)[0] == 302
    assert follow(links(mail_of("cid"))[1])[0] == 302
    assert follow(links(mail_of("cid"))[0], "HEAD")[0] == 302
    assert follow(links(mail_of("ivy"))[0])[0] == 302
    hal["went"] = follow(links(mail_of("hal"))[3])
    for path in links(mail_of("gus"))[:5]:   # one that takes its time: five of seven
        assert follow(path)[0] == 302
    until(lambda: [len(events("email.click", who)) for who in ("bob", "cid", "gus")] == [3, 2, 5], what="settling")
    assert why("email.click", "gus") == ["many links at once"] * 5
    assert {e[1] for e in events("email.click", "bob")} == {"t"}
    assert sorted(e[1:] for e in events("email.click", "cid")) == [["f", "https://www.example.com/prices"], ["t", "https://www.example.com/bank?a=1&b=2"]]
    assert until(lambda: score("cid") == 7 or None, what="the score") and score("bob") == 0
    assert set(why("email.click", "bob")) == {"all links at once"} and why("email.click", "cid") == ["HEAD", "person"]
    data = s.sql("select distinct data ->> 'campaign', data ->> 'step' from event where verb = 'email.click' and not machine")
    assert data == [["thirty-day-nurture", "thanks"]], data
    until(lambda: s.sql("select count(*) from inbox") == [["0"]], what="the turns")
    assert score("bob") == 0
    assert s.sql("select count(*) from click") == [["0"]] and {e[1] for e in events("email.click", "ann")} == {"t"}


def test_networks_prefetching_and_haste_are_machines_and_say_so():
    paths, picture, at = links(mail_of("eve")), pixel(mail_of("eve")), lambda address: {**BROWSER, "X-Forwarded-For": address}
    for path, headers in ((paths[0], at("192.0.2.9")), (paths[1], {**BROWSER, "Sec-Purpose": "prefetch;prerender"}), (paths[0], at("198.51.100.7"))):
        assert follow(path, agent=headers)[0] == 302
    for headers in (at("192.0.2.9"), at("198.51.100.7"), at("198.51.100.8"), at("40.107.1.1"), {**BROWSER, "X-Moz": "prefetch"}, {"User-Agent": "Mozilla/5.0"}):
        assert s.request("GET", picture, headers=headers)[0] == 200
    s.sql("update touch set over_at = over_at + interval '1 day' where lead_id = (select lead_id from lead where email = 'fay@example.com')")
    assert follow(links(mail_of("fay"))[0])[0] == 302 and s.request("GET", pixel(mail_of("fay")), headers=BROWSER)[0] == 200
    until(lambda: len(why("email.click", "eve")) == 3 and {*why("email.open", "eve")} >= {"network", "person", "prefetch", "proxy", "user agent"}, what="settling")
    assert why("email.click", "eve") == ["network", "person", "prefetch"]   # through a proxy of pictures a person may follow a link
    s.sql("update event set at = at + interval '1 day' where verb = 'email.click' and lead_id = (select lead_id from lead where email = 'gus@example.com')")
    assert follow(links(mail_of("gus"))[6])[0] == 302   # the run goes on
    until(lambda: why("email.click", "gus") == ["many links at once"] * 6, what="settling")
    until(lambda: why("email.click", "fay") == why("email.open", "fay") == ["too soon"], what="settling")
    assert until(lambda: score("eve") == 7 or None, what="the score") and score("fay") == score("gus") == 0


def test_who_comes_to_an_asset_by_a_mail_has_clicked_in_it_once():
    status, where = hal["went"]
    assert len(links(mail_of("hal"))) == 5   # the loud one, too
    assert status == 302 and f"{s.port}/d/" in where, where
    path = urllib.parse.urlsplit(where).path
    page = s.request("GET", path, headers=BROWSER)
    assert page[0] == 200 and "/open" in page[1] and s.request("GET", path + "/open", headers=BROWSER)[0] in (200, 303)
    until(lambda: len(events("email.click", "hal")) == 1 and len(events("email.click", "ivy")) == 1, what="settling")
    (subject, machine, url), = events("email.click", "hal")   # says which asset, not the token that opens it
    assert (subject, machine) == ("thanks-for-reading", "f") and url.endswith("/d/security-guide"), url
    until(lambda: score("hal") == score("ivy") == 7, what="the scores")
    assert s.sql("select count(*) from event join lead using (shard, lead_id) where email = 'hal@example.com' and verb = 'asset.download'") == [["2"]]
    assert clicked() == 4   # cid, eve, hal, ivy


def clicked():
    """How many mails the report says that people clicked in."""
    return sum(step["clicked"] for step in json.loads(s.run("report", "campaign", "thirty-day-nurture", "--json").stdout)["steps"])


def has_reached(name):
    return s.sql(f"select bool_or(goal_at is not null) from enrollment join lead using (shard, lead_id) where email = '{name}@example.com' and campaign = 'thirty-day-nurture'") == [["t"]]


def test_a_click_is_taken_back_when_all_links_follow_within_a_minute():
    until(lambda: has_reached("ivy") and has_reached("hal"), what="the goal")
    s.sql("update event set at = now() - interval '20 seconds' where verb = 'email.click' and lead_id = (select lead_id from lead where email = 'ivy@example.com')")
    assert [follow(path)[0] for path in links(mail_of("ivy"))] == [302] * 3
    until(lambda: events("email.click_withdrawn", "ivy"), what="settling")
    assert why("email.click", "ivy") == ["all links at once"] * 3 + ["person"]   # what was said stays said
    until(lambda: score("ivy") == 0, what="the score")
    assert clicked() == 3 and score("hal") == 7
    assert not has_reached("ivy") and has_reached("hal")   # a goal that only the machine had reached counts no more
    assert s.sql("select count(*) from enrollment_log join lead using (shard, lead_id) where email = 'ivy@example.com' and what = 'goal taken back'") == [["1"]]
    s.run("db", "rebuild-history")
    until(lambda: s.sql("select count(*) from inbox") == [["0"]], what="the turns")
    assert score("ivy") == 0


def test_a_list_that_is_none_is_refused():
    bad = s.folder / "bad.conf"
    bad.write_text(f'data_dir = "{s.data}"\nmachine_networks = {{ "{s.folder}/bad.conf" }}\n')
    done = subprocess.run([BINARY, "config", "--config", bad], capture_output=True, text=True, env=s.environment)
    assert done.returncode != 0 and f"{bad}:1" in done.stdout + done.stderr, done


def test_consent_taken_back_counts_for_mails_already_sent():
    mail = mail_of("cid")
    had = len(events("email.open", "cid")), len(events("email.click", "cid"))
    for channel in ("track_open", "track_click"):
        assert s.post("/v1/leads/cid@example.com/consent", {"channel": channel, "state": "withdrawn"}, token)[0] == 200
    assert follow(links(mail)[1]) == (302, "https://www.example.com/prices")
    assert s.request("GET", pixel(mail), headers=BROWSER)[0] == 200
    s.request("GET", pixel(mail_of("ann")), headers=BROWSER)   # whoever comes later is kept: so the one before was not
    until(lambda: events("email.open", "ann"), what="the other's open")
    assert (len(events("email.open", "cid")), len(events("email.click", "cid"))) == had and s.sql("select count(*) from click") == [["0"]]


def test_of_who_was_erased_nothing_is_kept_and_the_links_still_work():
    path, picture = links(mail_of("bob"))[1], pixel(mail_of("bob"))
    number = s.sql("select lead_id from lead where email = 'bob@example.com'")[0][0]
    count = f"select count(*) from event where lead_id = {number} and verb in ('email.open', 'email.click')"
    had = s.sql(count)
    s.sql(f"update lead set erased_at = now() where lead_id = {number}")
    assert follow(path) == (302, "https://www.example.com/prices") and s.request("GET", picture, headers=BROWSER)[0] == 200
    before = len(events("email.open", "ann"))
    s.request("GET", pixel(mail_of("ann")), headers=BROWSER)
    until(lambda: len(events("email.open", "ann")) > before, what="the other's open")
    assert s.sql(count) == had and s.sql("select count(*) from click") == [["0"]]


def test_letters_of_any_script_before_the_at_are_one_address_however_they_are_typed():
    assert s.post("/v1/leads", {"email": "J\u00d6RG@b\u00fccher.example", "first_name": "J\u00f6rg", "country": "US"}, token)[0] in (200, 201, 202)
    name = "jo\u0308rg@xn--bcher-kva.example"   # the dots apart
    found = until(lambda: s.get("/v1/leads/" + urllib.parse.quote(name), token)[1].get("email"), what="the lead")
    assert found == "j\u00f6rg@xn--bcher-kva.example", found
    assert s.post("/v1/events", {"email": name, "verb": "asset.download", "subject": "security-guide"}, token)[0] == 202
    until(lambda: any("<j\u00f6rg@xn--bcher-kva.example>" in str(m["To"]) for m in s.mails()), what="the mail")
    s.run("suppression", "add", "email", "J\u00f6rg@B\u00fccher.example")
    assert s.sql("select count(*) from suppression s join lead l on l.email = s.value where s.kind = 'email'") == [["1"]]


def test_links_outlive_template_revision_and_touch():
    paths = links(mail_of("ann"))
    s.sql("delete from attempt; delete from touch")
    (s.folder / "playbook/templates/email/thanks-for-reading.md").write_text("---\nsubject: x\n---\nNothing here.\n")
    s.run("publish", s.folder / "playbook", "-m", "without links", "--yes")
    s.stop()
    s.start()
    assert follow(paths[0]) == (302, "https://www.example.com/bank?a=1&b=2")


def test_a_score_cannot_ask_for_opens():
    (s.folder / "playbook/scoring/opens.lua").write_text('model "opens" { title = "O", from = 0, to = 10, rule "o" { on "email.open", points = 1 } }\n')
    done = s.run("check", s.folder / "playbook", check=False)
    assert done.returncode == 1 and "email.open cannot be asked for" in done.stdout + done.stderr, done


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        lists = {name: pathlib.Path(folder) / f"{name.lower()}.txt" for name in ("MACHINES", "PROXIES")}
        lists["MACHINES"].write_text("192.0.2.0/24 a scanner\n")
        lists["PROXIES"].write_text("# as Apple publishes it\n198.51.100.0/28,GB,GB-EN,London,\n!198.51.100.8\n")
        for name, path in lists.items():
            path.chmod(0o644)
            CHANNEL = CHANNEL.replace(name, str(path))
        pathlib.Path(folder).chmod(0o755)
        with Server(playbook=str(playbook(pathlib.Path(folder) / "playbook")), config=CHANNEL) as s:
            token = s.token("write")
            for person in PEOPLE:
                s.lead({"email": f"{person}@example.com", "first_name": person.title(), "country": "US"}, token)
            for channel in ("track_open", "track_click"):
                s.post("/v1/leads/dan@example.com/consent", {"channel": channel, "state": "withdrawn"}, token)
            for person in PEOPLE:
                s.post("/v1/events", {"email": f"{person}@example.com", "verb": "asset.download", "subject": "security-guide"}, token)
            for person in PEOPLE:
                mail_of(person)
            until(lambda: s.sql("select count(*) from touch where state = 'sent' and over_at < now() - interval '2 seconds'") == [[str(len(PEOPLE))]], what="time to read")
            run_tests(globals())
