-- Erasing keeps what others said about an address, and takes with the last person of a company what may name that person.
create or replace function lead_names(l lead) returns table (kind text, value text) language sql stable parallel safe as $body$
  select v.kind, v.value
  from (select split_part(l.email, '@', 2) as host, string_to_array(split_part(l.email, '@', 2), '.') as labels) h
  cross join lateral (values ('lead', l.lead_id::text), ('email', l.email), ('phone', l.phone), ('domain', h.host),
    ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 1:], '.'), h.host)),
    ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 2:], '.'), h.host)),
    ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 3:], '.'), h.host)),
    ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 4:], '.'), h.host)),
    ('address', case when l.address is not null then address_key(l.address, l.postal_code, l.city) end),
    ('email_barred', erased_hash(l.email)), ('phone_barred', erased_hash(l.phone))) v(kind, value)
  where v.value is not null
$body$;

-- Forgets who these leads were. May be done again, and is, when something late comes in. Runs with the owner's rights: events and ledgers are
-- otherwise never changed. Called in the save of the leads' own turn.
--   goes     fields, names, history, inbox, wake-ups, failures, data and values of events, addresses and evidence of permissions, texts that came back
--            from mail servers, data of touches, reasons, the company it belonged to, plain suppressions of its addresses
--   barred   what others put on the list (by hand, by a file, after a complaint or a bounce) under its address or number stays on it with its reason, as a hash:
--            no word of the person lifts that
--   account  of whom nobody else is known: its name may be the person's, and so may its domain. Both go, with what stood beside them; whoever comes from there
--            makes a new one
--   stays    the empty row with stage and moment of creation, verbs and moments of events, scores, walks and touches as figures, permissions as such,
--            amounts; and hashes of addresses and numbers, so that nobody writes there again
create or replace function lead_erase(ids bigint[], now timestamptz) returns void language plpgsql security definer set search_path = public, pg_temp as $body$
declare
  emails text[];
  phones text[];
