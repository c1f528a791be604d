-- What a person decides about touches in doubt. Rows are locked in the order of (shard, touch_id).

-- Each that was asked for with its state before, also those that are left alone. The audit says what, and who: the connection's name.
-- :name outbox_decide
with asked as materialized (
  select touch_id, ord from unnest($1::int8[]) with ordinality w(touch_id, ord)),
locked as materialized (
  select t.shard, t.touch_id, t.state as was, t.lead_id, t.channel, t.campaign, t.step, a.ord
  from asked a join touch t on t.shard = (a.touch_id & 63)::smallint and t.touch_id = a.touch_id
  order by t.shard, t.touch_id for no key update of t),
decided as (
  update touch t set state = case when $2::bool then 'planned' else 'cancelled' end, reason = case when $2 then 'sent again' else 'dropped' end,
    due_at = case when $2 then $3::timestamptz else t.due_at end, over_at = case when $2 then null else $3 end, permitted_at = null
  from locked l where l.was = 'in_doubt' and t.shard = l.shard and t.touch_id = l.touch_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), current_setting('application_name'), case when $2 then 'touch.resend' else 'touch.drop' end, touch_id::text, array['state'] from locked where was = 'in_doubt')
select (ord - 1)::int4, was, lead_id, channel, coalesce(campaign, ''), coalesce(step, '') from locked
