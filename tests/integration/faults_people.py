"""Faults among people: leads that are merged and erased while they are visited and written to, and while their engine is killed. Walked through by soak.py."""
import contextlib
import http.client
import os
import signal
import threading
import time

from nurture import until


def insist(field, method, path, body, wanted):
    """Like a careful client: again until it is answered."""
    end = time.monotonic() + 90
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            status, answer, _ = field.server.request(method, path, body, field.admin, timeout=20)
            if status in wanted:
                return status, answer
            assert status in (503, 409), (method, path, status, answer)
        assert time.monotonic() < end, f"{method} {path}: not answered within 90 s"
        time.sleep(0.2)


class Killing:
    """Kills the engine's worker now and then, until it is told to end."""

    def __init__(self, field, random):
        self.field, self.random, self.over = field, random, threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over.wait(self.random.uniform(0.3, 1.5)):
            for pid in self.field.server.workers("engine"):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)

    def end(self):
        self.over.set()
        self.thread.join()


def visits_of(field, names, each):
    return [("page.view", f"/{n}", name, f"visit-{n}") for name in names for n in (next(field.numbers) for _ in range(each))]


def forget_pairs(field, pairs):
    """What was acknowledged of people who are erased keeps verb and moment, and no subject."""
    gone = set(pairs)
    with field.lock:
        field.acknowledged = [pair for pair in field.acknowledged if pair not in gone]
        field.offered = [pair for pair in field.offered if pair not in gone]


def fault_people(field, random, count=60):
    """Merged and erased in any order, each visit of whoever is left counts once, for who it is now; who is erased is gone, and not written to again."""
    field.admin = field.server.token("admin")
    names = [f"person-{next(field.numbers)}@example.com" for _ in range(count)]
    first = visits_of(field, names, 3)
    field.post(first)
    field.post([("form.submit", "burst", name, f"form-{next(field.numbers)}") for name in names if random.random() < 0.5])
    listed = ",".join(f"'{name}'" for name in names)
    until(lambda: field.count(f"identity where value in ({listed})") == count, 60, "the leads")
    lead = dict(row.split("|") for row in field.sql(f"select value, lead_id from identity where value in ({listed})").split())
    shuffled = random.sample(names, count)
    pairs = [(shuffled[i], shuffled[i + 1]) for i in range(0, count // 2, 2)]       # loser, winner
    erased = shuffled[count // 2:count // 2 + count // 6] + [winner for _, winner in pairs[:3]]
    gone = set(erased) | {loser for loser, winner in pairs if winner in erased}
    stays = [name for name in names if name not in gone]
    killing = Killing(field, random) if random.random() < 0.7 else None
    try:
        with field.visiting():
            todo = [("merge", pair) for pair in pairs]
            random.shuffle(todo)
            for act, (loser, winner) in todo:
                insist(field, "POST", f"/v1/leads/{lead[loser]}/merge", {"into": int(lead[winner])}, (200, 202))
                field.post(visits_of(field, [name for name in (loser, winner) if name in stays], 1), 90)
            losers = ",".join(lead[loser] for loser, winner in pairs if winner in erased)  # a merge that waits is refused when one of the two goes
            until(lambda: field.count(f"lead where lead_id in ({losers}) and merged_into is not null") == 3, 120, "the merges of who is erased")
            for name in random.sample(erased, len(erased)):
                insist(field, "DELETE", f"/v1/leads/{lead[name]}", None, (202,))
                field.post(visits_of(field, random.sample(stays, 3), 1), 90)
    finally:
        if killing:
            killing.end()
    forget_pairs(field, [(verb, subject) for verb, subject, name, _ in first if name in gone])
    numbers = ",".join(lead[name] for name in sorted(gone))
    until(lambda: field.count(f"lead where lead_id in ({numbers}) and erased_at is not null") == len(gone), 120, "the erasing")
    merged = ",".join(lead[loser] for loser, winner in pairs if winner not in erased)
    until(lambda: field.count(f"lead where lead_id in ({merged}) and merged_into is not null") == len(merged.split(",")), 120, "the merging")
    assert field.count(f"identity where value in ({','.join(repr(name) for name in sorted(gone))})") == 0
    assert field.count(f"event where lead_id in ({numbers}) and (data is not null or subject like '/%')") == 0
    field.judge(120)
