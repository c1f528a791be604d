-- :name id_block
select nextval('block_seq')
