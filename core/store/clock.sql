-- The row of the domain clock.
-- :name clock_read
select real0, domain0, scale from clock

-- Where time stands now is where it goes on. At scale 1 it ran with real time; else it stood at domain0.
-- :name clock_set
update clock
set domain0 = case when $2::float8 = 1 and domain0 <= $1::timestamptz + interval '5 s' then $1::timestamptz
              when scale = 1 then domain0 + ($1::timestamptz - real0) else domain0 end, real0 = $1, scale = $2::float8
returning real0, domain0, scale
