-- Withdrawals hold the shards' locks alone, permissions hold them together (intake_consents.sql, permit.sql).
-- :name bulk_lock_alone
select pg_advisory_xact_lock(1314214484, s) from generate_series(0, 63) s order by s

-- :name bulk_lock_shared
select pg_advisory_xact_lock_shared(1314214484, s) from generate_series(0, 63) s order by s

-- As permit_lock_all and permit_lock_alone: those of leads whose address changes (new_address.h) alone.
-- :name bulk_lock_both
select case when s = any($1::int[]) then pg_advisory_xact_lock(1314214484, s) else pg_advisory_xact_lock_shared(1314214484, s) end
from generate_series(0, 63) s order by s

-- :name bulk_lock_some
select pg_advisory_xact_lock(1314214484, s) from unnest($1::int[]) s order by s

-- What is withdrawn already stays as it was written down then; but it is said again where another lead was merged in since, for that one may become itself
-- again.
-- :name bulk_withdraw
insert into consent (shard, lead_id, at, channel, purpose, state, source, evidence)
select (w.lead_id & 63)::smallint, w.lead_id, $1::timestamptz, w.channel, w.purpose, 'withdrawn', 'import',
  jsonb_build_object('import', $2::bigint, 'line', w.line)
from unnest($3::bigint[], $4::text[], $5::text[], $6::bigint[]) w(lead_id, channel, purpose, line)
where not exists (
  select from (
    select c.state, c.id from consent c where c.shard = (w.lead_id & 63)::smallint and c.lead_id = w.lead_id and c.channel = w.channel
      and c.purpose = w.purpose order by c.id desc limit 1) c
  where c.state = 'withdrawn' and not exists (select from merge m where m.winner = w.lead_id and m.state = 'done' and m.merge_id > c.id))

-- Never where a withdrawal stands that has to do with it: of all channels, of this one, or of a single channel (whose kind is not known here);
-- of all purposes, or of this one. Nor for who was erased and is back by a file: only the person's own word counts then (permit.sql). What is
-- granted already is not written down again.
-- :name bulk_grant
insert into consent (shard, lead_id, at, channel, purpose, state, source, wording, evidence)
select (w.lead_id & 63)::smallint, w.lead_id, $1::timestamptz, w.channel, w.purpose, 'granted', 'import', nullif(w.wording, ''),
  jsonb_build_object('import', $2::bigint, 'line', w.line)
from unnest($3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[]) w(lead_id, channel, purpose, line, wording)
cross join (select exists (select from suppression where kind = 'email_hash' and value = 'any' and channel = '*') as erased) f
where not exists (
  select from lead l join suppression s on s.kind = 'email_hash' and s.value = case when f.erased then erased_hash(l.email) end
  where f.erased and l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id)
and not exists (
  select from (
    select distinct on (c.channel, c.purpose) c.channel, c.purpose, c.state from consent c
    where c.shard = (w.lead_id & 63)::smallint and c.lead_id = w.lead_id
    order by c.channel, c.purpose, c.id desc) c
  where (c.state = 'withdrawn' and (w.channel = '*' or c.channel = w.channel or c.channel not in ('email', 'call', 'letter', 'track_open', 'track_click'))
      and (w.purpose = '*' or c.purpose in ('*', w.purpose)))
    or (c.state <> 'withdrawn' and c.channel = w.channel and c.purpose = w.purpose))

-- As consent_cancel (intake_consents.sql).
-- :name bulk_stop
with hit as (
  select distinct t.shard, t.touch_id
  from unnest($2::bigint[], $3::text[], $4::text[]) w(lead_id, channel, purpose)
  join touch t on t.shard = (w.lead_id & 63)::smallint and t.lead_id = w.lead_id
  where touch_may_stop(t.state) and t.recipient is null
    and w.channel in ('*', t.kind, t.channel) and w.purpose in ('*', t.purpose)),
locked as (
  select t.shard, t.touch_id from hit h join touch t on t.shard = h.shard and t.touch_id = h.touch_id
  order by t.shard, t.touch_id for no key update of t)
update touch t set state = 'cancelled', over_at = $1::timestamptz, reason = 'withdrawn', token = null
from locked l
where t.shard = l.shard and t.touch_id = l.touch_id and touch_may_stop(t.state)
returning t.touch_id, t.lead_id, t.channel, coalesce(t.campaign, ''), coalesce(t.step, '')
