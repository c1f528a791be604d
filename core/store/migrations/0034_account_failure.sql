-- An account whose turn the database refuses: left alone until retry_at (a minute, doubling to an hour), as turn_failure of a lead. Its inbox rows stay.
create table account_failure (
  shard smallint not null,
  account_id bigint not null check ((account_id & 63) = shard),
  failures int not null,
  failed_at timestamptz not null,
  retry_at timestamptz not null,
  place text not null,
  message text not null,
  primary key (shard, account_id)
);

-- What engines cannot do and try again each second, by what it is. Machine time; at = last seen, since = without a rest of half a minute.
create table engine_trouble (
  what text primary key,
  since timestamptz not null,
  at timestamptz not null,
  code text not null,
  place text not null,
  message text not null
);
