-- Pages of leads: $1 the shard. Rows have the shape of those in facts.sql and are read by the same hands. Each question is a range of one index.

-- $2 behind which lead, $3 how many, $4 bits of the standard fields that are wanted, $5 the playbook's own fields too.
-- :name scan_lead
select l.lead_id, l.created_at, l.stage, coalesce(l.account_id, 0), case when $5::boolean then l.fields end,
  case when l.segments <> '{}' then array_to_string(l.segments, E'\x1f') end,
  case when $4::int & 1 <> 0 then l.email end, case when $4 & 2 <> 0 then l.first_name end, case when $4 & 4 <> 0 then l.last_name end,
  case when $4 & 8 <> 0 then l.title end, case when $4 & 16 <> 0 then l.role end, case when $4 & 32 <> 0 then l.company end,
  case when $4 & 64 <> 0 then l.phone end, case when $4 & 128 <> 0 then l.source end, case when $4 & 256 <> 0 then l.country end,
  case when $4 & 512 <> 0 then l.time_zone end, case when $4 & 1024 <> 0 then l.language end, case when $4 & 2048 <> 0 then l.address end,
  case when $4 & 4096 <> 0 then l.city end, case when $4 & 8192 <> 0 then l.postal_code end, case when $4 & 16384 <> 0 then l.region end,
  case when $4 & 32768 <> 0 then l.external_id end, case when l.quality <> '{}' then array_to_string(l.quality, E'\x1f') end, 0::bigint, false
from lead l
where l.shard = $1::int and l.lead_id > $2::bigint and l.merged_into is null and not l.anonymous and l.erased_at is null
order by l.shard, l.lead_id limit $3::int

-- From here on: $2 behind which lead, $3 up to which.
-- :name scan_history
select h.lead_id, h.packed from lead_history h
where h.shard = $1::int and h.lead_id > $2::bigint and h.lead_id <= $3::bigint order by h.shard, h.lead_id

-- :name scan_score
select s.lead_id, s.name, s.is_grade, s.points, s.grade, s.band from score s
where s.shard = $1::int and s.lead_id > $2::bigint and s.lead_id <= $3::bigint order by s.shard, s.lead_id

-- :name scan_account
select l.lead_id, a.account_id, a.fields, a.name, a.domain, a.country, a.city, a.owner, s.packed, m.packed, m.acted,
  case when i.id is null then m.packed else i.was end
from lead l
cross join lateral (select * from account a where a.shard = (l.account_id & 63)::smallint and a.account_id = l.account_id offset 0) a
left join lateral (select s.packed from account_summary s where s.shard = (a.account_id & 63)::smallint and s.account_id = a.account_id offset 0) s on true
left join lateral (select m.packed, m.acted from account_member m
  where m.shard = l.shard and m.lead_id = l.lead_id and m.account_id = a.account_id offset 0) m on true
left join lateral (select i.id, i.was from account_inbox i where i.lead_id = l.lead_id and i.account_id = a.account_id order by i.lead_id, i.id limit 1) i on true
where l.shard = $1::int and l.lead_id > $2::bigint and l.lead_id <= $3::bigint and l.account_id is not null order by l.shard, l.lead_id

-- :name scan_consent
(select distinct on (c.lead_id, c.channel, c.purpose) c.lead_id, c.channel, c.purpose, c.state, c.at, c.id from consent c
  where c.shard = $1::int and c.lead_id > $2::bigint and c.lead_id <= $3::bigint order by c.lead_id, c.channel, c.purpose, c.id desc)
union all
(select a.lead_id, a.channel, a.purpose, 'asked', a.at, a.withdrawn from consent_asked a
  where a.shard = $1::int and a.lead_id > $2::bigint and a.lead_id <= $3::bigint)
order by lead_id

-- :name scan_enrolled
select distinct e.lead_id from enrollment e
where e.shard = $1::int and e.lead_id > $2::bigint and e.lead_id <= $3::bigint and e.state <> 'ended' order by e.lead_id

-- :name scan_wake
select w.lead_id, w.wake_at from lead_wake w
where w.shard = $1::int and w.lead_id is not null and w.lead_id > $2::bigint and w.lead_id <= $3::bigint order by w.shard, w.lead_id

-- :name scan_in_line
select distinct i.lead_id from inbox i
where i.shard = $1::int and i.lead_id is not null and i.lead_id > $2::bigint and i.lead_id <= $3::bigint order by i.lead_id

-- :name scan_failing
select f.lead_id from turn_failure f
where f.shard = $1::int and f.lead_id > $2::bigint and f.lead_id <= $3::bigint order by f.lead_id
