#!/usr/bin/python3
"""Plugins that crash, hang, leak, lie and stay mute, on a real server with a second channel that must not notice. Each is put in by a reload, and a
reload with a good one heals."""
import json
import os
import re
import shutil
import signal

from nurture import BUILD, Server, run_tests, until

server = None

PLAYBOOK = {
    "playbook.lua": 'playbook "bad" { title = "Bad plugins", time_zone = "UTC", language = "en", postal_address = "1 Road, Town" }\n'
                    'consent "email" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n'
                    'consent "letter" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n',
    "assets.lua": 'asset "guide" { title = "Guide", kind = "white-paper", topic = "x", url = "https://example.com/guide" }\n'
                  'asset "paper" { title = "Paper", kind = "brochure", topic = "x", url = "https://example.com/paper" }\n',
    "campaigns/mails.lua": 'campaign "mails" { title = "Mails", enter = on "asset.download" { subject = "guide" },\n'
                           '  step "mail" { day(1), email "hello" { hours = "any" } },\n}\n',
    "campaigns/letters.lua": 'campaign "letters" { title = "Letters", enter = on "asset.download" { subject = "paper" },\n'
                             '  step "letter" { day(1), letter "hello" { hours = "any" } },\n}\n',
    "templates/email/hello.md": "---\nsubject: Hello\n---\nHello.\n",
    "templates/letter/hello.md": "---\nsubject: Hello\n---\nHello.\n",
}


class Bad(Server):
    """Two channels: email is the puppet that misbehaves, letters one that does not."""

    def __init__(self):
        super().__init__()
        self.plugins = self.folder / "plugins"
        self.plugins.mkdir()
        for name in ("puppet", "puppet-letter", "old-abi"):
            shutil.copy(BUILD / f"tests/plugins/{name}.so", self.plugins)
        for path, text in PLAYBOOK.items():
            file = self.folder / "playbook" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.base = self.conf.read_text().replace(f"{BUILD}/plugins", str(self.plugins)) + f'playbook = "{self.folder}/playbook"\nwatchdog = 4\n'
        self.people, self.letters = 0, 0
        self.configure(act="send")

    def configure(self, plugin="puppet", **email):
        settings = "".join(f", {key} = {json.dumps(value)}" for key, value in email.items())
        self.conf.write_text(f'{self.base}channel "email" {{ plugin = "{plugin}", out = "{self.data}/mails"{settings} }}\n'
                             f'channel "letters" {{ plugin = "puppet-letter", act = "send", out = "{self.data}/letters" }}\n')

    def reload(self, **email):
        """A new generation with this puppet."""
        began = len(self.log_text())
        self.configure(**email)
        self.process.send_signal(signal.SIGHUP)
        until(lambda: "server.ready" in self.log_text()[began:], 60, "the new generation")
        return began

    def refused(self, why, **email):
        """A reload that must be refused: the old generation goes on."""
        began = len(self.log_text())
        workers = set(self.workers("delivery"))
        self.configure(**email)
        self.process.send_signal(signal.SIGHUP)
        until(lambda: "reload.failed" in self.log_text()[began:] or "reload.refused" in self.log_text()[began:], 60, "the refusal")
        assert re.search(why, self.log_text()[began:]), self.log_text()[began:]
        assert set(self.workers("delivery")) == workers

    def mail(self, count=1, name="m"):
        """New leads that get a mail each; their addresses."""
        names = [f"{name}-{self.people + n}@example.com" for n in range(count)]
        self.people += count
        self.events([{"email": name, "verb": "asset.download", "subject": "guide", "key": name} for name in names])
        return names

    def events(self, events):
        status, body = self.post("/v1/events", events, self.write)
        assert status == 202, (status, body)

    def states(self, names):
        if not names:
            return {}
        listed = ",".join(f"'{name}'" for name in names)
        return dict(self.sql(f"select l.email, t.state from touch t join lead l on l.lead_id = t.lead_id where l.email in ({listed})"))

    def attempts(self, name):
        """Outcome and reason (as bytes) of each."""
        rows = self.sql("select attempt.outcome, encode(convert_to(coalesce(attempt.reason, ''), 'UTF8'), 'hex') from attempt join touch using (shard, touch_id)"
                        f" join lead using (shard, lead_id) where email = '{name}' order by attempt.attempt")
        return [(outcome, bytes.fromhex(reason)) for outcome, reason in rows]

    def figure(self, name):
        return int(re.search(rf"^{name} (\d+)", self.get("/metrics")[1], re.MULTILINE).group(1))

    def others_go_on(self):
        """Events are taken, and the other channel delivers."""
        self.letters += 1
        name = f"l{self.letters}@example.com"
        status, body = self.post("/v1/leads", {"email": name, "first_name": "L", "address": "1 Road", "city": "Town", "country": "DE"}, self.write)
        assert status in (200, 201, 202), (status, body)
        self.events([{"email": name, "verb": "asset.download", "subject": "paper", "key": name}])
        until(lambda: self.states([name]) == {name: "sent"}, 60, "a letter meanwhile")

    def is_faulted(self, why):
        """In /readyz with the reason, in the figures, in the log."""
        def seen():
            status, body = self.get("/readyz")
            return status == 503 and any("email" in p and "faulted" in p for p in body["problems"]) and body
        body = until(seen, 90, "the fault in /readyz")
        assert re.search(why, json.dumps(body["problems"])), body
        assert "channel.faulted" in self.log_text()

    def heals(self, names):
        """A good puppet, and what waited goes out."""
        self.reload(act="send", capacity=4)
        until(lambda: self.get("/readyz")[0] == 200, 60, "readiness")
        more = self.mail()
        until(lambda: self.states(more) == {more[0]: "sent"}, 60, "a mail after the reload")
        until(lambda: not set(self.states(names).values()) & {"planned", "claimed", "permitted"}, 90, "the end of what waited")


