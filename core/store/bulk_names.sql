-- Whom the rows of a group mean (bulk_names.h).

-- Of rows with an address and an id in another system: the lead of each; whether the row's address is another one than that lead's (of the address, else of
-- the id), and whether that lead has none. An address is looked up where the answer depends on it: $3, or its id is known.
-- :name bulk_whose
select (w.ord - 1)::int4, e.lead_id, x.lead_id, coalesce(e.merged, x.merged) or coalesce(e.email, case when e.lead_id is null then x.email end) is distinct from w.email,
  coalesce(e.email, case when e.lead_id is null then x.email end) is null
from unnest($1::text[], $2::text[], $3::boolean[]) with ordinality as w(email, external_id, twice, ord)
left join lateral (
  select coalesce(l.merged_into, i.lead_id) as lead_id, l.email, l.merged_into is not null as merged
  from (select i.shard, i.lead_id from identity i where i.kind = 'external_id' and i.value = w.external_id offset 0) i
  left join lateral (select l.email, l.merged_into from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l on true) x on true
left join lateral (
  select coalesce(l.merged_into, i.lead_id) as lead_id, l.email, l.merged_into is not null as merged
  from (select i.shard, i.lead_id from identity i where i.kind = 'email' and i.value = w.email offset 0) i
  left join lateral (select l.email, l.merged_into from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l on true) e on x.lead_id is not null or w.twice
where x.lead_id is not null or e.lead_id is not null

-- Their locks are held by now: who is itself stays it.
-- :name bulk_stay
select 1 from unnest($1::bigint[]) w(lead_id)
where not exists (select from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and l.merged_into is null)

-- New names with their bare leads, or the leads that get them as further names ($5); known ones are passed over. In the order given, which is the same for all.
-- :name bulk_lead
with fresh as (
  insert into identity (kind, value, shard, lead_id, created_at)
  select w.kind, w.value, (coalesce(w.owner, w.shard) & 63)::smallint, coalesce(w.owner, new_id(w.shard)), $4::timestamptz
  from unnest($1::text[], $2::text[], $3::smallint[], $5::bigint[]) w(kind, value, shard, owner)
  on conflict do nothing
  returning kind, value, shard, lead_id)
insert into lead (shard, lead_id, created_at, updated_at, email, external_id, phone)
select shard, lead_id, $4, $4, case kind when 'email' then value end, case kind when 'external_id' then value end, case kind when 'phone' then value end from fresh
where lead_id not in (select o from unnest($5::bigint[]) o where o is not null)
returning lead_id, coalesce(email, external_id, phone), case when email is not null then 'email' when external_id is not null then 'external_id' else 'phone' end

-- Whom the other names mean.
-- :name bulk_known
select (w.ord - 1)::int4, coalesce(l.merged_into, i.lead_id)
from unnest($1::text[], $2::text[]) with ordinality as w(kind, value, ord)
cross join lateral (select i.shard, i.lead_id from identity i where i.kind = w.kind and i.value = w.value offset 0) i
cross join lateral (select l.merged_into from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l

-- Further names of leads; whose one is already stays its, and fewer are written than were sent.
-- :name bulk_second
insert into identity (kind, value, shard, lead_id, created_at)
select w.kind, w.value, (w.lead_id & 63)::smallint, w.lead_id, $4::timestamptz
from unnest($1::text[], $2::text[], $3::bigint[]) w(kind, value, lead_id)
on conflict do nothing
