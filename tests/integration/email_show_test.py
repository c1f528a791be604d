#!/usr/bin/python3
"""Mails looked at before they are sent: what `nurture email` shows, of a folder, without a server or a database."""
import email
import email.policy
import os
import pathlib
import re
import subprocess
import tempfile

from email_drive import BUILD, run_tests

BINARY = f"{BUILD}/core/nurture"
FRONT = "---\nsubject: Hello {{ lead.first_name }}\n---\n"


class Book:
    """A playbook in a folder, and a configuration beside it."""

    def __init__(self, settings="", **files):
        self.folder = pathlib.Path(self.keep.name)
        self.book = self.folder / "book"
        self.write("playbook.lua", 'playbook "test" { title = "Test", time_zone = "UTC" }\n')
        for path, text in files.items():
            self.write(path, text)
        self.settings(settings)

    def __new__(cls, *_, **__):
        book = super().__new__(cls)
        book.keep = tempfile.TemporaryDirectory()
        return book

    def settings(self, settings):
        (self.folder / "n.conf").write_text(
            f'public_url = "https://go.example.com"\ndata_dir = "{self.folder}"\npostal_address = "Example Ltd, 1 Main Street"\n'
            f'channel "email" {{ plugin = "email", relay = "smtp://127.0.0.1:1", from = "Us <us@example.com>"{settings} }}\n')

    def write(self, path, text):
        path = self.book / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def template(self, name, body, front=FRONT):
        self.write(f"templates/email/{name}.md", front + body)

    def nurture(self, *args):
        return subprocess.run([BINARY, *args, "--config", self.folder / "n.conf"], capture_output=True, timeout=60,
                              env={**os.environ, "LC_ALL": "C"})

    def check(self):
        done = self.nurture("check", self.book)
        return done.returncode, done.stdout.decode() + done.stderr.decode()

    def raw(self, name, *args):
        done = self.nurture("email", name, "--playbook", self.book, *args)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def mail(self, name, *args):
        return email.message_from_bytes(self.raw(name, *args), policy=email.policy.default)


def body(mail, kind):
    """Tokens are other ones each time."""
    text = mail.get_body((kind,)).get_content().replace("\r\n", "\n")
    return re.sub("preview-[-_A-Za-z0-9]+", "preview-X", text)


def test_a_template_is_shown_as_the_mail_that_would_be_sent():
    book = Book()
    book.template("hi", "Read [our page](https://example.com/page).\n")
    raw = book.raw("hi", "--field", "first_name=<Zo\u00eb>", "--field", "email=zoe@example.net")
    assert b"\n" not in raw.replace(b"\r\n", b""), "an SMTP message has CRLF"
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail["Subject"] == "Hello <Zo\u00eb>" and mail["To"].addresses[0].addr_spec == "zoe@example.net"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and mail["List-Unsubscribe"].startswith("<https://go.example.com/u/preview-")
    for kind in ("plain", "html"):
        assert "Example Ltd, 1 Main Street" in body(mail, kind) and "/u/preview-" in body(mail, kind)
    assert sorted(os.listdir(book.folder)) == ["book", "n.conf"], "nothing is written"


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
JPEG = b"\xff\xd8\xff\xe0" + b"JFIF" * 100
PDF = b"%PDF-1.4\n" + os.urandom(5000)
LAYOUT = """<html lang="{{ language }}"><head><title>{{ subject }}</title></head><body>
{% if preheader %}<i>{{ preheader }}</i>{% endif %}<img src="images/head.jpg" alt="Acme">
<a href="https://example.com/{{ lead.first_name }}?q={{ lead.company }}">home</a><a href="/pricing">prices</a>
<div class="mine">{{ content }}</div>{% if footer %}<footer>{{ footer }}</footer>{% endif %}</body></html>
"""


