-- Of events that bring an address beside the id in another system: the lead whose address changes by it, if one's does. That is the lead of the address, which has
-- another one by now; or, where nobody has the address, the lead of the id.
-- :name identity_whose
select (w.ord - 1)::int4, coalesce(e.lead_id, x.lead_id)
from unnest($1::text[], $2::text[]) with ordinality as w(email, external_id, ord)
left join lateral (
  select coalesce(l.merged_into, l.lead_id) as lead_id, l.email is distinct from w.email as differs
  from (select i.shard, i.lead_id from identity i where i.kind = 'email' and i.value = w.email offset 0) i
  cross join lateral (select l.lead_id, l.email, l.merged_into from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l) e on true
left join lateral (
  select coalesce(l.merged_into, l.lead_id) as lead_id
  from (select i.shard, i.lead_id from identity i where i.kind = 'external_id' and i.value = w.external_id offset 0) i
  cross join lateral (select l.lead_id, l.merged_into from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l) x on e.lead_id is null
where coalesce(e.differs, x.lead_id is not null)

-- Names that mean nobody get a bare lead, or the lead that gets them as a further name ($5). In the order given, which is the same for all: no deadlock.
-- :name identity_insert
with fresh as (
  insert into identity (kind, value, shard, lead_id, created_at)
  select w.kind, w.value, (coalesce(w.owner, w.shard) & 63)::smallint, coalesce(w.owner, new_id(w.shard)), $4::timestamptz
  from unnest($1::text[], $2::text[], $3::smallint[], $5::bigint[]) with ordinality as w(kind, value, shard, owner, ord)
  where not exists (select from identity i where i.kind = w.kind and i.value = w.value)
  order by w.ord
  on conflict do nothing
  returning kind, value, shard, lead_id)
insert into lead (shard, lead_id, created_at, updated_at, email, external_id, phone)
select shard, lead_id, $4, $4, case kind when 'email' then value end, case kind when 'external_id' then value end, case kind when 'phone' then value end from fresh
where lead_id not in (select o from unnest($5::bigint[]) o where o is not null)
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
