-- A page of a walk. $1 is the shard.

-- First of all, so that a walk that was begun anew, stopped or moved meanwhile writes nothing: one row, or none.
-- :name save_page_walk
update rescore_walk w set after_lead = case when $4::bigint = 0 then w.after_lead else $4 end, over = $4 = 0, leads = w.leads + $5::bigint,
  changed = w.changed + $6::bigint, graded = w.graded + $7::bigint, handed = w.handed + $8::bigint, errors = w.errors + $9::bigint
where w.shard = $1::int and w.job_id = $2::bigint and w.after_lead = $3::bigint and not w.over
  and exists (select from job j where j.job_id = $2 and j.state in ('waiting', 'running') and not j.cancel)

-- The scan read these leads in part: only what rules decide is written.
-- :name save_page_lead
update lead l set updated_at = $2::timestamptz, stage = w.stage, segments = coalesce(string_to_array(nullif(w.segments, ''), E'\x1f'), '{}')
from unnest($3::bigint[], $4::text[], $5::text[]) w(lead_id, stage, segments)
where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and (w.lead_id & 63) = $1::int

-- :name save_page_handed
insert into inbox (shard, lane, lead_id) select $1::int, 2, w.lead_id from unnest($2::bigint[]) w(lead_id)
