-- Keys are hashes (intake_keys.c). One counts again when it is older than 90 days.
-- :name event_key_insert
insert into event_key (key, received_at)
select w.key, $2::timestamptz from unnest($1::text[]) with ordinality as w(key, ord) order by w.ord
on conflict (key) do update set received_at = excluded.received_at where event_key.received_at < excluded.received_at - interval '90 days'
returning key

-- Of keys that this transaction has written: nobody needs them.
-- :name event_key_drop
delete from event_key k using unnest($1::text[]) with ordinality as w(key, ord) where k.key = w.key
