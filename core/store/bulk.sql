-- :name bulk_owner
select 1 from job where job_id = $1::bigint and owner = $2::text and state = 'running' for key share

-- New names with their bare leads; known ones are passed over. In the order given, which is the same for all.
-- :name bulk_lead
with fresh as (
  insert into identity (kind, value, shard, lead_id, created_at)
  select w.kind, w.value, w.shard, new_id(w.shard), $4::timestamptz
  from unnest($1::text[], $2::text[], $3::smallint[]) w(kind, value, shard)
  on conflict do nothing
  returning kind, value, shard, lead_id)
insert into lead (shard, lead_id, created_at, updated_at, email, external_id, phone)
select shard, lead_id, $4, $4, case kind when 'email' then value end, case kind when 'external_id' then value end, case kind when 'phone' then value end from fresh
returning lead_id, coalesce(email, external_id, phone), case when email is not null then 'email' when external_id is not null then 'external_id' else 'phone' end

-- Whom the other names mean.
-- :name bulk_known
select (w.ord - 1)::int4, coalesce(l.merged_into, i.lead_id)
from unnest($1::text[], $2::text[]) with ordinality as w(kind, value, ord)
cross join lateral (select i.shard, i.lead_id from identity i where i.kind = w.kind and i.value = w.value offset 0) i
cross join lateral (select l.merged_into from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l

-- A second name of a lead; whose it is already stays its (bulk_taken).
-- :name bulk_second
insert into identity (kind, value, shard, lead_id, created_at)
select 'external_id', w.value, (w.lead_id & 63)::smallint, w.lead_id, $3::timestamptz
from unnest($1::text[], $2::bigint[]) w(value, lead_id)
on conflict do nothing

-- Second names that are another lead's, also by rows of the same group.
-- :name bulk_taken
select (w.ord - 1)::int4
from unnest($1::text[], $2::bigint[]) with ordinality w(value, lead_id, ord)
cross join lateral (select i.shard, i.lead_id from identity i where i.kind = 'external_id' and i.value = w.value offset 0) i
cross join lateral (select l.merged_into from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l
where coalesce(l.merged_into, i.lead_id) <> w.lead_id

-- :name bulk_event
insert into event (received_at, event_id, shard, lead_id, at, verb, subject, machine, data)
select $1::timestamptz, w.event_id, (w.lead_id & 63)::smallint, w.lead_id, w.at, w.verb, w.subject, false, w.data
from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[]) w(event_id, lead_id, verb, subject, data, at)

-- The turns find the events in their table: much of it is written once that way.
-- :name bulk_inbox
insert into inbox (shard, lane, lead_id, event_id, received_at)
select (w.lead_id & 63)::smallint, 2, w.lead_id, w.event_id, $1::timestamptz from unnest($2::bigint[], $3::bigint[]) w(event_id, lead_id)

-- :name bulk_group
insert into import_group (job_id, first, rows, created) values ($1::bigint, $2::bigint, $3::bigint, $4::bigint)
