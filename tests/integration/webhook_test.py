#!/usr/bin/python3
"""A plugin from outside the tree: Nurture is installed to a folder, tests/plugin/webhook is built against what lies there and nothing else, the kit
tries it, and a server sends through it, while its process is killed too. Seeds are fixed; NURTURE_SEED=n tries another."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import hook
import nurture
from hook import Drop, Hook
from nurture import BUILD, SOURCE, Server, run_tests, until

SEED = int(os.environ.get("NURTURE_SEED", "11"))
place = None  # the prefix of the installation

PLAYBOOK = {
    "playbook.lua": 'playbook "hook" { title = "Hook", time_zone = "UTC", language = "en", postal_address = "1 Road, Town" }\n'
                    'consent "email" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n',
    "assets.lua": 'asset "guide" { title = "Guide", kind = "white-paper", topic = "x", url = "https://example.com/guide" }\n',
    "campaigns/thanks.lua": 'campaign "thanks" { title = "Thanks", enter = on "asset.download",\n'
                            '  step "thanks" { day(1), email "thanks" { hours = "any" } },\n}\n',
    "templates/email/thanks.md": "---\nsubject: Thank you\n---\nHello {{ lead.first_name }}, thank you.\n",
}


def run(*command, check=True, **more):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=300, **more)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def install():
    """Nurture, and the plugin built with what was installed."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nurture-webhook-"))
    folder.chmod(0o755)
    run("cmake", "--install", BUILD, "--prefix", folder / "usr")
    pkgconfig = next((folder / "usr").rglob("pkgconfig"))
    shutil.copytree(SOURCE / "tests/plugin/webhook", folder / "webhook")  # the tree is not beside it
    environment = {**os.environ, "PKG_CONFIG_PATH": str(pkgconfig)}
    run("cmake", "-S", folder / "webhook", "-B", folder / "build", env=environment)
    commands = run("cmake", "--build", folder / "build", "--verbose", env=environment).stdout
    assert str(SOURCE) not in commands and str(folder / "usr") in commands.replace("lib/pkgconfig/../../.", ""), commands
    run("cmake", "--install", folder / "build", env=environment)
    return folder


def plugin():
    return next((place / "usr").rglob("webhook.so"))


def settings(port, **more):
    return {"url": f"http://127.0.0.1:{port}/hook", "secret": hook.SECRET, "allow_private": True, **more}


class Hooked(Server):
    """The installed server, its channel "email" being the webhook."""

    def __init__(self, port, in_doubt="hold", **more):
        lua = ", ".join(f"{key} = {json.dumps(value)}" for key, value in settings(port, **more).items())
        super().__init__(config=f'channel "email" {{ plugin = "webhook", in_doubt = "{in_doubt}", {lua} }}')
        for path, text in PLAYBOOK.items():
            file = self.folder / "playbook" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.conf.write_text(self.conf.read_text().replace(f"{BUILD}/plugins", str(plugin().parent)) + f'playbook = "{self.folder}/playbook"\n')

    def start(self, wait=True):
        super().start(wait)
        self.write = self.token("write")
        return self

    def download(self, names, prefix=""):
        events = [{"email": f"{name}@example.com", "verb": "asset.download", "subject": "guide", "key": f"{prefix}{name}"} for name in names]
        status, body = self.post("/v1/events", events, self.write)
        assert status == 202, (status, body)

    def states(self):
        """address → (state, attempts in doubt, reason)."""
        rows = self.sql("select l.email, t.state, (select count(*) from attempt a where a.touch_id = t.touch_id and a.outcome = 'in_doubt'),"
                        " t.touch_id from touch t join lead l on l.lead_id = t.lead_id")
        return {row[0]: (row[1], int(row[2])) for row in rows}

    def state_of(self, name):
        return self.states().get(f"{name}@example.com", (None,))[0]


def test_it_is_built_against_what_is_installed_and_keeps_every_promise():
    with Hook() as server:
        done = run(place / "usr/bin/nurture", "plugin", "check", plugin(), "--settings", json.dumps(settings(server.port, connections=4)), check=False)
        skipped = [line for line in done.stdout.splitlines() if line.startswith("skipped")]
        assert done.returncode == 0 and "FAILED" not in done.stdout, done.stdout + done.stderr
        assert len(skipped) == 1 and "it has no forget" in skipped[0], skipped  # it keeps nothing of people
        rows = json.loads(run(place / "usr/bin/nurture", "plugin", "check", plugin(), "--json", "--only", "does not know").stdout)
        assert [row["verdict"] for row in rows] == ["ok"], rows
    away = run(place / "usr/bin/nurture", "plugin", "check", plugin(), "--settings", "[]", check=False)
    assert away.returncode == 2 and "JSON object" in away.stderr


def receipts_are_taken_once_and_only_signed(server):
    """The plugin's public route: a hook that proves itself, into a table of its own."""
    def post(body, signature):
        return server.request("POST", "/v1/channels/email/receipts", body, None, {"Nurture-Signature": signature} if signature else {})[:2]

    body, now = b'{"id": "r1", "touch_id": 64}', int(time.time())
    good = hook.sign(body, now)
    for signature in (None, "", good[:-1], good[:-1] + ("0" if good[-1] != "0" else "1"), hook.sign(body + b" ", now), hook.sign(body, now - 400), hook.sign(body, now + 400)):
        assert post(body, signature)[0] == 403, signature
    assert server.get("/v1/channels/email/receipts", server.write) == (200, {"receipts": 0})
    assert post(body, good) == (200, {"new": True}) and post(body, good) == (200, {"new": False})  # replayed
    assert post(b"[]", hook.sign(b"[]", now))[0] == 400
    assert server.get("/v1/channels/email/receipts", server.write) == (200, {"receipts": 1})
    assert server.get("/v1/channels/email/receipts")[0] == 401
    assert server.sql("select id, touch_id from webhook.receipt") == [["r1", "64"]]


