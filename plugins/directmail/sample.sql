-- Statements of sample.c.

-- some from all over the job
-- :name sample_letters
select l.touch_id, coalesce(l.lead_id, 0), l.campaign, l.step, l.template, l.code, l.url, l.content, l.place, j.name, j.begun_at, coalesce(j.drop_on::text, '')
from job j join letter l on l.job_id = j.id where j.channel = $1 and j.id = $2::int8 and j.state in ('ready', 'released') and l.state = 'cut' and l.content is not null
and (l.place - 1) % greatest(1, j.letters / $3::int8) = 0 order by l.place limit $3::int8
