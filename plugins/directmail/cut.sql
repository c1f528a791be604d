-- Statements of cut.c, cut_look.c and cut_write.c.

-- :name cut_begin
insert into job (id, channel, name, state, begun_at, begun_by, owner, drop_on)
select n.id, $1, $1 || '-' || $2 || '-' || n.id, 'cutting', $3::int8, $4, $5, $2::date from (select nextval('job_id_seq') as id) n
where exists (select from letter where channel = $1 and state = 'waiting' and not_before <= $3::int8
and ($6::bool or cut_at <= $3::int8 or drop_on <= $2::date) and ($7 = '' or campaign = $7))
returning id, name, begun_at, begun_by, round, phase, drop_on, sums, letters

-- What is cut at once is what is due, and with it all that is of the same day or an earlier one.
-- :name cut_take
update letter l set state = 'cut', job_id = j.id, looked = 0, missing = null from (select id from job where channel = $1 and state = 'cutting' and owner = $4) j
where l.channel = $1 and l.touch_id = any (array(select touch_id from letter where channel = $1 and state = 'waiting' and not_before <= $3::int8
and ($5::bool or cut_at <= $3::int8 or drop_on <= $2::date) and ($6 = '' or campaign = $6) limit 20000))

-- A job that another process began: whoever has the channel goes on with it.
-- :name cut_resume
update job set owner = $2, round = round + 1, phase = case when phase = 'writing' then 'looking' else phase end, tries = tries + 1, again_at = clock_timestamp() + interval '1 minute'
where channel = $1 and state = 'cutting' and (again_at is null or again_at <= clock_timestamp() or owner <> $2)
returning id, name, begun_at, begun_by, round, phase, drop_on, sums, letters, revision, released_at is not null

-- :name cut_page
select touch_id, looked, lead_id is null from letter where job_id = $1::int8 and state = 'cut' and looked < $2::int4 and (looked, touch_id) > ($3::int4, $4::int8)
order by looked, touch_id limit 500

-- Who was erased meanwhile (no lead) is not brought back.
-- By the touch's number, each: with a plain job_id, or with any sum of it, the planner takes letter_job, which it believes to be empty as long as nobody has counted since the job began, and
-- reads the whole of it for each of them. coalesce() is no proof that there is one, so that index cannot be meant.
-- :name cut_keep
update letter l set looked = $4::int4, content = x.content, sort = x.sort, country = x.country, house = decode(x.house, 'hex'), person = decode(x.person, 'hex'), firm = decode(x.firm, 'hex'), site = decode(x.site, 'hex'),
lead_id = case when l.lead_id is null then null else coalesce(nullif(x.lead, 0), l.lead_id) end
from jsonb_to_recordset($1::jsonb) as x(touch bigint, content jsonb, sort text, country text, house text, person text, firm text, site text, lead bigint)
where l.channel = $2 and l.touch_id = x.touch and coalesce(l.job_id, 0) = $3::int8 and l.lead_id is not null

-- :name cut_out
update letter l set state = 'over', job_id = null, content = null, outcome = x.outcome
from jsonb_to_recordset($1::jsonb) as x(touch bigint, outcome jsonb) where l.channel = $2 and l.touch_id = x.touch and coalesce(l.job_id, 0) = $3::int8

-- :name cut_wait
update letter l set state = 'waiting', job_id = null, content = null, looked = 0, not_before = x.until
from jsonb_to_recordset($1::jsonb) as x(touch bigint, until bigint) where l.channel = $2 and l.touch_id = x.touch and coalesce(l.job_id, 0) = $3::int8

-- :name cut_gone
delete from letter where channel = $2 and touch_id = any (string_to_array($1, ',')::int8[]) and coalesce(job_id, 0) = $3::int8

-- whom the lists name by now (lists.sql)
-- :name cut_refused
with named as materialized (select touch_id, refuse(house, person, firm, site) as why from letter where job_id = $1::int8 and state = 'cut' and coalesce(house, person, firm, site) is not null
  and exists (select from listing))
update letter l set state = 'over', job_id = null, content = null, outcome = n.why from named n where n.why is not null and l.channel = $2 and l.touch_id = n.touch_id

