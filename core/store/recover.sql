-- What is left in hand when a process is gone: attempts without an end lead to it. Rows are locked in the order of (shard, touch_id).

-- What a living process still has in hand (it gave the channel back and waits out a slow answer) is left to it: it may write how that ended.

-- Without permission nothing can have gone out. A touch on which the fourth process died is a person's business (the delivery loop takes
-- what comes back one by one, so that it was alone in hand but for the first time).
-- :name outbox_return
with open as materialized (
  select a.shard, a.touch_id from attempt a where a.ended_at is null and a.at is not null),
left_over as materialized (
  select t.shard, t.touch_id from (select distinct shard, touch_id from open) a
  join touch t on t.shard = a.shard and t.touch_id = a.touch_id
  where t.channel = $1::text and t.state = 'claimed' and t.token is distinct from $2::text
    and not exists (select from lease_owner o where o.role = 'channel:' || $1 and o.owner = t.token and o.until >= clock_timestamp())
  order by t.shard, t.touch_id for no key update of t),
tried as (
  update attempt a set ended_at = $3::timestamptz, outcome = 'returned', reason = 'the process ended before permission'
  from left_over l where a.shard = l.shard and a.touch_id = l.touch_id and a.ended_at is null)
update touch t set state = case when l.deaths >= 3 then 'held' else 'planned' end, token = null,
  reason = case when l.deaths >= 3 then 'four processes died with it in hand' else t.reason end, over_at = case when l.deaths >= 3 then $3 end
from (select o.shard, o.touch_id, (select count(*) from attempt a where a.shard = o.shard and a.touch_id = o.touch_id and a.outcome = 'returned') as deaths
  from left_over o) l
where t.shard = l.shard and t.touch_id = l.touch_id
returning t.touch_id, t.lead_id, t.channel, coalesce(t.campaign, ''), coalesce(t.step, ''), case when t.state = 'held' then 'held' else '' end

-- :name outbox_doubt
with open as materialized (
  select a.shard, a.touch_id from attempt a where a.ended_at is null and a.at is not null),
left_over as materialized (
  select t.shard, t.touch_id from (select distinct shard, touch_id from open) a
  join touch t on t.shard = a.shard and t.touch_id = a.touch_id
  where t.channel = $1::text and t.state = 'permitted' and t.token is distinct from $2::text
    and not exists (select from lease_owner o where o.role = 'channel:' || $1 and o.owner = t.token and o.until >= clock_timestamp())
  order by t.shard, t.touch_id for no key update of t),
tried as (
  update attempt a set ended_at = $3::timestamptz, outcome = 'in_doubt', reason = 'the process ended after permission'
  from left_over l where a.shard = l.shard and a.touch_id = l.touch_id and a.ended_at is null)
update touch t set state = case when $4::bool and l.doubts < 3 then 'planned' else 'in_doubt' end, token = null,
  reason = 'the process ended after permission'
from (select o.shard, o.touch_id, (select count(*) from attempt a where a.shard = o.shard and a.touch_id = o.touch_id and a.outcome = 'in_doubt') as doubts
  from left_over o) l
where t.shard = l.shard and t.touch_id = l.touch_id
returning t.touch_id, t.lead_id, t.channel, coalesce(t.campaign, ''), coalesce(t.step, ''), case when t.state = 'in_doubt' then 'in_doubt' else '' end

-- A touch was taken back, and its process died before it could say so of the attempt.
-- :name outbox_end
update attempt a set ended_at = $3::timestamptz, outcome = 'cancelled', reason = 'the process ended after the touch was taken back'
from touch t
where a.ended_at is null and a.at is not null and t.shard = a.shard and t.touch_id = a.touch_id and t.channel = $1::text and t.state not in ('claimed', 'permitted')
  and a.token <> $2::text and not exists (select from lease_owner o where o.role = 'channel:' || $1 and o.owner = a.token and o.until >= clock_timestamp())

-- What others have in hand still: to be looked at again.
-- :name outbox_left
select count(distinct t.touch_id) from attempt a join touch t on t.shard = a.shard and t.touch_id = a.touch_id
where a.ended_at is null and a.at is not null and t.channel = $1::text and t.state in ('claimed', 'permitted') and t.token is distinct from $2::text
