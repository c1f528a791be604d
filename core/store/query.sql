-- Named statements for reading. Each row becomes an object; a column called "*" is an object whose members stand beside the others. Lists
-- end with two parameters: the cursor of the last row seen (or null) and how many rows are wanted.

-- :name lead_find
select coalesce(l.merged_into, l.lead_id) as lead_id, l.erased_at is not null as erased
from (
  select case when $1::text ~ '^[0-9]{1,18}$' then $1::text::bigint end as lead_id, 1 as rank
  union all select i.lead_id, 2 from identity i where i.kind = 'email' and i.value = lower($1::text)
  union all select i.lead_id, 3 from identity i where i.kind = 'external_id' and i.value = $1::text
  union all select i.lead_id, 4 from identity i where i.kind = 'phone' and i.value = $1::text) w
join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and (not l.anonymous or l.merged_into is not null)
order by w.rank limit 1

-- The same, but a lead that is merged is meant itself when it is named by its id.
-- :name lead_itself
select l.lead_id
from (
  select case when $1::text ~ '^[0-9]{1,18}$' then $1::text::bigint end as lead_id, 1 as rank
  union all select i.lead_id, 2 from identity i where i.kind = 'email' and i.value = lower($1::text)
  union all select i.lead_id, 3 from identity i where i.kind = 'external_id' and i.value = $1::text
  union all select i.lead_id, 4 from identity i where i.kind = 'phone' and i.value = $1::text) w
join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and not l.anonymous
order by w.rank limit 1

-- Whom taking back a merge means: a lead named by its id is meant itself; a name means the lead that brought it into the one whose it is now, if one did.
-- :name lead_apart
select l.lead_id
from (
  select case when $1::text ~ '^[0-9]{1,18}$' then $1::text::bigint end as lead_id, 1 as rank
  union all select coalesce(m.lead_id, i.lead_id), v.rank
  from (values ('email', lower($1::text), 2), ('external_id', $1::text, 3), ('phone', $1::text, 4)) v(kind, value, rank)
  cross join lateral (select i.lead_id from identity i where i.kind = v.kind and i.value = v.value offset 0) i
  left join lateral (
    select m.lead_id from merge m where m.winner = i.lead_id and m.state = 'done'
      and m.names @> jsonb_build_array(jsonb_build_object('kind', v.kind, 'value', v.value)) order by m.done_at desc limit 1) m on true) w
join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and not l.anonymous
order by w.rank limit 1

-- Letters by the numbers of their touches, in that order, and whose they are.
-- :name letters
select t.touch_id, l.lead_id, l.erased_at is not null as erased, t.template, t.campaign, t.step, t.channel, t.state, t.over_at
from (select distinct k as touch_id from unnest($1::text::bigint[]) k) w
cross join lateral (select * from touch t where t.shard = (w.touch_id & 63)::smallint and t.touch_id = w.touch_id offset 0) t
cross join lateral (select coalesce(o.merged_into, o.lead_id) as lead_id from lead o where o.shard = t.shard and o.lead_id = t.lead_id offset 0) o
cross join lateral (select l.lead_id, l.erased_at from lead l where l.shard = (o.lead_id & 63)::smallint and l.lead_id = o.lead_id offset 0) l
where t.kind = 'letter' and t.recipient is null
order by t.touch_id

-- Orders and the letters that may have brought them: $1 [{n, touch, email, phone, name, first_name, last_name, street, postal_code, city, at}], $2 no letter before, $3 days from letter to order. Of each row
-- the best way that finds somebody; of one lead the newest letter before the order.
-- Each order asks for its own people by an index, and each of them for its own letters (offset 0), however many letters and leads there are. People of one name at one
-- postal code: the hundred that agree best. A letter of who was merged is the winner's.
-- :name letter_matches
with given as materialized (
  select g.*, letter_word(g.first_name) as first, letter_word(g.last_name) as last, letter_word(g.postal_code) as postal, letter_street(g.street) as road,
    letter_name(g.name) as whole, letter_street(split_part(g.street, E'\n', 1)) as place
  from jsonb_to_recordset($1::text::jsonb) g(n int, touch bigint, email text, phone text, name text, first_name text, last_name text, street text, postal_code text, city text, at timestamptz)),
known as (
  select g.n, k.rank, k.kind as by, i.lead_id from given g cross join lateral (values (2, 'email', g.email), (3, 'phone', g.phone)) k(rank, kind, value)
  cross join lateral (select i.lead_id from identity i where i.kind = k.kind and i.value = k.value offset 0) i where k.value is not null),
people as (
  select k.n, k.rank, k.by, l.lead_id from known k
  cross join lateral (select k.lead_id union select l.lead_id from lead l where l.merged_into = k.lead_id offset 0) l
  union all
  select g.n, l.rank, 'address', l.lead_id from given g
  cross join lateral (
    select l.lead_id, case when letter_street(l.address) = g.road and (letter_word(l.first_name) = g.first or '' in (letter_word(l.first_name), g.first)) then 4
      when letter_street(l.address) = g.road or letter_word(l.first_name) = g.first then 5 else 6 end as rank
    from lead l where letter_word(l.postal_code) = g.postal and letter_word(l.last_name) = g.last and l.postal_code is not null and l.last_name is not null
    order by rank limit 100) l
  where g.last <> '' and g.postal <> ''
  union all -- a name that is not parted: of who lives there it is all of one's, or has one's last name in it
  select g.n, l.rank, 'address', l.lead_id from given g
  cross join lateral (
    select l.lead_id, case when g.whole in (letter_name(concat_ws(' ', l.first_name, l.last_name)), letter_name(l.last_name)) or letter_word(l.first_name) = '' then 4 else 5 end as rank
    from lead l where letter_word(l.postal_code) = g.postal and letter_street(split_part(l.address, E'\n', 1)) = g.place and l.address is not null and l.postal_code is not null
      and letter_name(l.last_name) <> '' and string_to_array(letter_name(l.last_name), ' ') <@ string_to_array(g.whole, ' ')
    order by rank limit 100) l
  where g.whole <> '' and g.postal <> '' and g.place <> ''),
asked as (
  select p.n, p.rank, p.by, t.touch_id, t.shard from people p cross join lateral (select t.shard, t.touch_id from touch t
    where t.shard = (p.lead_id & 63)::smallint and t.lead_id = p.lead_id and t.kind = 'letter' and t.over_at >= $2::timestamptz offset 0) t
  union all
  select g.n, 1, 'code', g.touch, (g.touch & 63)::smallint from given g where g.touch is not null),
timely as (
  select a.n, a.rank, a.by, t.touch_id, t.over_at, coalesce(l.merged_into, l.lead_id) as lead_id, t.campaign, t.step, t.template
  from asked a join given g using (n)
  cross join lateral (select * from touch t where t.shard = a.shard and t.touch_id = a.touch_id and t.kind = 'letter' and t.recipient is null
    and t.state in ('sent', 'rejected', 'in_doubt') and t.remote_id is not null offset 0) t -- what was sent has its job and place; what ended before was in no letterbox
  cross join lateral (select l.lead_id, l.merged_into from lead l where l.shard = (t.lead_id & 63)::smallint and l.lead_id = t.lead_id and l.erased_at is null offset 0) l
  where case when a.rank = 1 then t.over_at <= g.at + interval '1 day' else t.over_at <= g.at and t.over_at > g.at - make_interval(days => $3::int) end),
best as (
  select n, rank, count(distinct lead_id) as leads, row_number() over (partition by n order by rank) as place from timely group by n, rank),
one as (
  select distinct on (t.n) t.*, b.leads from timely t join best b on b.n = t.n and b.rank = t.rank and b.place = 1 order by t.n, t.over_at desc, t.touch_id desc)
select g.n, g.at, case when o.n is null then 'unmatched' when o.rank <= 4 and o.leads = 1 then 'matched' else 'unsure' end as result,
  o.touch_id, o.lead_id, o.campaign, o.step, o.template, o.by
from given g left join one o using (n) order by g.n

-- Who lives there and is called that: rank 1 all of the name agrees, 2 the last name does.
-- :name lead_places
with given as materialized (
  select g.n, letter_name(concat_ws(' ', g.name, g.first_name, g.last_name)) as name, letter_word(g.postal_code) as postal, letter_street(split_part(g.street, E'\n', 1)) as road,
    upper(coalesce(g.country, '')) as country
  from jsonb_to_recordset($1::text::jsonb) g(n int, name text, first_name text, last_name text, street text, postal_code text, country text)),
found as (
  select g.n, l.shard, l.lead_id, case when l.first_name <> '' and letter_name(concat_ws(' ', l.first_name, l.last_name)) = g.name then 1
    when letter_name(l.last_name) <> '' and string_to_array(letter_name(l.last_name), ' ') <@ string_to_array(g.name, ' ') then 2 end as rank
  from given g join lead l on letter_word(l.postal_code) = g.postal and letter_street(split_part(l.address, E'\n', 1)) = g.road and l.address is not null and l.postal_code is not null
  where g.postal <> '' and g.road <> '' and g.name <> '' and l.merged_into is null and l.erased_at is null
    and (g.country = '' or coalesce(l.country, '') in ('', g.country)))
