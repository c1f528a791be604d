#!/usr/bin/python3
"""Mails are sent once, whatever dies in between: the oracle of TRUST section 1 over the database and an SMTP server that writes each message to
disk before it accepts it. Seeds are fixed; NURTURE_SEED=n tries another."""
import itertools
import json
import os
import pathlib
import random
import signal
import sys
import threading
import time

from nurture import BUILD, SOURCE, Server, free_port, run_tests, until

sys.path[:0] = [str(SOURCE / "tests/tools"), str(SOURCE / "tests/oracle")]
from oracle import Oracle  # noqa: E402
from smtp_sink import Drop, Sink  # noqa: E402

SEED = int(os.environ.get("NURTURE_SEED", "7"))
TOUCHES = 300
FIRST = 20

PLAYBOOK = {
    "playbook.lua": 'playbook "kill" { title = "Kill", time_zone = "UTC", language = "en", postal_address = "1 Road, Town" }\n'
                    'consent "email" { purpose = "marketing", default = "opt-out", unknown = "opt-out" }\n',
    "assets.lua": 'asset "guide" { title = "Guide", kind = "white-paper", topic = "x", url = "https://example.com/guide" }\n',
    "campaigns/thanks.lua": 'campaign "thanks" { title = "Thanks", enter = on "asset.download",\n'
                            '  step "thanks" { day(1), email "thanks" { hours = "any" } },\n}\n',
    "templates/email/thanks.md": "---\nsubject: Thank you\n---\nHello {{ lead.email }}, thank you.\n",
}


def playbook(folder, files=None):
    for path, text in (files or PLAYBOOK).items():
        file = pathlib.Path(folder) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


class Killed(Server):
    """A server whose playbook is the one above and whose mails go to the sink."""

    def __init__(self, sink, in_doubt="hold", **more):
        super().__init__(config=f'channel "email" {{ plugin = "email", relay = "smtp://127.0.0.1:{sink.port}", tls = "none", connections = 8,'
                                f' from = "Us <us@example.com>", in_doubt = "{in_doubt}" }}', **more)
        playbook(self.folder / "playbook")
        os.chmod(self.folder / "playbook", 0o755)
        self.conf.write_text(self.conf.read_text() + f'playbook = "{self.folder}/playbook"\n')

    def states(self):
        return {state: int(n) for state, n in self.sql("select state, count(*) from touch group by state")}

    def publish(self):
        self.run("publish", self.folder / "playbook", "-m", "test", "--yes")
        self.write = self.token("write")

    def download(self, first, count, domain="example.com"):
        lines = "\n".join('{"email": "lead%d@%s", "verb": "asset.download", "subject": "guide", "key": "k%d"}' % (n, domain, n)
                          for n in range(first, first + count))
        status, body = self.request("POST", "/v1/events", lines, self.write, {"Content-Type": "application/x-ndjson"})[:2]
        assert status == 202, (status, body)


def check_oracle(server, sink, in_doubt):
    """planned = sent + in doubt + …; received ⊆ planned; sent ⊆ received; received − sent ⊆ in doubt; copies within their bounds."""
    states = server.states()
    assert sum(states.values()) == TOUCHES, states
    assert set(states) <= {"sent", "in_doubt"}, states
    assert not sink.problems, sink.problems
    copies, names = {}, {}
    for recipient, message_id, _ in sink.messages:
        copies[recipient] = copies.get(recipient, 0) + 1
        names.setdefault(recipient, set()).add(message_id)
    rows = server.sql("select l.email, t.state, (select count(*) from attempt a where a.shard = t.shard and a.touch_id = t.touch_id"
                      " and a.outcome = 'in_doubt') from touch t join lead l on l.shard = t.shard and l.lead_id = t.lead_id")
    known = {email: (state, int(doubts)) for email, state, doubts in rows}
    assert set(copies) <= set(known), set(copies) - set(known)
    for email, (state, doubts) in known.items():
        got = copies.get(email, 0)
        assert got <= 1 + doubts, f"{email}: {got} copies after {doubts} doubts"
        assert state != "sent" or got >= 1, f"{email} is recorded as sent and was not received"
        assert got == 0 or state in ("sent", "in_doubt"), f"{email} was received and is {state}"
        assert len(names.get(email, ())) <= 1, f"{email} got copies of several names"
    extra = sum(copies.values()) - len(copies)
    assert in_doubt == "resend" or extra == 0, f"{extra} extra copies"
    print(f"      {states}, {len(sink.messages)} received, {extra} extra copies", flush=True)


