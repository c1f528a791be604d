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