select f.n, f.lead_id, f.rank, coalesce((select (c.channel, c.purpose, c.state) = ('*', '*', 'withdrawn') from consent c where c.shard = f.shard and c.lead_id = f.lead_id
  order by c.id desc limit 1), false) as stopped
from found f where f.rank = 1 or f.rank = 2 and not exists (select from found o where o.n = f.n and o.rank = 1) order by f.n, f.lead_id

-- :name merge_state
select merge_id as merge, lead_id as lead, winner as into, state, asked_at, done_at from merge where merge_id = $1::bigint

-- :name lead_get
select l.lead_id, l.stage, l.email, l.first_name, l.last_name, l.title, l.role, l.company, l.phone, l.source, l.country, l.time_zone, l.language,
  l.address, l.city, l.postal_code, l.region, l.external_id, to_jsonb(l.quality) as quality, l.account_id, to_jsonb(l.segments) as segments, l.created_at, l.updated_at, l.erased_at,
  l.fields as "*",
  coalesce((select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', s.name, 'points', case when not s.is_grade then s.points end,
    'grade', s.grade, 'band', s.band)) order by s.is_grade, s.name)
    from score s where s.shard = l.shard and s.lead_id = l.lead_id), '[]') as scores,
  (select jsonb_build_object('at', f.failed_at, 'retry_at', f.retry_at, 'failures', f.failures, 'deaths', f.deaths, 'parked_at', f.parked_at,
    'place', f.place, 'message', f.message)
    from turn_failure f where f.shard = l.shard and f.lead_id = l.lead_id) as failure
from lead l where l.shard = ($1::bigint & 63)::smallint and l.lead_id = $1 and not l.anonymous

-- What is known of a visitor: for forms, which then ask no more than they must. Of whom somebody typed in there, or what is not known how it came to
-- be this browser's, no more is known than what was filled in with it.
-- :name visitor_known
select case when i.how in ('click', 'identify', 'server', 'made') then jsonb_strip_nulls(to_jsonb(l)) - 'fields' || l.fields else '{}' end
  || coalesce((select jsonb_object_agg(t.name, true) from unnest(i.told) t(name)), '{}') as "*"
from identity i join lead f on f.shard = i.shard and f.lead_id = i.lead_id
  join lead l on l.lead_id = coalesce(f.merged_into, f.lead_id) and l.shard = (coalesce(f.merged_into, f.lead_id) & 63)::smallint
where i.kind = 'cookie' and i.value = $1

-- What a lead allowed and has not taken back: to be confirmed, or confirmed already; and what was asked in a form since it was taken back.
-- :name consent_standing
select n.channel, n.purpose, n.state, n.wording
from lead f cross join lateral (
  (select distinct on (c.channel, c.purpose) c.channel, c.purpose, c.state, c.wording, c.id, c.shard, c.lead_id
    from consent c where c.lead_id = coalesce(f.merged_into, f.lead_id) and c.shard = (coalesce(f.merged_into, f.lead_id) & 63)::smallint
    order by c.channel, c.purpose, c.id desc)
  union all
  (select a.channel, a.purpose, 'asked', a.wording, a.withdrawn, a.shard, a.lead_id
    from consent_asked a where a.lead_id = coalesce(f.merged_into, f.lead_id) and a.shard = (coalesce(f.merged_into, f.lead_id) & 63)::smallint)) n
  left join lead own on own.shard = (f.merged_into & 63)::smallint and own.lead_id = f.merged_into
where (f.merged_into is null or f.email = own.email) -- who reads another mailbox confirms nothing of this one
  and f.shard = ($1::bigint & 63)::smallint and f.lead_id = $1 and n.state in ('granted', 'confirmed', 'asked') and n.purpose not like '%:%' -- preferences need no second yes
  and (n.state <> 'asked' or (select c.state from consent c where c.shard = n.shard and c.lead_id = n.lead_id
    and c.channel in ('*', n.channel) and c.purpose in ('*', n.purpose) order by c.id desc limit 1) = 'withdrawn')
  and not exists (select from consent w where w.shard = n.shard and w.lead_id = n.lead_id and w.id > n.id and w.state = 'withdrawn'
    and w.channel in ('*', n.channel) and w.purpose in ('*', n.purpose))
order by n.channel, n.purpose limit 20

-- Preferences, and whether marketing by e-mail stands at all: the newest word of each (model/preference.h).
-- :name preferences_standing
select distinct on (c.purpose) c.purpose, c.state
from lead f cross join lateral (
  select case when c.purpose in ('*', 'marketing') then 'marketing' else c.purpose end as purpose, c.state, c.id from consent c
  where c.lead_id = coalesce(f.merged_into, f.lead_id) and c.shard = (coalesce(f.merged_into, f.lead_id) & 63)::smallint
    and (c.channel = 'email' and c.purpose like '%:%' or c.channel in ('*', 'email') and c.purpose in ('*', 'marketing'))) c
where f.shard = ($1::bigint & 63)::smallint and f.lead_id = $1 and f.erased_at is null
order by c.purpose, c.id desc

-- Whose mail it was; of one to us it was nobody's.
-- :name touch_lead
select lead_id from touch where shard = ($1::bigint & 63)::smallint and touch_id = $1 and kind = 'email' and recipient is null

-- :name library_file
select encode(bytes, 'base64') as bytes, octet_length(bytes) as size from revision_file where revision = $1 and path = $2

-- Anonymous visitors are no leads yet, and merged ones are others'.
-- :name leads_page
select l.lead_id, l.email, l.first_name, l.last_name, l.company, l.country, l.stage, l.created_at, l.lead_id as cursor
from lead l
where (l.shard, l.lead_id) > (coalesce(($1::bigint & 63)::smallint, -1::smallint), coalesce($1::bigint, -1)) and not l.anonymous and l.merged_into is null and l.erased_at is null
order by l.shard, l.lead_id limit coalesce($2::int, 100)

-- Leads in the order of shard and id, behind lead $1, at most $2, in segment $3 (null: all), with their scores if $4. Merged ones are in the ones
-- that they were merged into.
-- :name export_page
select l.lead_id as lead, l.created_at, l.updated_at, l.stage, to_jsonb(l.segments) as segments, l.account_id, l.email, l.first_name, l.last_name,
  l.title, l.role, l.company, l.phone, l.source, l.country, l.time_zone, l.language, l.address, l.city, l.postal_code, l.region, l.external_id,
  to_jsonb(l.quality) as quality,
  case when $4::boolean then (select jsonb_object_agg(v.key, v.value) from score s
    cross join lateral (values ('score.' || s.name, to_jsonb(s.points)), ('grade.' || s.name, to_jsonb(s.grade)), ('band.' || s.name, to_jsonb(s.band)))
      v(key, value)
    where s.shard = l.shard and s.lead_id = l.lead_id and v.value is not null) end as scores,
  l.fields as "*"
from lead l
where (l.shard, l.lead_id) > (coalesce(($1::bigint & 63)::smallint, -1::smallint), coalesce($1::bigint, -1)) and l.merged_into is null and not l.anonymous and l.erased_at is null
  and ($3::text is null or $3 = any (l.segments))
order by l.shard, l.lead_id limit $2::int

-- :name export_count
select count(*) as leads from lead l where l.merged_into is null and not l.anonymous and l.erased_at is null and ($1::text is null or $1 = any (l.segments))

-- All that is known of one person, section by section; $1: its lead and those merged into it, numbers with commas between them (erase_preview).
-- :name person_leads
select l.* from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id)
join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id order by l.merged_into nulls first, l.lead_id

-- :name person_account
select a.account_id, a.name, a.domain, a.country, a.city, a.owner, a.fields from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id)
join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id
join account a on a.shard = (l.account_id & 63)::smallint and a.account_id = l.account_id

-- :name person_identities
select i.kind, i.value, i.lead_id, i.created_at from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id)
join identity i on i.shard = (w.lead_id & 63)::smallint and i.lead_id = w.lead_id order by i.created_at, i.kind, i.value

-- :name person_consent
select c.lead_id, c.at, c.channel, c.purpose, c.state, c.source, c.wording, c.ip, c.evidence from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id)
join consent c on c.shard = (w.lead_id & 63)::smallint and c.lead_id = w.lead_id order by c.id

-- :name person_suppressions
select distinct s.kind, s.value, s.channel, s.reason, s.at from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id)
join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id
cross join lateral (select split_part(l.email, '@', 2) as host, string_to_array(split_part(l.email, '@', 2), '.') as labels) h
cross join lateral (values ('lead', l.lead_id::text), ('email', l.email), ('phone', l.phone), ('domain', h.host),
  ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 1:], '.'), h.host)), ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 2:], '.'), h.host)),
  ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 3:], '.'), h.host)), ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 4:], '.'), h.host)),
  ('email_hash', erased_hash(l.email)), ('phone_hash', erased_hash(l.phone)), ('email_barred', erased_hash(l.email)), ('phone_barred', erased_hash(l.phone))) v(kind, value)
