-- Merging and taking it back, inside the loser's turn ($1 the merge, $2 now). Each statement does nothing when the merge is not to be: its winner is
-- merged or gone since it was asked for. The ledger of both stands still (save_lock).

-- A merge by rule looks again at both as they are by now. One that is refused puts the loser back among those who are looked at (same.sql): perhaps there is
-- somebody else, and else it learns that it is suspected.
-- :name merge_begin
with m as materialized (select * from merge where merge_id = $1::bigint and state = 'waiting' for update),
both_stand as materialized (
  select m.merge_id, merge_fill(l, w) as fill, case when m.rule is not null then same_person_no_more(m.rule, l, w) end as why
  from m join lead l on l.shard = (m.lead_id & 63)::smallint and l.lead_id = m.lead_id
  join lead w on w.shard = (m.winner & 63)::smallint and w.lead_id = m.winner
  where l.merged_into is null and not l.anonymous and l.erased_at is null and w.merged_into is null and not w.anonymous and w.erased_at is null),
good as materialized (select b.merge_id, b.fill from both_stand b where b.why is null),
again as (
  insert into same_person (shard, lead_id) select (m.lead_id & 63)::smallint, m.lead_id from m
  where m.rule is not null and not exists (select from good) on conflict do nothing)
update merge set state = case when g.merge_id is null then 'refused' else 'done' end, done_at = $2::timestamptz, fill = g.fill,
  why = (select b.why from both_stand b),
  names = (select coalesce(jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value)), '[]') from identity i
    where i.shard = (m.lead_id & 63)::smallint and i.lead_id = m.lead_id),
  visitors = (select coalesce(array_agg(v.lead_id), '{}') from lead v where v.merged_into = m.lead_id)
from m left join good g on g.merge_id = m.merge_id where merge.merge_id = m.merge_id

-- What waits in the loser's inbox goes to the winner as it is; all that was heard before, for the history alone.
-- :name merge_events
insert into inbox (shard, lane, lead_id, event_id, received_at, merged)
select (m.winner & 63)::smallint, 2, m.winner, e.event_id, e.received_at, true
from merge_now($1::bigint) m
cross join lateral (select m.lead_id as id union all select unnest(m.visitors)) v
cross join lateral (select * from event e where e.shard = (v.id & 63)::smallint and e.lead_id = v.id offset 0) e
where e.verb not in ('lead.merge', 'lead.unmerge', 'lead.unmerged')
  and not exists (select from inbox i where i.shard = (m.lead_id & 63)::smallint and i.lead_id = m.lead_id and i.event_id = e.event_id)
  and (e.verb <> 'campaign.enter' or exists (
    select from enrollment_log g where g.shard = (e.lead_id & 63)::smallint and g.lead_id = e.lead_id and g.at = e.at and g.what = 'enter'))

-- The strictest wins: what the loser withdrew holds for the winner; what it gave counts only where the winner said nothing. That an address was
-- confirmed says nothing about another one; nor does the address of the network that it came from. What nobody has shown (typed into a form, or a row
-- of a file) is no more worth to the winner (permit.sql).
-- :name merge_consent
insert into consent (shard, lead_id, at, channel, purpose, state, source, wording, ip, evidence)
select (m.winner & 63)::smallint, m.winner, s.at, s.channel, s.purpose, case when s.state = 'confirmed' and w.email is not null then 'granted' else s.state end,
  'merge', s.wording, null, jsonb_strip_nulls(jsonb_build_object('merge', m.merge_id, 'lead', m.lead_id, 'consent', s.id,
    'form', coalesce(s.evidence->>'form', case when s.source like 'import%' then s.source end)))
from merge_now($1::bigint) m
join lead w on w.shard = (m.winner & 63)::smallint and w.lead_id = m.winner
cross join lateral (
  select distinct on (c.channel, c.purpose) * from consent c where c.shard = (m.lead_id & 63)::smallint and c.lead_id = m.lead_id
  order by c.channel, c.purpose, c.id desc) s
