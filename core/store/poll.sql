-- Cheap questions of idle workers. A lead or an account whose turn failed is nothing to do until retry_at; for a parked one that is infinity.

-- :name poll_site
select real0, domain0, scale, coalesce((select max(activation) from activation), 0)::int8,
  coalesce((select max(number) from schema_migration), 0)::int4 from clock

-- One row a shard: the best lane in which something is in the inbox, when does the next wake come, have accounts something new. Each question ends at the first row in
-- the order of an index: whatever the statistics say of a table that fills and empties, no plan may read it whole. (Inside exists, order and
-- limit would be thrown away.)
-- :name poll_turns
select s.s::int4,
  (select i.lane from inbox i where i.shard = s.s and i.lane is not null and not i.lead_id = any(failing.leads) order by i.shard, i.lane, i.id limit 1),
  coalesce((select w.wake_at from lead_wake w where w.shard = s.s and w.wake_at is not null and not w.lead_id = any(failing.leads)
    order by w.shard, w.wake_at limit 1), 'infinity'),
  (select a.id from account_inbox a where a.shard = s.s and (a.wake is not null or not a.account_id = any(failing.accounts)) order by a.shard, a.id limit 1) is not null,
  (select p.lead_id from same_person p where p.shard = s.s order by p.shard, p.lead_id limit 1) is not null
from generate_series(0, 63) s(s)
cross join lateral (select array(select f.lead_id from turn_failure f where f.shard = s.s and f.retry_at > $2::timestamptz) as leads,
  array(select f.account_id from account_failure f where f.shard = s.s and f.retry_at > $2) as accounts offset 0) failing
where ($1::int8 >> s.s) & 1 = 1

-- :name poll_sales
select person, open, last from sales_load

-- Shards whose leads are to be scored again, as long as nobody stops the job.
-- :name poll_walks
select w.shard::int4, w.job_id, w.after_lead from rescore_walk w
where not w.over and exists (select from job j where j.job_id = w.job_id and j.state in ('waiting', 'running') and not j.cancel)

-- Shards whose accounts are to be summed up again.
-- :name poll_account_walks
select w.shard::int4 from account_walk w
where not w.over and exists (select from job j where j.job_id = w.job_id and j.state in ('waiting', 'running') and not j.cancel)

-- :name poll_leases
select exists (select from shard_lease where role = $1::text and until < clock_timestamp())

-- :name poll_touches
select coalesce((select due_at from touch where channel = $1::text and queue = 'due' order by due_at limit 1), 'infinity'),
  (select c.stopped_by from channel_state c where c.channel = $1 and c.stopped_at is not null),
  (select c.held_reason from channel_state c where c.channel = $1 and c.held_at is not null),
  coalesce((select string_agg(p.campaign, E'\x1f' order by p.campaign) from campaign_pause p where p.resumed_at is null), '')

-- The keeper's move. Open: what is in hand, and what is due at the moment at which time stands. A channel that waits for a person holds nothing up.
-- :name clock_advance
with it as materialized (select domain0 as now from clock where scale <> 1),
channels as materialized (
  select c from unnest($2::text[]) c where not exists (select from channel_state s where s.channel = c and (s.state = 'faulted' or s.stopped_at is not null or s.held_at is not null))),
failing as materialized (
  select f.shard, f.lead_id, f.retry_at from turn_failure f, it where f.retry_at > it.now),
failing_accounts as materialized (
  select f.shard, f.account_id, f.retry_at from account_failure f, it where f.retry_at > it.now),
open as materialized (select
  exists (select from generate_series(0, 63) s(s) cross join lateral (select from inbox i
    where i.shard = s.s and i.lane is not null and not i.lead_id = any(array(select f.lead_id from failing f where f.shard = s.s)) order by i.shard, i.lane, i.id limit 1) x)
  or exists (select from it, generate_series(0, 63) s(s) cross join lateral (select from lead_wake w
    where w.shard = s.s and w.wake_at <= it.now and not w.lead_id = any(array(select f.lead_id from failing f where f.shard = s.s))
    order by w.shard, w.wake_at limit 1) x)
  or exists (select from generate_series(0, 63) s(s) cross join lateral (select from account_inbox a
    where a.shard = s.s and (a.wake is not null or not a.account_id = any(array(select f.account_id from failing_accounts f where f.shard = s.s)))
    order by a.shard, a.id limit 1) x)
  or exists (select from generate_series(0, 63) s(s) cross join lateral (select from same_person p where p.shard = s.s order by p.shard, p.lead_id limit 1) x)
  or exists (select from rescore_walk w join job j on j.job_id = w.job_id and j.state in ('waiting', 'running') and not j.cancel where not w.over)
  or exists (select from account_walk w join job j on j.job_id = w.job_id and j.state in ('waiting', 'running') and not j.cancel where not w.over)
  or exists (select from it, channels cross join lateral (select from touch t
    where t.channel = c and t.queue = 'due' and t.due_at <= it.now order by t.channel, t.due_at limit 1) x)
  or exists (select from channels cross join lateral (select unnest(h.touches) as touch_id from haul h where h.channel = c offset 0) u
    cross join lateral (select from touch t where t.shard = (u.touch_id & 63)::smallint and t.touch_id = u.touch_id and t.state in ('claimed', 'permitted') offset 0) x)
  or exists (select from (select from attempt a join touch t on t.shard = a.shard and t.touch_id = a.touch_id
    where a.token > '' and a.ended_at is null and a.at is not null and t.state in ('claimed', 'permitted') and t.channel = any(array(select c from channels))
    order by a.token limit 1) x)
  as is_open),
next as materialized (select least(
  (select min(x.at) from it, generate_series(0, 63) s(s) cross join lateral (select w.wake_at as at from lead_wake w
    where w.shard = s.s and w.wake_at > it.now order by w.shard, w.wake_at limit 1) x),
  (select min(x.at) from it, channels cross join lateral (select t.due_at as at from touch t
    where t.channel = c and t.queue = 'due' and t.due_at > it.now order by t.channel, t.due_at limit 1) x),
  (select min(retry_at) from failing), (select min(retry_at) from failing_accounts)) as at)
update clock set domain0 = least(domain0 + $1::int8 * interval '1 microsecond', next.at), real0 = $3::timestamptz
from open, next
where scale <> 1 and not open.is_open
returning real0, domain0, scale
