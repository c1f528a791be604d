-- Statements of lists.c. A list is the part of `listed` that is its `current` one; what is being loaded is another part beside it, and what was replaced is in old_part until the sweep
-- has deleted it.

-- :name lists_all
select l.name, l.scrubbed_at, l.loaded_at, l.numbers, l.loading is not null and l.load_at > clock_timestamp() - interval '60 seconds' from list l
union all select 'internal', 0, coalesce(max(at), 0), count(*), false from listed where list = 'internal' order by 1

-- a load that said nothing for a minute is over: another one may begin. What was begun before is looked at first, so that it is known to be deleted
-- :name lists_begin
with was as materialized (select loading from list where name = $1 for update),
made as (insert into list as l (name, scrubbed_at, loaded_at, numbers, loading, load_key, load_at)
select $1, 0, 0, 0, $1 || '/' || nextval('list_part'), $2, clock_timestamp() from (values (1)) one left join was on true
on conflict (name) do update set loading = excluded.loading, load_key = excluded.load_key, load_at = excluded.load_at, load_count = 0
where l.loading is null or l.load_key = excluded.load_key or l.load_at < clock_timestamp() - interval '60 seconds' returning l.loading),
junk as (insert into old_part (part) select loading from was where loading is not null and exists (select from made))
select loading from made

-- :name lists_part
select loading from list where name = $1 and load_key = $2 and loading is not null

-- into the part that this load has begun, and into no other; the salt is read once
-- :name lists_add
with own as materialized (select loading from list where name = $1 and loading = $2 for update),
made as (insert into listed (list, number, at)
select o.loading, ('x' || encode(substr(sha256(s.salt || convert_to(n, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint, $4::int8
from own o cross join (select salt from secret limit 1) s cross join unnest(string_to_array($3, ',')) n where n <> '' on conflict do nothing returning 1)
update list l set load_at = clock_timestamp(), load_count = load_count + m.count from own o cross join (select count(*) as count from made) m where l.name = $1 returning m.count

-- :name lists_switch
with was as materialized (select current from list where name = $1 and loading = $2 for update),
junk as (insert into old_part (part) select current from was where current is not null)
update list l set current = l.loading, loading = null, load_key = null, scrubbed_at = $3::int8, loaded_at = $4::int8, numbers = l.load_count, load_count = 0
from was where l.name = $1 returning l.numbers

-- :name lists_internal
with made as (insert into listed (list, number, at)
select 'internal', ('x' || encode(substr(sha256(s.salt || convert_to(n, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint, $2::int8
from (select salt from secret limit 1) s cross join unnest(string_to_array($1, ',')) n where n <> '' on conflict do nothing returning 1)
select count(*) from made
