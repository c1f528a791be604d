-- Whether a person is called that. Plugins know people by name (nurture_request.asker_name) and have no right to look at the table.
create function is_person(name text) returns boolean language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from person p where p.name = $1) $$;
