-- After an activation every lead is scored again: the engine that holds a shard walks its leads. One row a shard: how far, and what it found.
create table rescore_walk (
  shard smallint primary key,
  job_id bigint not null,                     -- of the newest walk; only its row of table job tells whether it is to go on
  after_lead bigint not null default 0,       -- up to this lead all are done
  over boolean not null default false,
  leads bigint not null default 0,            -- looked at
  changed bigint not null default 0,          -- of those: some score, grade, stage or segment is another
  graded bigint not null default 0,           -- of those: some grade or band
  handed bigint not null default 0,           -- left to a turn of their own: they stand in a campaign, or more follows than scores
  errors bigint not null default 0            -- rules that failed for a lead
) with (fillfactor = 50);

-- By which words a score was found: the first 64 bits of its model's fingerprint. It stands since that walk or turn; a score that a later walk of its
-- shard found the same again keeps its row. So none is stale but those of leads behind after_lead of a walk that is not over.
alter table score add column fingerprint bigint not null default 0;

-- Nobody looks leads up by grade, and without it a changed grade is a new version beside the old one, like a changed number.
drop index score_grade;
