-- What the turns of a batch decided. $1 is the shard. Changes find their rows by what each id says of its shard: were the shard given as such, the
-- planner would think a little table faster read by its shard and compared with the list, and keep to it as the table grows.

-- Inbox rows never change, so they lie where they were read.
-- :name save_inbox
delete from inbox i using unnest($1::tid[], $2::bigint[]) w(at, id)
where i.ctid = w.at and i.id = w.id

-- :name save_leave
select account_leave($1::bigint[], 'lead.erase')

-- What went into the channel's queue since it was asked for (erase.sql).
-- :name save_erase_stop
with locked as (
  select t.shard, t.touch_id from unnest($1::bigint[]) w(lead_id) join touch t on t.shard = (w.lead_id & 63)::smallint and t.lead_id = w.lead_id
  where touch_may_stop(t.state) order by t.shard, t.touch_id for no key update of t)
update touch t set state = 'cancelled', over_at = $2::timestamptz, reason = 'erased', token = null
from locked l where t.shard = l.shard and t.touch_id = l.touch_id and touch_may_stop(t.state)

-- :name save_erase
select lead_erase($1::bigint[], $2::timestamptz)

-- The playbook's own fields come as a patch: null takes a field away, what is not named stays.
-- :name save_lead
update lead l set updated_at = $2::timestamptz, stage = w.stage, fields = jsonb_strip_nulls(l.fields || w.patch),
  segments = coalesce(string_to_array(nullif(w.segments, ''), E'\x1f'), '{}'),
  email = w.email, first_name = w.first_name, last_name = w.last_name, title = w.title, role = w.role, company = w.company, phone = w.phone,
  source = w.source, country = w.country, time_zone = w.time_zone, language = w.language, address = w.address, city = w.city,
  postal_code = w.postal_code, region = w.region, external_id = w.external_id,
  quality = coalesce(string_to_array(nullif(w.quality, ''), E'\x1f'), '{}')
