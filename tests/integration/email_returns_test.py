#!/usr/bin/python3
"""What comes back to a mailbox of Dovecot's, by IMAP and by POP3: bounces, complaints, answers; forged ones; what is no message; a death in the middle. And
what a provider (Amazon SES) tells by its web hook."""
import base64
import datetime
import http.server
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import threading

from mail_rig import DOVECOT, Authority, Dovecot, need
from nurture import Server, run_tests, until

need(DOVECOT)
USERS = {"bounces": "p@ss w%rd", "pop": "secret", "hello": "h"}
LEADS = ["enough", "hard", "soft", "spam", "away", "wrote", "forged", "many", "ses", "ses2"]
SAMPLES = pathlib.Path(os.environ["NURTURE_SOURCE"]) / "tests/data/returns"
BACK = datetime.date.today() + datetime.timedelta(days=30)  # when the one who is away is back
TOKEN = "abcdefghijklmnopqrstuvwxyz234567abcdefg"  # the samples'


def sample(name, token, lead="lead", mark="", domain="example.net"):
    """A sample as if it were about that lead and its mail."""
    text = (SAMPLES / f"{name}.eml").read_bytes().decode("utf-8", "surrogateescape")
    text = text.replace(TOKEN, token).replace("lead@example.net", f"{lead}@{domain}").replace("15 January 2027", f"{BACK:%-d %B %Y}")
    return re.sub(r"(Message-ID: <)(?!4711)", rf"\g<1>{mark}{lead}", text).encode("utf-8", "surrogateescape")


def number(statement):
    return int(s.sql(statement)[0][0])


def events(lead):
    return sorted(row[0] for row in s.sql("select verb || coalesce(' ' || (data ->> 'kind'), '') from event e join identity i using (lead_id) "
                                          f"where i.value = '{lead}@example.net' and verb in ('email.bounce', 'email.complaint', 'email.reply', 'email.auto_reply')"))


def there(user, folder="INBOX"):
    with box.reader(user) as client:
        status, found = client.select(folder, readonly=True)
        return int(found[0]) if status == "OK" else 0


def counted(kind, answer, count, channel="email"):
    until(lambda: number(f"select coalesce(sum(count), 0) from returned where channel = '{channel}' and kind = '{kind}' and answer = '{answer}'") >= count, what=f"{kind} {answer}")
    assert number(f"select sum(count) from returned where channel = '{channel}' and kind = '{kind}' and answer = '{answer}'") == count


def test_each_that_comes_back_is_known_for_what_it_is_and_moved_when_it_is_recorded():
    assert set(tokens) == {f"{lead}@example.net" for lead in LEADS}, tokens
    token = {lead: tokens[f"{lead}@example.net"] for lead in LEADS}
    for lead, name in (("hard", "dsn-postfix"), ("soft", "words-exim-timeout"), ("spam", "arf-abuse"), ("away", "auto-rfc3834"), ("wrote", "reply-top"),
                       ("hard", "dsn-delayed")):
        box.put("bounces", sample(name, token[lead], lead))
    until(lambda: there("bounces", "R&-D-Gel&APY-scht") == 6 and there("bounces") == 0, what="all moved")
    assert events("hard") == ["email.bounce hard"] and events("soft") == ["email.bounce soft"], (events("hard"), events("soft"))
    assert events("spam") == ["email.complaint"] and events("away") == ["email.auto_reply"] and events("wrote") == ["email.reply"]
    assert s.sql("select value, channel, reason from suppression order by value") == [["hard@example.net", "email", "bounce"], ["spam@example.net", "*", "complaint"]]
    assert s.sql("select l.email, t.state from touch t join lead l using (lead_id) where t.state = 'rejected'") == [["hard@example.net", "rejected"]]
    assert s.sql("select replace(data ->> 'text', E'\\n', '/'), data ->> 'from' from event where verb = 'email.reply'") == [["Yes, please call me.//Lead", "wrote@example.net"]]
    assert s.sql("select data ->> 'until' from event where verb = 'email.auto_reply'") == [[BACK.isoformat()]]


