-- Statements of sweep.c.

-- is a letter due, a job half done, one to be shipped; are there as many letters as cut a job
-- :name sweep_due
select (select count(*) from (select from letter where channel = $1 and state = 'waiting' and cut_at <= $2::int8 and not_before <= $2::int8 limit 1) d),
(select count(*) from job where channel = $1 and state = 'cutting'),
(select count(*) from job where channel = $1 and state in ('released', 'cancelling') and (again_at is null or again_at <= clock_timestamp())),
$3::int8 > 0 and (select count(*) from (select from letter where channel = $1 and state = 'waiting' and not_before <= $2::int8 limit $3::int8) w) >= $3::int8

-- how it stands, for people
-- :name sweep_stand
select (select count(*) from letter where channel = $1 and state = 'waiting'), (select count(*) from job where channel = $1 and state = 'ready'),
(select string_agg('job ' || id || ': ' || trouble, E'\n') from job where channel = $1 and trouble is not null and state in ('cutting', 'released', 'cancelling')),
coalesce((select name from job where channel = $1 and state = 'cutting'), ''),
(select string_agg(m.letters || ' letters to ' || m.country || ' wait for the list "' || m.missing || '", which is not there or too old: nurture mail list ' || m.missing || ' FILE.csv --taken DAY', E'\n')
  from (select missing, country, count(*) as letters from letter where missing is not null and channel = $1 and state = 'waiting' group by 1, 2 order by 1, 2) m)
