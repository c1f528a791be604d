-- Two leads that are one person: the loser's turn sets lead.merged_into, and the winner's turn hears what the loser did. `merge` keeps what undoing it
-- needs, for 90 days, apart from the audit.
create table merge (
  merge_id bigint primary key default nextval('id_seq'),
  lead_id bigint not null,                    -- the loser
  winner bigint not null,
  state text not null check (state in ('waiting', 'done', 'refused', 'undone')),
  asked_at timestamptz not null,
  done_at timestamptz,
  -- what undoing needs; null when it is undone, or older than 90 days
  fill jsonb,                                 -- fields that the winner had not
  names jsonb,                                -- [{"kind", "value"}] that were the loser's
  visitors bigint[]                           -- anonymous leads that were merged into the loser
);
create unique index merge_lead on merge (lead_id) where state in ('waiting', 'done');
create index merge_winner on merge (winner) where state in ('waiting', 'done');
create index lead_merged on lead (merged_into) where merged_into is not null;

-- An event that was another lead's, for the history alone: nothing begins because of it.
alter table inbox add column merged boolean;

-- What is known of a lead, as one object.
create function lead_fields(l lead) returns jsonb language sql immutable as $body$
  select jsonb_strip_nulls(jsonb_build_object('email', l.email, 'first_name', l.first_name, 'last_name', l.last_name, 'title', l.title, 'role', l.role,
    'company', l.company, 'phone', l.phone, 'source', l.source, 'country', l.country, 'time_zone', l.time_zone, 'language', l.language,
    'address', l.address, 'city', l.city, 'postal_code', l.postal_code, 'region', l.region, 'external_id', l.external_id) || l.fields)
$body$;
-- What the winner has not and the loser has; of a postal address all or nothing.
create function merge_fill(loser lead, winner lead) returns jsonb language sql immutable as $body$
  select coalesce(jsonb_object_agg(f.key, f.value), '{}') from jsonb_each(lead_fields(loser)) f, lead_fields(winner) w
  where not w ? f.key and not (f.key in ('address', 'city', 'postal_code', 'region') and w ?| array['address', 'city', 'postal_code', 'region'])
$body$;

-- The merge that this transaction is at: begun, and the lead is not moved yet. The same for taking it back.
create function merge_now(id bigint) returns setof merge language sql stable as $body$
  select m.* from merge m join lead l on l.shard = (m.lead_id & 63)::smallint and l.lead_id = m.lead_id
  where m.merge_id = id and m.state = 'done' and l.merged_into is null
$body$;
create function unmerge_now(id bigint) returns setof merge language sql stable as $body$
  select m.* from merge m join lead l on l.shard = (m.lead_id & 63)::smallint and l.lead_id = m.lead_id
  where m.merge_id = id and m.state = 'undone' and l.merged_into = m.winner
$body$;