join suppression s on s.kind = v.kind and s.value = v.value order by s.at, s.kind

-- :name person_scores
select s.lead_id, s.name, s.points, s.grade, s.band, s.since from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id)
join score s on s.shard = (w.lead_id & 63)::smallint and s.lead_id = w.lead_id order by s.lead_id, s.is_grade, s.name

-- Pages of events and what follows from them: behind $2 (microseconds, id), at most $3.
-- :name person_events
select e.lead_id, e.at, e.received_at, e.verb, e.subject, e.value, e.machine, e.data,
  (extract(epoch from e.at) * 1000000)::bigint || '_' || e.event_id as cursor
from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id) join event e on e.shard = (w.lead_id & 63)::smallint and e.lead_id = w.lead_id
where $2::text is null or (e.at, e.event_id) > (timestamptz 'epoch' + split_part($2, '_', 1)::bigint * interval '1 microsecond', split_part($2, '_', 2)::bigint)
order by e.at, e.event_id limit $3::int

-- :name person_score_changes
select s.lead_id, s.at, s.name, s.old_points, s.new_points, s.old_grade, s.new_grade, s.old_band, s.new_band, s.cause,
  (extract(epoch from s.at) * 1000000)::bigint || '_' || s.id as cursor
from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id) join score_change s on s.shard = (w.lead_id & 63)::smallint and s.lead_id = w.lead_id
where $2::text is null or (s.at, s.id) > (timestamptz 'epoch' + split_part($2, '_', 1)::bigint * interval '1 microsecond', split_part($2, '_', 2)::bigint)
order by s.at, s.id limit $3::int

-- :name person_campaign_log
select g.lead_id, g.at, g.campaign, g.step, g.what, g.cause, (extract(epoch from g.at) * 1000000)::bigint || '_' || g.id as cursor
from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id) join enrollment_log g on g.shard = (w.lead_id & 63)::smallint and g.lead_id = w.lead_id
where $2::text is null or (g.at, g.id) > (timestamptz 'epoch' + split_part($2, '_', 1)::bigint * interval '1 microsecond', split_part($2, '_', 2)::bigint)
order by g.at, g.id limit $3::int

-- :name person_enrollments
select n.lead_id, n.campaign, n.step, n.state, n.entered_at, n.step_since, n.due_at, n.goal_at, n.ended_at, n.reason, n.holdout
from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id) join enrollment n on n.shard = (w.lead_id & 63)::smallint and n.lead_id = w.lead_id
order by n.entered_at, n.enrollment_id

-- :name person_touches
select t.lead_id, t.channel, t.kind, t.template, t.purpose, t.campaign, t.step, t.recipient, t.state, t.reason, t.planned_at, t.due_at, t.permitted_at,
  t.over_at, t.remote_id, t.data, (select coalesce(jsonb_agg(jsonb_build_object('at', a.at, 'ended_at', a.ended_at, 'outcome', a.outcome, 'reason', a.reason,
    'remote_id', a.remote_id) order by a.attempt), '[]') from attempt a where a.shard = t.shard and a.touch_id = t.touch_id) as attempts,
  (extract(epoch from t.planned_at) * 1000000)::bigint || '_' || t.touch_id as cursor
from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id) join touch t on t.shard = (w.lead_id & 63)::smallint and t.lead_id = w.lead_id
where $2::text is null or (t.planned_at, t.touch_id) > (timestamptz 'epoch' + split_part($2, '_', 1)::bigint * interval '1 microsecond', split_part($2, '_', 2)::bigint)
order by t.planned_at, t.touch_id limit $3::int

-- :name person_handoffs
select h.lead_id, h.person, h.campaign, h.step, h.state, h.at, h.due_at, h.reasons from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id)
join handoff h on h.shard = (w.lead_id & 63)::smallint and h.lead_id = w.lead_id order by h.at, h.handoff_id

-- :name person_opportunities
select o.lead_id, o.state, o.amount, o.currency, o.opened_at, o.closed_at, o.reason from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id)
join opportunity o on o.shard = (w.lead_id & 63)::smallint and o.lead_id = w.lead_id order by o.opened_at, o.opportunity_id

-- Rows of imports that were refused and name the person.
-- :name person_import_errors
select d.job_id as import, d.line, d.field, d.detail from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id)
join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id
join import_error d on position(lower(l.email) in lower(d.detail)) > 0 or position(l.phone in d.detail) > 0 order by d.job_id, d.line

-- :name person_audit
select a.at, a.actor, a.act, array_to_string(a.fields, ', ') as fields from audit a
where a.object = any (string_to_array($1::text, ',')) and a.act like 'lead.%' order by a.id

-- What plugins keep of the person, channel by channel: behind $2, at most $3.
-- :name person_channels
select k.channel, k.lead_id, k.what, k.id, k.data as "*", k.cursor from plugin_knows(string_to_array($1::text, ',')::bigint[], $2::text, $3::int) k
order by k.channel collate "C", (k.cursor::jsonb->>1) collate "C", k.what collate "C", k.id limit $3::int

-- How many leads are as they were, of these (numbers with commas between them).
-- :name erase_left
select count(*) as left from unnest(string_to_array($1::text, ',')::bigint[]) w(lead_id)
join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id where l.erased_at is null

-- A lead and all that were merged into it, and what is known of them.
-- :name erase_preview
with recursive w(lead_id) as (
  select $1::bigint union select l.lead_id from w join lead l on l.merged_into = w.lead_id)
select (select string_agg(w.lead_id::text, ',') from w) as leads, (select count(*) from w) as lead_count,
  (select count(*) from w join identity i on i.shard = (w.lead_id & 63)::smallint and i.lead_id = w.lead_id) as names,
  (select count(*) from w join event e on e.shard = (w.lead_id & 63)::smallint and e.lead_id = w.lead_id) as events,
  (select count(*) from w join consent c on c.shard = (w.lead_id & 63)::smallint and c.lead_id = w.lead_id) as permissions,
  (select count(*) from w join enrollment n on n.shard = (w.lead_id & 63)::smallint and n.lead_id = w.lead_id and n.state <> 'ended') as walks,
  (select count(*) from w join touch t on t.shard = (w.lead_id & 63)::smallint and t.lead_id = w.lead_id) as touches,
  (select count(*) from w join touch t on t.shard = (w.lead_id & 63)::smallint and t.lead_id = w.lead_id
    and touch_may_stop(t.state)) as touches_open,
  (select count(*) from w join opportunity o on o.shard = (w.lead_id & 63)::smallint and o.lead_id = w.lead_id) as opportunities,
  (select l.erased_at from lead l where l.shard = ($1 & 63)::smallint and l.lead_id = $1) as erased_at,
  exists (select from lease_owner where role = 'engine' and until > clock_timestamp()) as engine,
  plugin_holds(array(select w.lead_id from w)) as held

-- The same of what plugins have given out of it alone.
-- :name erase_held
with recursive w(lead_id) as (
  select $1::bigint union select l.lead_id from w join lead l on l.merged_into = w.lead_id)
select h.value as "*" from jsonb_array_elements(plugin_holds(array(select w.lead_id from w))) h

-- Whoever has done nothing since $3 (what we did, and what machines did, does not count: verbs $5) and is no younger, behind lead $1, at most $2,
-- in segment $4 (null: all).
-- :name purge_page
select l.lead_id as lead from lead l
where (l.shard, l.lead_id) > (coalesce(($1::bigint & 63)::smallint, -1::smallint), coalesce($1::bigint, -1)) and l.merged_into is null
  and not l.anonymous and l.erased_at is null and l.created_at < $3::timestamptz and ($4::text is null or $4 = any (l.segments))
  and not exists (select from event e where e.shard = l.shard and e.lead_id = l.lead_id and e.at >= $3 and not e.machine
    and e.verb <> all (string_to_array($5::text, ',')))
order by l.shard, l.lead_id limit $2::int

-- :name purge_count
select count(*) as leads from lead l
where l.merged_into is null and not l.anonymous and l.erased_at is null and l.created_at < $1::timestamptz
  and ($2::text is null or $2 = any (l.segments))
  and not exists (select from event e where e.shard = l.shard and e.lead_id = l.lead_id and e.at >= $1 and not e.machine
    and e.verb <> all (string_to_array($3::text, ',')))

-- How many of a purge wait for their turn.
-- :name purge_waiting
select count(*) as waiting from inbox where verb = 'lead.erase'

-- Of the lead and of those that were merged into it, newest first. The cursor: microseconds, id, kind.
-- :name lead_timeline
with whom as (
  select $1::bigint as lead_id union all select m.lead_id from lead m where m.merged_into = $1),
c as (
  select (lead_id & 63)::smallint as shard, lead_id,
    timestamptz 'epoch' + split_part($2::text, '_', 1)::bigint * interval '1 microsecond' as at, split_part($2, '_', 2)::bigint as id,
    split_part($2, '_', 3) as kind from whom where $2 is not null
  union all select (lead_id & 63)::smallint, lead_id, 'infinity', 0, '' from whom where $2 is null),
