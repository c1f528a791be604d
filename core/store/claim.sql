-- Claims of touches: due ones, oldest first. Those that somebody holds just now are left for the next claim.
-- :name outbox_claim
with due as materialized (
  select ctid as at from touch
  where channel = $1::text and queue = 'due' and due_at <= $2::timestamptz
  order by due_at limit $3::int8 for no key update skip locked),
taken as (
  update touch t set state = 'claimed', attempts = t.attempts + 1, token = $4::text, permitted_at = null
  from due d where t.ctid = d.at
  returning t.*),
tried as (
  insert into attempt (shard, touch_id, attempt, at, token)
  select shard, touch_id, attempts, $2, $4 from taken
  on conflict (shard, touch_id, attempt) do update
  set at = excluded.at, token = excluded.token, ended_at = null, outcome = null, reason = null, remote_id = null)
select touch_id, lead_id, coalesce(enrollment_id, 0), campaign, step, coalesce(pass, 0), kind, template, purpose, recipient, planned_at, due_at, expires_at,
  attempts, any_hours, place, revision, data
from taken order by due_at, touch_id
