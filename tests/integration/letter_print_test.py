#!/usr/bin/python3
"""What a real server prints (plugins/directmail): nothing is lost on the way from a template and a lead to the page, and what cannot be printed goes back to its campaign with its reason."""
import json
import pathlib
import re
import struct
import subprocess
import zlib

from letter_pages_test import png
from letters_test import Post, SEEDS, SENDER
from nurture import Server, run_tests, until

PHOTO = png(600, 300)


def printed(s, job):
    """The text of a job's letters, without what only layout brings."""
    text = subprocess.run(["pdftotext", "-raw", s.data / "letters" / job["name"] / "letters.pdf", "-"], capture_output=True, text=True, timeout=120, check=True).stdout
    return re.sub(r"\u00ad\n", "", text)


def reasons(s):
    return dict(s.sql("select l.first_name, t.reason from touch t join lead l using (lead_id) where t.state = 'rejected'"))


def test_an_address_that_does_not_fit_the_window_goes_back_and_is_not_printed():
    long = "Llanfair" * 37 + "Ende"  # 300 letters
    s.make("fits", 1)
    s.make("tight", 2, city=long)
    s.make("wide", 3, city=long, company=long)
    s.make("tall", 4, address="\n".join(f"Floor {i}" for i in range(40)))
    s.make("street", 5, address="Straße " * 300)
    s.order("fits", "tight", "wide", "tall", "street")
    s.waiting(5)
    job = s.approved(s.job(s.cut(), "ready"))
    assert job["letters"] == 2, job
    text = printed(s, job)
    assert "Fits" in text and long in re.sub(r"\s", "", text) and not re.search("Wide|Tall|Floor|Straße", text), text
    assert json.loads((s.data / "letters" / job["name"] / "manifest.json").read_text())["problems"] == []
    until(lambda: [s.source(name) for name in ("fits", "tight", "wide", "tall", "street")] == ["sent", "sent", "bad", "bad", "bad"], what="what became of the letters")
    assert reasons(s) == dict.fromkeys(("Wide", "Tall", "Street"), "the address does not fit the window"), reasons(s)


def test_countries_are_known_by_their_names():
    words = {"adele": "Deutschland", "berta": "Österreich", "cecil": "U.S.A.", "doris": "Korea (Rep.)"}
    for number, (name, word) in enumerate(words.items(), 20):
        s.make(name, number, country=word, region="CA", postal_code={"berta": "1010", "cecil": "94105", "doris": "04524"}.get(name, "10115"))
    assert [s.get(f"/v1/leads/{name}@example.com", s.write)[1]["country"] for name in words] == ["DE", "AT", "US", "KR"]
    for word, why in {"Korea": '"Korea" may be several countries: KP KR.', "Atlantis": '"Atlantis" is not a country.', "x" + "ö" * 60: '" is not a country.'}.items():
        status, body = s.post("/v1/leads", {"email": "nobody@example.com", "country": word}, s.write)
        assert status == 400 and body["field"] == "country" and why in body["detail"], body
    s.order(*words)
    s.waiting(4)
    job = s.approved(s.job(s.cut(), "ready"))
    text = printed(s, job)
    assert all(f"{place}\n{country}\n" in text for place, country in (("1010 BERLIN", "ÖSTERREICH"), ("BERLIN CA 94105", "VEREINIGTE STAATEN"))) and "SÜDKOREA" in text and "DEUTSCHLAND" not in text, text


