-- What this process has claimed without knowing it: the answer to the COMMIT was lost, and the database could not say.
-- :name outbox_unclaim
with open as materialized (
  select (touch_id & 63)::smallint as shard, touch_id from (select unnest(touches) as touch_id from haul where channel = $1::text and token = $2::text) h
  union select a.shard, a.touch_id from attempt a where a.token = $2 and a.ended_at is null and a.at is not null),
lost as materialized (
  select t.shard, t.touch_id, t.attempts
  from open a
  join touch t on t.shard = a.shard and t.touch_id = a.touch_id
  where t.channel = $1 and t.state = 'claimed' and t.token = $2 and t.touch_id <> all ($3::int8[])
  order by t.shard, t.touch_id for no key update of t),
tried as (
  delete from attempt a using lost l where a.shard = l.shard and a.touch_id = l.touch_id and a.attempt = l.attempts and a.token = $2
    and a.ended_at is null)
update touch t set state = 'planned', attempts = t.attempts - 1, token = null
from lost l where t.shard = l.shard and t.touch_id = l.touch_id
returning t.touch_id
