-- What the turns of accounts decided (accounts.h). $1 is mostly the shard.
-- :name accounts_taken
delete from account_inbox i using unnest($2::bigint[]) w(id)
cross join lateral (select x.ctid as at from account_inbox x where x.shard = $1::int and x.id = w.id offset 0) x where i.ctid = x.at

-- What the walk found; how many there are is asked before the first of them is summed up.
-- :name accounts_walk_on
update account_walk w set accounts = w.accounts + $4::bigint, changed = w.changed + $5::bigint, graded = w.graded + $6::bigint,
  total = coalesce(w.total, (select count(*) from account_summary s where s.shard = $1 and s.words < $3::text)
    + (select count(*) from account_summary s where s.shard = $1 and s.words > $3))
where w.shard = $1::int and w.job_id = $2::bigint and not w.over

-- :name accounts_walk_over
update account_walk w set over = true where w.shard = $1::int and w.job_id = $2::bigint and not w.over

-- Fields that somebody changed: null takes one away, what is not named stays. An account without a domain is known by its name: it keeps its old one
-- when another has the new one. Those that do are told.
-- :name accounts_fields
with changed as (
update account a set updated_at = $1::timestamptz,
  name = case when not w.patch ? 'name' then a.name
    when a.domain is null and exists (select from account o where o.domain is null and lower(o.name) = lower(w.patch->>'name') and o.account_id <> a.account_id) then a.name
    else w.patch->>'name' end,
  country = case when w.patch ? 'country' then w.patch->>'country' else a.country end,
  city = case when w.patch ? 'city' then w.patch->>'city' else a.city end,
  owner = case when w.patch ? 'owner' then w.patch->>'owner' else a.owner end,
  fields = jsonb_strip_nulls(a.fields || (w.patch - array['name', 'domain', 'country', 'city', 'owner']))
from unnest($2::bigint[], $3::jsonb[]) w(account_id, patch)
where a.shard = (w.account_id & 63)::smallint and a.account_id = w.account_id
returning a.account_id, w.patch ? 'name' and a.name is distinct from w.patch->>'name' as kept)
select account_id from changed where kept

-- :name accounts_no_failure
delete from account_failure f using unnest($1::bigint[]) w(account_id) where f.shard = (w.account_id & 63)::smallint and f.account_id = w.account_id

-- A minute, doubling to an hour.
-- :name accounts_failure
insert into account_failure (shard, account_id, failures, failed_at, retry_at, place, message)
values (($1::bigint & 63)::smallint, $1, 1, $2::timestamptz, $2 + interval '1 minute', $3::text, $4::text)
on conflict (shard, account_id) do update set failures = account_failure.failures + 1, failed_at = excluded.failed_at,
  retry_at = excluded.failed_at + least(interval '1 hour', interval '1 minute' * power(2, least(account_failure.failures, 6))),
  place = excluded.place, message = excluded.message

-- :name accounts_look_again
insert into account_inbox (shard, account_id) values (($1::bigint & 63)::smallint, $1)

-- :name accounts_summary
insert into account_summary (shard, account_id, people, roles, packed, best, words, updated_at)
select $1::int, w.account_id, w.people, string_to_array(w.roles, ' ')::int[], w.packed, w.best, $3::text, $2::timestamptz
from unnest($4::bigint[], $5::int[], $6::text[], $7::text[], $8::int[]) w(account_id, people, roles, packed, best)
on conflict (shard, account_id) do update set people = excluded.people, roles = excluded.roles, best = excluded.best, packed = excluded.packed, words = excluded.words,
  updated_at = excluded.updated_at

-- :name accounts_score
insert into account_score (shard, account_id, name, is_grade, points, grade, band, since)
select $1::int, w.*, $2::timestamptz from unnest($3::bigint[], $4::text[], $5::boolean[], $6::int[], $7::text[], $8::text[]) w
on conflict (shard, account_id, name, is_grade) do update set points = excluded.points, grade = excluded.grade, band = excluded.band, since = excluded.since
where (account_score.points, account_score.grade, account_score.band) is distinct from (excluded.points, excluded.grade, excluded.band)

-- Of models and grades that are no more. $3: "m NAME" and "g NAME" of those that are.
-- :name accounts_score_gone
delete from account_score s using unnest($2::bigint[]) w(account_id)
where s.shard = (w.account_id & 63)::smallint and s.account_id = w.account_id and (w.account_id & 63) = $1::int and (case when s.is_grade then 'g ' else 'm ' end || s.name) <> all($3::text[])

-- :name accounts_change
insert into account_change (shard, at, revision, account_id, name, is_grade, old_points, new_points, old_grade, new_grade, old_band, new_band, cause)
select $1::int, $2::timestamptz, $3::text, w.* from unnest($4::bigint[], $5::text[], $6::boolean[], $7::int[], $8::int[], $9::text[], $10::text[],
  $11::text[], $12::text[], $13::text[]) w

-- People look again in a moment of machine time, longer for more of them, so that changes in quick succession are one look; 5 seconds after the first
-- at the latest. A change while they are being woken begins again behind the last page.
-- :name accounts_wake
insert into account_inbox (shard, account_id, wake, again, after_shard, after_lead, since, due_at)
select $1::int, w.account_id, w.wake, 0, -1, 0, clock_timestamp(), clock_timestamp() + least(0.5, w.people * 0.00005) * interval '1 second'
from unnest($2::bigint[], $3::int[], $4::int[]) w(account_id, wake, people)
on conflict (account_id) where wake is not null do update set
  wake = case when account_inbox.after_shard < 0 then account_inbox.wake | excluded.wake else account_inbox.wake end,
  again = case when account_inbox.after_shard < 0 then 0 else account_inbox.again | excluded.wake end,
  due_at = case when account_inbox.after_shard < 0 then least(excluded.due_at, account_inbox.since + interval '5 seconds') else account_inbox.due_at end

-- :name accounts_senders
insert into inbox (shard, lane, lead_id)
select distinct (l.lead_id & 63)::smallint, 2, l.lead_id from unnest($1::bigint[]) w(lead_id)
cross join lateral (select l.lead_id from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and l.merged_into is null
  and l.erased_at is null offset 0) l

-- One page; then the next, or again from the first, or it is over.
-- :name accounts_wake_page
with due as materialized (
  select i.id, i.account_id, i.wake, i.again, i.after_shard, i.after_lead from account_inbox i
  where i.shard = $1::int and i.wake is not null and i.due_at <= clock_timestamp() order by i.shard, i.id limit 1),
page as materialized (
  select m.shard, m.lead_id, m.role from due cross join lateral (
    select m.shard, m.lead_id, m.role from account_member m
    where m.account_id = due.account_id and (m.shard, m.lead_id) > (due.after_shard, due.after_lead)
    order by m.account_id, m.shard, m.lead_id limit 5000) m),
last as materialized (select shard, lead_id from page order by shard desc, lead_id desc limit 1),
size as materialized (select count(*) as n from page),
woken as (
  insert into inbox (shard, lane, lead_id) select p.shard, 2, p.lead_id from page p, due where due.wake >> p.role & 1 = 1),
on_ as (
  update account_inbox i set after_shard = last.shard, after_lead = last.lead_id
  from due, last, size where i.shard = $1 and i.id = due.id and size.n = 5000),
anew as (
  update account_inbox i set wake = due.again, again = 0, after_shard = -1, after_lead = 0, since = clock_timestamp()
  from due, size where i.shard = $1 and i.id = due.id and size.n < 5000 and due.again <> 0)
delete from account_inbox i using due, size where i.shard = $1 and i.id = due.id and size.n < 5000 and due.again = 0