begin
  perform from lead l join unnest(ids) w(id) on l.shard = (w.id & 63)::smallint and l.lead_id = w.id order by l.shard, l.lead_id for update of l;
  select array_agg(distinct lower(v.value)) filter (where v.kind = 'email'), array_agg(distinct v.value) filter (where v.kind = 'phone')
  into emails, phones from (
    select i.kind, i.value from identity i join unnest(ids) w(id) on i.shard = (w.id & 63)::smallint and i.lead_id = w.id
    union all
    select k.kind, k.value from lead l join unnest(ids) w(id) on l.shard = (w.id & 63)::smallint and l.lead_id = w.id
    cross join lateral (values ('email', l.email), ('phone', l.phone)) k(kind, value)) v where v.value is not null;
  insert into suppression (kind, value, channel, reason, at)
  select h.kind, h.value, '*', 'erased', now from (
    select 'email_hash' as kind, erased_hash(e) as value from unnest(emails) e union select 'phone_hash', erased_hash(p) from unnest(phones) p
    union select 'email_hash', 'any') h
  order by h.kind, h.value on conflict do nothing;
  insert into suppression (kind, value, channel, reason, at, ends)
  select s.kind || '_barred', erased_hash(s.value), s.channel, s.reason, s.at, s.ends from suppression s
  where (s.kind = 'email' and s.value = any (emails)) or (s.kind = 'phone' and s.value = any (phones))
  order by 1, 2, 3 on conflict do nothing;
  delete from suppression s where (s.kind = 'email' and s.value = any (emails)) or (s.kind = 'phone' and s.value = any (phones));
  update import_error d set detail = 'It named somebody who was erased.'
  where exists (select from unnest(emails) e where position(e in lower(d.detail)) > 0) or exists (select from unnest(phones) p where position(p in d.detail) > 0);
  update merge m set fill = null, names = null, state = case when m.state = 'waiting' then 'refused' else m.state end
  where (m.lead_id = any (ids) or m.winner = any (ids)) and (m.fill is not null or m.names is not null or m.state = 'waiting');

  -- Who was merged into one of them since it was asked for is the same person.
  insert into inbox (shard, lane, lead_id, event_id, received_at, at, machine, verb)
  select l.shard, 0, l.lead_id, new_id(l.shard::int), now, now, false, 'lead.erase'
  from lead l where l.merged_into = any (ids) and l.erased_at is null and not l.lead_id = any (ids);

  delete from identity i using unnest(ids) w(id) where i.shard = (w.id & 63)::smallint and i.lead_id = w.id;
  delete from inbox i using unnest(ids) w(id) where i.shard = (w.id & 63)::smallint and i.lead_id = w.id;
  delete from lead_wake d using unnest(ids) w(id) where d.shard = (w.id & 63)::smallint and d.lead_id = w.id;
  delete from lead_history h using unnest(ids) w(id) where h.shard = (w.id & 63)::smallint and h.lead_id = w.id;
  delete from turn_failure f using unnest(ids) w(id) where f.shard = (w.id & 63)::smallint and f.lead_id = w.id;
  delete from click c where c.lead_id = any (ids);
  delete from consent_asked a using unnest(ids) w(id) where a.shard = (w.id & 63)::smallint and a.lead_id = w.id;
  update script_error set first_lead = 0 where first_lead = any (ids);
  update event e set subject = erased_subject(e.verb, e.subject), value = null, data = null
  from unnest(ids) w(id) where e.shard = (w.id & 63)::smallint and e.lead_id = w.id
    and (e.data is not null or e.value is not null or e.subject is distinct from erased_subject(e.verb, e.subject));
  update consent c set ip = null, evidence = null
  from unnest(ids) w(id) where c.shard = (w.id & 63)::smallint and c.lead_id = w.id and (c.ip is not null or c.evidence is not null);
  update score_change s set cause = split_part(s.cause, ' ', 1)
  from unnest(ids) w(id) where s.shard = (w.id & 63)::smallint and s.lead_id = w.id and s.cause like '% %';
  update enrollment_log g set cause = split_part(g.cause, ' ', 1)
  from unnest(ids) w(id) where g.shard = (w.id & 63)::smallint and g.lead_id = w.id and g.cause like '% %';
  update enrollment n set state = 'ended', reason = 'erased', ended_at = coalesce(n.ended_at, now), due_at = null, touch_id = null
  from unnest(ids) w(id) where n.shard = (w.id & 63)::smallint and n.lead_id = w.id and n.state <> 'ended';
  update handoff h set reasons = '[]', state = case when h.state = 'open' then 'returned' else h.state end
  from unnest(ids) w(id) where h.shard = (w.id & 63)::smallint and h.lead_id = w.id;
  update opportunity o set reason = null
  from unnest(ids) w(id) where o.shard = (w.id & 63)::smallint and o.lead_id = w.id and o.reason is not null;
  update attempt a set reason = null, remote_id = null
  from unnest(ids) w(id) join touch t on t.shard = (w.id & 63)::smallint and t.lead_id = w.id
  where a.shard = t.shard and a.touch_id = t.touch_id and (a.reason is not null or a.remote_id is not null);
  with locked as (
    select t.shard, t.touch_id from unnest(ids) w(id) join touch t on t.shard = (w.id & 63)::smallint and t.lead_id = w.id
    order by t.shard, t.touch_id for no key update of t)
  update touch t set data = null, remote_id = null,
    reason = case when t.state in ('planned', 'deferred', 'claimed') then 'erased' when t.state in ('held', 'cancelled', 'expired') then t.reason end,
    over_at = case when t.state in ('planned', 'deferred', 'claimed') then now else t.over_at end,
    token = case when t.state in ('planned', 'deferred', 'claimed') then null else t.token end,
    state = case when t.state in ('planned', 'deferred', 'claimed') then 'cancelled' else t.state end
  from locked k where t.shard = k.shard and t.touch_id = k.touch_id;
  with alone as (
    select a.shard, a.account_id from (
      select distinct l.account_id from unnest(ids) w(id) join lead l on l.shard = (w.id & 63)::smallint and l.lead_id = w.id where l.account_id is not null) c
    join account a on a.shard = (c.account_id & 63)::smallint and a.account_id = c.account_id
    where not exists (select from lead o where o.account_id = c.account_id and o.erased_at is null and not o.lead_id = any (ids))
    order by a.shard, a.account_id for update of a)
  update account a set name = null, domain = null, city = null, fields = '{}', updated_at = now from alone k
  where a.shard = k.shard and a.account_id = k.account_id;
  update lead l set email = null, first_name = null, last_name = null, title = null, role = null, company = null, phone = null, source = null,
    country = null, time_zone = null, language = null, address = null, city = null, postal_code = null, region = null, external_id = null,
    fields = '{}', segments = '{}', quality = '{}', account_id = null, anonymous = false, updated_at = now, erased_at = coalesce(l.erased_at, now)
  from unnest(ids) w(id) where l.shard = (w.id & 63)::smallint and l.lead_id = w.id;
end $body$;
revoke all on function lead_erase(bigint[], timestamptz) from public;