def crashes(act, why, mails=8, **more):
    faults = server.figure("nurture_channel_faults_total")
    server.reload(act=act, **more)
    names = server.mail(mails)
    server.is_faulted(why)
    assert server.figure("nurture_channel_faults_total") == faults + 1
    server.others_go_on()
    server.heals(names)


def test_a_plugin_that_crashes_in_deliver_is_faulted_and_the_others_go_on():
    crashes("crash", "Aborted")


def test_a_plugin_that_hangs_is_killed_by_the_watchdog_and_the_others_go_on():
    began = server.reload(act="hang")
    server.mail()
    until(lambda: re.search(r"worker\.died .*delivery.*no heartbeat.*touch ", server.log_text()[began:]), 60, "the watchdog, and what it was doing")
    server.others_go_on()


def test_a_plugin_that_sends_without_permission_is_stopped_at_once():
    sent = server.sql("select count(*) from touch where state = 'sent' and kind = 'email'")
    server.reload(act="unpermitted")
    names = server.mail(5)
    server.is_faulted("without permission")
    # what it says has gone stands as gone; no other touch reaches it
    until(lambda: server.sql("select count(*) - 1 from touch where state = 'sent' and kind = 'email'") == sent, 60, "the record of that one")
    server.others_go_on()
    server.heals(names)


def test_a_plugin_that_never_answers_loses_its_touches_and_is_faulted():
    server.reload(act="named", patience=1, capacity=8)
    names = server.mail(5, "vanish") + server.mail(1, "mute")
    server.is_faulted("5 touches in a row")
    until(lambda: list(server.states(names[:5]).values()).count("in_doubt") == 5, 60, "the doubts")  # permitted, and never heard of: nobody knows
    until(lambda: server.states(names[5:])[names[5]] in ("planned", "deferred"), 60, "what had no permission comes back")
    server.others_go_on()


def test_what_a_plugin_makes_up_is_counted_and_changes_nothing():
    late = server.figure("nurture_late_completions_total")
    began = server.reload(act="named", patience=1, capacity=8)  # a mute one may come by again
    liar, double, babble = server.mail(1, "liar") + server.mail(1, "double") + server.mail(1, "babble")
    until(lambda: server.states([liar, double, babble]) == {liar: "rejected", double: "rejected", babble: "rejected"}, 60, "the outcomes")
    until(lambda: server.figure("nurture_late_completions_total") == late + 6, 60, "the count")
    assert server.attempts(liar) == [("rejected", b"mine")] and server.attempts(double) == [("rejected", b"first")]
    text = server.attempts(babble)[0][1].decode()  # a megabyte of rubbish
    assert 0 < len(text.encode()) <= 500 and not any(ord(c) < 32 or ord(c) == 127 for c in text), text
    for line in server.log_text()[began:].split("\n"):
        assert len(line) < 20000 and "\x1b" not in line and "\u202e" not in line, line[:200]
    assert "channel.event.refused" in server.log_text()[began:]
    until(lambda: server.get("/readyz")[0] == 200, 60, "readiness: lies that change nothing are no fault")


def test_a_reload_refuses_a_file_that_it_may_not_trust_and_goes_on_with_the_old_one():
    server.refused("not a name", plugin="../puppet")
    server.refused("ABI 99", plugin="old-abi")
    server.refused("No such file", plugin="nobody")
    file = server.plugins / "puppet.so"
    file.chmod(0o666)
    server.refused("everybody may write to this file", act="send")
    file.chmod(0o644)
    server.plugins.chmod(0o777)
    server.refused("everybody may write to its folder", act="send")
    server.plugins.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(file, 4711, 0)
        server.refused("belongs to user 4711", act="send")
        os.chown(file, 0, 0)
    (server.plugins / "half.so").write_bytes(file.read_bytes()[:8192])  # in the middle of what is loaded, however much follows it
    server.refused("cannot load|did not say what it was asked", plugin="half")
    server.others_go_on()


