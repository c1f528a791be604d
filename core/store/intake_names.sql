-- Names that mean nobody get a bare lead. In the order given, which is the same for all: no deadlock.
-- :name identity_insert
with fresh as (
  insert into identity (kind, value, shard, lead_id, created_at)
  select w.kind, w.value, w.shard, new_id(w.shard), $4::timestamptz
  from unnest($1::text[], $2::text[], $3::smallint[]) with ordinality as w(kind, value, shard, ord)
  where not exists (select from identity i where i.kind = w.kind and i.value = w.value)
  order by w.ord
  on conflict do nothing
  returning kind, value, shard, lead_id)
insert into lead (shard, lead_id, created_at, updated_at, email, external_id, phone)
select shard, lead_id, $4, $4, case kind when 'email' then value end, case kind when 'external_id' then value end, case kind when 'phone' then value end from fresh
returning lead_id

-- The third column says that the lead has no name yet.
-- :name identity_resolve
select (w.ord - 1)::int4, coalesce(l.merged_into, i.lead_id), l.anonymous and l.merged_into is null
from unnest($1::text[], $2::text[]) with ordinality as w(kind, value, ord)
cross join lateral (select i.shard, i.lead_id from identity i where i.kind = w.kind and i.value = w.value offset 0) i
cross join lateral (select l.merged_into, l.anonymous from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l

-- Nobody is told the number of an anonymous lead, so it names nobody; neither does that of a lead that was erased.
-- :name lead_resolve
select (w.ord - 1)::int4, coalesce(l.merged_into, l.lead_id)
from unnest($1::bigint[]) with ordinality as w(lead_id, ord)
cross join lateral (
  select l.lead_id, l.merged_into, l.anonymous, l.erased_at from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id offset 0) l
where (not l.anonymous or l.merged_into is not null) and l.erased_at is null
