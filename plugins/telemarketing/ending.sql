-- Statements of ending.c.

-- several together leave out a row that is locked; one alone waits for it. What it gives is news_read's
-- :name ending_calls
with said as materialized (select s.* from json_to_recordset($2::json) as s(touch int8, agent text, answer text, report text, reply text, never boolean, outcome jsonb)),
free as materialized (select s.*, c.attempt_id, c.number from said s cross join lateral (select c.attempt_id, c.number from call c where c.channel = $1 and c.touch_id = s.touch
and c.agent = s.agent and c.state || '' = 'leased' and c.lease_until > clock_timestamp() for update skip locked) c where not $4::boolean),
waited as materialized (select s.*, c.attempt_id, c.number from said s cross join lateral (select c.attempt_id, c.number from call c where c.channel = $1 and c.touch_id = s.touch
and c.agent = s.agent and c.state || '' = 'leased' and c.lease_until > clock_timestamp() for update) c where $4::boolean),
held as materialized (select * from free union all select * from waited),
ended as (update attempt a set ended_at = $3::int8, disposition = h.answer, asked = md5(h.report), reply = h.reply from held h where a.id = h.attempt_id),
barred as (insert into listed (list, number, at) select 'internal', h.number, $3::int8 from held h where h.never on conflict do nothing)
update call c set state = 'done', agent = null, lease_until = null, outcome = h.outcome from held h where c.channel = $1 and c.touch_id = h.touch
returning c.touch_id, c.lead_id, c.attempt, c.campaign, c.step, c.script, c.outcome
