-- What a look at a test found. $9: it is decided now.
-- :name split_look
update split_test set looks = looks + 1, look_at = $6::timestamptz, numbers = $7::jsonb, winner = nullif($5::text, ''),
  decided_at = case when $9::boolean then $8::timestamptz end
where campaign = $1::text and step = $2::text and words = $3::text and looks = $4::int and decided_at is null
