-- :name event_insert
insert into event (received_at, event_id, shard, lead_id, at, verb, subject, value, machine, data)
select * from unnest($1::timestamptz[], $2::bigint[], $3::smallint[], $4::bigint[], $5::timestamptz[], $6::text[], $7::text[], $8::float8[],
  $9::boolean[], $10::jsonb[])

-- Events with the inbox rows that tell of them and carry them, but for much data ($12), which stands in event alone. Lane 3 has no row.
-- :name event_inbox_insert
with w as materialized (
  select * from unnest($1::timestamptz[], $2::bigint[], $3::smallint[], $4::bigint[], $5::timestamptz[], $6::text[], $7::text[], $8::float8[],
    $9::boolean[], $10::jsonb[], $11::smallint[], $12::boolean[])
    w(received_at, event_id, shard, lead_id, at, verb, subject, value, machine, data, lane, much)),
kept as (
  insert into event (received_at, event_id, shard, lead_id, at, verb, subject, value, machine, data)
  select received_at, event_id, shard, lead_id, at, verb, subject, value, machine, data from w)
insert into inbox (shard, lane, lead_id, event_id, received_at, at, value, machine, verb, subject, data)
select shard, lane, lead_id, event_id, received_at, at, value, machine, case when not much then verb end, subject, case when not much then data end
from w where lane < 3
