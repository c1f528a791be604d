-- Of a lead, and of those that were merged into it. A click that was taken back is left out, also where that waits in the inbox (the turn finds nothing to take back then). What waits in the inbox has not been told yet. Who is enrolled by hand sends campaign.enter too; in the history is only the walk's own, of which
-- the log knows.
-- :name rebuild_events
select w.lead_id, e.event_id, e.at, e.verb, e.subject, e.value, e.machine, e.data
from unnest($1::bigint[]) w(lead_id)
cross join lateral (select w.lead_id as id union all select m.lead_id from lead m where m.merged_into = w.lead_id) l
cross join lateral (select * from event e where e.shard = (l.id & 63)::smallint and e.lead_id = l.id offset 0) e
where not (e.verb = 'email.click' and exists (
    select from event k where k.shard = e.shard and k.lead_id = e.lead_id and k.at >= e.at and k.verb = 'email.click_withdrawn' and k.data ->> 'event' = e.event_id::text))
  and not exists (select from inbox i where i.shard = (w.lead_id & 63)::smallint and i.lead_id = w.lead_id and i.event_id = e.event_id)
  and (e.verb <> 'campaign.enter' or exists (
    select from enrollment_log g where g.shard = (e.lead_id & 63)::smallint and g.lead_id = e.lead_id and g.at = e.at and g.what = 'enter'))
order by w.lead_id, e.at, e.received_at, e.event_id
