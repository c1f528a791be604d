-- Rules and steps in which workers died, and those that are switched off for it (switched.h).

-- What is off of a revision: as long as the file is as it was.
-- :name switched_off_of
select o.path, o.context from script_off o join revision_file f on f.revision = $1::text and f.path = o.path and sha256(f.bytes) = o.hash
order by o.path, o.context

-- :name switch_lock
select pg_advisory_xact_lock(hashtext('nurture.publish'))

-- :name switch_death
insert into script_death (at, lead_id, revision, path, line, context, hash)
select clock_timestamp(), $1::bigint, f.revision, f.path, $4::int, $5::text, sha256(f.bytes) from revision_file f
where f.path = $3::text and f.revision = (select r.revision from revision r where r.revision >= $2::text and r.revision < $2::text || 'g' order by r.revision limit 1)

-- Three deaths of a day: what is killed by accident is killed here and there.
-- :name switch_off
insert into script_off (path, context, hash, line, since, deaths, last_lead)
select d.path, d.context, d.hash, max(l.line), clock_timestamp(), count(*), max(l.lead_id)
from (select * from script_death order by id desc limit 1) l
join script_death d on d.path = l.path and d.context = l.context and d.hash = l.hash and d.at > clock_timestamp() - interval '1 day'
where l.path = $1::text and l.context = $2::text
group by d.path, d.context, d.hash having count(*) >= 3
on conflict do nothing returning path, line, context

-- The same revision once more, so that every worker loads it anew and the log of revisions says why. Domain time.
-- :name switch_activate
with made as (
insert into activation (activation, revision, at, author, message)
select a.activation + 1, a.revision, case when c.scale = 1 then c.domain0 + (clock_timestamp() - c.real0) else c.domain0 end, 'server',
  'switched off, as three workers died in it: ' || o.context || ' (' || o.path || ':' || o.line || ')'
from (select * from activation order by activation desc limit 1) a, clock c, script_off o, revision_file f
where o.path = $1::text and o.context = $2::text and f.revision = a.revision and f.path = o.path and sha256(f.bytes) = o.hash
returning revision)
insert into audit (at, actor, act, object, fields)
select clock_timestamp(), current_setting('application_name'), 'script.switch_off', o.path || ':' || o.line, array['since', 'activation']
from made, (select * from script_off where path = $1::text and context = $2::text order by since desc limit 1) o

-- :name switch_on
with gone as (delete from script_off returning path, line), deaths as (delete from script_death),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($1::text, current_setting('application_name')), 'script.switch_on', path || ':' || line, array['since'] from gone)
select count(*) from gone

-- :name switch_forget
delete from script_death where at < clock_timestamp() - interval '30 days'
