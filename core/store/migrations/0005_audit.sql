-- The audit becomes a chain: each row holds the hash of what it says and of the row before it, so that a row that was changed, taken
-- out or put in later shows (nurture audit verify). The trigger numbers and hashes rows, one after the other; who inserts says only
-- who did what to which. Not even the owner changes rows by mistake.
-- Tokens for /v1 may end by themselves.

alter table api_token add column expires_at timestamptz;   -- machine time; null: never

alter table audit alter column id drop default, add column previous bytea, add column hash bytea;

create function audit_hash(previous bytea, id bigint, at timestamptz, actor text, act text, object text, fields text[]) returns bytea
  language sql stable set search_path = pg_catalog, pg_temp as $body$
  select sha256(coalesce(previous, '') || convert_to(jsonb_build_array(id, (extract(epoch from at) * 1000000)::bigint, actor, act, object,
    to_jsonb(fields))::text, 'UTF8'))
$body$;

create function audit_chain() returns trigger language plpgsql set search_path = public, pg_temp as $body$
declare
  newest record;
begin
  perform pg_advisory_xact_lock(hashtext('nurture.audit'));
  select a.id, a.hash into newest from audit a order by a.id desc limit 1;
  new.id := coalesce(newest.id, 0) + 1;
  new.previous := newest.hash;
  new.hash := audit_hash(new.previous, new.id, new.at, new.actor, new.act, new.object, new.fields);
  return new;
end $body$;

create function audit_stays() returns trigger language plpgsql as $body$
begin
  raise exception 'rows of audit are never changed nor taken out' using errcode = 'insufficient_privilege';
end $body$;

do $body$
declare
  old audit[];
  was audit;
begin
  select array_agg(a order by a.id) into old from audit a;
  delete from audit;
  create trigger audit_chain before insert on audit for each row execute function audit_chain();
  foreach was in array coalesce(old, '{}') loop
    insert into audit (at, actor, act, object, fields) values (was.at, was.actor, was.act, was.object, was.fields);
  end loop;
end $body$;

alter table audit alter column hash set not null;
create trigger audit_stays before update or delete on audit for each row execute function audit_stays();
create trigger audit_stays_whole before truncate on audit for each statement execute function audit_stays();
