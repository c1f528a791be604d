#!/usr/bin/python3
"""What a real server prints (plugins/directmail): nothing is lost on the way from a template and a lead to the page, and what cannot be printed goes back to its campaign with its reason."""
import json
import re
import subprocess

from letters_test import Post, SENDER
from nurture import run_tests, until


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
    job = s.job(s.cut(), "sent")
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
    for word, why in {"Korea": '"Korea" may be several countries: KP KR.', "Atlantis": '"Atlantis" is not a country.'}.items():
        status, body = s.post("/v1/leads", {"email": "nobody@example.com", "country": word}, s.write)
        assert status == 400 and body["field"] == "country" and why in body["detail"], body
    s.order(*words)
    s.waiting(4)
    job = s.job(s.cut(), "sent")
    text = printed(s, job)
    assert all(f"{place}\n{country}\n" in text for place, country in (("1010 BERLIN", "ÖSTERREICH"), ("BERLIN CA 94105", "VEREINIGTE STAATEN"))) and "SÜDKOREA" in text and "DEUTSCHLAND" not in text, text


if __name__ == "__main__":
    with Post(f"{SENDER}") as s:
        run_tests(globals())
