-- One publish after the other.
-- :name publish_lock
select pg_advisory_xact_lock(hashtext('nurture.publish'))

-- :name publish_revision
insert into revision (revision, created_at, author, message, name) values ($1::text, $2::timestamptz, $3::text, $4::text, $5::text)
on conflict do nothing

-- :name publish_files
insert into revision_file (revision, path, bytes) select $1::text, * from unnest($2::text[], $3::bytea[]) on conflict do nothing

-- Enrollments that stand on a step which is gone; and whether the active revision had it no more either: they are parked since.
-- :name publish_stranded
select e.campaign, e.step, count(*),
  coalesce(e.campaign || '/' || e.step <> all((select a.steps from activation a order by a.activation desc limit 1)::text[]), false) as parked
from enrollment e
where e.state <> 'ended' and e.step <> '' and e.campaign || '/' || e.step <> all($1::text[])
group by e.campaign, e.step order by e.campaign, e.step

-- With --hold their turns find the step gone and park them: in the lane of the looks again at all leads, before those.
-- :name publish_wake_stranded
insert into inbox (shard, lane, lead_id)
select distinct e.shard, 2, e.lead_id from enrollment e
where e.state <> 'ended' and e.step <> '' and e.campaign || '/' || e.step <> all($1::text[])

-- :name publish_no_assets
delete from asset

-- :name publish_assets
insert into asset (name, title, kind, topic, buying_stage, url, file, revision)
select a.name, coalesce(a.title, a.name), a.kind, a.topic, a.buying_stage, a.url, a.file, $1::text
from jsonb_to_recordset($2::jsonb) a(name text, title text, kind text, topic text, buying_stage text, url text, file text)

-- :name publish_activate
with made as (
  insert into activation (activation, revision, at, author, message, steps)
  select coalesce(max(activation), 0) + 1, $1::text, $2::timestamptz, $3::text, $4::text, $6::text[] from activation
  returning activation, revision),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($5::text, current_setting('application_name')), 'playbook.activate', revision, array['activation'] from made)
select activation from made

-- Every lead is scored again, from the first one on; a walk that was not over would only do what this one does.
-- :name publish_rescore
with ended as (
  update job set state = 'cancelled', cancel = true, until = null, error = 'a later one began from the first lead again', ended_at = $2::timestamptz
  where kind = 'rescore' and state in ('waiting', 'running')),
made as (
  insert into job (kind, arguments, state, created_at) values ('rescore', jsonb_build_object('revision', $1::text), 'waiting', $2)
  returning job_id),
begun as (
  insert into rescore_walk (shard, job_id) select s.s, m.job_id from made m, generate_series(0, 63) s(s) order by s.s
  on conflict (shard) do update set job_id = excluded.job_id, after_lead = 0, over = false, leads = 0, changed = 0, graded = 0, handed = 0, errors = 0),
accounts as (
  insert into account_walk (shard, job_id) select s.s, m.job_id from made m, generate_series(0, 63) s(s) order by s.s
  on conflict (shard) do update set job_id = excluded.job_id, over = false, total = null, accounts = 0, changed = 0, graded = 0)
select job_id from made

-- Whoever has all scored again has the people of all accounts counted again too.
-- :name rescore_accounts
insert into account_inbox (shard, account_id, data) select shard, account_id, '{"recount": true}' from account_summary

-- Of this writer, of this node; null = of all.
-- :name publish_error_clear
delete from publish_error where writer = coalesce($1::text, writer) and node = coalesce($2::text, node)

-- :name publish_error_set
insert into publish_error (writer, node, at, source, activation, problems) values ($1::text, $2::text, $3::timestamptz, $4::text, nullif($5::bigint, 0), $6::text)
on conflict (writer, node) do update set at = excluded.at, source = excluded.source, activation = excluded.activation, problems = excluded.problems
