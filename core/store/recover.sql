-- What is left in hand when a process is gone. Rows are locked in the order of (shard, touch_id).

-- What a living process still has in hand (it gave the channel back and waits out a slow answer) is left to it: it may write how that ended.

-- Without permission nothing can have gone out. A touch on which the fourth process died is a person's business (the delivery loop takes
-- what comes back one by one, so that it was alone in hand but for the first time).
-- :name outbox_return
with left_over as materialized (
  select t.shard, t.touch_id from touch t where t.channel = $1::text and t.state = 'claimed' and t.token is distinct from $2::text
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
with left_over as materialized (
  select t.shard, t.touch_id from touch t where t.channel = $1::text and t.state = 'permitted' and t.token is distinct from $2::text
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

-- What others have in hand still: to be looked at again.
-- :name outbox_left
select count(*) from touch where channel = $1::text and state in ('claimed', 'permitted') and token is distinct from $2::text
