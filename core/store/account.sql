-- Which account a lead belongs to: by the domain of its address, else that of the colleague who named it, else by the name of its company.
-- :name account_new
insert into account (shard, account_id, created_at, updated_at, name, domain)
select w.shard, new_id(w.shard), $1::timestamptz, $1, w.name, w.domain
from unnest($2::smallint[], $3::text[], $4::text[]) w(shard, domain, name)
where case when w.domain is null then not exists (select from account a where a.domain is null and lower(a.name) = lower(w.name))
  else not exists (select from account a where a.domain = w.domain) end
order by w.domain, lower(w.name)
on conflict do nothing

-- A lead that joins an account of which something is known, or leaves one, looks again. (What it sees of the people there is the account's to say.)
-- :name account_join
with joined as (
  update lead l set account_id = a.account_id
  from unnest($2::bigint[], $3::text[], $4::text[], $5::boolean[], $6::bigint[]) w(lead_id, domain, name, had, colleague)
  cross join lateral (
    select 1 as first, d.* from account d where d.domain = w.domain
    union all
    select 2, c.* from lead k
      join lead o on o.shard = (coalesce(k.merged_into, k.lead_id) & 63)::smallint and o.lead_id = coalesce(k.merged_into, k.lead_id)
      join account c on c.shard = (o.account_id & 63)::smallint and c.account_id = o.account_id
      where w.domain is null and w.colleague <> 0 and k.shard = (w.colleague & 63)::smallint and k.lead_id = w.colleague
    union all
    select 3, n.* from account n where w.domain is null and n.domain is null and lower(n.name) = lower(w.name)
    order by 1 limit 1) a
  where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and (w.lead_id & 63) = $1::int and l.account_id is distinct from a.account_id
  returning l.shard, l.lead_id, (w.had or a.fields <> '{}' or a.country is not null or a.city is not null or a.owner is not null) as known)
insert into inbox (shard, lane, lead_id) select shard, 0, lead_id from joined where known

-- What leads of this shard add to their accounts now. Who changed the company is taken out of the old one; the account is told only what it counts.
-- :name account_members
with it as materialized (
  select w.*, l.shard, l.account_id, m.account_id as old_account, m.packed as was
  from unnest($2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]) w(lead_id, role, packed, seen, cause, acted)
  cross join lateral (select * from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and (w.lead_id & 63) = $1::int offset 0) l
  left join lateral (select * from account_member m where m.shard = (w.lead_id & 63)::smallint and m.lead_id = w.lead_id offset 0) m on true
  where l.account_id is not null
    and (m.account_id is distinct from l.account_id or m.packed is distinct from w.packed or m.acted is distinct from w.acted)),
kept as (
  insert into account_member (shard, lead_id, account_id, role, packed, acted)
  select shard, lead_id, account_id, role, packed, acted from it
  on conflict (shard, lead_id) do update set account_id = excluded.account_id, role = excluded.role, packed = excluded.packed, acted = excluded.acted)
insert into account_inbox (shard, account_id, lead_id, was, now, seen, cause)
select (t.account_id & 63)::smallint, t.account_id, it.lead_id, t.was, t.now, it.seen, it.cause
from it cross join lateral (
  select it.old_account as account_id, it.was, null::text as now where it.old_account <> it.account_id
  union all
  select it.account_id, case when it.old_account = it.account_id then it.was end, it.packed
  where it.old_account is distinct from it.account_id or it.was is distinct from it.packed) t
order by t.account_id, it.lead_id
