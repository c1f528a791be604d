#!/usr/bin/env python3
"""What is said of letters before it is too late: misspelt words, lines that no column prints, a country that nobody gave, fonts and logos that are not there."""
import json
import subprocess

from letters_test import SENDER, Post
from nurture import BINARY, run_tests, until

FOUR = 'columns = { "number", "name", "line1", "line2", "line3", "line4" }'
LONG = {"company": "Acme Example", "address": "9 Example Street\nApt 2", "country": "GB", "postal_code": "SW1A 1AA", "city": "London"}  # name, firm, apartment, street, place, code, country
s = None


def anew():
    s.sql("delete from directmail.letter; delete from directmail.job; delete from touch")


def wait_for(*names):
    s.order(*names)
    s.waiting(len(names))


def test_a_misspelt_word_does_nothing_and_is_named():
    anew()
    s.make("anna", 1)
    wait_for("anna")
    jobs = "/v1/channels/letters/jobs"
    for path, body, word in ((jobs, {"campain": "post"}, "campain"), (f"{jobs}/1/cancel", {"lettres": "drop"}, "lettres"), (f"{jobs}/1/sample", {"number": 3}, "number"),
                             (f"{jobs}/1/release", {"force": True}, "force"), (f"{jobs}/1/acknowledge", {"reference": "A-1", "job": 2}, "job"),
                             ("/v1/channels/letters/returns", {"rows": [], "raison": "moved"}, "raison")):
        status, problem = s.post(path, body, s.admin)
        assert status == 422 and f'there is no "{word}" here' in problem["detail"], (path, status, problem)
    status, problem = s.request("PUT", "/v1/channels/letters/lists/robinson?taken=2026-01-01", {"rows": [], "row": 1}, s.admin)[:2]
    assert status == 422, (status, problem)
    status, problem = s.jobs("", {"campaign": "nope"})
    assert status == 409 and problem["detail"] == 'no letter of a campaign "nope" waits, but letters of post.', problem
    done = s.run("mail", "cut", check=False)
    assert done.returncode == 0, done
    s.job(s.jobs()[1]["jobs"][0]["job"], "sent")
    status, problem = s.jobs("", {"campaign": "nope"})
    assert status == 409 and problem["detail"] == 'no letter of a campaign "nope" waits, nor of another.', problem


def test_what_somebody_wrote_is_shown_in_whole_letters():
    anew()
    for word in ("ö" * 400, "x" + "ö" * 400):  # one of both is cut inside a letter, wherever the sentence ends
        status, problem = s.jobs("", {word: 1})
        assert status == 422 and "ööö" in problem["detail"] and "\ufffd" not in problem["detail"], (status, problem)


def test_a_misspelt_word_in_a_row_refuses_that_row_by_its_number_and_name():
    anew()
    s.make("mona", 12)
    wait_for("mona")
    job = s.job(s.cut(), "sent")
    until(lambda: s.sql("select count(*) from touch where state = 'sent'") == [["1"]], what="the letter told")
    letters, street = "/v1/channels/letters", {"street": "99 Example Street", "postal_code": "10115"}
    long = "ö" * 60  # is cut, and stays whole letters
    asked = (("POST", f"{letters}/returns", {"rows": [{"letter": f"{job['job']}/1", "raison": "moved"}]}, "raison"),
             ("POST", f"{letters}/returns", {"rows": [{"letter": f"{job['job']}/1", long: "moved"}]}, "ö" * 30),
             ("PUT", f"{letters}/lists/internal", {"rows": [{"name": "Xena Doe", "plz": "10115", **street}]}, "plz"),
             ("POST", "/v1/lead-places", {"what": "deceased", "rows": [{"name": "Mona Doe", "new_street": "1 New Road", **street}]}, "new_street"),
             ("POST", "/v1/lead-places", {"what": "moved", "rows": [{"name": "Mona Doe", "new_street": "1 New Road", "new_plz": "20095", **street}]}, "new_plz"),
             ("POST", "/v1/lead-places", {"what": "deceased", "rows": [{"name": "Mona Doe", long: "", **street}]}, "ö" * 30),
             ("POST", "/v1/letter-matches", {"rows": [{"email": "mona@example.com", "valeu": 12}]}, "valeu"))
    for method, path, body, word in asked:
        status, answer = s.request(method, path, body, s.admin)[:2]
        assert status == 200, (path, status, answer)
        row, = answer["rows"]
        assert (row["n"], row["result"]) == (0, "refused") and row["why"].startswith(f'there is no "{word}" here: there is '), (path, row)
    assert s.sql("select state from directmail.letter") == [["sent"]] and s.sql("select count(*) from event where verb in ('letter.response', 'consent.withdraw')") == [["0"]]
    status, answer = s.post(f"{letters}/returns", {"rows": [{"letter": f"{job['job']}/1", "reason": "moved"}, {"letter": f"{job['job']}/1", "code ": ""}]}, s.admin)
    assert status == 200 and sorted((row["n"], row["result"]) for row in answer["rows"]) == [(0, "returned"), (1, "refused")], answer


def test_a_body_that_is_no_json_cuts_nothing():
    anew()
    s.make("bert", 2)
    wait_for("bert")
    status = s.request("POST", "/v1/channels/letters/jobs", b"campaign=nope", s.admin, headers={"Content-Type": "application/x-www-form-urlencoded"})[0]
    assert status == 415 and s.sql("select count(*) from directmail.job") == [["0"]], status


