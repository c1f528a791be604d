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

-- :name account_update
insert into account_inbox (shard, account_id, data)
select shard, account_id, $2::jsonb from account where shard = ($1::bigint & 63)::smallint and account_id = $1
returning id
