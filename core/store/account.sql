-- Which account a lead belongs to: by the domain of its address, else by the name of its company.
-- :name account_new
insert into account (shard, account_id, created_at, updated_at, name, domain)
select w.shard, new_id(w.shard), $1::timestamptz, $1, w.name, w.domain
from unnest($2::smallint[], $3::text[], $4::text[]) w(shard, domain, name)
where case when w.domain is null then not exists (select from account a where a.domain is null and lower(a.name) = lower(w.name))
  else not exists (select from account a where a.domain = w.domain) end
order by w.domain, lower(w.name)
on conflict do nothing

-- A lead that joins an account of which something is known looks again.
-- :name account_join
with joined as (
  update lead l set account_id = a.account_id
  from unnest($2::bigint[], $3::text[], $4::text[]) w(lead_id, domain, name)
  cross join lateral (
    select * from account d where d.domain = w.domain
    union all
    select * from account n where w.domain is null and n.domain is null and lower(n.name) = lower(w.name)) a
  where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and (w.lead_id & 63) = $1::int and l.account_id is distinct from a.account_id
  returning l.shard, l.lead_id, (a.fields <> '{}' or a.country is not null or a.city is not null or a.owner is not null) as known)
insert into inbox (shard, lane, lead_id) select shard, 0, lead_id from joined where known

-- The account's own little turn: what is new for it, in order, into its row; its members are woken when something changed.
-- :name account_turn
with picked as (
  select id, account_id, data->'set' as set from account_inbox where shard = $1::int order by id limit 200),
gone as (delete from account_inbox i using picked p where i.shard = $1 and i.id = p.id),
merged as (
  select p.account_id, jsonb_object_agg(f.key, f.value order by p.id) as set
  from picked p cross join lateral jsonb_each(p.set) f group by p.account_id),
wanted as (
  select a.account_id,
    case when m.set ? 'name' then m.set->>'name' else a.name end as name,
    case when m.set ? 'country' then m.set->>'country' else a.country end as country,
    case when m.set ? 'city' then m.set->>'city' else a.city end as city,
    case when m.set ? 'owner' then m.set->>'owner' else a.owner end as owner,
    jsonb_strip_nulls(a.fields || (m.set - array['name', 'domain', 'country', 'city', 'owner'])) as fields
  from merged m join account a on a.shard = (m.account_id & 63)::smallint and a.account_id = m.account_id),
changed as (
  update account a set name = w.name, country = w.country, city = w.city, owner = w.owner, fields = w.fields, updated_at = $2::timestamptz
  from wanted w where a.shard = (w.account_id & 63)::smallint and a.account_id = w.account_id
    and (a.name, a.country, a.city, a.owner, a.fields) is distinct from (w.name, w.country, w.city, w.owner, w.fields)
  returning a.account_id),
woken as (
  insert into inbox (shard, lane, lead_id)
  select l.shard, 2, l.lead_id from changed c join lead l on l.account_id = c.account_id where l.merged_into is null)
select (select count(*) from picked), (select count(*) from changed)
