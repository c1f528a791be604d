-- :name past_lead
select l.lead_id, l.created_at, l.email, l.external_id, h.packed
from (select l.lead_id, l.created_at, l.email, l.external_id from lead l
  where l.shard = $1::int and l.lead_id > $2::int8 and not l.anonymous and l.merged_into is null and l.erased_at is null
  order by l.shard, l.lead_id limit 1000) l
left join lateral (select h.packed from lead_history h where h.shard = (l.lead_id & 63)::smallint and h.lead_id = l.lead_id offset 0) h on true
order by l.lead_id

-- What was told of the leads of a page ($2 to $3), or of those ($4) that were merged into them. What waits in the inbox has not been told yet, but says when it is true.
-- :name past_told
select e.lead_id, e.event_id, e.at, e.received_at, e.verb, e.data, false
from event e
where e.shard = $1::int and e.lead_id between $2::int8 and $3::int8 and e.verb in ('lead.create', 'lead.update') and e.data is not null
union all
select w.lead_id, e.event_id, e.at, e.received_at, e.verb, e.data, true
from unnest($4::bigint[]) w(lead_id)
cross join lateral (select m.lead_id as id from lead m where m.merged_into = w.lead_id offset 0) m
cross join lateral (select * from event e where e.shard = (m.id & 63)::smallint and e.lead_id = m.id and e.verb in ('lead.create', 'lead.update') and e.data is not null offset 0) e
order by 1, 3, 4, 2

-- :name past_name
select i.lead_id, i.kind = 'email', i.value, i.created_at
from identity i
where i.shard = $1::int and i.lead_id between $2::int8 and $3::int8 and i.kind in ('email', 'external_id')
order by i.lead_id, i.created_at

-- :name past_consent
select c.lead_id, c.id, c.channel, c.purpose, c.state, c.at
from consent c
where c.shard = $1::int and c.lead_id between $2::int8 and $3::int8
order by c.lead_id, c.id

-- How many leads a replay will look at, and how many events it will not see yet.
-- :name past_count
select (select count(*) from lead l where not l.anonymous and l.merged_into is null and l.erased_at is null),
  (select count(*) from inbox i where i.event_id is not null)
