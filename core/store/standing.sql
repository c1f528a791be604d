-- What stands of a channel beside its touches (migration 0046).
-- :name standing_get
select notes from channel_state where channel = $1::text

-- The plugin's word that a person must look. The first reason stands until somebody resumes the channel. $1 channel, $2 kind, $3 plugin, $4 reason.
-- :name standing_hold
insert into channel_state as c (channel, kind, plugin, state, reason, at, held_at, held_reason)
values ($1::text, $2::text, $3::text, 'held', $4::text, clock_timestamp(), clock_timestamp(), $4)
on conflict (channel) do update set held_at = coalesce(c.held_at, excluded.held_at), held_reason = coalesce(c.held_reason, excluded.held_reason)

-- What the plugin tells of itself, and its notes; null leaves what is there.
-- :name standing_put
insert into channel_state as c (channel, kind, plugin, state, at, standing, notes)
values ($1::text, $2::text, $3::text, 'up', clock_timestamp(), $4::jsonb, $5::jsonb)
on conflict (channel) do update set standing = coalesce(excluded.standing, c.standing), notes = coalesce(excluded.notes, c.notes)

-- A person stops a channel. $1 channel, $2 who; null = the connection's name.
-- :name standing_stop
with s as (
  insert into channel_state as c (channel, kind, plugin, state, at, stopped_at, stopped_by)
  values ($1::text, '', '', 'stopped', clock_timestamp(), clock_timestamp(), coalesce($2::text, current_setting('application_name')))
  on conflict (channel) do update set stopped_at = excluded.stopped_at, stopped_by = excluded.stopped_by where c.stopped_at is null
  returning channel),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($2, current_setting('application_name')), 'channel.stop', channel, '{}' from s)
select $1 as channel, 'stop' as act, exists (select from s) as changed

-- :name standing_resume
with s as (
  update channel_state set stopped_at = null, stopped_by = null, held_at = null, held_reason = null
  where channel = $1::text and (stopped_at is not null or held_at is not null)
  returning channel),
said as (
  insert into audit (at, actor, act, object, fields)
  select clock_timestamp(), coalesce($2::text, current_setting('application_name')), 'channel.resume', channel, '{}' from s)
select $1 as channel, 'resume' as act, exists (select from s) as changed