where case when s.state = 'withdrawn' then
    (select o.state from consent o where o.shard = w.shard and o.lead_id = w.lead_id and o.channel = s.channel and o.purpose = s.purpose
      order by o.id desc limit 1) is distinct from 'withdrawn'
  else not exists (select from consent o where o.shard = w.shard and o.lead_id = w.lead_id
    and (o.channel = s.channel or '*' in (o.channel, s.channel)) and (o.purpose = s.purpose or '*' in (o.purpose, s.purpose))) end
order by s.id

-- :name merge_suppression
insert into suppression (kind, value, channel, reason, at, ends)
select 'lead', m.winner::text, s.channel, s.reason, s.at, s.ends
from merge_now($1::bigint) m join suppression s on s.kind = 'lead' and s.value = m.lead_id::text
order by s.channel on conflict do nothing

-- What they may not get any more, the loser when it is itself again; their next turns hear of it.
-- :name merge_stop
with m as materialized (select * from merge where merge_id = $1::bigint and state in ('done', 'undone')),
who as materialized (select v.lead_id, m.merge_id, m.lead_id as loser from m cross join lateral (values (m.winner), (m.lead_id)) v(lead_id)
  where v.lead_id = m.winner or m.state = 'undone'),
wanted as materialized (
  select w.lead_id, c.channel, c.purpose from who w join consent c on c.shard = (w.lead_id & 63)::smallint and c.lead_id = w.lead_id
  where c.state = 'withdrawn' and c.source in ('merge', 'unmerge') and c.evidence->>'merge' = w.merge_id::text
  union all select w.lead_id, s.channel, '*' from who w join suppression s on s.kind = 'lead' and s.value = w.loser::text),
locked as (
  select t.shard, t.touch_id from who l join touch t on t.shard = (l.lead_id & 63)::smallint and t.lead_id = l.lead_id
  where touch_may_stop(t.state) and t.recipient is null
    and exists (select from wanted w where w.lead_id = l.lead_id and w.channel in ('*', t.kind, t.channel) and w.purpose in ('*', t.purpose))
  order by t.shard, t.touch_id for no key update of t)
update touch t set state = 'cancelled', over_at = $2::timestamptz, reason = 'withdrawn', token = null
from locked l where t.shard = l.shard and t.touch_id = l.touch_id and touch_may_stop(t.state)
returning t.touch_id, t.lead_id, t.channel, t.campaign, t.step

-- What goes to people of ours stays.
-- :name merge_touches
with locked as (
  select t.shard, t.touch_id from merge_now($1::bigint) m join touch t on t.shard = (m.lead_id & 63)::smallint and t.lead_id = m.lead_id
  where touch_may_stop(t.state) and t.recipient is null order by t.shard, t.touch_id for no key update of t)
update touch t set state = 'cancelled', over_at = $2::timestamptz, reason = 'merged', token = null
from locked l where t.shard = l.shard and t.touch_id = l.touch_id and touch_may_stop(t.state)

-- :name merge_enrollments
with gone as (
  update enrollment e set state = 'ended', ended_at = $2::timestamptz, reason = 'merged', due_at = null, touch_id = null
  from merge_now($1::bigint) m where e.shard = (m.lead_id & 63)::smallint and e.lead_id = m.lead_id and e.state <> 'ended'
  returning e.shard, e.enrollment_id, e.lead_id, e.campaign, e.step, e.revision, m.winner)
insert into enrollment_log (shard, enrollment_id, lead_id, at, campaign, step, what, cause, revision)
select shard, enrollment_id, lead_id, $2, campaign, nullif(step, ''), 'leave', 'merged into lead ' || winner, revision from gone

-- :name merge_names
update identity i set shard = (m.winner & 63)::smallint, lead_id = m.winner
from merge_now($1::bigint) m where i.shard = (m.lead_id & 63)::smallint and i.lead_id = m.lead_id

