-- What is to be done in a shard: candidates of each lane, oldest first. $1 shard, $2 now, $3 leads to leave out.
-- :name load_site
select coalesce((select max(activation) from activation), 0)::int8, real0, domain0, scale,
  exists (select from shard_lease where role = 'engine' and shard = $1::int and owner = $2::text)
from clock

-- :name load_inbox
select i.lead_id from inbox i
where i.shard = $1::int and i.lane = $4::int and i.lead_id <> all($3::bigint[])
  and not exists (select from turn_failure f where f.shard = i.shard and f.lead_id = i.lead_id and f.retry_at > $2::timestamptz)
order by i.shard, i.lane, i.id limit 2000

-- :name load_wakes
select w.lead_id from lead_wake w
where w.shard = $1::int and w.wake_at <= $2::timestamptz and w.lead_id <> all($3::bigint[])
  and not exists (select from turn_failure f where f.shard = w.shard and f.lead_id = w.lead_id and f.retry_at > $2)
order by w.shard, w.wake_at limit 2000

-- :name load_next_wake
select w.wake_at from lead_wake w where w.shard = $1::int and w.wake_at > $2::timestamptz order by w.shard, w.wake_at limit 1

-- What is new for the leads chosen: each one's oldest rows, of all lanes, with their events. In the order of receipt.
-- :name load_events
select i.lead_id, i.id, i.lane, i.event_id, e.at, e.received_at, e.verb, e.subject, e.value, e.machine, e.data, e.event_id is not null
from unnest($1::bigint[]) w(lead_id)
cross join lateral (
  select i.lead_id, i.id, i.lane, i.event_id, i.received_at from inbox i
  where i.shard = (w.lead_id & 63)::smallint and i.lead_id = w.lead_id order by i.id limit 1000) i
left join lateral (
  select e.* from event e where e.received_at = i.received_at and e.event_id = i.event_id limit 1) e on true
order by i.lead_id, i.received_at, i.event_id

-- :name load_lead_wakes
select w.lead_id, w.wake_at from unnest($1::bigint[]) l(lead_id)
join lead_wake w on w.shard = (l.lead_id & 63)::smallint and w.lead_id = l.lead_id
order by w.lead_id
