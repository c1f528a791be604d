-- Marks of what was committed (op.c): one row a session, written last by each of its transactions that wrote anything.
-- :name mark_write
insert into public.commit_mark as commit_mark (session, mark, at)
select $1::bigint, $2::bigint, clock_timestamp() where pg_current_xact_id_if_assigned() is not null
on conflict (session) do update set mark = excluded.mark, at = excluded.at
returning pg_current_xact_id()::text

-- A session's later transactions are committed after the earlier ones, and on the disk after them.
-- :name mark_look
select 1 from public.commit_mark where session = $1::bigint and mark >= $2::bigint

-- The same of what is sent with its commit. The row is closed first, which waits for who is writing it; then what it says will stay so.
-- :name mark_fence
with closed as (
  insert into public.commit_mark as commit_mark (session, mark, at, fenced) values ($1::bigint, 0, clock_timestamp(), true)
  on conflict (session) do update set fenced = true
  returning mark)
select 1 from closed where mark >= $2::bigint
