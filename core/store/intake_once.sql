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
  from unnest($4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::timestamptz[], $10::text[], $11::text[], $12::float8[], $13::boolean[],
    $14::jsonb[], $15::smallint[], $16::boolean[], $17::boolean[], $18::smallint[], $19::text[], $20::jsonb[])
    with ordinality w(kind, name, named, key, number, at, verb, subject, value, machine, data, lane, much, maker, shard, source, create_data, ord)
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
  select $3, ((k.number - 1) << 6) | k.shard, k.shard, k.whom, $3, 'lead.create', k.source, null, false, k.create_data from kept k where k.created
  union all
  select $3, (k.number << 6) | k.shard, k.shard, k.whom, k.at, k.verb, k.subject, k.value, k.machine, k.data from kept k where k.counts),
heard as (
  insert into inbox (shard, lane, lead_id, event_id, received_at, at, value, machine, verb, subject, data)
  select k.shard, k.lane, k.whom, ((k.number - 1) << 6) | k.shard, $3, $3, null, false, 'lead.create', k.source, k.create_data from kept k where k.created
  union all
  select k.shard, k.lane, k.whom, (k.number << 6) | k.shard, $3, k.at, k.value, k.machine, case when not k.much then k.verb end, k.subject,
    case when not k.much then k.data end
  from kept k where k.counts)
select (k.ord - 1)::int4, k.whom, k.created, k.counts from kept k

-- The same where all leads should be known, as nearly always: nobody is made, an event of somebody who is new is not answered for. A fifth less to start, to bind
-- and to carry from step to step.
-- :name event_known
with said as (
  insert into public.commit_mark as commit_mark (session, mark, at) values ($1::bigint, $2::bigint, clock_timestamp())
  on conflict (session) do update set mark = excluded.mark, at = excluded.at
  where not commit_mark.fenced
  returning 1),
known as materialized (
  select w.key, coalesce(l.merged_into, l.lead_id) as whom, (coalesce(l.merged_into, l.lead_id) & 63)::smallint as shard,
    (w.number << 6) | (coalesce(l.merged_into, l.lead_id) & 63) as event_id, w.at, w.verb, w.subject, w.value, w.machine, w.data, w.lane, w.much, w.ord
  from unnest($4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::timestamptz[], $10::text[], $11::text[], $12::float8[], $13::boolean[],
    $14::jsonb[], $15::smallint[], $16::boolean[])
    with ordinality w(kind, name, named, key, number, at, verb, subject, value, machine, data, lane, much, ord)
  left join lateral (select i.lead_id from identity i where i.kind = w.kind and i.value = w.name offset 0) i on true
  cross join lateral (
    select l.lead_id, l.merged_into from lead l
    where l.shard = (coalesce(i.lead_id, w.named) & 63)::smallint and l.lead_id = coalesce(i.lead_id, w.named)
      and (w.named is null or ((not l.anonymous or l.merged_into is not null) and l.erased_at is null)) offset 0) l
  where exists (select from said)),
counted as (
  insert into event_key (key, received_at)
  select k.key, $3::timestamptz from known k where k.key is not null order by k.key collate "C"
  on conflict (key) do update set received_at = excluded.received_at where event_key.received_at < excluded.received_at - interval '90 days'
  returning key),
kept as materialized (select k.* from known k where k.key is null or k.key in (select c.key from counted c)),
written as (
  insert into event (received_at, event_id, shard, lead_id, at, verb, subject, value, machine, data)
  select $3, k.event_id, k.shard, k.whom, k.at, k.verb, k.subject, k.value, k.machine, k.data from kept k),
heard as (
  insert into inbox (shard, lane, lead_id, event_id, received_at, at, value, machine, verb, subject, data)
  select k.shard, k.lane, k.whom, k.event_id, $3, k.at, k.value, k.machine, case when not k.much then k.verb end, k.subject, case when not k.much then k.data end
  from kept k)
select (k.ord - 1)::int4, k.whom, false, k.event_id in (select e.event_id from kept e) from known k

-- What was kept of it, when the answer is lost: by the numbers that its events were given.
-- :name event_once_look
select (w.ord - 1)::int4, e.lead_id, exists (
    select from event c where c.received_at = $1::timestamptz and c.event_id between (w.number - 1) << 6 and ((w.number - 1) << 6) + 63
      and c.lead_id = e.lead_id and c.verb = 'lead.create'), true
from unnest($2::bigint[]) with ordinality w(number, ord)
cross join lateral (
  select e.lead_id from event e where e.received_at = $1 and e.event_id between w.number << 6 and (w.number << 6) + 63 offset 0) e
