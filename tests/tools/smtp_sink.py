#!/usr/bin/python3
"""An SMTP server that does what a test says, wrong things above all; and writes each message to an fsynced file before it
accepts it, so that "accepted" here means what it means in the promises (TRUST section 3).

Tests make a Sink with a rule. As a program it only accepts, and counts until it gets SIGTERM or SIGINT:

    smtp_sink.py --log FILE [--port N]

The file is for the oracle: for each message and recipient a line "OCTETS RECIPIENT", then the octets (read_log reads it)."""
import argparse
import base64
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


class Drop(Exception):
    """Closes the connection at once."""


class Stall(Exception):
    """Says nothing more, but keeps the connection open."""


class Raw(bytes):
    """Octets to send as they are, instead of a reply."""


def message_id_of(message):
    """Of the header; None when there is none."""
    found = MESSAGE_ID.search(message.partition(b"\r\n\r\n")[0])
    return found and found.group(1).decode(errors="replace")


def read_log(path):
    """What a sink has kept: (recipient, Message-ID, octets). A record that a power cut left unfinished was never accepted."""
    with open(path, "rb") as log:
        data = log.read()
    at = 0
    while (end := data.find(b"\n", at)) >= 0:
        size, _, recipient = data[at:end].partition(b" ")
        at = end + 1 + int(size)
        if at > len(data):
            return
        message = data[end + 1:at]
        yield recipient.decode(errors="replace"), message_id_of(message), message


class Journal:
    """A file whose appends are on disk when they return; those of many threads share one fsync."""

    def __init__(self, path):
        self.file = open(path, "ab")
        self.condition = threading.Condition()
        self.waiting, self.written, self.synced = [], 0, 0
        self.busy = self.closed = False

    def append(self, record):
        with self.condition:
            if self.closed:
                raise Drop
            self.waiting.append(record)
            self.written += 1
            mine = self.written
            while self.synced < mine:
                if self.closed:
                    raise Drop
                if self.busy:
                    self.condition.wait()
                else:
                    self.sync()

    def sync(self):
        batch, upto, self.waiting, self.busy = self.waiting, self.written, [], True
        self.condition.release()
        try:
            self.file.write(b"".join(batch))
            self.file.flush()
            os.fsync(self.file.fileno())
        finally:
            self.condition.acquire()
            self.busy = False
            self.synced = upto
            self.condition.notify_all()

    def close(self):
        with self.condition:
            self.closed = True
            self.condition.notify_all()
            self.condition.wait_for(lambda: not self.busy)
            self.file.close()


