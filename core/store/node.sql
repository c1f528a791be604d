-- What nodes say of themselves. Rows of others are only ever deleted when nobody heard of them for an hour.

-- :name node_forget
delete from node where token = $1::text or seen_at < clock_timestamp() - interval '1 hour'

-- :name node_say
insert into node (token, host, listen, version, started_at, seen_at, options, trouble)
values ($1::text, $2::text, $3::text, $4::text, $5::timestamptz, clock_timestamp(), $6::jsonb, $7::text)
on conflict (token) do update set host = excluded.host, listen = excluded.listen, version = excluded.version, seen_at = excluded.seen_at,
  options = excluded.options, trouble = excluded.trouble

-- The oldest living one is what the others are compared with, as in query.sql: node_differences.
-- :name node_count
with living as materialized (select * from node where seen_at > clock_timestamp() - interval '30 s'),
oldest as materialized (select * from living order by started_at, token limit 1)
select (select count(*) from living),
  (select count(*) from oldest o, living n cross join lateral jsonb_object_keys(o.options || n.options) k
   where o.options->k is distinct from n.options->k)

-- :name node_leave
delete from node where token = $1::text
