-- Hauls of which nothing is in hand any more. Nothing is lost where this is, so nobody waits for the disk.
-- :name hauls_over
delete from haul where channel = $1::text and haul_id = any ($2::int8[]) and (select set_config('synchronous_commit', 'off', true)) is not null
