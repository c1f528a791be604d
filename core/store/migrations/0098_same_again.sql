-- Leads that are one person by a rule are compared with all whom either stands for: with those that are about to be merged into it, too. A lead without a
-- name would else take in Hans and, while his turn is still to come, Fritz as well.
alter function same_person_not(lead, lead) rename to same_person_pair_not;

-- A lead, those that wait to be merged into it, and those merged into it whose names its own turn has not taken over yet.
create function same_person_members(l lead) returns setof lead language sql stable set enable_seqscan = off as $body$
  select l
  union all
  select x from merge m join lead x on x.shard = (m.lead_id & 63)::smallint and x.lead_id = m.lead_id
  where m.winner = l.lead_id and m.state in ('waiting', 'done') -- said so for the index, whose condition it is
    and (m.state = 'waiting'
    or m.state = 'done' and (l.first_name is null and x.first_name is not null or l.last_name is null and x.last_name is not null))
$body$;

-- Why two leads that are alike are not one person for all that (same_person_pair_not says the words); null = nothing speaks against it.
create function same_person_not(a lead, b lead) returns text language sql stable as $body$
  select p.why
  from same_person_members(a) x cross join same_person_members(b) y cross join lateral (select same_person_pair_not(x, y) as why) p
  where x.lead_id <> y.lead_id and p.why is not null
  order by x.lead_id <> a.lead_id or y.lead_id <> b.lead_id limit 1
$body$;

-- The same, asked when the merge is carried out (merge_begin): time has passed since the rule found them.
--   changed       they are not alike any more
create function same_person_no_more(by_rule text, a lead, b lead) returns text language sql stable as $body$
  select case
    when exists (select from unnest(string_to_array(by_rule, ' ')) f
      where lower(lead_fields(a)->>f) is distinct from lower(lead_fields(b)->>f) or lead_fields(a)->>f is null) then 'changed'
    else same_person_not(a, b) end
$body$;
