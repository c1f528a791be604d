-- What is left in hand when a process is gone: its hauls lead to it. Rows are locked in the order of (shard, touch_id).

-- What a living process still has in hand (it gave the channel back and waits out a slow answer) is left to it: it may write how that ended.

-- Without permission nothing can have gone out. A touch on which the fourth process died is a person's business (the delivery loop takes
-- what comes back one by one, so that it was alone in hand but for the first time).
-- :name outbox_return
with open as materialized (
  select (touch_id & 63)::smallint as shard, touch_id from (select unnest(touches) as touch_id from haul where channel = $1::text) h
  union select a.shard, a.touch_id from attempt a where a.ended_at is null and a.at is not null),
left_over as materialized (
  select t.shard, t.touch_id, t.attempts, coalesce(t.claimed_at, $3::timestamptz) as at, coalesce(t.token, '') as token from open a
  join touch t on t.shard = a.shard and t.touch_id = a.touch_id
  where t.channel = $1 and t.state = 'claimed' and t.token is distinct from $2::text
    and not exists (select from lease_owner o where o.role = 'channel:' || $1 and o.owner = t.token and o.until >= clock_timestamp())
  order by t.shard, t.touch_id for no key update of t),
tried as (
  insert into attempt as a (shard, touch_id, attempt, at, ended_at, outcome, reason, token)
  select shard, touch_id, attempts, at, $3, 'returned', 'the process ended before permission', token from left_over
  on conflict (shard, touch_id, attempt) do update set at = case when a.ended_at is null then a.at else excluded.at end, token = excluded.token, ended_at = excluded.ended_at,
    outcome = excluded.outcome, reason = excluded.reason, remote_id = null)
update touch t set state = case when l.deaths >= 3 then 'held' else 'planned' end, token = null,
  reason = case when l.deaths >= 3 then 'four processes died with it in hand' else t.reason end, over_at = case when l.deaths >= 3 then $3 end
from (select o.shard, o.touch_id, (select count(*) from attempt a where a.shard = o.shard and a.touch_id = o.touch_id and a.outcome = 'returned') as deaths
  from left_over o) l
where t.shard = l.shard and t.touch_id = l.touch_id
returning t.touch_id, t.lead_id, t.channel, coalesce(t.campaign, ''), coalesce(t.step, ''), case when t.state = 'held' then 'held' else '' end

-- :name outbox_doubt
with open as materialized (
  select (touch_id & 63)::smallint as shard, touch_id from (select unnest(touches) as touch_id from haul where channel = $1::text) h
  union select a.shard, a.touch_id from attempt a where a.ended_at is null and a.at is not null),
left_over as materialized (
  select t.shard, t.touch_id, t.attempts, coalesce(t.claimed_at, $3::timestamptz) as at, coalesce(t.token, '') as token from open a
  join touch t on t.shard = a.shard and t.touch_id = a.touch_id
  where t.channel = $1 and t.state = 'permitted' and t.token is distinct from $2::text
    and not exists (select from lease_owner o where o.role = 'channel:' || $1 and o.owner = t.token and o.until >= clock_timestamp())
  order by t.shard, t.touch_id for no key update of t),
tried as (
  insert into attempt as a (shard, touch_id, attempt, at, ended_at, outcome, reason, token)
  select shard, touch_id, attempts, at, $3, 'in_doubt', 'the process ended after permission', token from left_over
  on conflict (shard, touch_id, attempt) do update set at = case when a.ended_at is null then a.at else excluded.at end, token = excluded.token, ended_at = excluded.ended_at,
    outcome = excluded.outcome, reason = excluded.reason, remote_id = null)
update touch t set state = case when $4::bool and l.doubts < 3 then 'planned' else 'in_doubt' end, token = null,
  reason = 'the process ended after permission'
from (select o.shard, o.touch_id, (select count(*) from attempt a where a.shard = o.shard and a.touch_id = o.touch_id and a.outcome = 'in_doubt') as doubts
  from left_over o) l
where t.shard = l.shard and t.touch_id = l.touch_id
returning t.touch_id, t.lead_id, t.channel, coalesce(t.campaign, ''), coalesce(t.step, ''), case when t.state = 'in_doubt' then 'in_doubt' else '' end

-- A touch was taken back, and its process died before it could say so of the attempt, which a program of before had left open.
-- :name outbox_end
update attempt a set ended_at = $3::timestamptz, outcome = 'cancelled', reason = 'the process ended after the touch was taken back'
from touch t
where a.ended_at is null and a.at is not null and t.shard = a.shard and t.touch_id = a.touch_id and t.channel = $1::text and t.state not in ('claimed', 'permitted')
  and a.token <> $2::text and not exists (select from lease_owner o where o.role = 'channel:' || $1 and o.owner = a.token and o.until >= clock_timestamp())

-- :name outbox_haul_forget
delete from haul h where h.channel = $1::text and h.token <> $2::text
  and not exists (select from lease_owner o where o.role = 'channel:' || $1 and o.owner = h.token and o.until >= clock_timestamp())

-- What others have in hand still: to be looked at again.
-- :name outbox_left
with open as materialized (
  select (touch_id & 63)::smallint as shard, touch_id from (select unnest(touches) as touch_id from haul where channel = $1::text) h
  union select a.shard, a.touch_id from attempt a where a.ended_at is null and a.at is not null)
select count(*) from open a join touch t on t.shard = a.shard and t.touch_id = a.touch_id
where t.channel = $1 and t.state in ('claimed', 'permitted') and t.token is distinct from $2::text
