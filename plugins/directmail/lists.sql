-- Statements of lists.c, returns.c and their tables.

-- Whom no letter goes to. A key is the SHA-256 of a household's or a person's key (letter_view.h): nobody reads an address off it. Of a list that is loaded anew the rows of
-- another generation mean nothing, and are swept away as new ones come; what is ours (generation 0) stays for ever.
-- :name lists
create table list (
  name text primary key, kind text not null check (kind in ('do-not-mail', 'deceased', 'returned')), generation int not null default 0, loading int not null default 0,
  taken_at bigint not null, loaded_at bigint not null, rows bigint not null default 0);
insert into list (name, kind, taken_at, loaded_at) values ('internal', 'do-not-mail', 0, 0), ('deceased', 'deceased', 0, 0), ('returned', 'returned', 0, 0);
create table listing (
  key bytea not null, list text not null references list, generation int not null, at bigint not null, why text, primary key (key, list, generation))
  with (autovacuum_vacuum_scale_factor = 0.05);
create index listing_old on listing (list, generation);
create index letter_returned on letter (channel, touch_id) where state = 'returned' and not told;
create index letter_place on letter (job_id, place) where place is not null;

-- How a letter to that house and person ends instead (letter.outcome); null: it may go.
create function refuse(house bytea, person bytea) returns jsonb language sql stable
return (select case l.kind
    when 'returned' then jsonb_build_object('rejected', 'a letter to this address came back: ' || coalesce(g.why, 'undeliverable'), 'kind', 'hard')
    when 'deceased' then jsonb_build_object('rejected', 'the addressee is deceased', 'kind', 'policy')
    else jsonb_build_object('rejected', 'the addressee is on the do-not-mail list "' || l.name || '"', 'kind', 'policy') end
  from listing g join list l on l.name = g.list and l.generation = g.generation
  where g.key in (house, person) order by l.kind, l.name limit 1);

-- $1 the channel, $2 [{n, code, touch, job, job_id, place, words, key}]: a job by its name or its number; key says what is listed: "person", "house", "" = nothing. A letter that is not sent yet has not come back.
-- A job that is named by its records' places is read once, and whole: no index has them (schema.sql: room). Of arrays the planner expects some rows, and so it hashes them, whatever it believes of the job.
-- :name returns_mark
with given as materialized (
  select * from jsonb_to_recordset($2::jsonb) g(n int, code text, touch int8, job text, job_id int8, place int8, words text, key text, deceased bool)),
named as materialized (select j.id, j.name as job from job j where j.channel = $1 and (j.name = any (array(select job from given)) or j.id = any (array(select job_id from given)))),
placed as materialized (select m.id as job_id, w.place, w.touch_id from named m
  cross join lateral (select array_agg(l.place) as places, array_agg(l.touch_id) as touches from letter l where l.job_id = m.id and l.channel = $1 and l.place is not null) a
  cross join lateral unnest(a.places, a.touches) w(place, touch_id)),
found as materialized (
  select g.n, l.touch_id from given g join letter l on l.code = g.code and l.code <> '' and l.channel = $1
  union select g.n, l.touch_id from given g join letter l on l.touch_id = g.touch and l.channel = $1
  union select g.n, p.touch_id from given g join named m on m.job = g.job or m.id = g.job_id join placed p on p.job_id = m.id and p.place = g.place),
first as materialized (
  select distinct on (f.touch_id) f.touch_id, g.* from found f join given g using (n) order by f.touch_id, g.n),
marked as (
  update letter l set state = 'returned', told = false, outcome = jsonb_build_object('rejected', f.words, 'kind', 'hard')
  from first f where l.channel = $1 and l.touch_id = f.touch_id and l.state = 'sent'
  returning l.touch_id, l.lead_id, l.house, l.person, f.words, f.key, f.deceased),
listed as (
  insert into listing (key, list, generation, at, why)
  select distinct on (k.key) k.key, 'returned', 0, $3::int8, m.words from marked m cross join lateral (select case m.key when 'house' then m.house when 'person' then m.person end as key) k
  where k.key is not null on conflict do nothing),
dead as (
  insert into listing (key, list, generation, at) select distinct m.person, 'deceased', 0, $3::int8 from marked m where m.deceased and m.person is not null on conflict do nothing)
select g.n, l.touch_id, l.lead_id, case when m.touch_id is not null and r.n = g.n then 'returned' else coalesce(case when m.touch_id is not null then 'twice' when l.state = 'returned' then 'before' end, l.state, '') end, g.deceased and l.state in ('sent', 'returned')
from given g left join found f using (n) left join letter l on l.channel = $1 and l.touch_id = f.touch_id left join marked m on m.touch_id = l.touch_id
left join first r on r.touch_id = l.touch_id order by g.n

