-- Visitors of web pages. An anonymous one is a bare lead: no turn, no inbox row; the intake is its only writer until it has a name.

-- Numbers that nobody knows yet: the lead that is named beside them, if there is one and it is believed (`how`), else a bare anonymous lead.
-- In the order given, which is the same for all: no deadlock.
-- :name visitor_insert
with w as materialized (
  select v.number, v.ord, case when k.lead_id is not null then v.how end as how, k.lead_id is null as bare, coalesce(k.lead_id, new_id(v.shard)) as lead_id
  from unnest($1::text[], $2::smallint[], $3::boolean[], $4::text[], $5::text[], $6::bigint[], $7::text[]) with ordinality
    v(number, shard, make, kind, value, lead_id, how, ord)
  left join lateral (
    select coalesce(l.merged_into, l.lead_id) as lead_id
    from (select i.lead_id from identity i where i.kind = v.kind and i.value = v.value union all select v.lead_id where v.lead_id is not null) n
    cross join lateral (select * from lead l where l.shard = (n.lead_id & 63)::smallint and l.lead_id = n.lead_id offset 0) l
    where v.how is not null and (not l.anonymous or l.merged_into is not null) and l.erased_at is null) k on true
  where (v.make or k.lead_id is not null) and not exists (
    select from identity i where i.kind = 'cookie' and i.value = v.number)),
fresh as (
  insert into identity (kind, value, shard, lead_id, created_at, how)
  select 'cookie', w.number, (w.lead_id & 63)::smallint, w.lead_id, $8::timestamptz, w.how from w order by w.ord
  on conflict do nothing
  returning value, shard, lead_id)
insert into lead (shard, lead_id, created_at, updated_at, anonymous)
select f.shard, f.lead_id, $8, $8, true from fresh f join w on w.number = f.value where w.bare

-- Who writes of an anonymous lead holds it: another group may be giving it a name just now, and what is written afterwards is for its turn.
-- :name visitor_lock
with w as materialized (
  select i.lead_id from unnest($1::text[]) v(number)
  cross join lateral (select i.lead_id from identity i where i.kind = 'cookie' and i.value = v.number offset 0) i)
select l.lead_id from w join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id
where l.anonymous and coalesce(l.merged_into, 0) = 0 -- by the key, never by the index of all that are anonymous
order by l.lead_id for no key update of l

-- What comes with a name may change whose the browser is, at once or at the end of the group (visitor_login). All of these are held from here on, in one
-- order, so that two groups do not wait for each other in a circle afterwards.
-- :name visitor_hold
select i.value from identity i where i.kind = 'cookie' and i.value = any($1::text[]) order by i.value for no key update

-- New names, some of them beside a visitor: an anonymous one becomes the lead of that name, and its turn hears what it did before. $7 as $5 of identity_insert.
-- :name visitor_names
with w as materialized (
  select n.kind, n.value, n.ord, coalesce(n.owner, a.lead_id, new_id(n.shard)) as lead_id, coalesce(n.how, 'made') as how
  from unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $7::bigint[]) with ordinality n(kind, value, shard, visitor, how, owner, ord)
  left join lateral (
    select l.lead_id
    from (select i.shard, i.lead_id from identity i where i.kind = 'cookie' and i.value = n.visitor offset 0) i
    cross join lateral (select * from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l
    where l.anonymous and l.merged_into is null) a on true
  where not exists (select from identity i where i.kind = n.kind and i.value = n.value)),
fresh as (
  insert into identity (kind, value, shard, lead_id, created_at)
  select w.kind, w.value, (w.lead_id & 63)::smallint, w.lead_id, $6::timestamptz from w order by w.ord
  on conflict do nothing
  returning kind, value, shard, lead_id),
named as (
  update lead l set anonymous = false, created_at = $6, updated_at = $6, email = case f.kind when 'email' then f.value end,
    external_id = case f.kind when 'external_id' then f.value end, phone = case f.kind when 'phone' then f.value end
  from fresh f where l.shard = f.shard and l.lead_id = f.lead_id and l.anonymous
  returning l.shard, l.lead_id),
believed as (
  update identity i set how = (select w.how from w where w.lead_id = n.lead_id limit 1)
  from named n where i.shard = n.shard and i.lead_id = n.lead_id), -- it had cookies only
heard as (
  insert into inbox (shard, lane, lead_id, event_id, received_at)
  select n.shard, 2, n.lead_id, e.event_id, e.received_at
  from named n cross join lateral (select * from event e where e.shard = n.shard and e.lead_id = n.lead_id offset 0) e),
made as (
  insert into lead (shard, lead_id, created_at, updated_at, email, external_id, phone)
  select f.shard, f.lead_id, $6, $6, case f.kind when 'email' then f.value end, case f.kind when 'external_id' then f.value end,
    case f.kind when 'phone' then f.value end
  from fresh f where not exists (select from lead l where l.shard = f.shard and l.lead_id = f.lead_id)
  returning lead_id)
