"""Two nodes on one PostgreSQL: two data directories, two configurations, one mail server behind both, and the oracle over all.

    with Pair() as pair:
        pair.enter("burst", 20)             # at the first node, as in faults.Field
        pair.other.workers("engine")        # the second one"""
import contextlib
import os
import re
import signal
import subprocess
import sys
import time

import faults
from nurture import Server, until

sys.path.append(str(faults.SOURCE / "tests/tools"))
from postgres import Postgres  # noqa: E402

LEASE_SECONDS = 10


class Pair(faults.Field):
    """A field whose server has a second node beside it."""

    def __init__(self, config="", deadlines=faults.DEADLINES, **more):
        self.postgres = Postgres(max_connections="100").__enter__()
        self.other = None
        try:
            super().__init__(database=self.postgres, **more)
            first = self.server.conf
            first.write_text(first.read_text().replace(faults.DEADLINES, deadlines) + config + "\n")
            self.other = Server()
            self.copy_configuration()
        except BaseException:
            self.postgres.__exit__()
            raise
        self.nodes = [self.server, self.other]

    def copy_configuration(self, change=lambda text: text):
        """The second node's configuration is the first one's, but for what is a node's own."""
        text = self.server.conf.read_text()
        text = text.replace(f'listen = "127.0.0.1:{self.server.port}"', f'listen = "127.0.0.1:{self.other.port}"')
        self.other.conf.write_text(change(text.replace(str(self.server.data), str(self.other.data))))

    def __enter__(self):
        super().__enter__()
        try:
            self.other.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *error):
        try:
            if self.other:
                self.other.__exit__(*error)
        finally:
            try:
                super().__exit__(*error)
            finally:
                self.postgres.__exit__()

    # -- leases --
    def shares(self):
        """How many shards each living owner holds, sorted."""
        rows = self.sql("select count(*) from shard_lease where role = 'engine' and owner <> '' and until >= clock_timestamp() group by owner order by 1")
        return [int(line) for line in rows.split()]

    def owner_of(self, role, shard=0):
        return self.sql(f"select owner from shard_lease where role = '{role}' and shard = {shard} and until >= clock_timestamp()")

    def wait_shared(self, owners=2, seconds=90):
        until(lambda: self.shares() == [64 // owners] * owners, seconds, "an even share")

    def owner_by(self, node, pid):
        """The name of a worker in the leases."""
        return until(lambda: re.search(rf"process={pid} .*owner=([0-9a-f]+)", node.log_text()), 60, f"the name of {pid}").group(1)

    def lead_of(self, owner):
        """The address of a lead in a shard of this owner."""
        return until(lambda: self.sql(f"select email from lead where email like 'v%' and (lead_id & 63) in (select shard from shard_lease "
                                      f"where role = 'engine' and owner = '{owner}') order by lead_id limit 1"), 60, f"a lead of {owner}")

    def holder(self, role="channel:email", shard=0):
        """The node that holds a lease, and the pid of its worker."""
        def look():
            owner = self.owner_of(role, shard)
            for node in self.nodes:
                found = owner and re.search(rf"process=(\d+) .*owner={owner}", node.log_text())
                if found:
                    return node, int(found.group(1))
        return until(look, 60, f"an owner of {role}/{shard}")

    def wait_for_lock(self, connection):
        """Until a worker's transaction stands before a lock."""
        until(lambda: self.sql(f"select count(*) from pg_stat_activity where application_name = '{connection}' and wait_event_type = 'Lock'") != "0",
              60, f"{connection} before a lock")

    @contextlib.contextmanager
    def holding(self, statement):
        """Another session stays in a transaction after this: what it has locked stands still."""
        session = subprocess.Popen([*self.psql, "-XAtq", "-v", "ON_ERROR_STOP=1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")
        try:
            session.stdin.write(f"begin; {statement}; select 'held';\n")
            session.stdin.flush()
            assert session.stdout.readline() == "held\n"
            yield
        finally:
            session.communicate("rollback;\n", timeout=60)

    def locked(self, table, mode):
        return self.holding(f"lock table {table} in {mode} mode")


@contextlib.contextmanager
def frozen(pids):
    """What is added to the list stands still until the end."""
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def freeze(pids, pid):
    os.kill(pid, signal.SIGSTOP)
    pids.append(pid)


# -- for the soak --

def kill_worker(pair, random, node):
    pids = node.workers(random.choice(("web", "engine", "delivery", "jobs")))
    if pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pids[0], signal.SIGKILL)


def kill_master(pair, random, node):
    node.process.kill()
    node.process.wait(60)
    time.sleep(random.uniform(0, 3))
    node.start()


def cut_power(pair, random, node):
    node.kill_all()
    time.sleep(random.uniform(0, 12))
    node.start()


def pause_worker(pair, random, node):
    stopped = []
    with frozen(stopped):
        freeze(stopped, until(lambda: node.workers(random.choice(("engine", "delivery"))), 60, "a worker")[0])
        time.sleep(random.uniform(1, 14))


def reload_node(pair, random, node):
    node.process.send_signal(signal.SIGHUP)


def end_backends(pair, random, node):
    pair.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name ~ '^(engine|delivery)' order by random() limit 2")


def fault_two_nodes(field, random):
    """Two nodes of their own: workers, masters, whole nodes and connections of either die at random under load."""
    blows = (kill_worker, kill_worker, kill_master, cut_power, pause_worker, reload_node, end_backends)
    with Pair(seed=random.randrange(1 << 31)) as pair:
        pair.show = False
        pair.slow = (0.01, 0.05)
        with pair.visiting():
            for _ in range(8):
                pair.enter("burst", 8)
                time.sleep(random.uniform(0, 1.5))
                random.choice(blows)(pair, random, pair.server if random.random() < 0.5 else pair.other)
                pair.kills += 1
        pair.slow = (0.0, 0.0)
        for node in pair.nodes:
            node.wait_ready(120)
        pair.wait_shared()
        pair.judge(120)