def test_who_unsubscribes_by_mail_gets_no_more_and_who_forges_it_changes_nothing():
    mail = next(m for m in s.mails() if "enough@" in m["To"])
    way = re.search(r"<(https?://[^>]+/u/[^>]+)>,\s*<mailto:(bounces\+[a-z2-7]{39}@example\.com)\?subject=unsubscribe>", mail["List-Unsubscribe"])
    assert way and mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", mail["List-Unsubscribe"]
    def put(to, mark):
        box.put("bounces", f"From: who@ever.example\r\nTo: <{to}>\r\nSubject: unsubscribe\r\nMessage-ID: <{mark}@ever.example>\r\n\r\n.\r\n".encode())
    put("bounces+" + ("b" if way[2][8] == "a" else "a") + way[2][9:], "forged")
    counted("unsubscribe", "unproven", 1)
    assert s.sql("select count(*) from consent where source = 'unsubscribe'") == [["0"]]
    put(way[2], "meant")
    counted("unsubscribe", "recorded", 1)
    put(way[2], "meant")   # a copy
    until(lambda: there("bounces") == 0, what="moved")
    assert s.sql("select l.email, c.channel, c.purpose, c.state from consent c join lead l using (shard, lead_id) where c.source = 'unsubscribe'")[0] == [
        "enough@example.net", "email", "marketing", "withdrawn"]


def test_what_people_write_to_the_address_of_the_sender_is_read_in_a_mailbox_of_its_own():
    mail = next(m for m in s.mails() if "wrote@" in m["To"])
    before = events("wrote").count("email.reply")
    box.put("hello", f"From: wrote@example.net\r\nTo: <hello@example.com>\r\nSubject: Re: x\r\nMessage-ID: <to-hello@example.net>\r\n"
            f"In-Reply-To: {mail['Message-ID']}\r\nReferences: {mail['Message-ID']}\r\n\r\nTo the sender.\r\n".encode())
    until(lambda: events("wrote").count("email.reply") == before + 1, what="the answer")
    said = s.sql("select data ->> 'references' from event where verb = 'email.reply' and data ->> 'text' = 'To the sender.' and data ->> 'proven' is null")
    assert said == [[mail["Message-ID"]]], said
    with box.reader("hello") as client:
        client.select("INBOX", readonly=True)
        until(lambda: client.noop() and len(client.search(None, "SEEN")[1][0].split()) == 1, what="it is marked as read")
    until(lambda: f"mailbox imaps://hello@localhost:{box.imaps}/INBOX: 1 recorded" in s.run("status").stdout, what="how it stands")
    assert "hello:h@" not in s.run("config").stdout, "no password is shown"
    reader = s.token("read")
    for name in (f"imaps://hello@localhost:{box.imaps}/INBOX", f"imap://bounces@localhost:{box.imap}/INBOX"):
        until(lambda up=f'mailbox_up{{channel="email",mailbox="{name}"}} 1': up in s.get("/metrics", reader)[1], what=f"{name} is read")


def test_a_forged_one_suppresses_nobody_and_is_counted():
    token = tokens["forged@example.net"]
    forged = ("b" if token[0] == "a" else "a") + token[1:]
    before = s.sql("select * from suppression order by value")
    box.put("bounces", sample("dsn-postfix", forged, "forged"))
    box.put("bounces", sample("arf-abuse", forged, "forged", "arf"))
    box.put("bounces", sample("dsn-other-token", forged, "forged"))
    counted("hard", "unproven", 2)
    counted("complaint", "unproven", 1)
    until(lambda: there("bounces") == 0, what="moved")
    assert s.sql("select * from suppression order by value") == before and events("forged") == []
    assert re.search(r"^nurture_returns_unproven_total 4$", s.get("/metrics", s.token("read"))[1], re.M)


def test_what_is_no_message_or_from_a_stranger_stays_for_a_person_and_the_rest_goes_on():
    box.put("bounces", b"\r\n\r\njust words\r\n")
    box.put("bounces", sample("reply-by-address", "", "stranger", domain="elsewhere.example"))
    box.put("bounces", sample("dsn-full", tokens["many@example.net"], "many", "huge") + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 360_000)  # 25 MB
    until(lambda: events("many") == ["email.bounce soft"] and there("bounces") == 2, what="the huge one")
    with box.reader("bounces") as client:
        client.select("INBOX", readonly=True)
        until(lambda: len(client.search(None, "FLAGGED")[1][0].split()) == 2, what="both are marked")


