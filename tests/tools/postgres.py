"""A PostgreSQL of a test's own: a unix socket in a folder under /tmp, made in a second, dead with the test.

    with Postgres() as database:
        database.sql("create table …")
        config = f'database = "{database.conninfo}"'"""
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

BIN = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), default=pathlib.Path("-"), key=lambda p: int(p.parts[-3]))
USER = "nobody"  # PostgreSQL does not run as root
SETTINGS = {"listen_addresses": "", "jit": "off", "shared_buffers": "64MB", "max_connections": "100", "track_commit_timestamp": "on"}


class Postgres:
    def __init__(self, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nurture-pg-"))
        self.data, self.log = self.folder / "data", self.folder / "log"
        self.settings = {**SETTINGS, "unix_socket_directories": str(self.folder), **settings}
        self.conninfo = f"host={self.folder} user=nurture dbname=nurture"
        self.psql = ["psql", "-h", str(self.folder), "-U", "nurture", "-d", "nurture"]
        if os.geteuid() == 0:
            user = pwd.getpwnam(USER)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        os.chmod(self.folder, 0o755)

    def program(self, name, *args):
        command = [BIN.parent / name, *map(str, args)]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={USER}", f"--regid={pwd.getpwnam(USER).pw_gid}", "--clear-groups", *command]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stdout}{self.log.read_text() if self.log.exists() else ''}")

    def start(self):
        options = " ".join(f"-c {name}='{value}'" for name, value in self.settings.items())
        self.program("pg_ctl", "start", "-w", "-D", self.data, "-l", self.log, "-o", options)

    def stop(self, mode="immediate"):
        self.program("pg_ctl", "stop", "-w", "-m", mode, "-D", self.data)

    def sql(self, text, database="nurture"):
        done = subprocess.run(["psql", "-h", self.folder, "-U", "nurture", "-d", database, "-XAtq", "-v", "ON_ERROR_STOP=1"], input=text,
                              capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def __enter__(self):
        try:
            self.program("initdb", "-D", self.data, "-U", "nurture", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
            self.start()
            self.sql("create database nurture", "postgres")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError, ValueError):
            postmaster = int((self.data / "postmaster.pid").read_text().split("\n")[0])
            os.kill(postmaster, signal.SIGQUIT)
            with contextlib.suppress(RuntimeError):
                self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