rows as (
  (select e.at, e.event_id as id, 'event' as kind, concat_ws(' ', e.verb, e.subject) as what,
    jsonb_strip_nulls(jsonb_build_object('value', e.value, 'machine', nullif(e.machine, false), 'data', e.data, 'received_at', e.received_at)) as detail
   from c join event e on e.shard = c.shard and e.lead_id = c.lead_id
   where e.at <= c.at and (e.at, e.event_id, 'event') < (c.at, c.id, c.kind) order by e.at desc, e.event_id desc limit coalesce($3::int, 100))
  union all
  (select s.at, s.id, 'score', s.name || ': ' || case when s.is_grade then concat_ws(', ',
      case when s.old_grade is distinct from s.new_grade then concat(coalesce(s.old_grade, '-'), ' → ', coalesce(s.new_grade, '-')) end,
      case when s.old_band is distinct from s.new_band then concat('band ', coalesce(s.old_band, '-'), ' → ', coalesce(s.new_band, '-')) end)
    else concat(s.old_points, ' → ', s.new_points) end,
    jsonb_strip_nulls(jsonb_build_object('cause', s.cause, 'event_id', s.event_id, 'revision', s.revision))
   from c join score_change s on s.shard = c.shard and s.lead_id = c.lead_id
   where (s.at, s.id, 'score') < (c.at, c.id, c.kind) order by s.at desc, s.id desc limit coalesce($3::int, 100))
  union all
  (select g.at, g.id, 'campaign', concat_ws(' ', g.campaign, g.step || ':', g.what || coalesce(' (' || nullif(g.cause, '') || ')', '')),
    jsonb_strip_nulls(jsonb_build_object('place', g.place, 'touch_id', g.touch_id, 'revision', g.revision))
   from c join enrollment_log g on g.shard = c.shard and g.lead_id = c.lead_id
   where (g.at, g.id, 'campaign') < (c.at, c.id, c.kind) order by g.at desc, g.id desc limit coalesce($3::int, 100))
  union all
  (select v.at, t.touch_id, 'touch', concat_ws(' ', v.what, t.channel, t.template, 'to ' || t.recipient, '(' || t.reason || ')'),
    jsonb_strip_nulls(jsonb_build_object('touch_id', t.touch_id, 'campaign', t.campaign, 'step', t.step, 'place', t.place, 'state', t.state,
      'due_at', t.due_at, 'remote_id', t.remote_id, 'attempts', t.attempts))
   from c join touch t on t.shard = c.shard and t.lead_id = c.lead_id
   cross join lateral (values (t.planned_at, 'planned'), (coalesce(t.over_at, t.permitted_at), t.state)) v(at, what)
   where v.at is not null and (v.what <> 'planned' or t.state <> 'held') and (v.at, t.touch_id, 'touch') < (c.at, c.id, c.kind)
   order by v.at desc, t.touch_id desc limit coalesce($3::int, 100))
  union all
  (select n.at, n.id, 'consent', concat_ws(' ', n.state, n.channel, n.purpose), jsonb_strip_nulls(jsonb_build_object('source', n.source, 'wording', n.wording))
   from c join consent n on n.shard = c.shard and n.lead_id = c.lead_id
   where (n.at, n.id, 'consent') < (c.at, c.id, c.kind) order by n.at desc, n.id desc limit coalesce($3::int, 100))
  union all
  (select h.at, h.handoff_id, 'handoff', concat_ws(' ', h.person, h.state), jsonb_strip_nulls(jsonb_build_object('reasons', h.reasons, 'due_at', h.due_at,
    'campaign', h.campaign, 'step', h.step))
   from c join handoff h on h.shard = c.shard and h.lead_id = c.lead_id
   where (h.at, h.handoff_id, 'handoff') < (c.at, c.id, c.kind) order by h.at desc, h.handoff_id desc limit coalesce($3::int, 100)))
select at, kind, what, detail, (extract(epoch from at) * 1000000)::bigint || '_' || id || '_' || kind as cursor
from rows order by at desc, id desc, kind desc limit coalesce($3::int, 100)

-- :name lead_scores
select name, case when not is_grade then points end as points, grade, band, since
from score where shard = ($1::bigint & 63)::smallint and lead_id = $1 order by is_grade, name

-- Every change of a score, grade or band, newest first: what made it so, and by which revision. event: the one that came in, if one did.
-- :name lead_score_history
select at, name, case when not is_grade then old_points end as old_points, case when not is_grade then new_points end as new_points,
  case when is_grade then old_grade end as old_grade, case when is_grade then new_grade end as new_grade,
  case when is_grade then old_band end as old_band, case when is_grade then new_band end as new_band, cause, event_id as event, revision, id as cursor
from score_change where (shard, lead_id) in (select ($1::bigint & 63)::smallint, $1 union all select m.shard, m.lead_id from lead m where m.merged_into = $1)
  and ($2::bigint is null or id < $2) order by id desc limit coalesce($3::int, 100)

-- :name lead_touches
select touch_id, channel, kind, template, campaign, step, pass, recipient, state, reason, planned_at, due_at, over_at, attempts, remote_id, place,
  touch_id as cursor
from touch where (shard, lead_id) in (select ($1::bigint & 63)::smallint, $1 union all select m.shard, m.lead_id from lead m where m.merged_into = $1) and ($2::bigint is null or touch_id < $2)
order by touch_id desc limit coalesce($3::int, 100)

-- :name lead_consent
select at, channel, purpose, state, source, wording, ip, id as cursor
from consent where (shard, lead_id) in (select ($1::bigint & 63)::smallint, $1 union all select m.shard, m.lead_id from lead m where m.merged_into = $1) and ($2::bigint is null or id < $2)
order by id desc limit coalesce($3::int, 100)

-- :name lead_enrollments
select enrollment_id, campaign, step, state, entered_at, step_since, due_at, ended_at, reason, goal_at, holdout, paused_at,
  (select p.paused_at from campaign_pause p where p.campaign = enrollment.campaign and p.resumed_at is null and enrollment.state <> 'ended') as campaign_paused_at,
  enrollment_id as cursor
from enrollment where (shard, lead_id) in (select ($1::bigint & 63)::smallint, $1 union all select m.shard, m.lead_id from lead m where m.merged_into = $1) and ($2::bigint is null or enrollment_id < $2)
order by enrollment_id desc limit coalesce($3::int, 100)

-- An event was applied by its lead's turn when its inbox row is gone.
-- :name event_turned
select not exists (select from inbox where shard = $1::smallint and lead_id = $2::bigint and event_id = $3::bigint) as turned

-- What its people's turns said of them, summed up by its own; $1 the account.
-- :name account_get
select a.account_id, a.name, a.domain, a.country, a.city, a.owner, a.fields as "*", a.created_at, a.updated_at, coalesce(s.people, 0) as leads,
  (select m.acted from account_member m where m.account_id = a.account_id and m.acted is not null order by m.account_id, m.acted desc limit 1) as last_act,
  (select coalesce(jsonb_agg(jsonb_build_object('name', g.name, 'grade', g.grade, 'band', g.band, 'since', g.since) order by g.name), '[]')
    from account_score g where g.shard = a.shard and g.account_id = a.account_id and g.is_grade) as grades,
  (select coalesce(jsonb_object_agg(m.name, m.points order by m.name), '{}')
    from account_score m where m.shard = a.shard and m.account_id = a.account_id and not m.is_grade) as scores,
  (select coalesce(jsonb_agg(jsonb_build_object('role', r.role, 'leads', s.roles[r.ord + 1]) order by r.role), '[]')
    from unnest(array['researcher', 'champion', 'influencer', 'executive', 'user', 'purchaser']) with ordinality r(role, ord)
    where s.roles[r.ord + 1] > 0) as roles_covered,
  (select coalesce(jsonb_agg(r.role order by r.ord), '[]')
    from unnest(array['researcher', 'champion', 'influencer', 'executive', 'user', 'purchaser']) with ordinality r(role, ord)
    where coalesce(s.roles[r.ord + 1], 0) = 0) as roles_missing
from account a left join account_summary s on s.shard = a.shard and s.account_id = a.account_id
where a.shard = ($1::bigint & 63)::smallint and a.account_id = $1

-- By an id, a domain or a name.
-- :name account_find
select a.account_id from (select case when $1::text ~ '^[0-9]{1,18}$' then $1::text::bigint end as id) w
join account a on a.shard = (w.id & 63)::smallint and a.account_id = w.id
union select account_id from account where domain = lower($1)
union select account_id from account where domain is null and lower(name) = lower($1)
limit 2

-- Every change of its scores, newest first.
-- :name account_changes
select c.at, c.name, c.is_grade, c.old_points, c.new_points, c.old_grade, c.new_grade, c.old_band, c.new_band, c.cause, c.revision, c.id as cursor
from account_change c where c.shard = ($1::bigint & 63)::smallint and c.account_id = $1 and ($2::bigint is null or c.id < $2)
order by c.id desc limit coalesce($3::int, 100)