from unnest($3::bigint[], $4::text[], $5::jsonb[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
  $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[])
  w(lead_id, stage, patch, segments, email, first_name, last_name, title, role, company, phone, source, country, time_zone, language, address,
  city, postal_code, region, external_id, quality)
where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and (w.lead_id & 63) = $1::int

-- Leads whose number, name or company changed: of each pair with the same, the younger one looks again (facts_twin), if it does not know.
-- :name save_twin
insert into inbox (shard, lane, lead_id)
select distinct y.shard, 2, y.lead_id
from unnest($1::bigint[]) w(lead_id)
cross join lateral (select * from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id offset 0) l
cross join lateral (
  (select d.lead_id from lead d where d.phone = l.phone and d.merged_into is null and d.lead_id <> l.lead_id limit 100)
  union
  (select d.lead_id from lead d where lower(d.last_name) = lower(l.last_name) and lower(d.first_name) = lower(l.first_name)
    and lower(d.company) = lower(l.company) and d.merged_into is null and d.lead_id <> l.lead_id limit 100)) d
cross join lateral (select case when d.lead_id >> 6 > l.lead_id >> 6 then d.lead_id else l.lead_id end as id offset 0) younger
join lead y on y.lead_id = younger.id and y.shard = (younger.id & 63)::smallint
where not 'duplicate' = any (y.quality)

-- Who may be somebody else by the playbook's rule (migrations/0027).
-- :name save_same
insert into same_person (shard, lead_id) select $1::int, w.lead_id from unnest($2::bigint[]) w(lead_id) order by 2 on conflict do nothing

-- A new address or number of a lead is a name of it, unless it is another's already.
-- :name save_identity
insert into identity (kind, value, shard, lead_id, created_at)
select w.kind, w.value, $1::int, w.lead_id, $2::timestamptz
from unnest($3::text[], $4::text[], $5::bigint[]) w(kind, value, lead_id)
order by w.kind, w.value
on conflict do nothing

-- :name save_history_new
insert into lead_history (shard, lead_id, packed)
select $1::int, * from unnest($2::bigint[], $3::bytea[])
on conflict (shard, lead_id) do update set packed = excluded.packed

-- Half the price of the above, for those that have one.
-- :name save_history_change
update lead_history h set packed = w.packed from unnest($2::bigint[], $3::bytea[]) w(lead_id, packed)
where h.shard = (w.lead_id & 63)::smallint and h.lead_id = w.lead_id and (w.lead_id & 63) = $1::int

-- :name save_score_new
insert into score (shard, lead_id, name, is_grade, points, grade, band, fingerprint, since)
select $1::int, w.*, $2::timestamptz from unnest($3::bigint[], $4::text[], $5::boolean[], $6::int[], $7::text[], $8::text[], $9::bigint[]) w
on conflict (shard, lead_id, name, is_grade) do update
set points = excluded.points, grade = excluded.grade, band = excluded.band, fingerprint = excluded.fingerprint, since = excluded.since

-- :name save_score_known
update score s set points = w.points, grade = w.grade, band = w.band, fingerprint = w.fingerprint, since = $2::timestamptz
from unnest($3::bigint[], $4::text[], $5::boolean[], $6::int[], $7::text[], $8::text[], $9::bigint[]) w(lead_id, name, is_grade, points, grade, band, fingerprint)
where s.shard = (w.lead_id & 63)::smallint and s.lead_id = w.lead_id and s.name = w.name and s.is_grade = w.is_grade and (w.lead_id & 63) = $1::int

-- Of what no model, no grades of the playbook has the name of.
-- :name save_score_gone
delete from score s using unnest($2::bigint[], $3::text[], $4::boolean[]) w(lead_id, name, is_grade)
where s.shard = (w.lead_id & 63)::smallint and s.lead_id = w.lead_id and s.name = w.name and s.is_grade = w.is_grade and (w.lead_id & 63) = $1::int

-- :name save_score_change
insert into score_change (shard, at, revision, lead_id, name, is_grade, old_points, new_points, old_grade, new_grade, old_band, new_band, cause, event_id)
select $1::int, $2::timestamptz, $3::text, w.* from unnest($4::bigint[], $5::text[], $6::boolean[], $7::int[], $8::int[], $9::text[], $10::text[],
  $11::text[], $12::text[], $13::text[], $14::bigint[]) w

-- Taken in hand as they were read.
-- :name save_woken
select d.lead_id from unnest($1::bigint[], $2::timestamptz[]) w(lead_id, wake_at)
join lead_wake d on d.shard = (w.lead_id & 63)::smallint and d.lead_id = w.lead_id and d.wake_at = w.wake_at

-- :name save_wake
insert into lead_wake (shard, lead_id, wake_at)
select $1::int, * from unnest($2::bigint[], $3::timestamptz[])
on conflict (shard, lead_id) where lead_id is not null do update set wake_at = excluded.wake_at

-- :name save_no_wake
delete from lead_wake d using unnest($2::bigint[]) w(lead_id)
where d.shard = (w.lead_id & 63)::smallint and d.lead_id = w.lead_id and (w.lead_id & 63) = $1::int

-- A minute, doubling to an hour.
-- :name save_failure
insert into turn_failure (shard, lead_id, failures, failed_at, retry_at, place, message)
select $1::int, w.lead_id, 1, $2::timestamptz, $2 + interval '1 minute', w.place, w.message
from unnest($3::bigint[], $4::text[], $5::text[]) w(lead_id, place, message)
on conflict (shard, lead_id) do update set failures = turn_failure.failures + 1, failed_at = excluded.failed_at,
  retry_at = excluded.failed_at + least(interval '1 hour', interval '1 minute' * power(2, least(turn_failure.failures, 6))),
  place = excluded.place, message = excluded.message

-- :name save_no_failure
delete from turn_failure where shard = $1::int and lead_id = any($2::bigint[])

-- :name save_script_error
insert into script_error (revision, place, context, message, count, first_lead, last_at)
select $1::text, w.place, w.context, (array_agg(w.message order by w.lead_id))[1], count(*), min(w.lead_id), $2::timestamptz
from unnest($3::text[], $4::text[], $5::text[], $6::bigint[]) w(place, context, message, lead_id)
group by w.place, w.context order by w.place, w.context
on conflict (revision, place, context) do update set count = script_error.count + excluded.count, last_at = excluded.last_at
