-- How deliveries ended, and what the turns of their leads must know of it ($11 null: nothing). They come in the order of (shard, touch_id), and in that order
-- rows are changed. An attempt is written here, once, whole: what it was before, the touch said.
-- An outcome is about one claim: a late copy of it finds the touch claimed anew under the same token and leaves it, also when that claim has the
-- same number, as one that costs no attempt gives its number to the next: then it is of another moment. A mail to one of us is
-- an event for nobody but the walk that waits for it.
-- :name outbox_outcomes
with given as materialized (
  select (g.touch_id & 63)::smallint as shard, g.*
  from unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bool[], $7::int4[], $8::bool[], $11::int8[], $12::int8[], $13::text[],
    $14::text[], $15::jsonb[], $16::timestamptz[], $17::bool[])
    with ordinality g(touch_id, state, reason, remote_id, due_at, spent, attempt, doubt, event_id, lead_id, verb, subject, data, claimed, settles, ord)),
-- A permission of it may be on its way, on another connection: it is waited for, and the touch is looked at again. What recovery put in doubt, or planned again and
-- nobody has claimed since, is settled by an answer to that attempt which comes late (settles); what a person said of it stands: then the reason is another.
moved as (
  update touch t set state = g.state, reason = g.reason, remote_id = coalesce(g.remote_id, t.remote_id), due_at = coalesce(g.due_at, t.due_at),
    attempts = t.attempts - case when g.spent then 0 else 1 end, token = null,
    permitted_at = case when g.state in ('planned', 'deferred') then null else t.permitted_at end,
    over_at = case when g.state in ('sent', 'rejected', 'held', 'expired', 'cancelled') then $10::timestamptz end
  from given g where t.shard = g.shard and t.touch_id = g.touch_id and t.attempts - g.attempt = 0
    and case when t.state in ('claimed', 'permitted') then t.token = $9::text
        and (g.claimed is null or coalesce(t.claimed_at,
          (select a.at from attempt a where a.shard = g.shard and a.touch_id = g.touch_id and a.attempt = g.attempt)) = g.claimed)
      else g.settles and t.state in ('in_doubt', 'planned') and t.reason = 'the process ended after permission'
        and exists (select from attempt a where a.shard = g.shard and a.touch_id = g.touch_id and a.attempt = g.attempt and a.at = g.claimed
          and a.token = $9 and a.outcome = 'in_doubt' and a.reason = 'the process ended after permission') end
  returning g.ord, g.shard, g.touch_id, g.attempt, coalesce(g.claimed, t.claimed_at, $10) as at, case when g.doubt then 'in_doubt' else g.state end as outcome, g.reason, g.remote_id,
    g.event_id, g.lead_id, case when t.recipient is not null or t.purpose = 'internal' then 'touch.over' else g.verb end as verb,
    case when t.recipient is null and t.purpose <> 'internal' then g.subject end as subject, g.data),
tried as (
  insert into attempt (shard, touch_id, attempt, at, ended_at, outcome, reason, remote_id, token)
  select shard, touch_id, attempt, at, $10, outcome, reason, remote_id, $9 from moved
  on conflict (shard, touch_id, attempt) do update set at = excluded.at, ended_at = excluded.ended_at, outcome = excluded.outcome, reason = excluded.reason,
    remote_id = excluded.remote_id, token = excluded.token),
-- The attempt was ours and is over, also where the touch was taken back meanwhile. One that a program of before left open ends by its moment.
missed as (
  insert into attempt as a (shard, touch_id, attempt, at, ended_at, outcome, reason, remote_id, token)
  select g.shard, g.touch_id, g.attempt, coalesce(g.claimed, $10), $10, case when g.doubt then 'in_doubt' else g.state end, g.reason, g.remote_id, $9
  from given g join touch t on t.shard = g.shard and t.touch_id = g.touch_id
  where g.ord not in (select ord from moved)
  on conflict (shard, touch_id, attempt) do update set ended_at = excluded.ended_at, outcome = excluded.outcome, reason = excluded.reason, remote_id = excluded.remote_id
  where a.token = excluded.token and a.ended_at is null and a.at = excluded.at),
kept as (
  insert into event (received_at, event_id, shard, lead_id, at, verb, subject, data)
  select $10, event_id, shard, lead_id, $10, verb, subject, data from moved where event_id is not null),
told as (
  insert into inbox (shard, lane, lead_id, event_id, received_at, at, machine, verb, subject, data)
  select shard, 0, lead_id, event_id, $10, $10, false, verb, subject, data from moved where event_id is not null)
select (ord - 1)::int4 from moved
