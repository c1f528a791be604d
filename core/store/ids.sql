-- :name id_block
-- The message makes the commit wait for the disk: a number that was not on it yet would be given again after a crash.
select nextval('block_seq'), pg_logical_emit_message(true, 'nurture', '')
