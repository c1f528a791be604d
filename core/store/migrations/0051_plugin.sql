-- What has run of plugins' migrations: each in the schema of its plugin's name (core/store/plugin_migrate.c). `hash` is of its text, which must never change.
create table plugin_migration (
  plugin text not null,
  number int not null,
  name text not null,
  hash text not null,                         -- SHA-256, hexadecimal
  applied_at timestamptz not null,            -- machine time
  primary key (plugin, number)
);
