-- :name opportunity_lead
select coalesce(merged_into, lead_id) from lead where shard = ($1::bigint & 63)::smallint and lead_id = $1 and (not anonymous or merged_into is not null)

-- :name opportunity_known
select lead_id from opportunity where shard = ($1::bigint & 63)::smallint and opportunity_id = $1

-- What is not said again stays as it was.
-- :name opportunity_put
insert into opportunity (shard, opportunity_id, lead_id, state, amount, currency, opened_at, closed_at, reason)
values (($1::bigint & 63)::smallint, $1, $2::bigint, $3::text, $4::text::numeric, $5::text, $7::timestamptz,
  case when $3 <> 'open' then $7 end, $6::text)
on conflict (shard, opportunity_id) do update set state = excluded.state, amount = coalesce(excluded.amount, opportunity.amount),
  currency = coalesce(excluded.currency, opportunity.currency), reason = coalesce(excluded.reason, opportunity.reason), closed_at = excluded.closed_at

-- An account without a domain is known by its name: another's is not taken.
-- :name account_update
with it as materialized (
  select a.shard, a.account_id, a.domain is null and exists (select from account o
    where o.domain is null and lower(o.name) = lower($2::jsonb->'set'->>'name') and o.account_id <> a.account_id) as taken
  from account a where a.shard = ($1::bigint & 63)::smallint and a.account_id = $1),
told as (insert into account_inbox (shard, account_id, data) select shard, account_id, $2 from it where not taken)
select taken from it
