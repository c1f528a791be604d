-- The site and one shard's lease.
-- :name load_site
select coalesce((select max(activation) from activation), 0)::int8, real0, domain0, scale,
  (select epoch from shard_lease where role = 'engine' and shard = $1::int and owner = $2::text)
from clock

-- What is to be done in some shards: candidates of each lane, oldest first. $1 the shards, $2 now, $3 leads to leave out. Each shard is asked for itself,
-- in the order of an index; leads whose turn failed wait.
-- :name load_sites
select coalesce((select max(activation) from activation), 0)::int8, real0, domain0, scale, s.shard,
  (select epoch from shard_lease l where l.role = 'engine' and l.shard = s.shard and l.owner = $2::text)
from clock cross join unnest($1::int[]) s(shard)

-- :name load_inbox
select i.lead_id
from unnest($1::int[]) s(shard)
cross join lateral (select array(select f.lead_id from turn_failure f where f.shard = s.shard and f.retry_at > $2::timestamptz) as leads offset 0) failing
cross join lateral (
  select i.lead_id from inbox i
  where i.shard = s.shard and i.lane = $4::int and not i.lead_id = any($3::bigint[]) and not i.lead_id = any(failing.leads)
  order by i.shard, i.lane, i.id limit $5::int) i

-- :name load_wakes
select w.lead_id
from unnest($1::int[]) s(shard)
cross join lateral (select array(select f.lead_id from turn_failure f where f.shard = s.shard and f.retry_at > $2::timestamptz) as leads offset 0) failing
cross join lateral (
  select w.lead_id from lead_wake w
  where w.shard = s.shard and w.wake_at <= $2 and not w.lead_id = any($3::bigint[]) and not w.lead_id = any(failing.leads)
  order by w.shard, w.wake_at limit $4::int) w

-- What is new for the leads chosen: each one's oldest rows, of all lanes, with their events, lead by lead. The row carries its event, or says where it is. What came by
-- a merge that was taken back since is nothing any more; what the loser's fields held stands in `merge`, and in no event.
-- :name load_events
select i.lead_id, i.id, i.lane, i.event_id, coalesce(i.verb, e.verb) is not null, i.received_at, coalesce(i.at, e.at), coalesce(i.verb, e.verb),
  coalesce(i.subject, e.subject), coalesce(i.value, e.value), coalesce(i.machine, e.machine),
  case when e.verb = 'lead.merged' then e.data || coalesce((select jsonb_build_object('fill', m.fill) from merge m
    where m.lead_id = (e.data->>'lead')::bigint and m.winner = e.lead_id and m.state = 'done'), '{"fill": {}}') else coalesce(i.data, e.data) end, i.ctid,
  coalesce(i.merged, false)
from unnest($1::bigint[]) w(lead_id)
cross join lateral (
  select i.ctid, i.* from inbox i where i.shard = (w.lead_id & 63)::smallint and i.lead_id = w.lead_id order by i.id limit 1000) i
left join lateral (
  select e.* from event e where i.verb is null and e.received_at = i.received_at and e.event_id = i.event_id
    and (i.merged is null or e.lead_id = i.lead_id or exists (
      select from lead l where l.shard = (e.lead_id & 63)::smallint and l.lead_id = e.lead_id and l.merged_into = i.lead_id)) limit 1) e on true

-- :name load_lead_wakes
select l.lead_id, w.wake_at from unnest($1::bigint[]) l(lead_id)
cross join lateral (select w.wake_at from lead_wake w where w.shard = (l.lead_id & 63)::smallint and w.lead_id = l.lead_id offset 0) w
order by l.lead_id
