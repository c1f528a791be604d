-- Statements of status.c.

-- :name status_queue
select campaign, count(*), count(*) filter (where state = 'ready'), count(*) filter (where state = 'waiting'), count(*) filter (where state = 'leased'),
coalesce(min(queued_at), 0), count(*) filter (where $2::int8 - queued_at < 3600000000), count(*) filter (where $2::int8 - queued_at between 3600000000 and 86399999999),
count(*) filter (where $2::int8 - queued_at >= 86400000000), count(*) filter (where callback_at is not null)
from call where channel = $1 and state <> 'done' group by campaign order by campaign

-- who ended a call and has not shown itself since writes up what was said, from then on
-- :name status_agents
with last as (select agent, max(ended_at) as ended_at from attempt where channel = $1 and offered_at >= $2::int8 - 86400000000 and agent is not null group by agent),
now as (select a.name, a.can, a.since, l.ended_at, c.touch_id, case when c.lease_until > clock_timestamp() then 'on call' when a.seen_at < clock_timestamp() - interval '10 minutes' then 'away'
when a.state = 'on call' then 'wrapping up' else a.state end as state
from agent a left join call c on c.channel = a.channel and c.agent = a.name and c.state || '' = 'leased' left join last l on l.agent = a.name where a.channel = $1)
select name, state, case when state = 'wrapping up' then greatest(since, ended_at) else since end, array_to_string(can, ' '), coalesce(touch_id, 0) from now order by name

-- of the last day: how many were offered, reached somebody, ran out; seconds from the offer to the outcome
-- :name status_work
select count(*) filter (where blocked is null), count(*) filter (where reply is not null),
count(*) filter (where reply is not null and (reply::jsonb)->>'reached' = 'true'), count(*) filter (where disposition = 'lease_ran_out'),
coalesce(avg(ended_at - offered_at) filter (where reply is not null), 0)::int8, count(*) filter (where blocked is not null)
from attempt where channel = $1 and offered_at >= $2::int8 - 86400000000

-- in the order in which they will be offered, at the pace of the last day: which come too late
-- :name status_late
select count(*) filter (where latest_at <= $2::int8), count(*) filter (where latest_at > $2::int8 and $2::int8 + place * $3::int8 > latest_at) from (
select latest_at, row_number() over (order by rank) as place from call where channel = $1 and state in ('ready', 'waiting')) q where latest_at is not null

-- how long calls have waited for their first agent, by campaign
-- :name status_speed
select campaign, count(*), percentile_disc(0.5) within group (order by waited), percentile_disc(0.9) within group (order by waited),
count(*) filter (where waited <= 300000000) from (select distinct on (touch_id) campaign, offered_at - queued_at as waited from attempt
where channel = $1 and offered_at >= $2::int8 - 86400000000 and blocked is null and queued_at is not null order by touch_id, id) first group by campaign order by campaign

-- what stands in the queue and is offered to nobody just now, or is spoken though it is no more to be, and why
-- :name status_held
select case state when 'leased' then 'in hand' when 'ready' then 'ready' else 'waiting' end, case when state = 'ready' then 'promised to an agent, who is there' else why end,
count(*), min(ready_at) from call where channel = $1 and (state = 'waiting' or (state = 'leased' and why <> '') or (state = 'ready' and needs >= '@' and needs < 'A'))
group by 1, 2 order by 3 desc, 2 limit 50

-- offers of the last day that came to nothing, and why
-- :name status_nothing
select coalesce(blocked, case disposition when 'taken_back' then 'taken back by its campaign' when 'given_back' then 'held back by the server' when 'erased' then 'its lead was erased'
when 'released' then 'given back by its agent' else 'its lease ran out' end), count(*) from attempt where channel = $1 and offered_at >= $2::int8 - 86400000000
and (blocked is not null or disposition in ('taken_back', 'given_back', 'erased', 'released', 'lease_ran_out')) group by 1 order by 2 desc, 1 limit 50

-- :name status_needs
select own_needs, count(*) from call c where channel = $1 and state in ('ready', 'waiting') and own_needs <> '' and not exists (select from agent a
where a.channel = $1 and string_to_array(c.own_needs, ' ') <@ a.can) group by own_needs order by 2 desc limit 20

-- :name agent_put
insert into agent (channel, name, can, since, seen_at) select $1, $2, string_to_array($3, ' '), $4::int8, 'epoch' where $2 like 'token:%' or public.is_person($2) on conflict (channel, name) do update set can = excluded.can
