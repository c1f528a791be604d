-- Whom names mean, with all that is known of them; nothing is written.
-- :name bulk_look
select (w.ord - 1)::int4, to_jsonb(m)
from unnest($1::text[], $2::text[]) with ordinality as w(kind, value, ord)
cross join lateral (select i.shard, i.lead_id from identity i where i.kind = w.kind and i.value = w.value offset 0) i
cross join lateral (select coalesce(l.merged_into, l.lead_id) as lead_id from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l
cross join lateral (select * from lead m where m.shard = (l.lead_id & 63)::smallint and m.lead_id = l.lead_id offset 0) m
