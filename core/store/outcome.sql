-- How deliveries ended. Rows are locked in the order of (shard, touch_id). An outcome is about one attempt: a late copy of it finds the touch
-- claimed anew under the same token and leaves it.
-- :name outbox_outcomes
with given as materialized (
  select * from unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bool[], $7::int4[], $8::bool[])
    with ordinality g(touch_id, state, reason, remote_id, due_at, spent, attempt, doubt, ord)),
locked as materialized (
  select t.shard, t.attempts as standing, g.*
  from given g join touch t on t.shard = (g.touch_id & 63)::smallint and t.touch_id = g.touch_id
  where t.state || '' in ('claimed', 'permitted') and t.token = $9::text -- by the key, never by the index of all that is in hand
  order by t.shard, t.touch_id for no key update of t),
-- The attempt was ours and is over, also where the touch was taken back meanwhile.
tried as (
  update attempt a set ended_at = $10::timestamptz, outcome = case when g.doubt then 'in_doubt' else g.state end, reason = g.reason,
    remote_id = g.remote_id
  from given g where a.shard = (g.touch_id & 63)::smallint and a.touch_id = g.touch_id and a.attempt = g.attempt and a.token = $9
    and a.ended_at is null)
update touch t set state = l.state, reason = l.reason, remote_id = coalesce(l.remote_id, t.remote_id), due_at = coalesce(l.due_at, t.due_at),
  attempts = t.attempts - case when l.spent then 0 else 1 end, token = null,
  permitted_at = case when l.state in ('planned', 'deferred') then null else t.permitted_at end,
  over_at = case when l.state in ('sent', 'rejected', 'held', 'expired', 'cancelled') then $10 end
from locked l where t.shard = l.shard and t.touch_id = l.touch_id and l.standing = l.attempt
returning (l.ord - 1)::int4, t.recipient is not null or t.purpose = 'internal'
