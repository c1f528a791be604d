-- Permissions of a group: given, confirmed, taken back.

-- Withdrawals and permissions of one shard never overtake each other: the first (and confirmations, and new addresses) hold these locks alone, the second
-- together, and both take them before anything else. So a permission sees every withdrawal that committed before it.
-- :name permit_lock_alone
select pg_advisory_xact_lock(1314214484, s) from unnest($1::int[]) s order by s

-- Who gives a permission unproven looks at what stands against it: so it holds all other shards together with those that permit. In one order.
-- :name permit_lock_all
select case when s = any($1::int[]) then pg_advisory_xact_lock(1314214484, s) else pg_advisory_xact_lock_shared(1314214484, s) end
from generate_series(0, 63) s order by s

-- :name consent_insert
insert into consent (shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence)
select shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence::jsonb
from unnest($1::smallint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
  as c(shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence)

-- Permissions that anybody may have typed in: never where a withdrawal stands that has to do with it: of all channels, of this one, or of a single
-- channel (whose kind is not known here); of all purposes, or of this one (as of an import: bulk_consent.sql). There it is kept as a question: the first
-- since that withdrawal, for the mail that it let go is about that one.
-- :name consent_insert_unproven
with w as materialized (
  select w.*, s.id as withdrawn
  from unnest($1::smallint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
    with ordinality as w(shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence, ord)
  cross join lateral (
    select max(c.id) as id from (
      select distinct on (c.channel, c.purpose) c.channel, c.purpose, c.state, c.id from consent c
      where c.shard = w.shard and c.lead_id = w.lead_id
      order by c.channel, c.purpose, c.id desc) c
    where c.state = 'withdrawn' and (w.channel = '*' or c.channel = w.channel or c.channel not in ('email', 'call', 'letter', 'track_open', 'track_click'))
      and (w.purpose = '*' or c.purpose in ('*', w.purpose))) s),
given as (
  insert into consent (shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence)
  select w.shard, w.lead_id, w.at, w.channel, w.purpose, w.state, w.source, w.wording, w.ip, w.evidence::jsonb from w where w.withdrawn is null order by w.ord)
insert into consent_asked (shard, lead_id, channel, purpose, withdrawn, mails, at, wording, ip, evidence)
select distinct on (w.shard, w.lead_id, w.channel, w.purpose) w.shard, w.lead_id, w.channel, w.purpose, w.withdrawn, array(
  select t.touch_id from touch t where t.shard = w.shard and t.lead_id = w.lead_id and t.purpose = 'confirm'), w.at, w.wording, w.ip, w.evidence::jsonb
from w where w.withdrawn is not null order by w.shard, w.lead_id, w.channel, w.purpose, w.ord
on conflict (shard, lead_id, channel, purpose) do update set withdrawn = excluded.withdrawn, mails = excluded.mails, at = excluded.at, wording = excluded.wording, ip = excluded.ip,
  evidence = excluded.evidence
where consent_asked.withdrawn < excluded.withdrawn

-- Confirmed by a link in a mail: while the newest word about it (of all channels, of this one, of all purposes or of this one) is a permission, and
-- nothing suppresses the lead. The shard's lock is held as for a withdrawal, so what is seen here is what stands. Confirmed already: no row more.
-- Where the newest word is a withdrawal, and a form asked anew since, the mail that was planned because of that lifts it: both words are written, what
-- was ticked and that it was meant.
-- :name consent_confirm
with w as materialized (
  select w.*, n.state as said, a.wording as asked_wording, a.ip as asked_ip, a.evidence as asked_evidence,
    row_number() over (partition by w.lead_id, w.channel, w.purpose order by w.ord) as nth
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
    with ordinality as w(lead_id, mailbox, touch_id, at, channel, purpose, source, wording, ip, evidence, ord)
  cross join lateral (select * from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id offset 0) l
  cross join lateral (select * from lead f where f.shard = (w.mailbox & 63)::smallint and f.lead_id = w.mailbox offset 0) f
  cross join lateral (
    select c.state, c.id from consent c where c.shard = (w.lead_id & 63)::smallint and c.lead_id = w.lead_id
      and c.channel in ('*', w.channel) and c.purpose in ('*', w.purpose) order by c.id desc limit 1) n
  left join lateral (
    select a.* from consent_asked a where a.shard = (w.lead_id & 63)::smallint and a.lead_id = w.lead_id and a.channel = w.channel and a.purpose = w.purpose
      and a.withdrawn >= n.id and w.touch_id <> all (a.mails) and exists (
        select from touch t where t.shard = (w.touch_id & 63)::smallint and t.touch_id = w.touch_id and t.lead_id = w.mailbox) offset 0) a on n.state = 'withdrawn'
  where (n.state in ('granted', 'confirmed') or a.withdrawn is not null) and l.erased_at is null and (f.lead_id = l.lead_id or f.email = l.email)
    and not exists (select from lead_names(l) v cross join lateral (
      select from suppression s where s.kind = v.kind and s.value = v.value and s.channel in ('*', w.channel) and (s.ends is null or s.ends = '') offset 0) s)),
kept as (
  insert into consent (shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence)
  select (w.lead_id & 63)::smallint, w.lead_id, w.at, w.channel, w.purpose, k.state, k.source, k.wording, k.ip, k.evidence
  from w cross join lateral (values (1, 'granted', 'form', w.asked_wording, w.asked_ip, w.asked_evidence),
    (2, 'confirmed', w.source, w.wording, w.ip, w.evidence::jsonb)) k(step, state, source, wording, ip, evidence)
  where w.said <> 'confirmed' and w.nth = 1 and (w.said = 'withdrawn' or k.step = 2) order by w.ord, k.step)
select (w.ord - 1)::int4, w.said <> 'confirmed' and w.nth = 1 from w

-- What is still open to stop; what has permission already may be on the wire. In the order of the key, as everywhere.
-- :name consent_cancel
with wanted as (
  select lead_id, channel, purpose, ord from unnest($1::bigint[], $2::text[], $3::text[]) with ordinality as w(lead_id, channel, purpose, ord)),
hit as (
  select t.shard, t.touch_id, min(w.ord) as ord
  from wanted w join touch t on t.shard = (w.lead_id & 63)::smallint and t.lead_id = w.lead_id
  where touch_may_stop(t.state) and t.recipient is null
    and w.channel in ('*', t.kind, t.channel) and w.purpose in ('*', t.purpose)
  group by t.shard, t.touch_id),
locked as (
  select t.shard, t.touch_id, h.ord from hit h join touch t on t.shard = h.shard and t.touch_id = h.touch_id
  order by t.shard, t.touch_id for no key update of t)
update touch t set state = 'cancelled', over_at = $4::timestamptz, reason = 'withdrawn', token = null
from locked l
where t.shard = l.shard and t.touch_id = l.touch_id and touch_may_stop(t.state)
returning (l.ord - 1)::int4, t.touch_id, t.lead_id, t.channel, t.campaign, t.step

-- Who chose fewer topics, or fewer mails (model/preference.h): marketing mail of theirs that is in a channel's hands has passed the gate before that word. It gets no
-- permission, and the gate is asked anew (permit.sql).
-- :name consent_look_again
with locked as (
  select t.shard, t.touch_id from (select distinct lead_id from unnest($1::bigint[]) w(lead_id)) w join touch t on t.shard = (w.lead_id & 63)::smallint and t.lead_id = w.lead_id
  where t.state in ('claimed', 'permitted') and t.kind = 'email' and t.purpose = 'marketing' and t.recipient is null
  order by t.shard, t.touch_id for no key update of t)
update touch t set look_again = true from locked l
where t.shard = l.shard and t.touch_id = l.touch_id and t.state in ('claimed', 'permitted')