def test_a_returned_letter_is_named_as_jobs_are_everywhere():
    anew()
    s.make("carl", 3)
    s.make("dora", 4)
    wait_for("carl", "dora")
    job = s.job(s.cut(), "sent")
    until(lambda: s.sql("select count(*) from touch where state = 'sent'") == [["2"]], what="both told")
    rejects = s.folder / "back.rejects.csv"
    back = s.csv("back.csv", f"letter,reason\n{job['job']}/1,moved\n{job['name']}/2,moved\n{job['name']},moved\n{job['job']}/3,moved\n{job['job'] + 1}/1,moved\n")
    done = s.run("mail", "returns", "--rejects", rejects, back, "--json", check=False)
    assert json.loads(done.stdout) == {"returned": 2, "refused": 1, "unknown": 2}, done
    assert "letter is JOB/NUMBER" in rejects.read_text(), rejects.read_text()
    assert s.sql("select count(*) from directmail.letter where state = 'returned'") == [["2"]]


def test_where_the_data_file_is_all_that_is_printed_a_line_without_a_column_is_no_address():
    anew()
    s.make("emil", 5)
    s.make("fritz", 9, **LONG)
    wait_for("emil", "fritz")
    job = s.job(s.cut(), "sent")
    assert [row["name"] for row in s.rows(job["name"])] == ["Emil Doe"]
    until(lambda: s.source("fritz") == "bad", what="the long address being undeliverable")
    assert s.sql("select reason from touch where state = 'rejected'") == [["the address has 7 lines, and the columns of the data file print 4"]]


def test_where_letters_are_printed_too_it_is_told_by_its_record():
    with Post(f"{SENDER}, {FOUR}, gather_minutes = 0") as server:
        server.make("emil", 5)
        server.make("fritz", 9, **LONG)
        server.order("emil", "fritz")
        server.waiting(2)
        job = server.job(server.cut(), "sent")
        number = next(row["number"] for row in server.rows(job["name"]) if row["name"] == "Fritz Doe")
        manifest = server.whole(job["name"])
        assert manifest["problems"] == [{"number": int(number), "what": "its address has 7 lines, and the columns of the data file print 4"}], manifest


def test_a_lead_without_a_country_is_of_the_sender_s():
    anew()
    s.make("gerd", 6, country="")
    s.make("hans", 7, country="", postal_code="SW1A 1AA", city="London")
    wait_for("gerd")
    s.order("hans")
    until(lambda: s.source("hans") == "bad", what="a code that the sender's country has not")
    assert s.sql("select reason from touch where state = 'rejected'") == [["the address has no postal code that a post can do with"]]
    row, = s.rows(s.job(s.cut(), "sent")["name"])
    assert [row[f"line{n}"] for n in range(1, 5)] == ["Gerd Doe", "6 Example Street", "10115 Berlin", ""], row


def said_of(settings):
    """Status and words of `nurture config` with these settings of the channel."""
    conf = s.folder / "said.conf"
    lines = [line for line in s.conf.read_text().splitlines() if not line.startswith("channel ")]
    conf.write_text("\n".join([*lines, f'channel "letters" {{ plugin = "directmail", {settings} }}', ""]))
    done = subprocess.run([BINARY, "config", "--config", conf], capture_output=True, text=True, cwd=s.folder, timeout=60, env=s.environment)
    return done.returncode, done.stdout + done.stderr


def test_a_font_or_a_logo_that_is_not_there_is_said_by_config():
    text, png = s.folder / "logo.txt", s.folder / "logo.png"
    text.write_text("no picture")
    for layout, words in (('font = "Nonexistent Font"', 'there is no font "Nonexistent Font" here'), ('logo = "/nope.png"', "the logo /nope.png cannot be read"),
                          ('logo = "nope.png"', f"the logo {s.data}/nope.png cannot be read"), (f'logo = "{text}"', "is no PNG that can be shown")):
        status, said = said_of(f"layout = {{ {layout} }}")
        assert status == 1 and "layout" in said and words in said, (layout, said)
        assert said_of(f'letters = "none", layout = {{ {layout} }}')[0] == 0, "nothing is printed here"
    png.write_bytes(bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"))
    status, said = said_of(f'layout = {{ font = "No Such Font, noto sans", logo = "{png}" }}')
    assert status == 0, said


def test_a_letter_that_says_nothing_is_refused_at_check_or_held():
    template = s.folder / "playbook/templates/letter/hello.md"
    words = template.read_text()
    try:
        for body, status, said in (("", 1, "it says nothing: no words come out of it, and such a letter is not printed"), ("{% assign x = 1 %}\n", 1, "it says nothing"),
                                   ("{% if lead.company %}hello{% endif %}\n", 0, "it says nothing to a lead of whom nothing is known")):
            template.write_text(f"---\nsubject: Hello\n---\n{body}")
            done = s.run("check", s.folder / "playbook", check=False)
            assert done.returncode == status and said in done.stdout + done.stderr, (body, done)
        template.write_text("---\nsubject: Hello\ntext1: what the print house puts into its own words\n---\n")
        assert s.run("check", s.folder / "playbook", check=False).returncode == 0
        template.write_text("---\nsubject: Hello\n---\n{% if lead.company %}hello{% endif %}\n")
        anew()
        s.run("publish", "-m", "for firms", "--yes")
        s.make("ilse", 8, company="Acme Example")
        s.make("jana", 9)
        wait_for("ilse", "jana")
        assert [row["name"] for row in s.rows(s.job(s.cut(), "sent")["name"])] == ["Ilse Doe"]
        until(lambda: s.source("jana") == "kept", what="the letter without words being held")
    finally:
        template.write_text(words)
        s.run("publish", "-m", "as before", "--yes")


if __name__ == "__main__":
    with Post(f'gather_minutes = 0, letters = "none", {SENDER}, {FOUR}') as s:
        run_tests(globals())
