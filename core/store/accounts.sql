-- The accounts' own turns (accounts.h). $1 is the shard. Those whose turn failed are left alone until retry_at.
-- The walk of this shard that is not over, read before everything else: so it is none of a later activation than the one that is read behind it.
-- :name accounts_walk
select w.job_id from account_walk w
where w.shard = $1::int and not w.over and exists (select from job j where j.job_id = w.job_id and j.state in ('waiting', 'running') and not j.cancel)

-- :name accounts_messages
select i.id, i.account_id, i.lead_id, i.was, i.now, i.seen, i.cause, (i.data->'set')::text, coalesce(i.data ? 'recount', false)
from account_inbox i where i.shard = $1::int and i.wake is null
  and not i.account_id = any(array(select f.account_id from account_failure f where f.shard = $1 and f.retry_at > $2::timestamptz))
order by i.shard, i.id limit 2000

-- All people of these accounts, and in the same glance all that the accounts have been told: so what is told later is what changes later. A row is either:
-- how many add the same, or a message in the shape of accounts_messages.
-- :name accounts_recount
select 0::bigint, w.account_id, m.people, m.packed, null::text, null::text, null::text, null::text, false
from unnest($2::bigint[]) w(account_id)
cross join lateral (select x.packed, count(*) as people from account_member x where x.account_id = w.account_id group by x.packed offset 0) m
union all
select i.id, i.account_id, i.lead_id, i.was, i.now, i.seen, i.cause, (i.data->'set')::text, coalesce(i.data ? 'recount', false)
from account_inbox i where i.shard = $1::int and i.wake is null and i.account_id = any($2)

-- Accounts that were summed up by other words: two ranges of one index.
-- :name accounts_stale
(select account_id from account_summary s where s.shard = $1::int and s.words < $2::text
  and not s.account_id = any(array(select f.account_id from account_failure f where f.shard = $1 and f.retry_at > $3::timestamptz)) order by s.shard, s.words limit 500)
union all
(select account_id from account_summary s where s.shard = $1 and s.words > $2
  and not s.account_id = any(array(select f.account_id from account_failure f where f.shard = $1 and f.retry_at > $3)) order by s.shard, s.words limit 500)
limit 500

-- In the shape of facts_account; the last say whether its turn failed before, and whether it was summed up by other words.
-- :name accounts_rows
select 0::bigint, a.account_id, a.fields, a.name, a.domain, a.country, a.city, a.owner, s.packed, f.failures is not null,
  s.words is not null and s.words <> $2::text
from unnest($1::bigint[]) w(account_id)
cross join lateral (select * from account a where a.shard = (w.account_id & 63)::smallint and a.account_id = w.account_id offset 0) a
left join lateral (select s.packed, s.words from account_summary s where s.shard = (w.account_id & 63)::smallint and s.account_id = w.account_id offset 0) s on true
left join lateral (select f.failures from account_failure f where f.shard = (w.account_id & 63)::smallint and f.account_id = w.account_id offset 0) f on true
order by a.account_id
