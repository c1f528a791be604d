#!/usr/bin/env python3
"""What the post brings back, and whom no letter goes to: told once to lead and campaign, asked before the next letter, for that address and no other."""
import csv
import datetime
import io
import json
import re

from letters_test import Post
from nurture import run_tests, until

CAMPAIGN = ('campaign "back" { title = "Back", enter = on "form.submit" { subject = "back" }, again = "always",\n'
            '  step "letter" { letter "hello", answers = { undeliverable = "bad", held = "kept" } },\n'
            '  step "gone" { set { source = "sent" } },\n'
            '  step "wait" { wait_for { on "letter.response", within = "90 days" }, go "answered", otherwise = "silent" },\n'
            '  step "answered" { set { source = "answered" }, leave "answered" },\n'
            '  step "silent" { leave "silent" },\n'
            '  step "bad" { set { source = "bad" }, leave "bad" },\n'
            '  step "kept" { set { source = "kept" }, leave "kept" } }\n')
NAMES = ["anna", "bert", "carl", "dora", "emil"]
TODAY = datetime.date.today()
s = None
codes, numbers, places = {}, {}, {}


def file(name, *rows):
    path = s.folder / name
    with open(path, "w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(rows)
    return path


def day(ago):
    return (TODAY - datetime.timedelta(days=ago)).isoformat()


def becomes(name, source):
    until(lambda: s.source(name) == source, what=f"{name} being {source}, and not {s.source(name)}")


def send(*names):
    """Letters to them, cut and gone; their codes and numbers."""
    s.order(*names, what="back")
    s.waiting(len(names))
    job = s.job(s.cut(), "sent")
    for row in s.rows(job["name"]):
        name = row["name"].split()[0].lower()
        codes[name], places[name] = row["code"], f"{job['name']}/{row['number']}"
        numbers[name] = s.sql(f"select touch_id from directmail.letter where code = '{row['code']}'")[0][0]
    for name in names:
        becomes(name, "sent")
    until(lambda: s.sql("select count(*) from touch where state = 'queued'") == [["0"]], what="the end of all touches")


def returns(*arguments, check=True):
    done = s.run("mail", "returns", *arguments, "--json", check=False)
    assert not check or done.returncode == 0, done
    return json.loads(done.stdout)


def test_who_scans_the_code_of_a_real_letter_has_answered_it():
    send(*NAMES)
    s.sql(f"update touch set over_at = over_at - interval '1 minute' where touch_id = {numbers['emil']}")
    assert s.request("GET", f"/r/{codes['emil']}", headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"})[0] == 200
    becomes("emil", "answered")


def test_what_comes_back_is_undeliverable_once_and_what_cannot_be_used_is_reported():
    back = file("back.csv", ["Code", "Letter", "Reason"], [codes["anna"].lower(), "", "10"], ["", numbers["bert"], "deceased"], ["", places["carl"], "address"],
                ["0000-0000-0000-0000", "", "moved"], [codes["dora"], "", "eaten by a dog"], ["what?", "", "moved"])
    rejects = s.folder / "rejects.csv"
    found = returns("--reasons", "10=moved,20=unknown", "--rejects", rejects, back, check=False)
    assert found == {"returned": 3, "refused": 2, "unknown": 1}, found
    lines = list(csv.reader(io.StringIO(rejects.read_text())))
    assert [line[0] for line in lines[1:]] == ["5", "6", "7"] or len(lines) == 4, lines
    for name in ("anna", "bert", "carl"):
        becomes(name, "bad")
    assert s.source("dora") == "sent"
    told = "select count(*), count(distinct data ->> 'reason') from event where verb = 'letter.return'"
    assert s.sql(told) == [["3", "3"]] and s.sql("select count(*) from touch where state = 'rejected'") == [["3"]]
    assert returns("--reasons", "10=moved", back, check=False) == {"returned before": 3, "refused": 2, "unknown": 1}, "told again"
    assert s.sql(told) == [["3", "3"]]
    plain = s.folder / "codes.txt"
    plain.write_text(codes["dora"] + "\n" + codes["dora"].lower() + "\n")
    assert returns("--reason", "unclaimed", "--rejects", rejects, plain, check=False) == {"returned": 1, "named twice": 1}, "a file of codes alone"
    assert "an earlier row names this letter" in rejects.read_text()
    becomes("dora", "bad")


def test_a_letter_that_a_long_file_names_twice_far_apart_is_named_twice():
    s.make("ruby", 80)
    send("ruby")
    long = s.folder / "long.csv"
    long.write_text("letter\n" + f"{numbers['ruby']}\n" + "9\n" * 600 + f"{places['ruby']}\n")  # the command sends some hundred rows at a time
    rejects = s.folder / "twice.csv"
    assert returns("--rejects", rejects, long, check=False) == {"returned": 1, "unknown": 600, "named twice": 1}
    assert "an earlier row names this letter" in rejects.read_text().splitlines()[-1], rejects.read_text()[-300:]
    assert returns(long, check=False) == {"returned before": 2, "unknown": 600}, "told again"


def test_no_further_letter_goes_to_that_address_and_another_address_is_another():
    s.order("anna", what="back")
    becomes_again = "select reason from touch where state = 'rejected' and lead_id = (select lead_id from lead where email = '%s@example.com') order by planned_at desc limit 1"
    until(lambda: "came back" in s.sql(becomes_again % "anna")[0][0], what="anna's letter refused")
    s.make("anna", 77)
    s.make("nina", 3)   # another person in carl's house, which there is not
    s.order("anna", "dora", "nina", what="back")
    s.waiting(2)        # dora's was not collected, anna's goes to another address
    becomes("nina", "bad")
    s.job(s.cut(), "sent")
    becomes("anna", "sent")


def test_the_new_address_that_the_post_brings_becomes_the_lead_s():
    s.make("olga", 40)
    send("olga")
    moved = file("moved.csv", ["code", "reason", "street", "postal_code", "city"], [codes["olga"], "moved", "9 New Street", "20095", "Hamburg"])
    assert returns(moved) == {"returned": 1}
    where = lambda: [s.get("/v1/leads/olga@example.com", s.write)[1].get(name) for name in ("address", "postal_code", "city", "country")]  # noqa: E731
    until(lambda: where() == ["9 New Street", "20095", "Hamburg", "DE"], what="olga's new address")
    s.lead({"email": "olga@example.com", "address": "10 Newer Street"}, s.write)
    assert returns(moved) == {"returned before": 1}
    s.order("olga", what="back")
    s.waiting(1)
    s.job(s.cut(), "sent")
    assert where()[0] == "10 Newer Street", "what is told again changes nothing"


def test_a_country_that_is_none_is_refused_with_its_line_and_one_by_its_name_is_known():
    s.make("xenia", 82)
    send("xenia")
    columns = ["code", "reason", "street", "postal_code", "city", "country"]
    abroad = lambda country: file("abroad.csv", columns, ["0000-0000-0000-0000", "moved", "", "", "", ""], [codes["xenia"], "moved", "1 New Street", "1010", "Wien", country])  # noqa: E731
    done = s.run("mail", "returns", abroad("Absurdistan"), check=False)
    assert done.returncode == 1 and 'line 3: "Absurdistan" is no country' in done.stderr, done
    assert s.source("xenia") == "sent" and s.sql(f"select state from directmail.letter where touch_id = {numbers['xenia']}") == [["sent"]], "nothing of the row is done"
    assert returns(abroad("Österreich"), check=False) == {"returned": 1, "unknown": 1}
    until(lambda: s.get("/v1/leads/xenia@example.com", s.write)[1].get("country") == "AT", what="xenia's new country")


def test_what_an_answer_cost_is_in_the_report():
    row = next(row for row in json.loads(s.run("mail", "report", "--json").stdout) if row["job"] == places["emil"].split("/")[0])
    assert (row["campaign"], row["step"], row["letters"], row["answered"], row["cost"], row["cost_per_answer"], row["currency"]) == ("back", "letter", 5, 1, 15.0, 15.0, "EUR"), row
    assert row["returned"] == 4 and "back" in s.run("report", "letters").stdout and s.get("/v1/reports/letters", s.write)[0] == 200


def test_a_job_whose_people_are_all_erased_stays_in_the_report():
    s.make("york", 81)
    send("york")
    job = places["york"].split("/")[0]
    mine = lambda: [row for row in json.loads(s.run("mail", "report", "--json").stdout) if row["job"] == job]  # noqa: E731
    before, = mine()
    s.run("erase", "york@example.com", "--yes")
    until(lambda: s.sql("select count(*) from channel_forget") == [["0"]], what="york forgotten")
    after, = mine()
    same = ("job", "campaign", "step", "sent_on", "letters", "cost", "currency")
    assert [after[key] for key in same] == [before[key] for key in same] and after["letters"] == 1 and after["answered"] == 0, (before, after)
    assert job in s.run("mail", "report").stdout


def test_whoever_is_dead_is_contacted_no_more_on_any_channel():
    assert states("bert") == [["*", "*", "withdrawn"]]
    s.order("bert", what="back")
    becomes("bert", "kept")
    again = file("again.csv", ["letter", "reason"], [numbers["bert"], "deceased"], [numbers["anna"], "deceased"])
    assert returns(again) == {"returned before": 2}
    assert states("anna") == [["*", "*", "withdrawn"]], "it is written when the file is answered"


def states(name):
    return s.sql(f"select distinct channel, purpose, state from consent join lead using (shard, lead_id) where email = '{name}@example.com'")


def test_a_file_of_the_dead_stops_all_leads_of_that_name_and_address_on_all_channels():
    s.make("paul", 50)                                                                     # never had a letter
    s.make("quin", 51, address="51 Example Street\nBack Door")
    s.make("rosa", 52), s.make("ruth", 52)                                                  # of one name and house
    s.make("till", 53, country="FR")                                                       # the same words in another country
    s.make("ulla", 54, address="4 Far Lane")
    send("ulla")
    s.lead({"email": "ulla@example.com", "address": "5 Near Lane"}, s.write)                # found by her letter
    until(lambda: s.get("/v1/leads/ulla@example.com", s.write)[1].get("address") == "5 Near Lane", what="ulla's address")
    dead = file("dead.csv", ["name", "first_name", "last_name", "street", "postal_code", "city", "country"], ["DOE, Paul", "", "", "50 example st", "10115", "Berlin", "DE"],
                ["", "Quin", "Doe", "51 Example Street", "10115", "Berlin", "DE"], ["Rolf Doe", "", "", "52 Example Street", "10115", "Berlin", "DE"],
                ["Till Doe", "", "", "53 Example Street", "10115", "Berlin", "DE"], ["Ulla Doe", "", "", "4 Far Lane", "10115", "Berlin", "DE"], ["", "", "", "52 Example Street", "10115", "Berlin", "DE"])
    load = lambda: json.loads(s.run("mail", "list", "deceased", dead, "--json", check=False).stdout)  # noqa: E731
    first = load()
    assert first == {"listed": 5, "refused": 2, "stopped": 2, "unsure": 2, "nobody": 2}, first
    for name in ("paul", "quin", "ulla"):
        until(lambda name=name: states(name) == [["*", "*", "withdrawn"]], what=f"all permissions of {name} gone")
    assert states("rosa") == states("ruth") == states("till") == []
    told = s.sql("select count(*) from event where verb = 'consent.withdraw'")
    s.order("paul", what="back")
    becomes("paul", "kept")
    again = load()
    assert again == {"listed": 5, "refused": 2, "known": 2, "unsure": 2, "nobody": 2}, again
    assert s.sql("select count(*) from event where verb = 'consent.withdraw'") == told, "told again, it changes nothing"
    assert s.post("/v1/lead-places", {"what": "deceased", "rows": []}, s.write)[0] == 403
    assert s.post("/v1/lead-places", {"what": "gone", "rows": []}, s.admin)[0] == 400


def test_a_file_of_who_moved_gives_leads_their_new_address_once():
    s.make("vera", 60), s.make("walt", 61)
    moved = file("movers.csv", ["name", "street", "postal_code", "country", "new_street", "new_postal_code", "new_city"], ["Vera Doe", "60 Example Street", "10115", "Germany", "1 New Road", "20095", "Hamburg"],
                 ["Wim Doe", "61 Example Street", "10115", "DE", "2 New Road", "20095", "Hamburg"], ["Walt Doe", "61 Example Street", "10115", "DE", "", "", ""],
                 ["Walt Doe", "61 Example Street", "10115", "Congo", "2 New Road", "20095", "Hamburg"], ["Walt Doe", "61 Example Street", "10115", "x" + "ö" * 60, "2 New Road", "20095", "Hamburg"])
    where = lambda name: [s.get(f"/v1/leads/{name}@example.com", s.write)[1].get(part) for part in ("address", "postal_code", "city", "country")]  # noqa: E731
    load = lambda: json.loads(s.run("mail", "moved", moved, "--json", check=False).stdout)  # noqa: E731
    assert load() == {"moved": 1, "unsure": 1, "refused": 3}
    until(lambda: where("vera") == ["1 New Road", "20095", "Hamburg", "DE"], what="vera's new address")
    assert where("walt")[0] == "61 Example Street"
    assert s.sql("select subject, data ->> 'by' from event join lead using (shard, lead_id) where email = 'vera@example.com' and verb = 'lead.update' and data ->> 'by' is not null") == [["moved file", "moved file"]]
    assert load() == {"nobody": 1, "unsure": 1, "refused": 3}


def test_a_preference_list_is_asked_and_the_next_one_takes_its_place():
    s.make("fred", 20), s.make("gina", 21), s.make("hugo", 22), s.make("iris", 23)
    first = file("robinson.csv", ["Name", "Strasse", "PLZ", "Ort", "Land"], ["FRED  DOE", "20 example street", "10115", "Berlin", "Deutschland"], ["", "22 Example Street", "10115", "Berlin", "DE"], ["Nobody", "", "", "", ""],
                 ["Olaf Doe", "24 Example Street", "10115", "Berlin", "Deutschland"], ["Paula Doe", "25 Example Street", "10115", "Berlin", "Atlantis"],
                 ["Quinn Doe", "26 Example Street", "10115", "Berlin", "Korea"], ["Rosa Doe", "27 Example Street", "10115", "Berlin", "x" + "ö" * 60])
    columns = "street=Strasse,postal_code=PLZ,city=Ort,country=Land"
    done = s.run("mail", "list", "robinson", first, "--taken", day(90), "--map", columns, "--json", check=False)
    assert json.loads(done.stdout) == {"listed": 3, "refused": 4}, done
    assert re.search(r'\b6\b.*"Atlantis" is no country', done.stderr) and re.search(r'\b7\b.*"Korea" may be several countries \(KP KR\)', done.stderr), done
    listed = {row["list"]: row for row in json.loads(s.run("mail", "lists", "--json").stdout)["lists"]}
    assert listed["robinson"]["rows"] == 3 and not listed["robinson"]["loading"] and f"taken {day(90)}" in s.run("mail", "lists").stdout
    s.order("fred", "gina", "hugo", what="back")
    becomes("fred", "kept"), becomes("hugo", "kept")
    s.waiting(1)
    s.job(s.cut(), "sent")
    assert s.sql("select distinct reason from touch where reason like '%robinson%'") == [['the addressee is on the do-not-mail list "robinson"']]
    second_head = ["name", "street", "postal_code", "city", "country"]
    second = file("robinson2.csv", second_head, ["Iris Doe", "23 Example Street", "10115", "Berlin", "DE"])
    s.run("mail", "list", "robinson", second, "--taken", day(60))
    s.order("fred", "iris", what="back")
    becomes("iris", "kept")
    s.waiting(1)
    s.job(s.cut(), "sent")
    assert s.run("mail", "list", "robinson", second, check=False).returncode == 2, "a list has a day"
    path = "/v1/channels/letters/lists/robinson"
    # a file of nobody replaces no list, and a part goes into none that was not begun
    rows = lambda: [(row["rows"], row["taken_at"]) for row in json.loads(s.run("mail", "lists", "--json").stdout)["lists"] if row["list"] == "robinson"]  # noqa: E731
    held = rows()
    for nobody in (file("head.csv", second_head), file("nobody.csv", second_head, ["Nobody", "", "", "", ""])):
        assert s.run("mail", "list", "robinson", nobody, "--taken", day(30), check=False).returncode == 1
        assert rows() == held, rows()
    one = {"rows": [{"name": "Xena Doe", "street": "99 Example Street", "postal_code": "10115", "city": "Berlin", "country": "DE"}]}
    begun = s.request("PUT", f"{path}?taken={day(30)}&end=false", one, s.admin)[0], s.request("PUT", f"{path}?taken={day(30)}&begin=false", one, s.admin)[0]
    assert begun == (200, 200) and held != rows() and rows()[0][0] == 1, (begun, rows())
    assert [s.request("PUT", f"/v1/channels/letters/lists/{name}?taken={day(30)}&begin=false", one, s.admin)[0] for name in ("robinson", "robinsn")] == [409, 409]
    assert s.sql("select count(*) from directmail.list where name = 'robinsn'") == [["0"]] and rows()[0][0] == 1
    assert s.request("PUT", f"{path}?taken=2999-01-01", {"rows": []}, s.admin)[0] == 422 and s.request("PUT", f"{path}?taken={day(60)}", {"rows": []}, s.write)[0] == 403
    assert s.request("PUT", f"/v1/channels/letters/lists/returned?taken={day(60)}", {"rows": []}, s.admin)[0] == 422
    assert s.request("DELETE", path, None, s.admin)[0] == 200 and s.request("DELETE", "/v1/channels/letters/lists/internal", None, s.admin)[0] == 404


if __name__ == "__main__":
    s = Post('costs = { job = 10, piece = { DE = 1, otherwise = 2 }, currency = "EUR" }')
    (s.folder / "playbook/campaigns/back.lua").write_text(CAMPAIGN)
    with s:
        for number, person in enumerate(NAMES, 1):
            s.make(person, number)
        run_tests(globals())
