-- Statements of ship.c: a job that was released goes out, or one that is cancelled goes back.

-- While it is tried it is in no trouble: whoever cancels it, also from another process, hears that it is on its way. What it was in before is told.
-- :name ship_next
update job set owner = $2, tries = tries + 1, trouble = case when state = 'cancelling' then trouble end, again_at = clock_timestamp() + least(interval '1 hour', interval '15 seconds' * (2 ^ least(tries, 10)))
where id = (select id from job where channel = $1 and state in ('released', 'cancelling') and (again_at is null or again_at <= clock_timestamp()) order by id limit 1)
returning id, name, state, sums, coalesce(goes_back, true), coalesce(cancelled_by, ''), letters, released_at is not null,
(select min(l.touch_id) from letter l where l.job_id = job.id and l.state = 'cut'), (select coalesce(o.trouble, '') from job o where o.id = job.id)

-- While nothing of the channel may go out that is no try, and it is asked again in some seconds.
-- :name ship_trouble
update job set trouble = $3, tries = tries - $4::bool::int, again_at = case when $4::bool then clock_timestamp() + interval '3 seconds' else again_at end where id = $1::int8 and owner = $2 and state in ('released', 'cancelling')

-- twenty thousand at a time: until nothing changes; none of a job that is another's by now, or called back
-- :name ship_letters
with mine as materialized (select id from job where id = $1::int8 and owner = $3 and state = 'released' for update)
update letter set state = 'sent', told = false, content = null where channel = $2 and touch_id = any (array(
select touch_id from letter where job_id = (select id from mine) and state = 'cut' limit 20000)) and state = 'cut'

-- :name ship_sent
with shown as (delete from picture where job_id in (select id from job where id = $1::int8 and owner = $2 and state = 'released'))
update job set state = 'sent', sent_at = $3::int8, remote = nullif($4, ''), trouble = null, again_at = null where id = $1::int8 and owner = $2 and state = 'released'

-- :name ship_back
update letter set state = 'waiting', job_id = null, content = null, looked = 0, place = null, cut_at = null, drop_on = null
where channel = $2 and touch_id = any (array(select touch_id from letter where job_id = $1::int8 and state = 'cut' limit 20000)) and state = 'cut'

-- :name ship_dropped
update letter set state = 'over', job_id = null, content = null, outcome = jsonb_build_object('rejected', 'its job was cancelled by ' || $3, 'kind', 'policy')
where channel = $2 and touch_id = any (array(select touch_id from letter where job_id = $1::int8 and state = 'cut' limit 20000)) and state = 'cut'

-- :name ship_cancelled
with shown as (delete from picture where job_id in (select id from job where id = $1::int8 and owner = $2 and state = 'cancelling'))
update job set state = 'cancelled', cancelled_at = $3::int8, trouble = case when cancelled_by = 'nobody' then trouble end, again_at = null where id = $1::int8 and owner = $2 and state = 'cancelling'

-- the print house has it: it goes on as what was released
-- :name ship_stays
update job set state = 'released', goes_back = null, cancelled_by = null, cancelled_at = null, trouble = null, again_at = null where id = $1::int8 and owner = $2 and state = 'cancelling'
