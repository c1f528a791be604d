-- Statements of hand.c.

-- taken back by the server before its agent has seen it
-- :name hand_back
with gone as (delete from call where channel = $1 and touch_id = $2::int8 and attempt_id = $3::int8 and state || '' = 'leased' returning attempt_id)
update attempt a set ended_at = $4::int8, disposition = 'taken_back' from gone g where a.id = g.attempt_id and a.ended_at is null

-- what stood on the screen of an attempt
-- :name hand_recall
select f.body, a.known, a.number from attempt a left join form f on f.hash = a.form where a.channel = $1 and a.touch_id = $2::int8 and a.id = $3::int8
