-- People sign in: a password, and sessions. Table person is of whoever works with the system: agents, supervisors, owners (sales), marketing, admins.
-- A session is good while its epoch is its person's: whatever changes who a person is (password, role, disabled) raises that, and ends all of them.
alter table person
  add column password text,                                   -- argon2id; null: cannot sign in
  add column epoch int not null default 1,
  add column disabled_at timestamptz,                         -- machine time; null: may work
  add column created_at timestamptz not null default clock_timestamp();
update person set role = case role when 'sales' then 'owner' else 'agent' end
where role not in ('agent', 'supervisor', 'owner', 'marketing', 'admin');
alter table person add constraint person_role check (role in ('agent', 'supervisor', 'owner', 'marketing', 'admin'));

create table session (
  hash bytea primary key,                                     -- SHA-256 of 256 random bits: never the cookie itself
  session_id bigint not null unique default nextval('id_seq'),
  person_id bigint not null references person on delete cascade,
  epoch int not null,
  created_at timestamptz not null,                            -- machine time, as the others
  seen_at timestamptz not null,                               -- to a minute
  until timestamptz not null,                                 -- whatever is done with it
  address text not null,
  agent text not null                                         -- what the browser says of itself
);
create index session_person on session (person_id, session_id);
create index session_until on session (until);
