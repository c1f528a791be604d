#!/usr/bin/python3
"""Mails looked at before they are sent: what `nurture email` shows, of a folder, without a server or a database."""
import email
import email.policy
import os
import pathlib
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
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


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


def test_what_cannot_be_shown_says_why():
    book = Book()
    book.template("hello", "Hello\n")
    done = book.nurture("email", "helo", "--playbook", book.book)
    assert done.returncode == 1 and b'Did you mean "hello"?' in done.stderr, done
    done = book.nurture("email", "hello", "--playbook", book.book, "--field", "shoe=1")
    assert done.returncode == 1 and b'there is no field "shoe"' in done.stderr, done
    done = book.nurture("email", "hello", "--playbook", book.book, "--field", "email=")
    assert done.returncode == 1 and b"e-mail address" in done.stderr, done
    assert book.nurture("email", "hello", "--playbook", book.book, "--field", "nothing").returncode == 2


if __name__ == "__main__":
    run_tests(globals())