def test_a_template_that_its_channel_refuses_is_not_published():
    file = server.folder / "playbook/templates/email/hello.md"
    good = file.read_text()
    server.configure(act="send")
    for text, said in ((good.replace("Hello\n---", "All FREE\n---"), r"templates/email/hello\.md:2.*\n?.*FREE in it"),
                       (good + "We guarantee it.\n", r"templates/email/hello\.md:4.*\n?.*lawyers"),
                       (good + "crash me\n", r"puppet.*could not look at its templates.*Aborted")):
        file.write_text(text)
        done = server.run("check", server.folder / "playbook", check=False)
        assert done.returncode == 1 and re.search(said, done.stdout + done.stderr, re.DOTALL), done
        done = server.run("publish", server.folder / "playbook", "-m", "bad", "--yes", check=False)
        assert done.returncode == 1, done
    file.write_text(good + "Bye.\n")
    server.run("publish", server.folder / "playbook", "-m", "good", "--yes")


def told_to_forget(path):
    return path.read_text().split("\n")[:-1] if path.exists() else []


def test_a_plugin_forgets_whom_the_server_forgets_also_when_it_could_not_at_first():
    path = server.data / "forgot"
    server.reload(act="send", forgot=str(path))
    server.others_go_on()
    until(lambda: server.sql("select forgets from channel_state where channel = 'email'") == [["t"]], 60, "the word that it wants to hear of it")
    lead = {name: server.lead({"email": f"{name}@forget.example"}, server.write)["lead_id"] for name in ("ann", "anna", "ben", "cy", "di")}
    open_ones = "select count(*) from channel_forget where channel = 'email'"
    server.run("merge", lead["anna"], lead["ann"])
    until(lambda: told_to_forget(path) == [f"{lead['anna']} {lead['ann']}"], 60, "the word of the merge")
    until(lambda: server.sql(open_ones) == [["0"]], 60, "the end of it")
    server.run("unmerge", lead["anna"])
    apart = f"apart {lead['anna']} {lead['ann']}"
    until(lambda: told_to_forget(path)[1:] == [apart], 60, "the word that they are two again")
    until(lambda: server.sql(open_ones) == [["0"]], 60, "the end of that")
    (server.data / "forgot.not").write_text("")
    server.run("erase", lead["ben"], "--yes")
    until(lambda: server.sql("select reason from channel_forget where channel = 'email'") == [["not today"]], 60, "its no")
    told = server.run("status", check=False).stdout
    assert "has still to forget 1 people" in told and "not today" in told, told
    assert server.get("/v1/channels", server.write)[1]["items"][0]["to_forget"] == 1
    (server.data / "forgot.not").unlink()
    server.sql("update channel_forget set again_at = clock_timestamp()")
    until(lambda: server.sql(open_ones) == [["0"]], 60, "its yes")
    before = server.workers("delivery")
    (server.data / "forgot.die").write_text("")
    server.run("erase", lead["cy"], "--yes")
    until(lambda: server.workers("delivery") and server.workers("delivery") != before and len(server.workers("delivery")) == 2, 60, "the next process")
    server.sql("update channel_forget set again_at = clock_timestamp()")
    until(lambda: f"{lead['cy']} 0" in told_to_forget(path), 60, "the word to the next process")
    server.run("erase", lead["di"], "--yes")
    until(lambda: f"{lead['di']} 0" in told_to_forget(path), 60, "another")
    until(lambda: server.sql(open_ones) == [["0"]], 60, "the end of all")
    assert set(told_to_forget(path)) == {f"{lead['anna']} {lead['ann']}", apart, *(f"{lead[n]} 0" for n in ("ben", "cy", "di"))}, told_to_forget(path)


def test_a_start_refuses_them_too():
    server.stop()
    server.configure(act="send")
    file = server.plugins / "puppet.so"
    file.chmod(0o666)
    done = server.run("serve", check=False)
    assert done.returncode == 1 and "everybody may write to this file" in done.stdout + done.stderr, done
    file.chmod(0o644)
    done = server.run("plugin", "check", server.plugins / "old-abi.so", check=False)
    assert done.returncode == 1 and "ABI 99" in done.stdout, done


# A plugin that crashes or does not open stops the reload: generations_test. These add waiting, not promises: with NURTURE_LONG, as in etc/soak.sh.

def long_test_a_plugin_that_eats_memory_ends_at_its_limit_and_is_faulted():
    crashes("hoard", "Aborted|exit", mails=40, memory=256, capacity=16)


def long_test_a_plugin_that_calls_from_the_wrong_thread_is_ended_and_named():
    began = server.reload(act="off-thread")
    names = server.mail()
    until(lambda: "called complete from a thread of its own" in server.log_text()[began:], 60, "the word")
    server.heals(names)


if __name__ == "__main__":
    with Bad() as server:
        server.write = server.token("write")
        long = {name[5:]: test for name, test in globals().items() if name.startswith("long_")} if "NURTURE_LONG" in os.environ else {}
        run_tests({**long, **globals()})