def shown_once(folder, letters):
    """The picture of each letter is the same object of the file, with 300 dots an inch."""
    listed = subprocess.run(["pdfimages", "-list", folder / "letters.pdf"], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    rows = [line.split() for line in listed]
    assert len(rows) == letters and len({row[10] for row in rows}) == 1, listed
    assert {(row[3], row[4], row[12]) for row in rows} == {("600", "300", "300")}, listed


def test_pictures_of_the_playbook_are_printed_with_their_captions_and_kept_once():
    for number, name in enumerate(("emil", "frida", "gerda"), 30):
        s.make(name, number)
    s.order("emil", "frida", "gerda", what="photo")
    s.waiting(3)
    job = s.job(s.cut(), "ready")
    assert s.sql("select length(bytes), count(*) from directmail.picture group by 1") == [[str(len(PHOTO)), "1"]]
    status, sample = s.jobs(f"/{job['job']}/sample", {"count": 2})
    assert status == 200 and sample["letters"] == 2, sample
    shown_once(pathlib.Path(sample["folder"]), 2)
    s.approved(job)
    text = printed(s, job)
    assert text.count("Ann at work") == 4 and "what is not seen" not in text, text  # of three letters and a decoy
    shown_once(s.data / "letters" / job["name"], 4)
    assert s.sql("select count(*) from directmail.picture") == [["0"]], "kept until it was sent"
    shown = pathlib.Path(s.folder) / "shown.pdf"
    shown.write_bytes(subprocess.run([*s.command("mail", "preview", "photo")], capture_output=True, check=True).stdout)
    assert "Ann at work" in subprocess.run(["pdftotext", shown, "-"], capture_output=True, text=True, check=True).stdout


def test_a_picture_that_is_missing_or_broken_is_refused_when_it_is_published():
    template = s.folder / "playbook/templates/letter/photo.md"
    before = template.read_text()
    broken = s.folder / "playbook/templates/letter/files/broken.png"
    broken.write_bytes(PHOTO[:-40])
    bomb = png(1, 4000)
    bomb = bomb[:16] + b"\0\0\0\1\0\0\0\1" + bomb[24:29] + struct.pack(">I", zlib.crc32(b"IHDR\0\0\0\1\0\0\0\1" + bomb[24:29])) + bomb[33:]  # it says that it is one dot
    broken.with_name("bomb.png").write_bytes(bomb)
    kinds = {"one": (8, 1), "five": (8, 5), "seven": (8, 7), "deep": (3, 2), "packed": (8, 2, 1), "woven": (8, 2, 0, 0, 2)}  # bits, colour type, packing, filters, interlacing
    for name, kind in kinds.items():
        head = b"IHDR" + PHOTO[16:24] + bytes(kind) + bytes(5 - len(kind))
        broken.with_name(f"{name}.png").write_bytes(PHOTO[:12] + head + struct.pack(">I", zlib.crc32(head)) + PHOTO[33:])
    try:
        for line, why in (("![x](files/none.png)", "there is no picture templates/letter/files/none.png"), ("![x](files/broken.png)", "files/broken.png is a PNG that is broken or cut off"),
                          ("![x](files/bomb.png)", "files/bomb.png is a PNG that is broken or cut off"), ("![x](https://example.com/a.png)", "a picture of a letter is a file of the playbook"),
                          *((f"![x](files/{name}.png)", f"files/{name}.png is a PNG of a kind that there is not") for name in kinds)):
            template.write_text(before + "\n" + line + "\n")
            done = s.run("publish", "-m", "pictures", "--yes", check=False)
            assert done.returncode == 1 and f"templates/letter/photo.md:{before.count(chr(10)) + 2}: " in done.stderr + done.stdout and why in done.stderr + done.stdout, done
    finally:
        template.write_text(before)
        for name in ("broken", "bomb", *kinds):
            broken.with_name(f"{name}.png").unlink()


def test_the_letter_to_executives_of_the_language_s_examples_is_made_on_its_thursday_and_answered():
    """Example 13, its file as it stands: planned, cut on the day of its drop, one page with an address and a code by which it is answered."""
    config = f'channel "letters" {{ plugin = "directmail", gather_minutes = 0, {SENDER} }}\n'
    with Server(playbook="tests/data/playbook-examples/built", config=config, args=["--time-scale", "43200"]) as server:  # half a day a second
        token = server.token("write")
        server.lead({"email": "erna@example.com", "first_name": "Erna", "last_name": "Example", "role": "executive", "phone": "+1 202 555 0101", "company": "Acme", "address": "13 Example Street",
                     "postal_code": "10115", "city": "Berlin", "country": "Germany"}, token)
        events = [{"verb": "demo.request"}, {"verb": "webinar.attend", "subject": "zero-trust-live", "value": 60}, {"verb": "page.view", "subject": "/pricing"}, {"verb": "page.view", "subject": "/pricing"}]
        status, body = server.post("/v1/events", [{"email": "erna@example.com", **event} for event in events], token)
        assert status == 202 and body["accepted"] == 4, body
        name, weekday, campaign, template = until(lambda: server.sql("select j.name, to_char(l.drop_on, 'FMDay'), l.campaign, l.template from directmail.job j join directmail.letter l on l.job_id = j.id "
                                                                     "where j.state = 'sent'"), what="the letter")[0]
        assert (weekday, campaign, template) == ("Thursday", "letter-to-executives", "executive-invitation")
        pdf = server.data / "letters" / name / "letters.pdf"
        text = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, timeout=120, check=True).stdout
        assert "Acme\nErna Example\n13 Example Street\n10115 Berlin\n" in text and "Hello." in text and text.count("\f") == 1, text
        subprocess.run(["pdftoppm", "-r", "150", "-gray", "-png", "-singlefile", pdf, server.folder / "page"], check=True, timeout=120)
        urls = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", server.folder / "page.png"], capture_output=True, text=True, timeout=120).stdout.split()
        code = re.search(r"\b([0-9A-Z]{4}-){3}[0-9A-Z]{4}\b", text)[0]
        assert len(urls) == 1 and urls[0].endswith(f"/r/{code}"), (urls, code)
        status, answer = server.post(f"/v1/letters/{code}/response", {}, token)
        assert status in (200, 201, 202), answer
        until(lambda: server.sql("select data ->> 'campaign', data ->> 'step' from event where verb = 'letter.response'") == [["letter-to-executives", "letter"]], what="the answer")


if __name__ == "__main__":
    s = Post(f"approval = true, {SENDER}, {SEEDS}")
    for path, text in {
            "campaigns/photo.lua": 'campaign "photo" { title = "Photo", enter = on "form.submit" { subject = "photo" }, again = "always",\n'
                                   '  step "letter" { letter "photo" }, step "sent" { set { source = "sent" }, leave "sent" } }\n',
            "templates/letter/photo.md": "---\nsubject: A picture\n---\nDear {{ lead.first_name }},\n\n![what is not seen](files/ann.png \"Ann at work\")\n\nthat is all.\n"}.items():
        (s.folder / "playbook" / path).write_text(text)
    (s.folder / "playbook/templates/letter/files").mkdir()
    (s.folder / "playbook/templates/letter/files/ann.png").write_bytes(PHOTO)
    with s:
        run_tests(globals())
