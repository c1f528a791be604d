-- Deaths of workers in a rule or step, by what it is called and the bytes of its file; three of a day switch it off.
create table script_death (
  id bigint primary key default nextval('id_seq'),
  at timestamptz not null,                    -- machine time
  lead_id bigint not null,
  revision text not null,
  path text not null,
  line int not null,
  context text not null,                      -- model "m", rule "r"
  hash bytea not null                         -- of the file
);
create index script_death_place on script_death (path, context, at);

create table script_off (
  path text not null,
  context text not null,
  hash bytea not null,                        -- on again when the file is another
  line int not null,
  since timestamptz not null,                 -- machine time
  deaths bigint not null,
  last_lead bigint not null,
  primary key (path, context, hash)
);
