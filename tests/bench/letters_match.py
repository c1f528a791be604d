#!/usr/bin/python3
"""letters_match.py [LEADS [ORDERS]]: how long a file of orders without a code takes to be matched back to as many letters as there are leads, and how long another request of the server waits
meanwhile. A third of the orders names an e-mail address, a third a telephone number, a third name and address; one in ten had no letter. NURTURE_BUILD and NURTURE_SOURCE as for the integration tests."""
import json
import pathlib
import random
import subprocess
import sys
import threading
import time

sys.path.append(str(pathlib.Path(__file__).parents[1] / "integration"))
from letters_cut import resident, used  # noqa: E402
from letters_test import Post  # noqa: E402

PEOPLE = """
insert into lead (shard, lead_id, email, phone, first_name, last_name, address, postal_code, city, country, created_at, updated_at)
select g & 63, 64000000 + g, 'l' || g || '@example.com', '+1202' || (5000000 + g), 'First' || g % 97, 'Last' || g % 9973, g || ' Example Street', (20000 + g % 700)::text, 'Washington', 'US',
  now() - interval '9 days', now() from generate_series({first}, {last}) g;
insert into identity (kind, value, shard, lead_id, created_at)
select k.kind, case k.kind when 'email' then 'l' || g || '@example.com' else '+1202' || (5000000 + g) end, g & 63, 64000000 + g, now()
from generate_series({first}, {last}) g cross join (values ('email'), ('phone')) k(kind);
insert into touch (shard, touch_id, lead_id, campaign, step, channel, kind, template, purpose, state, planned_at, due_at, over_at, permitted_at, remote_id, revision)
select g & 63, 64000000 + g, 64000000 + g, 'post', 'letter', 'letters', 'letter', 'hello', 'marketing', 'sent', now() - interval '8 days', now() - interval '8 days', now() - interval '7 days',
  now() - interval '7 days', 'job/' || g, 'r' from generate_series({first}, {last}) g where g % 10 <> 0;"""


def order(g):
    if g % 3 == 0:
        return f"l{g}@example.com,,,,,,,{g}"
    if g % 3 == 1:
        return f",+1202{5000000 + g},,,,,US,{g}"
    return f",,First{g % 97},Last{g % 9973},{g} Example St.,{20000 + g % 700},US,{g}"


def main():
    leads, orders = (int(sys.argv[i]) if len(sys.argv) > i else n for i, n in ((1, 1000000), (2, 100000)))
    with Post() as s:
        began = time.monotonic()
        for first in range(1, leads, 100000):
            for statement in PEOPLE.format(first=first, last=min(leads, first + 99999)).split(";\n"):
                s.sql(statement)
        s.sql("analyze lead; analyze identity; analyze touch")
        print(f"{leads} leads and their letters in {time.monotonic() - began:.0f} s", flush=True)
        file, dice, over, waits = s.folder / "orders.csv", random.Random(9), threading.Event(), []
        file.write_text("email,phone,first_name,last_name,street,postal_code,country,key\n" + "".join(order(dice.randint(1, leads)) + "\n" for _ in range(orders)))
        token = s.token("read")

        def ask():
            while not over.wait(0.05):
                asked = time.monotonic()
                assert s.get("/v1/leads/l3@example.com", token)[0] == 200
                waits.append(time.monotonic() - asked)
        asker = threading.Thread(target=ask)
        asker.start()
        web, database = s.workers("web"), s.tree(s.postgres_left()[0])
        before, began = (used(web), used(database)), time.monotonic()
        done = subprocess.run(s.command("mail", "match", file, "--json", "--rejects", s.folder / "rejects.csv"), capture_output=True, text=True, cwd=s.folder, env=s.environment)
        took = time.monotonic() - began
        mine, theirs = used(web) - before[0], used(set(database) | set(s.tree(s.postgres_left()[0]))) - before[1]
        over.set()
        asker.join()
        waits.sort()
        print(f"{orders} orders: {took:.1f} s ({orders / took:.0f} a second): {json.loads(done.stdout)}; processor: {mine:.1f} s web ({max(map(resident, web))} MB), {theirs:.1f} s PostgreSQL")
        print(f"another request meanwhile: {waits[len(waits) // 2] * 1000:.0f} ms, the slowest of {len(waits)} {waits[-1] * 1000:.0f} ms")


if __name__ == "__main__":
    main()
