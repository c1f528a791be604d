-- Asking for leads to be erased (erase.h). Locks in the order of all withdrawals: shards first (intake_consents.sql, permit_lock_alone).

-- They, and whoever was merged into them.
-- :name erase_who
with recursive w(lead_id) as (
  select l.lead_id from unnest($1::bigint[]) i(lead_id) join lead l on l.shard = (i.lead_id & 63)::smallint and l.lead_id = i.lead_id
  union
  select l.lead_id from w join lead l on l.merged_into = w.lead_id)
select w.lead_id from w join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id
where l.erased_at is null order by w.lead_id

-- :name erase_lock
select pg_advisory_xact_lock(1314214484, s) from unnest($1::int[]) s order by s

-- The row "any" says that there are hashes at all, for who asks has to work them out only then. The hashes already now, so that the address is closed before its lead is empty.
-- :name erase_stop
insert into suppression (kind, value, channel, reason, at)
select v.kind, v.value, '*', 'erased', $2::timestamptz
from unnest($1::bigint[]) w(lead_id) join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id
cross join lateral (values ('lead', l.lead_id::text), ('email_hash', erased_hash(l.email)), ('phone_hash', erased_hash(l.phone)),
  ('email_hash', 'any')) v(kind, value)
where v.value is not null
group by v.kind, v.value order by v.kind, v.value
on conflict (kind, value, channel) do update set reason = excluded.reason, at = excluded.at, ends = null

-- Refused rows of imports may quote it.
-- :name erase_refused
select import_errors_forget(array_agg(v.text)) from unnest($1::bigint[]) w(lead_id)
join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id
cross join lateral (values (l.email), (l.phone), (l.address), (l.external_id)) v(text) where v.text is not null

-- :name erase_cancel
with locked as (
  select t.shard, t.touch_id from unnest($1::bigint[]) w(lead_id) join touch t on t.shard = (w.lead_id & 63)::smallint and t.lead_id = w.lead_id
  where touch_may_stop(t.state)
  order by t.shard, t.touch_id for no key update of t)
update touch t set state = 'cancelled', over_at = $2::timestamptz, reason = 'erased', token = null
from locked l where t.shard = l.shard and t.touch_id = l.touch_id and touch_may_stop(t.state)

-- A lead that is put off or parked has its turn for this: no script is asked in it.
-- :name erase_unpark
delete from turn_failure f using unnest($1::bigint[]) w(lead_id) where f.shard = (w.lead_id & 63)::smallint and f.lead_id = w.lead_id

-- :name erase_tell
insert into inbox (shard, lane, lead_id, event_id, received_at, at, machine, verb)
select (w.lead_id & 63)::smallint, $3::int, w.lead_id, new_id((w.lead_id & 63)::int), $2::timestamptz, $2, false, 'lead.erase'
from unnest($1::bigint[]) w(lead_id)

-- With what plugins have given out of it, by number: "directmail/12".
-- :name erase_audit
with held as materialized (select (h->>'lead')::bigint as lead_id, array_agg(format('%s/%s', h->>'plugin', h->>'job')) as jobs from jsonb_array_elements(plugin_holds($1::bigint[])) h group by 1)
insert into audit (at, actor, act, object, fields)
select clock_timestamp(), coalesce($2::text, current_setting('application_name')), 'lead.erase', w.lead_id::text, array['*'] || coalesce(h.jobs, '{}')
from unnest($1::bigint[]) w(lead_id) left join held h using (lead_id)
