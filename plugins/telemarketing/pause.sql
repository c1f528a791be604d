-- Statements of pause.c.

-- How many were moved, and whether others are to be: beyond this page, or locked at this very moment. $2: the campaigns that are paused
-- now; $3: never
-- :name pause_page
with paused as materialized (select array(select json_array_elements_text($2::json)) as names),
away as materialized (select c.touch_id from call c cross join paused p where c.channel = $1 and c.state = 'ready' and c.campaign = any (p.names)
limit 2000 for update of c skip locked),
gone as (update call c set state = 'waiting', ready_at = $3::int8, why = 'its campaign is paused' from away a where c.channel = $1 and c.touch_id = a.touch_id),
home as materialized (select c.touch_id from call c cross join paused p where c.channel = $1 and c.state = 'waiting' and c.ready_at = $3::int8 and not c.campaign = any (p.names)
limit 2000 for update of c skip locked),
back as (update call c set state = 'ready', ready_at = $4::int8, why = '' from home h where c.channel = $1 and c.touch_id = h.touch_id)
select (select count(*) from away) + (select count(*) from home),
  (exists (select from call c cross join paused p where c.channel = $1 and c.state = 'ready' and c.campaign = any (p.names) and c.touch_id not in (select touch_id from away))
  or exists (select from call c cross join paused p where c.channel = $1 and c.state = 'waiting' and c.ready_at = $3::int8 and not c.campaign = any (p.names)
    and c.touch_id not in (select touch_id from home)))::int
