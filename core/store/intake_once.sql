-- Single events, from what they bring to what is kept of them, in one statement: it is the whole transaction. In the order of everybody: names, keys, events (`counted` asks for
-- all of `made` before it locks a key). It is sent with its commit, so its mark is written here: on a session that was closed (mark_fence) nothing is.
-- Nobody is made for an event whose key was seen.
-- Answered for each event whose lead is known or was made: its lead, whether that was made, whether its key counts.
-- :name event_once
with said as (
  insert into public.commit_mark as commit_mark (session, mark, at) values ($1::bigint, $2::bigint, clock_timestamp())
  on conflict (session) do update set mark = excluded.mark, at = excluded.at where not commit_mark.fenced
  returning 1),
known as materialized (
  select w.*, coalesce(l.merged_into, l.lead_id) as lead_id, case when w.maker and i.lead_id is null and (w.key is null or not exists (
    select from event_key k where k.key = w.key and k.received_at >= $3::timestamptz - interval '90 days')) then new_id(w.shard) end as fresh
  from unnest($4::text[], $5::text[], $6::bigint[], $7::smallint[], $8::boolean[], $9::text[], $10::jsonb[], $11::text[], $12::bigint[], $13::timestamptz[], $14::text[],
    $15::text[], $16::float8[], $17::boolean[], $18::jsonb[], $19::smallint[], $20::boolean[])
    with ordinality w(kind, name, named, shard, maker, source, create_data, key, number, at, verb, subject, value, machine, data, lane, much, ord)
  left join lateral (select i.lead_id from identity i where i.kind = w.kind and i.value = w.name offset 0) i on true
  left join lateral (
    select l.lead_id, l.merged_into from lead l
    where l.shard = (coalesce(i.lead_id, w.named) & 63)::smallint and l.lead_id = coalesce(i.lead_id, w.named)
      and (w.named is null or ((not l.anonymous or l.merged_into is not null) and l.erased_at is null)) offset 0) l on true
  where exists (select from said)),
made as (
  insert into identity (kind, value, shard, lead_id, created_at)
  select k.kind, k.name, k.shard, k.fresh, $3::timestamptz from known k where k.fresh is not null order by k.ord
  on conflict do nothing
  returning kind, value, shard, lead_id),
bare as (
  insert into lead (shard, lead_id, created_at, updated_at, email, external_id, phone)
  select m.shard, m.lead_id, $3, $3, case m.kind when 'email' then m.value end, case m.kind when 'external_id' then m.value end,
    case m.kind when 'phone' then m.value end
  from made m),
counted as (
  insert into event_key (key, received_at)
  select k.key, $3 from known k
  where (select count(*) from made) >= 0 and k.key is not null and (k.lead_id is not null or k.fresh in (select m.lead_id from made m))
  order by k.key collate "C"
  on conflict (key) do update set received_at = excluded.received_at where event_key.received_at < excluded.received_at - interval '90 days'
  returning key),
kept as materialized (
  select k.ord, coalesce(k.lead_id, k.fresh) as whom, (coalesce(k.lead_id, k.fresh) & 63)::smallint as shard, k.fresh is not null as created,
    k.key is null or k.key in (select c.key from counted c) as counts, k.source, k.create_data, k.number, k.at, k.verb, k.subject, k.value, k.machine, k.data, k.lane, k.much
  from known k where k.lead_id is not null or k.fresh in (select m.lead_id from made m)),
written as (
  insert into event (received_at, event_id, shard, lead_id, at, verb, subject, value, machine, data)
  select $3, (k.number << 6) | k.shard, k.shard, k.whom, $3, 'lead.create', k.source, null, false, k.create_data from kept k where k.created
  union all
  select $3, ((k.number + 1) << 6) | k.shard, k.shard, k.whom, k.at, k.verb, k.subject, k.value, k.machine, k.data from kept k where k.counts),
heard as (
  insert into inbox (shard, lane, lead_id, event_id, received_at, at, value, machine, verb, subject, data)
  select k.shard, k.lane, k.whom, (k.number << 6) | k.shard, $3, $3, null, false, 'lead.create', k.source, k.create_data from kept k where k.created
  union all
  select k.shard, k.lane, k.whom, ((k.number + 1) << 6) | k.shard, $3, k.at, k.value, k.machine, case when not k.much then k.verb end, k.subject,
    case when not k.much then k.data end
  from kept k where k.counts)
select (k.ord - 1)::int4, k.whom, k.created, k.counts from kept k

-- What was kept of it, when the answer is lost: by the numbers that its events were given.
-- :name event_once_look
select (w.ord - 1)::int4, e.lead_id, exists (
    select from event c where c.received_at = $1::timestamptz and c.event_id between w.number << 6 and (w.number << 6) + 63), true
from unnest($2::bigint[]) with ordinality w(number, ord)
cross join lateral (
  select e.lead_id from event e where e.received_at = $1 and e.event_id between (w.number + 1) << 6 and ((w.number + 1) << 6) + 63 offset 0) e
