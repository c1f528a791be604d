-- Statements of try.c. Only what still waits is put aside or goes: the call that an agent has stays his.

-- :name try_aside
update call c set state = 'waiting', ready_at = g.until, why = g.why, looked_at = clock_timestamp()
from json_to_recordset($2::json) as g(touch int8, until int8, why text) where c.channel = $1 and c.touch_id = g.touch and c.state || '' = 'ready'

-- :name try_gone
delete from call c using json_to_recordset($2::json) as g(touch int8) where c.channel = $1 and c.touch_id = g.touch and c.state || '' in ('waiting', 'ready')

-- the call that is being spoken is asked for again: its lease goes on, and is never shorter for it
-- :name try_keep
update call set lease_until = greatest(lease_until, clock_timestamp() + $4::int4 * interval '1 second'), why = $5
where channel = $1 and touch_id = $2::int8 and agent = $3 and state || '' = 'leased' and lease_until > clock_timestamp() returning 1
