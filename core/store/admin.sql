-- Tokens, jobs and upkeep (admin.h). The actor of the audit is the name of the connection, `command USER`, where no token is said.
-- Every parameter is a text (or null) and cast here. Machine time, where nothing else is said.

-- :name token_create
with made as (
  insert into api_token (hash, name, scope, created_at, expires_at)
  values (decode($1::text, 'hex'), $2::text, $3::text, clock_timestamp(), clock_timestamp() + $4::text::bigint * interval '1 microsecond')
  returning token_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), current_setting('application_name'), 'token.create', token_id::text, array['name', 'scope', 'expires_at']
  from made)
select token_id from made

-- :name token_revoke
with ended as (
  update api_token set revoked_at = clock_timestamp() where token_id = $1::text::bigint and revoked_at is null returning token_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), current_setting('application_name'), 'token.revoke', token_id::text, array['revoked_at'] from ended)
select token_id from ended

-- A job without an owner waits; with one it runs.
-- :name job_create
insert into job (kind, arguments, state, owner, until, created_at)
values ($1::text, $2::text::jsonb, case when $3::text is null then 'waiting' else 'running' end, $3,
  case when $3 is not null then clock_timestamp() + interval '30 seconds' end, $4::text::timestamptz)
returning job_id

-- :name job_daily
insert into job (kind, arguments, state, created_at)
select $1::text, $2::text::jsonb, 'waiting', $3::text::timestamptz
where not exists (select from job j where j.kind = $1 and j.arguments->>'key' = $2::text::jsonb->>'key'
  and (j.state in ('waiting', 'running') or j.created_at > $3::text::timestamptz - interval '1 day'))
returning job_id

-- Of one who asks (by) three of a kind wait at most, so that nobody keeps the others out. Gives the number of the new one, or of that which is as was asked for and
-- not over yet; below 0: there are three, the oldest of them that wait is this.
-- :name job_ask
with open as materialized (
  select j.job_id, j.state, j.arguments = $2::text::jsonb as same from job j
  where j.kind = $1::text and j.state in ('waiting', 'running') and j.arguments->>'by' = $2::text::jsonb->>'by'),
made as (
  insert into job (kind, arguments, state, created_at)
  select $1, $2::text::jsonb, 'waiting', $3::text::timestamptz
  where (select count(*) filter (where state = 'waiting') < 3 and not coalesce(bool_or(same), false) from open)
  returning job_id)
select coalesce((select job_id from made), (select min(job_id) from open where same), -(select min(job_id) from open where state = 'waiting'))

-- Abandoned: its time is over, or its owner's connection (named after it) is gone.
-- :name job_take
with taken as (
  update job set state = 'running', owner = $3::text, until = clock_timestamp() + interval '30 seconds'
  where job_id = any (array(
    select j.job_id from job j
    where ($1::text is null or j.job_id = $1::text::bigint) and j.kind = any(string_to_array($2::text, ','))
      and (j.state = 'waiting' or (j.state = 'running' and (j.until < clock_timestamp()
        or not exists (select from pg_stat_activity a where a.application_name = 'nurture job ' || j.owner))))
    order by j.job_id limit 1 for update skip locked))
  returning job_id, kind, arguments, progress, total, result, cancel)
select coalesce(jsonb_agg(to_jsonb(taken)), '[]') from taken

-- :name job_progress
update job set progress = coalesce($3::text::bigint, progress), total = coalesce($4::text::bigint, total), result = coalesce($5::text::jsonb, result),
  until = clock_timestamp() + interval '30 seconds'
where job_id = $1::text::bigint and owner = $2::text and state = 'running'
returning cancel::int

-- Not in hand any more: whoever looks next takes it.
-- :name job_put_back
update job set state = 'waiting', owner = null, until = null
where job_id = $1::text::bigint and owner = $2::text and state = 'running'
returning job_id

-- The owner's clock may be of the job's beginning; nothing ends before it began.
-- :name job_end
update job set state = $3::text, result = coalesce($4::text::jsonb, result), error = $5::text, until = null,
  ended_at = greatest($6::text::timestamptz, created_at, (select case when scale = 1 then domain0 + (clock_timestamp() - real0) else domain0 end from clock))
where job_id = $1::text::bigint and owner = $2::text and state = 'running'
returning job_id

-- Domain time, asked of the clock's row.
-- :name job_slim
update job set state = $3::text, result = $4::text::jsonb, until = null, arguments = arguments - $5::text,
  error = case when $3 = 'failed' then $4::text::jsonb->>'detail' end, progress = case when $3 = 'done' then coalesce(total, progress) else progress end,
  ended_at = (select case when scale = 1 then domain0 + (clock_timestamp() - real0) else domain0 end from clock)
where job_id = $1::text::bigint and owner = $2::text and state = 'running'
returning job_id

-- What waits, or was abandoned, is over at once; what runs is asked to stop. 1 = done, also when it was asked before; 0 = it was over already.
-- :name job_cancel
with asked as (
  update job set cancel = true, state = case when state = 'waiting' or until < clock_timestamp() then 'cancelled' else state end
  where job_id = $1::text::bigint and state in ('waiting', 'running') returning job_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($2::text, current_setting('application_name')), 'job.cancel', a.job_id::text, array['cancel']
  from asked a join job j using (job_id) where not j.cancel) -- as it was before