-- Who of the company is known; $1 the account.
-- :name account_leads
select l.lead_id, l.email, l.first_name, l.last_name, l.title, l.role, l.stage, l.created_at, l.lead_id as cursor
from lead l
where l.account_id = $1::bigint and l.merged_into is null and not l.anonymous and ($2::bigint is null or l.lead_id > $2)
order by l.lead_id limit coalesce($3::int, 100)

-- The best first: by the highest score of their models.
-- :name accounts_page
select a.account_id, a.name, a.domain, a.country, a.city, a.owner, a.created_at, s.best as score, s.people as leads,
  (select jsonb_agg(jsonb_build_object('name', g.name, 'grade', g.grade, 'band', g.band) order by g.name)
    from account_score g where g.shard = s.shard and g.account_id = s.account_id and g.is_grade) as grades,
  s.best || ':' || s.account_id as cursor
from account_summary s join account a on a.shard = s.shard and a.account_id = s.account_id
where $1::text is null or (s.best, s.account_id) < (split_part($1, ':', 1)::int, split_part($1, ':', 2)::bigint)
order by s.best desc, s.account_id desc limit coalesce($2::int, 100)

-- :name opportunities_page
select o.opportunity_id, o.lead_id, o.state, o.amount, o.currency, o.opened_at, o.closed_at, o.reason, o.opportunity_id as cursor
from opportunity o where $1::bigint is null or o.opportunity_id < $1
order by o.opportunity_id desc limit coalesce($2::int, 100)

-- $1: the names of the active playbook's, a JSON list; those that somebody ever entered are there without.
-- :name campaigns
select campaign, count(e.lead_id) filter (where e.state = 'active') as active, count(e.lead_id) filter (where e.state = 'held') as held,
  count(e.lead_id) filter (where e.state = 'ended') as ended, count(e.lead_id) filter (where e.goal_at is not null) as goals,
  count(e.lead_id) filter (where e.paused_at is not null) as paused, max(p.paused_at) as paused_at, max(f.finished_at) as finished_at, campaign as cursor
from enrollment e full join (select campaign, paused_at from campaign_pause where resumed_at is null) p using (campaign)
  full join (select distinct campaign from jsonb_array_elements_text(coalesce($1::jsonb, '[]')) n(campaign)) n using (campaign)
  full join (select campaign, finished_at from campaign_finish) f using (campaign)
where $2::text is null or campaign > $2
group by campaign order by campaign limit coalesce($3::int, 100)

-- $2: it is one of the active playbook's, so it is there also where nobody ever entered.
-- :name campaign_get
select $1::text as campaign, count(*) filter (where e.state = 'active') as active, count(*) filter (where e.state = 'held') as held,
  count(*) filter (where e.state = 'ended') as ended, count(*) filter (where e.goal_at is not null) as goals,
  count(*) filter (where e.holdout and e.state <> 'ended') as held_out,
  count(*) filter (where e.paused_at is not null) as paused, (select p.paused_at from campaign_pause p where p.campaign = $1 and p.resumed_at is null) as paused_at,
  (select f.finished_at from campaign_finish f where f.campaign = $1) as finished_at,
  (select coalesce(jsonb_agg(jsonb_build_object('step', s.step, 'active', s.active, 'held', s.held) order by s.step), '[]')
   from (select step, count(*) filter (where state = 'active') as active, count(*) filter (where state = 'held') as held
     from enrollment where campaign = $1 and state <> 'ended' group by step) s) as steps
from enrollment e where e.campaign = $1 having count(*) > 0 or exists (select from campaign_pause p where p.campaign = $1 and p.resumed_at is null) or $2::boolean

-- :name campaign_enrollments
select enrollment_id, lead_id, step, state, entered_at, step_since, due_at, ended_at, reason, goal_at, holdout, paused_at, enrollment_id as cursor
from enrollment where campaign = $1::text and ($2::bigint is null or enrollment_id < $2)
order by enrollment_id desc limit coalesce($3::int, 100)

-- The walks of a lead as its turns noted them, oldest first, each note with its contact as that is now. $2: of one enrollment only, by its number, or of
-- one campaign, by its name; null = all.
-- :name lead_trace
with c as materialized (select ($1::bigint & 63)::smallint as shard, $1::bigint as lead_id union all select m.shard, m.lead_id from lead m where m.merged_into = $1::bigint)
select g.at, g.enrollment_id, g.campaign, g.step, g.what, g.cause, g.place, g.revision, g.touch_id, t.kind, t.template, t.pass, t.recipient, t.state as outcome,
  t.reason, t.due_at, t.over_at, t.attempts, (extract(epoch from g.at) * 1000000)::bigint || '_' || g.id as cursor
from c join enrollment_log g on g.shard = c.shard and g.lead_id = c.lead_id
left join touch t on t.shard = g.shard and t.touch_id = g.touch_id
where ($2::text is null or g.campaign = $2 or g.enrollment_id::text = $2)
  and ($3::text is null or (g.at, g.id) > (timestamptz 'epoch' + split_part($3, '_', 1)::bigint * interval '1 microsecond', split_part($3, '_', 2)::bigint))
order by g.at, g.id limit coalesce($4::int, 100)

-- One touch: what became of it and why, which note planned it, and every attempt.
-- :name touch_get
select t.touch_id, t.lead_id, t.enrollment_id, t.campaign, t.step, t.pass, t.kind, t.channel, t.template, t.purpose, t.recipient, t.state, t.reason, t.planned_at,
  t.due_at, t.expires_at, t.over_at, t.place, t.revision, t.remote_id,
  case t.state when 'sent' then 'it went out' when 'held' then 'it was held back' when 'queued' then 'its channel has it in its queue'
    when 'cancelled' then case t.reason when 'dropped' then 'a person gave it up while it was in doubt' else 'it was taken back' end
    when 'expired' then case when t.reason like 'given up after %' then 'nobody took it' else 'its time was over' end
    when 'rejected' then case when t.reason like 'given up after %' then 'nobody took it' else 'it was refused for good' end
    when 'deferred' then case when t.due_at = 'infinity' then 'no message can be made of it until its template is mended and published' else 'its channel put it off' end
    when 'in_doubt' then 'nobody knows whether it went out: nurture touch resend, or drop' when 'planned' then
      case when t.due_at > t.planned_at then 'it is put off until it may go' else 'it is due' end
    else 'it is being sent' end || coalesce(': ' || nullif(t.reason, ''), '') as why,
  (select g.cause from enrollment_log g where g.shard = t.shard and g.lead_id = t.lead_id and g.touch_id = t.touch_id and g.at = t.planned_at
    order by g.id limit 1) as planned_because,
  (select coalesce(jsonb_agg(jsonb_build_object('attempt', a.attempt, 'at', a.at, 'ended_at', a.ended_at, 'outcome', a.outcome, 'reason', a.reason, 'remote_id', a.remote_id)
    order by a.attempt), '[]') from (select attempt, at, ended_at, outcome, reason, remote_id from attempt where shard = t.shard and touch_id = t.touch_id
      union all select t.attempts, t.claimed_at, null, null, null, null where t.state in ('claimed', 'permitted') and t.claimed_at is not null
        and not exists (select from attempt o where o.shard = t.shard and o.touch_id = t.touch_id and o.attempt = t.attempts and o.ended_at is null)) a) as attempts
from touch t where t.shard = ($1::bigint & 63)::smallint and t.touch_id = $1::bigint

-- Who is inside campaigns, by the step that they stand on: what a publish is compared with, so all of them, as publish_stranded looks at them.
-- :name enrolled_steps
select e.campaign, e.step, count(*) as leads from enrollment e where e.state <> 'ended' and e.step <> ''
group by e.campaign, e.step order by e.campaign, e.step

-- Who would stand in a campaign ($1) if everybody in a segment ($2; null: nobody) entered it now: how many, and at most $3 of each group, chosen by a hash of
-- their numbers, so the same ones each time.
-- :name forecast_leads
with inside as materialized (
  select distinct e.lead_id from enrollment e where e.campaign = $1::text and e.state <> 'ended'),
would_enter as materialized (
  select l.lead_id, l.account_id from lead l where $2::text is not null and $2 = any (l.segments) and l.merged_into is null and not l.anonymous and l.erased_at is null
    and not exists (select from inside i where i.lead_id = l.lead_id)),
entering as materialized ( -- $4: one of an account
  select lead_id from would_enter where not $4::boolean union all
  select min(lead_id) from would_enter where $4 group by coalesce(account_id, -lead_id))
(select 'inside' as what, lead_id, (select count(*) from inside) as leads from inside order by hashint8(lead_id), lead_id limit $3::int)
union all
(select 'entering', lead_id, (select count(*) from entering) from entering order by hashint8(lead_id), lead_id limit $3::int)

-- How the contacts of a campaign's steps ended so far.
-- :name forecast_rates
select step, cause as answer, count(*) as count from enrollment_log where campaign = $1::text and what = 'answer' group by step, cause
union all
select step, case when state = 'sent' then 'sent' when kind = 'letter' then 'undeliverable' else 'bounced' end, count(*)
from touch where campaign = $1::text and recipient is null and kind <> 'call' and state in ('sent', 'rejected') group by 1, 2

