-- What is in hand of a channel is found by the claims that took it, one row each, not by an open attempt of each touch: an attempt is written once, when it ends. When it
-- began the touch says. (Attempts that a program of before has left open are still found by their index.)
alter table touch add column claimed_at timestamptz;         -- the last claim

-- A row lives from its claim until its last touch has an outcome. One that outlives them says nothing: what is in hand, the touch itself says.
create table haul (
  channel text not null,
  haul_id bigint not null,
  token text not null,                        -- of the process that claimed
  touches bigint[] not null,
  primary key (channel, haul_id)
);
alter table haul alter column touches set storage external;
alter table attempt set (fillfactor = 100);
