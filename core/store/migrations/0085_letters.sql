-- Who of that name lives at that postal code, as orders without a code name people: asked for each of them (query.sql, letter_matches).
create index lead_letter on lead (letter_word(postal_code), letter_word(last_name)) where postal_code is not null and last_name is not null;

-- What plugins have given out of the database, or are about to, that still names these leads: rows of the function `holds` of each plugin that has one (plugin.h), with the plugin's
-- name. Who erases a person is told of it.
create function plugin_holds(leads bigint[]) returns jsonb language plpgsql stable security definer set search_path = public, pg_temp as $body$
declare
  name text;
  part jsonb;
  held jsonb := '[]';
begin
  for name in select n.nspname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.proname = 'holds' and p.pronargs = 1 and p.proargtypes[0] = 'bigint[]'::regtype and exists (select from plugin_migration m where m.plugin = n.nspname) order by 1
  loop
    execute format('select jsonb_agg(jsonb_build_object(''plugin'', %L) || to_jsonb(h) order by h.job, h.lead) from %I.holds($1) h', name, name) into part using leads;
    held := held || coalesce(part, '[]');
  end loop;
  return held;
end $body$;
revoke execute on function plugin_holds(bigint[]) from public;
