-- Lists of those who must not be contacted (suppress.h).

-- No permission commits beside it (permit.sql).
-- :name suppress_lock
select pg_advisory_xact_lock(1314214484, s) from generate_series(0, 63) s order by s

-- :name suppress_add
with w as (
  select distinct case when $1::text = 'address' then address_key(split_part(v, E'\x1f', 1), split_part(v, E'\x1f', 2), split_part(v, E'\x1f', 3)) else v end as value
  from unnest($2::text[]) v),
made as (
  insert into suppression (kind, value, channel, reason, at)
  select $1, w.value, $3::text, $4::text, $5::timestamptz from w order by w.value
  on conflict do nothing returning value),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce(nullif($7::text, ''), current_setting('application_name')), 'suppression.add',
    $1 || ':' || encode(sha256((select secret from link_key order by key_id limit 1) || convert_to($1 || made.value, 'UTF8')), 'hex'), array['value', 'channel', 'reason']
  from made where $6::boolean)
select count(*) from made

-- Open touches of leads that the list names: by the names of leads where it holds such, else by looking at all that is open. A domain's subdomains
-- are of it (permit.sql).
-- :name suppress_stop_named
with hit as (
  select distinct t.shard, t.touch_id
  from unnest($2::text[]) v
  cross join lateral (select i.shard, i.lead_id from identity i where i.kind = $1::text and i.value = v offset 0) i
  join touch t on t.shard = i.shard and t.lead_id = i.lead_id
  where touch_may_stop(t.state) and t.recipient is null and $3::text in ('*', t.kind, t.channel)),
locked as (
  select t.shard, t.touch_id from hit h join touch t on t.shard = h.shard and t.touch_id = h.touch_id
  order by t.shard, t.touch_id for no key update of t)
update touch t set state = 'cancelled', over_at = $4::timestamptz, reason = 'suppressed', token = null
from locked l
where t.shard = l.shard and t.touch_id = l.touch_id and touch_may_stop(t.state)
returning t.touch_id, t.lead_id, t.channel, coalesce(t.campaign, ''), coalesce(t.step, '')

-- :name suppress_stop_open
with listed as materialized (
  select distinct case when $1::text = 'address' then address_key(split_part(v, E'\x1f', 1), split_part(v, E'\x1f', 2), split_part(v, E'\x1f', 3)) else v end as value
  from unnest($2::text[]) v),
hit as (
  select distinct t.shard, t.touch_id
  from touch t join lead l on l.shard = t.shard and l.lead_id = t.lead_id
  cross join lateral (select split_part(l.email, '@', 2) as host, string_to_array(split_part(l.email, '@', 2), '.') as labels) h
  cross join lateral (values (case when $1 = 'address' then address_key(l.address, l.postal_code, l.city) else h.host end),
    (case when $1 <> 'address' then nullif(array_to_string(h.labels[cardinality(h.labels) - 1:], '.'), h.host) end),
    (case when $1 <> 'address' then nullif(array_to_string(h.labels[cardinality(h.labels) - 2:], '.'), h.host) end),
    (case when $1 <> 'address' then nullif(array_to_string(h.labels[cardinality(h.labels) - 3:], '.'), h.host) end),
    (case when $1 <> 'address' then nullif(array_to_string(h.labels[cardinality(h.labels) - 4:], '.'), h.host) end)) v(value)
  join listed w on w.value = v.value
  where touch_may_stop(t.state) and t.recipient is null and $3::text in ('*', t.kind, t.channel)),
locked as (
  select t.shard, t.touch_id from hit h join touch t on t.shard = h.shard and t.touch_id = h.touch_id
  order by t.shard, t.touch_id for no key update of t)
update touch t set state = 'cancelled', over_at = $4::timestamptz, reason = 'suppressed', token = null
from locked l
where t.shard = l.shard and t.touch_id = l.touch_id and touch_may_stop(t.state)
returning t.touch_id, t.lead_id, t.channel, coalesce(t.campaign, ''), coalesce(t.step, '')

-- :name suppress_drop
with gone as (
  delete from suppression where channel = $3::text and ((kind = $1::text and value in ($2::text, $5::text))
    or (kind = $1 || '_barred' and value = case when $1 in ('email', 'phone') then erased_hash($2) end)) returning value),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce(nullif($4::text, ''), current_setting('application_name')), 'suppression.remove',
    $1 || ':' || encode(sha256((select secret from link_key order by key_id limit 1) || convert_to($1 || gone.value, 'UTF8')), 'hex'), array['value', 'channel']
  from gone)
select count(*) from gone