class Sink:
    """rule(stage, argument, connection) → None for the usual answer, a text (a reply line), Raw, or raises Drop, Stall.

    Stages in order: connect, EHLO or HELO, STARTTLS, AUTH, MAIL, RCPT, DATA, body (354 was said), final (the message is
    here, nothing kept), answer (it is kept, nothing said yet), said (the answer has left), RSET, QUIT, NOOP.

    log: the file of what was accepted (else one that dies with the sink). bodies=False keeps no octets in memory."""

    def __init__(self, rule=None, offer=("PIPELINING", "8BITMIME", "SIZE 1000000", "ENHANCEDSTATUSCODES"), tls=None, smtps=False,
                 users=None, delay=0.0, host="127.0.0.1", port=0, log=None, bodies=True):
        self.rule = rule or (lambda stage, argument, connection: None)
        self.offer, self.tls, self.smtps, self.users, self.delay = offer, tls, smtps, users, delay
        self.messages = []  # (recipient, Message-ID, octets as unstuffed)
        self.connections = []
        self.problems = []
        self.lock = threading.Lock()
        self.temporary = None if log else tempfile.NamedTemporaryFile(prefix="sink")
        self.log = log or self.temporary.name
        self.bodies = bodies
        self.journal = Journal(self.log)
        self.listener = socket.create_server((host, port), backlog=200)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept(), which would take one more otherwise
        self.listener.close()
        for connection in self.connections:
            connection.close()
        self.journal.close()
        if self.temporary:
            self.temporary.close()

    def accept(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            connection = Connection(self, plain, len(self.connections))
            self.connections.append(connection)
            threading.Thread(target=connection.run, daemon=True).start()

    def keep(self, recipient, body):
        self.journal.append(b"%d %s\n" % (len(body), recipient.encode()) + body)
        with self.lock:
            self.messages.append((recipient, message_id_of(body), body if self.bodies else None))

    def commands(self):
        return [command for connection in self.connections for command in connection.commands]


class Connection:
    def __init__(self, sink, plain, number):
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sink, self.socket, self.number = sink, plain, number
        self.input = b""
        self.commands, self.count = [], 0
        self.secure = False
        self.sender, self.recipients = None, []

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def line(self):
        while b"\n" not in self.input:
            self.fill()
        line, _, self.input = self.input.partition(b"\n")
        if not line.endswith(b"\r"):
            self.sink.problems.append(f"a command that ends in a lone LF: {line!r}")
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def fill(self):
        more = self.socket.recv(65536)
        if not more:
            raise Drop
        self.input += more

    def body(self):
        """Up to CRLF.CRLF and not an octet further; dots undone."""
        while not self.input.startswith(b".\r\n") and b"\r\n.\r\n" not in self.input:
            self.fill()
        if self.input.startswith(b".\r\n"):
            body, self.input = b"", self.input[3:]
        else:
            body, _, self.input = self.input.partition(b"\r\n.\r\n")
            body += b"\r\n"
        if body.replace(b"\r\n", b"").translate(None, b"\r\n\0") != body.replace(b"\r\n", b"") or \
                max(map(len, body.split(b"\r\n"))) > 998 or not body.isascii() and "SMTPUTF8" not in (self.sender or ""):
            self.sink.problems.append(f"a message with a bad line: {body[:2000]!r}")
        return (b"\n" + body).replace(b"\n.", b"\n")[1:]

    def say(self, stage, argument, usual):
        if self.sink.delay:
            time.sleep(self.sink.delay)
        said = self.sink.rule(stage, argument, self)
        said = usual if said is None else said
        if said is not None:
            self.socket.sendall(said if isinstance(said, bytes) else said.encode() + b"\r\n")
        return isinstance(said, str) and not isinstance(said, Raw) and said[0] in "23"

    def run(self):
        try:
            if self.sink.smtps:
                self.start_tls()
            self.say("connect", "", "220 sink ESMTP")
            while self.obey(self.line()):
                pass
        except Stall:
            return
        except (Drop, OSError):
            pass
        self.close()

    def start_tls(self):
        self.socket = self.sink.tls.wrap_socket(self.socket, server_side=True)
        self.secure = True

    def obey(self, line):
        self.commands.append(line)
        word, _, argument = line.partition(" ")
        handler = getattr(self, "do_" + word.lower(), None)
        if not handler:
            self.sink.problems.append(f"a command nobody knows: {line!r}")
            self.say("unknown", argument, "500 5.5.2 what?")
            return True
        return handler(argument) is not False

    def do_ehlo(self, argument):
        lines = ["sink greets " + argument, *self.sink.offer]
        if self.sink.tls and not self.secure:
            lines.append("STARTTLS")
        if self.sink.users:
            lines.append("AUTH " + " ".join(m for m in ("PLAIN", "LOGIN") if m in self.sink.users.get("mechanisms", "PLAIN LOGIN")))
        usual = "\r\n".join("250" + ("-" if i + 1 < len(lines) else " ") + text for i, text in enumerate(lines))
        self.say("EHLO", argument, usual)

    def do_helo(self, argument):
        self.say("HELO", argument, "250 sink")

    def do_starttls(self, argument):
        if self.say("STARTTLS", argument, "220 2.0.0 go on"):
            self.start_tls()
            self.input = b""

    def do_auth(self, argument):
        mechanism, _, first = argument.partition(" ")
        if mechanism == "PLAIN":
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            self.socket.sendall(b"334 VXNlcm5hbWU6\r\n")
            user = base64.b64decode(self.line()).decode()
            self.socket.sendall(b"334 UGFzc3dvcmQ6\r\n")
            password = base64.b64decode(self.line()).decode()
        good = self.sink.users["user"] == user and self.sink.users["password"] == password
        self.say("AUTH", mechanism, "235 2.7.0 ok" if good else "535 5.7.8 bad credentials")

    def do_mail(self, argument):
        if self.sender is not None:
            self.sink.problems.append("MAIL within a transaction")
            self.say("MAIL", argument, "503 5.5.1 nested MAIL")
            return
        if self.say("MAIL", argument, "250 2.1.0 Ok"):
            self.sender = argument

    def do_rcpt(self, argument):
        if self.sender is None:
            self.say("RCPT", argument, "503 5.5.1 need MAIL")
        elif self.say("RCPT", argument, "250 2.1.5 Ok"):
            self.recipients.append(argument[argument.index("<") + 1:argument.rindex(">")])

    def do_data(self, argument):
        if not self.say("DATA", argument, "354 go on" if self.recipients else "554 5.5.1 no valid recipients"):
            return
        self.sink.rule("body", "", self)
        body = self.body()
        recipients, self.recipients, self.sender = self.recipients, [], None
        if not recipients:
            self.socket.sendall(b"554 5.5.1 no valid recipients\r\n")
            return
        said = self.sink.rule("final", body, self)
        if said is None:
            for recipient in recipients:
                self.sink.keep(recipient, body)
            self.count += 1
            self.say("answer", body, f"250 2.0.0 Ok: queued as Q{self.number}-{self.count}")
            self.sink.rule("said", body, self)
        else:
            self.socket.sendall(said if isinstance(said, bytes) else said.encode() + b"\r\n")

    def do_rset(self, argument):
        self.sender, self.recipients = None, []
        self.say("RSET", argument, "250 2.0.0 Ok")

    def do_noop(self, argument):
        self.say("NOOP", argument, "250 2.0.0 Ok")

    def do_quit(self, argument):
        self.say("QUIT", argument, "221 2.0.0 Bye")
        return False


def certificate(folder, name="localhost"):
    """A self-signed certificate for a name and 127.0.0.1; returns the file (key and certificate)."""
    path = os.path.join(folder, name + ".pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=" + name, "-addext", f"subjectAltName=DNS:{name}" + (",IP:127.0.0.1" if name == "localhost" else ""),
                    "-keyout", path + ".key", "-out", path + ".crt"], check=True, capture_output=True)
    with open(path, "w") as out:
        out.write(open(path + ".key").read() + open(path + ".crt").read())
    return path


def server_tls(pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--log", required=True, help="file of what is accepted; appended to")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; default: any that is free")
    options = parser.parse_args()
    ended = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ended)
    with Sink(port=options.port, log=options.log, bodies=False) as sink:
        print(sink.port, flush=True)
        signal.sigwait(ended)
        print(f"{len(sink.messages)} accepted", flush=True)


if __name__ == "__main__":
    main()
