-- Permission, just before the act that cannot be taken back. Rows are changed in the order of (shard, touch_id), where they lie: one that somebody
-- changed since it was looked at lies elsewhere, and is left alone.

-- The lease, and the locks of the shards: together with others that permit, never beside a withdrawal of the same shard (intake_consents.sql).
-- :name permit_begin
with held as materialized (select 1::int8 as one from shard_lease where role = $2::text and shard = 0 and owner = $3::text for key share)
select one, (select count(taken) from (select pg_advisory_xact_lock_shared(1314214484, s) as taken from unnest($1::int[]) s order by s offset 0) l)
from held

-- Given where nothing was said since the gate was asked: neither a withdrawal in the shard nor a suppression is of a transaction that $6, the snapshot of before the facts were
-- read for it, does not show. They come in the order of (shard, touch_id).
-- Writers of a shard's row of spoken hold the shard's lock and do not meet there. In row 64, of all suppressions that name no lead, they do: a turn or a person that suppresses an
-- address waits for the commit of an import's group of suppressions (a thousand rows, some 0.05 s), and two such imports go one group after the other.
-- :name outbox_permit_unsaid
with said as materialized (select shard from spoken where not pg_visible_in_snapshot(xid, (select $6::text::pg_snapshot))),
asked as materialized (
  select t.ctid as at, w.ord
  from (select u.touch_id, u.ord from unnest($1::int8[]) with ordinality u(touch_id, ord)
    where (u.touch_id & 63)::smallint <> all (array(select shard from said)) and not exists (select from said where shard = 64) offset 0) w
  cross join lateral (select t.ctid from touch t where t.shard = (w.touch_id & 63)::smallint and t.touch_id = w.touch_id
    and t.state in ('claimed', 'permitted') and t.token = $2::text and t.look_again is null and (t.recipient is not null or t.purpose <> 'internal') offset 0) t)
update touch t set state = 'permitted', permitted_at = $3::timestamptz
from asked l
where t.ctid = l.at and t.state in ('claimed', 'permitted') and t.token = $2 and t.look_again is null
  and exists (select from shard_lease h where h.role = $4::text and h.shard = 0 and h.owner = $5::text)
returning (l.ord - 1)::int4

-- Given where nothing at all speaks against it: no withdrawal is the newest word, and no suppression has any name of the lead, of whatever kind and channel it is. What is not
-- given here is judged by the next statement, which knows more.
-- :name outbox_permit_plain
with forgotten as materialized (select exists (select from suppression where kind = 'email_hash' and value = 'any' and channel = '*') as erased),
asked as materialized (
  select t.ctid as at, t.lead_id, t.channel, t.kind, t.purpose, t.recipient, w.ord
  from unnest($1::int8[]) with ordinality w(touch_id, ord)
  join touch t on t.shard = (w.touch_id & 63)::smallint and t.touch_id = w.touch_id
  where t.state in ('claimed', 'permitted') and t.token = $2::text
  order by t.shard, t.touch_id)
update touch t set state = 'permitted', permitted_at = $3::timestamptz
from asked l
where t.ctid = l.at and t.state in ('claimed', 'permitted') and t.token = $2 and t.look_again is null
  and exists (select from shard_lease h where h.role = $4::text and h.shard = 0 and h.owner = $5::text)
  and (l.recipient is not null
    or (coalesce((select c.state from consent c where c.shard = (l.lead_id & 63)::smallint and c.lead_id = l.lead_id
        and c.channel in ('*', l.kind, l.channel) and c.purpose in ('*', l.purpose) order by c.id desc limit 1), '') <> 'withdrawn'
      and not exists (select from (
          select array[d.lead_id::text, d.email, h.host, d.phone, case when d.address is not null then address_key(d.address, d.postal_code, d.city) end]
            || case when h.host like '%.%.%' then array[substring(h.host from '[^.]*[.][^.]*$'), substring(h.host from '(?:[^.]*[.]){2}[^.]*$'),
              substring(h.host from '(?:[^.]*[.]){3}[^.]*$'), substring(h.host from '(?:[^.]*[.]){4}[^.]*$')] end
            || case when f.erased then array[erased_hash(d.email), erased_hash(d.phone)] end as names
          from forgotten f cross join lead d cross join lateral (select split_part(d.email, '@', 2) as host offset 0) h
          where d.shard = (l.lead_id & 63)::smallint and d.lead_id = l.lead_id offset 0) n
        join suppression s on s.value = any (n.names) and (s.ends is null or s.ends = ''))))
returning (l.ord - 1)::int4