def test_a_death_in_the_middle_loses_none_and_doubles_none():
    token, many = tokens["many@example.net"], 60
    pids = s.workers("delivery")
    for i in range(many):
        box.put("bounces", sample("words-gmail-full", token, "many", f"m{i}-"))
        if i in (20, 40):
            os.kill(s.workers("delivery")[0], signal.SIGKILL)
            until(lambda: s.workers("delivery") and s.workers("delivery") != pids, what="another process")
            pids = s.workers("delivery")
    until(lambda: there("bounces") == 2, what="all read")
    assert events("many").count("email.bounce soft") == many + 1
    box.put("bounces", sample("words-gmail-full", token, "many", "m7-"))  # a copy
    until(lambda: there("bounces") == 2, what="the copy")
    assert events("many").count("email.bounce soft") == many + 1
    assert s.sql("select value, channel, reason from suppression where value like 'many%'") == [["many@example.net", "email", "soft bounces"]]


def test_pop3_deletes_what_is_recorded_and_leaves_the_rest():
    box.put("pop", sample("reply-by-address", "", "wrote"))
    box.put("pop", b"\r\nno header\r\n")
    box.put("pop", sample("reply-by-address", "", "soft", "again"))
    until(lambda: there("pop") == 1, what="both answers")
    assert events("wrote") == ["email.reply"] * 3 and events("soft") == ["email.bounce soft", "email.reply"]
    assert s.sql("select count(*) from event where verb = 'email.reply' and data ->> 'proven' = 'false'") == [["2"]]   # by their sender's address alone
    rows = json.loads(s.run("report", "returns", "--json").stdout)
    assert {(r["channel"], r["kind"], r["answer"], r["count"]) for r in rows} >= {("email", "hard", "unproven", 2), ("other", "reply", "recorded", 2)}, rows


def test_a_mailbox_that_does_not_answer_is_told_of():
    def trouble():
        return "email.mailbox.down" in s.log_text()
    assert not trouble()
    box.stop()
    until(trouble, what="told")
    box.start()
    box.put("bounces", sample("words-gmail-full", tokens["soft@example.net"], "soft", "back"))
    until(lambda: events("soft").count("email.bounce soft") == 2, what="it is read again")


