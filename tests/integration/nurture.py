"""The frame of integration tests: a real server on a free port with a data directory of its own, that dies with the test.

    with Server(playbook="scripts") as s:
        token = s.token("write")
        status, body = s.post("/v1/leads", {"email": "a@example.com"}, token)
"""
import contextlib
import fcntl
import hashlib
import http.client
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from ports import free_port

SOURCE = pathlib.Path(os.environ.get("NURTURE_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("NURTURE_BUILD", SOURCE / "build"))
BINARY = BUILD / "core/nurture"
# What a service gets: no folder of PostgreSQL's programs in it, whatever the shell of the test has.
ENVIRONMENT = {**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
SERVICE_USER = "nobody"  # what workers run as when the test is root


def is_alive(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def until(condition, seconds=120, what="it"):
    """Waits for something to become true; returns it. A ceiling, not a measure of speed: at least two minutes on a machine with other work."""
    seconds = max(seconds, 120)
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.05)


@contextlib.contextmanager
def small_disk(folder, size, owner=None):
    """A file system of that size over a folder. Yields whether there is one: mounting is not allowed everywhere."""
    options = f"size={size},mode=755" + (f",uid={owner.pw_uid},gid={owner.pw_gid}" if owner else "")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            until(lambda: subprocess.run(["umount", folder], capture_output=True).returncode == 0, what="unmounting")


def fill_disk(path):
    """Takes all that is left of a file system; removing the file gives it back."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as ballast:
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while ballast.write(b"x" * size):
                    pass
    return path


def made_database():
    """A data directory as a first start makes it, kept beside the binary: the tests' servers begin with a copy, as initdb and all migrations take longer than
    most tests. One for each program and user, as tests run side by side; what nobody has copied for an hour is of a program that is gone."""
    kept = BUILD / f"tests/first-start-{hashlib.sha256(BINARY.read_bytes()).hexdigest()[:16]}-{os.geteuid()}"
    with open(f"{kept}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (kept / "made").exists():
            (kept / "made").touch()
            return kept / "data"
        for old in BUILD.glob("tests/first-start-*/made"):
            if time.time() - old.stat().st_mtime > 3600:
                shutil.rmtree(old.parent, ignore_errors=True)
        shutil.rmtree(kept, ignore_errors=True)
        maker = Server(template=False)
        try:
            maker.run("db", "migrate")
            kept.mkdir()
            subprocess.run(["cp", "-a", "--sparse=always", maker.data, kept / "data"], check=True)  # a third is a log that is still empty
            (kept / "made").touch()
        finally:
            maker.__exit__(None, None, None)
    return kept / "data"


class Server:
    def __init__(self, playbook=None, config="", args=(), keep=False, template=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nurture-test-"))
        self.data = self.folder / "data"
        self.data.mkdir()
        self.port = free_port()
        self.args = list(args)
        self.process = None
        self.log = self.folder / "log"
        self.environment = dict(ENVIRONMENT)
        self.keep = keep or "NURTURE_KEEP" in os.environ  # for a look at what is left
        if playbook:
            shutil.copytree(SOURCE / playbook if not pathlib.Path(playbook).is_absolute() else playbook, self.folder / "playbook")
            config += f'\nplaybook = "{self.folder}/playbook"'
        if os.geteuid() == 0:
            user = pwd.getpwnam(SERVICE_USER)
            os.chown(self.data, user.pw_uid, user.pw_gid)
            os.chmod(self.folder, 0o755)
            config += f'\nuser = "{SERVICE_USER}"'
        self.template = template and "database =" not in config and "database=" not in config
        self.conf = self.folder / "nurture.conf"
        self.conf.write_text(f'listen = "127.0.0.1:{self.port}"\npublic_url = "http://127.0.0.1:{self.port}"\n'
                             f'data_dir = "{self.data}"\nplugin_dir = "{BUILD}/plugins"\n{config}\n')

    # -- life --
    def start(self, wait=True):
        if self.template and not any(self.data.iterdir()):
            subprocess.run(["cp", "-a", "--reflink=auto", f"{made_database()}/.", self.data], check=True)
        out = open(self.log, "ab")
        self.process = subprocess.Popen([BINARY, "serve", "--config", self.conf, *self.args], stdout=out, stderr=out,
                                        stdin=subprocess.DEVNULL, cwd=self.folder, start_new_session=True, env=self.environment)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=120):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log_text()[-4000:]}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.request("GET", "/readyz")[0] == 200
        try:
            until(ready, seconds, "readiness")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log_text()[-4000:]}") from None

    def stop(self, how=signal.SIGTERM, seconds=120):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(seconds)
        return self.process.returncode if self.process else None

    def kill_all(self):
        """Power cut: every process of the server and its PostgreSQL."""
        pids = self.tree() + [pid for postmaster in self.postgres_left() for pid in self.tree(postmaster)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(120)
        until(lambda: not self.strays(), 60, "the end of what was forked meanwhile")
        # gone for good: to PostgreSQL a zombie that nobody has buried yet is another server
        until(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids), 30, "the end of all processes")

    def strays(self):
        """Ends processes of the private database that were born while others were counted; returns whether there were any."""
        found = False
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(folder / "cwd") == str(self.data / "postgres"):
                    os.kill(int(folder.name), signal.SIGKILL)
                    found = True
        return found

    def tree(self, root=None):
        """Pids of the server (or another root) and all its descendants."""
        children = {}
        for name in filter(str.isdigit, os.listdir("/proc")):  # no glob: it raises where a process ends meanwhile
            with contextlib.suppress(OSError):
                text = pathlib.Path("/proc", name, "stat").read_text()
                children.setdefault(int(text.rsplit(")", 1)[1].split()[1]), []).append(int(text.split()[0]))
        found, queue = [], [root or self.process.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            queue += children.get(pid, [])
        return found

    def workers(self, role):
        """Pids of the workers of a role, by the title they show."""
        found = []
        for pid in self.tree():
            with contextlib.suppress(OSError):
                line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if f"nurture: {role}" in line:
                    found.append(pid)
        return found

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise

    def __exit__(self, kind, error, trace):
        if self.process and self.process.poll() is None:
            try:
                self.stop(seconds=30)
            except subprocess.TimeoutExpired:
                self.kill_all()
        for pid in self.postgres_left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
        if error and not isinstance(error, SystemExit):
            print(f"--- log of the server ({self.log}) ---\n{self.log_text()[-6000:]}", file=sys.stderr)
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def postgres_left(self):
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int((self.data / "postgres/postmaster.pid").read_text().split("\n")[0])
            os.kill(pid, 0)
            return [pid]
        return []

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    # -- its outer edges --
    def command(self, *args):
        return [str(a) for a in (BINARY, *args, "--config", self.conf)]

    def run(self, *args, check=True, stdin=None, timeout=300):
        """A command of the same binary with the same configuration."""
        done = subprocess.run(self.command(*args), capture_output=True, text=True, input=stdin, cwd=self.folder, timeout=timeout, env=self.environment)
        if check and done.returncode:
            raise AssertionError(f"nurture {' '.join(map(str, args))}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def token(self, scope="write"):
        return self.run("token", "create", "--scope", scope, "--name", f"test-{scope}").stdout.strip()

    def request(self, method, path, body=None, token=None, headers=None, timeout=120):
        """Returns (status, body as JSON or text, headers)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body.encode() if isinstance(body, str) else body, headers)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        text = raw.decode(errors="replace")
        is_json = "/json" in (answer.getheader("Content-Type") or "") or "+json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(text) if is_json and text else text, dict(answer.getheaders())

    def get(self, path, token=None, **more):
        return self.request("GET", path, token=token, **more)[:2]

    def lead(self, fields, token):
        """Creates or changes a lead; what it is then. (202 says that its turn took more than a second.)"""
        status, body = self.post("/v1/leads", fields, token)
        if status == 202:
            until(lambda: self.sql("select count(*) from inbox join identity i using (shard, lead_id) where i.kind = 'email' and "
                                   f"i.value = '{fields['email']}'") == [["0"]], what="the lead's turn")
            status, body = self.get(f"/v1/leads/{fields['email']}", token)
        assert status in (200, 201), (status, body)
        return body

    def post(self, path, body=None, token=None, **more):
        return self.request("POST", path, body, token, **more)[:2]

    @property
    def psql(self):
        """The command that speaks to the private database as its owner."""
        return ["psql", "-h", str(self.data / "run"), "-U", "nurture_owner", "-d", "nurture"]

    def sql(self, statement):
        """Rows of the private database as lists of text."""
        done = subprocess.run([*self.psql, "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", statement], capture_output=True, text=True,
                              timeout=300, cwd="/")
        if done.returncode:
            raise AssertionError(f"{statement}\n{done.stderr}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    @contextlib.contextmanager
    def holding(self, statement):
        """A transaction of somebody else's that stays open meanwhile: what it has locked stands still."""
        with subprocess.Popen([*self.psql, "-XAtq", "-v", "ON_ERROR_STOP=1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/") as session:
            try:
                session.stdin.write(f"begin;\n{statement};\nselect 'held';\n")
                session.stdin.flush()
                while (line := session.stdout.readline()) != "held\n":
                    assert line, f"the session ended: {statement}"
                yield
            finally:
                session.stdin.close()  # the end of the session ends its transaction

    def mails(self):
        """Messages in the Maildir outbox, oldest first."""
        import email
        import email.policy
        box = self.data / "outbox/new"
        files = sorted(box.glob("*"), key=lambda p: p.stat().st_mtime_ns) if box.exists() else []
        return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]


def run_tests(namespace):
    """Runs every function test_* of a test file; the name is the promise. Exit status for the file."""
    failed = 0
    wanted = sys.argv[1:]
    for name, function in list(namespace.items()):
        if not name.startswith("test_") or (wanted and name not in wanted):
            continue
        started = time.monotonic()
        try:
            function()
            print(f"ok    {name[5:].replace('_', ' ')} ({time.monotonic() - started:.1f} s)", flush=True)
        except Exception as error:  # noqa: BLE001: each test is judged alone
            failed += 1
            import traceback
            traceback.print_exc()
            print(f"FAIL  {name[5:].replace('_', ' ')}: {error}", flush=True)
    sys.exit(1 if failed else 0)
