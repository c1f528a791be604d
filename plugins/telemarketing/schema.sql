-- The tables. What has run stays as it is for ever: a change is the next number (schema.c).

-- :name calls
create table secret (one boolean primary key default true check (one), salt bytea not null);
insert into secret (salt) select decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');
-- A number as lists know it: keyed, so that a list can outlive the person.
create function number_key(number text) returns bigint language sql stable parallel safe as
$$ select ('x' || encode(substr(sha256(salt || convert_to(number, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint from secret $$;
create table call (
  channel text not null, touch_id bigint not null, lead_id bigint not null, attempt int not null,
  campaign text not null, step text not null, script text not null, priority text not null, points int not null, number bigint not null,
  own_needs text not null, needs text not null,
-- words with blanks between; of a callback, its agent
  state text not null check (state in ('waiting', 'ready', 'leased', 'done')),
  rank bigint not null, queued_at bigint not null, ready_at bigint not null, latest_at bigint, why text not null default '',
  agent text, lease_until timestamptz, leased_at bigint, attempt_id bigint, offers int not null default 0,
  callback_for text, callback_at bigint, looked_at timestamptz, outcome jsonb,
  primary key (channel, touch_id)) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create index call_ready on call (channel, needs, rank, touch_id) where state = 'ready';
create index call_waiting on call (channel, ready_at) where state = 'waiting';
create index call_lease on call (channel, lease_until) where state = 'leased';
create unique index call_agent on call (channel, agent) where state = 'leased';
create unique index call_lead_leased on call (lead_id) where state = 'leased';
create index call_looked on call (channel, looked_at nulls first) where state in ('waiting', 'ready');
create index call_done on call (channel) where state = 'done';
create index call_lead on call (lead_id);
-- Every attempt, kept for years: 16 CFR 310.5.
create table attempt (
  id bigserial primary key, channel text not null, touch_id bigint not null, lead_id bigint, number text, number_key bigint not null, agent text,
  campaign text not null, step text not null, script text not null, revision text not null default '', queued_at bigint,
  offered_at bigint not null, ended_at bigint, disposition text, blocked text, form text, known jsonb, asked text, reply text);
-- what could be answered: script and dispositions as they stood on the screen, by their hash
create table form (hash text primary key, body jsonb not null, made_at bigint not null);
create index attempt_touch on attempt (channel, touch_id, id);
create index attempt_lead on attempt (lead_id) where lead_id is not null;
create index attempt_at on attempt (channel, offered_at);
create table agent (channel text not null, name text not null, can text[] not null default '{}', seen_at timestamptz not null default now(),
  state text not null default 'away', since bigint not null default 0, primary key (channel, name));
create table list (name text primary key, scrubbed_at bigint not null, loaded_at bigint not null, numbers bigint not null);
create table listed (list text not null, number bigint not null, at bigint not null, primary key (number, list));
create index listed_list on listed (list);

-- Whose it was before two leads became one: a merge may be taken back.
-- :name merged
alter table call add column was_lead bigint;
alter table attempt add column was_lead bigint;
create index call_was_lead on call (was_lead) where was_lead is not null;
create index attempt_was_lead on attempt (was_lead) where was_lead is not null;

-- Needs are ordered by bytes, whatever the database's own order: '@', of callbacks, before all words.
-- :name floor
alter table call alter column needs type text collate "C";
create index call_share on call (channel, callback_at) where state = 'ready' and callback_for is not null and needs >= '@' and needs < 'A';

-- An attempt is ended a few minutes after it was written: in place, no index changes.
-- :name roomy
alter table attempt set (fillfactor = 70);

-- A list is the part of `listed` that is its current one; another one may be loaded beside it. What was replaced is deleted in pages.
-- :name parts
alter table list add column current text, add column loading text, add column load_key text, add column load_at timestamptz, add column load_count bigint not null default 0;
update list set current = name;
create unique index list_current on list (current);
create table old_part (part text primary key);
create sequence list_part;

-- A supervisor gave the call more time than its campaign does: nobody takes it back before.
-- :name until
alter table call add column until bigint;

-- A vacuum of the queue takes its time: at full speed it kept who asked for a call waiting. The end of the table is not cut off, which would lock it.
-- :name calm
alter table call set (autovacuum_vacuum_cost_delay = 1, vacuum_truncate = off);
-- Whose call it is must be found by the agent alone. The statistics of a queue of which nobody has taken a call yet say that nothing is leased; by them every index of what is leased
-- costs the same, and all that was leased was read for each who asked (half a second, with 2,000 in hand). An agent stands only in a row that is leased. All statements that know their
-- call, its agent or its lead say state || '' = 'leased' (or 'ready' …), which none of those indexes answers.
drop index call_agent;
create unique index call_agent on call (channel, agent) where agent is not null;

-- What is kept of these leads, for who asks for all that is known of a person (plugin.h): each attempt, with the lists on which its number stands, and the call that stands in the queue.
-- A row is whose it was before a merge. No key of a number, and nothing of the form but what was known of the person when it was shown.
-- :name knows
create function knows(leads bigint[]) returns table (lead bigint, channel text, what text, id bigint, data jsonb) language sql stable
begin atomic
  select coalesce(a.was_lead, a.lead_id), a.channel, 'attempt', a.id, jsonb_strip_nulls(jsonb_build_object(
    'touch_id', a.touch_id, 'campaign', a.campaign, 'step', a.step, 'script', a.script, 'number', a.number, 'agent', a.agent,
    'queued_at', to_timestamp(a.queued_at / 1e6), 'offered_at', to_timestamp(a.offered_at / 1e6), 'ended_at', to_timestamp(a.ended_at / 1e6),
    'disposition', a.disposition, 'blocked', a.blocked, 'known', a.known,
    'lists', (select jsonb_agg(o.name order by o.name) from (select case d.list when 'internal' then d.list else (select l.name from list l where l.current = d.list) end as name
      from listed d where d.number = a.number_key) o where o.name is not null)))
  from attempt a where (a.lead_id = any (leads) or a.was_lead = any (leads)) and coalesce(a.was_lead, a.lead_id) = any (leads)
  union all
  select coalesce(c.was_lead, c.lead_id), c.channel, 'call', c.touch_id, jsonb_strip_nulls(jsonb_build_object(
    'campaign', c.campaign, 'step', c.step, 'script', c.script, 'state', c.state, 'why', nullif(c.why, ''), 'priority', c.priority, 'points', c.points, 'agent', c.agent,
    'queued_at', to_timestamp(c.queued_at / 1e6), 'ready_at', to_timestamp(c.ready_at / 1e6), 'latest_at', to_timestamp(c.latest_at / 1e6),
    'callback_for', c.callback_for, 'callback_at', to_timestamp(c.callback_at / 1e6), 'outcome', c.outcome))
  from call c where (c.lead_id = any (leads) or c.was_lead = any (leads)) and coalesce(c.was_lead, c.lead_id) = any (leads);
end
