-- Histories, built again from the events. Between two turns of the shard: whoever saves one shares this row, so it waits, and so does the next.
-- :name rebuild_lock
select 1::int8 from shard_lease where role = 'engine' and shard = $1::int for update

-- :name rebuild_leads
select l.lead_id, h.packed
from (select l.lead_id from lead l where l.shard = $1::int and l.lead_id > $2::int8 and not l.anonymous and l.merged_into is null and l.erased_at is null order by l.shard, l.lead_id limit 100) l
left join lateral (select h.packed from lead_history h where h.shard = (l.lead_id & 63)::smallint and h.lead_id = l.lead_id offset 0) h on true
order by l.lead_id

-- :name rebuild_write
insert into lead_history (shard, lead_id, packed) select $1::int, * from unnest($2::bigint[], $3::bytea[])
on conflict (shard, lead_id) do update set packed = excluded.packed

-- Turns that were loaded before this know it by the epoch, and are done again (lease_fence).
-- :name rebuild_epoch
update shard_lease set epoch = epoch + 1 where role = 'engine' and shard = $1::int

-- Those whose history became another look again.
-- :name rebuild_wake
insert into inbox (shard, lane, lead_id) select $1::int, 2, * from unnest($2::bigint[])
