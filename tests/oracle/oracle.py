#!/usr/bin/python3
"""The oracle of TRUST section 1: reads only the database and what the outside received, and says line by line whether the
promises hold. It knows nothing of how the server works, and shares no code with it.

    oracle.py --psql "psql -h RUN -U nurture_owner nurture" [--maildir FOLDER] [--sink LOG] [--acknowledged FILE]
              [--nurture "nurture --config FILE"] [--kills N] [--watch]

Exit status 0: all lines hold; 1: one does not; 2: wrong usage. To be asked when the server has come to rest (--settle waits for it)
or is stopped; what is still moving is told as a violation. --acknowledged: JSON lines {"verb", "subject"} of events that were
answered with 202; each such pair must be one event of the test. --serving: the server runs and has come to rest. --watch does not judge: it makes the database keep the moves of
touches from now on (schema `oracle`), so that a later judgement knows them in the order of their commits (needs
track_commit_timestamp = on for that order; the oracle says when it cannot tell).

Tests use it as a module: Oracle(psql, received, …).judge() returns the lines, .must_hold() raises."""
import argparse
import base64
import collections
import dataclasses
import hashlib
import json
import pathlib
import random
import re
import shlex
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import smtp_sink  # noqa: E402

SHOWN = 5
STATES = {  # how a touch is counted
    "sent": "sent", "queued": "sent", "rejected": "failed", "held": "held", "cancelled": "cancelled", "expired": "expired",
    "in_doubt": "in doubt", "planned": "due", "deferred": "due", "claimed": "in hand", "permitted": "in hand",
}
OVER = ("sent", "rejected", "held", "cancelled", "expired")
IN_DOUBT = ("in_doubt", "unknown")  # outcomes of an attempt that may have reached somebody
ROLES = ("researcher", "champion", "influencer", "executive", "user", "purchaser")
ADDS = "*adds*"  # beside the models in what explain() gives: what the lead adds to its account, worked out anew; None or absent: not known
LEASE_SECONDS = 10
MINUTE_AFTER_DEATH = 90  # a lead in whose turn a worker died is left alone for a minute, and then it is looked at

WATCH = """
create schema if not exists oracle;
create table if not exists oracle.moved (n bigserial primary key, xid xid8 not null default pg_current_xact_id(), at timestamptz not null
  default clock_timestamp(), shard smallint, touch_id bigint not null, lead_id bigint not null, was text, becomes text);
create or replace function oracle.note() returns trigger language plpgsql security definer set search_path = oracle, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    insert into oracle.moved (shard, touch_id, lead_id, was) values (old.shard, old.touch_id, old.lead_id, old.state);
  elsif tg_op = 'INSERT' then
    insert into oracle.moved (shard, touch_id, lead_id, becomes) values (new.shard, new.touch_id, new.lead_id, new.state);
  elsif new.state <> old.state then
    insert into oracle.moved (shard, touch_id, lead_id, was, becomes) values (new.shard, new.touch_id, new.lead_id, old.state, new.state);
  end if;
  return null;
end $$;
create or replace trigger oracle_note after insert or update or delete on public.touch for each row execute function oracle.note();
"""