def test_every_answer_becomes_its_outcome():
    moved, over = [], threading.Event()

    def rule(touch):
        name = touch["address"].split("@")[0]
        if name == "busy" and touch["attempt"] == 1:
            return 503, {"Retry-After": "1"}, "later"
        if name == "dropped":
            raise Drop
        if name == "slow":
            over.wait(300)
        if name == "moved" and not moved:
            moved.append(touch)
            return 302, {"Location": f"http://127.0.0.1:{elsewhere.port}/hook"}, ""
        return {"refused": (422, {}, "no such customer \x1b[31m"), "gateway": (504, {}, "")}.get(name, (201, {}, "made"))

    wanted = {"plain": "sent", "busy": "sent", "refused": "rejected", "dropped": "in_doubt", "slow": "in_doubt", "gateway": "in_doubt", "moved": "sent"}
    with Hook() as elsewhere, Hook(rule) as web, Hooked(web.port, timeout=10) as server:
        server.download(wanted)
        until(lambda: all(server.state_of(name) == state for name, state in wanted.items()), 90, f"{wanted}")
        over.set()
        assert web.addresses().count("busy@example.com") == 2 and web.addresses().count("dropped@example.com") == 1, web.addresses()
        touch = next(touch for touch, _ in web.requests if touch["address"] == "plain@example.com")
        assert touch["campaign"] == "thanks" and touch["fields"]["subject"] == "Thank you" and "Hello" in touch["fields"]["html"], touch
        assert "unsubscribe_url" in touch and not web.problems, web.problems
        assert not elsewhere.requests and 'reason=302' in server.log_text().replace('"', ""), "a redirect"
        assert server.sql("select attempts from touch t join lead l on l.lead_id = t.lead_id where l.email like 'moved%'") == [["1"]]
        receipts_are_taken_once_and_only_signed(server)
        web.close()  # a receiver that is away is no recipient's fault: the touch waits, and no attempt is spent
        server.download(["early"])
        until(lambda: "Connection refused" in server.log_text() or "Couldn't connect" in server.log_text(), 60, "the channel down")
        assert server.state_of("early") in ("planned", "claimed", "permitted")
        until(lambda: server.sql("select state from channel_state") == [["down"]], 60, "the channel's state")


def judge(server, web, kills):
    """planned = sent + in doubt; sent ⊆ received; received − sent ⊆ in doubt; no copy but for a doubt."""
    states, got = server.states(), web.addresses()
    for address, (state, doubts) in states.items():
        assert state in ("sent", "in_doubt"), (address, state)
        assert state != "sent" or address in got, f"{address} is recorded as sent and was not received"
        assert got.count(address) <= 1 + doubts, f"{address}: {got.count(address)} copies after {doubts} doubts"
    assert set(got) <= set(states) and not web.problems, web.problems
    print(f"      {len(states)} touches, {len(got)} received, {kills} kills, "
          f"{sum(state == 'in_doubt' for state, _ in states.values())} in doubt", flush=True)


def test_killed_in_the_middle_of_posting_nothing_is_lost_and_nothing_doubled():
    rng = random.Random(SEED)
    kills = 0

    def slowly(touch):
        time.sleep(rng.uniform(0.02, 0.12))
        return 200, {}, ""

    with Hook(slowly) as web, Hooked(web.port, connections=6) as server:
        server.download([f"lead{n}" for n in range(40)])
        for number in range(4):
            if number == 2:  # a new generation, whose worker has not died yet: nothing waits for a back-off
                server.process.send_signal(signal.SIGHUP)
            before = len(web.requests)
            until(lambda: len(web.requests) > before or len(server.states()) == 40 and not open_touches(server), 60, "touches on their way")
            time.sleep(rng.uniform(0, 0.1))
            for pid in server.workers("delivery"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    kills += 1
        until(lambda: len(server.states()) == 40 and not open_touches(server), 120, "the end of all deliveries")
        assert kills >= 1
        judge(server, web, kills)


def open_touches(server):
    return [name for name, (state, _) in server.states().items() if state not in ("sent", "in_doubt")]


PRIVATE = ("127.0.0.1", "127.1", "0x7f000001", "2130706433", "017700000001", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
           "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
           "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "[fe80::1%25lo]", "[fd00::1]", "[fec0::1]", "[ff02::1]", "[::]", "[2001:db8::1]",
           "[2001::1]")


def test_no_spelling_of_a_private_address_is_connected_to():
    with Hook() as web:
        for host in PRIVATE:
            config = settings(web.port, url=f"http://{host}:{web.port}/hook", allow_private=False, timeout=3)
            done = run(BUILD / "tests/plugin_drive", plugin(), json.dumps(config), "/tmp", "20000",
                       input='{"touch_id": 64, "fields": {"subject": "x", "text": "x", "html": "x"}}\n')
            answer = json.loads(done.stdout.splitlines()[0])
            assert answer["outcome"] == "channel_down" and "private network" in answer["reason"], (host, answer)
        assert not web.requests, web.requests


if __name__ == "__main__":
    place = install()
    nurture.BINARY = place / "usr/bin/nurture"
    try:
        run_tests(globals())
    finally:
        shutil.rmtree(place, ignore_errors=True)
