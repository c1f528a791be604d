-- No plan depends on what these columns hold, and sorting samples of them is most of what ANALYZE costs: without them it takes a third for the queue, which fills
-- and empties all day and is analysed whenever autovacuum looks.
alter table inbox alter column event_id set statistics 0, alter column received_at set statistics 0, alter column at set statistics 0,
  alter column value set statistics 0, alter column machine set statistics 0, alter column verb set statistics 0, alter column subject set statistics 0,
  alter column data set statistics 0;
alter table event alter column value set statistics 0, alter column machine set statistics 0, alter column data set statistics 0;

-- Months to come: as in 0001, but for the statistics.
create or replace function event_partitions(now timestamptz) returns int language plpgsql security definer set search_path = public, pg_temp as $body$
declare
  month timestamptz;
  part text;
  made int := 0;
begin
  perform pg_advisory_xact_lock(hashtext('nurture.event_partitions'));
  for i in -1 .. 3 loop
    month := (date_trunc('month', now at time zone 'UTC') + make_interval(months => i)) at time zone 'UTC';
    part := 'event_' || to_char(month at time zone 'UTC', 'YYYY_MM');
    continue when to_regclass(part) is not null;
    execute format('create table %I (like event including defaults including constraints)', part);
    execute format('with moved as (delete from event_rest where received_at >= %L and received_at < %L returning *)
      insert into %I select * from moved', month, ((month at time zone 'UTC') + interval '1 month') at time zone 'UTC', part);
    execute format('alter table %I alter column value set statistics 0, alter column machine set statistics 0, alter column data set statistics 0', part);
    execute format('alter table event attach partition %I for values from (%L) to (%L)', part, month,
      ((month at time zone 'UTC') + interval '1 month') at time zone 'UTC');
    made := made + 1;
  end loop;
  return made;
end $body$;
