-- A lead gets another address (new_address.h).

-- That an address was confirmed says nothing about the next one.
-- :name new_address_consent
insert into consent (shard, lead_id, at, channel, purpose, state, source, evidence)
select l.shard, l.lead_id, $3::timestamptz, c.channel, c.purpose, 'granted', 'new address', jsonb_build_object('consent', c.id)
from (select distinct lead_id, email from unnest($1::text[], $2::bigint[]) w(email, lead_id)) w
cross join lateral (
  select l.shard, l.lead_id, l.email from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id offset 0) l
cross join lateral (
  select distinct on (c.channel, c.purpose) c.id, c.channel, c.purpose, c.state from consent c where c.shard = l.shard and c.lead_id = l.lead_id
  order by c.channel, c.purpose, c.id desc) c
where l.email is distinct from w.email and c.state = 'confirmed' and c.channel in ('email', '*')
order by c.id

-- On the list under the old address, on the list under the new one; what the mailbox itself answered stays with it (returned.c, hard.c).
-- :name new_address_suppression
insert into suppression (kind, value, channel, reason, at, ends)
select distinct on (v.kind, v.value, v.channel) v.kind, v.value, v.channel, v.reason, v.at, v.ends
from (select exists (select from suppression where kind = 'email_hash' and value = 'any' and channel = '*') as erased) f
cross join unnest($1::text[], $2::bigint[]) w(email, lead_id)
cross join lateral (
  select l.email from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and l.email <> w.email offset 0) l
cross join lateral (
  select s.kind, case when s.kind = 'email' then w.email else erased_hash(w.email) end as value, s.channel, s.reason, s.at, s.ends from suppression s
  where s.value = any (array[l.email, case when f.erased then erased_hash(l.email) end]) and s.kind in ('email', 'email_hash', 'email_barred')
    and s.reason not in ('bounce', 'soft bounces') offset 0) v
order by v.kind, v.value, v.channel
on conflict do nothing