QUERIES = {
    "keys": "select encode(secret, 'hex') as secret from link_key",
    "touches": """select t.touch_id, t.lead_id, t.channel, t.kind, t.state, t.recipient, t.enrollment_id, t.step, t.pass, t.attempts,
        t.permitted_at is not null as permitted, l.email, l.erased_at is not null as erased from touch t left join lead l on l.shard = t.shard and l.lead_id = t.lead_id""",
    "attempts": "select touch_id, attempt, outcome, ended_at is null as open from attempt",
    "untold": """select touch_id, lead_id, state from touch t where state = any('{sent,rejected,held,cancelled,expired,in_doubt}')
        and enrollment_id is not null and exists (select from enrollment e where e.shard = t.shard and e.enrollment_id = t.enrollment_id
          and e.state = 'active' and e.touch_id = t.touch_id)
        and not exists (select from inbox i where i.shard = t.shard and i.lead_id = t.lead_id)
        and not exists (select from turn_failure f where f.shard = t.shard and f.lead_id = t.lead_id)""",
    "walks": """select l.touch_id, l.enrollment_id from enrollment_log l where l.touch_id is not null
        and not exists (select from touch t where t.shard = l.shard and t.touch_id = l.touch_id)""",
    "doubles": """select enrollment_id, step, pass, count(*) from touch where enrollment_id is not null and recipient is null
        group by 1, 2, 3 having count(*) > 1""",
    "event_doubles": "select event_id, count(*) from event group by event_id having count(*) > 1",
    "key_doubles": "select key, count(*) from event_key group by key having count(*) > 1",
    "orphans": """select i.lead_id, i.event_id from inbox i where i.event_id is not null and not exists (
        select from event e where e.event_id = i.event_id and e.received_at = i.received_at)""",
    "inbox": """select i.lead_id, count(*) from inbox i where not exists (
        select from turn_failure f where f.shard = i.shard and f.lead_id = i.lead_id) group by 1""",
    "identities": """select i.kind, i.value, i.lead_id from identity i where not exists (
        select from lead l where l.shard = i.shard and l.lead_id = i.lead_id)""",
    "strays": """select e.enrollment_id, e.lead_id, e.campaign, e.step, e.touch_id, e.due_at, w.wake_at from enrollment e
        left join lead_wake w on w.shard = e.shard and w.lead_id = e.lead_id
        left join touch t on t.shard = e.shard and t.touch_id = e.touch_id
        where e.state = 'active' and not e.holdout
        and not exists (select from inbox i where i.shard = e.shard and i.lead_id = e.lead_id)
        and not exists (select from turn_failure f where f.shard = e.shard and f.lead_id = e.lead_id)
        and (e.step = '' or (e.touch_id is not null and t.touch_id is null)
          or (e.touch_id is null and (e.due_at is null or (e.due_at <> 'infinity' and (w.wake_at is null or w.wake_at > e.due_at)))))""",
    "crowds": """select lead_id, campaign, count(*) from enrollment where state <> 'ended' group by 1, 2 having count(*) > 1""",
    "enrollments": "select state, count(*) as n from enrollment group by 1",
    "leases": f"""select role, shard, owner, extract(epoch from clock_timestamp() - until)::float8 as late from shard_lease
        where owner <> '' and until < clock_timestamp() - interval '{LEASE_SECONDS} s'""",
    "lease_count": "select count(*) as n from shard_lease where owner <> '' and until >= clock_timestamp()",
    "scores": """select lead_id, jsonb_object_agg(name, points) as points from score where not is_grade group by 1""",
    "leads": "select lead_id from lead where merged_into is null and (email is not null or external_id is not null) order by lead_id",
    "members": """select m.lead_id, m.account_id, m.role, m.packed, l.account_id as belongs, l.role as role_name, l.stage,
        l.merged_into is null and l.erased_at is null and not l.anonymous as is_there from account_member m
        left join lead l on l.shard = m.shard and l.lead_id = m.lead_id""",
    "homeless": """select l.lead_id, l.account_id from lead l where l.account_id is not null and l.merged_into is null and l.erased_at is null
        and not l.anonymous and not exists (select from account_member m where m.shard = l.shard and m.lead_id = l.lead_id)
        and not exists (select from turn_failure f where f.shard = l.shard and f.lead_id = l.lead_id and f.parked_at is not null)""",
    "summaries": "select account_id, people, packed from account_summary",
    "account_scores": "select account_id, name, is_grade, points, grade, band from account_score",
    "account_inbox": "select account_id, lead_id, was, now from account_inbox where wake is null",
    "audit": """select id, (extract(epoch from at) * 1000000)::bigint as at, actor, act, object, fields, encode(previous, 'hex') as previous,
        encode(hash, 'hex') as hash from audit order by id""",
    "failing": "select lead_id, place, message, failures, deaths, parked_at is not null as parked from turn_failure",
}

