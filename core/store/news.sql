-- What became later of touches that are over for their channel. Rows are locked in the order of (shard, touch_id).
-- A touch that was taken back while it stood in the channel's queue and went out all the same is sent: that is what happened.
-- :name outbox_news
with given as materialized (
  select * from unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::int4[], $7::bool[])
    with ordinality g(touch_id, state, reason, remote_id, due_at, attempt, doubt, ord)),
locked as materialized (
  select t.shard, t.state as was, t.attempts, t.expires_at, t.lead_id, t.kind, t.template, t.campaign, t.step,
    t.recipient is not null or t.purpose = 'internal' as inside, g.*
  from given g join touch t on t.shard = (g.touch_id & 63)::smallint and t.touch_id = g.touch_id
  where t.channel = $8::text
  order by t.shard, t.touch_id for no key update of t),
judged as materialized (
  select l.*, l.attempt in (0, l.attempts) and case l.was
      when 'queued' then true
      when 'in_doubt' then l.state in ('sent', 'rejected', 'queued', 'deferred')
      when 'sent' then l.state = 'rejected'
      when 'cancelled' then l.state = 'sent'
        and exists (select from attempt a where a.shard = l.shard and a.touch_id = l.touch_id and a.outcome = 'queued')
      else false end as fits,
    case when l.state = 'deferred' and (l.attempts >= $10::int4 or l.expires_at <= l.due_at) then 'expired' else l.state end as becomes
  from locked l),
tried as (
  update attempt a set ended_at = $9::timestamptz, outcome = case when j.doubt then 'in_doubt' else j.becomes end,
    reason = coalesce(j.reason, a.reason), remote_id = coalesce(j.remote_id, a.remote_id)
  from judged j where j.fits and a.shard = j.shard and a.touch_id = j.touch_id and a.attempt = j.attempts),
moved as (
  update touch t set state = j.becomes, reason = coalesce(j.reason, t.reason), remote_id = coalesce(j.remote_id, t.remote_id),
    due_at = coalesce(j.due_at, t.due_at), offered_until = null, permitted_at = case when j.becomes = 'deferred' then null else t.permitted_at end,
    over_at = case when j.becomes in ('sent', 'rejected', 'expired') then $9 end
  from judged j where j.fits and t.shard = j.shard and t.touch_id = j.touch_id)
select (ord - 1)::int4, fits and was <> becomes,
  fits or was = state or (was = 'expired' and state = 'deferred') or (attempt > 0 and attempt < attempts), becomes, was, touch_id, lead_id, kind, template,
  coalesce(campaign, ''), coalesce(step, ''), inside, coalesce(reason, '')
from judged
