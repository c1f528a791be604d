"""Two nodes on one PostgreSQL: two data directories, two configurations, one mail server behind both, and the oracle over all.

    with Pair() as pair:
        pair.enter("burst", 20)             # at the first node, as in faults.Field
        pair.other.workers("engine")        # the second one"""
import re
import sys

import faults
from nurture import Server, until

sys.path.append(str(faults.SOURCE / "tests/tools"))
from postgres import Postgres  # noqa: E402

LEASE_SECONDS = 10


class Pair(faults.Field):
    """A field whose server has a second node beside it."""

    def __init__(self, config="", **more):
        self.postgres = Postgres(max_connections="100").__enter__()
        self.other = None
        try:
            super().__init__(database=self.postgres, **more)
            first = self.server.conf
            first.write_text(first.read_text() + config + "\n")
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

    def wait_shared(self, seconds=60):
        until(lambda: self.shares() == [32, 32], seconds, "an even share")

    def holder(self, role="channel:email", shard=0):
        """The node that holds a lease, and the pid of its worker."""
        def look():
            owner = self.owner_of(role, shard)
            for node in self.nodes:
                found = owner and re.search(rf"process=(\d+) .*owner={owner}", node.log_text())
                if found:
                    return node, int(found.group(1))
        return until(look, 60, f"an owner of {role}/{shard}")
