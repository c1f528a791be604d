-- One who asks for a merge after the other, so that no two make a chain or a circle.
-- :name merge_ask_lock
select pg_advisory_xact_lock(hashtext('nurture.merge'))

-- `took`: a lead with a name that was merged into it, or is about to be.
-- :name merge_facts
select w.which, l.lead_id, coalesce(l.anonymous, false) as anonymous, l.erased_at is not null as erased, l.merged_into,
  (select m.merge_id from merge m where m.lead_id = w.id and m.state in ('waiting', 'done')) as merge,
  (select m.state from merge m where m.lead_id = w.id and m.state in ('waiting', 'done')) as state,
  (select m.winner from merge m where m.lead_id = w.id and m.state in ('waiting', 'done')) as winner,
  (select m.lead_id from merge m where m.winner = w.id and m.state in ('waiting', 'done') limit 1) as took,
  exists (select from merge m where m.lead_id = w.id and m.state = 'done' and m.names is not null and m.done_at > $3::timestamptz - interval '90 days') as may_back
from (values ('loser', $1::bigint), ('winner', $2::bigint)) w(which, id)
left join lead l on l.shard = (w.id & 63)::smallint and l.lead_id = w.id

-- :name merge_preview
select $1::bigint as lead, $2::bigint as into, 'possible' as state,
  (select count(*) from event e where e.shard = ($1 & 63)::smallint and e.lead_id = $1) as events,
  (select count(*) from identity i where i.shard = ($1 & 63)::smallint and i.lead_id = $1) as names,
  (select count(*) from touch t where t.shard = ($1 & 63)::smallint and t.lead_id = $1 and t.recipient is null
    and touch_may_stop(t.state)) as touches,
  (select count(*) from enrollment e where e.shard = ($1 & 63)::smallint and e.lead_id = $1 and e.state <> 'ended') as enrollments,
  (select count(distinct (c.channel, c.purpose)) from consent c where c.shard = ($1 & 63)::smallint and c.lead_id = $1) as permissions,
  (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(merge_fill(l, w)) k) as fill
from lead l, lead w
where l.shard = ($1 & 63)::smallint and l.lead_id = $1 and w.shard = ($2 & 63)::smallint and w.lead_id = $2

-- :name unmerge_preview
select $1::bigint as lead, m.winner as into, 'possible' as state,
  (select count(*) from event e where e.shard = ($1 & 63)::smallint and e.lead_id = $1) as events,
  jsonb_array_length(m.names) as names, 0 as touches, 0 as enrollments, 0 as permissions,
  (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(m.fill) k) as fill
from merge m where m.lead_id = $1 and m.state = 'done'

-- :name merge_put
with m as (
  insert into merge (lead_id, winner, state, asked_at) values ($1::bigint, $2::bigint, 'waiting', $3::timestamptz) returning merge_id, lead_id, winner),
told as (
  insert into event (received_at, event_id, shard, lead_id, at, verb, data)
  select $3, new_id((lead_id & 63)::int), (lead_id & 63)::smallint, lead_id, $3, 'lead.merge', jsonb_build_object('merge', merge_id, 'into', winner) from m
  returning shard, lead_id, event_id, received_at, at, verb, data),
heard as (
  insert into inbox (shard, lane, lead_id, event_id, received_at, at, machine, verb, data)
  select shard, 0, lead_id, event_id, received_at, at, false, verb, data from told),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($4::text, current_setting('application_name')), 'lead.merge', lead_id || ' into ' || winner, '{}' from m)
select merge_id as merge, lead_id as lead, winner as into, 'waiting' as state from m

-- A merge that was not done yet is not to be done.
-- :name unmerge_put
with m as (
  select merge_id, lead_id, winner, state from merge where lead_id = $1::bigint and state in ('waiting', 'done') for update), -- the turn may be at it
stopped as (update merge x set state = 'undone' from m where x.merge_id = m.merge_id and m.state = 'waiting' and x.state = 'waiting'),
told as (
  insert into event (received_at, event_id, shard, lead_id, at, verb, data)
  select $2::timestamptz, new_id((lead_id & 63)::int), (lead_id & 63)::smallint, lead_id, $2, 'lead.unmerge', jsonb_build_object('merge', merge_id, 'into', winner)
  from m where state = 'done'
  returning shard, lead_id, event_id, received_at, at, verb, data),
heard as (
  insert into inbox (shard, lane, lead_id, event_id, received_at, at, machine, verb, data)
  select shard, 0, lead_id, event_id, received_at, at, false, verb, data from told),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($3::text, current_setting('application_name')), 'lead.unmerge', lead_id || ' from ' || winner, '{}' from m)
select merge_id as merge, lead_id as lead, winner as into, case state when 'done' then 'waiting' else 'undone' end as state from m
