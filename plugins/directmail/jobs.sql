-- Statements of jobs.c.

-- :name jobs_list
select id, name, state, phase, letters, pages, seeds, cost, currency, begun_at, begun_by, coalesce(cut_at, 0), coalesce(released_at, 0), coalesce(released_by, ''), coalesce(sent_at, 0),
coalesce(remote, ''), coalesce(acknowledged_at, 0), coalesce(acknowledged, ''), coalesce(cancelled_at, 0), coalesce(cancelled_by, ''), coalesce(trouble, ''), coalesce(drop_on::text, ''),
revision, sums, tries, coalesce(purged_at, 0) from job where channel = $1 and ($2 = '' or state = $2) order by id desc limit 200

-- :name jobs_one
select id, name, state, phase, letters, pages, seeds, cost, currency, begun_at, begun_by, coalesce(cut_at, 0), coalesce(released_at, 0), coalesce(released_by, ''), coalesce(sent_at, 0),
coalesce(remote, ''), coalesce(acknowledged_at, 0), coalesce(acknowledged, ''), coalesce(cancelled_at, 0), coalesce(cancelled_by, ''), coalesce(trouble, ''), coalesce(drop_on::text, ''),
revision, sums, tries, coalesce(purged_at, 0) from job where channel = $1 and id = $2::int8

-- Not while it is cut: its letters come and go, no page has its cost yet, and whoever waits for it asks often.
-- :name jobs_campaigns
select campaign, step, template, count(*), coalesce(sum(pages), 0), coalesce(sum(cost), 0)
from letter where job_id = (select id from job where channel = $1 and id = $2::int8 and state <> 'cutting') group by 1, 2, 3 order by 1, 2, 3

-- :name jobs_waiting
select campaign, coalesce(drop_on::text, ''), count(*), min(queued_at), coalesce(min(cut_at), 0), coalesce(missing, ''), max(not_before) from letter where channel = $1 and state = 'waiting'
group by campaign, drop_on, missing order by 1, 2, 6 limit 500

-- its letters are asked once more whether they may go (cut_again.c)
-- :name jobs_release
update job set state = 'cutting', phase = 'looking', released_at = $3::int8, released_by = $4, again_at = null, tries = 0 where channel = $1 and id = $2::int8 and state = 'ready' returning state

-- One on its way out is not called back: what is uploading may be there a moment later, and of what was sent in part the rest is sent, too. A cut that stands in trouble may be.
-- :name jobs_cancel
update job set state = 'cancelling', goes_back = $5::bool, cancelled_by = $4, cancelled_at = $3::int8, again_at = null, tries = 0 where channel = $1 and id = $2::int8
and (state = 'ready' or state = 'cutting' and trouble is not null and not $6::bool or state = 'released' and trouble is not null and not $6::bool
  and not exists (select from letter l where l.job_id = job.id and l.state in ('sent', 'returned'))) returning state

-- :name jobs_acknowledge
update job set acknowledged_at = coalesce(acknowledged_at, $3::int8), acknowledged = coalesce(acknowledged, $4) where channel = $1 and id = $2::int8 and state = 'sent'
and coalesce(acknowledged, $4) = $4 returning state, acknowledged_at, acknowledged

-- :name jobs_state
select state, coalesce(acknowledged, ''), name, sums from job where channel = $1 and id = $2::int8

-- Campaigns of which letters wait, for who misspelt one.
-- :name jobs_names
select campaign from letter where channel = $1 and state = 'waiting' group by 1 order by 1 limit 50
