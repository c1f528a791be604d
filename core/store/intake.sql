-- Withdrawals and permissions of one shard never overtake each other: the first hold these locks alone, the second together, and both
-- take them before anything else. So a permission sees every withdrawal that committed before it.
-- :name permit_lock_alone
select pg_advisory_xact_lock(1314214484, s) from unnest($1::int[]) s order by s

-- Who gives a permission unproven looks at what stands against it: so it holds all other shards together with those that permit. In one order.
-- :name permit_lock_all
select case when s = any($1::int[]) then pg_advisory_xact_lock(1314214484, s) else pg_advisory_xact_lock_shared(1314214484, s) end
from generate_series(0, 63) s order by s

-- A second name of a lead that is known by now; whose it is already stays its (identity_taken).
-- :name identity_second
insert into identity (kind, value, shard, lead_id, created_at)
select 'external_id', w.value, (w.lead_id & 63)::smallint, w.lead_id, $3::timestamptz
from unnest($1::text[], $2::bigint[]) with ordinality as w(value, lead_id, ord)
where not exists (select from identity i where i.kind = 'external_id' and i.value = w.value)
order by w.ord
on conflict do nothing

-- Second names that are another lead's, also by requests of the same group.
-- :name identity_taken
select (w.ord - 1)::int4
from unnest($1::text[], $2::bigint[]) with ordinality as w(value, lead_id, ord)
cross join lateral (select i.shard, i.lead_id from identity i where i.kind = 'external_id' and i.value = w.value offset 0) i
cross join lateral (select l.merged_into from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l
where coalesce(l.merged_into, i.lead_id) <> w.lead_id

-- Keys are hashes (intake_group.c). One counts again when it is older than 90 days.
-- :name event_key_insert
insert into event_key (key, received_at)
select w.key, $2::timestamptz from unnest($1::text[]) with ordinality as w(key, ord) order by w.ord
on conflict (key) do update set received_at = excluded.received_at where event_key.received_at < excluded.received_at - interval '90 days'
returning key

-- :name consent_insert
insert into consent (shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence)
select shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence::jsonb
from unnest($1::smallint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
  as c(shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence)

-- Permissions that anybody may have typed in: never where a withdrawal stands that has to do with it: of all channels, of this one, or of a single
-- channel (whose kind is not known here); of all purposes, or of this one (as of an import: bulk_consent.sql).
-- :name consent_insert_unproven
insert into consent (shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence)
select w.shard, w.lead_id, w.at, w.channel, w.purpose, w.state, w.source, w.wording, w.ip, w.evidence::jsonb
from unnest($1::smallint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
  as w(shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence)
where not exists (
  select from (
    select distinct on (c.channel, c.purpose) c.channel, c.purpose, c.state from consent c
    where c.shard = w.shard and c.lead_id = w.lead_id
    order by c.channel, c.purpose, c.id desc) c
  where c.state = 'withdrawn' and (w.channel = '*' or c.channel = w.channel or c.channel not in ('email', 'call', 'letter', 'track_open', 'track_click'))
    and (w.purpose = '*' or c.purpose in ('*', w.purpose)))

-- What is still open to stop; what has permission already may be on the wire. In the order of the key, as everywhere.
-- :name consent_cancel
with wanted as (
  select lead_id, channel, purpose, ord from unnest($1::bigint[], $2::text[], $3::text[]) with ordinality as w(lead_id, channel, purpose, ord)),
hit as (
  select t.shard, t.touch_id, min(w.ord) as ord
  from wanted w join touch t on t.shard = (w.lead_id & 63)::smallint and t.lead_id = w.lead_id
  where t.state in ('planned', 'deferred', 'claimed') and t.recipient is null
    and w.channel in ('*', t.kind, t.channel) and w.purpose in ('*', t.purpose)
  group by t.shard, t.touch_id),
locked as (
  select t.shard, t.touch_id, h.ord from hit h join touch t on t.shard = h.shard and t.touch_id = h.touch_id
  order by t.shard, t.touch_id for no key update of t)
update touch t set state = 'cancelled', over_at = $4::timestamptz, reason = 'withdrawn', token = null
from locked l
where t.shard = l.shard and t.touch_id = l.touch_id and t.state in ('planned', 'deferred', 'claimed')
returning (l.ord - 1)::int4, t.touch_id, t.lead_id, t.channel, t.campaign, t.step
