"""Real mail servers of Debian for the tests, on free ports of loopback, each in a folder of its own; they end with the test, also when it is killed.

    with Authority() as ca, Dovecot(ca, {"jane": "secret"}) as box, Postfix(ca, box) as mta:
        …send to jane@example.net by mta.submission, mta.smtps or mta.smtp…
        mails = box.mails("jane", 1)

Here: authorities and certificates; Dovecot, which takes mail by LMTP and shows it by IMAP and POP3 (STARTTLS and TLS). What comes to
jane+anything@example.net is jane's. mail_transport.py has Postfix and OpenSMTPD. All need root, as these servers do; call need() first."""
import base64
import contextlib
import ctypes
import email
import email.policy
import imaplib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

from ports import free_port

DOVECOT = "/usr/sbin/dovecot"
OWNER = pwd.getpwnam("nobody")  # of all mail
PATIENCE = 120  # seconds: a ceiling for a machine with other work


def need(*programs):
    """Ends the test as skipped where it cannot run."""
    missing = [str(p) for p in programs if not os.path.exists(p)]
    if os.geteuid() != 0 or missing:
        print(f"needs root and {missing or 'nothing else'}: skipped")
        sys.exit(77)


def dies_with_us():
    """In the child: a test that is killed takes its servers along."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Authority:
    """Two authorities that know nothing of each other, and a certificate of each for localhost and 127.0.0.1."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="authority"))
        self.folder.chmod(0o755)
        self.ca, self.pem = self.make("ours", "localhost")
        self.other_ca, _ = self.make("other", "localhost")

    def make(self, authority, host):
        root, leaf = self.folder / f"{authority}-ca", self.folder / f"{authority}-{host}"
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        run = lambda *args: subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)
        run("req", "-x509", *key, "-days", 2, "-subj", f"/CN=Authority {authority}", "-keyout", f"{root}.key", "-out", f"{root}.crt")
        run("req", *key, "-subj", f"/CN={host}", "-keyout", f"{leaf}.key", "-out", f"{leaf}.csr")
        pathlib.Path(f"{leaf}.ext").write_text(f"subjectAltName=DNS:{host},IP:127.0.0.1\n")
        run("x509", "-req", "-in", f"{leaf}.csr", "-CA", f"{root}.crt", "-CAkey", f"{root}.key", "-CAcreateserial", "-days", 2, "-extfile", f"{leaf}.ext",
            "-out", f"{leaf}.crt")
        pem = pathlib.Path(f"{leaf}.pem")
        pem.write_text(pathlib.Path(f"{leaf}.key").read_text() + pathlib.Path(f"{leaf}.crt").read_text())
        return f"{root}.crt", str(pem)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)


class Daemon:
    """One server in the foreground: its folder, its log, its ports."""

    name, ports = "server", ()

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=self.name))
        self.folder.chmod(0o755)
        self.log = self.folder / "log"
        self.process = None
        for port in self.ports:
            setattr(self, port, free_port())

    def command(self):
        raise NotImplementedError

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, preexec_fn=dies_with_us)
        end = time.monotonic() + PATIENCE
        for port in self.ports:
            while True:
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", getattr(self, port)), 1).close()
                    break
                if self.process.poll() is not None or time.monotonic() > end:
                    raise AssertionError(f"{self.name} did not start:\n{self.log_text()[-4000:]}")
                time.sleep(0.02)
        return self

    def stop(self):
        if self.process:
            with contextlib.suppress(ProcessLookupError):  # its session is its own, and nothing is to be kept
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise

    def __exit__(self, kind, *_):
        self.stop()
        if kind and not issubclass(kind, SystemExit):
            print(f"--- log of {self.name} ---\n{self.log_text()[-4000:]}", file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)


DOVECOT_CONF = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{pem}
ssl_key = <{pem}
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_username_format = %Ln
auth_username_chars =
auth_failure_delay = 0
recipient_delimiter = +
mail_location = maildir:~/Maildir
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN.B64 {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {folder}/sasl {{
    mode = 0666
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""


class Dovecot(Daemon):
    """Mailboxes of example.net: {user: password}. `imap`, `imaps`, `pop3`, `pop3s` and `lmtp` are ports."""

    name, ports = "dovecot", ("imap", "imaps", "pop3", "pop3s", "lmtp")

    def __init__(self, authority, users):
        super().__init__()
        self.authority, self.users = authority, users
        lines = [f"{user}:{base64.b64encode(password.encode()).decode()}:{OWNER.pw_uid}:{OWNER.pw_gid}::{self.home(user)}::\n" for user, password in users.items()]
        (self.folder / "users").write_text("".join(lines))
        (self.folder / "users").chmod(0o644)
        for user in users:
            self.home(user).mkdir(parents=True)
            os.chown(self.home(user), OWNER.pw_uid, OWNER.pw_gid)
        ports = {port: getattr(self, port) for port in self.ports}
        (self.folder / "conf").write_text(DOVECOT_CONF.format(folder=self.folder, pem=authority.pem, **ports))

    def home(self, user):
        return self.folder / "mail" / user

    def command(self):
        return [DOVECOT, "-F", "-c", self.folder / "conf"]

    @contextlib.contextmanager
    def reader(self, user):
        """Python's own IMAP client, its certificate verified."""
        client = imaplib.IMAP4_SSL("localhost", self.imaps, ssl_context=ssl.create_default_context(cafile=self.authority.ca), timeout=PATIENCE)
        client.login(user, self.users[user])
        try:
            yield client
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                client.logout()

    def raw_mails(self, user, count, folder="INBOX"):
        """The octets of all mails of a folder, as soon as there are so many; what there is after two minutes otherwise."""
        with self.reader(user) as client:
            end = time.monotonic() + PATIENCE
            while True:
                status, found = client.select(folder, readonly=True)
                there = int(found[0]) if status == "OK" else 0
                if there >= count or time.monotonic() > end:
                    break
                time.sleep(0.05)
            if not there:
                return []
            _, parts = client.fetch("1:*", "(BODY.PEEK[])")
            return [part[1] for part in parts if isinstance(part, tuple)]

    def mails(self, user, count, folder="INBOX"):
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw_mails(user, count, folder)]

    def put(self, user, message, folder="INBOX"):
        """A message of somebody's, octets or an email.message, as if it had arrived."""
        with self.reader(user) as client:
            status, answer = client.append(folder, None, None, bytes(message))
            assert status == "OK", answer
