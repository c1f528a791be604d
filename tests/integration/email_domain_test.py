#!/usr/bin/python3
"""What mailboxes ask of a sender: signatures that another program verifies, and a domain that says the right things."""
import contextlib
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

try:
    import dkim
    import nacl  # noqa: F401: dkim needs it for Ed25519
except ImportError:
    print("python3-dkim and python3-nacl are not installed: skipped")
    sys.exit(77)

from email_drive import FIELDS, drive, run_tests, touch
from email_show_test import Book


class Dns:
    """A name server that knows what it is told: {(name, type): [text or packed bytes]}."""
    TYPES = {"A": 1, "MX": 15, "TXT": 16}

    def __init__(self, records):
        self.records = records
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @staticmethod
    def pack(kind, value):
        if kind == "TXT":
            text = value.encode()
            return b"".join(bytes([len(text[i:i + 255])]) + text[i:i + 255] for i in range(0, len(text), 255))
        return socket.inet_aton(value) if kind == "A" else struct.pack(">H", 10) + Dns.name(value)

    @staticmethod
    def name(text):
        return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".")) + b"\0"

    def answer(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        wanted = next((k for k, number in self.TYPES.items() if number == kind), None)
        name = ".".join(labels).lower()
        found = [self.pack(wanted, value) for value in self.records.get((name, wanted), [])] if wanted else []
        code = 0 if any(known == name for known, _ in self.records) else 3
        head = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(found), 0, 0)
        return head + query[12:at + 5] + b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for data in found)

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            if not query:
                return
            self.socket.sendto(self.answer(query), peer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as end:
            end.sendto(b"", self.socket.getsockname())
        self.thread.join(10)
        self.socket.close()


def make_key(book, name, *options):
    path = book.folder / name
    done = book.nurture("email", "dkim-key", "--new", str(path), "--domain", "example.com", *options)
    assert done.returncode == 0, done.stderr.decode()
    assert path.stat().st_mode & 0o777 == 0o600
    record = next(line for line in done.stdout.decode().splitlines() if " IN TXT " in line)
    name, _, text = record.partition(". IN TXT (")
    return name, "".join(text.split('"')[1::2])


def keyed():
    book = Book()
    book.folder.chmod(0o777)  # run by root the plugin makes its key as the user who serves
    records = dict([make_key(book, "rsa.pem", "--selector", "r"), make_key(book, "ed.pem", "--selector", "e", "--ed25519")])
    book.settings(', dkim = { { domain = "example.com", selector = "r", key = "rsa.pem" }, { domain = "example.com", selector = "e", key = "ed.pem" } }')
    return book, records


def verifies(message, records, index):
    def lookup(name, timeout=5):
        return records[name.decode().rstrip(".")].encode()
    try:
        return dkim.DKIM(message).verify(idx=index, dnsfunc=lookup)
    except dkim.ValidationError:
        return False


BODY = "Line with  two spaces and a tab\t here.  \n\n. a dot\n\nZo\u00eb {{ lead.company }}\n\n![logo](logo.png)\n"


def test_what_we_sign_another_program_verifies_and_a_change_breaks_it():
    book, records = keyed()
    assert list(records) == ["r._domainkey.example.com", "e._domainkey.example.com"]
    book.write("templates/email/logo.png", b"\x89PNG\r\n\x1a\n" + os.urandom(3000))
    book.template("hi", BODY, "---\nsubject: 'Long subject {{ lead.first_name }} with many words, so that its line is folded and folded again by us'\n---\n")
    for relay in ("smtp://127.0.0.1:1", "maildir:out"):
        conf = book.folder / "n.conf"
        conf.write_text(conf.read_text().replace("smtp://127.0.0.1:1", relay))
        raw = book.raw("hi", "--field", "first_name=J\u00fcrgen  \u2028 Lee", "--field", "company=" + "x" * 900).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        assert raw.count(b"DKIM-Signature:") == 2 and max(map(len, raw.split(b"\r\n"))) <= 998
        for index, kind in enumerate((b"a=rsa-sha256", b"a=ed25519-sha256")):
            assert kind in raw and verifies(raw, records, index), (relay, kind)
            for old, new in ((b"Subject: ", b"Subject: X"), (b"List-Unsubscribe: <https", b"List-Unsubscribe: <http"), (b"\r\n\r\n", b"\r\n\r\nput before\r\n"),
                             (b"From: ", b"From: Other <other@example.com>\r\nFrom: "), (b"MIME-Version", b"Reply-To: x@example.net\r\nMIME-Version"),
                             (b"MIME-Version", b"Cc: x@example.net\r\nMIME-Version")):
                assert not verifies(raw.replace(old, new, 1), records, index), (kind, old)


def test_a_key_that_others_may_read_or_that_is_none_is_refused():
    book, _ = keyed()
    book.template("hi", "x\n")
    for mode, text, said in ((0o644, None, "may be read or changed by others"), (0o600, b"nonsense", "holds no private key"), (0o600, "short", "2048 to 4096 bits")):
        path = book.folder / "rsa.pem"
        if text == "short":
            path.write_bytes(subprocess.run(["openssl", "genrsa", "1024"], capture_output=True, check=True).stdout)
        elif text:
            path.write_bytes(text)
        path.chmod(mode)
        done = book.nurture("email", "hi", "--playbook", book.book)
        assert done.returncode == 1 and said in done.stderr.decode() and b"dkim.key" in done.stderr, done
    done = book.nurture("email", "dkim-key", "--new", str(book.folder / "rsa.pem"))
    assert done.returncode == 1 and b"File exists. A key is never overwritten: choose another name" in done.stderr, "a key is never overwritten"
    for option, wrong in (("--domain", "foo..bar"), ("--domain", ""), ("--selector", "n 2"), ("--selector", "-n"), ("--selector", "a..b"), ("--selector", "a.")):
        done = book.nurture("email", "dkim-key", "--new", str(book.folder / "wrong.pem"), option, wrong)
        assert done.returncode != 0 and option.encode() in done.stderr and not (book.folder / "wrong.pem").exists(), (wrong, done)
    conf = book.folder / "n.conf"
    conf.write_text(conf.read_text().replace("us@example.com", "us@acme.example"))
    done = book.nurture("email", "dkim-key", "--new", os.path.relpath(book.folder / "near.pem"), "--selector", "a.b-2")
    assert done.returncode == 0 and f'selector = "a.b-2", key = "{book.folder}/near.pem"'.encode() in done.stdout and b'domain = "acme.example"' in done.stdout, done
    book.settings(', dkim = { domain = "example.com", selectr = "r", key = "rsa.pem" }')
    assert b"selectr" in book.nurture("email", "hi", "--playbook", book.book).stderr


def test_a_domain_is_checked_and_what_is_missing_is_written_out():
    book, keys = keyed()
    conf = book.folder / "n.conf"
    conf.write_text(conf.read_text().replace('from = "Us <us@example.com>"', 'from = "Us <us@example.com>", return_path = "b@bounce.example.com"'))
    good = {("_dmarc.example.com", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:d@example.com"],
            ("bounce.example.com", "TXT"): ["v=spf1 include:spf.example.net -all", "something else"],
            ("spf.example.net", "TXT"): ["v=spf1 ip4:192.0.2.0/24 mx:mx.example.net ~all"], ("mx.example.net", "MX"): ["host.example.net"],
            ("host.example.net", "A"): ["127.0.0.1"], **{(name, "TXT"): [text] for name, text in keys.items()}}

    def asked(change, *args):
        with Dns({**good, **change}) as dns:
            done = book.nurture("email", "check-domain", *args, "--server", dns.address)
        return done.returncode, done.stdout.decode() + done.stderr.decode()

    status, said = asked({})
    assert status == 0 and "FAIL" not in said and "lets 127.0.0.1 (127.0.0.1) send (2 look-ups" in said and said.count("aligned with example.com") == 2, said
    rsa, ed = keys
    loop = ["v=spf1 " + " ".join(f"include:s{i}.example.net" for i in range(11)) + " -all"]
    passing = {(f"s{i}.example.net", "TXT"): ["v=spf1 ?all"] for i in range(11)}
    for change, part in (({("_dmarc.example.com", "TXT"): []}, '_dmarc.example.com. IN TXT ( "v=DMARC1; p=none'), ({("_dmarc.example.com", "TXT"): ["v=DMARC1; p=none"] * 2}, "2 records"),
                         ({("_dmarc.example.com", "TXT"): ["v=DMARC1; rua=mailto:x"]}, "says no policy"), ({(rsa, "TXT"): []}, f"DKIM: {rsa} has no record"),
                         ({(ed, "TXT"): [keys[rsa]]}, f"DKIM: {ed} tells another key"), ({("bounce.example.com", "TXT"): []}, "has no record. Write"),
                         ({("bounce.example.com", "TXT"): ["v=spf1 -all", "v=spf1 ~all"]}, "more than one SPF record"),
                         ({("bounce.example.com", "TXT"): ["v=spf1 +all"]}, "anybody may send"), ({("bounce.example.com", "TXT"): loop, **passing}, "more than 10 look-ups"),
                         ({("bounce.example.com", "TXT"): ["v=spf1 include:bounce.example.com -all"]}, "is broken"),
                         ({("bounce.example.com", "TXT"): ["v=spf1 redirect=nobody.example.net"]}, "nobody.example.net: the record is to be read there"),
                         ({("bounce.example.com", "TXT"): ["v=spf1 redirect=spf.example.net redirect=spf.example.net"]}, "more than one redirect="),
                         ({("bounce.example.com", "TXT"): ["v=spf1 include:nobody.example.net -all"]}, "has no SPF record")):
        status, said = asked(change)
        assert status == 1 and "FAIL" in said and part in said, (part, said)
    status, said = asked({("bounce.example.com", "TXT"): ["v=spf1 ip4:192.0.2.1 -all"]})
    assert status == 0 and "does not let 127.0.0.1" in said, said
    status, said = asked({("_dmarc.other.net", "TXT"): ["v=DMARC1; p=reject"]}, "other.net")
    assert status == 1 and "signs for another domain than the From address other.net" in said and "not aligned with the From address other.net" in said, said
    status, said = asked({("_dmarc.example.com", "TXT"): ["v=DMARC1; p=reject; aspf=s; adkim=s"]})
    assert status == 0 and "bounces go to bounce.example.com, which is not aligned" in said, said
    assert asked({}, "no domain")[0] == 1
    conf.write_text(conf.read_text().replace('relay = "smtp://127.0.0.1:1"', 'relays = { "smtp://127.0.0.1:1", "smtp://192.0.2.7", "smtp://[2001:db8::7]", "smtp://192.0.2.7:26", "smtp://mx.invalid" }'))
    status, said = asked({("bounce.example.com", "TXT"): []})
    assert status == 1 and said.count("FAIL  SPF") == said.count("v=spf1") == 1, said
    assert 'bounce.example.com. IN TXT ( "v=spf1 ip4:192.0.2.7 ip6:2001:db8::7 a:mx.invalid ip4:ADDRESS ~all" )' in said, "one record for all of them: " + said


def test_addresses_that_are_none_are_rejected_and_nothing_adds_a_header():
    evil = "x\r\nBcc: evil@example.net\r\n\r\nbody\u2028\u2029\x00\x7f =?utf-8?q?=0ABcc:?= "
    with tempfile.TemporaryDirectory() as data:
        fields = {**FIELDS, "subject": evil, "preheader": evil, "text": "t\r\n.\r\nMAIL FROM:<x@y>\r\n" + evil, "html": "<p>h</p>" + evil}
        orders = [touch(1, name=evil, campaign=evil, template=evil, purpose=evil, fields=fields), touch(2, address="a" * 65 + "@example.net"), touch(3, address="a@" + "b." * 150 + "net"),
                  touch(4, address="a@example.net\r\nRCPT TO:<evil@example.net>"), touch(5, address='"a\r\n"@example.net'), touch(6, address="a@b@example.net"),
                  touch(7, address="j\u00fcrgen@b\u00fccher.example")]
        _, results = drive({"relay": "maildir:out"}, data, orders)
        found = {r["touch_id"]: r for r in results}
        assert [found[i]["outcome"] for i in range(1, 8)] == ["sent"] + ["rejected"] * 5 + ["sent"], results
        raw = open(f"{data}/out/new/{found[1]['remote_id']}", "rb").read()
        head = raw.split(b"\n\n")[0]
        names = [line.split(b":")[0] for line in head.split(b"\n") if line and line[:1] not in b" \t"]
        assert len(names) == len(set(names)) and b"Bcc" not in names, head
        assert b"\r" not in raw and b"\0" not in raw and raw.isascii()
        raw = open(f"{data}/out/new/{found[7]['remote_id']}", "rb").read().decode()
        assert "j\u00fcrgen@xn--bcher-kva.example" in raw, "the domain by its A-label, the local part as it is"


def test_a_mail_too_large_for_any_mailbox_is_refused_with_its_largest_part():
    with tempfile.TemporaryDirectory() as data:
        _, results = drive({"relay": "maildir:out"}, data, [touch(1, fields={**FIELDS, "html": "<p>x</p>" * 3000000})])
        assert results[0]["outcome"] == "deferred" and "20 MB are the most. The largest of it is the HTML" in results[0]["reason"], results


if __name__ == "__main__":
    run_tests(globals())
