-- Statements of sweep.c.

-- the moment is asked once: asked of each row it could not be looked up in the index of leases, and all that is leased was read every second
-- :name sweep_expire
with gone as materialized (select touch_id, attempt_id, agent from call where channel = $1 and state = 'leased' and lease_until <= (select clock_timestamp())
order by lease_until limit 500 for update skip locked),
back as (update call c set state = 'ready', agent = null, lease_until = null, attempt_id = null from gone g
where c.channel = $1 and c.touch_id = g.touch_id returning c.touch_id, g.attempt_id, g.agent, c.latest_at, c.until),
away as (update agent set state = 'away', since = $2::int8 where channel = $1 and name in (select agent from back)),
ended as (update attempt a set ended_at = $2::int8, disposition = 'lease_ran_out' from back b where a.id = b.attempt_id and a.ended_at is null)
select touch_id, coalesce(until, 0) from back where latest_at is not null

-- :name sweep_promote
with due as materialized (select touch_id from call where channel = $1 and state = 'waiting' and ready_at <= $2::int8
order by ready_at limit 2000 for update skip locked)
update call c set state = 'ready' from due d where c.channel = $1 and c.touch_id = d.touch_id

-- ten minutes after its moment, or as soon as its agent is gone: has no call, and was not seen for as long as a lease is
-- :name sweep_share
with late as materialized (select touch_id from call c where channel = $1 and state = 'ready' and callback_for is not null
-- those of agents alone, by an index of their own
and needs >= '@' and needs < 'A'
and (callback_at + 600000000 <= $2::int8 or not exists (select from agent a where a.channel = $1 and a.name = c.callback_for and a.state <> 'away'
and a.seen_at > clock_timestamp() - $3::int4 * interval '1 second')
and not exists (select from call h where h.channel = $1 and h.agent = c.callback_for and h.state || '' = 'leased' and h.lease_until > clock_timestamp())) limit 500 for update skip locked)
update call c set needs = own_needs from late l where c.channel = $1 and c.touch_id = l.touch_id

-- :name sweep_away
update agent a set state = 'away', since = $2::int8 where channel = $1 and state <> 'away' and seen_at < clock_timestamp() - greatest(600, $3::int4) * interval '1 second'
and not exists (select from call h where h.channel = $1 and h.agent = a.name and h.state || '' = 'leased' and h.lease_until > clock_timestamp())

-- :name sweep_pick
with old as materialized (select touch_id from call where channel = $1 and state in ('waiting', 'ready')
and (looked_at is null or looked_at < clock_timestamp() - interval '5 minutes') order by looked_at nulls first limit $2::int4 for update skip locked)
update call c set looked_at = clock_timestamp() from old o where c.channel = $1 and c.touch_id = o.touch_id returning c.touch_id

-- :name sweep_purge
delete from attempt where id = any (array(select id from attempt where channel = $1 and offered_at < $2::int8 order by offered_at limit 1000))

-- what no list is any more, in pages
-- :name sweep_part
with old as materialized (select part from old_part order by part limit 1 for update skip locked),
page as materialized (select d.list, d.number from old o cross join lateral (select d.list, d.number from listed d where d.list = o.part limit 5000) d),
dropped as (delete from listed d using page s where d.number = s.number and d.list = s.list)
delete from old_part p using old o where p.part = o.part and not exists (select from page)

-- in nobody's hand, and nobody is given it any more
-- :name sweep_over
select touch_id from call where channel = $1 and touch_id = $2::int8 and state || '' in ('waiting', 'ready') and coalesce(until, 0) <= $3::int8

-- :name sweep_gone
delete from call where channel = $1 and touch_id = $2::int8 and state || '' in ('waiting', 'ready')

-- a promise stays one: a callback waits for its own moment at least
-- :name sweep_later
update call set state = 'waiting', ready_at = greatest($3::int8, case when callback_at > $3::int8 then callback_at else 0 end), why = $4
where channel = $1 and touch_id = $2::int8 and state || '' in ('waiting', 'ready')

-- :name sweep_rank
update call set points = $3::int4, rank = rank - ($3::int4 - points) * $4::int8 where channel = $1 and touch_id = $2::int8 and state || '' in ('waiting', 'ready')
and callback_at is null and points <> $3::int4 and latest_at is null