def kill_while_sending(in_doubt):
    rng = random.Random(SEED)

    def slowly(stage, argument, connection):
        if stage in ("final", "answer"):  # before, and after the message is kept: there a kill leaves a doubt
            time.sleep(rng.random() * 0.15)

    with Sink(slowly) as sink, Killed(sink, in_doubt) as server:
        server.publish()
        server.download(0, TOUCHES)
        for life in range(3):
            for _ in range(3):
                time.sleep(rng.random() * 0.6)
                for pid in server.workers("delivery"):
                    os.kill(pid, signal.SIGKILL)
                until(lambda: server.workers("delivery"), 30, "a new delivery process")
            time.sleep(rng.random() * 0.5)
            if life < 2:
                server.kill_all()
                server.start()
        until(lambda: set(server.states()) <= {"sent", "in_doubt"} and sum(server.states().values()) == TOUCHES, 240,
              "the end of all deliveries")
        check_oracle(server, sink, in_doubt)
        if in_doubt == "hold" and server.states().get("in_doubt"):
            decide(server, sink)


def decide(server, sink):
    """What a person decides about those in doubt holds."""
    ids = [row[0] for row in server.sql("select touch_id from touch where state = 'in_doubt' order by touch_id")]
    before = len(sink.messages)
    figure = f'nurture_channel_touches{{channel="email",state="in_doubt"}} {len(ids)}'
    assert figure in server.get("/metrics")[1], server.get("/metrics")[1]
    assert server.get("/readyz")[1]["channels"][0]["in_doubt"] == len(ids)
    assert f"{len(ids)} touch{'es are' if len(ids) > 1 else ' is'} in doubt" in server.run("status").stdout
    server.run("touch", "resend", ids[0])
    dropped = json.loads(server.run("touch", "drop", "--all", "--channel", "email", "--json").stdout)
    assert [(row["touch_id"], row["was"], row["result"]) for row in dropped] == [(int(n), "in_doubt", "cancelled") for n in ids[1:]], dropped
    assert len(server.sql("select 1 from audit where act in ('touch.resend', 'touch.drop')")) == len(ids)
    until(lambda: set(server.states()) <= {"sent", "cancelled"}, 30, "the end of what was in doubt")
    assert len(sink.messages) == before + 1
    if ids[1:]:
        shown = server.run("touch", "show", ids[1]).stdout
        assert "cancelled: a person gave it up while it was in doubt" in shown, shown
    again = server.run("touch", "resend", *ids[:2], 12345, check=False)
    assert again.returncode == 1 and f"touch {ids[0]} is sent, not in doubt" in again.stderr and "there is no touch 12345" in again.stderr, again.stderr


def test_a_delivery_process_killed_at_any_moment_loses_no_mail_and_doubles_none():
    kill_while_sending("hold")


def test_with_resend_copies_are_at_most_one_for_each_doubt_and_have_one_name():
    kill_while_sending("resend")


def test_the_database_going_away_for_a_while_loses_and_doubles_nothing():
    rng = random.Random(SEED)

    def slowly(stage, argument, connection):
        if stage == "final":
            time.sleep(0.02)

    with Sink(slowly) as sink, Killed(sink) as server:
        server.publish()
        server.download(0, TOUCHES)
        for _ in range(3):
            time.sleep(0.3 + rng.random() * 0.5)
            server.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'nurture_runtime'"
                       if rng.random() < 0.5 else "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                       " and application_name like 'delivery%'")
        until(lambda: server.states() == {"sent": TOUCHES}, 60, "the end of all deliveries")
        check_oracle(server, sink, "hold")


def test_reloading_again_and_again_while_mails_go_out_loses_and_doubles_nothing():
    rng = random.Random(SEED)

    def slowly(stage, argument, connection):
        if stage == "final":
            time.sleep(rng.random() * 0.1)

    with Sink(slowly) as sink, Killed(sink) as server:
        server.publish()
        server.download(0, TOUCHES)
        for _ in range(3):
            time.sleep(0.5 + rng.random())
            server.process.send_signal(signal.SIGHUP)
        until(lambda: server.states() == {"sent": TOUCHES}, 90, "the end of all deliveries")
        check_oracle(server, sink, "hold")
        until(lambda: server.log_text().count("server.ready") >= 2, what="a new generation")


def test_a_server_that_goes_away_costs_no_attempt_and_one_that_comes_back_gets_all():
    up = {"up": False}

    def maybe(stage, argument, connection):
        if not up["up"]:
            raise Drop
    with Sink(maybe) as sink, Killed(sink) as server:
        server.publish()
        server.download(0, 20)
        until(lambda: server.sql("select state from channel_state") == [["down"]], 30, "the channel's state")
        until(lambda: (states := server.states()) and states.get("planned", 0) + states.get("claimed", 0) == 20, what="20 touches that wait")
        assert [row[0] for row in server.sql("select max(attempts) from touch")] in (["0"], ["1"])
        up["up"] = True
        until(lambda: server.states() == {"sent": 20}, 60, "all mails")
        assert len(sink.messages) == 20
        assert server.sql("select state from channel_state") == [["up"]]