-- Who converted: an opportunity was won, whether sales keeps it here or told it as an event.
-- :name report_grades
with won as materialized (
  select coalesce(l.merged_into, o.lead_id) as lead_id
  from (select lead_id from event where verb = 'opportunity.won' union select lead_id from opportunity where state = 'won') o
  left join lead l on l.shard = (o.lead_id & 63)::smallint and l.lead_id = o.lead_id group by 1)
select s.name, s.grade, min(s.band) as band, count(*) as leads, count(*)::float8 / sum(count(*)) over (partition by s.name)::float8 as share,
  count(w.lead_id) as converted, count(w.lead_id)::float8 / count(*) as rate
from score s left join won w on w.lead_id = s.lead_id
where s.is_grade
group by s.name, s.grade order by s.name, s.grade

-- :name report_stages
select stage, count(*) as leads, count(*)::float8 / sum(count(*)) over ()::float8 as share
from lead where merged_into is null and not anonymous group by stage
order by array_position(array['inquiry', 'engaged', 'qualified', 'accepted', 'opportunity', 'customer', 'recycled', 'disqualified'], stage)

-- :name report_touches
select channel, template, state, coalesce(reason, '') as reason, count(*) as touches
from touch group by channel, template, state, coalesce(reason, '') order by channel, template, state, touches desc

-- Letters by job, campaign and step, and who answered them: people, once each. What they cost the channel's plugin knows (nurture mail report).
-- :name report_letters
select split_part(coalesce(t.remote_id, ''), '/', 1) as job, coalesce(t.campaign, '') as campaign, coalesce(t.step, '') as step, to_char(min(t.over_at), 'YYYY-MM-DD') as sent_on,
  count(*) as letters, count(*) filter (where t.state = 'rejected') as returned, count(*) filter (where r.times > 0) as answered,
  count(*) filter (where r.times > 0)::float8 / count(*) as share, coalesce(sum(r.value), 0) as value
from touch t
cross join lateral (select coalesce(l.merged_into, l.lead_id) as lead_id from lead l where l.shard = t.shard and l.lead_id = t.lead_id offset 0) l
cross join lateral (select count(*) as times, sum(e.value) as value from event e where e.shard = (l.lead_id & 63)::smallint and e.lead_id = l.lead_id
  and e.verb = 'letter.response' and not e.machine and e.data ->> 'touch' = t.touch_id::text) r
where t.kind = 'letter' and t.state in ('sent', 'rejected', 'in_doubt') and t.remote_id is not null and t.recipient is null
group by 1, 2, 3 order by min(t.over_at) desc nulls last, 1, 2, 3

-- :name report_returns
select to_char(day, 'YYYY-MM-DD') as day, channel, kind, answer, count from returned order by day desc, channel, kind, answer

-- One row a campaign, also of those that no playbook has any more. A lead counts once, where its first entry put it.
-- :name report_campaigns
with e as (
  select campaign, lead_id, state, entered_at, goal_at, revision,
    first_value(holdout) over (partition by campaign, lead_id order by entered_at, enrollment_id) as held_out
  from enrollment),
l as (
  select campaign, lead_id, bool_or(held_out) as held_out, bool_or(state <> 'ended') as inside, bool_or(goal_at is not null) as won,
    min(entered_at) as since, max(entered_at) as until
  from e group by campaign, lead_id)
select campaign, count(*) as leads, count(*) filter (where held_out) as held_out, count(*) filter (where inside) as inside,
  count(*) filter (where won) as goals, count(*) filter (where won and not held_out)::float8 / nullif(count(*) filter (where not held_out), 0)::float8 as share,
  count(*) filter (where won and held_out)::float8 / nullif(count(*) filter (where held_out), 0)::float8 as held_out_share,
  min(since) as first_entered_at, max(until) as last_entered_at,
  (select o.revision from enrollment o where o.campaign = l.campaign order by o.entered_at desc limit 1) as revision
from l group by campaign order by campaign

-- What became of campaign $1, in one row of counts (report/campaign.h says which); none when nobody ever entered. A lead that was merged into another
-- counts as that one, and stays in the group where its first entry put it. A touch counts once, however often it was opened; machines do not count.
-- :name report_campaign
with e as materialized (
  select n.shard, n.enrollment_id, coalesce(k.merged_into, n.lead_id) as lead_id, n.lead_id as own, n.step, n.state, n.reason, n.passes, n.entered_at, n.goal_at, n.holdout, n.revision
  from enrollment n left join lead k on k.shard = (n.lead_id & 63)::smallint and k.lead_id = n.lead_id
  where n.campaign = $1::text),
t as materialized (
  select t.touch_id, e.lead_id, t.step, t.kind, t.template, t.state, coalesce(t.reason, '') as reason, t.revision
  from e join touch t on t.shard = e.shard and t.enrollment_id = e.enrollment_id and t.recipient is null),
v as materialized (
  select v.verb, v.data, e.lead_id
  from (select distinct lead_id from e) e
  join event v on v.shard = (e.lead_id & 63)::smallint and v.lead_id = e.lead_id
  where v.verb in ('email.open', 'email.click', 'email.reply', 'letter.response') and not v.machine and v.data ->> 'campaign' = $1
    and not (v.verb = 'email.click' and exists (select from event k where k.shard = v.shard and k.lead_id = v.lead_id and k.at >= v.at
      and k.verb = 'email.click_withdrawn' and k.data ->> 'event' = v.event_id::text))),
h as materialized (
  select (v.data ->> 'touch')::bigint as touch_id, bool_or(v.verb = 'email.open') as opened, bool_or(v.verb = 'email.click') as clicked
  from v where v.verb in ('email.open', 'email.click') and v.data ->> 'touch' is not null group by 1),
g as materialized (
  select g.id, g.step, g.what, g.cause, g.revision, g.at, e.lead_id
  from e join enrollment_log g on g.shard = e.shard and g.enrollment_id = e.enrollment_id),
l as materialized (
  select o.lead_id, o.held_out, o.won, o.inside, o.parked, exists (select from t where t.lead_id = o.lead_id and t.state = 'sent') as touched
  from (select lead_id, (array_agg(holdout order by entered_at, enrollment_id))[1] as held_out, bool_or(goal_at is not null) as won,
      bool_or(state <> 'ended') as inside, bool_or(state = 'held') as parked from e group by lead_id) o),
t_step as (
  select t.step, count(*) filter (where t.state = 'sent') as sent,
    count(*) filter (where t.state in ('held', 'cancelled', 'expired', 'rejected')) as held_back,
    count(*) filter (where t.state not in ('sent', 'held', 'cancelled', 'expired', 'rejected')) as under_way,
    count(*) filter (where h.opened) as opened, count(*) filter (where h.clicked) as clicked
  from t left join h using (touch_id) group by t.step),
t_contact as (
  select t.step, t.kind, t.template, count(*) filter (where t.state = 'sent') as sent,
    count(*) filter (where t.state in ('held', 'cancelled', 'expired', 'rejected')) as held_back,
    count(*) filter (where h.opened) as opened, count(*) filter (where h.clicked) as clicked,
    array_agg(distinct left(t.revision, 12)) as revisions
  from t left join h using (touch_id) group by t.step, t.kind, t.template),
t_why as (
  select step, state, reason, count(*) as touches from t where state in ('held', 'cancelled', 'expired', 'rejected') group by step, state, reason),
reached as (
  select p.step, count(distinct e.lead_id) as reached from e cross join lateral jsonb_object_keys(e.passes) p(step) group by p.step),
here as (
  select step, count(*) filter (where state = 'active') as here, count(*) filter (where state = 'held') as parked
  from e where state <> 'ended' and not holdout group by step),
gone as (select step, coalesce(reason, '') as reason, count(*) as leads from e where state = 'ended' and not holdout group by step, coalesce(reason, '')),
answers as (
  select step, answer, count(distinct lead_id) as leads from (
    select step, cause as answer, lead_id from g where what = 'answer'
    union all select v.data ->> 'step', v.verb, v.lead_id from v where v.verb in ('email.reply', 'letter.response')) a
  where step is not null group by step, answer),
answered as (
  select step, count(distinct lead_id) as answered from (
    select step, lead_id from g where what = 'answer' and cause not in (select unnest(array['held', 'late', 'no_answer', 'voicemail', 'wrong_number', 'bounced', 'undeliverable', 'cancelled', 'expired', 'rejected']))
    union all select v.data ->> 'step', v.lead_id from v where v.verb in ('email.reply', 'letter.response')) a
  where step is not null group by step),
began as (select step, min(id) as first from g where step is not null group by step),
names as (select step from reached union select step from t union select step from here union select step from gone),
drawn as (select distinct on (step, lead_id) step, lead_id, cause as variant from g where what = 'split' order by step, lead_id, id),
variants as (
  select d.step, d.variant, count(*) as leads, count(*) filter (where l.won) as converted from drawn d join l using (lead_id) where not l.held_out group by d.step, d.variant),
