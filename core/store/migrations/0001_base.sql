-- The tables of DESIGN section 5. Lead-scoped tables begin their key with `shard` (the low 6 bits of the id), so that a
-- batch is a transaction of one shard. Moments are timestamptz in domain time unless they say machine time.

create sequence id_seq;

-- An id of one shard: the sequence above, the shard in the low 6 bits.
create function new_id(shard int) returns bigint language sql volatile
  return (nextval('id_seq') << 6) | shard;

-- Ids in blocks of 65,536 for those that must know them before they write: events, enrollments, touches. Each store takes a
-- block and uses it up; numbers that nobody used are lost.
create sequence block_seq increment by 65536 minvalue 0 start with 65536;

create table clock (
  one boolean primary key default true check (one),
  real0 timestamptz not null,
  domain0 timestamptz not null,
  scale double precision not null check (scale > 0)
);
insert into clock (real0, domain0, scale) select t, t, 1 from clock_timestamp() t;

create table lead (
  shard smallint not null,
  lead_id bigint not null check ((lead_id & 63) = shard),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  stage text not null default 'inquiry',
  email text, first_name text, last_name text, title text, role text, company text, phone text, source text,
  country text, time_zone text, language text, address text, city text, postal_code text, region text, external_id text,
  fields jsonb not null default '{}',         -- the playbook's own fields
  account_id bigint,
  segments text[] not null default '{}',
  merged_into bigint,
  primary key (shard, lead_id)
);
create index lead_account on lead (account_id) where account_id is not null;

create table account (
  shard smallint not null,
  account_id bigint not null check ((account_id & 63) = shard),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  name text, domain text, country text, city text, owner text,
  fields jsonb not null default '{}',
  primary key (shard, account_id)
);
create unique index account_domain on account (domain) where domain is not null;
-- Companies whose people write from free-mail addresses are known by their name.
create unique index account_name on account (lower(name)) where domain is null and name is not null;

-- What is new for an account's own turn: {"set": {field: value}}.
create table account_inbox (
  shard smallint not null,
  id bigint not null default nextval('id_seq'),
  account_id bigint not null,
  data jsonb not null,
  primary key (shard, id)
);

create table lead_history (
  shard smallint not null,
  lead_id bigint not null,
  packed bytea not null,
  primary key (shard, lead_id)
) with (fillfactor = 60);                     -- room beside each row for its next version
alter table lead_history alter column packed set storage external;

create table identity (
  kind text not null,                         -- email, external_id
  value text not null,
  shard smallint not null,
  lead_id bigint not null,
  created_at timestamptz not null,
  primary key (kind, value)
);
create index identity_lead on identity (shard, lead_id);

-- By month of receipt; partitions are made three months ahead by jobs; event_rest takes what has none.
create table event (
  received_at timestamptz not null,           -- domain time of receipt
  event_id bigint not null,
  shard smallint not null,
  lead_id bigint not null,
  at timestamptz not null,
  verb text not null,
  subject text,
  value double precision,
  machine boolean not null default false,
  data jsonb,
  primary key (received_at, event_id)
) partition by range (received_at);
create table event_rest partition of event default;
create index event_lead on event (shard, lead_id, at);
create index event_won on event (lead_id) where verb = 'opportunity.won';

-- Partitions from last month to three months ahead of `now`; what lies in event_rest of a month moves into its own. Runs with the
-- owner's rights, so that the runtime role needs no DDL.
create function event_partitions(now timestamptz) returns int language plpgsql security definer set search_path = public, pg_temp as $body$
declare
  month timestamptz;
  part text;
  made int := 0;
