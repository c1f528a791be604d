#!/usr/bin/env python3
"""What the server's processes cost in private memory, at rest and under load; which libraries each role has mapped.

The ceilings are the promises of the design; a server that keeps them uses a fraction of each, so no machine is too slow or too busy for them.
NURTURE_MEMORY_ROWS says how many rows are imported under load."""
import concurrent.futures
import contextlib
import os
import pathlib
import re
import threading

from nurture import Server, run_tests, until

ROLES = ("web", "engine", "delivery", "jobs")
CONFIG = 'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Nurture <hello@example.com>" }\npostal_address = "1 Road, Town"'
WORKER_MB, SERVER_MB = 12, 60
CONNECTIONS, EVENTS = 50, 10
ROWS = int(os.environ.get("NURTURE_MEMORY_ROWS", "3000"))
# What only the e-mail plugin needs, and what nobody does.
PLUGIN_ONLY, NOBODY = {"libgmime", "libglib", "libgobject", "libgio", "libgpgme", "libcurl", "email"}, {"libpcre2", "libpython"}
LATER = {"libphonenumber", "libprotobuf"}  # by an engine that meets a telephone number without its country code


def private_mb(pid):
    with contextlib.suppress(OSError):
        text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        return sum(int(n) for n in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+)", text, re.M)) / 1024
    return 0  # it ended just now


def is_ours(pid):
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{pid}/exe").split(" ")[0].endswith("/nurture")
    return False


def cost(server):
    """Megabytes of each process of the server, by its title."""
    found = {}
    for pid in server.tree():
        if is_ours(pid):
            title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode(errors="replace").removeprefix("nurture: ")
            found[f"{title.split('/')[-1]} [{pid}]"] = private_mb(pid)
    return found


def told(figures):
    return ", ".join(f"{who.split(' [')[0]} {mb:.1f}" for who, mb in figures.items()) + f"; together {sum(figures.values()):.1f} MB"


def libraries(pid):
    mapped = [line.split()[-1] for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines() if ".so" in line]
    return {re.sub(r"[-.0-9]*\.so.*", "", pathlib.Path(path).name) for path in mapped}


class Highest(threading.Thread):
    """The server's costliest moment, and each process's, as long as the block runs."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.over, self.sum, self.each, self.at = server, threading.Event(), 0, {}, {}

    def run(self):
        while not self.over.wait(0.2):
            now = cost(self.server)
            self.each.update({who: max(mb, self.each.get(who, 0)) for who, mb in now.items()})
            if sum(now.values()) > self.sum:
                self.sum, self.at = sum(now.values()), now

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def download(server, token, email):
    status, answer = server.post("/v1/leads", {"email": email, "country": "US"}, token)
    assert status in (200, 201, 202), answer
    status, answer = server.post("/v1/events", {"email": email, "verb": "asset.download", "subject": "security-guide"}, token)
    assert status == 202, answer


def downloads(server, token, who):
    for i in range(EVENTS):
        download(server, token, f"load{who}-{i}@example.com")


def bring(server):
    (server.folder / "map.lua").write_text("return { email = '{mail}', fields = { first_name = 'first' } }")
    (server.folder / "leads.csv").write_text("mail,first\n" + "".join(f"lead{i}@company{i % 900}.example,Ann\n" for i in range(ROWS)))
    server.run("import", server.folder / "leads.csv", "--map", server.folder / "map.lua")


def look_at_libraries(server):
    for role in ROLES:
        mapped = libraries(server.workers(role)[0])
        assert "libpq" in mapped, (role, mapped)  # it is read at all
        assert not mapped & (NOBODY | LATER), (role, mapped & (NOBODY | LATER))
        if role != "delivery":
            assert not mapped & PLUGIN_ONLY, (role, mapped & PLUGIN_ONLY)
    assert libraries(server.workers("delivery")[0]) >= {"libgmime", "email"}
    assert not libraries(server.process.pid) & (PLUGIN_ONLY | NOBODY)


def test_workers_map_only_what_they_need_and_the_server_stays_small_under_load():
    with Server(playbook="scripts", config=CONFIG) as s:
        token = s.token("write")
        download(s, token, "first@example.com")
        until(lambda: s.mails(), 60, "the first mail")
        look_at_libraries(s)
        rest = cost(s)
        print(f"  at rest: {told(rest)}")
        for who, mb in rest.items():
            assert mb < WORKER_MB or who.startswith("delivery"), (who, mb)
        with Highest(s) as highest, concurrent.futures.ThreadPoolExecutor(CONNECTIONS + 1) as pool:
            work = [pool.submit(bring, s)] + [pool.submit(downloads, s, token, who) for who in range(CONNECTIONS)]
            for one in work:
                one.result()
            until(lambda: s.sql("select count(*) from inbox") == [["0"]], 180, "all turns")
            until(lambda: len(s.mails()) > CONNECTIONS * EVENTS // 2, 180, "the mails")
        print(f"  under load: {told(highest.at)}")
        assert highest.sum < SERVER_MB, (highest.sum, highest.at)
        print(f"  after it: {told(cost(s))}")


if __name__ == "__main__":
    run_tests(globals())
