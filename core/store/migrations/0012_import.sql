-- The groups of an import that are committed: written with the group's own rows, so a run that goes on counts every row once, and no row needs a
-- key of its own. `first` is the number of the group's first row in the file (the header is not counted), `rows` how many numbers it spans.
create table import_group (
  job_id bigint not null references job on delete cascade,
  first bigint not null,
  rows bigint not null,
  created bigint not null,
  primary key (job_id, first)
);
