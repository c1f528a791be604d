-- What imports keep of refused rows ("… is no address") may quote a person's data.

-- Takes it out where it quotes one of these texts (of a person who is erased).
create function import_errors_forget(texts text[]) returns bigint language sql volatile as $body$
  with gone as (
    update import_error set detail = 'It named somebody who was erased.'
    where exists (select from unnest(texts) t where length(t) > 2 and position(lower(t) in lower(detail)) > 0)
    returning 1)
  select count(*) from gone
$body$;

-- What imports left that ended 90 days before `now`, some rows a call: how many went. Their groups are needed only while they may go on.
create function imports_purge(now timestamptz, most int) returns bigint language sql volatile as $body$
  with over as materialized (
    select job_id from job where kind = 'import' and state not in ('waiting', 'running') and ended_at < now - interval '90 days'),
  errors as (
    delete from import_error where (job_id, line) in (select e.job_id, e.line from import_error e join over using (job_id) limit most) returning 1),
  groups as (
    delete from import_group where (job_id, first) in (select g.job_id, g.first from import_group g join over using (job_id) limit most) returning 1)
  select (select count(*) from errors) + (select count(*) from groups)
$body$;
