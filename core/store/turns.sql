-- Touches whose turn has not come, put off without being claimed; and those that wait for a publish.

-- What is due, first come, and where it goes: what a limit may be about. A touch to one of us is nobody's limit.
-- :name turns_due
with due as materialized (
  select touch_id, lead_id, due_at, kind, purpose, recipient, expires_at, turn_at from touch
  where channel = $1::text and queue = 'due' and due_at <= $2::timestamptz
  order by due_at limit $3::int8)
select d.touch_id, d.due_at, coalesce(d.turn_at = d.due_at, false), d.expires_at, d.purpose, d.recipient is not null,
  case d.kind when 'email' then l.email when 'call' then l.phone end
from due d left join lead l on l.shard = (d.lead_id & 63)::smallint and l.lead_id = d.lead_id
order by d.due_at, d.touch_id

-- $2 touches, in the order of their keys, $3 when each was due as it was looked at, $4 its turn, $5 why. What changed meanwhile stays.
-- :name turns_put_off
update touch t set due_at = g.turn, turn_at = g.turn, reason = g.reason,
  turn_from = case when t.turn_at = t.due_at then coalesce(t.turn_from, t.due_at) else t.due_at end
from unnest($2::int8[], $3::timestamptz[], $4::timestamptz[], $5::text[]) g(touch_id, was, turn, reason)
where t.shard = (g.touch_id & 63)::smallint and t.touch_id = g.touch_id and t.channel = $1::text and t.queue = 'due' and t.due_at = g.was
  and t.state in ('planned', 'deferred')

-- The limits are others now: what waits for its turn is due again, some at a time, from $2 on. The moment up to which it was done.
-- :name turns_anew
with waits as materialized (
  select shard, touch_id, due_at from touch
  where channel = $1::text and queue = 'due' and due_at >= $2::timestamptz and due_at < 'infinity' and turn_at = due_at
  order by due_at limit 2000 for no key update skip locked),
moved as (
  update touch t set due_at = coalesce(t.turn_from, t.planned_at), turn_at = null, turn_from = null
  from waits w where t.shard = w.shard and t.touch_id = w.touch_id and t.state in ('planned', 'deferred'))
select max(due_at), count(*) from waits

-- Somebody published: what no message could be made of is tried again, some at a time, in the order of their keys, behind touch $3, $4. As it waited, the gate is
-- asked about its pace anew: it counts as late. The last touch of these.
-- :name turns_unpark
with parked as materialized (
  select shard, touch_id from touch
  where channel = $1::text and due_at = 'infinity' and queue = 'due' and (shard, touch_id) > ($3::int2, $4::int8)
  order by shard, touch_id limit 2000 for no key update),
moved as (
  update touch t set due_at = $2::timestamptz, turn_at = $2, turn_from = t.planned_at, reason = null
  from parked p where t.shard = p.shard and t.touch_id = p.touch_id)
select shard, touch_id from parked order by shard desc, touch_id desc limit 1
