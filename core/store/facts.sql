-- What is known of some leads: $1 their ids, sorted; all rows come in the order of lead_id. Each question stands in a lateral select of its own
-- (offset 0), so that it is always asked lead by lead, in the order of an index, however small the planner believes a table to be.
-- :name facts_lead
select l.lead_id, l.created_at, l.stage, coalesce(l.account_id, 0), l.fields, array_to_string(l.segments, E'\x1f'),
  l.email, l.first_name, l.last_name, l.title, l.role, l.company, l.phone, l.source, l.country, l.time_zone, l.language, l.address, l.city,
  l.postal_code, l.region, l.external_id, array_to_string(l.quality, E'\x1f'), coalesce(l.merged_into, 0),
  l.erased_at is not null
from unnest($1::bigint[]) w(lead_id)
cross join lateral (select * from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id offset 0) l
order by w.lead_id

-- Those that an older one (ids grow with time, but for the shard in their low bits) has the number of, or the name at the same company; or a rule of the
-- playbook suspects (same_person). Of a lead of which nothing is new (time alone woke it) its quality says so since its last turn: whoever became its twin told it.
-- :name facts_twin
select w.lead_id, exists (select from lead d where d.phone = l.phone and d.merged_into is null and d.lead_id >> 6 < l.lead_id >> 6)
  or exists (select from lead d where lower(d.last_name) = lower(l.last_name) and lower(d.first_name) = lower(l.first_name)
    and lower(d.company) = lower(l.company) and d.merged_into is null and d.lead_id >> 6 < l.lead_id >> 6)
  or (select m.why from merge m where m.lead_id = l.lead_id and m.state in ('refused', 'undone') and m.why is not null limit 1) is not null
from unnest($1::bigint[]) w(lead_id)
cross join lateral (select i.id from inbox i where i.shard = (w.lead_id & 63)::smallint and i.lead_id = w.lead_id limit 1) new
cross join lateral (select * from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id offset 0) l
order by w.lead_id

-- With what the lead added to it as it was told; and ($2), its summary, and what is counted there of the lead: what the oldest word still in the inbox says that it was.
-- :name facts_account
select w.lead_id, a.account_id, a.fields, a.name, a.domain, a.country, a.city, a.owner, s.packed, m.packed, m.acted,
  case when i.id is null then m.packed else i.was end
from unnest($1::bigint[]) w(lead_id)
cross join lateral (select l.account_id from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id offset 0) l
cross join lateral (select * from account a where a.shard = (l.account_id & 63)::smallint and a.account_id = l.account_id offset 0) a
left join lateral (select s.packed from account_summary s where $2::boolean and s.shard = (a.account_id & 63)::smallint and s.account_id = a.account_id offset 0) s on true
left join lateral (select m.packed, m.acted from account_member m
  where m.shard = (w.lead_id & 63)::smallint and m.lead_id = w.lead_id and m.account_id = a.account_id offset 0) m on true
left join lateral (select i.id, i.was from account_inbox i where $2 and i.lead_id = w.lead_id and i.account_id = a.account_id order by i.lead_id, i.id limit 1) i on true
order by w.lead_id

-- :name facts_history
select w.lead_id, h.packed
from unnest($1::bigint[]) w(lead_id)
cross join lateral (select h.packed from lead_history h where h.shard = (w.lead_id & 63)::smallint and h.lead_id = w.lead_id offset 0) h
order by w.lead_id

-- :name facts_score
select w.lead_id, s.name, s.is_grade, s.points, s.grade, s.band
from unnest($1::bigint[]) w(lead_id)
cross join lateral (select * from score s where s.shard = (w.lead_id & 63)::smallint and s.lead_id = w.lead_id offset 0) s
order by w.lead_id

-- Active and held ones; of ended ones the newest of each campaign.
-- :name facts_enrollment
select e.lead_id, e.enrollment_id, e.campaign, e.step, e.state, e.entered_at, e.step_since, e.due_at, e.over_at, e.touch_id, e.passes, e.rounds,
  e.goal_at, e.ended_at, e.reason, e.holdout, e.paused_at
from unnest($1::bigint[]) w(lead_id)
cross join lateral (
  select distinct on (e.campaign, e.state = 'ended') * from enrollment e
  where e.shard = (w.lead_id & 63)::smallint and e.lead_id = w.lead_id
  order by e.campaign, e.state = 'ended', e.entered_at desc, e.enrollment_id desc) e
order by w.lead_id

-- The newest word of each (channel, purpose); and what a form asked against a withdrawal, with the id of that one.
-- :name facts_consent
select w.lead_id, c.channel, c.purpose, c.state, c.at, c.id
from unnest($1::bigint[]) w(lead_id)
cross join lateral (
  (select distinct on (c.channel, c.purpose) c.channel, c.purpose, c.state, c.at, c.id from consent c
    where c.shard = (w.lead_id & 63)::smallint and c.lead_id = w.lead_id
    order by c.channel, c.purpose, c.id desc)
  union all
  (select a.channel, a.purpose, 'asked', a.at, a.withdrawn from consent_asked a where a.shard = (w.lead_id & 63)::smallint and a.lead_id = w.lead_id)) c
order by w.lead_id

