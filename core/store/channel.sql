-- What is known of channels, and the keys of links.
-- :name channel_state_put
insert into channel_state (channel, kind, plugin, state, reason, at) values ($1::text, $2::text, $3::text, $4::text, $5::text, clock_timestamp())
on conflict (channel) do update set kind = excluded.kind, plugin = excluded.plugin, state = excluded.state, reason = excluded.reason, at = excluded.at

-- :name link_keys
select key_id, secret from link_key order by key_id

-- The first key; of two nodes that make it at once one wins.
-- :name link_key_first
insert into link_key (key_id, secret, created_at) values (1, $1::bytea, clock_timestamp()) on conflict do nothing