-- Given, if the newest word about channel and purpose (as recorded: clocks of nodes differ) is no withdrawal and nothing suppresses the lead. Else the touch is over.
-- Asked again, a permission that was given and not used is looked at as if it were new. The lease is locked by the
-- statement before: who has it not ($4, $5) permits nothing.
-- A domain that is suppressed takes its subdomains with it: the last labels of an address's host, up to five. All names of a lead are looked for at
-- once, by value; what kind a row must be of is looked at where there is one.
-- What others said of an address or number of somebody who was erased stays said of its hash. Else who was erased stays suppressed by hash, until it has itself given a newer permission for the channel; one that
-- was only typed into a form counts once it is confirmed. For the mail that asks for that it is enough: as it is that a form asked anew since the withdrawal.
-- Of whom the lead wants less since the touch was claimed, the gate is asked anew: 'again', and it stays claimed until its holder gives it back.
-- (A suppression that ends by a condition is the gate's business: it asked a moment ago.)
-- :name outbox_permit
with asked as materialized (
  select t.ctid as at, t.lead_id, t.channel, t.kind, t.purpose, t.recipient, t.look_again, w.ord
  from unnest($1::int8[]) with ordinality w(touch_id, ord)
  join touch t on t.shard = (w.touch_id & 63)::smallint and t.touch_id = w.touch_id
  where t.state in ('claimed', 'permitted') and t.token = $2::text
  order by t.shard, t.touch_id),
forgotten as materialized (select exists (select from suppression where kind = 'email_hash' and value = 'any' and channel = '*') as erased),
judged as materialized (
  select l.at, l.ord, case
    when l.recipient is not null then null
    when (select c.state = 'withdrawn' and not (l.purpose = 'confirm' and l.kind = 'email' and exists (
        select from consent_asked a where a.shard = c.shard and a.lead_id = c.lead_id and a.channel = l.kind and a.withdrawn >= c.id))
      from consent c where c.shard = (l.lead_id & 63)::smallint and c.lead_id = l.lead_id
      and c.channel in ('*', l.kind, l.channel) and c.purpose in ('*', l.purpose)
      order by c.id desc limit 1) then 'withdrawn'
    when exists (select from forgotten f
      cross join lateral (select d.shard, d.lead_id, d.email, d.phone, split_part(d.email, '@', 2) as host,
          case when d.address is not null then address_key(d.address, d.postal_code, d.city) end as address,
          case when f.erased then erased_hash(d.email) end as email_hash, case when f.erased then erased_hash(d.phone) end as phone_hash
        from lead d where d.shard = (l.lead_id & 63)::smallint and d.lead_id = l.lead_id offset 0) d
      cross join lateral (select case when d.host like '%.%.%' then array[d.host, substring(d.host from '[^.]*[.][^.]*$'), substring(d.host from '(?:[^.]*[.]){2}[^.]*$'),
          substring(d.host from '(?:[^.]*[.]){3}[^.]*$'), substring(d.host from '(?:[^.]*[.]){4}[^.]*$')] else array[d.host] end as hosts offset 0) h
      join suppression s on s.value = any (h.hosts || array[d.lead_id::text, d.email, d.phone, d.address, d.email_hash, d.phone_hash])
        and case s.kind when 'lead' then s.value = d.lead_id::text when 'email' then s.value = d.email when 'domain' then s.value = any (h.hosts)
          when 'phone' then s.value = d.phone when 'address' then s.value = d.address when 'email_hash' then s.value = d.email_hash
          when 'phone_hash' then s.value = d.phone_hash when 'email_barred' then s.value = d.email_hash when 'phone_barred' then s.value = d.phone_hash end
        and s.channel in ('*', l.kind, l.channel) and (s.ends is null or s.ends = '')
      where s.kind not like '%\_hash' or not exists (
        select from consent c where c.shard = d.shard and c.lead_id = d.lead_id and c.state <> 'withdrawn' and c.source not like 'import%' and c.at > s.at
          and (c.state = 'confirmed' or c.evidence->>'form' is null or (l.purpose = 'confirm' and l.kind = 'email'))
          and c.channel in ('*', l.kind, l.channel))) then 'suppressed'
    when l.look_again then 'again'
    end as stop
  from asked l)
update touch t set state = case when j.stop is null then 'permitted' when j.stop = 'again' then 'claimed' else 'cancelled' end, look_again = null,
  reason = coalesce(nullif(j.stop, 'again'), t.reason), permitted_at = case when j.stop is null then $3::timestamptz end,
  over_at = case when j.stop is null or j.stop = 'again' then null else $3 end
from judged j where t.ctid = j.at and t.state in ('claimed', 'permitted') and t.token = $2
  and exists (select from shard_lease h where h.role = $4::text and h.shard = 0 and h.owner = $5::text)
returning (j.ord - 1)::int4, coalesce(j.stop, ''), t.touch_id, t.lead_id, t.channel, coalesce(t.campaign, ''), coalesce(t.step, '')

-- Attempts that end without going out, because their touch was taken back, here or meanwhile.
-- :name outbox_attempt_over
insert into attempt as a (shard, touch_id, attempt, at, ended_at, outcome, token)
select t.shard, t.touch_id, t.attempts, coalesce(t.claimed_at, $3::timestamptz), $3, 'cancelled', $2::text
from unnest($1::int8[]) w(touch_id)
join touch t on t.shard = (w.touch_id & 63)::smallint and t.touch_id = w.touch_id and t.state = 'cancelled'
on conflict (shard, touch_id, attempt) do update set ended_at = excluded.ended_at, outcome = excluded.outcome where a.token = excluded.token and a.ended_at is null
