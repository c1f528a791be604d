-- What each node says of itself, every few seconds (jobs worker); nodes must agree on some options: a difference turns /readyz red.
drop table node;
create table node (
  token text primary key,                     -- random, of the start of its master
  host text not null,
  listen text not null,
  version text not null,                      -- of the program that its newest workers run
  started_at timestamptz not null,            -- machine time
  seen_at timestamptz not null,               -- machine time
  options jsonb not null,                     -- option → salted hash of its value; never a value
  trouble text                                -- why the last reload was refused; null = it was not
);
