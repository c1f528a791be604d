-- What each session committed last: evidence for whoever lost the answer to a COMMIT. The number of a transaction is none: after a crash, or on a
-- standby that took over, the number of one that left no trace is given again, to another that commits.
create table commit_mark (
  session bigint primary key,                 -- random, of the server's connection
  mark bigint not null,                       -- counts its writing transactions
  at timestamptz not null                     -- machine time
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 500);