-- who is there twice, by name and place: the same letter goes once
-- :name cut_persons
with twice as materialized (select touch_id from (select touch_id, row_number() over (partition by person, campaign, step order by touch_id) as n
from letter where job_id = $1::int8 and state = 'cut' and person is not null) d where n > 1)
update letter l set state = 'over', job_id = null, content = null, outcome = jsonb_build_object('rejected', 'the same person gets this letter already', 'kind', 'policy')
from twice t where l.channel = $2 and l.touch_id = t.touch_id

-- one letter a house, campaign and step
-- :name cut_houses
with twice as materialized (select touch_id from (select touch_id, row_number() over (partition by house, campaign, step order by touch_id) as n
from letter where job_id = $1::int8 and state = 'cut' and once and house is not null) d where n > 1)
update letter l set state = 'over', job_id = null, content = null, outcome = jsonb_build_object('rejected', 'its household has this letter already', 'kind', 'policy')
from twice t where l.channel = $2 and l.touch_id = t.touch_id

-- and none that an earlier job brought to the house; the same lead's next walk is another one
-- :name cut_houses_before
with twice as materialized (select l.touch_id from letter l cross join lateral (select from letter o where o.channel = $2 and o.once and o.state in ('cut', 'sent') and o.house = l.house
and o.campaign = l.campaign and o.step = l.step and o.job_id <> l.job_id and o.lead_id is distinct from l.lead_id limit 1) o
where l.job_id = $1::int8 and l.state = 'cut' and l.once and l.house is not null)
update letter l set state = 'over', job_id = null, content = null, outcome = jsonb_build_object('rejected', 'its household has this letter already', 'kind', 'policy')
from twice t where l.channel = $2 and l.touch_id = t.touch_id

-- :name cut_count
select count(*), count(distinct template) from letter where job_id = $1::int8 and state = 'cut'

-- :name cut_writing
update job set phase = 'writing' where id = $1::int8 and owner = $2 and state = 'cutting'

-- what was written of it before is taken away (ship.c)
-- :name cut_empty
update job set state = 'cancelling', cancelled_at = $2::int8, cancelled_by = 'nobody', trouble = 'no letter of it may go: see the letters'' reasons', letters = 0,
goes_back = true, again_at = null, tries = 0
where id = $1::int8 and state = 'cutting'

-- :name seed_templates
select template, min(campaign), min(step) from letter where job_id = $1::int8 and state = 'cut' group by 1 order by 1

-- :name write_page
select touch_id, coalesce(lead_id, 0), campaign, step, template, code, url, content, sort, country from letter where job_id = $1::int8 and state = 'cut' and content is not null
and (sort, touch_id) > ($2, $3::int8) order by sort, touch_id limit 500

-- :name write_places
update letter l set place = x.place, pages = x.pages, cost = x.cost from jsonb_to_recordset($1::jsonb) as x(touch bigint, place bigint, pages int, cost numeric)
where l.channel = $2 and l.touch_id = x.touch and coalesce(l.job_id, 0) = $3::int8

-- :name write_facts
select campaign, step, template, count(*), coalesce(sum(pages), 0), coalesce(sum(cost), 0) from letter where job_id = $1::int8 and state = 'cut' group by 1, 2, 3 order by 1, 2, 3

-- :name place_begin
update job set phase = 'placing', sums = $3, letters = $4::int8, pages = $5::int8, seeds = $6::int4, cost = $7::numeric, currency = $8, revision = $9, folder = $10
where id = $1::int8 and owner = $2 and state = 'cutting' returning id

-- :name place_done
update job set state = case when $3::bool and released_at is null then 'ready' else 'released' end, cut_at = $4::int8, trouble = null, tries = 0, again_at = null,
released_at = coalesce(released_at, case when not $3::bool then $4::int8 end), released_by = coalesce(released_by, case when not $3::bool then 'by itself' end)
where id = $1::int8 and owner = $2 and state = 'cutting' returning id

-- Nobody has left since it was written; it may have been this round or one that a death ended.
-- :name again_release
update job set state = 'released', phase = 'placing', trouble = null, tries = 0, again_at = null where id = $1::int8 and owner = $2 and state = 'cutting'
and letters = (select count(*) from letter where job_id = $1::int8 and state = 'cut') returning id

-- :name cut_trouble
update job set trouble = $3, again_at = clock_timestamp() + case when $4::bool then interval '3 seconds' else interval '1 minute' end where id = $1::int8 and owner = $2 and state = 'cutting'
