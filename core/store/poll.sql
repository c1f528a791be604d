-- Cheap questions of idle workers. A lead whose turn failed is nothing to do until retry_at; for a parked one that is infinity.

-- :name poll_site
select real0, domain0, scale, coalesce((select max(activation) from activation), 0)::int8 from clock

-- One row a shard: is there something in the inbox, and when does the next wake come.
-- :name poll_turns
select s::int4,
  exists (select from inbox i where i.shard = s
    and not exists (select from turn_failure f where f.shard = i.shard and f.lead_id = i.lead_id and f.retry_at > $2::timestamptz)),
  coalesce((select w.wake_at from lead_wake w where w.shard = s
    and not exists (select from turn_failure f where f.shard = w.shard and f.lead_id = w.lead_id and f.retry_at > $2)
    order by w.wake_at limit 1), 'infinity'),
  exists (select from account_inbox a where a.shard = s)
from generate_series(0, 63) s
where ($1::int8 >> s) & 1 = 1

-- :name poll_touches
select coalesce((select due_at from touch where channel = $1::text and state in ('planned', 'deferred') order by due_at limit 1), 'infinity')

-- The keeper's move. Open: what is in hand, and what is due at the moment at which time stands. A faulted channel holds nothing up.
-- :name clock_advance
with it as materialized (select domain0 as now from clock where scale <> 1),
channels as materialized (
  select c from unnest($2::text[]) c where not exists (select from channel_state s where s.channel = c and s.state = 'faulted')),
failing as materialized (
  select f.shard, f.lead_id, f.retry_at from turn_failure f, it where f.retry_at > it.now),
open as materialized (select
  exists (select from generate_series(0, 63) s, lateral (select from inbox i where i.shard = s
    and not exists (select from failing f where f.shard = i.shard and f.lead_id = i.lead_id) limit 1) x)
  or exists (select from generate_series(0, 63) s, it, lateral (select from lead_wake w where w.shard = s and w.wake_at <= it.now
    and not exists (select from failing f where f.shard = w.shard and f.lead_id = w.lead_id) limit 1) x)
  or exists (select from account_inbox)
  or exists (select from channels, it, lateral (select from touch t where t.channel = c and t.state in ('planned', 'deferred') and t.due_at <= it.now limit 1) x)
  or exists (select from channels, lateral (select from touch t where t.channel = c and t.state in ('claimed', 'permitted') limit 1) x)
  as is_open),
next as materialized (select least(
  (select min(at) from generate_series(0, 63) s, it, lateral (select min(w.wake_at) as at from lead_wake w where w.shard = s and w.wake_at > it.now) x),
  (select min(at) from channels, it, lateral (select min(t.due_at) as at from touch t
    where t.channel = c and t.state in ('planned', 'deferred') and t.due_at > it.now) x),
  (select min(retry_at) from failing)) as at)
update clock set domain0 = least(domain0 + $1::int8 * interval '1 microsecond', next.at), real0 = $3::timestamptz
from open, next
where scale <> 1 and not open.is_open
returning real0, domain0, scale