def test_marketing_changes_the_layout_and_a_template_may_have_its_own():
    book = Book()
    book.write("consent.lua", 'consent "track_click" { default = "opt-in", unknown = "opt-in" }\n')
    book.template("hi", "Text of {{ lead.first_name }}\n", "---\nsubject: S & T\npreheader: Look here\n---\n")
    standard = body(book.mail("hi"), "html")
    for part in ("prefers-color-scheme: dark", 'role="presentation"', "max-width:600px", '<html lang="en">', "S &amp; T</title>", "Text of Iris"):
        assert part in standard, (part, standard)
    assert standard.count("Look here") == 1 and standard.index("Look here") < standard.index("<table")
    printed = book.nurture("email", "--layout").stdout
    book.write("templates/email/layout.html", printed)
    assert body(book.mail("hi"), "html") == standard, "what is printed is what is used"
    book.write("templates/email/plain.html", LAYOUT)
    book.write("templates/email/images/head.jpg", JPEG)
    book.template("other", "Text\n", "---\nsubject: S\nlayout: plain\n---\n")
    assert body(book.mail("hi"), "html") == standard
    mail = book.mail("other", "--field", "first_name=javascript:x\"><b>", "--field", "company=a&b c")
    html = body(mail, "html")
    assert '<div class="mine"><p' in html and "<footer><div>Example Ltd, 1 Main Street</div>" in html and html.count("1 Main Street") == 1, html
    assert 'href="https://example.com/javascript:x%22%3E%3Cb%3E?q=a%26b%20c"' in html and 'href="https://go.example.com/pricing"' in html, html
    picture = next(p for p in mail.walk() if p.get_content_type() == "image/jpeg")
    assert picture.get_content() == JPEG and f'src="cid:{picture["Content-ID"][1:-1]}"' in html


def test_what_is_wrong_with_a_layout_is_told_once_with_its_line():
    book = Book()
    for name in ("one", "two"):
        book.template(name, "x\n")
    for text, part in (("<html>{{ footer }}</html>", "layout.html:1: the layout of mails: a layout prints {{ content }} once: this one does 0 times."),
                       ("{{ content }}\n{{ content }}", "this one does 2 times."), ("{{ content }}\n{{ lead.shoe }}", 'layout.html:2: the layout of mails: there is no field "shoe".'),
                       ("{{ content }}{% if x", "layout.html:1:"), ("{{ content }}\n<!-- {{ footer }} -->", "layout.html:2: the layout of mails: {{ footer }} stands in a comment"),
                       ('{{ content }}<div style="display: none">{{ footer }}</div>', "{{ footer }} stands in a <div> that nobody sees"),
                       ("{{ content }}<!-- <p>", "is never closed"), ('{% if lead.first_name == "x" %}{{ content }}{% endif %}', "{{ content }} stands within {% if %}"),
                       ('{{ content }}<img src="no.png">', "there is no picture templates/email/no.png")):
        book.write("templates/email/layout.html", text)
        status, said = book.check()
        assert status == 1 and said.count(part) == 1 and " 1 error," in said, (text, said)
    book.write("templates/email/layout.html", '<!--[if !mso]><!--><i style="display:none">{{ preheader }}</i><!--<![endif]-->{% if footer %}{% endif %}{{ content }}{% if footer %}{{ footer }}{% endif %}')
    assert book.check()[0] == 0, book.check()
    book.template("one", "x\n", "---\nsubject: S\nlayout: fancy\n---\n")
    status, said = book.check()
    assert status == 1 and "one.md:3: template \"one\": there is no layout templates/email/fancy.html." in said, said
    book.template("one", "x\n", "---\nsubject: S\nlayout: fancy.html\n---\n")
    assert "write layout: fancy." in book.check()[1]