-- :name merge_visitors
update lead l set merged_into = m.winner from merge_now($1::bigint) m where l.merged_into = m.lead_id

-- :name merge_scores
delete from score s using merge_now($1::bigint) m where s.shard = (m.lead_id & 63)::smallint and s.lead_id = m.lead_id

-- The event names the fields alone: what stands in them is in `merge` (load.sql gives it to the winner's turn), where undoing and erasing take it away.
-- :name merge_tell
with told as (
  insert into event (received_at, event_id, shard, lead_id, at, verb, data)
  select $2::timestamptz, new_id((m.winner & 63)::int), (m.winner & 63)::smallint, m.winner, $2, 'lead.merged',
    jsonb_strip_nulls(jsonb_build_object('rule', m.rule)) || jsonb_build_object('lead', m.lead_id, 'stage', l.stage, 'fill', (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(m.fill) k))
  from merge_now($1::bigint) m join lead l on l.shard = (m.lead_id & 63)::smallint and l.lead_id = m.lead_id
  returning shard, lead_id, event_id, received_at)
insert into inbox (shard, lane, lead_id, event_id, received_at) select shard, 0, lead_id, event_id, received_at from told

-- Its account counts it no more; the winner's turn says what the winner is to its own.
-- :name merge_account
select account_leave(array[m.lead_id], 'lead.merge') from merge_now($1::bigint) m

-- :name merge_lead
update lead l set merged_into = m.winner, segments = '{}', updated_at = $2::timestamptz
from merge_now($1::bigint) m where l.shard = (m.lead_id & 63)::smallint and l.lead_id = m.lead_id

-- ---- taking it back ----

-- :name unmerge_begin
update merge set state = 'undone' where merge_id = $1::bigint and state = 'done' and names is not null

-- :name unmerge_names
update identity i set shard = (m.lead_id & 63)::smallint, lead_id = m.lead_id
from unmerge_now($1::bigint) m cross join lateral jsonb_to_recordset(m.names) n(kind text, value text)
where i.kind = n.kind and i.value = n.value and i.lead_id = m.winner

-- :name unmerge_visitors
update lead l set merged_into = m.lead_id from unmerge_now($1::bigint) m where l.merged_into = m.winner and l.lead_id = any(m.visitors)

-- The ledger only grows: what the winner was given by the loser's word alone is withdrawn; what the loser withdrew stays so.
-- :name unmerge_consent
insert into consent (shard, lead_id, at, channel, purpose, state, source, evidence)
select c.shard, c.lead_id, $2::timestamptz, c.channel, c.purpose, 'withdrawn', 'unmerge', jsonb_build_object('merge', m.merge_id, 'consent', c.id)
from unmerge_now($1::bigint) m
cross join lateral (
  select distinct on (c.channel, c.purpose) * from consent c where c.shard = (m.winner & 63)::smallint and c.lead_id = m.winner
  order by c.channel, c.purpose, c.id desc) c
where c.state <> 'withdrawn' and c.source = 'merge' and c.evidence->>'merge' = m.merge_id::text
order by c.id

-- While they were one, whatever the loser withdrew was written down at the winner; whose word it was is not known any more, so it holds for both, also
-- where somebody allowed it again since.
-- :name unmerge_withdrawn
insert into consent (shard, lead_id, at, channel, purpose, state, source, wording, evidence)
select (m.lead_id & 63)::smallint, m.lead_id, c.at, c.channel, c.purpose, 'withdrawn', 'unmerge', c.wording,
  jsonb_build_object('merge', m.merge_id, 'lead', m.winner, 'consent', c.id)
from unmerge_now($1::bigint) m
cross join lateral (
  select distinct on (c.channel, c.purpose) * from consent c where c.shard = (m.winner & 63)::smallint and c.lead_id = m.winner
    and c.id > m.merge_id and c.state = 'withdrawn' and c.source not in ('merge', 'unmerge')
  order by c.channel, c.purpose, c.id desc) c
order by c.id

-- What was said while they were one, also of what the winner had before (save_suppression).
-- :name unmerge_suppression
insert into suppression (kind, value, channel, reason, at, ends)
select 'lead', m.lead_id::text, s.channel, s.reason, s.at, s.ends
from unmerge_now($1::bigint) m join suppression s on s.kind = 'lead' and s.value = m.winner::text and s.at >= m.done_at
order by s.channel on conflict do nothing

-- Fields that the winner has from the loser, and nobody changed since; then its history is built again without the loser's.
-- :name unmerge_tell
with m as materialized (select * from unmerge_now($1::bigint)),
told as (
  insert into event (received_at, event_id, shard, lead_id, at, verb, subject, data)
  select $2::timestamptz, new_id((m.winner & 63)::int), (m.winner & 63)::smallint, m.winner, $2, v.verb, v.subject, v.data
  from m join lead w on w.shard = (m.winner & 63)::smallint and w.lead_id = m.winner
  cross join lateral (values ('lead.update', 'unmerge', jsonb_build_object('set', (
      select coalesce(jsonb_object_agg(f.key, null), '{}') from jsonb_each(m.fill) f where lead_fields(w)->f.key = f.value))),
    ('lead.unmerged', null, jsonb_build_object('lead', m.lead_id))) v(verb, subject, data)
  returning shard, lead_id, event_id, received_at, at, verb, subject, data)
insert into inbox (shard, lane, lead_id, event_id, received_at, at, machine, verb, subject, data)
select shard, 0, lead_id, event_id, received_at, at, false, verb, subject, data from told

-- It looks at itself again; the rest of what undoing needed is not needed any more.
-- :name unmerge_lead
with back as (
  update lead l set merged_into = null, updated_at = $2::timestamptz
  from unmerge_now($1::bigint) m where l.shard = (m.lead_id & 63)::smallint and l.lead_id = m.lead_id
  returning l.shard, l.lead_id),
forgotten as (
  update merge m set fill = null, names = null, visitors = null from back b where m.merge_id = $1 and m.lead_id = b.lead_id)
insert into inbox (shard, lane, lead_id) select shard, 0, lead_id from back

-- ---- leads that are merged ----

-- Rows of the inbox that this turn takes, to whom the lead is now: perhaps itself. What tells of merging is not passed on.
-- :name merge_forward
insert into inbox (shard, lane, lead_id, event_id, received_at, at, value, machine, verb, subject, data, merged)
select (t.lead_id & 63)::smallint, i.lane, t.lead_id, i.event_id, i.received_at, i.at, i.value, i.machine, i.verb, i.subject, i.data, i.merged
from unnest($1::tid[], $2::bigint[]) w(at, id)
join inbox i on i.ctid = w.at and i.id = w.id
cross join lateral (
  select coalesce(l.merged_into, l.lead_id) as lead_id from lead l where l.shard = (i.lead_id & 63)::smallint and l.lead_id = i.lead_id offset 0) t
where coalesce(i.verb, '') not in ('lead.merge', 'lead.unmerge', 'lead.unmerged') and (i.event_id is not null or t.lead_id = i.lead_id)

-- A visitor that joined while the lead was merged follows it.
-- :name merge_flatten
update lead l set merged_into = w.merged_into
from unnest($1::bigint[]) m(lead_id)
cross join lateral (select w.merged_into from lead w where w.shard = (m.lead_id & 63)::smallint and w.lead_id = m.lead_id offset 0) w
where l.merged_into = m.lead_id and w.merged_into is not null

-- :name merge_history
insert into lead_history (shard, lead_id, packed) select $1::int, * from unnest($2::bigint[], $3::bytea[])
on conflict (shard, lead_id) do update set packed = excluded.packed

-- :name merge_look
insert into inbox (shard, lane, lead_id) select (w.lead_id & 63)::smallint, 0, w.lead_id from unnest($1::bigint[]) w(lead_id)
