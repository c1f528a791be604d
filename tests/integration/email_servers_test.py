#!/usr/bin/python3
"""Mail through the servers that people run: a full Postfix with Dovecot (TLS, AUTH, LMTP, IMAP) and OpenSMTPD, read back by Python's IMAP client and parser."""
import re
import tempfile
import urllib.parse

from email_drive import FIELDS, drive, outcomes, touch
from mail_rig import DOVECOT, Authority, Dovecot, need
from mail_transport import MASTER, OPENSMTPD, Opensmtpd, Postfix
from nurture import Server, run_tests, until

need(DOVECOT, MASTER)
USERS = {"jane": "p@ss:w%rd", "olga": "o", "paul": "p", "zoe": "z", "sender": "se ret"}


def text_of(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def number_of(mail):
    """Of its touch, which its Message-ID begins with."""
    return int(mail["Message-ID"][1:].split(".")[0])


def login(user, password=None):
    return f"{urllib.parse.quote(user, '')}:{urllib.parse.quote(password or USERS[user], '')}@"


def send(scheme, port, orders, who="", **settings):
    with tempfile.TemporaryDirectory() as data:
        status, results = drive({"relay": f"{scheme}://{who}localhost:{port}", **settings}, data, orders)
    assert status == 0, (status, results)
    return results


def received_with(mail, word):
    return any(word in re.sub(r"\s+", " ", line) for line in mail.get_all("Received"))


def test_passwords_by_plain_and_login_go_over_tls_that_verifies_and_no_other_way():
    trust = {"tls": "require", "tls_ca": ca.ca}
    text = ".\n..\nUmlaut: ü €\n.leading\nFrom here\n" + "long " * 300 + "\n.\n"
    orders = [touch(i, address=f"jane+{i}@example.net", fields={**FIELDS, "text": text, "subject": "Grüße – и привет"}) for i in range(20)]
    assert set(outcomes(send("smtp", mta.submission, orders, login("sender"), connections=3, **trust)).values()) == {"sent"}
    assert outcomes(send("smtps", mta.smtps, [touch(20, address="jane@example.net")], login("jane"), **trust)) == {20: "sent"}
    # 550 of one recipient harms no other
    mixed = [touch(21, address="nobody.here@example.net"), touch(22, address="jane@example.net")]
    assert outcomes(send("smtp", mta.submission, mixed, login("sender"), **trust)) == {21: "rejected", 22: "sent"}
    for scheme, port, who, settings, why in (("smtp", mta.submission, login("sender", "wrong"), trust, "535"),
                                             ("smtps", mta.smtps, login("sender", "wrong"), trust, "535"),
                                             ("smtp", mta.submission, "", trust, "554"),  # no password where one is wanted
                                             ("smtp", mta.submission, login("sender"), {**trust, "tls_ca": ca.other_ca}, "verify"),
                                             ("smtps", mta.smtps, login("sender"), {**trust, "tls_ca": ca.other_ca}, "verify"),
                                             ("smtp", mta.submission, "", {"tls": "none"}, "530")):  # STARTTLS is required there
        results = send(scheme, port, [touch(99, address="jane@example.net")], who, **settings)
        kept = "deferred" if why == "554" else "channel_down"  # one recipient that is refused is no proof against the relay
        assert outcomes(results) == {99: kept} and why in results[0]["reason"] and (kept == "channel_down" or results[0]["untried"]), (why, results)

    mails = box.mails("jane", 22)
    assert sorted(number_of(m) for m in mails) == [*range(21), 22]
    for mail in mails:
        number = number_of(mail)
        assert received_with(mail, "with ESMTPSA") and not mail.defects, mail
        if number < 20:
            assert mail["Subject"] == "Grüße – и привет" and text_of(mail).startswith(text), mail
            assert mail["Delivered-To"] == f"jane+{number}@example.net"


def test_names_beyond_ascii_travel_where_smtputf8_is_offered():
    results = send("smtp", mta.submission, [touch(1, address="ölga+ö@utf8.example.net"), touch(2, address="olga@example.net")], login("sender"),
                   tls="require", tls_ca=ca.ca)
    assert outcomes(results) == {1: "sent", 2: "sent"}, results
    mails = {number_of(m): m for m in box.mails("olga", 2)}
    assert "ölga+ö@utf8.example.net" in mails[1]["To"] and received_with(mails[1], "with UTF8SMTPSA"), mails[1]
    assert received_with(mails[2], "with ESMTPSA"), mails[2]


def test_opensmtpd_takes_them_whole_and_one_whose_tls_fails_is_the_channel_down():
    if not OPENSMTPD.exists():
        print("      Debian's OpenSMTPD is not there (etc/packages.sh): left out")
        return
    with Opensmtpd(ca, box) as opensmtpd:
        text = ".\n..\n.leading\n" + "x" * 5000 + "\n.\n"
        orders = [touch(i, address=f"paul+{i}@example.net", fields={**FIELDS, "text": text}) for i in range(20)]
        assert set(outcomes(send("smtp", opensmtpd.smtp, orders, connections=3)).values()) == {"sent"}
        for settings in ({}, {"tls": "require", "tls_ca": ca.ca}):
            results = send("smtp", opensmtpd.submission, [touch(99, address="paul@example.net")], **settings)
            assert outcomes(results) == {99: "channel_down"} and "TLS" in results[0]["reason"], results
        mails = box.mails("paul", 20)
        assert sorted(number_of(m) for m in mails) == list(range(20))
        for mail in mails:
            assert text_of(mail).startswith(text) and received_with(mail, "(OpenSMTPD)"), mail


def test_a_campaigns_mail_is_what_its_readers_program_expects():
    config = f'''
postal_address = "Acme Security, 1 Example Street, 10115 Berlin"
channel "email" {{ plugin = "email", relay = "smtp://{login("sender")}localhost:{mta.submission}", tls = "require", tls_ca = "{ca.ca}",
	from = "Nürture <hello@example.com>", bounces = "bounces@example.com" }}
'''
    with Server(playbook="scripts", config=config) as s:
        token = s.token("write")
        s.lead({"email": "zoe@example.net", "first_name": "Zoë", "country": "US", "time_zone": "America/New_York"}, token)
        status, body = s.post("/v1/events", {"email": "zoe@example.net", "verb": "asset.download", "subject": "security-guide", "key": "d-1"}, token)
        assert status == 202, body
        mail, = box.mails("zoe", 1)
        raw, = box.raw_mails("zoe", 1)
        assert not mail.defects and mail.get_content_type() == "multipart/alternative", mail.as_string()
        assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "text/html"]
        assert all(p.get_content_charset() == "utf-8" and "Zoë" in p.get_content() and "1 Example Street" in p.get_content() for p in mail.iter_parts())
        assert mail["From"].addresses[0].display_name == "Nürture" and mail["From"].addresses[0].addr_spec == "hello@example.com"
        assert mail["To"].addresses[0].addr_spec == "zoe@example.net" 
        token = re.fullmatch(r"<bounces\+([a-z2-7]{39})@example\.com>", mail["Return-Path"]).group(1)
        assert re.fullmatch(rf"<[0-9]+\.{token}@example\.com>", mail["Message-ID"]), "what comes back is tied to what was sent by either"
        assert len(mail.get_all("Message-ID")) == len(mail.get_all("Date")) == 1 and mail["Date"].datetime and mail["MIME-Version"] == "1.0"
        assert max(map(len, raw.split(b"\r\n"))) <= 998 and not re.search(rb"[^\r]\n|\r[^\n]", raw), "lines are whole and not long"
        assert received_with(mail, "with ESMTPSA") and received_with(mail, "LMTP")
        way_out = re.fullmatch(r"<(http[^>]+/u/[^>]+)>", mail["List-Unsubscribe"].split(",")[0].strip()).group(1)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        path = urllib.parse.urlsplit(way_out).path
        assert s.get(path)[0] == 200 and s.sql("select count(*) from consent") == [["0"]], "looking changes nothing"
        status, page, headers = s.request("POST", path, b"List-Unsubscribe=One-Click", headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert status == 200 and "Location" not in headers, page
        until(lambda: s.sql("select state, source from consent order by id")[:1] == [["withdrawn", "unsubscribe"]], what="the withdrawal")


BOXES = {**{f"{user}(\\+.*)?": user for user in USERS}, "ölga\\+ö": "olga"}
with Authority() as ca, Dovecot(ca, USERS) as box, Postfix(ca, box, BOXES) as mta:
    run_tests(globals())