begin
  perform pg_advisory_xact_lock(hashtext('nurture.event_partitions'));
  for i in -1 .. 3 loop
    month := (date_trunc('month', now at time zone 'UTC') + make_interval(months => i)) at time zone 'UTC';
    part := 'event_' || to_char(month at time zone 'UTC', 'YYYY_MM');
    continue when to_regclass(part) is not null;
    execute format('create table %I (like event including defaults including constraints)', part);
    execute format('with moved as (delete from event_rest where received_at >= %L and received_at < %L returning *)
      insert into %I select * from moved', month, ((month at time zone 'UTC') + interval '1 month') at time zone 'UTC', part);
    execute format('alter table event attach partition %I for values from (%L) to (%L)', part, month,
      ((month at time zone 'UTC') + interval '1 month') at time zone 'UTC');
    made := made + 1;
  end loop;
  return made;
end $body$;
revoke all on function event_partitions(timestamptz) from public;

create table event_key (
  key text primary key,
  received_at timestamptz not null
);
create index event_key_received on event_key (received_at);

create table inbox (
  shard smallint not null,
  lane smallint not null,                     -- 0 live, 1 time, 2 bulk
  id bigint not null default nextval('id_seq'),
  lead_id bigint not null,
  event_id bigint,                            -- null: look again (rescoring)
  received_at timestamptz,
  primary key (shard, lead_id, id)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0, fillfactor = 70);
create index inbox_lane on inbox (shard, lane, id);

create table lead_wake (
  shard smallint not null,
  lead_id bigint not null,
  wake_at timestamptz not null,
  primary key (shard, lead_id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0, fillfactor = 70);
create index lead_wake_due on lead_wake (shard, wake_at);

-- A turn that failed: left alone until retry_at (a minute, doubling to an hour). A lead in whose turn a worker died three
-- times is parked: retry_at is infinity until a person decides.
create table turn_failure (
  shard smallint not null,
  lead_id bigint not null,
  failures int not null,
  deaths int not null default 0,              -- of workers
  failed_at timestamptz not null,
  retry_at timestamptz not null,
  parked_at timestamptz,                      -- machine time
  place text not null,
  message text not null,
  primary key (shard, lead_id)
);

-- Rules and steps that failed, counted by place.
create table script_error (
  revision text not null,
  place text not null,                        -- file:line
  context text not null,                      -- rule "x", campaign "y", step "z"
  message text not null,
  count bigint not null,
  first_lead bigint not null,
  last_at timestamptz not null,
  primary key (revision, place, context)
);

create table shard_lease (
  role text not null,                         -- engine, or channel:NAME with shard 0
  shard smallint not null,
  owner text not null,                        -- random token of the process start
  until timestamptz not null,                 -- machine time
  epoch bigint not null,
  primary key (role, shard)
) with (fillfactor = 50);

-- Who is there to hold leases of a role, also while it holds none: what an even share is depends on it.
create table lease_owner (
  role text not null,
  owner text not null,
  until timestamptz not null,                 -- machine time
  primary key (role, owner)
);

create table score (
  shard smallint not null,
  lead_id bigint not null,
  name text not null,                         -- of the model, or of the grades
  is_grade boolean not null,
  points int,
  grade text,
  band text,
  since timestamptz not null,
  primary key (shard, lead_id, name, is_grade)
) with (fillfactor = 80);
create index score_grade on score (name, grade) where is_grade;

create table score_change (
  shard smallint not null,
  lead_id bigint not null,
  id bigint not null default nextval('id_seq'),
  at timestamptz not null,
  name text not null,
  is_grade boolean not null,
  old_points int, new_points int,
  old_grade text, new_grade text,
  old_band text, new_band text,
  cause text not null,
  event_id bigint,
  revision text not null,
  primary key (shard, lead_id, id)
);

-- The ledger of permission: append only (no update or delete is granted to the runtime role).
create table consent (
  shard smallint not null,
  lead_id bigint not null,
  id bigint not null default nextval('id_seq'),
  at timestamptz not null,
  channel text not null,                      -- or *
  purpose text not null,                      -- or *
  state text not null check (state in ('granted', 'confirmed', 'withdrawn')),
  source text not null,                       -- api, import, unsubscribe, form …
  wording text,
  ip text,
  evidence jsonb,
  primary key (shard, lead_id, id)
);

create table suppression (
  kind text not null,                         -- email, domain, phone, lead
  value text not null,
  channel text not null,                      -- or *
  reason text not null,
  at timestamptz not null,
  ends text,                                  -- file:line of the condition that ends it
  primary key (kind, value, channel)
);

create table enrollment (
  shard smallint not null,
  enrollment_id bigint not null,
  lead_id bigint not null,
  campaign text not null,
  step text not null,
  state text not null check (state in ('active', 'held', 'ended')),
  entered_at timestamptz not null,
  step_since timestamptz not null,
  due_at timestamptz,
  over_at timestamptz not null,
  touch_id bigint,
  passes jsonb not null default '{}',         -- step → how often it was entered
  rounds int not null default 0,
  goal_at timestamptz,
  ended_at timestamptz,
  reason text,
  holdout boolean not null default false,
  revision text not null,
  primary key (shard, enrollment_id)
);
create unique index enrollment_once on enrollment (shard, lead_id, campaign) where state <> 'ended';
create index enrollment_lead on enrollment (shard, lead_id, campaign, entered_at desc);
create index enrollment_step on enrollment (campaign, step) where state <> 'ended';

create table enrollment_log (
  shard smallint not null,
  enrollment_id bigint not null,
  id bigint not null default nextval('id_seq'),
  lead_id bigint not null,
  at timestamptz not null,
  campaign text not null,
  step text,
  what text not null,
  cause text not null,
  place text,                                 -- file:line
  touch_id bigint,
  revision text not null,
  primary key (shard, enrollment_id, id)
);
create index enrollment_log_lead on enrollment_log (shard, lead_id, at);

create table touch (
  shard smallint not null,
  touch_id bigint not null,
  lead_id bigint not null,
  enrollment_id bigint,
  campaign text, step text, pass int,
  channel text not null,
  kind text not null,
  template text not null,
  purpose text not null,
  recipient text,                             -- null: the lead; else a person of the playbook
  state text not null,
  planned_at timestamptz not null,
  due_at timestamptz not null,
  expires_at timestamptz,
  over_at timestamptz,
  attempts int not null default 0,
  token text,                                 -- of the delivery process that claimed it
  permitted_at timestamptz,
  any_hours boolean not null default false,
  reason text,
  remote_id text,
  place text,                                 -- file:line of the step
  revision text not null,
  data jsonb,
  primary key (shard, touch_id),
  check (state in ('planned', 'claimed', 'permitted', 'sent', 'queued', 'deferred', 'rejected', 'held', 'cancelled', 'expired', 'in_doubt'))
) with (fillfactor = 80);
create unique index touch_once on touch (shard, enrollment_id, step, pass) where enrollment_id is not null and recipient is null;
create index touch_lead on touch (shard, lead_id, due_at);
create index touch_due on touch (channel, due_at) where state in ('planned', 'deferred');
create index touch_hand on touch (channel, state) where state in ('claimed', 'permitted', 'in_doubt', 'queued');

create table attempt (
  shard smallint not null,
  touch_id bigint not null,
  attempt int not null,
  at timestamptz not null,
  ended_at timestamptz,
  outcome text,
  reason text,
  remote_id text,
  token text not null,
  primary key (shard, touch_id, attempt)
);

create table handoff (
  shard smallint not null,
  handoff_id bigint not null,
  lead_id bigint not null,
  enrollment_id bigint,
  campaign text, step text,
  person text not null,
  state text not null default 'open' check (state in ('open', 'accepted', 'returned', 'late')),
  at timestamptz not null,
  due_at timestamptz,
  reasons jsonb not null default '[]',
  revision text not null,
  primary key (shard, handoff_id)
);
create index handoff_lead on handoff (shard, lead_id);

create table opportunity (
  shard smallint not null,
  opportunity_id bigint not null,
  lead_id bigint not null,
  state text not null check (state in ('open', 'won', 'lost')),
  amount numeric,
  currency text,
  opened_at timestamptz not null,
  closed_at timestamptz,
  reason text,
  primary key (shard, opportunity_id)
);
create index opportunity_lead on opportunity (shard, lead_id);

create table asset (
  name text primary key,
  title text not null, kind text, topic text, buying_stage text, url text, file text,
  revision text not null
);

create table revision (
  revision text primary key,
  created_at timestamptz not null,
  author text not null,
  message text not null,
  name text not null
);
create table revision_file (
  revision text not null references revision,
  path text not null,
  bytes bytea not null,
  primary key (revision, path)
);
-- The log of activations; the newest is the truth. Workers compare its number with every batch.
create table activation (
  activation bigint primary key,
  revision text not null references revision,
  at timestamptz not null,
  author text not null,
  message text not null
);
-- The last refused publish of --watch, for `nurture status`.
create table publish_error (
  one boolean primary key default true check (one),
  at timestamptz not null,
  source text not null,
  problems text not null
);

create table job (
  job_id bigint primary key default nextval('id_seq'),
  kind text not null,
  arguments jsonb not null,
  state text not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  progress bigint not null default 0,
  total bigint,
  owner text,
  until timestamptz,                          -- machine time
  cancel boolean not null default false,
  created_at timestamptz not null,
  ended_at timestamptz,
  result jsonb,
  error text
);
create index job_open on job (created_at) where state in ('waiting', 'running');

create table person (
  person_id bigint primary key default nextval('id_seq'),
  name text not null unique,
  email text,
  role text not null
);

create table api_token (
  hash bytea primary key,                     -- SHA-256 of 256 random bits: never the token itself
  token_id bigint not null unique default nextval('id_seq'),
  name text not null,
  scope text not null check (scope in ('admin', 'write', 'read', 'track')),
  created_at timestamptz not null,
  revoked_at timestamptz
);

create table link_key (
  key_id int primary key,
  secret bytea not null,
  created_at timestamptz not null
);

-- Who did what: ids, field names and salted hashes; never values.
create table audit (
  id bigint primary key default nextval('id_seq'),
  at timestamptz not null,                    -- machine time
  actor text not null,
  act text not null,
  object text not null,
  fields text[] not null default '{}'
);

-- What nodes must agree on: differences turn /readyz red.
create table node (
  owner text primary key,
  seen_at timestamptz not null,               -- machine time
  host text not null,
  version text not null,
  config_hash text not null,
  channels jsonb not null
);

-- State of each channel, written by its delivery process.
create table channel_state (
  channel text primary key,
  kind text not null,
  plugin text not null,
  state text not null,                        -- up, down, faulted
  reason text,
  at timestamptz not null                     -- machine time
);
