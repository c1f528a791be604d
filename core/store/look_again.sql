-- Touches of a channel of which nothing has changed since $3 (outbox.h, store_look_again).
-- :name look_again
with paused as materialized (select p.campaign from campaign_pause p where p.resumed_at is null)
select (w.ord - 1)::int4
from unnest($1::int8[]) with ordinality w(touch_id, ord)
cross join lateral (select t.state, t.lead_id, t.campaign, t.enrollment_id from touch t where t.shard = (w.touch_id & 63)::smallint and t.touch_id = w.touch_id and t.channel = $2::text offset 0) t
cross join lateral (select l.updated_at, l.account_id from lead l where l.shard = (t.lead_id & 63)::smallint and l.lead_id = t.lead_id offset 0) l
left join lateral (select a.updated_at from account a where a.shard = (l.account_id & 63)::smallint and a.account_id = l.account_id offset 0) a on true
left join lateral (select e.state, e.paused_at from enrollment e where e.shard = (t.enrollment_id & 63)::smallint and e.enrollment_id = t.enrollment_id offset 0) e on true
where t.state = 'queued' and l.updated_at < $3::timestamptz and coalesce(a.updated_at < $3, true) and coalesce(e.state <> 'held' and e.paused_at is null, true)
  and (t.enrollment_id is null or t.campaign not in (select campaign from paused))
