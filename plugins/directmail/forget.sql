-- Statements of forget.c. The number of a letter stays, with its job, as what the print house was given is there: it names nobody.

-- :name forget_drop
delete from letter where lead_id = $1::int8 and state in ('waiting', 'over')

-- :name forget_blank
update letter set lead_id = null, was_lead = null, content = null, code = '', url = '', house = null, person = null, firm = null, site = null, sort = '', country = '' where lead_id = $1::int8

-- :name forget_move
update letter set lead_id = $2::int8, was_lead = coalesce(was_lead, $1::int8) where lead_id = $1::int8

-- :name forget_part
update letter set lead_id = $1::int8, was_lead = null where was_lead = $1::int8
