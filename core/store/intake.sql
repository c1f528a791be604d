-- A second name of a lead that is known by now; whose it is already stays its (identity_taken).
-- :name identity_second
insert into identity (kind, value, shard, lead_id, created_at)
select w.kind, w.value, (w.lead_id & 63)::smallint, w.lead_id, $4::timestamptz
from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality as w(kind, value, lead_id, ord)
where not exists (select from identity i where i.kind = w.kind and i.value = w.value)
order by w.ord
on conflict do nothing

-- Leads that this transaction has made, and nobody needs.
-- :name identity_needless
with named as (
  delete from identity i using unnest($1::bigint[]) w(lead_id) where i.shard = (w.lead_id & 63)::smallint and i.lead_id = w.lead_id)
delete from lead l using unnest($1::bigint[]) w(lead_id) where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id

-- Second names that are another lead's, also by requests of the same group; and whose.
-- :name identity_taken
select (w.ord - 1)::int4, coalesce(l.merged_into, i.lead_id)
from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality as w(kind, value, lead_id, ord)
cross join lateral (select i.shard, i.lead_id from identity i where i.kind = w.kind and i.value = w.value offset 0) i
cross join lateral (select l.merged_into from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l
where coalesce(l.merged_into, i.lead_id) <> w.lead_id

-- That an address was confirmed says nothing about the next one.
-- :name consent_new_address
insert into consent (shard, lead_id, at, channel, purpose, state, source, evidence)
select l.shard, l.lead_id, $4::timestamptz, c.channel, c.purpose, 'granted', 'new address', jsonb_build_object('consent', c.id)
from unnest($1::text[], $2::text[], $3::bigint[]) w(kind, value, lead_id)
cross join lateral (
  select l.shard, l.lead_id, l.email from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id offset 0) l
cross join lateral (
  select distinct on (c.channel, c.purpose) c.id, c.channel, c.purpose, c.state from consent c where c.shard = l.shard and c.lead_id = l.lead_id
  order by c.channel, c.purpose, c.id desc) c
where w.kind = 'email' and l.email is distinct from w.value and c.state = 'confirmed' and c.channel in ('email', '*')
order by c.id