def attempts(server):
    return int(server.sql("select coalesce(max(attempts), 0) from touch")[0][0])


def check_stopped(server, sink, may_end):
    """In the middle of a batch, by a command; its process dies, and the next one sends nothing either; and nothing is spent or goes twice. Behind the
    first mails the relay answers nobody until the stop has arrived, however long that takes: only what had permission by then goes out."""
    server.download(0, TOUCHES)
    until(lambda: len(sink.messages) >= FIRST, 60, "the first mails")
    assert "is stopped" in server.run("channel", "stop", "email").stdout
    assert "Nothing changed" in server.run("channel", "stop", "email").stdout
    until(lambda: server.sql("select state from channel_state") == [["stopped"]], 60, "the channel's word")
    may_end.set()
    until(lambda: set(server.states()) <= {"planned", "sent"}, 60, "all that was in hand back, or gone")
    states, received = server.states(), len(sink.messages)
    assert received == states["sent"] <= FIRST + 8 * 3 and attempts(server) == 1, (states, received)  # 8 connections, and what they have begun behind it
    began = len(server.log_text())
    for pid in server.workers("delivery"):
        os.kill(pid, signal.SIGKILL)
    until(lambda: "channel.lease.taken" in server.log_text()[began:], 60, "the channel in the hands of a new process")
    status = server.run("status").stdout
    assert "nurture channel resume email" in status and "was stopped by" in status, status
    ready = server.get("/readyz")
    assert ready[0] == 200 and any("stopped by" in note for note in ready[1]["notes"]), ready
    assert (server.states(), len(sink.messages)) == (states, received)
    assert server.post("/v1/channels/emial/resume", None, server.write)[0] == 404
    assert server.post("/v1/channels/email/resume", None, server.token("read"))[0] == 403
    assert server.post("/v1/channels/email/resume", None, server.write) == (200, {"channel": "email", "act": "resume", "changed": True})
    until(lambda: server.states() == {"sent": TOUCHES}, 90, "all mails")
    assert len(sink.messages) == TOUCHES == len({recipient for recipient, _, _ in sink.messages}) and attempts(server) == 1


def check_broken_sender(server, sink, broken):
    """A large provider does not accept the sender: the channel is held, nothing is spent, nobody is marked, until a person has looked."""
    broken["on"] = True
    server.download(TOUCHES, 20, "gmail.com")
    until(lambda: server.sql("select held_at is not null from channel_state") == [["t"]], 60, "the hold")
    until(lambda: server.states() == {"sent": TOUCHES, "planned": 20}, 60, "all 20 back")
    assert server.sql("select max(attempts) from touch where state = 'planned'") in ([["0"]], [["1"]])
    assert not server.sql("select 1 from suppression") and not server.sql("select 1 from event where verb = 'email.bounce'")
    status, ready = server.run("status").stdout, server.get("/readyz")
    assert "5.7.26" in status and "nurture channel resume email" in status, status
    assert ready[0] == 200 and any("held" in note and "5.7.26" in note for note in ready[1]["notes"]), ready  # unsubscribing goes on
    assert 'nurture_channel_held{channel="email"} 1' in server.get("/metrics")[1]
    broken["on"] = False
    server.run("channel", "resume", "email")
    until(lambda: server.states() == {"sent": TOUCHES + 20}, 90, "all mails")
    assert len(sink.messages) == TOUCHES + 20 and server.get("/readyz")[0] == 200


def check_hard(server):
    """Nobody is there: the address is suppressed, and the event says of what kind it was."""
    server.download(2 * TOUCHES, 1, "nobody.example")
    until(lambda: server.sql("select kind, value, channel, reason from suppression") == [["email", f"lead{2 * TOUCHES}@nobody.example", "email", "bounce"]], 60, "the suppression")
    assert server.sql("select data->>'kind' from event where verb = 'email.bounce'") == [["hard"]]


def test_a_channel_is_stopped_in_the_middle_and_held_for_a_broken_sender_and_a_relay_that_is_down_is_named():
    broken, finals, may_end = {"on": False}, itertools.count(), threading.Event()

    def rule(stage, argument, connection):
        if stage == "RCPT" and "@nobody.example" in argument:
            return "550 5.1.1 nobody is there"
        if stage == "final":
            if next(finals) >= FIRST:
                may_end.wait(300)
            return "550 5.7.26 unauthenticated mail is not accepted" if broken["on"] else None
        return None
    other = free_port()  # nobody listens there
    with Sink(rule) as sink, Killed(sink) as server:
        down = f"smtp://127.0.0.1:{other}"
        server.stop()
        server.conf.write_text(server.conf.read_text().replace(f'relay = "smtp://127.0.0.1:{sink.port}"',
                                                               f'relays = {{ "smtp://127.0.0.1:{sink.port}", {{ relay = "{down}", weight = 2 }} }}'))
        server.start()
        server.publish()
        check_stopped(server, sink, may_end)
        until(lambda: f"relay {down} is down" in server.run("status").stdout, 60, "the relay that is down")
        assert f'nurture_email_relay_up{{channel="email",relay="{down}"}} 0' in server.get("/metrics")[1]
        assert any(down in note for note in server.get("/readyz")[1]["notes"])
        check_broken_sender(server, sink, broken)
        check_hard(server)
        server.sql("insert into channel_state (channel, kind, plugin, state, at) values ('old', 'email', 'email', 'up', now())")
        listed = {row["channel"]: (row["state"], row["configured"]) for row in json.loads(server.run("channel", "list", "--json").stdout)}
        assert listed == {"email": ("up", True), "old": ("not configured", False)}, listed


