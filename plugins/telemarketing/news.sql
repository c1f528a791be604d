-- Statements of news.c.

-- :name news_read
select touch_id, lead_id, attempt, campaign, step, script, outcome from call where channel = $1 and state = 'done' order by touch_id

-- :name news_drop
delete from call where channel = $1 and touch_id = any (string_to_array($2, ',')::int8[]) and state || '' = 'done'

-- of the queue alone: what an agent has by now stays his until he ends it
-- :name news_give_back
with given as (update call set state = 'done', agent = null, lease_until = null, outcome = jsonb_build_object('given_back', $3::text)
where channel = $1 and touch_id = $2::int8 and state || '' in ('waiting', 'ready') returning *),
ended as (update attempt a set ended_at = $4::int8, disposition = 'given_back' from given g where a.id = g.attempt_id and a.ended_at is null)
select touch_id, lead_id, attempt, campaign, step, script, outcome from given