def test_pictures_and_attachments_come_out_byte_for_byte():
    book = Book(**{"templates/email/logo.png": PNG, "templates/email/Pr\u00e4sentation 1.pdf": PDF, "library/guide.pdf": PDF[:3000],
                   "assets.lua": 'asset "guide" { title = "Guide", kind = "white-paper", file = "guide.pdf" }\n'})
    book.template("hi", "See ![our logo](logo.png) and ![again](./logo.png).\n", "---\nsubject: S\nattach: Pr\u00e4sentation 1.pdf, asset:guide\n---\n")
    mail = book.mail("hi")
    shape = [p.get_content_type() for p in mail.walk()]
    assert shape == ["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "application/pdf", "application/pdf"], shape
    parts = list(mail.walk())
    html, logo, one, two = parts[4:]
    assert html.get_content().count(f'src="cid:{logo["Content-ID"][1:-1]}"') == 2 and 'alt="our logo"' in html.get_content()
    assert logo.get_content() == PNG and logo.get_content_disposition() == "inline"
    assert one.get_content() == PDF and one.get_filename() == "Pr\u00e4sentation 1.pdf" and one.get_content_disposition() == "attachment"
    assert two.get_content() == PDF[:3000] and two.get_filename() == "guide.pdf"
    assert "our logo" in body(mail, "plain")
    assert max(len(line) for line in book.raw("hi").split(b"\r\n")) <= 998


def test_the_linter_names_what_would_go_wrong():
    book = Book(**{"templates/email/not.png": b"<svg/>", "templates/email/big.jpg": JPEG + bytes(400 * 1024), "templates/email/unused.gif": b"GIF89a",
                   "templates/page/there.html": "<p>x</p>"})
    errors = {"![x](no.png)": "there is no picture templates/email/no.png", "![x](not.png)": "not.png is no picture: by its bytes",
              "[x](pricing.html)": 'the link "pricing.html" is no address', "[x](www.example.com/a)": "Write https://www.example.com/a",
              "[x](/z/gone)": "there is no page /z/gone", "[x](/f/gone)": 'there is no form "gone"', "[x]()": "this link has no address", "[x](http://)": "names no host",
              "[x](javascript:alert)": "cannot stand in a mail", "so [x](https://x.example/a b) on": "Write %20 for the blank", "{{ lead.nome }}": 'there is no field "nome"'}
    for text, said in errors.items():
        book.template("t", f"words\n\n{text}\n")
        status, out = book.check()
        assert status == 1 and said in out and "templates/email/t.md:6" in out, (text, out)
    notes = {"![](big.jpg)": "a picture without words", "![x](big.jpg)": "has 400 KB", "[x](#top)": "goes nowhere", "[x](http://localhost/x)": "this machine or network",
             "[x](/z/there)": "no template shows or attaches this file", "| a | b |\n|---|\n| 1 | 2 |": "this is no table"}
    for text, said in notes.items():
        book.template("t", f"words\n\n{text}\n")
        status, out = book.check()
        assert status == 0 and said in out, (text, out)
    for text, status, said in (("{% if lead.nobody %}x{% endif %}", 1, "there is no field"), ("{% assign x = 1 %}", 1, "it says nothing: no words come out"),
                               ("{% if lead.company == 'Acme' %}hello{% endif %}", 0, "says nothing to two leads that were made up"),
                               ("{% if lead.company %}hello{% endif %}", 0, "says nothing to a lead of whom nothing is known"), ("![](big.jpg)", 1, "no words come out"),
                               ("many words " * 12000, 0, "Gmail cuts off")):
        book.template("t", text + "\n", "---\nsubject: S\n---\n")
        found, out = book.check()
        assert found == status and said in out, (text[:50], out)
    for subject, status, said in (("{{ data.x }}", 1, "its subject comes out empty."), ("{{ lead.company }}", 0, "empty for a lead of whom nothing"), ("long " * 40, 0, "199 characters")):
        book.template("t", "x\n", f"---\nsubject: '{subject}'\n---\n")
        found, out = book.check()
        assert found == status and said in out, (subject, out)
    for front, said in (("preheader: " + "long " * 60, "the preheader has 299 characters"), ("attach: big.jpg, big.jpg", "big.jpg is attached twice")):
        book.template("t", "x\n", f"---\nsubject: S\n{front}\n---\n")
        status, out = book.check()
        assert status == 0 and said in out and "t.md:3" in out, (front[:20], out)
    for attach, said in {"gone.pdf": "there is no file templates/email/gone.pdf", "asset:x": 'there is no asset "x"', "a,,b": "write names of files",
                         "{{ lead.x }}": "no Liquid", "not.png": "cannot be attached"}.items():
        book.template("t", "x\n", f"---\nsubject: S\nattach: {attach}\n---\n")
        status, out = book.check()
        assert status == 1 and said in out and "t.md:3" in out, (attach, out)


def test_what_cannot_be_shown_says_why():
    book = Book()
    book.template("hello", "Hello\n")
    done = book.nurture("email", "helo", "--playbook", book.book)
    assert done.returncode == 1 and b'Did you mean "hello"?' in done.stderr, done
    for name in ("zeta", "alpha", "mu"):
        book.template(name, "Hello\n")
    done = book.nurture("email", "qqqqqqqq", "--playbook", book.book)
    assert done.returncode == 1 and b"There are: alpha, hello, mu, zeta" in done.stderr, done
    done = book.nurture("email", "hello", "--playbook", book.book, "--field", "shoe=1")
    assert done.returncode == 1 and b'there is no field "shoe"' in done.stderr, done
    done = book.nurture("email", "hello", "--playbook", book.book, "--field", "email=")
    assert done.returncode == 1 and b"e-mail address" in done.stderr, done
    assert book.nurture("email", "hello", "--playbook", book.book, "--field", "nothing").returncode == 2


if __name__ == "__main__":
    run_tests(globals())
