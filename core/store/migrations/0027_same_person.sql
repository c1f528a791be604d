-- Leads that are one person by a rule of the playbook (same_person): who is to be looked at since something of its names changed, and what came of it.
create table same_person (
  shard smallint not null,
  lead_id bigint not null,
  primary key (shard, lead_id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

alter table merge add column rule text; -- fields by which they are one; null = somebody asked for the merge
alter table merge add column why text;  -- state 'refused': why the rule alone does not merge them (same_person_not)
create index merge_past on merge (lead_id) where state in ('refused', 'undone');
create index merge_suspect on merge (winner) where state = 'refused' and rule is not null;

-- Those alike are found by one of these, and by lead_phone.
drop index lead_person;
create index lead_person on lead (lower(last_name), lower(company), lower(first_name)) where last_name is not null and company is not null;
create index lead_home on lead (lower(last_name), lower(postal_code)) where last_name is not null and postal_code is not null;

-- Leads that have all these fields alike, none of them empty, whatever the case of letters; a number only with its country code.
create function same_people(l lead, by_fields text[], most int) returns setof lead language plpgsql stable set enable_seqscan = off as $body$
begin
  if 'phone' = any (by_fields) then
    return query select d.* from lead d
      where d.phone = l.phone and l.phone like '+%' and d.lead_id <> l.lead_id and d.merged_into is null and not d.anonymous and d.erased_at is null
        and not exists (select from unnest(by_fields) f where lower(lead_fields(d)->>f) is distinct from lower(lead_fields(l)->>f) or lead_fields(l)->>f is null)
      limit most;
  elsif 'company' = any (by_fields) then
    return query select d.* from lead d
      where lower(d.last_name) = lower(l.last_name) and lower(d.company) = lower(l.company)
        and d.lead_id <> l.lead_id and d.merged_into is null and not d.anonymous and d.erased_at is null
        and not exists (select from unnest(by_fields) f where lower(lead_fields(d)->>f) is distinct from lower(lead_fields(l)->>f) or lead_fields(l)->>f is null)
      limit most;
  else
    return query select d.* from lead d
      where lower(d.last_name) = lower(l.last_name) and lower(d.postal_code) = lower(l.postal_code)
        and d.lead_id <> l.lead_id and d.merged_into is null and not d.anonymous and d.erased_at is null
        and not exists (select from unnest(by_fields) f where lower(lead_fields(d)->>f) is distinct from lower(lead_fields(l)->>f) or lead_fields(l)->>f is null)
      limit most;
  end if;
end $body$;

-- Why two leads that are alike are not one person for all that; null = nothing speaks against it.
--   names         both have a first name, or a last name, and it is another one
--   role_address  the address of one belongs to a function, so several people may stand behind it
--   external_id   the same system (what stands before the colon) knows them as two
--   confirmed     each has shown that another mailbox is theirs
--   undone        somebody took their merge back
create function same_person_not(a lead, b lead) returns text language sql stable as $body$
  select case
    when lower(a.first_name) <> lower(b.first_name) or lower(a.last_name) <> lower(b.last_name) then 'names'
    when 'role_address' = any (a.quality || b.quality) then 'role_address'
    when exists (select from identity x join identity y on y.kind = 'external_id' and y.shard = b.shard and y.lead_id = b.lead_id
        and substring(y.value from '^([^:]*):') is not distinct from substring(x.value from '^([^:]*):')
      where x.kind = 'external_id' and x.shard = a.shard and x.lead_id = a.lead_id) then 'external_id'
    when a.email <> b.email and 2 = (select count(*) from (values (a.shard, a.lead_id), (b.shard, b.lead_id)) w(shard, lead_id)
      where 'confirmed' = (select c.state from consent c where c.shard = w.shard and c.lead_id = w.lead_id and c.channel in ('email', '*')
        order by c.id desc limit 1)) then 'confirmed'
    when exists (select from merge m where m.state = 'undone' and ((m.lead_id = a.lead_id and m.winner = b.lead_id) or (m.lead_id = b.lead_id and m.winner = a.lead_id)))
      then 'undone'
  end
$body$;

-- Looks at up to 100 leads of a shard: by the first rule that finds somebody, the younger is asked to become the older (as `nurture merge` asks), or it is
-- written down why not, and it knows that it is suspected. One after the other of all who ask for merges, so that no two make a chain or a circle.
--   too_many      more than `most` others are alike, with those that the rule has merged into them: a switchboard, a family, a test
--   both_took     each has taken in others already
create function same_person_turn(which int, rules text[], most int, now timestamptz)
returns table (lead_id bigint, winner bigint, rule text, why text) language plpgsql as $body$
#variable_conflict use_column
declare
  asked bigint;
  line text;
  alike bigint[];
  other bigint;
  l lead;
  d lead;
  loser bigint;
  into_lead bigint;
  against text;
  answered boolean;
begin
  perform pg_advisory_xact_lock(hashtext('nurture.merge'));
  for asked in delete from same_person s where s.shard = which and s.lead_id = any (array(
      select p.lead_id from same_person p where p.shard = which order by p.shard, p.lead_id limit 100)) returning s.lead_id loop
    select * into l from lead x where x.shard = which and x.lead_id = asked;
    continue when l.lead_id is null or l.merged_into is not null or l.anonymous or l.erased_at is not null
      or exists (select from merge m where m.lead_id = asked and m.state in ('waiting', 'done'));
    with gone as (
      delete from merge m where (m.lead_id = asked or m.winner = asked) and m.state = 'refused' and m.rule is not null returning m.lead_id)
    insert into inbox (shard, lane, lead_id) select distinct (g.lead_id & 63)::smallint, 2, g.lead_id from gone g;
    answered := false;
    foreach line in array rules loop
      exit when answered;
      alike := array(select x.lead_id from same_people(l, string_to_array(line, ' '), most + 1) x
        where not exists (select from merge m where m.lead_id = x.lead_id and m.state = 'waiting') order by x.lead_id >> 6);
      foreach other in array alike loop
        select * into d from lead x where x.shard = (other & 63)::smallint and x.lead_id = other;
        loser := case when asked >> 6 > other >> 6 then asked else other end;
        into_lead := case when loser = asked then other else asked end;
        against := case when cardinality(alike) + (select count(*) from merge m where m.winner = any (alike || asked) and m.state in ('waiting', 'done') and m.rule = line) > most
          then 'too_many' else same_person_not(l, d) end;
        if against is null and exists (select from merge m where m.winner = loser and m.state in ('waiting', 'done')) then
          if exists (select from merge m where m.winner = into_lead and m.state in ('waiting', 'done')) then
            against := 'both_took';
          else
            loser := into_lead;
            into_lead := case when loser = asked then other else asked end;
          end if;
        end if;
        if against is null then
          with m as (
            insert into merge (lead_id, winner, state, asked_at, rule) values (loser, into_lead, 'waiting', now, line) returning merge.merge_id),
          told as (
            insert into event (received_at, event_id, shard, lead_id, at, verb, data)
            select now, new_id((loser & 63)::int), (loser & 63)::smallint, loser, now, 'lead.merge',
              jsonb_build_object('merge', m.merge_id, 'into', into_lead, 'rule', line) from m
            returning event.shard, event.lead_id, event.event_id, event.received_at, event.at, event.verb, event.data),
          heard as (
            insert into inbox (shard, lane, lead_id, event_id, received_at, at, machine, verb, data)
            select t.shard, 0, t.lead_id, t.event_id, t.received_at, t.at, false, t.verb, t.data from told t)
          insert into audit (at, actor, act, object, fields)
          values (clock_timestamp(), 'same_person', 'lead.merge', loser || ' into ' || into_lead, string_to_array(line, ' '));
          insert into same_person (shard, lead_id) values ((into_lead & 63)::smallint, into_lead) on conflict do nothing; -- is there a third?
        else
          insert into merge (lead_id, winner, state, asked_at, rule, why) values (loser, into_lead, 'refused', now, line, against);
          insert into inbox (shard, lane, lead_id) values ((loser & 63)::smallint, 2, loser); -- its quality
        end if;
        lead_id := loser; winner := into_lead; rule := line; why := against;
        return next;
        answered := against is null;
        exit when answered or against = 'too_many';
      end loop;
    end loop;
  end loop;
end $body$;
