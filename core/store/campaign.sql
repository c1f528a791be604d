-- A whole campaign. $1 its name, $2 now, $3 who asks. What the pause before made overdue and nobody has turned yet is overdue by this one, too: then it counts
-- from that one's beginning.
-- :name campaign_pause
with p as (
  insert into campaign_pause (campaign, paused_at, actor) values ($1::text, $2::timestamptz, coalesce($3::text, current_setting('application_name')))
  on conflict (campaign) do update set paused_at = case when exists (
      select from enrollment e where e.campaign = $1 and e.state <> 'ended' and not e.holdout and e.due_at >= campaign_pause.paused_at and e.due_at < campaign_pause.resumed_at)
    then campaign_pause.paused_at else excluded.paused_at end, resumed_at = null, actor = excluded.actor where campaign_pause.resumed_at is not null
  returning campaign),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($3, current_setting('application_name')), 'campaign.pause', campaign, '{}' from p)
select $1 as campaign, 'pause' as act, exists (select from p) as changed, 0 as waiting

-- :name campaign_resume
with p as (
  update campaign_pause set resumed_at = $2::timestamptz, actor = coalesce($3::text, current_setting('application_name'))
  where campaign = $1::text and resumed_at is null returning campaign),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($3, current_setting('application_name')), 'campaign.resume', campaign, '{}' from p)
select campaign from p

-- Nobody enters any more. Finished again, it can only let out those who are still inside; where they are to be woken page by page (campaign_wake_page) that is kept in
-- the campaign's pause, an empty one if there was none.
-- :name campaign_finish
with f as (
  insert into campaign_finish (campaign, finished_at, let_out, actor, revision, numbers)
  select $1::text, $2::timestamptz, $4::boolean, coalesce($3::text, current_setting('application_name')), (select revision from activation order by activation desc limit 1),
    (select jsonb_build_object('leads', count(distinct e.lead_id), 'held_out', count(distinct e.lead_id) filter (where e.holdout),
      'inside', count(*) filter (where e.state <> 'ended' and not e.holdout), 'goals', count(distinct e.lead_id) filter (where e.goal_at is not null))
    from enrollment e where e.campaign = $1)
  on conflict (campaign) do update set let_out = true where excluded.let_out and not campaign_finish.let_out
  returning campaign, let_out, actor),
page as (
  insert into campaign_pause (campaign, paused_at, resumed_at, actor) select campaign, $2, $2, actor from f where let_out on conflict (campaign) do nothing),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($3, current_setting('application_name')), 'campaign.finish', campaign, '{}' from f)
select campaign from f

-- All that stand in it, held ones too, in the lane of the looks again at all leads: what fell due, what came true meanwhile, what a publish mended. A
-- statement of its own behind the one that resumes, for it sees who entered until then (save_pause waits or is waited for). Where they are more than
-- a page they are woken behind the request (campaign_wake_page): a million in one statement would hold up all that goes over this connection. When
-- a campaign is finished at once those who are held out are woken, too: they are watched no longer than the others. $3 something changed, $4 the act, $5 they are to be woken.
-- :name campaign_wake
with stand as materialized (
  select e.shard, e.lead_id from enrollment e where $5::boolean and e.campaign = $1::text and e.state <> 'ended' and (not e.holdout or $4::text = 'finish') limit 5001),
n as (select count(*) <= 5000 as few from stand),
woken as (
  insert into inbox (shard, lane, lead_id) select shard, 2, lead_id from stand where (select few from n)),
later as (
  update campaign_pause set wake_shard = 0, wake_after = 0 where $5 and campaign = $1 and not (select few from n))
select $1 as campaign, $4 as act, $3::boolean as changed, (
  select count(*) from (select from enrollment e where $3 and $4 = 'resume' and e.campaign = $1 and e.state = 'active' and not e.holdout and e.due_at <= $2::timestamptz limit 100000) d) as waiting, (
  select count(*) from enrollment e where $3 and $4 = 'resume' and e.campaign = $1 and e.paused_at is not null) as paused, (
  select to_char(f.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from campaign_finish f where f.campaign = $1) as finished_at

-- The next page of those that a resume has still to wake, a shard after the other. -1 = there are none.
-- :name campaign_wake_page
with p as materialized (
  select campaign, wake_shard, wake_after from campaign_pause where wake_shard is not null order by campaign limit 1 for update),
page as materialized (
  select e.shard, e.lead_id from p cross join lateral (
    select o.shard, o.lead_id, o.holdout from enrollment o
    where o.shard = p.wake_shard and o.campaign = p.campaign and o.lead_id > p.wake_after and o.state <> 'ended' order by o.lead_id limit 5000) e),
woken as (
  insert into inbox (shard, lane, lead_id) select shard, 2, lead_id from page),
moved as (
  update campaign_pause c set wake_shard = case when n.full then p.wake_shard when p.wake_shard < 63 then p.wake_shard + 1 end, wake_after = case when n.full then n.last else 0 end
  from p, (select count(*) = 5000 as full, max(lead_id) as last from page) n where c.campaign = p.campaign)
select case when exists (select from p) then (select count(*) from page) else -1 end

-- One lead: an event for its turn. $1 campaign, $2 now, $3 who asks, $4 lead, $5 the event's verb, $6 the act's name.
-- :name campaign_ask
with l as (
  select l.shard, l.lead_id, exists (select from enrollment e where e.shard = l.shard and e.lead_id = l.lead_id and e.campaign = $1::text and e.state <> 'ended'
      and ($6::text <> 'pause' or e.paused_at is null) and ($6 <> 'resume' or e.paused_at is not null)) as inside
  from lead l where l.shard = ($4::bigint & 63)::smallint and l.lead_id = $4 and l.merged_into is null and l.erased_at is null),
told as (
  insert into event (received_at, event_id, shard, lead_id, at, verb, data)
  select $2::timestamptz, new_id((lead_id & 63)::int), shard, lead_id, $2, $5::text, jsonb_build_object('campaign', $1) from l
  where inside = ($6 <> 'enroll') and not ($6 = 'enroll' and exists (select from campaign_finish where campaign = $1))
  returning shard, lead_id, event_id, received_at, at, verb, data),
heard as (
  insert into inbox (shard, lane, lead_id, event_id, received_at, at, machine, verb, data)
  select shard, 0, lead_id, event_id, received_at, at, false, verb, data from told),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($3::text, current_setting('application_name')), 'campaign.' || $6, $1 || ' lead ' || lead_id, '{}' from told)
select $1 as campaign, $6 as act, lead_id as lead, exists (select from told) as changed, 0 as waiting, 0 as paused, (
  select to_char(f.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from campaign_finish f where f.campaign = $1) as finished_at from l
