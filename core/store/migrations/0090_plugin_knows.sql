-- What plugins keep of these leads in schemas of their own: rows of the function `knows` of each plugin that has one (plugin.h), for who asks for all that is known of a person.
-- A page: behind the row whose cursor is `after` (null: from the first), at most `most` rows of each plugin. Ordered by channel, so that one channel's rows stand together.
create function plugin_knows(leads bigint[], after text, most int) returns table (channel text, lead_id bigint, what text, id bigint, data jsonb, cursor text)
language plpgsql stable security definer set search_path = public, pg_temp as $body$
declare
  name text;
  seen jsonb := after::jsonb;
begin
  for name in select n.nspname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.proname = 'knows' and p.pronargs = 1 and p.proargtypes[0] = 'bigint[]'::regtype and exists (select from plugin_migration m where m.plugin = n.nspname) order by 1
  loop
    begin
      return query execute format(
        'select k.channel, k.lead, k.what, k.id, k.data, jsonb_build_array(k.channel, %1$L, k.what, k.id)::text'
        ' from (select coalesce(channel, '''') as channel, lead, coalesce(what, '''') as what, coalesce(id, 0) as id, data from %1$I.knows($1)) k'
        ' where $2 is null or (k.channel collate "C", %1$L collate "C", k.what collate "C", k.id) > ($2->>0, $2->>1, $2->>2, ($2->>3)::bigint)'
        ' order by k.channel collate "C", k.what collate "C", k.id limit $3', name) using leads, seen, most;
    exception when others then -- an answer without it would pass for the whole
      raise exception 'the plugin % cannot say what it keeps of a person: %', name, sqlerrm using errcode = sqlstate;
    end;
  end loop;
end $body$;
revoke execute on function plugin_knows(bigint[], text, int) from public;