steps as (
  select jsonb_agg(jsonb_build_object('step', n.step, 'reached', coalesce(r.reached, 0), 'here', coalesce(p.here, 0), 'parked', coalesce(p.parked, 0),
    'sent', coalesce(t.sent, 0), 'under_way', coalesce(t.under_way, 0), 'held_back', coalesce(t.held_back, 0), 'opened', coalesce(t.opened, 0),
    'clicked', coalesce(t.clicked, 0), 'answered', coalesce(a.answered, 0),
    'left', coalesce((select sum(x.leads) from gone x where x.step = n.step), 0),
    'why', (select coalesce(jsonb_agg(jsonb_build_object('state', w.state, 'reason', w.reason, 'touches', w.touches) order by w.touches desc, w.state, w.reason), '[]')
      from t_why w where w.step = n.step),
    'answers', (select coalesce(jsonb_agg(jsonb_build_object('answer', w.answer, 'leads', w.leads) order by w.leads desc, w.answer), '[]') from answers w where w.step = n.step),
    'left_why', (select coalesce(jsonb_agg(jsonb_build_object('reason', w.reason, 'leads', w.leads) order by w.leads desc, w.reason), '[]') from gone w where w.step = n.step),
    'contacts', (select coalesce(jsonb_agg(jsonb_build_object('kind', w.kind, 'template', w.template, 'sent', w.sent, 'held_back', w.held_back, 'opened', w.opened,
      'clicked', w.clicked, 'revisions', w.revisions) order by w.kind, w.template), '[]') from t_contact w where w.step = n.step))
    order by b.first nulls last, n.step) as steps
  from names n left join reached r using (step) left join here p using (step) left join t_step t using (step) left join answered a using (step) left join began b using (step)
  where n.step <> '')
select $1::text as campaign, count(*) as leads, count(*) filter (where inside) as inside, count(*) filter (where parked) as parked,
  (select min(entered_at) from e) as first_entered_at, (select max(entered_at) from e) as last_entered_at,
  (select revision from g where what = 'enter' order by id desc limit 1) as revision,
  (select jsonb_build_object('at', f.finished_at, 'revision', f.revision, 'let_out', f.let_out, 'numbers', f.numbers) from campaign_finish f where f.campaign = $1) as finished,
  jsonb_build_object('all', jsonb_build_object('leads', count(*), 'converted', count(*) filter (where won)),
    'assigned', jsonb_build_object('leads', count(*) filter (where not held_out), 'converted', count(*) filter (where won and not held_out)),
    'held_out', jsonb_build_object('leads', count(*) filter (where held_out), 'converted', count(*) filter (where won and held_out)),
    'touched', jsonb_build_object('leads', count(*) filter (where touched and not held_out), 'converted', count(*) filter (where won and touched and not held_out))) as goal,
  (select coalesce(steps, '[]') from steps) as steps,
  (select coalesce(jsonb_agg(jsonb_build_object('revision', r.revision, 'entered', r.entered, 'since', r.since, 'until', r.until) order by r.since), '[]')
    from (select left(revision, 12) as revision, count(*) as entered, min(at) as since, max(at) as until from g where what = 'enter' group by 1) r) as revisions,
  (select coalesce(jsonb_agg(jsonb_build_object('step', s.step, 'variants', s.variants, 'test', (
      select jsonb_build_object('began_at', x.began_at, 'look_at', x.look_at, 'decided_at', x.decided_at, 'winner', x.winner, 'first_act', x.ways[1], 'tried_on', nullif(x.first, 0),
        'numbers', x.numbers)
      from split_test x where x.campaign = $1 and x.step = s.step order by x.began_at desc limit 1)) order by s.step), '[]')
    from (select step, jsonb_agg(jsonb_build_object('variant', variant, 'leads', leads, 'converted', converted) order by variant) as variants from variants group by step) s) as splits
from l having count(*) > 0

-- Tests of splits whose winner is to be looked for by $1. began and look: microseconds, as the passes have them. A lead counts once, where it first drew.
-- :name splits_due
select s.campaign, s.step, s.words, to_jsonb(s.ways) as ways, s.first, s.looks, (extract(epoch from s.began_at) * 1000000)::bigint as began,
  (extract(epoch from s.look_at) * 1000000)::bigint as look,
  (select coalesce(jsonb_object_agg(w.way, jsonb_build_array(w.leads, w.won)), '{}') from (
    select e.passes -> s.step ->> 4 as way, count(distinct e.lead_id) as leads, count(distinct e.lead_id) filter (where e.passes -> s.step ->> 6 = '2') as won
    from enrollment e
    where e.campaign = s.campaign and e.passes -> s.step ->> 6 in ('1', '2')
      and (e.passes -> s.step ->> 5)::bigint >= extract(epoch from s.began_at - interval '1 minute') * 1000000
    group by 1) w) as numbers
from split_test s where s.decided_at is null and s.look_at <= $1::timestamptz order by s.look_at limit 20

-- What a campaign was made of when a revision held: the file that declares it, and the templates of the contacts that it planned by then.
-- :name campaign_specification
select f.path, convert_from(f.bytes, 'UTF8') as text
from revision_file f
where f.revision = $1::text and ((f.path like '%.lua' and f.path not like 'tests/%' and position('campaign "' || $2::text || '"' in convert_from(f.bytes, 'UTF8')) > 0)
  or exists (select from jsonb_array_elements_text($3::jsonb) w(name) where f.path like 'templates/' || replace(replace(w.name, '%', ''), '_', '\_') || '.%'))
order by f.path not like '%.lua', f.path

-- :name activation_now
select activation, revision, at, author, message from activation order by activation desc limit 1

-- :name revisions
select a.activation, a.revision, a.at, a.author, a.message, r.name, a.activation as cursor
from activation a join revision r using (revision)
where $1::bigint is null or a.activation < $1 order by a.activation desc limit coalesce($2::int, 100)

-- :name asset_get
select name, title, kind, topic, buying_stage, url, file from asset where name = $1::text

-- :name channel_states
select channel, kind, plugin, state, reason, at, stopped_at, stopped_by, held_at, held_reason, standing,
  (select count(*) from touch t where t.channel = c.channel and t.queue = 'in_doubt') as in_doubt,
  (select count(*) from touch t where t.channel = c.channel and t.queue = 'queued') as queued,
  (select count(*) from channel_forget f where f.channel = c.channel) as to_forget,
  (select min(f.asked_at) from channel_forget f where f.channel = c.channel) as to_forget_since,
  (select f.reason from channel_forget f where f.channel = c.channel and f.reason is not null order by f.id limit 1) as to_forget_reason
from channel_state c order by channel

-- :name nodes
select token, host, listen, version, started_at, seen_at, trouble, seen_at > clock_timestamp() - interval '30 s' as alive
from node order by started_at, token

-- Options in which a living node differs from the oldest living one; `option` says what it is in nurture.conf.
-- :name node_differences
with living as materialized (select * from node where seen_at > clock_timestamp() - interval '30 s'),
oldest as materialized (select * from living order by started_at, token limit 1)
select k as option, n.host, n.listen, o.host as other_host, o.listen as other_listen
from oldest o, living n cross join lateral jsonb_object_keys(o.options || n.options) k
where o.options->k is distinct from n.options->k order by n.started_at, n.token, k

-- :name touches_in_doubt
select touch_id, lead_id, channel, template, due_at, permitted_at, coalesce(reason, '') as reason, touch_id as cursor
from touch where queue = 'in_doubt' and ($1::bigint is null or touch_id > $1) and ($3::text is null or channel = $3)
order by touch_id limit coalesce($2::int, 1000)

-- :name turn_failures
select lead_id, failures, deaths, failed_at, retry_at, parked_at, place, message, lead_id as cursor
from turn_failure where $1::bigint is null or lead_id > $1 order by lead_id limit coalesce($2::int, 100)

-- Of the active revision.
-- :name script_errors
select s.place, s.context, s.message, s.count, s.first_lead, s.last_at
from script_error s where s.revision = (select revision from activation order by activation desc limit 1)
order by s.last_at desc limit coalesce($1::int, 100)

-- Rules and steps of the active revision that are off, because workers died in them.
-- :name switched_off
select o.context, o.path || ':' || o.line as place, o.deaths, o.last_lead, o.since
from (select revision from activation order by activation desc limit 1) a
join revision_file f on f.revision = a.revision join script_off o on o.path = f.path and o.hash = sha256(f.bytes)
order by o.since, o.context

-- What /v1/playbook says.
-- :name playbook_active
select a.activation, a.revision, r.name, a.at, a.author, a.message,
  (select coalesce(jsonb_agg(jsonb_build_object('writer', writer, 'nodes', nodes, 'source', source, 'problems', problems, 'at', at) order by place, at desc), '[]') from publish_errors) as refused
from (select * from activation order by activation desc limit 1) a join revision r on r.revision = a.revision

-- :name tokens
select token_id, name, scope, created_at, expires_at, revoked_at from api_token order by token_id

-- :name token_find
select token_id, name, scope from api_token 
where hash = decode($1::text, 'hex') and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())

