-- Statements of pick.c.

-- who asks, what each can (a line what its token can, too), and what it has in hand: by the index of agents, never by one of what is leased (schema.sql, calm)
-- :name pick_agents
select g.name, coalesce(array_to_string(a.can || o.can, ' '), ''), coalesce(a.state = 'ready' and a.seen_at >= clock_timestamp() - interval '20 seconds', false),
coalesce(c.lease_until > clock_timestamp(), false), coalesce(c.touch_id, 0), c.lead_id, c.attempt_id, c.campaign, c.step, c.script, c.priority, c.points, c.queued_at, c.latest_at,
c.callback_at, c.attempt, c.until
from json_to_recordset($2::json) as g(name text, owner text)
left join lateral (select a.* from agent a where a.channel = $1 and a.name = g.name offset 0) a on true
left join lateral (select o.can from agent o where o.channel = $1 and o.name = g.owner and g.owner <> g.name offset 0) o on true
left join lateral (select c.* from call c where c.channel = $1 and c.agent = g.name and c.state || '' = 'leased' offset 0) c on true

-- of each need that one of them can, and of each one's own callbacks, the first by their index, whatever the plan. Callbacks are '@' and a hash, and come before all other needs
-- :name pick_calls
with recursive asks as materialized (select g.name, '@' || md5(g.name) as own, a.can || o.can as can from json_to_recordset($2::json) as g(name text, owner text)
left join lateral (select a.can from agent a where a.channel = $1 and a.name = g.name offset 0) a on true
left join lateral (select o.can from agent o where o.channel = $1 and o.name = g.owner and g.owner <> g.name offset 0) o on true),
kinds as (select ''::text collate "C" as needs union all
select (select c.needs from call c where c.channel = $1 and c.state = 'ready' and c.needs > case k.needs when '' then '@g' else k.needs end order by c.needs limit 1)
from kinds k where k.needs is not null),
wanted as (select needs from kinds where needs = '' or exists (select from asks where string_to_array(needs, ' ') <@ can) union all select own from asks)
select c.touch_id, c.lead_id, 0, c.campaign, c.step, c.script, c.priority, c.points, c.queued_at, c.latest_at, c.callback_at, c.attempt, c.until, c.needs, c.callback_for
from wanted w cross join lateral (
select c.* from call c where c.channel = $1 and c.state = 'ready' and c.needs = w.needs and c.touch_id <> all ($4::int8[])
-- a lead's few rows by its own index: by those of what is leased all of that would be read
and (select o.touch_id from call o where o.lead_id = c.lead_id and o.state || '' = 'leased' limit 1) is null
order by c.rank, c.touch_id limit $3::int4) c order by c.rank, c.touch_id

-- what a lease that ran out held goes back; its attempt says so (the moment is asked once, as in sweep_expire)
-- :name pick_expire
with gone as materialized (select touch_id, attempt_id from call where channel = $1 and state = 'leased' and lease_until <= (select clock_timestamp())
order by lease_until limit 200 for update skip locked),
back as (update call c set state = 'ready', agent = null, lease_until = null, attempt_id = null from gone g
where c.channel = $1 and c.touch_id = g.touch_id returning g.attempt_id)
update attempt a set ended_at = $2::int8, disposition = 'lease_ran_out' from back b where a.id = b.attempt_id and a.ended_at is null

-- :name pick_promote
with due as materialized (select touch_id from call where channel = $1 and state = 'waiting' and ready_at <= $2::int8
order by ready_at limit 50 for update skip locked)
update call c set state = 'ready' from due d where c.channel = $1 and c.touch_id = d.touch_id