-- :name lists_all
select name, kind, taken_at, loaded_at, case when generation = 0 then (select count(*) from listing g where g.list = l.name) else rows end, loading > generation from list l order by name

-- Half a list of before is cleared as well: what is being loaded has a number of its own.
-- :name lists_begin
insert into list (name, kind, generation, loading, taken_at, loaded_at) values ($1, $2, 1, 2, $3::int8, 0)
on conflict (name) do update set kind = excluded.kind, loading = greatest(list.generation, list.loading) + 1 where list.generation > 0

-- what is loaded needs one that was begun, and is not whole yet
-- :name lists_open
select 1 from list where name = $1 and (generation = 0 or loading > generation) for share

-- $2 hex keys with commas between. Into our own lists at once.
-- :name lists_add
insert into listing (key, list, generation, at)
select decode(k, 'hex'), l.name, case when l.generation = 0 then 0 else l.loading end, $3::int8 from list l, unnest(string_to_array($2, ',')) k
where l.name = $1 and k <> '' and (l.generation = 0 or l.loading > l.generation)
on conflict do nothing

-- Some of what no generation means any more.
-- :name lists_clear
delete from listing where ctid = any (array(select g.ctid from listing g join list l on l.name = g.list where l.name = $1 and l.generation > 0
  and g.generation not in (l.generation, l.loading) limit 20000))

-- Nobody on it is no list: the one of before stands.
-- :name lists_end
update list l set generation = l.loading, taken_at = $2::int8, loaded_at = $3::int8, rows = (select count(*) from listing g where g.list = l.name and g.generation = l.loading)
where l.name = $1 and l.generation > 0 and l.loading > l.generation
and exists (select from listing g where g.list = l.name and g.generation = l.loading) returning l.rows

-- :name lists_drop
with gone as (delete from listing where list = $1) delete from list where name = $1 and generation > 0


-- Leads whose letters stand under the keys of the dead.
-- :name lists_dead
select distinct lead_id from letter where person = any (array(select decode(k, 'hex') from unnest(string_to_array($1, ',')) k where k <> '')) and lead_id is not null

-- :name persons
create index letter_person on letter (person) where person is not null

-- Organisations, by name and postal code or by their account's domain (firm.h); lists without which letters of a country wait; and where a job lies, for who erases a person.
-- :name law
alter table letter add column firm bytea, add column site bytea;
alter table job add column folder text;
create index letter_missing on letter (missing) where missing is not null;

-- As refuse(house, person), which processes of an older release still ask.
create function refuse(house bytea, person bytea, firm bytea, site bytea) returns jsonb language sql stable
return (select case l.kind
    when 'returned' then jsonb_build_object('rejected', 'a letter to this address came back: ' || coalesce(g.why, 'undeliverable'), 'kind', 'hard')
    when 'deceased' then jsonb_build_object('rejected', 'the addressee is deceased', 'kind', 'policy')
    else jsonb_build_object('rejected', case when g.key in (house, person) then 'the addressee' else 'the organisation' end || ' is on the do-not-mail list "' || l.name || '"', 'kind', 'policy') end
  from listing g join list l on l.name = g.list and l.generation = g.generation
  where g.key in (house, person, firm, site) order by l.kind, l.name limit 1);

-- What is outside of the database and names these leads (plugin.h): jobs whose folder is there, or will be.
create function holds(leads bigint[]) returns table (lead bigint, channel text, job bigint, name text, state text, folder text, uploaded text) language sql stable
begin atomic
  select distinct w.lead, j.channel, j.id, j.name, j.state, coalesce(j.folder, 'not written yet'),
    case when j.remote is not null then 'uploaded to ' || j.remote when j.state = 'released' and j.tries > 0 then 'perhaps uploaded' else 'not uploaded' end
  from unnest(leads) w(lead) join letter l on l.lead_id = w.lead or l.was_lead = w.lead join job j on j.id = l.job_id
  where l.state in ('cut', 'sent', 'returned') and j.state <> 'cancelled' and j.purged_at is null;
end;

-- $2: [{country, list, days}]. Letters of these countries whose list is not there, or older than so many days, wait for it.
-- :name lists_required
update letter l set state = 'waiting', job_id = null, content = null, looked = 0, place = null, missing = r.list, not_before = $4::int8 + 6 * 3600000000::int8
from jsonb_to_recordset($2::jsonb) r(country text, list text, days int)
where l.channel = $3 and l.job_id = $1::int8 and l.state = 'cut' and l.country = r.country
  and not exists (select from list q where q.name = r.list and q.generation > 0 and q.loaded_at > 0 and q.taken_at > $4 - r.days * 86400000000::int8)

-- The list is there: who waited for it waits no longer.
-- :name lists_come
update letter set not_before = 0, missing = null where missing = $1 and state = 'waiting'
