-- :name same_person_turn
select lead_id, winner, rule, coalesce(why, '') from same_person_turn($1::int, $2::text[], $3::int, $4::timestamptz)
