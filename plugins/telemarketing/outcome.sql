-- Statements of outcome.c.

-- :name outcome_read
select coalesce(c.state = 'leased' and c.agent = $3 and c.lease_until > clock_timestamp(), false), coalesce(c.latest_at, 0), a.id, f.body, a.known, a.asked, a.reply,
md5($4), coalesce(c.agent, ''), a.agent = $3, coalesce(a.disposition, ''), coalesce(a.lead_id, 0), a.campaign, a.step, a.script, a.id, coalesce(c.latest_at, 0), coalesce(c.until, 0)
from (values (1)) one left join call c on c.channel = $1 and c.touch_id = $2::int8
left join lateral (select * from attempt a where a.channel = $1 and a.touch_id = $2::int8 and a.agent = $3 order by a.id desc limit 1) a on true
left join form f on f.hash = a.form

-- the number of an attempt, wherever its call is by now
-- :name outcome_bar
with said as (select * from attempt where channel = $1 and id = $2::int8),
barred as (insert into listed (list, number, at) select 'internal', number_key, $3::int8 from said on conflict do nothing)
select coalesce(lead_id, 0), campaign, step, script from said

-- :name outcome_callback
with held as (select touch_id, attempt_id from call where channel = $1 and touch_id = $2::int8 and agent = $3 and state || '' = 'leased'
and lease_until > clock_timestamp() for update),
ended as (update attempt a set ended_at = $4::int8, disposition = $5, asked = md5($6), reply = $7 from held h where a.id = h.attempt_id)
update call c set state = 'waiting', agent = null, lease_until = null, attempt_id = null, callback_for = $3, callback_at = $8::int8, ready_at = $8::int8,
rank = $9::int8, needs = '@' || md5($3), why = 'callback', latest_at = coalesce($10::int8, latest_at), until = coalesce($10::int8, until) from held h where c.channel = $1 and c.touch_id = h.touch_id returning c.lead_id, c.campaign, c.step, c.script, h.attempt_id,
coalesce(c.latest_at, 0), coalesce(c.until, 0)