def test_who_withdraws_while_mails_go_out_gets_none_later_than_that():
    with Sink(lambda stage, argument, connection: time.sleep(0.01) if stage == "final" else None) as sink, Killed(sink) as server:
        oracle = Oracle(server.psql, serving=True)  # in the order of commits: the times in the rows say when something was asked, not when it held
        oracle.watch()
        server.sql("alter system set track_commit_timestamp = on")
        server.stop()
        server.start()
        server.publish()
        server.download(0, TOUCHES)
        until(lambda: len(sink.messages) > 20, 30, "the first mails")
        for n in range(0, TOUCHES, 3):
            lead = server.sql(f"select lead_id from identity where value = 'lead{n}@example.com'")
            if lead:
                status, body = server.post(f"/v1/leads/{lead[0][0]}/consent", {"channel": "email", "purpose": "marketing", "state": "withdrawn"}, server.write)
                assert status in (200, 201, 202, 204), (status, body)
        oracle.settle()
        assert set(server.states()) <= {"sent", "cancelled", "held"}, server.states()
        lines = {line.promise: line for line in oracle.judge()}
        late = lines["no permission commits after a withdrawal's or suppression's commit"]
        assert not late.problems, late
        assert len(sink.messages) == server.states()["sent"]


def test_a_mail_that_kills_its_plugin_is_held_and_all_others_go_out():
    """The puppet plugin dies of every touch whose number its file names: here of one lead's."""
    with Sink() as sink, Killed(sink) as server:
        out = server.data / "out"
        text = server.conf.read_text()
        begin, end = text.index("channel "), text.index("}", text.index("channel ")) + 1
        server.stop()
        server.conf.write_text((text[:begin] + f'channel "email" {{ plugin = "puppet", act = "deadly", out = "{out}", capacity = 8, wait_ms = 20 }}'
                                + text[end:]).replace(f"{BUILD}/plugins", f"{BUILD}/tests/plugins"))
        server.start()
        server.publish()
        server.download(0, 30)
        # what had permission when it died with the others in hand may be in doubt: a person decides, and nothing is sent twice
        states = until(lambda: (s := server.states()) and set(s) <= {"sent", "held", "in_doubt"} and sum(s.values()) == 30 and s.get("held") == 1 and s,
                       90, "the end of all")
        assert server.sql("select l.email from touch t join lead l on l.lead_id = t.lead_id where t.state = 'held'") == [["lead7@example.com"]]
        lines = out.read_text().splitlines()
        assert states["sent"] <= len(lines) <= 29 and len(set(lines)) == len(lines), (states, lines)
        assert server.sql("select state from channel_state") == [["up"]]


def test_a_mail_in_the_hands_of_a_sender_that_is_killed_from_outside_is_not_to_blame():
    with Sink() as sink, Killed(sink) as server:
        text = server.conf.read_text()
        begin, end = text.index("channel "), text.index("}", text.index("channel ")) + 1
        server.stop()
        server.conf.write_text((text[:begin] + 'channel "email" { plugin = "puppet", act = "mute", capacity = 8 }'
                                + text[end:]).replace(f"{BUILD}/plugins", f"{BUILD}/tests/plugins"))
        server.start()
        server.publish()
        server.download(0, 3)
        for _ in range(4):
            until(lambda: server.states() == {"claimed": 3}, 60, "all in hand")
            for pid in server.workers("delivery"):
                os.kill(pid, signal.SIGKILL)
            until(lambda: server.states() != {"claimed": 3} or server.workers("delivery"), 60, "the death")
        until(lambda: server.states() == {"claimed": 3}, 60, "all in hand")
        assert server.sql("select distinct attempts from touch") == [["1"]]
        assert server.sql("select count(*) from attempt") == [["0"]]  # none was spent
        assert server.sql("select state from channel_state") == [["up"]]
        server.kill_all()  # what a mute plugin has in hand would hold up the stop


if __name__ == "__main__":
    run_tests(globals())
