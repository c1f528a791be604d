-- Histories, built again from the events. Between two turns of the shard: whoever saves one shares this row, so it waits, and so does the next.
-- :name rebuild_lock
select 1::int8 from shard_lease where role = 'engine' and shard = $1::int for update

-- :name rebuild_leads
select l.lead_id, h.packed
from (select l.lead_id from lead l where l.shard = $1::int and l.lead_id > $2::int8 and not l.anonymous order by l.shard, l.lead_id limit 100) l
left join lateral (select h.packed from lead_history h where h.shard = (l.lead_id & 63)::smallint and h.lead_id = l.lead_id offset 0) h on true
order by l.lead_id

-- What waits in the inbox has not been told yet. Who is enrolled by hand sends campaign.enter too; in the history is only the walk's own, of which
-- the log knows.
-- :name rebuild_events
select e.lead_id, e.event_id, e.at, e.verb, e.subject, e.value, e.machine, e.data
from unnest($1::bigint[]) w(lead_id)
cross join lateral (select * from event e where e.shard = (w.lead_id & 63)::smallint and e.lead_id = w.lead_id offset 0) e
where not exists (select from inbox i where i.shard = (e.lead_id & 63)::smallint and i.lead_id = e.lead_id and i.event_id = e.event_id)
  and (e.verb <> 'campaign.enter' or exists (
    select from enrollment_log g where g.shard = (e.lead_id & 63)::smallint and g.lead_id = e.lead_id and g.at = e.at and g.what = 'enter'))
order by w.lead_id, e.at, e.received_at, e.event_id

-- :name rebuild_write
insert into lead_history (shard, lead_id, packed) select $1::int, * from unnest($2::bigint[], $3::bytea[])
on conflict (shard, lead_id) do update set packed = excluded.packed

-- Turns that were loaded before this know it by the epoch, and are done again (lease_fence).
-- :name rebuild_epoch
update shard_lease set epoch = epoch + 1 where role = 'engine' and shard = $1::int

-- Those whose history became another look again.
-- :name rebuild_wake
insert into inbox (shard, lane, lead_id) select $1::int, 2, * from unnest($2::bigint[])
