-- What came back for touches that went out (returned.h).

-- No permission commits beside it (permit.sql): of the touch's shard; of all where an address may be suppressed ($2), which may be a lead's of any shard. May be: what
-- came back was not recorded before ($3), and if so many must come back for it ($4, 0 = one) within so many days ($5), that many did.
-- :name returned_lock
select count(pg_advisory_xact_lock(1314214484, s))::int4 from (
  select s from generate_series(0, 63) s, (
    select $2::boolean and not exists (select from event_key k where k.key = $3::text and k.received_at > $6::timestamptz - interval '90 days')
      and ($4::int4 = 0 or $4 <= 1 + (select count(*) from touch t join lead l on l.shard = t.shard and l.lead_id = t.lead_id
          join event e on e.shard = (coalesce(l.merged_into, l.lead_id) & 63)::smallint and e.lead_id = coalesce(l.merged_into, l.lead_id)
            and e.at > $6 - make_interval(days => $5::int4) and e.verb = 'email.bounce' and e.data ->> 'kind' = 'soft'
        where t.shard = ($1::int8 & 63)::smallint and t.touch_id = $1)) as wide offset 0) w
  where w.wide or s = ($1 & 63)::int order by s offset 0) locks

-- Gone out: it is sent, or some attempt of it may have arrived.
-- :name returned_look
select t.state, coalesce(l.merged_into, l.lead_id), t.template, coalesce(t.campaign, ''), coalesce(t.step, ''), t.recipient is not null or t.purpose = 'internal',
  t.state in ('sent', 'queued', 'in_doubt', 'rejected') or exists (
    select from attempt a where a.shard = t.shard and a.touch_id = t.touch_id and a.outcome in ('sent', 'queued', 'in_doubt')),
  l.erased_at is not null
from touch t join lead l on l.shard = t.shard and l.lead_id = t.lead_id
where t.shard = ($1::int8 & 63)::smallint and t.touch_id = $1 and t.channel = $2::text and t.kind = 'email'
for no key update of t

-- By which addresses it may have been sent: those of the lead, and of the one that it is now.
-- :name returned_addresses
select i.value from touch t join lead l on l.shard = t.shard and l.lead_id = t.lead_id
cross join lateral (
  select i.value from identity i where i.shard = l.shard and i.lead_id = l.lead_id and i.kind = 'email'
  union all
  select i.value from identity i where i.shard = (l.merged_into & 63)::smallint and i.lead_id = l.merged_into and i.kind = 'email'
  union all
  select l.email where l.email is not null) i
where t.shard = ($1::int8 & 63)::smallint and t.touch_id = $1

-- :name returned_key
insert into event_key (key, received_at) values ($1::text, $2::timestamptz)
on conflict (key) do update set received_at = excluded.received_at where event_key.received_at < excluded.received_at - interval '90 days'
returning key

-- It did not arrive after all.
-- :name returned_back
with moved as (
  update touch t set state = 'rejected', reason = $3::text, over_at = $2::timestamptz
  where t.shard = ($1::int8 & 63)::smallint and t.touch_id = $1 and t.state in ('sent', 'queued', 'in_doubt')
  returning t.shard, t.touch_id, t.attempts)
update attempt a set outcome = 'rejected', ended_at = $2, reason = $3
from moved m where a.shard = m.shard and a.touch_id = m.touch_id and a.attempt = m.attempts

-- So many that did not arrive in so many days ($6; the one in hand is not written yet), or at once ($5 = 0).
-- :name returned_suppress
with made as (
  insert into suppression (kind, value, channel, reason, at)
  select 'email', $1::text, $2::text, $3::text, $4::timestamptz
  where $5::int4 = 0 or $5 <= 1 + (
    select count(*) from event e where e.shard = ($7::int8 & 63)::smallint and e.lead_id = $7 and e.at > $4 - make_interval(days => $6::int4)
      and e.verb = 'email.bounce' and e.data ->> 'kind' = 'soft')
  on conflict do nothing returning value)
select count(*)::int4 from made

-- :name returned_stop
with hit as (
  select t.shard, t.touch_id
  from identity i join touch t on t.shard = i.shard and t.lead_id = i.lead_id
  where i.kind = 'email' and i.value = $1::text and touch_may_stop(t.state) and t.recipient is null and $2::text in ('*', t.kind, t.channel)),
locked as (
  select t.shard, t.touch_id from hit h join touch t on t.shard = h.shard and t.touch_id = h.touch_id
  order by t.shard, t.touch_id for no key update of t)
update touch t set state = 'cancelled', over_at = $3::timestamptz, reason = 'suppressed', token = null
from locked l
where t.shard = l.shard and t.touch_id = l.touch_id and touch_may_stop(t.state)
returning t.touch_id, t.lead_id, t.channel, coalesce(t.campaign, ''), coalesce(t.step, '')

-- :name returned_count
insert into returned (channel, day, kind, answer, count, last_at)
values ($1::text, ($4::timestamptz at time zone 'UTC')::date, $2::text, $3::text, 1, $4)
on conflict (channel, day, kind, answer) do update set count = returned.count + 1, last_at = greatest(returned.last_at, excluded.last_at)
