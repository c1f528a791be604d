#!/usr/bin/env python3
"""Letters that are answered: a code leads where its template says and nowhere else, tells on whose letter it stands, and nobody guesses one."""
import json
import pathlib
import shutil
import tempfile
import time

from nurture import SOURCE, Server, run_tests, until
from reply_code import reply_code

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
CONFIG = '''
trusted_proxies = { "127.0.0.1" }
postal_address = "Acme Security, 1 Example Street, 10115 Berlin"
channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }
'''
PEOPLE = ["ann", "bob", "cid", "dan", "eve", "fay", "gus"]
s = token = secret = None
letters = {}


def playbook(folder):
    shutil.copytree(SOURCE / "scripts", folder)
    for name, page in (("to-an-asset", "security-guide"), ("to-a-site", "https://www.example.com/a?b=c#d"), ("to-nowhere", None)):
        front = f"subject: x\npage: {page}" if page else "subject: x"
        (folder / f"templates/letter/{name}.md").write_text(f"---\n{front}\n---\nDear {{{{ lead.first_name }}}}, {{{{ reply.url }}}}\n")
    return folder


def letter(name, template, state="sent", campaign="letter-to-executives"):
    """A letter that was dropped an hour ago, or stands in `state`. Its code."""
    number = s.sql("insert into touch (shard, touch_id, lead_id, campaign, step, channel, kind, template, purpose, state, planned_at, due_at, over_at, permitted_at, remote_id, revision) "
                   f"select shard, new_id(shard), lead_id, '{campaign}', 'letter', 'letters', 'letter', '{template}', 'marketing', '{state}', now() - interval '1 day', "
                   f"now() - interval '1 day', case when '{state}' <> 'queued' then now() - interval '1 hour' end, now() - interval '2 hours', case when '{state}' = 'sent' then 'job/1' end, 'r' "
                   f"from lead where email = '{name}@example.com' returning touch_id")[0][0]
    code = reply_code(secret, int(number))
    letters[code] = number
    return code


def visit(path, client="192.0.2.1", method="GET", **more):
    status, body, headers = s.request(method, path, headers={**BROWSER, "X-Forwarded-For": client, **more})
    return status, headers.get("Location"), body


def responses(code):
    return [(row[0], row[1] == "t", json.loads(row[2])) for row in
            s.sql(f"select subject, machine, data from event where verb = 'letter.response' and data ->> 'touch' = '{letters[code]}' order by event_id")]


def quiet():
    """Nothing was followed for ten seconds, as far as the server knows: what is settled then need not be waited for."""
    s.sql("update click set at = at - interval '20 seconds' where at > now() - interval '11 seconds'")


def one_response(code):
    return until(lambda: quiet() or responses(code), what="the answer to the letter")[0]


def test_who_scans_the_code_is_led_where_the_template_says_and_has_answered_once():
    code = letter("ann", "executive-invitation")
    began = time.monotonic()
    for spelt in (code, code.lower(), code.replace("-", ""), code.replace("0", "o").replace("1", "l")):
        assert visit(f"/r/{spelt}")[:2] == (302, f"http://127.0.0.1:{s.port}/z/executives"), spelt
    status, _, page = visit("/z/executives")
    assert status == 200 and "It is good that you are here" in page
    number = int(letters[code])
    until(lambda: s.sql(f"select count(*) from click where touch_id = {number}") == [["4"]] or responses(code), what="all four visits being kept")
    took = time.monotonic() - began
    subject, machine, data = one_response(code)
    assert (subject, machine) == ("executive-invitation", False) and (len(responses(code)) == 1 or took > 9), responses(code)
    assert data == {"touch": number, "campaign": "letter-to-executives", "step": "letter", "url": f"http://127.0.0.1:{s.port}/z/executives"}, data


def test_a_letter_may_lead_to_an_asset_a_site_or_a_word_of_thanks():
    status, place, _ = visit("/r/" + letter("ann", "to-an-asset"))
    assert status == 302 and "/d/" in place
    assert "The security guide" in visit("/d/" + place.split("/d/")[1])[2]
    assert visit("/r/" + letter("ann", "to-a-site"))[:2] == (302, "https://www.example.com/a?b=c#d")
    for template in ("to-nowhere", "gone-from-the-playbook"):
        status, place, page = visit("/r/" + letter("ann", template))
        assert (status, place) == (200, None) and "Thank you" in page
    asked = visit("/r/" + letter("bob", "to-nowhere") + "?page=https://evil.example/&next=//evil.example", Referer="https://evil.example/")
    assert asked[:2] == (200, None), "nothing of a request has a say"


