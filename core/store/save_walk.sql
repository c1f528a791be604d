-- What the turns decided about enrollments and touches.
-- :name save_enrollment_change
update enrollment e set step = w.step, state = w.state, step_since = w.step_since, due_at = w.due_at, over_at = w.over_at, touch_id = w.touch_id,
  passes = w.passes, rounds = w.rounds, goal_at = w.goal_at, ended_at = w.ended_at, reason = w.reason, holdout = w.holdout, paused_at = w.paused_at,
  revision = $2::text
from unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[],
  $11::timestamptz[], $12::bigint[], $13::jsonb[], $14::int[], $15::timestamptz[], $16::timestamptz[], $17::text[], $18::boolean[],
  $19::timestamptz[])
  w(enrollment_id, lead_id, campaign, step, state, entered_at, step_since, due_at, over_at, touch_id, passes, rounds, goal_at, ended_at, reason,
  holdout, paused_at)
where e.shard = (w.enrollment_id & 63)::smallint and e.enrollment_id = w.enrollment_id and (w.enrollment_id & 63) = $1::int

-- :name save_enrollment_new
insert into enrollment (shard, revision, enrollment_id, lead_id, campaign, step, state, entered_at, step_since, due_at, over_at, touch_id, passes,
  rounds, goal_at, ended_at, reason, holdout, paused_at)
select $1::int, $2::text, w.* from unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[],
  $10::timestamptz[], $11::timestamptz[], $12::bigint[], $13::jsonb[], $14::int[], $15::timestamptz[], $16::timestamptz[], $17::text[],
  $18::boolean[], $19::timestamptz[]) w

-- A touch that is there already for this (enrollment, step, pass) is an error of ours: the batch fails, nothing is hidden.
-- :name save_touch
insert into touch (shard, revision, touch_id, lead_id, enrollment_id, campaign, step, pass, channel, kind, template, purpose, recipient, state,
  planned_at, due_at, expires_at, over_at, reason, place, any_hours, data)
select $1::int, $2::text, w.* from unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::int[], $9::text[], $10::text[],
  $11::text[], $12::text[], $13::text[], $14::text[], $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], $18::timestamptz[], $19::text[],
  $20::text[], $21::boolean[], $22::jsonb[]) w

-- What was late when the turn looked, and is in somebody's hand now, stays, and is answered: nothing of the turn holds then.
-- :name save_cancel
with locked as materialized (
  select t.touch_id, w.reason, w.reason = 'late' and t.state = 'queued' and t.offered_until > $2::timestamptz as spoken from unnest($3::bigint[], $4::text[]) w(touch_id, reason)
  join touch t on t.shard = (w.touch_id & 63)::smallint and t.touch_id = w.touch_id
  where (w.touch_id & 63) = $1::int
  order by t.touch_id for no key update of t),
moved as (
  update touch t set state = 'cancelled', over_at = $2, reason = l.reason, token = null
  from locked l
  where t.shard = (l.touch_id & 63)::smallint and t.touch_id = l.touch_id and touch_may_stop(t.state) and l.spoken is not true)
select touch_id from locked where spoken

-- Those that nobody has in hand: the others are missing in the answer.
-- :name save_later
with locked as (
  select t.touch_id, w.due_at, w.expires_at from unnest($2::bigint[], $3::timestamptz[], $4::timestamptz[]) w(touch_id, due_at, expires_at)
  join touch t on t.shard = (w.touch_id & 63)::smallint and t.touch_id = w.touch_id
  where (w.touch_id & 63) = $1::int
  order by t.touch_id for no key update of t)
update touch t set due_at = l.due_at, expires_at = l.expires_at
from locked l
where t.shard = (l.touch_id & 63)::smallint and t.touch_id = l.touch_id and t.state = 'planned'
returning t.touch_id

