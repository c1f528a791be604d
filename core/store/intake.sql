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