def test_the_code_can_be_typed_and_an_unknown_one_is_said_in_words():
    status, _, page = visit("/r/")
    assert status == 200 and 'name="code"' in page and visit("/r")[0] == 200
    code = letter("bob", "executive-invitation")
    typed = "%20" + code.lower().replace("-", "+") + "%20"
    assert visit(f"/r/?code={typed}")[1] == f"http://127.0.0.1:{s.port}/z/executives"
    status, _, page = visit("/r/?code=%3Cscript%3E", client="198.51.100.1")
    assert status == 404 and "We do not know this code" in page and "<script>" not in page and "&lt;script&gt;" in page
    other = code[:-1] + ("0" if code[-1] != "0" else "2")
    assert visit(f"/r/{other}", client="198.51.100.1")[0] == 404 and visit("/r/SAMP-LE00-0000-0000", client="198.51.100.1")[0] == 404
    assert visit("/r/" + reply_code(bytes(32), int(letters[code])), client="198.51.100.1")[0] == 404, "a code under another key is nobody's"
    assert visit("/r/" + reply_code(secret, 1 << 40), client="198.51.100.1")[0] == 404, "nor is one of a touch that is not there"


def test_nobody_guesses_for_long():
    code = letter("bob", "to-nowhere")

    def guess(i):
        return visit(f"/r/0000-0000-0000-00{i:02d}", client="203.0.113.9")[0]

    def told_apart():
        """Whether a right one still leads on when wrong ones do not: one more may be tried every half minute, so perhaps just then."""
        until(lambda: guess(99) == 429, what="the end of guessing")
        return visit(f"/r/{code}", client="203.0.113.9")[0] != 429

    assert [guess(i) for i in range(20)] == [404] * 20
    assert not all(told_apart() for _ in range(5)), "a right one is not told from a wrong one any more"
    assert all(visit(f"/r/{code}", client="203.0.113.77")[0] == 200 for _ in range(30)), "who has a letter may come often"


def test_machines_are_told_from_people_and_so_is_who_comes_before_the_letter():
    head, ahead, early, late = letter("cid", "to-nowhere"), letter("dan", "to-nowhere"), letter("eve", "to-nowhere", state="queued"), letter("fay", "to-nowhere")
    visit(f"/r/{head}", method="HEAD")
    visit(f"/r/{ahead}", **{"Sec-Purpose": "prefetch"})
    visit(f"/r/{early}")
    visit(f"/r/{late}")
    assert one_response(late)[1] is False
    assert [(one_response(code)[1], one_response(code)[2]["why"]) for code in (head, ahead, early)] == [(True, "HEAD"), (True, "prefetch"), (True, "too soon")]


def test_who_took_consent_back_or_was_erased_is_led_on_and_nothing_is_kept():
    taken_back, erased, mark = letter("dan", "to-a-site"), letter("gus", "to-an-asset"), letter("fay", "to-nowhere")
    assert s.post("/v1/leads/dan@example.com/consent", {"channel": "track_click", "state": "withdrawn"}, token)[0] == 200
    s.sql("update lead set erased_at = now() where email = 'gus@example.com'")
    assert visit(f"/r/{taken_back}")[:2] == (302, "https://www.example.com/a?b=c#d")
    assert visit(f"/r/{erased}")[0] == 302
    visit(f"/r/{mark}")
    one_response(mark)
    assert responses(taken_back) == [] and responses(erased) == [] and s.sql("select count(*) from click") == [["0"]]


def test_an_answer_by_telephone_is_told_with_the_code_and_counts_once():
    code = letter("ann", "executive-invitation")
    agent, number = code.lower().replace("-", " "), int(letters[code])
    looked = json.loads(s.run("mail", "response", agent, "--look", "--json").stdout)
    assert (looked["touch"], looked["campaign"], looked["state"]) == (number, "letter-to-executives", "sent") and responses(code) == []
    told = s.run("mail", "response", agent, "--note", "wants the Thursday").stdout
    assert "The answer is recorded." in told and "it counts once" in s.run("mail", "response", code, "--note", "again").stdout
    assert [(subject, machine, {**data}) for subject, machine, data in responses(code)] == [
        ("executive-invitation", False, {"touch": number, "campaign": "letter-to-executives", "step": "letter", "by": "phone", "note": "wants the Thursday"})]
    path = f"/v1/letters/{code}/response"
    assert s.post(path, {"by": "post", "value": 120.5, "subject": "order", "key": "o-17"}, token) == (200, {**looked, "recorded": True})
    assert s.post(path, {"by": "post", "value": 120.5, "subject": "order", "key": "o-17"}, token)[1]["recorded"] is False
    assert s.sql(f"select count(*), sum(value) from event where verb = 'letter.response' and data ->> 'touch' = '{number}'") == [["2", "120.5"]]
    for body, field in (({"by": "a phone"}, "by"), ({"value": "1"}, "value"), ({"what": 1}, "what"), ({"note": 7}, "note")):
        status, problem = s.post(path, body, token)
        assert status == 400 and problem["field"] == field, (body, problem)
    assert s.post("/v1/letters/0000-0000-0000-0000/response", {}, token)[0] == 404 and s.get(f"/v1/letters/{code}")[0] == 401
    refused = s.run("mail", "response", "nobody's", check=False)
    assert refused.returncode == 1 and "A code has 16 letters and digits." in refused.stderr