-- :name save_log
insert into enrollment_log (shard, at, revision, enrollment_id, lead_id, campaign, step, what, cause, place, touch_id)
select $1::int, $2::timestamptz, $3::text, w.* from unnest($4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
  $11::bigint[]) w

-- Handoffs that are made, and what sales said of those before, or that they are late: all open ones of the lead, or those of one campaign. Only a lead's turn writes
-- these rows, so what was found stays where it is. What each person has in hand is added up here, so that rows of sales_load, which all shards write, are
-- locked once in a transaction, in the order of names.
-- :name save_handoff
with found as materialized (
  select h.handoff_id, h.row, w.state from unnest($12::bigint[], $13::text[], $14::text[]) w(lead_id, state, campaign)
  cross join lateral (
    select h.handoff_id, h.ctid as row, h.state, h.campaign from handoff h where h.shard = (w.lead_id & 63)::smallint and h.lead_id = w.lead_id offset 0) h
  where (w.lead_id & 63) = $1::int and (w.campaign = '' or h.campaign = w.campaign)
    and (h.state = 'open' or (h.state = 'late' and w.state <> 'late'))),
moved as (
  update handoff h set state = (select f.state from found f where f.handoff_id = h.handoff_id limit 1)
  where h.ctid = any(array(select row from found))
  returning h.person, h.state),
made as (
  insert into handoff (shard, at, revision, handoff_id, lead_id, enrollment_id, campaign, step, person, due_at, reasons)
  select $1::int, $2::timestamptz, $3::text, w.* from unnest($4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[],
    $10::timestamptz[], $11::jsonb[]) w
  returning person),
change as (
  select person, sum(n)::int as open, bool_or(n > 0) as given
  from (select person, 1 as n from made union all select person, -1 from moved where state <> 'late') c where person <> '' group by person)
insert into sales_load (person, open, last)
select c.person, c.open, case when c.given then $2 else '-infinity' end from change c
where c.open >= 0 or exists (select from sales_load l where l.person = c.person) order by c.person
on conflict (person) do update set open = greatest(sales_load.open + excluded.open, 0), last = greatest(sales_load.last, excluded.last)

-- All that this transaction will take, in the order of all withdrawals (intake_consents.sql).
-- :name save_lock
select pg_advisory_xact_lock(1314214484, s) from unnest($1::int[]) s order by s

-- Said again it is as new: while two leads were one, that is what the other keeps when they are two again (unmerge_suppression). What has no end stays so.
-- :name save_suppression
insert into suppression (kind, value, channel, reason, at, ends)
select distinct on (w.kind, w.value, w.channel) w.kind, w.value, w.channel, w.reason, $1::timestamptz, w.ends
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) w(kind, value, channel, reason, ends)
order by w.kind, w.value, w.channel, w.ends nulls first
on conflict (kind, value, channel) do update set at = excluded.at, ends = case when coalesce(suppression.ends, '') <> '' then excluded.ends else suppression.ends end,
  reason = case when coalesce(suppression.ends, '') <> '' then excluded.reason else suppression.reason end

-- :name save_suppression_cancel
with hit as (
  select distinct t.touch_id from unnest($3::bigint[], $4::text[]) w(lead_id, channel)
  join touch t on t.shard = (w.lead_id & 63)::smallint and t.lead_id = w.lead_id
  where touch_may_stop(t.state) and t.recipient is null and w.channel in ('*', t.kind, t.channel) and (w.lead_id & 63) = $1::int),
locked as (
  select t.touch_id from hit h join touch t on t.shard = (h.touch_id & 63)::smallint and t.touch_id = h.touch_id order by t.touch_id
  for no key update of t)
update touch t set state = 'cancelled', over_at = $2::timestamptz, reason = 'suppressed', token = null
from locked l
where t.shard = (l.touch_id & 63)::smallint and t.touch_id = l.touch_id and touch_may_stop(t.state)
returning t.touch_id, t.lead_id, t.channel, t.campaign, t.step
