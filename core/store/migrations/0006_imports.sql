-- Imports over HTTP: maps that are kept by name, and what was wrong with the rows that were refused.
create table import_map (
  name text primary key,
  map jsonb not null,                         -- as model/import_shape.h has it
  changed_at timestamptz not null
);

create table import_error (
  job_id bigint not null references job on delete cascade,
  line bigint not null,                       -- of the file; the header stands on line 1
  field text not null,
  detail text not null,
  primary key (job_id, line)
);

create index job_by_key on job ((arguments->>'key')) where kind = 'import';
