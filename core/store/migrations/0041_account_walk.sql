-- After an activation the accounts that were summed up by other words of the playbook have a turn too (0021). One row a shard, beside rescore_walk: how
-- many they are and what was found. Which they are stands in account_summary.words, so a walk that is cut goes on with what is left.
create table account_walk (
  shard smallint primary key,
  job_id bigint not null,                     -- of the newest walk
  over boolean not null default false,
  total bigint,                               -- accounts that were to be summed up; null = nobody has looked yet
  accounts bigint not null default 0,         -- of those: done
  changed bigint not null default 0,          -- of those: some score or grade is another
  graded bigint not null default 0            -- of those: some grade or band
) with (fillfactor = 50);
insert into account_walk (shard, job_id) select shard, job_id from rescore_walk;
