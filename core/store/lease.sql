-- Leases: machine time, the database's clock.
-- :name lease_present
insert into lease_owner (role, owner, until) values ($1::text, $2::text, clock_timestamp() + interval '10 s')
on conflict (role, owner) do update set until = excluded.until

-- :name lease_forget
delete from lease_owner where role = $1::text and until < clock_timestamp() - interval '1 minute'

-- The rows of a role, made with its first use.
-- :name lease_rows
insert into shard_lease (role, shard, owner, until, epoch)
select $1::text, g, '', '-infinity', 0 from generate_series(0, $2::int - 1) g
where not exists (select from shard_lease l where l.role = $1 and l.shard = g)
order by g
on conflict do nothing

-- :name lease_renew
update shard_lease set until = clock_timestamp() + interval '10 s' where role = $1::text and owner = $2::text

-- Free and expired ones up to an even share. A row on which a turn's transaction stands (key share) is skipped.
-- :name lease_take
update shard_lease set owner = $2::text, until = clock_timestamp() + interval '10 s', epoch = epoch + 1
where role = $1::text and shard = any(array(
  select l.shard from shard_lease l
  where l.role = $1 and l.until < clock_timestamp() and l.shard < $3::int
  order by l.shard
  limit greatest(0,
    ceil($3::float8 / (select greatest(1, count(*)) from lease_owner o where o.role = $1 and o.until >= clock_timestamp()))::int
    - (select count(*) from shard_lease h where h.role = $1 and h.owner = $2)::int)
  for update skip locked))

-- What is over the share goes back, the highest first, so that a newcomer finds something.
-- :name lease_give
update shard_lease set owner = '', until = '-infinity'
where role = $1::text and owner = $2::text and shard = any(array(
  select h.shard from shard_lease h where h.role = $1 and h.owner = $2 order by h.shard
  offset ceil($3::float8 / (select greatest(1, count(*)) from lease_owner o where o.role = $1 and o.until >= clock_timestamp()))::int))

-- :name lease_held
select coalesce(bit_or(1::bigint << shard), 0), (select count(*) from lease_owner o where o.role = $1::text and o.until >= clock_timestamp())
from shard_lease where role = $1 and owner = $2::text

-- :name lease_release
update shard_lease set owner = '', until = '-infinity' where role = $1::text and owner = $2::text and ($3::bigint >> shard) & 1 = 1

-- :name lease_leave
delete from lease_owner where role = $1::text and owner = $2::text

-- What a dead owner held. Waits for a transaction of it that is still open, and so never opens the door to two.
-- :name lease_orphan
with theirs as materialized (select role, shard from shard_lease where owner = $1::text order by role, shard for update)
update shard_lease l set owner = '', until = '-infinity' from theirs t where l.role = t.role and l.shard = t.shard

-- :name lease_bury
delete from lease_owner where owner = $1::text

-- The first statement of every transaction that acts for a shard or a channel: no row, no right. Who wrote down an epoch ($4, not 0) only in that.
-- :name lease_fence
select 1::int8 from shard_lease
where role = $1::text and shard = $2::int and owner = $3::text and $4::int8 in (0, epoch) for key share