def test_orders_without_a_code_find_their_letter_and_what_is_unsure_is_nobody_s():
    at = {"last_name": "Miller", "postal_code": "20001", "city": "Washington", "address": "12 Long Street"}
    s.lead({"email": "hal@example.com", "first_name": "Hal", "country": "US", "phone": "+1 202 555 0177", **at}, token)
    s.lead({"email": "ivy@example.com", "first_name": "Ivy", "country": "US", **at}, token)
    s.lead({"email": "jo@example.com", "first_name": "J\u00f6", "last_name": "M\u00fcller", "country": "DE", "postal_code": "10115", "city": "Berlin", "address": "Hauptstra\u00dfe 5"}, token)
    s.lead({"email": "kim@example.com", "first_name": "Kim", "last_name": "Nobody", "country": "US", "postal_code": "20009", "city": "Washington", "address": "1 Road"}, token)
    coded, hal, ivy, jo = (letter(name, "to-nowhere") for name in ("bob", "hal", "ivy", "jo"))
    letter("kim", "to-nowhere", "rejected")  # taken, and not in any job: the household had one
    report = s.get("/v1/reports/letters", token)[1]
    assert {row["job"] for row in (report if isinstance(report, list) else report["rows"])} == {"job"}, report
    day = s.sql("select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")[0][0]
    rows = ["Mail;Fon;first_name;last_name;street;postal_code;country;code;value;subject;at;key;Name",
            f";;;;;;;{coded.lower()};10;chair;{day};o-1",                      # by the code
            "HAL@example.com;;;;;;;;20.5;table;;o-2",                          # by the address
            ";(202) 555-0177;;;;;US;;30;lamp;;o-3",                            # by the number
            ";;IVY;miller;12 long st;20001;US;;40;rug;;o-4",                   # two of that name in the house: the first name tells
            ";;;Miller;12 Long Street;20001;US;;50;rug;;o-5",                  # and without it nothing does
            ";;J\u00f6;Muller;HAUPTSTR. 5;10115;DE;;60;bed;;o-6",              # marks and spellings
            "kim@example.com;;;;;;;;70;bed;;o-7",                              # had no letter
            "hal@example.com;;;;;;;;80;old;2001-01-01;o-8",                    # before the letter
            ";;;;;;;;85;sofa;;o-12;Miller, Ivy",                               # a name alone
            ";;;;12 Long Street;20001;US;;41;mat;;o-13;Mrs. Ivy Miller",       # and one that is not parted
            ";;;;12 Long Street;20001;US;;51;mat;;o-14;Miller",                # two of that name in the house
            ";;;;12 Long Street;20001;US;;52;mat;;o-15;Eva Miller",            # and a third
            ";;;;;;;;90;;;o-9", "hal@example.com;;;;;;;;much;;;o-10", ";;;;;;;0000-0000-0000-0000;1;;;o-11"]
    path, rejects = s.folder / "orders.csv", s.folder / "rejected.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    arguments = ("mail", "match", path, "--map", "email=Mail,phone=Fon", "--rejects", rejects, "--json")
    tried = json.loads(s.run(*arguments, "--trial", check=False).stdout)
    assert tried == {"matched": 6, "unsure": 3, "unmatched": 2, "refused": 4}, tried
    orders = ("select coalesce(e.data ->> 'matched', ''), e.subject, e.value, l.email from event e join lead l using (shard, lead_id) where e.verb = 'letter.response' and "
              "e.data ->> 'by' = 'order' order by e.value")
    assert s.sql(orders) == []
    assert json.loads(s.run(*arguments, check=False).stdout) == tried
    assert s.sql(orders) == [["code", "chair", "10", "bob@example.com"], ["email", "table", "20.5", "hal@example.com"], ["phone", "lamp", "30", "hal@example.com"],
                             ["address", "rug", "40", "ivy@example.com"], ["address", "mat", "41", "ivy@example.com"], ["address", "bed", "60", "jo@example.com"]], s.sql(orders)
    assert {json.loads(row[0])["touch"] for row in s.sql("select data from event where data ->> 'by' = 'order' and value in (20.5, 30)")} == {int(letters[hal])}
    assert len(rejects.read_text().splitlines()) == 10, rejects.read_text()
    again = json.loads(s.run(*arguments, check=False).stdout)
    assert again == {"known": 6, "unsure": 3, "unmatched": 2, "refused": 4} and len(s.sql(orders)) == 6, again
    assert s.post("/v1/letter-matches", {"rows": [{}] * 501}, token)[0] == 400 and s.post("/v1/letter-matches", {"rows": [], "what": 1}, token)[0] == 400


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        with Server(playbook=str(playbook(pathlib.Path(folder) / "playbook")), config=CONFIG) as s:
            token = s.token("write")
            for person in PEOPLE:
                s.lead({"email": f"{person}@example.com", "first_name": person.title(), "country": "US"}, token)
            visit("/r/")
            secret = bytes.fromhex(until(lambda: s.sql("select encode(secret, 'hex') from link_key order by key_id desc limit 1"), what="a link key")[0][0])
            run_tests(globals())
