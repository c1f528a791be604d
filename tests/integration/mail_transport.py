"""Postfix and OpenSMTPD for the tests, as mail_rig.py's servers are.

Postfix takes mail for example.net from anybody at `smtp`, and with a password of Dovecot's at `submission` (STARTTLS; PLAIN and LOGIN) and `smtps` (LOGIN
alone); what is for utf8.example.net it puts into the Maildir itself, for Dovecot's LMTP has no SMTPUTF8. OpenSMTPD takes mail from anybody at `smtp`; at
`submission` it asks for STARTTLS, which Debian 12's cannot do: it was made for an OpenSSL before 3, and every handshake fails."""
import os
import pathlib
import pwd
import re
import shutil
import subprocess

from mail_rig import OWNER, Daemon

MASTER = "/usr/lib/postfix/sbin/master"
OPENSMTPD = pathlib.Path("/opt/nurture-tests/opensmtpd")  # unpacked there, as it and Postfix exclude each other (etc/packages.sh)

QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "private", "public", "saved", "trace")
POSTFIX_SERVICES = """127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt {sasl}
127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_mechanism_filter=login {sasl}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
"""
POSTFIX_SASL = """-o smtpd_sasl_auth_enable=yes
  -o smtpd_sasl_type=dovecot -o smtpd_sasl_path={sasl} -o smtpd_tls_auth_only=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject -o smtpd_relay_restrictions=permit_sasl_authenticated,reject"""
POSTFIX_MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
syslog_name = postfix-of-a-test
myhostname = mx.example.net
mydestination =
alias_maps =
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtputf8_enable = yes
recipient_delimiter = +
virtual_mailbox_domains = example.net, utf8.example.net
virtual_mailbox_base = {mail}
virtual_mailbox_maps = regexp:{folder}/etc/boxes
virtual_transport = {transport}
transport_maps = regexp:{folder}/etc/transport
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtpd_tls_cert_file = {pem}
smtpd_tls_key_file = {pem}
smtpd_recipient_restrictions = reject_unauth_destination, reject_unlisted_recipient
message_size_limit = {size}
smtpd_error_sleep_time = 0
"""


class Postfix(Daemon):
    """A whole Postfix for example.net. `boxes` maps recipients (regular expressions) to users of the Dovecot beside it, which gets the mail by LMTP; without
    one they are Maildirs in `self.mail`."""

    name, ports = "postfix", ("smtp", "submission", "smtps")

    def __init__(self, authority, dovecot=None, boxes=None, size=10240000):
        super().__init__()
        self.mail = dovecot.folder / "mail" if dovecot else self.folder / "mail"
        user = pwd.getpwnam("postfix")
        for name in ("etc", "queue", "queue/pid"):
            (self.folder / name).mkdir()
        for name in ("data", *(f"queue/{name}" for name in QUEUES)):  # `postfix check` would make them in two seconds
            (self.folder / name).mkdir(mode=0o700)
            os.chown(self.folder / name, user.pw_uid, user.pw_gid)
        if not dovecot:
            self.mail.mkdir()
            os.chown(self.mail, OWNER.pw_uid, OWNER.pw_gid)
        boxes = boxes or {f"{re.escape(user)}(\\+.*)?": user for user in dovecot.users}
        tail = "/Maildir/" if dovecot else "/"
        local = [f"/^{pattern}@/ {user}{tail}\n" for pattern, user in boxes.items()]
        (self.folder / "etc/boxes").write_text("".join(local))
        (self.folder / "etc/transport").write_text("/@utf8\\.example\\.net$/ virtual:\n")
        values = {"folder": self.folder, "pem": authority.pem, "mail": self.mail, "uid": OWNER.pw_uid, "gid": OWNER.pw_gid, "size": size,
                  "transport": f"lmtp:inet:127.0.0.1:{dovecot.lmtp}" if dovecot else "virtual"}
        (self.folder / "etc/main.cf").write_text(POSTFIX_MAIN.format(**values))
        sasl = POSTFIX_SASL.format(sasl=dovecot.folder / "sasl") if dovecot else ""
        ports = {port: getattr(self, port) for port in self.ports}
        (self.folder / "etc/master.cf").write_text(POSTFIX_SERVICES.format(sasl=sasl, **ports))
        for file in (self.folder / "etc").iterdir():  # Postfix takes a file that is younger than two seconds for one that is being written, and waits
            os.utime(file, (0, 0))

    def command(self):
        return [MASTER, "-c", self.folder / "etc", "-d"]


OPENSMTPD_CONF = """pki localhost cert "/etc/cert.pem"
pki localhost key "/etc/key.pem"
listen on 127.0.0.1 port {smtp} hostname localhost
listen on 127.0.0.1 port {submission} tls-require pki localhost hostname localhost
action "box" relay host "lmtp://127.0.0.1:{lmtp}"
match from any for any action "box"
"""
OPENSMTPD_USERS = "root:x:0:0::/root:/bin/false\nopensmtpd:x:900:900::/var/lib/opensmtpd/empty:/bin/false\nopensmtpq:x:901:901::/var/lib/opensmtpd/empty:/bin/false\n"


class Opensmtpd(Daemon):
    """OpenSMTPD that gives all its mail to a Dovecot by LMTP. Its paths are fixed: it lives in a root directory of its own, with the
    libraries that it needs."""

    name, ports = "opensmtpd", ("smtp", "submission")

    def __init__(self, authority, dovecot):
        super().__init__()
        self.root = self.folder / "root"
        subprocess.run(["cp", "-a", OPENSMTPD, self.root], check=True)
        for folder, mode in (("etc", 0o755), ("dev", 0o755), ("tmp", 0o1777), ("var/spool/smtpd", 0o711), ("var/run", 0o755), ("var/lib/opensmtpd/empty", 0o755)):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
            (self.root / folder).chmod(mode)
        for device, minor in (("null", 3), ("urandom", 9)):
            os.mknod(self.root / "dev" / device, 0o20666, os.makedev(1, minor))
            (self.root / "dev" / device).chmod(0o666)
        self.libraries()
        etc = self.root / "etc"
        (etc / "passwd").write_text(OPENSMTPD_USERS)
        (etc / "group").write_text("root:x:0:\nopensmtpd:x:900:\nopensmtpq:x:901:\n")
        (etc / "hosts").write_text("127.0.0.1 localhost\n")
        (etc / "mailname").write_text("mx.example.net\n")
        pem = pathlib.Path(authority.pem).read_text()
        key, certificate = re.match(r"(.*?-----END [A-Z ]*KEY-----\n)(.*)", pem, re.S).groups()
        (etc / "cert.pem").write_text(certificate)
        (etc / "key.pem").write_text(key)
        (etc / "key.pem").chmod(0o600)
        (etc / "smtpd.conf").write_text(OPENSMTPD_CONF.format(smtp=self.smtp, submission=self.submission, lmtp=dovecot.lmtp))
        os.chmod(etc / "smtpd.conf", 0o600)

    def libraries(self):
        for program in ("smtpd", "smtpctl"):
            listed = subprocess.run(["ldd", self.root / "usr/sbin" / program], capture_output=True, text=True, check=True).stdout
            for library in re.findall(r"(/\S+) \(0x", listed):
                copy = self.root / library[1:]
                if not copy.exists():
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(library, copy)

    def command(self):
        return ["/usr/sbin/chroot", self.root, "/usr/sbin/smtpd", "-d"]
