-- The tables. What has run stays as it is for ever: a change is the next number (schema.c). Moments of the domain are bigint, microseconds since 1970.

-- :name letters
-- A job: letters that go to the print house together, in one folder.
create table job (
  id bigserial primary key, channel text not null, name text not null default '',
  state text not null check (state in ('cutting', 'ready', 'released', 'sent', 'cancelling', 'cancelled')),
-- of a cut: looking (each letter is asked of the gate), writing (JOB.tmp), placing (the rename)
  phase text not null default 'looking' check (phase in ('looking', 'writing', 'placing')),
  round int not null default 1,
  begun_at bigint not null, begun_by text not null, cut_at bigint, drop_on date,
  letters bigint not null default 0, pages bigint not null default 0, seeds int not null default 0, cost numeric(16, 4) not null default 0,
  currency text not null default '', revision text not null default '', sums text not null default '',
  released_at bigint, released_by text, sent_at bigint, remote text, acknowledged_at bigint, acknowledged text, cancelled_at bigint, cancelled_by text,
  goes_back boolean, purged_at bigint,
  trouble text, tries int not null default 0, again_at timestamptz);
create unique index job_cutting on job (channel) where state = 'cutting';
create unique index job_name on job (channel, name) where name <> '';
create index job_open on job (channel, state) where state in ('cutting', 'released', 'cancelling');

-- A letter: a row a touch. `content` is what it says and to whom, as the server gave it when the job was cut; it goes when the job is sent.
create table letter (
  channel text not null, touch_id bigint not null, lead_id bigint, was_lead bigint, attempt int not null,
  campaign text not null, step text not null, template text not null, queued_at bigint not null,
-- waiting for a job; cut = in one; sent = gone; returned = it came back; over = it will not go, and the server is being told
  state text not null check (state in ('waiting', 'cut', 'sent', 'returned', 'over')),
  drop_on date, cut_at bigint, not_before bigint not null default 0, once boolean not null default false, code text not null default '', url text not null default '',
  job_id bigint references job, looked int not null default 0, content jsonb, country text not null default '', sort text not null default '',
  house bytea, person bytea, place bigint, pages int, cost numeric(12, 4), missing text,
  outcome jsonb, told boolean not null default false,
  primary key (channel, touch_id)) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create index letter_waiting on letter (channel, cut_at) where state = 'waiting';
create index letter_job on letter (job_id, sort, touch_id) where job_id is not null;
create index letter_look on letter (job_id, looked, touch_id) where state = 'cut';
create index letter_over on letter (channel, touch_id) where state = 'over';
create index letter_untold on letter (channel, job_id, touch_id) where state = 'sent' and not told;
create index letter_house on letter (channel, house) where once and state in ('cut', 'sent');
create index letter_code on letter (code) where code <> '';
create index letter_lead on letter (lead_id) where lead_id is not null;
create index letter_was_lead on letter (was_lead) where was_lead is not null;

-- Which process has the job in hand: what one does that lost it counts no more.
-- :name owner
alter table job add column owner text not null default '';

-- What letters of a job show: the files as they were when it was cut, until the job is sent or cancelled.
-- :name pictures
create table picture (job_id bigint not null references job on delete cascade, name text not null, bytes bytea not null, primary key (job_id, name));

-- What a record of the job became (place, pages, cost) is noted in no index and within the row's page: half of a page stays free for that. Whoever looks for a place reads its job (lists.sql).
-- :name room
drop index letter_place;
alter table letter set (fillfactor = 50);

-- What is kept of these leads, for who asks for all that is known of a person (plugin.h): each letter, with the job that it is in and what the lists say of its address. The address
-- and the words stand in `content` until the job is sent; then they are in the job's folder alone. A row is whose it was before a merge. No key of a house or a person.
-- :name knows
create function knows(leads bigint[]) returns table (lead bigint, channel text, what text, id bigint, data jsonb) language sql stable
begin atomic
  select coalesce(l.was_lead, l.lead_id), l.channel, 'letter', l.touch_id, jsonb_strip_nulls(jsonb_build_object(
    'campaign', l.campaign, 'step', l.step, 'template', l.template, 'state', l.state, 'queued_at', to_timestamp(l.queued_at / 1e6), 'drop_on', l.drop_on,
    'code', nullif(l.code, ''), 'url', nullif(l.url, ''), 'country', nullif(l.country, ''), 'content', l.content, 'outcome', l.outcome, 'waits_for_list', l.missing,
    'lists', refuse(l.house, l.person, l.firm, l.site)->>'rejected',
    'job', (select jsonb_build_object('id', j.id, 'name', j.name, 'state', j.state, 'cut_at', to_timestamp(j.cut_at / 1e6), 'sent_at', to_timestamp(j.sent_at / 1e6),
      'folder', case when j.purged_at is null then j.folder end, 'uploaded_to', j.remote) from job j where j.id = l.job_id)))
  from letter l where (l.lead_id = any (leads) or l.was_lead = any (leads)) and coalesce(l.was_lead, l.lead_id) = any (leads);
end