class Amazon:
    """Stands for SNS: a certificate and a place to confirm at, over https; signs as SNS does."""

    def __init__(self, ca):
        self.key, self.cert, self.asked = f"{ca.folder}/sns.key", f"{ca.folder}/sns.pem", []
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=sns.amazonaws.com", "-keyout", self.key, "-out", self.cert],
                       check=True, capture_output=True)
        amazon = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                amazon.asked.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(pathlib.Path(amazon.cert).read_bytes() if self.path.endswith(".pem") else b"<ok/>")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(ca.pem)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.host = f"localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def notice(self, message, version="2", topic=None, kind="Notification", minutes=0, number=1, **more):
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
        notice = {"Type": kind, "MessageId": f"m-{number}", "TopicArn": topic or TOPIC, "Message": message, "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                  "SignatureVersion": version, "SigningCertURL": f"https://{self.host}/sns.pem", **more}
        keys = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        said = "".join(f"{key}\n{notice[key]}\n" for key in keys if key in notice)
        signature = subprocess.run(["openssl", "dgst", "-sha256" if version == "2" else "-sha1", "-sign", self.key], input=said.encode(), capture_output=True, check=True)
        return {**notice, "Signature": base64.b64encode(signature.stdout).decode()}


TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"


def ses(kind, lead, feedback, **more):
    token = tokens[f"{lead}@example.net"]
    mail = {"source": f"bounces+{token}@example.com", "messageId": "0100", "destination": [f"{lead}@example.net"]}
    return json.dumps({"notificationType": kind, "mail": mail, kind.lower(): {"feedbackId": feedback, **more}})


def hook(notice):
    body = notice if isinstance(notice, bytes) else json.dumps(notice).encode()
    return s.request("POST", "/v1/channels/email/ses", body, headers={"Content-Type": "text/plain; charset=UTF-8"})[0]


def test_a_provider_is_believed_only_by_its_signature_and_what_it_says_counts_once():
    bounce = ses("Bounce", "ses", "f-1", bounceType="Permanent", bounceSubType="General",
                 bouncedRecipients=[{"emailAddress": "ses@example.net", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}])
    good = amazon.notice(bounce)
    bad = [{**good, "Message": bounce.replace("Permanent", "Transient")}, {**good, "Signature": "AAAA"}, amazon.notice(bounce, minutes=120),
           amazon.notice(bounce, topic=TOPIC + "s"), amazon.notice(bounce, SigningCertURL=f"https://evil.example/{amazon.host}/sns.pem"),
           amazon.notice(bounce, SigningCertURL=f"http://{amazon.host}/sns.pem"), amazon.notice(bounce, SigningCertURL=f"https://{amazon.host}@evil.example/sns.pem"),
           amazon.notice("", kind="SubscriptionConfirmation", Token="t", SubscribeURL="https://evil.example/confirm"), b"{", b"", b"[]"]
    for notice in bad:
        assert hook(notice) == 403, notice
    assert events("ses") == [] and all(path == "/sns.pem" for path in amazon.asked)
    assert hook(good) == 200 and hook(good) == 200
    assert hook(amazon.notice(bounce, version="1", number=2)) == 200
    assert events("ses") == ["email.bounce hard"]
    had = len(amazon.asked)   # what a stranger has fetched does not push out what proved something
    assert hook({**good, "Signature": "AAAA", "SigningCertURL": f"https://{amazon.host}/other.pem"}) == 403 and hook(good) == 200
    assert amazon.asked[had:] == ["/other.pem"], amazon.asked
    complaint = ses("Complaint", "ses2", "f-2", complaintFeedbackType="abuse", complainedRecipients=[{"emailAddress": "ses2@example.net"}])
    assert hook(amazon.notice(complaint, version="1", number=3, Subject="Amazon SES")) == 200 and events("ses2") == ["email.complaint"]
    assert s.sql("select value, channel, reason from suppression where value like 'ses%' order by value") == [
        ["ses2@example.net", "*", "complaint"], ["ses@example.net", "email", "bounce"]]
    assert hook(amazon.notice("hi", kind="SubscriptionConfirmation", Token="t", SubscribeURL=f"https://{amazon.host}/confirm?x=1")) == 200
    assert "/confirm?x=1" in amazon.asked
    until(lambda: "email.hook.confirmed" in s.log_text(), what="the word in the log")
    assert s.request("POST", "/v1/channels/other/ses", b"{}", headers={"Content-Type": "text/plain"})[0] == 404, "not configured there"


def prepare():
    token = s.token("write")
    for lead in LEADS:
        s.lead({"email": f"{lead}@example.net", "first_name": lead, "country": "US", "time_zone": "America/New_York"}, token)
        status, body = s.post("/v1/events", {"email": f"{lead}@example.net", "verb": "asset.download", "subject": "security-guide"}, token)
        assert status == 202, body
    until(lambda: len(s.mails()) >= len(LEADS) and number("select count(*) from touch where state = 'sent'") >= len(LEADS), what="mails")
    return {m["To"].addresses[0].addr_spec: m["Message-ID"].split(".", 1)[1].split("@")[0] for m in s.mails()}


with Authority() as ca, Dovecot(ca, USERS) as box:
    amazon = Amazon(ca)
    CONFIG = f'''
postal_address = "1 Road, Town"
channel "email" {{ plugin = "email", relay = "maildir:outbox", from = "Ann <ann@example.com>", bounces = "bounces@example.com", soft_bounces = {{ count = 5, days = 30 }},
	mailbox = {{ {{ url = "imap://bounces:p%40ss%20w%25rd@localhost:{box.imap}", after = "move:R&D-Gel\u00f6scht", tls_ca = "{ca.ca}", every = 0.2, patience = 20 }},
		{{ url = "imaps://hello:h@localhost:{box.imaps}", after = "seen", tls_ca = "{ca.ca}", every = 0.2, patience = 20 }} }},
	ses = {{ topic = "{TOPIC}", host = "{amazon.host}", tls_ca = "{ca.ca}" }} }}
channel "other" {{ plugin = "email", relay = "maildir:other", from = "Ann <ann@example.com>",
	mailbox = {{ url = "pop3s://pop:secret@localhost:{box.pop3s}", tls_ca = "{ca.ca}", every = 0.2, after = "delete" }} }}
'''
    with Server(playbook="scripts", config=CONFIG) as s:
        tokens = prepare()
        run_tests(globals())
