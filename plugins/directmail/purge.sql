-- Statements of purge.c.

-- the folder that was sent longest ago, if that is before $2
-- :name purge_next
select id, name from job where channel = $1 and state = 'sent' and purged_at is null and sent_at < $2::int8 order by sent_at, id limit 1

-- :name purge_done
update job set purged_at = $2::int8 where id = $1::int8 and purged_at is null