-- People (people.h). Nobody is told a password's hash but who looks at one.
-- :name persons
select p.person_id, p.name, p.role, p.email, p.password is not null as password, p.disabled_at, p.created_at,
  (select count(*) from session s where s.person_id = p.person_id and s.until > clock_timestamp()) as sessions
from person p order by p.name

-- :name person_get
select p.person_id, p.name, p.role, p.email, p.password is not null as password, p.disabled_at, p.created_at,
  (select count(*) from session s where s.person_id = p.person_id and s.until > clock_timestamp()) as sessions
from person p where p.name = $1::text

-- :name person_sessions
select s.session_id as session, s.created_at, s.seen_at, s.until, s.address, s.agent
from session s join person p using (person_id) where p.name = $1::text and s.until > clock_timestamp() order by s.session_id desc

-- :name login_find
select person_id, name, role, password, epoch, disabled_at is not null as disabled from person where name = $1::text

-- $2: seconds that it may rest. `tired`: what is kept of when it was used is a minute old.
-- :name session_find
select s.session_id, p.person_id, p.name, p.role, s.seen_at < clock_timestamp() - interval '1 minute' as tired
from session s join person p using (person_id)
where s.hash = decode($1::text, 'hex') and p.epoch = s.epoch and p.disabled_at is null and s.until > clock_timestamp()
  and s.seen_at > clock_timestamp() - $2::int * interval '1 second'

-- Newest first.
-- :name audit
select id, at, actor, act, object, array_to_string(fields, ', ') as fields, id as cursor from audit
where $1::bigint is null or id < $1 order by id desc limit coalesce($2::int, 100)

-- The whole chain again: how long it is, its newest hash, and the first row that does not follow from the one before.
-- :name audit_verify
with chain as (
  select id, hash, id is distinct from coalesce(lag(id) over w, 0) + 1 or previous is distinct from lag(hash) over w
    or hash <> audit_hash(previous, id, at, actor, act, object, fields) as broken
  from audit window w as (order by id))
select count(*) as rows, (select encode(hash, 'hex') from chain order by id desc limit 1) as newest, min(id) filter (where broken) as broken from chain

-- :name people
select person_id, name, email, role from person order by name

-- How many leads there are, about: as the database last counted.
-- :name leads_about
select greatest(sum(c.reltuples), 0)::bigint as leads from pg_class c where c.oid = 'lead'::regclass
  or c.oid in (select inhrelid from pg_inherits where inhparent = 'lead'::regclass)

-- :name jobs
select job_id, kind, state, progress, total, cancel, created_at, ended_at, error, result, job_id as cursor
from job where $1::bigint is null or job_id < $1 order by job_id desc limit coalesce($2::int, 100)

-- :name job_get
select job_id, kind, arguments, state, progress, total, cancel, created_at, ended_at, error, result from job where job_id = $1::bigint

-- Without its arguments, which may be large.
-- :name job_one_get
select job_id as job, kind, state, progress, total, cancel, created_at, ended_at, error, result from job where job_id = $1::bigint

-- :name jobs_page
select job_id as job, kind, state, progress, total, cancel, created_at, ended_at, error, job_id as cursor
from job where $1::bigint is null or job_id < $1 order by job_id desc limit coalesce($2::int, 100)

-- :name job_find
select job_id, kind, arguments, state, progress, total, result, error from job where kind = $1::text and arguments->>'key' = $2::text
order by job_id desc limit 1

-- What an import of the command line was given (paths of its machine) is not shown.
-- :name imports_page
select job_id as import, state, case when arguments ? 'file' then null else arguments->>'map' end as map, progress as rows,
  coalesce((result->>'created')::bigint, 0) as created, coalesce((result->>'known')::bigint, 0) as known,
  coalesce((result->>'rejected')::bigint, 0) as rejected, (arguments->>'bytes')::bigint as bytes, (result->>'bytes_read')::bigint as bytes_read,
  result->>'encoding' as encoding, result->'trial' as trial, arguments->>'suppress' as suppress, cancel, created_at, ended_at, error, job_id as cursor
from job where kind = 'import' and ($1::bigint is null or job_id < $1) order by job_id desc limit coalesce($2::int, 100)

-- :name import_get
select job_id as import, state, case when arguments ? 'file' then null else arguments->>'map' end as map, progress as rows,
  coalesce((result->>'created')::bigint, 0) as created, coalesce((result->>'known')::bigint, 0) as known,
  coalesce((result->>'rejected')::bigint, 0) as rejected, (arguments->>'bytes')::bigint as bytes, (result->>'bytes_read')::bigint as bytes_read,
  result->>'encoding' as encoding, result->'trial' as trial, arguments->>'suppress' as suppress, cancel, created_at, ended_at, error
from job where kind = 'import' and job_id = $1::bigint

-- lead: a person who was known when they asked for it ("never again"), by the lead's number
-- :name suppressions_all_page
select kind, value, channel, reason, at, case when kind = 'phone' and value not like '+%' then 'no country code: stops nobody whose number has one' end as warning,
  kind || E'\t' || value || E'\t' || channel as cursor from suppression
where kind in ('email', 'domain', 'phone', 'address', 'lead')
  and ($1::text is null or (kind, value, channel) > (split_part($1, E'\t', 1), split_part($1, E'\t', 2), split_part($1, E'\t', 3)))
order by kind, value, channel limit $2::int

-- :name suppressions_page
select kind, value, channel, reason, at, case when kind = 'phone' and value not like '+%' then 'no country code: stops nobody whose number has one' end as warning,
  value as cursor from suppression
where ($1::text is null or kind = $1) and ($2::text is null or value > $2) and kind in ('email', 'domain', 'phone', 'address', 'lead')
order by value, kind, channel limit coalesce($3::int, 1000)

-- of people who were erased: nothing of them is known but that they are not to be contacted
-- :name suppressions_erased
select count(*) as count from suppression where kind not in ('email', 'domain', 'phone', 'address', 'lead') and value <> 'any'

-- :name import_groups
select first, rows, created from import_group where job_id = $1::bigint order by first

-- :name import_errors_page
select line, field, detail, line as cursor from import_error
where job_id = $1::bigint and ($2::bigint is null or line > $2) order by line limit coalesce($3::int, 100)

-- :name import_maps_page
select name, map, changed_at, name as cursor from import_map where $1::text is null or name > $1 order by name limit coalesce($2::int, 100)

-- :name import_map_get
select name, map, changed_at from import_map where name = $1::text

-- :name campaigns_paused
select p.campaign, p.paused_at, p.actor, (select count(*) from enrollment e where e.campaign = p.campaign and e.state <> 'ended') as inside
from campaign_pause p where p.resumed_at is null order by p.campaign

-- How many enrollments are held, and where and why the most; and contacts that no message could be made of: they wait for a publish as well.
-- :name enrollments_held
select campaign, step, reason, count(*) as count, min(lead_id) as first_lead from (
  select campaign, step, reason, lead_id from enrollment where state = 'held'
  union all select coalesce(campaign, '-'), coalesce(step, '-'), reason, lead_id from touch where due_at = 'infinity' and queue = 'due') h
group by campaign, step, reason
order by count(*) desc, campaign, step, reason limit coalesce($1::int, 100)

-- For /metrics.
-- :name engine_figures
select (select count(*) from enrollment where state = 'held') as held, (select count(*) from account_failure) as accounts_failing,
  (select count(*) from engine_trouble where at > clock_timestamp() - interval '30 s' and at > since + interval '10 s') as troubles

-- What engines try in vain, again and again, for ten seconds and more.
-- :name engine_troubles
select what, since, at, code, place, message from engine_trouble
where at > clock_timestamp() - interval '30 s' and at > since + interval '10 s' order by what

-- :name account_failures
select account_id, failures, failed_at, retry_at, place, message, account_id as cursor
from account_failure where $1::bigint is null or account_id > $1 order by account_id limit coalesce($2::int, 100)

-- :name status
select (select count(*) from lead where merged_into is null and not anonymous and erased_at is null) as leads, r.name, a.revision, a.at as activated_at, a.activation,
  (select count(*) from inbox) as inbox,
  (select count(*) from touch t where t.queue = 'due' and t.due_at <= n.now) as touches_due,
  (select count(*) from turn_failure where parked_at is not null) as parked,
  (select count(*) from turn_failure where parked_at is null) as failing,
  (select count(*) from account_failure) as accounts_failing,
  (select count(*) from script_error s where s.revision = a.revision) as script_errors,
  (select count(*) from touch where queue = 'in_doubt') as in_doubt,
  (select count(*) from enrollment where state = 'held') + (select count(*) from touch where due_at = 'infinity' and queue = 'due') as held,
  (select coalesce(jsonb_agg(jsonb_build_object('writer', writer, 'nodes', nodes, 'source', source, 'problems', problems, 'at', at) order by place, at desc), '[]') from publish_errors) as publish_errors,
  n.now, n.scale
from (select scale, case when scale = 1 then domain0 + (clock_timestamp() - real0) else domain0 end as now from clock) n
left join lateral (select * from activation order by activation desc limit 1) a on true
left join revision r on r.revision = a.revision