select lead_id from made union all select lead_id from named

-- An anonymous visitor of whom it is known now who it is: its lead becomes that one's, whose turn hears what it did before. Permission that it gave
-- counts where the other has not said anything. Where the one who says so is not believed (`how` is null), the number itself goes on as a new anonymous
-- lead's, and gives no permission.
-- :name visitor_join
with w as materialized (
  select distinct on (c.lead_id) 'cookie' as cookie, v.number, v.how, c.shard as old_shard, c.lead_id as old_lead, (k.lead_id & 63)::smallint as shard,
    k.lead_id, case when v.how is null then new_id(c.shard::int) else k.lead_id end as reader
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[]) v(number, kind, value, lead_id, how)
  cross join lateral (
    select l.shard, l.lead_id from (select i.shard, i.lead_id from identity i where i.kind = 'cookie' and i.value = v.number offset 0) i
    cross join lateral (select * from lead l where l.shard = i.shard and l.lead_id = i.lead_id offset 0) l
    where l.anonymous and l.merged_into is null) c
  cross join lateral (
    select coalesce(l.merged_into, l.lead_id) as lead_id
    from (select i.lead_id from identity i where i.kind = v.kind and i.value = v.value union all select v.lead_id where v.lead_id is not null) n
    cross join lateral (select * from lead l where l.shard = (n.lead_id & 63)::smallint and l.lead_id = n.lead_id offset 0) l
    where (not l.anonymous or l.merged_into is not null) and l.erased_at is null) k
  where v.how is not null or exists (select from event e where e.shard = c.shard and e.lead_id = c.lead_id)
  order by c.lead_id, k.lead_id),
gone as (
  update lead l set merged_into = w.lead_id, updated_at = $6::timestamptz from w where l.shard = (w.old_lead & 63)::smallint and l.lead_id = w.old_lead),
known as (
  update identity i set shard = (w.reader & 63)::smallint, lead_id = w.reader, how = w.how from w
  where i.kind = w.cookie and i.value = w.number), -- said so, it is the whole key that is entered, for each
anew as (
  insert into lead (shard, lead_id, created_at, updated_at, anonymous)
  select (w.reader & 63)::smallint, w.reader, $6, $6, true from w where w.how is null),
allowed as (
  insert into consent (shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence)
  select w.shard, w.lead_id, c.at, c.channel, c.purpose, c.state, c.source, c.wording, c.ip, c.evidence
  from w cross join lateral (
    select * from consent c where c.shard = w.old_shard and c.lead_id = w.old_lead and c.state <> 'withdrawn' order by c.id) c
  where w.how is not null and not exists (
    select from consent o where o.shard = w.shard and o.lead_id = w.lead_id and o.channel = c.channel and o.purpose = c.purpose)
  order by c.id)
insert into inbox (shard, lane, lead_id, event_id, received_at)
select w.shard, 2, w.lead_id, e.event_id, e.received_at
from w cross join lateral (
  select * from event e where e.shard = w.old_shard and e.lead_id = w.old_lead offset 0) e

-- What was filled in with a browser is not asked there again, whoever it was said to be: so the questions tell nothing about who is known. Of the marks
-- of addresses (email=…) the last one stands.
-- :name visitor_told
with w as materialized (select 'cookie' as cookie, v.number, string_to_array(v.told, ',') as told from unnest($1::text[], $2::text[]) v(number, told))
update identity i set told = array(select distinct t from unnest(i.told || w.told) t where t not like 'email=%' or t = any(w.told) order by t) from w
where i.kind = w.cookie and i.value = w.number and not coalesce(i.told, '{}') @> w.told

-- A browser in which somebody has logged in is theirs from now on, whoever's it was: the site's word is worth more than an address that was typed in, or a
-- mail that was passed on. What was done with it before stays with whom it was, and what they filled in is asked again. A word that is older than the one
-- that stands, or the same again, moves nothing.
-- :name visitor_login
with w as materialized (
  select 'cookie' as cookie, v.number, v.said_at, k.lead_id
  from unnest($1::text[], $2::bigint[], $3::timestamptz[]) v(number, lead_id, said_at)
  cross join lateral (
    select coalesce(l.merged_into, l.lead_id) as lead_id from lead l
    where l.shard = (v.lead_id & 63)::smallint and l.lead_id = v.lead_id and (not l.anonymous or l.merged_into is not null) and l.erased_at is null offset 0) k)
update identity i set shard = (w.lead_id & 63)::smallint, lead_id = w.lead_id, how = 'identify', said_at = w.said_at,
  told = case when i.lead_id = w.lead_id then i.told end
from w where i.kind = w.cookie and i.value = w.number and (i.said_at is null or i.said_at < w.said_at)