# With --watch: every move in the order of its commit, and permissions against what the ledger said before them.
WATCHED = {
    "moves": "select touch_id, was, becomes, count(*)::int as n from oracle.moved group by 1, 2, 3",
    "ordered": "select current_setting('track_commit_timestamp') = 'on' as known",
}
ORDERED = {
    "withdrawals": "select count(*) as n from consent where state = 'withdrawn'",
    "trespasses": """with permission as materialized (
          select m.touch_id, m.lead_id, t.channel, t.kind, t.purpose, l.email, pg_xact_commit_timestamp(m.xid::xid) as at
          from oracle.moved m join touch t on t.shard = m.shard and t.touch_id = m.touch_id
          join lead l on l.shard = m.shard and l.lead_id = m.lead_id
          where m.becomes = 'permitted' and t.recipient is null)
        select p.touch_id, p.lead_id, p.at, 'withdrawn' as why from permission p
        cross join lateral (select c.state from consent c where c.lead_id = p.lead_id and c.channel in ('*', p.kind, p.channel)
          and c.purpose in ('*', p.purpose) and pg_xact_commit_timestamp(c.xmin) < p.at order by c.id desc limit 1) c
        where c.state = 'withdrawn'
        union all
        select p.touch_id, p.lead_id, p.at, 'suppressed' from permission p join suppression s on s.channel in ('*', p.kind, p.channel)
          and ((s.kind = 'lead' and s.value = p.lead_id::text) or (s.kind = 'email' and s.value = p.email)
            or (s.kind = 'domain' and s.value = split_part(p.email, '@', 2)))
        where pg_xact_commit_timestamp(s.xmin) < p.at""",
}


@dataclasses.dataclass
class Received:
    """One message that reached the outside. recipient may be None where the outside does not know it."""
    recipient: str
    message_id: str


@dataclasses.dataclass
class Line:
    promise: str
    counts: str
    problems: list

    def __str__(self):
        shown = "".join(f"\n        {problem}" for problem in self.problems[:SHOWN])
        more = f"\n        … and {len(self.problems) - SHOWN} more" if len(self.problems) > SHOWN else ""
        return f"{'FAIL' if self.problems else 'ok  '}  {self.promise} ({self.counts}){shown}{more}"


def received_by_sink(log):
    return [Received(recipient, message_id) for recipient, message_id, _ in smtp_sink.read_log(log)]


def received_in_maildir(folder):
    found = []
    for part in ("new", "cur"):
        for path in sorted(pathlib.Path(folder, part).glob("*")):
            message = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            found.append(Received(None, smtp_sink.message_id_of(message)))
    return found


def seal(secret, touch_id, address):
    """What the e-mail channel promises of a Message-ID <TOUCH.TOKEN@sender's domain>: the token's first 12 octets are a keyed hash of touch and address."""
    said = bytes([12]) + touch_id.to_bytes(8, "big") + hashlib.blake2b(address.encode(), key=secret, digest_size=16).digest()[:4]
    return hashlib.blake2b(said, key=secret, digest_size=24).digest()[:12]


