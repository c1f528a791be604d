-- Statements of queue.c.

-- on which lists the number is, whatever its country: each list has numbers of its own country only
-- :name queue_block
insert into attempt (channel, touch_id, lead_id, number, number_key, campaign, step, script, queued_at, offered_at, ended_at, blocked)
select $1, $2::int8, $3::int8, $4, k.key, $5, $6, $7, $8::int8, $8::int8, $8::int8, 'on the list ' || k.list
from (select k.key, (select min(b.list) from (select case d.list when 'internal' then d.list else (select l.name from list l where l.current = d.list) end as list
from listed d where d.number = k.key offset 0) b) as list from (select number_key($4) as key offset 0) k) k where k.list is not null returning blocked

-- :name queue_insert
insert into call (channel, touch_id, lead_id, attempt, campaign, step, script, priority, points, number, own_needs, needs, state, rank, queued_at, ready_at, latest_at)
select $1, $2::int8, $3::int8, $4::int4, $5, $6, $7, $8, $9::int4, number_key($10), $11, $11, 'ready', $12::int8, $13::int8, $13::int8, $14::int8
where not exists (select from listed d where d.number = number_key($10) and (d.list = 'internal' or exists (select from list l where l.current = d.list)))
on conflict (channel, touch_id) do update set attempt = excluded.attempt, outcome = case when call.attempt = excluded.attempt then call.outcome end,
state = case when call.state = 'done' and call.attempt <> excluded.attempt then 'ready' else call.state end
