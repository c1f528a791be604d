-- :name bulk_owner
select 1 from job where job_id = $1::bigint and owner = $2::text and state = 'running' for key share

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
