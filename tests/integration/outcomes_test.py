#!/usr/bin/python3
"""Every outcome of the plugin contract, through the built server: what stands in the touch and its attempts, what the lead's turn made of it,
what its timeline says. The puppet plugin ends each touch as its address says (tests/plugin/puppet.c)."""
import os
import signal

from nurture import BUILD, Server, run_tests, until

PLAYBOOK = {
    "playbook.lua": 'playbook "outcomes" { title = "Outcomes", time_zone = "UTC", language = "en", postal_address = "1 Road, Town" }\n'
                    'consent "email" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n',
    "assets.lua": 'asset "guide" { title = "Guide", kind = "white-paper", topic = "x", url = "https://example.com/guide" }\n',
    "campaigns/c.lua": 'campaign "c" { title = "C", enter = on "asset.download",\n'
                       '  step "one" { day(1), email "hello" { hours = "any" } },\n'
                       '  step "two" { wait "5000 days", email "hello" { hours = "any" } },\n}\n',
    "templates/email/hello.md": "---\nsubject: Hello\n---\nHello.\n",
}

# how it ends → state of the touch, outcomes of its attempts, what the walk notes at its step, the step where the lead stands then, event
ENDS = {
    "sent": ("sent", ["sent"], "over", "two", "email.send"),
    "bounced": ("rejected", ["rejected"], "over", "two", "email.bounce"),
    "rejected": ("rejected", ["rejected"], "rejected", "two", "email.bounce"),
    "deferred": ("sent", ["deferred", "sent"], "over", "two", "email.send"),
    "cancelled": ("sent", ["deferred", "sent"], "over", "two", "email.send"),
    "down": ("sent", ["sent"], "over", "two", "email.send"),
    "unknown": ("in_doubt", ["in_doubt"], "over", "two", None),
    "found": ("sent", ["sent"], "over", "two", "email.send"),
    "queued": ("queued", ["queued"], None, "one", None),
    "queued-sent": ("sent", ["sent"], "over", "two", "email.send"),
    "queued-rejected": ("rejected", ["rejected"], "rejected", "two", "email.bounce"),
    "queued-deferred": ("sent", ["deferred", "sent"], "over", "two", "email.send"),
    "queued-unknown": ("in_doubt", ["in_doubt"], "over", "two", None),
}


class Outcomes(Server):
    def __init__(self, **more):
        super().__init__(**more)
        self.out, self.queue, self.told = (self.data / name for name in ("out", "queue", "told"))
        for path, text in PLAYBOOK.items():
            file = self.folder / "playbook" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.conf.write_text(self.conf.read_text().replace(f"{BUILD}/plugins", f"{BUILD}/tests/plugins") + f'playbook = "{self.folder}/playbook"\n'
                             f'channel "email" {{ plugin = "puppet", act = "address", out = "{self.out}", queue = "{self.queue}", told = "{self.told}",'
                             ' capacity = 8 }\n')

    def begin(self, names):
        self.run("publish", self.folder / "playbook", "-m", "test", "--yes")
        self.write, self.read = self.token("write"), self.token("read")
        events = [{"email": f"{name}@example.com", "verb": "asset.download", "subject": "guide", "key": name} for name in names]
        status, body = self.request("POST", "/v1/events", events, self.write)[:2]
        assert status == 202, (status, body)

    def state(self, name):
        rows = self.sql("select t.state from touch t join lead l using (shard, lead_id)"
                        f" where l.email = '{name}@example.com' and t.step = 'one'")
        return rows[0][0] if rows else None

    def events(self, name, verb):
        return int(self.sql("select count(*) from event e join lead l using (shard, lead_id)"
                            f" where l.email = '{name}@example.com' and e.verb = '{verb}'")[0][0])

    def step(self, name):
        return self.sql(f"select e.step from enrollment e join lead l using (shard, lead_id) where l.email = '{name}@example.com'")[0][0]


def check_end(server, name, state, attempts, noted, step, verb):
    until(lambda: server.state(name) == state, 90, f"{name}: {state}")
    until(lambda: server.step(name) == step, 60, f"{name}: its lead at step {step}")
    lead = server.sql(f"select lead_id from lead where email = '{name}@example.com'")[0][0]
    rows = server.sql(f"select outcome from attempt a join touch t using (shard, touch_id) where t.lead_id = {lead} and t.step = 'one' order by attempt")
    assert [row[0] for row in rows] == attempts, (name, rows)
    whats = [row[0] for row in server.sql(f"select what from enrollment_log where lead_id = {lead} and step = 'one' and touch_id is not null"
                                          " and what not in ('contact', 'planned', 'email') order by id")]
    assert noted is None or noted in whats, (name, whats)
    told = int(server.sql(f"select count(*) from event where lead_id = {lead} and data ? 'touch' and data ? 'outcome'")[0][0])
    assert told == (0 if noted is None else 1 + (name == "bounced")), (name, told)  # what comes back later calls its walk back
    assert verb is None or server.events(name, verb) == 1, (name, verb)
    assert verb == "email.send" or server.events(name, "email.send") == (name == "bounced"), name
    status, timeline = server.get(f"/v1/leads/{lead}/timeline", server.read)
    shown = [row["what"] for row in timeline["items"] if row["kind"] == "touch"]
    assert status == 200 and any(what.startswith(state) for what in shown), (name, shown)


def check_queue(server):
    """Each new process tells what stands in its queue, from the first on; only the first time it is news."""
    check_end(server, "queued-later", "queued", ["queued"], None, "one", None)
    told = len(server.told.read_text().splitlines())
    for life in range(1, 4):
        for pid in server.workers("delivery"):
            os.kill(pid, signal.SIGKILL)
        until(lambda: len(server.told.read_text().splitlines()) >= told + life, 60, "the answer to the news")
    assert {line.split()[1] for line in server.told.read_text().splitlines()} == {"recorded"}
    check_end(server, "queued-later", "sent", ["sent"], "over", "two", "email.send")


def test_each_outcome_and_all_news_is_recorded_once_told_to_the_turn_and_shown():
    with Outcomes(args=("--time-scale", "60")) as server:  # a minute a second: what is put off comes again soon
        server.begin([*ENDS, "queued-later"])
        for name, expected in ENDS.items():
            check_end(server, name, *expected)
        lines = server.out.read_text().splitlines()
        assert len(lines) == len({line.split()[0] for line in lines}) == sum("sent" in e[1] or n == "bounced" for n, e in ENDS.items()), lines
        check_queue(server)


if __name__ == "__main__":
    run_tests(globals())
