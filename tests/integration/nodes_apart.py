"""Two nodes on machines of their own, as far as the network knows: a namespace each, a wire each to the database. As root only.

    with Apart() as pair:
        pair.cut(pair.nodes[0])             # as if its cable was pulled: nobody is told
        pair.mend(pair.nodes[0])"""
import http.client
import json
import os
import pathlib
import pwd
import random as chance
import shutil
import subprocess
import sys
import tempfile
import time

import nurture
from nurture import Server, until

sys.path[:0] = [str(nurture.SOURCE / "tests/oracle"), str(nurture.SOURCE / "tests/tools")]
from oracle import Oracle, received_in_maildir  # noqa: E402
from postgres import Postgres  # noqa: E402


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def can_be_made():
    """Namespaces need root, and a kernel that gives them."""
    name = f"nurture-try-{os.getpid()}"
    try:
        ip("netns", "add", name)
        ip("netns", "del", name)
        return True
    except (OSError, RuntimeError):
        return False


class Wire:
    """A namespace with one end of a wire in it; the other end is here."""

    def __init__(self, number):
        self.name, self.end = f"nurture-{os.getpid()}-{number}", f"nu{os.getpid() % 100000}x{number}"
        self.here, self.there = f"10.231.{number}.1", f"10.231.{number}.2"
        ip("netns", "add", self.name)
        ip("link", "add", self.end, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("addr", "add", f"{self.here}/24", "dev", self.end)
        ip("link", "set", self.end, "up")
        for words in (("addr", "add", f"{self.there}/24", "dev", "eth0"), ("link", "set", "eth0", "up"), ("link", "set", "lo", "up")):
            ip("-n", self.name, *words)

    def close(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)
        subprocess.run(["ip", "link", "del", self.end], capture_output=True)


class Host(Server):
    def __init__(self, wire, **more):
        self.wire = wire
        super().__init__("tests/data/faults", **more)
        self.conf.write_text(self.conf.read_text().replace(f'listen = "127.0.0.1:{self.port}"', f'listen = "{wire.there}:{self.port}"')
                             .replace(f"http://127.0.0.1:{self.port}", "http://nodes.example.com"))

    def start(self, wait=True):
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(["ip", "netns", "exec", self.wire.name, nurture.BINARY, "serve", "--config", self.conf], stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL, cwd=self.folder, start_new_session=True, env=nurture.ENVIRONMENT)
        if wait:
            self.wait_ready()
        return self

    def run(self, *args, **more):
        binary, nurture.BINARY = nurture.BINARY, "ip"
        try:
            return super().run("netns", "exec", self.wire.name, binary, *args, **more)
        finally:
            nurture.BINARY = binary

    def request(self, method, path, body=None, token=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection(self.wire.there, self.port, timeout=timeout)
        headers = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        if body is not None:
            body = json.dumps(body)
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
        return answer.status, json.loads(text) if "json" in (answer.getheader("Content-Type") or "") else text, dict(answer.getheaders())


class Apart:
    def __init__(self):
        self.wires, self.nodes, self.postgres, self.acknowledged, self.number = [], [], None, [], 0
        self.box = pathlib.Path(tempfile.mkdtemp(prefix="nurture-box-"))

    def __enter__(self):
        user = pwd.getpwnam(nurture.SERVICE_USER)
        os.chown(self.box, user.pw_uid, user.pw_gid)
        try:
            self.wires = [Wire(1), Wire(2)]
            self.postgres = Postgres(listen_addresses=",".join(wire.here for wire in self.wires)).__enter__()
            with open(self.postgres.data / "pg_hba.conf", "a", encoding="utf-8") as rules:
                rules.write("host all all 10.231.0.0/16 trust\n")
            self.postgres.sql("select pg_reload_conf()")
            port = self.postgres.sql("show port").strip()
            for wire in self.wires:
                config = f'database = "host={wire.here} port={port} user=nurture dbname=nurture"\n' \
                    f'channel "email" {{ plugin = "email", relay = "maildir:{self.box}", from = "N <n@example.com>" }}\n'
                self.nodes.append(Host(wire, config=config).start())
            Oracle(self.postgres.psql).watch()
            self.token = self.nodes[0].token("write")
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *error):
        for wire in self.wires:
            self.mend(wire)
        for node in self.nodes:
            node.__exit__(*error)
        for wire in self.wires:
            wire.close()
        if self.postgres:
            self.postgres.__exit__()
        shutil.rmtree(self.box, ignore_errors=True)

    @staticmethod
    def cut(wire):
        subprocess.run(["ip", "link", "set", wire.end, "down"], check=False)

    @staticmethod
    def mend(wire):
        subprocess.run(["ip", "link", "set", wire.end, "up"], check=False)

    def load(self, node, leads):
        """Leads that enter a campaign and come by, once each."""
        lines = []
        for _ in range(leads):
            self.number += 1
            lines += [{"verb": "form.submit", "subject": "burst", "email": f"l{self.number}@example.com", "key": f"f{self.number}"},
                      {"verb": "page.view", "subject": f"/{self.number}", "email": f"l{self.number}@example.com", "key": f"v{self.number}"}]
        status, answer, _ = node.request("POST", "/v1/events", lines, self.token)
        assert status == 202, (status, answer)
        self.acknowledged += [("page.view", line["subject"]) for line in lines if line["verb"] == "page.view"]

    def shares(self):
        return sorted(map(int, self.postgres.sql("select count(*) from shard_lease where role = 'engine' and owner <> '' and until >= clock_timestamp()"
                                                 " group by owner").split()))

    def judge(self, kills):
        oracle = Oracle(self.postgres.psql, lambda: received_in_maildir(self.box), self.acknowledged, serving=True, kills=kills, on_the_wire=100)
        oracle.must_hold(settle=120, show=False)
        visits = self.postgres.sql("select sum(points) from score where name = 'visits'").strip()
        assert int(visits) == len(self.acknowledged), (visits, len(self.acknowledged))


def fault_partition(field, random):
    """A node is cut off the database for longer than its leases, without a word to anybody; then the wire is mended."""
    if not can_be_made():
        print(" (skipped: no network namespaces here)", end="")
        return
    with Apart() as pair:
        until(lambda: pair.shares() == [32, 32], 60, "an even share")
        lost = random.randrange(2)
        other = pair.nodes[1 - lost]
        pair.load(pair.nodes[lost], 60)
        time.sleep(random.uniform(0, 0.5))
        pair.cut(pair.wires[lost])
        pair.load(other, 60)
        until(lambda: pair.shares() == [64], 90, "the take-over")
        pair.load(other, 60)
        pair.mend(pair.wires[lost])
        until(lambda: pair.shares() == [32, 32], 120, "an even share again")
        pair.load(pair.nodes[lost], 20)
        pair.judge(kills=1)


if __name__ == "__main__":
    fault_partition(None, chance.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
    print("holds")
