-- Pages of accounts: $1 the shard, $2 behind which account. In the shape of facts_account.
-- :name scan_accounts
select 0::bigint, a.account_id, a.fields, a.name, a.domain, a.country, a.city, a.owner, s.packed
from account a
left join lateral (select s.packed from account_summary s where s.shard = a.shard and s.account_id = a.account_id offset 0) s on true
where a.shard = $1::int and a.account_id > $2::bigint order by a.shard, a.account_id limit 1000
