#!/usr/bin/python3
"""All faults as a random walk, for as long as one likes (called by etc/soak.sh): the oracle judges behind each. The seed says which
walk; what breaks is repeated with it as far as the machine's own timing allows.

    soak.py [--minutes N] [--seed S] [--only FAULT,…]
    soak.py --kills N [--seed S]            the sender alone, killed N times in the middle of sending, with figures at the end
    soak.py --withdrawals N [--seed S]      N leads that unsubscribe while their next mail is on its way"""
import argparse
import random
import sys
import time
import traceback

import faults
import faults_people
import faults_room
import faults_wire
import nodes
import nodes_apart

MODULES = (faults, faults_wire, faults_room, faults_people, nodes, nodes_apart)
FAULTS = {name: fault for module in MODULES for name, fault in faults.faults_of(vars(module)).items()}
BY_NAME = ("million",)  # too long for a walk
OUTBOX = ("kill_engine", "power_cut", "kill_any", "reloads", "broken_configuration", "publishing", "open_transaction", "people")  # what needs no mail server
STEPS = 12  # in one field; then a new one, so that judging does not grow slow


def possible(kind, names):
    """Which of these faults a field of that kind can meet."""
    def fits(name):
        needs = getattr(FAULTS[name], "needs", None)
        if kind == "maildir":
            return needs == "maildir" or name in OUTBOX
        return needs in (None, kind) or (needs == "private" and kind != "wired")
    return [name for name in names if fits(name)]


def walk(seed, names, end):
    """One field; returns how many faults it went through."""
    chance = random.Random(seed)
    kind = chance.choice([kind for kind in faults.KINDS if possible(kind, names)])
    names = possible(kind, names)
    own = [name for name in names if getattr(FAULTS[name], "needs", None) == kind]
    in_doubt = chance.choice(("hold", "resend"))
    print(f"== a new server, seed {seed}: {faults.KINDS[kind]}, in_doubt = {in_doubt}", flush=True)
    done = 0
    with faults.field_of(kind, seed=seed, in_doubt=in_doubt) as field:
        if not field:
            print("   this machine cannot have one: skipped", flush=True)
            return 0
        field.show = False
        while done < STEPS and time.monotonic() < end:
            name = chance.choice(own if own and chance.random() < 0.5 else names)
            began = time.monotonic()
            print(f"   {name}", end="", flush=True)
            FAULTS[name](field, random.Random(chance.random()))
            done += 1
            print(f": holds ({time.monotonic() - began:.1f} s, {field.count('touch')} touches, {len(field.acknowledged)} events)", flush=True)
        field.server.stop()
    return done


def tally(field):
    """What went through one field: touches, mails received, copies beyond the first, in doubt, recorded as sent and not received."""
    with field.sink.lock:
        names = [message_id for _, message_id, _ in field.sink.messages]
        recipients = {recipient for recipient, _, _ in field.sink.messages}
    sent = [row.split("|")[0] for row in field.sql("select l.email from touch t join lead l using (shard, lead_id) where t.state = 'sent'").split()]
    return {"touches": field.count("touch"), "mails": len(names), "copies": len(names) - len(set(names)),
            "in_doubt": field.count("attempt where outcome = 'in_doubt'"), "lost": len(set(sent) - recipients)}


def kill_senders(seed, wanted):
    """The delivery worker killed as often as wanted, at random moments with mail on its way; the oracle judges every 25 kills."""
    began, kills, figures = time.monotonic(), 0, {}
    while kills < wanted:
        in_doubt = ("hold", "resend")[seed % 2]
        with faults.Field(seed=seed, in_doubt=in_doubt) as field:
            field.show = False
            faults.kill_sender(field, random.Random(seed), min(25, wanted - kills))
            kills += field.kills
            for name, n in tally(field).items():
                figures[name] = figures.get(name, 0) + n
            field.server.stop()
        print(f"   {kills} kills, in_doubt = {in_doubt}: {figures} ({(time.monotonic() - began) / 60:.1f} min)", flush=True)
        seed += 1
    return kills


def race_withdrawals(seed, wanted):
    """A thousand leads in a field; the oracle says for each that no permission was committed later than the withdrawal."""
    began = time.monotonic()
    for number in range(0, wanted, 1000):
        with faults.Field(seed=seed) as field:
            field.show = False
            leads = min(1000, wanted - number)
            faults.race_withdrawals(field, random.Random(seed), leads)
            stopped = field.count("touch where state in ('cancelled', 'held')")
            wire = field.count("touch t join consent c using (shard, lead_id) where t.state = 'sent' and c.state = 'withdrawn' and t.over_at > c.at")
            field.server.stop()
        print(f"   {number + leads} withdrawals: {stopped} of the last {leads} stopped a mail, {wire} met one on the wire"
              f" ({(time.monotonic() - began) / 60:.1f} min)", flush=True)
        seed += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--only", default=",".join(name for name in FAULTS if name not in BY_NAME),
                        help="which faults; there are " + ", ".join(FAULTS))
    parser.add_argument("--kills", type=int, help="kill the sender so many times, and nothing else")
    parser.add_argument("--withdrawals", type=int, help="race so many withdrawals against mail, and nothing else")
    options = parser.parse_args()
    names = options.only.split(",")
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        parser.error(f"there is no fault {', '.join(unknown)}: {', '.join(FAULTS)}")
    print(f"seed {options.seed}", flush=True)
    end, seed, done = time.monotonic() + options.minutes * 60, options.seed, 0
    try:
        if options.kills:
            print(f"{kill_senders(seed, options.kills)} kills, and all held.", flush=True)
            return
        if options.withdrawals:
            race_withdrawals(seed, options.withdrawals)
            print(f"{options.withdrawals} withdrawals, and none was overtaken.", flush=True)
            return
        while time.monotonic() < end:
            done += walk(seed, names, end)
            seed += 1
    except Exception:  # noqa: BLE001: told, with what repeats it
        traceback.print_exc()
        print(f"FAILED after {done} faults. Again: etc/soak.sh --seed {seed} "
              + (f"--kills {options.kills}" if options.kills else f"--withdrawals {options.withdrawals}" if options.withdrawals
                 else f"--minutes {options.minutes:g}"), flush=True)
        sys.exit(1)
    print(f"{done} faults, and all held.", flush=True)


if __name__ == "__main__":
    main()
