-- Touches of a channel's queue that somebody has in hand ($2 until when; null: no more). Rows are locked in the order of (shard, touch_id). What reaches far enough ($3)
-- is not written again. What was held beyond its deadline is looked at by its lead's turn as soon as it is in nobody's hand, also before that deadline: a turn that ran meanwhile
-- wakes it only when the hold would have ended.
-- :name offer_hold
with given as materialized (
  select * from unnest($1::int8[], $2::timestamptz[], $3::timestamptz[]) with ordinality g(touch_id, until, needed, ord)),
locked as materialized (
  select t.shard, t.lead_id, t.state, t.expires_at, t.offered_until, g.*
  from given g join touch t on t.shard = (g.touch_id & 63)::smallint and t.touch_id = g.touch_id
  where t.channel = $4::text
  order by t.shard, t.touch_id for no key update of t),
moved as (
  update touch t set offered_until = l.until from locked l
  where t.shard = l.shard and t.touch_id = l.touch_id and l.state = 'queued'
    and case when l.until is null then l.offered_until is not null else coalesce(l.offered_until < l.needed, true) end),
woken as (
  insert into inbox (shard, lane, lead_id)
  select l.shard, 0, l.lead_id from locked l where l.state = 'queued' and l.until is null and l.offered_until is not null
    and (l.expires_at < l.offered_until or l.expires_at <= $5::timestamptz))
select (ord - 1)::int4 from locked where state = 'queued'
