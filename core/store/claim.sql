-- Claims of touches: due ones, oldest first. Those that somebody holds just now are left for the next claim. What waited for its turn says when it was due before, so
-- that the gate knows how late it is.
-- :name outbox_claim
with due as materialized (
  select ctid as at from touch
  where channel = $1::text and queue = 'due' and due_at <= $2::timestamptz
  order by due_at limit $3::int8 for no key update skip locked),
taken as (
  update touch t set state = 'claimed', attempts = t.attempts + 1, token = $4::text, claimed_at = $2, permitted_at = null
  from due d where t.ctid = d.at
  returning t.*),
kept as (
  insert into haul (channel, haul_id, token, touches) select $1, $5::int8, $4, array_agg(touch_id) from taken having count(*) > 0)
select touch_id, lead_id, coalesce(enrollment_id, 0), campaign, step, coalesce(pass, 0), kind, template, purpose, recipient, planned_at,
  case when turn_at = due_at then coalesce(turn_from, due_at) else due_at end, expires_at,
  attempts, any_hours, place, revision, data
from taken order by due_at, touch_id

-- What a permission asks about later (permit.sql): whether this was all that was said.
-- :name outbox_seen
select pg_current_snapshot()::text
