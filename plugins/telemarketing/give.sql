-- Statements of give.c.

-- who is on which list (a part that is current: lists.sql) is asked in the same moment, by the number alone; what a list bars is written as an attempt, too, and why
-- :name give_calls
with given as materialized (select g.*, ('x' || encode(substr(sha256(s.salt || convert_to(g.number, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint as key
from (select salt from secret limit 1) s cross join json_to_recordset($2::json) as g(touch int8, lead int8, number text, agent text, revision text, form text, known jsonb, lists text[], lease int4)),
held as materialized (select g.*, c.campaign, c.step, c.script, c.queued_at from given g cross join lateral (
select c.campaign, c.step, c.script, c.queued_at from call c where c.channel = $1 and c.touch_id = g.touch and c.state || '' = 'ready' for update skip locked) c),
-- somebody speaks with the lead already, under a number that it had before it was merged; of two calls of a lead in one moment the first is given
judged as materialized (select h.*, (exists (select from call o where o.lead_id = h.lead and o.state || '' = 'leased' and o.touch_id <> h.touch)
or row_number() over (partition by h.lead order by h.touch) > 1) as busy, (select min(b.list) from (select case d.list when 'internal' then d.list else (select l.name from list l where l.current = d.list) end as list
from listed d where d.number = h.key offset 0) b) as barred,
(select min(n) from unnest(h.lists) n left join list l on l.name = n where l.scrubbed_at is null or l.scrubbed_at + $4::int8 < $3::int8) as stale from held h),
made as (insert into attempt (channel, touch_id, lead_id, number, number_key, agent, campaign, step, script, revision, queued_at, offered_at, form, known, ended_at, blocked)
select $1, j.touch, j.lead, j.number, j.key, j.agent, j.campaign, j.step, j.script, j.revision, j.queued_at, $3::int8, j.form, j.known,
case when coalesce(j.barred, j.stale) is not null then $3::int8 end,
coalesce('on the list ' || j.barred, 'the list ' || j.stale || ' was not scrubbed lately') from judged j where not j.busy returning id, touch_id, blocked),
-- it is known whose call it is by now: it is looked at again when the lead is free
named as (update call c set lead_id = j.lead from judged j where c.channel = $1 and c.touch_id = j.touch and j.busy),
kept as (update call c set state = 'leased', agent = j.agent, lease_until = clock_timestamp() + j.lease * interval '1 second', leased_at = $3::int8, attempt_id = m.id,
offers = c.offers + 1, lead_id = j.lead, number = j.key, why = '' from judged j join made m on m.touch_id = j.touch
where c.channel = $1 and c.touch_id = j.touch and m.blocked is null),
aside as (update call c set state = 'waiting', ready_at = $3::int8 + 3600000000, why = m.blocked, looked_at = clock_timestamp() from judged j join made m on m.touch_id = j.touch
where c.channel = $1 and c.touch_id = j.touch and m.blocked is not null and j.barred is null)
select j.touch, m.id, case when j.busy then 'its lead is being spoken to' else m.blocked end, j.barred is not null and not j.busy
from judged j left join made m on m.touch_id = j.touch

-- :name give_seen
insert into agent (channel, name, state, since) select $1, n.name, $3, $4::int8 from (select distinct name from json_array_elements_text($2::json) name) n where not exists (
select from agent a where a.channel = $1 and a.name = n.name and a.state = $3 and a.seen_at >= clock_timestamp() - interval '20 seconds') order by n.name
on conflict (channel, name) do update
set seen_at = clock_timestamp(), since = case when agent.state = excluded.state then agent.since else excluded.since end, state = excluded.state
where agent.state <> excluded.state or agent.seen_at < clock_timestamp() - interval '20 seconds'

-- :name give_form
with made as (insert into form (hash, body, made_at) values (md5($1), $1::jsonb, $2::int8) on conflict do nothing) select md5($1)
