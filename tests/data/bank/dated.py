#!/usr/bin/env python3
"""dated.py bank-marketing.csv > dated.csv: the file gives no dates, but its rows stand in order of time. Each gets the moment at which its
facts were known and, ten minutes later, that of the call: half an hour apart, from May 2008 on, so that order is kept and the last is of 2010."""
import csv
import datetime
import sys

FIRST = datetime.datetime(2008, 5, 5, 9)


def dated(source, target):
    rows = csv.reader(source)
    out = csv.writer(target, lineterminator="\n")
    out.writerow(next(rows) + ["known_at", "called_at"])
    for i, row in enumerate(rows):
        at = FIRST + i * datetime.timedelta(minutes=30)
        out.writerow(row + [f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at + datetime.timedelta(minutes=10):%Y-%m-%dT%H:%M:%SZ}"])


if __name__ == "__main__":
    with open(sys.argv[1], newline="", encoding="utf-8") as source:
        dated(source, sys.stdout)
