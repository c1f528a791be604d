-- :name event_insert
insert into event (received_at, event_id, shard, lead_id, at, verb, subject, value, machine, data)
select * from unnest($1::timestamptz[], $2::bigint[], $3::smallint[], $4::bigint[], $5::timestamptz[], $6::text[], $7::text[], $8::float8[],
  $9::boolean[], $10::jsonb[])

-- :name inbox_insert
insert into inbox (shard, lane, lead_id, event_id, received_at)
select * from unnest($1::smallint[], $2::smallint[], $3::bigint[], $4::bigint[], $5::timestamptz[])

-- :name event_probe
select 1::int8 from event where received_at = $1::timestamptz and event_id = $2::bigint
