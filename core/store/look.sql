-- Touches of a channel by their numbers.
-- :name look_touches
select (w.ord - 1)::int4, t.touch_id, t.lead_id, coalesce(t.enrollment_id, 0), t.campaign, t.step, coalesce(t.pass, 0), t.kind, t.template, t.purpose, t.planned_at,
  t.due_at, t.expires_at, t.any_hours, t.place, t.data, t.state, coalesce(t.reason, ''), t.attempts, t.revision
from unnest($1::int8[]) with ordinality w(touch_id, ord)
cross join lateral (select * from touch t where t.shard = (w.touch_id & 63)::smallint and t.touch_id = w.touch_id and t.channel = $2::text offset 0) t
