-- Statements of pictures.c.

-- :name pictures_keep
insert into picture (job_id, name, bytes) select $1::int8, $2, $3::bytea where exists (select from job where id = $1::int8) on conflict do nothing

-- :name pictures_of
select name, encode(bytes, 'hex') from picture where job_id = $1::int8 order by name
