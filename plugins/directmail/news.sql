-- Statements of news.c.

-- :name news_over
select touch_id, attempt, outcome, job_id from letter where channel = $1 and state = 'over' order by touch_id limit 500

-- of jobs that are sent; what came back was sent before
-- :name news_sent
select l.touch_id, l.attempt, '{"sent": true}', j.name || '/' || l.place from letter l join job j on j.id = l.job_id
where l.channel = $1 and l.state = 'sent' and not l.told and j.state = 'sent' order by l.job_id, l.touch_id limit 500

-- :name news_returned
select l.touch_id, l.attempt, l.outcome, null from letter l where l.channel = $1 and l.state = 'returned' and not l.told order by l.touch_id limit 500

-- what will not go leaves; what went stays, as codes and returns ask for it
-- :name news_drop
delete from letter where channel = $1 and touch_id = any (string_to_array($2, ',')::int8[]) and state = 'over'

-- :name news_told
update letter set told = true where channel = $1 and touch_id = any (string_to_array($2, ',')::int8[]) and state in ('sent', 'returned') and not told
