#!/usr/bin/python3
"""All faults as a random walk, for as long as one likes (called by etc/soak.sh): the oracle judges behind each. The seed says which
walk; what breaks is repeated with it as far as the machine's own timing allows.

    soak.py [--minutes N] [--seed S] [--only FAULT,…]"""
import argparse
import random
import sys
import time
import traceback

import faults

STEPS = 12  # in one field; then a new one, so that judging does not grow slow


def walk(seed, names, end):
    """One field; returns how many faults it went through."""
    chance = random.Random(seed)
    in_doubt = chance.choice(("hold", "resend"))
    print(f"== a new server, seed {seed}, in_doubt = {in_doubt}", flush=True)
    done = 0
    with faults.Field(seed=seed, in_doubt=in_doubt) as field:
        field.show = False
        while done < STEPS and time.monotonic() < end:
            name = chance.choice(names)
            began = time.monotonic()
            print(f"   {name}", end="", flush=True)
            faults.FAULTS[name](field, random.Random(chance.random()))
            done += 1
            print(f": holds ({time.monotonic() - began:.1f} s, {field.count('touch')} touches, {len(field.acknowledged)} events)", flush=True)
        field.server.stop()
    return done


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--only", default=",".join(faults.FAULTS), help="which faults; all: " + ", ".join(faults.FAULTS))
    options = parser.parse_args()
    names = options.only.split(",")
    unknown = [name for name in names if name not in faults.FAULTS]
    if unknown:
        parser.error(f"there is no fault {', '.join(unknown)}: {', '.join(faults.FAULTS)}")
    print(f"seed {options.seed}", flush=True)
    end, seed, done = time.monotonic() + options.minutes * 60, options.seed, 0
    try:
        while time.monotonic() < end:
            done += walk(seed, names, end)
            seed += 1
    except Exception:  # noqa: BLE001: told, with what repeats it
        traceback.print_exc()
        print(f"FAILED after {done} faults. Again: etc/soak.sh --seed {seed} --minutes {options.minutes:g}", flush=True)
        sys.exit(1)
    print(f"{done} faults, and all held.", flush=True)


if __name__ == "__main__":
    main()
