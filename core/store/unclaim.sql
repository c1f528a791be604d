-- What this process has claimed without knowing it: the answer to the COMMIT was lost, and the database could not say.
-- :name outbox_unclaim
with lost as materialized (
  select shard, touch_id, attempts from touch
  where channel = $1::text and state = 'claimed' and token = $2::text and touch_id <> all ($3::int8[])
  order by shard, touch_id for no key update),
tried as (
  delete from attempt a using lost l where a.shard = l.shard and a.touch_id = l.touch_id and a.attempt = l.attempts and a.token = $2
    and a.ended_at is null)
update touch t set state = 'planned', attempts = t.attempts - 1, token = null
from lost l where t.shard = l.shard and t.touch_id = l.touch_id
returning t.touch_id