class Oracle:
    """psql: a command (list) that reads SQL from its standard input as the owner of the database.
    received: list of Received, or a function that returns it when it is time to judge.
    explain(lead_id) → {model: points} worked out anew; sample: of how many leads (None: all)."""

    def __init__(self, psql, received=(), acknowledged=(), offered=(), explain=None, sample=20, seed=1, kills=None, on_the_wire=20,
                 serving=False):
        self.psql = [*psql, "-XAtq", "-v", "ON_ERROR_STOP=1"]
        self.listen = received if callable(received) else lambda: list(received)
        self.acknowledged, self.offered = list(acknowledged), list(offered)
        self.explain, self.sample, self.seed = explain, sample, seed
        self.kills, self.on_the_wire = kills, on_the_wire
        self.serving = serving
        self.lines = []

    # -- the database --
    def sql(self, text):
        done = subprocess.run(self.psql, input=text, capture_output=True, text=True, timeout=300, cwd="/")
        if done.returncode:
            raise RuntimeError(f"the oracle cannot read the database: {done.stderr.strip()}")
        return done.stdout

    def watch(self):
        self.sql("set client_min_messages = warning;" + WATCH)

    def read(self):
        """All queries see the same moment."""
        watched = self.sql("select to_regclass('oracle.moved') is not null").strip() == "t"
        ordered = self.sql("show track_commit_timestamp").strip() == "on"
        wanted = {**QUERIES, **(WATCHED if watched else {}), **(ORDERED if watched and ordered else {})}
        script = "".join(f"select coalesce(jsonb_agg(x), '[]') from ({query}) x;\n" for query in wanted.values())
        answer = self.sql(f"begin isolation level repeatable read read only;\n{script}commit;\n")
        return dict(zip(wanted, map(json.loads, answer.splitlines()), strict=True))

    def settle(self, seconds=180):
        """Waits until nothing moves: no touch in hand, nothing due, nothing in an inbox, no wake-up overdue, and no lead left alone for the
        minute after a worker died in its turn. (A lead whose turn failed is not waited for: the judgement tells of it.)"""
        end = time.monotonic() + seconds
        query = """select (select count(*) from touch where state = any('{claimed,permitted}')),
            (select count(*) from touch t, clock where t.state = any('{planned,deferred}') and t.due_at <= case when scale = 1 then
              domain0 + (clock_timestamp() - real0) else domain0 end),
            (select count(*) from inbox i where not exists (select from turn_failure f where f.shard = i.shard and f.lead_id = i.lead_id))
              + (select count(*) from account_inbox),
            (select count(*) from turn_failure where failures = 0 and parked_at is null),
            (select count(*) from lead_wake w, clock where w.wake_at <= case when scale = 1 then domain0 + (clock_timestamp() - real0)
              else domain0 end and not exists (select from turn_failure f where f.shard = w.shard and f.lead_id = w.lead_id))"""
        while True:
            try:
                left = self.sql(query).strip()
            except RuntimeError as error:
                left = str(error)
            if left == "0|0|0|0|0":
                return
            if time.monotonic() > end + (0 if "|" not in left or left.split("|")[3] == "0" else MINUTE_AFTER_DEATH):
                raise AssertionError(f"the server does not come to rest within {seconds} s: in hand|due|inbox|dead|wakes = {left}")
            time.sleep(0.2)

    # -- judging --
    def line(self, promise, counts, problems):
        self.lines.append(Line(promise, counts, list(problems)))

    def judge(self):
        self.lines = []
        self.received = self.listen()
        self.facts = self.read()
        self.touches = {touch["touch_id"]: touch for touch in self.facts["touches"]}
        self.doubts = collections.Counter(a["touch_id"] for a in self.facts["attempts"] if a["outcome"] in IN_DOUBT)
        if not self.serving:  # what a dead server had permission for: its next life will say in doubt
            self.doubts.update(i for i, touch in self.touches.items() if touch["state"] == "permitted")
        self.judge_sums()
        self.judge_outside()
        self.judge_moves()
        self.judge_permissions()
        self.judge_events()
        self.judge_walks()
        self.judge_leases()
        self.judge_scores()
        self.judge_accounts()
        self.judge_audit()
        return self.lines

    def judge_sums(self):
        sums = collections.Counter(STATES.get(touch["state"], touch["state"]) for touch in self.touches.values())
        known = set(STATES.values()) - ({"in hand"} if self.serving else set())
        unknown = [f"{count} touches are {name}" for name, count in sums.items() if name not in known]
        counts = f"{len(self.touches)} = " + (" + ".join(f"{count} {name}" for name, count in sorted(sums.items())) or "0")
        self.line("planned = sent + failed + held + cancelled + expired + in doubt + due", counts, unknown)
        lost = [f"walk {w['enrollment_id']} tells of touch {w['touch_id']}, which is not there" for w in self.facts["walks"]]
        self.line("every touch that a walk tells of is there", f"{len(self.touches)} touches", lost)
        self.line("a touch is planned once for (enrollment, step, pass)", f"{len(self.touches)} touches", map(str, self.facts["doubles"]))
        ended = [f"touch {a['touch_id']} attempt {a['attempt']}" for a in self.facts["attempts"] if a["open"] and
                 self.touches.get(a["touch_id"], {}).get("state") not in ("claimed", "permitted")]
        self.line("every attempt has an end, unless it is in hand", f"{len(self.facts['attempts'])} attempts", ended)

    def sealed(self, touch, token, recipient):
        """Is the token of that touch and that address? Of somebody who was erased nobody knows the address any more."""
        address = touch["recipient"] or touch["email"] or recipient
        tag = base64.b32decode(token.upper() + "=")[:12]
        return not address or any(seal(bytes.fromhex(key["secret"]), touch["touch_id"], address) == tag for key in self.facts["keys"])

    def judge_outside(self):
        outside = collections.defaultdict(list)
        strangers = []
        mail = {t["touch_id"]: t for t in self.touches.values() if t["kind"] in ("email", "alert")}
        for message in self.received:
            found = re.fullmatch(r"<(\d+)\.([a-z2-7]{39})@[^>]+>", message.message_id or "")
            touch = found and self.touches.get(int(found.group(1)))
            if not touch or not self.sealed(touch, found.group(2), message.recipient):
                strangers.append(f"{message.message_id} to {message.recipient} was never planned")
            elif message.recipient and not touch["recipient"] and not touch["erased"] and message.recipient != touch["email"]:  # of the erased nobody knows it any more
                strangers.append(f"touch {touch['touch_id']} of {touch['email']} went to {message.recipient}")
            else:
                outside[touch["touch_id"]].append(message.message_id)
        n = len(self.received)
        self.line("what the outside received was planned, for that recipient", f"{n} messages of {len(outside)} touches", strangers)
        sent = {i for i, t in mail.items() if t["state"] == "sent"}
        self.line("what is recorded as sent was received", f"{len(sent)} sent", (f"touch {i}" for i in sorted(sent - outside.keys())))
        self.line("what was received and is not sent is, or was, in doubt", f"{len(outside.keys() - sent)} touches, {len(self.doubts)} ever in doubt",
                  (f"touch {i} is {self.touches[i]['state']}" for i in sorted(outside.keys() - sent) if not self.doubts[i]))
        many = [f"touch {i}: {len(ids)} copies, {self.doubts[i]} attempts in doubt, {self.touches[i]['state']}" for i, ids in outside.items()
                if len(ids) > self.doubts[i] + (i in sent)]
        extra = sum(len(ids) - 1 for ids in outside.values())
        self.line("copies of a touch ≤ 1 + its attempts in doubt", f"{extra} copies too many, {sum(self.doubts.values())} attempts in doubt", many)
        self.line("all copies of a touch have one Message-ID", f"{len(outside)} touches", (f"touch {i}: {ids}" for i, ids in outside.items() if len(set(ids)) > 1))
        if self.kills is not None:
            most = self.kills * self.on_the_wire
            total = sum(self.doubts.values())
            self.line("in doubt, and copies, ≤ kills × touches on the wire", f"{total} ≤ {self.kills} × {self.on_the_wire}",
                      [f"{total} in doubt, {extra} copies"] if max(total, extra) > most else [])

    def judge_moves(self):
        if "moves" not in self.facts:
            return
        moves = self.facts["moves"]
        total = sum(move["n"] for move in moves)

        def tell(move):
            return f"touch {move['touch_id']}: {move['was']} → {move['becomes']} ({move['n']} ×)"
        self.line("what is over stays over", f"{total} moves", (tell(m) for m in moves if m["was"] in OVER))
        self.line("nothing is sent or in doubt that had no permission", f"{total} moves",
                  (tell(m) for m in moves if m["becomes"] in ("sent", "queued", "in_doubt") and m["was"] not in ("permitted", "queued")))
        self.line("a touch is sent once", f"{total} moves", (tell(m) for m in moves if m["becomes"] == "sent" and m["n"] > 1))
        born = collections.Counter(m["touch_id"] for m in moves if m["was"] is None)
        self.line("no touch is forgotten", f"{len(born)} seen to be planned", (f"touch {i}" for i in born if i not in self.touches))

    def judge_permissions(self):
        if "trespasses" in self.facts:
            self.line("no permission commits after a withdrawal's or suppression's commit", f"{self.facts['withdrawals'][0]['n']} withdrawals",
                      (f"touch {t['touch_id']} of lead {t['lead_id']}: permitted at {t['at']}, {t['why']} before" for t in self.facts["trespasses"]))

    def judge_events(self):
        wanted = collections.Counter((verb, subject) for verb, subject in self.acknowledged)
        offered = set(wanted) | {(verb, subject) for verb, subject in self.offered}
        found = self.count_events(offered)
        lost = [f"{verb} {subject}: {found[verb, subject]} times" for verb, subject in wanted if found[verb, subject] != 1]
        self.line("every event acknowledged exists once", f"{len(wanted)} acknowledged", lost)
        self.line("no event exists twice", f"{len(offered)} offered, {sum(1 for pair in offered if found[pair])} there",
                  [f"{verb} {subject}" for verb, subject in offered if found[verb, subject] > 1] + [str(row) for row in self.facts["event_doubles"]])
        self.line("each key stands once", "event_key", map(str, self.facts["key_doubles"]))
        self.line("the inbox tells of events that are there", "inbox", map(str, self.facts["orphans"]))
        self.line("every name is that of a lead", "identity", map(str, self.facts["identities"]))

    def count_events(self, offered):
        if not offered:
            return collections.Counter()
        verbs = ",".join("'" + verb.replace("'", "''") + "'" for verb in sorted({verb for verb, _ in offered}))
        rows = json.loads(self.sql(f"select coalesce(jsonb_agg(x), '[]') from (select verb, subject, count(*) as n from event "
                                   f"where verb in ({verbs}) group by 1, 2) x"))
        return collections.Counter({(row["verb"], row["subject"]): row["n"] for row in rows})

    def judge_walks(self):
        counts = ", ".join(f"{row['n']} {row['state']}" for row in self.facts["enrollments"]) or "none"
        self.line("every enrollment stands on one step, and something will move it on", counts,
                  [str(row) for row in self.facts["strays"]] + [str(row) for row in self.facts["crowds"]] +
                  [f"touch {row['touch_id']} is {row['state']}, and its walk was not told" for row in self.facts["untold"]])
        self.judge_failures()
        if self.serving:
            self.line("nothing is left to be decided", "inbox", map(str, self.facts["inbox"]))

    def judge_failures(self):
        """Deaths of workers in a turn are explained by as many kills; a script that failed, or a lead that is parked, by nothing."""
        failing = self.facts["failing"]
        deaths = sum(row["deaths"] for row in failing)
        killed = self.kills is not None and deaths <= self.kills
        self.line("no turn fails, but where a worker was killed in it", f"{len(failing)} failing, {deaths} deaths, {self.kills or 0} kills",
                  (str(row) for row in failing if row["failures"] or row["parked"] or not killed))

    def judge_leases(self):
        if self.serving:
            self.line("no lease without a living owner after two lease times", f"{self.facts['lease_count'][0]['n']} leases held",
                      (f"{row['role']}/{row['shard']} of {row['owner'][:8]}…, late by {row['late']:.0f} s" for row in self.facts["leases"]))

    def judge_scores(self):
        if not self.explain:
            return
        leads = [row["lead_id"] for row in self.facts["leads"]]
        if self.sample is not None and len(leads) > self.sample:
            leads = random.Random(self.seed).sample(leads, self.sample)
        stored = {row["lead_id"]: row["points"] for row in self.facts["scores"]}
        wrong, adds = [], {row["lead_id"]: row["packed"] for row in self.facts["members"]}
        for lead in leads:
            fresh = dict(self.explain(lead))
            adding = fresh.pop(ADDS, None)
            if adding is not None and lead in adds and adding != adds[lead]:
                wrong.append(f"lead {lead}: its account was told {adds[lead]!r}, computed {adding!r}")
            kept = {name: points for name, points in stored.get(lead, {}).items() if points}
            if kept != {name: points for name, points in fresh.items() if points}:
                wrong.append(f"lead {lead}: stored {stored.get(lead)}, computed {fresh}")
        self.line("a lead's scores equal a fresh computation", f"{len(leads)} of {len(self.facts['leads'])} leads", wrong)

    def judge_accounts(self):
        """Every summary is the sum of what the account's people add (role, counted or not, the parts that hold); what waits in an inbox is not in it yet."""
        summaries = {row["account_id"]: row for row in self.facts["summaries"]}
        told = {(row["lead_id"], row["account_id"]): row["packed"] for row in self.facts["members"]}
        for row in reversed(self.facts["account_inbox"]):  # back to what was counted: the oldest word says what it was
            if row["lead_id"]:
                told[row["lead_id"], row["account_id"]] = row["was"]
        sums = collections.defaultdict(lambda: collections.defaultdict(lambda: [0] * (len(ROLES) + 1)))
        for (_, account), packed in told.items():
            role, counts, *parts = packed.split(" ") if packed else (0, "0")
            for part in ["", *parts] if counts == "1" else ():
                sums[account][part][int(role)] += 1
        wrong = []
        for account in sums.keys() | summaries.keys():
            kept, scores = unpack(summaries[account]["packed"]) if account in summaries else ({}, {})
            if {part: people for part, people in sums[account].items() if any(people)} != {part: people for part, people in kept.items() if any(people)}:
                wrong.append(f"account {account}: summed up {kept}, its people add {dict(sums[account])}")
            listed = {("g" if row["is_grade"] else "m", row["name"]): [row["grade"] or "-", row["band"] or "-"] if row["is_grade"] else [str(row["points"])]
                      for row in self.facts["account_scores"] if row["account_id"] == account}
            if listed != scores:
                wrong.append(f"account {account}: scores {listed}, in its summary {scores}")
        self.line("an account's summary is the sum of its people", f"{len(summaries)} accounts, {len(self.facts['members'])} people", wrong)
        strays = [str(row) for row in self.facts["homeless"]]
        for row in self.facts["members"]:
            role = ROLES.index(row["role_name"]) + 1 if row["role_name"] in ROLES else 0
            words = row["packed"].split(" ")
            if not row["is_there"] or row["account_id"] != row["belongs"] or row["role"] != int(words[0]):
                strays.append(str(row))
            elif self.serving and (role != row["role"] or (words[1] == "1") != (row["stage"] != "disqualified")):
                strays.append(str(row))
        self.line("every lead of an account is one of its people, as it is, and nobody else", f"{len(self.facts['members'])} people", strays)

    def judge_audit(self):
        """Each entry's hash is that of the one before and of what it says, in JSON as PostgreSQL writes it; never an address in it."""
        broken, before = [], None
        for number, row in enumerate(self.facts["audit"], 1):
            said = json.dumps([row["id"], row["at"], row["actor"], row["act"], row["object"], row["fields"]], ensure_ascii=False)
            wanted = hashlib.sha256(bytes.fromhex(before or "") + said.encode()).hexdigest()
            if (row["id"], row["previous"], row["hash"]) != (number, before, wanted):
                broken.append(f"entry {row['id']} does not follow from the one before")
            if "@" in row["object"] or any("@" in field for field in row["fields"]):
                broken.append(f"entry {row['id']} holds an address")
            before = row["hash"]
        self.line("the audit's chain is whole, and holds no person's data", f"{len(self.facts['audit'])} entries", broken)

    def must_hold(self, settle=60, show=True):
        if settle:
            self.settle(settle)
        lines = self.judge()
        if show:
            print(*(f"    {line}" for line in lines), sep="\n", flush=True)
        broken = [line for line in lines if line.problems]
        if broken:
            raise AssertionError("\n".join(map(str, broken)))
        return self


