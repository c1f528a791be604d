-- Statements of hold.c.

-- :name hold_seen
insert into agent (channel, name, state, since) select $1, $2, $3, $4::int8 where not exists (
select from agent where channel = $1 and name = $2 and state = $3 and seen_at >= clock_timestamp() - interval '20 seconds') on conflict (channel, name) do update
set seen_at = clock_timestamp(), since = case when agent.state = excluded.state then agent.since else excluded.since end, state = excluded.state
where agent.state <> excluded.state or agent.seen_at < clock_timestamp() - interval '20 seconds'

-- never shorter than it was: a call centre has its calls for days
-- :name hold_beat
update call set lease_until = greatest(lease_until, clock_timestamp() + $4::int4 * interval '1 second') where channel = $1 and touch_id = $2::int8 and agent = $3
and state || '' = 'leased' and lease_until > clock_timestamp() returning ceil(extract(epoch from lease_until - clock_timestamp()))::int8,
coalesce(latest_at, 0), 0

-- :name hold_release
with held as (select touch_id, attempt_id from call where channel = $1 and touch_id = $2::int8 and agent = $3 and state || '' = 'leased' for update),
ended as (update attempt a set ended_at = $4::int8, disposition = 'released' from held h where a.id = h.attempt_id)
update call c set state = 'waiting', ready_at = $4::int8 + 120000000, agent = null, lease_until = null, attempt_id = null, why = 'given back'
from held h where c.channel = $1 and c.touch_id = h.touch_id returning 0, coalesce(c.latest_at, 0), coalesce(c.until, 0)

-- :name hold_release_all
with held as materialized (select touch_id, attempt_id from call where channel = $1 and state = 'leased' and (agent = $2 or starts_with(agent, $2 || '/')) for update),
ended as (update attempt a set ended_at = $3::int8, disposition = 'released' from held h where a.id = h.attempt_id)
update call c set state = 'ready', agent = null, lease_until = null, attempt_id = null, why = 'given back'
from held h where c.channel = $1 and c.touch_id = h.touch_id returning c.touch_id, coalesce(c.latest_at, 0), coalesce(c.until, 0)
