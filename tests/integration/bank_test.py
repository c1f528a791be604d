#!/usr/bin/env python3
"""A bank's 41,188 contacts with their real outcomes (tests/data/bank/README.md): imported, scored, measured and learned from. The data is not in the
tree: it is looked for in $NURTURE_DATA and in ../shared/data. Learned from only with NURTURE_LONG=1 (etc/soak.sh): by time, by folds, by lots of several seeds."""
import json
import os
import pathlib
import subprocess
import sys

from nurture import SOURCE, Server, run_tests, until

PLACES = [pathlib.Path(os.environ.get("NURTURE_DATA", ".")) / "bank-marketing.csv", SOURCE.parent / "shared/data/bank-marketing.csv"]


def say(what, result):
    auc, half = result["auc"], result["half"]
    print(f"      {what}: AUC {auc['value']:.4f}, best half {100 * half['value']:.1f} %; points before {auc['old']:.4f}, {100 * half['old']:.1f} %; "
          f"weights as they are {auc['weights']:.4f}; seed {result['seed']}", flush=True)


def test_a_banks_contacts_are_scored_measured_and_learned_from():
    data = next(place for place in PLACES if place.exists())
    with Server(playbook="tests/data/bank") as s:
        s.run("publish", s.folder / "playbook", "-m", "bank")
        dated = s.folder / "dated.csv"
        dated.write_text(subprocess.run([SOURCE / "tests/data/bank/dated.py", data], capture_output=True, check=True, text=True).stdout)
        done = json.loads(s.run("import", dated, "--map", SOURCE / "tests/data/bank/map.lua", "--rejects", s.folder / "refused.csv", "--json").stdout)
        assert (done["rows"], done["created"], done["rejected"]) == (41188, 41188, 0), done
        until(lambda: s.sql("select count(*) from inbox") == [["0"]], 300, "the scoring of all")
        rows = json.loads(s.run("report", "grades", "--json").stdout)
        assert sum(row["leads"] for row in rows) == 41188 and sum(row["converted"] for row in rows) == 4640, rows
        rates = [row["rate"] for row in sorted(rows, key=lambda row: row["grade"])]
        assert rates == sorted(rates, reverse=True) and rates[0] > 2 * 4640 / 41188, rates

        hand = json.loads(s.run("backtest", "--model", "likely", "--json").stdout)  # ten rules, no dice: always the same
        print(f"      ten rules by hand: AUC {hand['auc']['value']:.4f}, best half {100 * hand['half']:.1f} %", flush=True)
        assert (hand["leads"], hand["outcomes"], hand["by_against"]) == (41188, 4640, 36548), hand
        assert abs(hand["auc"]["value"] - 0.7813) < 0.001 and abs(hand["half"] - 0.807) < 0.005, (hand["auc"], hand["half"])

        if "NURTURE_LONG" not in os.environ:
            return
        newest = json.loads(s.run("fit", "--model", "prospect", "--split", "time", "--json").stdout)
        say("fit, the newest fifth", newest)
        assert newest["auc"]["value"] > 0.706 - 0.01 and newest["half"]["value"] > 0.72 - 0.01 and len(newest["rules"]) <= 25, newest["auc"]
        by_folds = json.loads(s.run("fit", "--model", "prospect", "--json").stdout)
        say("fit, by folds", by_folds)
        assert by_folds["auc"]["value"] > 0.796 - 0.01 and by_folds["half"]["value"] > 0.82 - 0.01, by_folds["auc"]
        for seed in range(1, 6):
            say("fit, a fifth by lot", json.loads(s.run("fit", "--model", "prospect", "--split", "random", "--seed", seed, "--json").stdout))


if __name__ == "__main__":
    if not any(place.exists() for place in PLACES):
        print("skip  bank-marketing.csv is not here")
        sys.exit(77)
    run_tests(globals())