-- All names of a lead are looked for at once, by value; what kind a row must be of is looked at where there is one. Of a domain: the host itself, and its
-- last labels, two to five (permit.sql).
-- Those of who was erased (hashes) end with a permission that the person gave since (typed into a form, once confirmed): for any channel, or, where a touch is about to go out, for that
-- one ($2 its kind, $3 its name). Until then a form that asked lets the mail go that asks for it to be confirmed.
-- :name facts_suppression
select w.lead_id, s.channel, s.reason, s.at, s.kind like '%\_hash' and exists (
  select from consent c where c.shard = (w.lead_id & 63)::smallint and c.lead_id = w.lead_id and c.state = 'granted' and c.at > s.at and c.evidence->>'form' is not null)
from (select exists (select from suppression where kind = 'email_hash' and value = 'any' and channel = '*') as erased) f
cross join unnest($1::bigint[]) w(lead_id)
cross join lateral (select l.lead_id, l.email, l.phone, split_part(l.email, '@', 2) as host,
    case when l.address is not null then address_key(l.address, l.postal_code, l.city) end as address,
    case when f.erased then erased_hash(l.email) end as email_hash, case when f.erased then erased_hash(l.phone) end as phone_hash
  from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id offset 0) l
cross join lateral (select case when l.host like '%.%.%' then array[l.host, substring(l.host from '[^.]*[.][^.]*$'), substring(l.host from '(?:[^.]*[.]){2}[^.]*$'),
    substring(l.host from '(?:[^.]*[.]){3}[^.]*$'), substring(l.host from '(?:[^.]*[.]){4}[^.]*$')] else array[l.host] end as hosts offset 0) h
cross join lateral (select * from suppression s
  where s.value = any (h.hosts || array[l.lead_id::text, l.email, l.phone, l.address, l.email_hash, l.phone_hash])
    and case s.kind when 'lead' then s.value = l.lead_id::text when 'email' then s.value = l.email when 'domain' then s.value = any (h.hosts)
      when 'phone' then s.value = l.phone when 'address' then s.value = l.address when 'email_hash' then s.value = l.email_hash
      when 'phone_hash' then s.value = l.phone_hash when 'email_barred' then s.value = l.email_hash when 'phone_barred' then s.value = l.phone_hash end
  offset 0) s
where s.kind not like '%\_hash' or not exists (
  select from consent c where c.shard = (w.lead_id & 63)::smallint and c.lead_id = w.lead_id and c.state <> 'withdrawn' and c.source not like 'import%' and c.at > s.at
    and (c.state = 'confirmed' or c.evidence->>'form' is null) and ($2::text is null or c.channel in ('*', $2, $3::text)))
order by w.lead_id

-- Who of their accounts entered campaigns with once_per = "account" last, and when that walk ended (one that was forgotten: when it began). Of most playbooks
-- nobody did, and then no account is looked for. Who is of another account by now holds nothing here.
-- :name facts_claim
select w.lead_id, c.campaign, c.lead_id, c.enrollment_id, case when e.state is null then c.at else e.ended_at end,
  coalesce(h.account_id <> c.account_id and h.merged_into is null, false)
from unnest($1::bigint[]) w(lead_id)
cross join lateral (select l.account_id from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id offset 0) l
cross join lateral (select * from account_claim c where c.shard = (l.account_id & 63)::smallint and c.account_id = l.account_id offset 0) c
left join lateral (select e.state, e.ended_at from enrollment e where e.shard = (c.enrollment_id & 63)::smallint and e.enrollment_id = c.enrollment_id offset 0) e on true
left join lateral (select h.account_id, h.merged_into from lead h where h.shard = (c.lead_id & 63)::smallint and h.lead_id = c.lead_id offset 0) h on true
where (select true from account_claim limit 1)
order by w.lead_id

-- Open ones, and all with due_at inside the longest cap ($2).
-- :name facts_touch
select t.lead_id, t.touch_id, coalesce(t.enrollment_id, 0), t.campaign, t.step, coalesce(t.pass, 0), t.channel, t.kind, t.template, t.purpose,
  t.state, t.due_at, t.expires_at, t.planned_at, t.over_at, t.reason, t.place, t.any_hours, t.data, t.offered_until
from unnest($1::bigint[]) w(lead_id)
cross join lateral (
  select * from touch t where t.shard = (w.lead_id & 63)::smallint and t.lead_id = w.lead_id and t.recipient is null
    and (t.due_at > $2::timestamptz or t.state in ('planned', 'claimed', 'permitted', 'deferred', 'queued', 'in_doubt'))
  offset 0) t
order by w.lead_id, t.due_at, t.touch_id

-- Of all campaigns, whoever the leads are. One that was finished and never paused has an empty pause.
-- :name facts_pause
select coalesce(p.campaign, f.campaign), coalesce(p.paused_at, f.finished_at), case when p.campaign is null then f.finished_at else p.resumed_at end,
  f.finished_at, coalesce(f.let_out, false)
from campaign_pause p full join campaign_finish f on f.campaign = p.campaign order by 1

-- The same of the tests of splits.
-- :name facts_split
select s.campaign, s.step, s.words, s.look_at, s.decided_at, coalesce(s.winner, '') from split_test s order by s.campaign, s.step
