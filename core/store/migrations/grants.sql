-- After every migration: what the runtime role may do. No DDL; ledgers and logs can only grow. Where the owner may
-- not make roles, an admin makes nurture_runtime, or the server runs with the rights of its own connection.
do $body$
begin
  if not exists (select from pg_roles where rolname = 'nurture_runtime') then
    execute 'create role nurture_runtime nologin';
  end if;
  if not pg_has_role(current_user, 'nurture_runtime', 'member') then
    execute format('grant nurture_runtime to %I', current_user);
  end if;
exception when insufficient_privilege or duplicate_object or unique_violation then
  null;
end $body$;
do $body$
declare
  part regclass;
begin
  if exists (select from pg_roles where rolname = 'nurture_runtime') then
    grant usage on schema public to nurture_runtime;
    grant select, insert, update, delete on all tables in schema public to nurture_runtime;
    grant usage, select, update on all sequences in schema public to nurture_runtime;
    grant execute on function event_partitions(timestamptz) to nurture_runtime;
    grant execute on function visitors_purge(timestamptz, bigint, int), visitors_forget(timestamptz, bigint, int) to nurture_runtime;
    grant execute on function lead_erase(bigint[], timestamptz), plugin_holds(bigint[]), plugin_knows(bigint[], text, int) to nurture_runtime;
    revoke insert, update, delete, truncate on erase_key from nurture_runtime;
    -- What only grows: ledgers, logs, and what was published once.
    revoke update, delete, truncate on audit, consent, event, score_change, account_change, enrollment_log, revision, revision_file, activation, link_key
      from nurture_runtime;
    revoke insert, update, delete, truncate on schema_migration, plugin_migration from nurture_runtime;
    for part in select oid::regclass from pg_class where relispartition and relnamespace = 'public'::regnamespace and relkind = 'r' loop
      execute format('revoke all on %s from nurture_runtime', part); -- reached through the whole table
    end loop;
  end if;
end $body$;
-- Tables of a session's own could stand before ours.
do $body$
begin
  execute format('revoke temporary on database %I from public', current_database());
exception when insufficient_privilege then
  null;
end $body$;
select event_partitions(clock_timestamp());