def unpack(packed):
    """Lines of account_summary.packed: {part: people by role} ("" = all that count), {(m or g, name): what it is}."""
    parts, scores = {}, {}
    for line in packed.splitlines():
        kind, *words = line.split(" ")
        if kind == "1":
            parts[""] = [int(word) for word in words]
        elif kind == "p":
            parts[words[0]] = [int(word) for word in words[1:]]
        else:
            scores[kind, words[0]] = words[1:]
    return parts, scores


def adds_of(said):
    """Of what /v1/leads/ID/score or `nurture score --explain --json` said."""
    return said["account"]["kept"] if said["account"] else ""


def explain_by(command):
    """Scores worked out anew by `nurture score LEAD --explain --json`."""
    def explain(lead):
        done = subprocess.run([*command[:1], "score", str(lead), "--explain", "--json", *command[1:]], capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"nurture score {lead}: {done.stderr.strip()}")
        said = json.loads(done.stdout)
        return {**{model["model"]: model["score"] for model in said["models"]}, ADDS: adds_of(said)}
    return explain


def read_pairs(path):
    with open(path, encoding="utf-8") as lines:
        return [(row["verb"], row["subject"]) for row in map(json.loads, lines)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--psql", required=True, help="the command that speaks to the database as its owner")
    parser.add_argument("--maildir", action="append", default=[])
    parser.add_argument("--sink", action="append", default=[], help="log of tests/tools/smtp_sink.py")
    parser.add_argument("--acknowledged", help="JSON lines of events answered with 202")
    parser.add_argument("--nurture", help="command whose `score --explain` works scores out anew")
    parser.add_argument("--sample", type=int, help="of how many leads (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--serving", action="store_true", help="the server runs: leases and inbox are judged too")
    parser.add_argument("--settle", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--watch", action="store_true")
    options = parser.parse_args()
    received = [message for log in options.sink for message in received_by_sink(log)]
    received += [message for folder in options.maildir for message in received_in_maildir(folder)]
    oracle = Oracle(shlex.split(options.psql), received, read_pairs(options.acknowledged) if options.acknowledged else (),
                    explain=explain_by(shlex.split(options.nurture)) if options.nurture else None, sample=options.sample,
                    seed=options.seed, kills=options.kills, serving=options.serving)
    if options.watch:
        oracle.watch()
        return 0
    if options.settle:
        oracle.settle(options.settle)
    lines = oracle.judge()
    print(*lines, sep="\n")
    return int(any(line.problems for line in lines))


if __name__ == "__main__":
    sys.exit(main())
