-- People and their sessions (people.h). Every parameter is a text (or null) and cast here; times are machine time. The actor of the audit is the name of the
-- connection, where nobody is said.

-- :name person_add
with made as (
  insert into person (name, email, role, password) values ($1::text, $2::text, $3::text, $4::text) on conflict (name) do nothing returning person_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), current_setting('application_name'), 'person.add', person_id::text, array['name', 'email', 'role', 'password'] from made)
select person_id from made

-- Who has the role already keeps the sessions.
-- :name person_role
with changed as (
  update person set role = $2::text, epoch = epoch + 1 where name = $1::text and role <> $2::text returning person_id),
gone as (
  delete from session s using changed c where s.person_id = c.person_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), current_setting('application_name'), 'person.role', person_id::text, array['role'] from changed)
select person_id from person where name = $1::text

-- :name person_password
with changed as (
  update person set password = $2::text, epoch = epoch + 1 where name = $1::text returning person_id),
gone as (
  delete from session s using changed c where s.person_id = c.person_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($3::text, current_setting('application_name')), 'person.password', person_id::text, array['password'] from changed)
select person_id from changed

-- :name person_disable
with changed as (
  update person set disabled_at = case when $2::text::boolean then clock_timestamp() end, epoch = epoch + 1
  where name = $1::text and (disabled_at is null) = $2::text::boolean returning person_id),
gone as (
  delete from session s using changed c where s.person_id = c.person_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), current_setting('application_name'), case when $2::text::boolean then 'person.disable' else 'person.enable' end, person_id::text,
    array['disabled_at'] from changed)
select person_id from person where name = $1::text

-- Sessions go with their person.
-- :name person_remove
with gone as (
  delete from person where name = $1::text returning person_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), current_setting('application_name'), 'person.remove', person_id::text, array['name', 'email', 'role', 'password'] from gone)
select person_id from gone

-- No row when there is no such person.
-- :name sessions_end
with who as (
  select person_id from person where name = $1::text),
gone as (
  delete from session s using who w where s.person_id = w.person_id and $2::text::bigint in (0, s.session_id) returning s.session_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), current_setting('application_name'), 'session.end', session_id::text, '{}' from gone)
select (select count(*) from gone) from who

-- A few that are over go on the way, and of one who has too many the oldest. No row: the person is not as it was when the password was looked at.
-- :name session_begin
with who as (
  select person_id, epoch from person where person_id = $3::text::bigint and epoch = $4::text::int and disabled_at is null for share),
made as (
  insert into session (hash, person_id, epoch, created_at, seen_at, until, address, agent)
  select decode($1::text, 'hex'), person_id, epoch, clock_timestamp(), clock_timestamp(), clock_timestamp() + $5::text::bigint * interval '1 second',
    $6::text, $7::text from who
  returning session_id),
old as (
  delete from session where hash = decode($2::text, 'hex')),
over as (
  delete from session where session_id = any (array(select o.session_id from session o where o.until < clock_timestamp() order by o.until limit 100))),
many as (
  delete from session where session_id = any (array(
    select m.session_id from session m where m.person_id = $3::text::bigint order by m.session_id desc offset $8::text::int))),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), $9::text, 'session.begin', session_id::text, '{}' from made)
select session_id from made

-- :name session_seen
update session set seen_at = clock_timestamp() where session_id = $1::text::bigint returning session_id

-- :name session_end
with gone as (
  delete from session where session_id = $1::text::bigint returning session_id),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), $2::text, 'session.end', session_id::text, '{}' from gone)
select session_id from gone
