-- What imports over HTTP write (imports.h). Every parameter is a text and cast here.

-- :name import_map_put
insert into import_map (name, map, changed_at) values ($1::text, $2::text::jsonb, $3::text::timestamptz)
on conflict (name) do update set map = excluded.map, changed_at = excluded.changed_at
returning 1

-- :name import_map_drop
delete from import_map where name = $1::text returning 1

-- A run that goes on behind a crash may bring some of them again.
-- :name import_errors_add
insert into import_error (job_id, line, field, detail)
select $1::text::bigint, (e->>'line')::bigint, e->>'field', e->>'detail' from jsonb_array_elements($2::text::jsonb) e
on conflict do nothing
