-- What plugins must still forget (forget.h). Machine time: the plugin's own affair, whatever the domain's clock says.

-- :name forget_wanted
insert into channel_state as c (channel, kind, plugin, state, at, forgets, parts) values ($1::text, $2::text, $3::text, 'up', clock_timestamp(), $4::boolean, $5::boolean)
on conflict (channel) do update set forgets = excluded.forgets, parts = excluded.parts where (c.forgets, c.parts) <> (excluded.forgets, excluded.parts)

-- Taken counts as a try before the plugin has said anything: one that dies of a row has the others first. A lead's rows in their order.
-- :name forget_take
update channel_forget t set tries = t.tries + 1, again_at = clock_timestamp() + least(interval '1 minute' * (1 << least(t.tries, 6)), interval '1 hour')
where t.channel = $1::text and t.id = any (array(
  select f.id from channel_forget f
  where f.channel = $1 and f.again_at <= clock_timestamp()
    and not exists (select from channel_forget o where o.channel = $1 and o.id < f.id
      and (o.lead_id in (f.lead_id, f.into_lead) or o.into_lead in (f.lead_id, f.into_lead)))
  order by f.id limit $2::int))
returning t.id, t.lead_id, coalesce(t.into_lead, 0), t.apart

-- :name forget_done
delete from channel_forget where channel = $1::text and id = $2::bigint

-- :name forget_failed
update channel_forget set reason = $3::text where channel = $1::text and id = $2::bigint