select (select count(*) from asked) from job where job_id = $1::text::bigint

-- :name partitions
select event_partitions($1::text::timestamptz)

-- Also marks (mark.sql) that nobody can ask for any more: who lost the answer to a COMMIT gives up within minutes.
-- :name keys_purge
with marks as (
  delete from commit_mark where at < clock_timestamp() - interval '1 day'),
gone as (
  delete from event_key where key = any (array(
    select key from event_key where received_at < $1::text::timestamptz - interval '90 days' order by received_at limit $2::text::int))
  returning 1)
select count(*) from gone

-- :name visitors_forget
select visitors_forget($1::text::timestamptz, $2::text::bigint, $3::text::int)

-- What undoing a merge needs is kept for 90 days.
-- :name merges_purge
with gone as (
  update merge set fill = null, names = null, visitors = null
  where names is not null and done_at < $1::text::timestamptz - interval '90 days' returning 1)
select count(*) from gone

-- :name imports_purge
select imports_purge($1::text::timestamptz, $2::text::int)

-- :name engine_trouble
insert into engine_trouble as t (what, since, at, code, place, message)
values ($1::text, clock_timestamp(), clock_timestamp(), $2::text, $3::text, $4::text)
on conflict (what) do update set since = case when t.at < clock_timestamp() - interval '30 s' then excluded.since else t.since end,
  at = excluded.at, code = excluded.code, place = excluded.place, message = excluded.message

-- A parked lead is looked at again.
-- :name lead_release
with freed as (
  delete from turn_failure
  where shard = ($1::text::bigint & 63)::smallint and lead_id = $1::text::bigint and parked_at is not null returning lead_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), current_setting('application_name'), 'lead.release', lead_id::text, array['parked_at'] from freed)
select lead_id from freed

-- A worker died in this lead's turn: a death, and no failure of a script. Domain time: scaled time stands at domain0.
-- Who is parked has no turn to say what it is: its account does not count it until it is released.
-- :name lead_failed
with failed as (
insert into turn_failure (shard, lead_id, failures, deaths, failed_at, retry_at, place, message)
select ($1::text::bigint & 63)::smallint, $1::text::bigint, 0, 1, c.now, c.now + interval '1 minute', 'worker', $2::text
from (select case when scale = 1 then domain0 + (clock_timestamp() - real0) else domain0 end as now from clock) c
on conflict (shard, lead_id) do update set deaths = turn_failure.deaths + 1, failed_at = excluded.failed_at, place = excluded.place,
  message = excluded.message,
  retry_at = case when turn_failure.deaths + 1 >= 3 then 'infinity' else excluded.retry_at end,
  parked_at = case when turn_failure.deaths + 1 >= 3 then clock_timestamp() end
returning deaths, lead_id, parked_at),
gone as (
delete from account_member m using failed f
where f.parked_at is not null and m.shard = (f.lead_id & 63)::smallint and m.lead_id = f.lead_id returning m.*),
told as (
insert into account_inbox (shard, account_id, lead_id, was, cause)
select (account_id & 63)::smallint, account_id, lead_id, packed, 'parked' from gone)
select deaths from failed

-- Leads, and the accounts that are summed up again. $2: the newest message that a lead may have left to its account when all leads were through, "" =
-- they were not: accounts are behind until they have taken what is as old. What failing ones have taken is not waited for.
-- :name walk_look
select jsonb_build_object('over', l.over, 'leads', l.leads, 'changed', l.changed, 'graded', l.graded, 'handed', l.handed, 'errors', l.errors,
  'accounts_over', a.over, 'accounts', a.accounts, 'accounts_total', a.total, 'accounts_changed', a.changed, 'accounts_graded', a.graded,
  'newest', (select coalesce(max(m.id), 0) from generate_series(0, 63) s(s)
    cross join lateral (select i.id from account_inbox i where i.shard = s.s order by i.shard desc, i.id desc limit 1) m),
  'behind', $2::text = '' or exists (select from generate_series(0, 63) s(s)
    cross join lateral (select i.id from account_inbox i where i.shard = s.s and i.wake is null
      and not i.account_id = any(array(select f.account_id from account_failure f where f.shard = s.s)) order by i.shard, i.id limit 1) m
    where m.id <= nullif($2::text, '')::bigint))
from (select count(*) filter (where over) as over, sum(leads) as leads, sum(changed) as changed, sum(graded) as graded, sum(handed) as handed,
    sum(errors) as errors from rescore_walk where job_id = $1::text::bigint having count(*) = 64) l
cross join (select count(*) filter (where over) as over, sum(accounts) as accounts, sum(greatest(accounts, total)) as total, sum(changed) as changed,
    sum(graded) as graded from account_walk where job_id = $1::text::bigint having count(*) = 64) a

-- Counted again from its people, in its next turn.
-- :name account_recount
with told as (
  insert into account_inbox (shard, account_id, data) select shard, account_id, '{"recount": true}' from account
  where shard = ($1::text::bigint & 63)::smallint and account_id = $1::text::bigint returning account_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), current_setting('application_name'), 'account.recount', account_id::text, array['summary'] from told)
select account_id from told

-- :name leads_count
select count(*) from lead where merged_into is null and not anonymous and erased_at is null
