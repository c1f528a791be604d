-- Statements of forget.c.

-- :name forget_drop
delete from call where lead_id = $1::int8

-- the agent who had the call is told why it is gone
-- :name forget_blank
update attempt set lead_id = null, was_lead = null, number = null, known = null, ended_at = coalesce(ended_at, $2::int8),
disposition = case when ended_at is null then 'erased' else disposition end where lead_id = $1::int8

-- a call of each may be spoken just now: that of the number which is given up ends under it, and is told to the lead that remains (the server knows who that is)
-- :name forget_move
update call set lead_id = $2::int8, was_lead = coalesce(was_lead, $1::int8) where lead_id = $1::int8
and not (state = 'leased' and exists (select from call o where o.lead_id = $2::int8 and o.state = 'leased'))

-- :name forget_move_attempts
update attempt set lead_id = $2::int8, was_lead = coalesce(was_lead, $1::int8) where lead_id = $1::int8

-- :name forget_part
update call set lead_id = $1::int8, was_lead = null where was_lead = $1::int8

-- :name forget_part_attempts
update attempt set lead_id = $1::int8, was_lead = null where was_lead = $1::int8
