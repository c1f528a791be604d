-- What each of sales has in hand, reckoned anew from handoffs. Three statements, for the last one sees what was committed until the rows were locked: a save writes its
-- handoffs before it waits for them (save_handoff).
-- :name loads_missing
insert into sales_load (person, open, last)
select person, 0, max(at) from handoff where person <> '' and state in ('open', 'late') group by person order by person
on conflict (person) do nothing

-- :name loads_lock
select from sales_load order by person for no key update

-- Leads that were erased, or are another's now, are in nobody's hand.
-- :name loads_reckon
update sales_load s set open = c.open from (
  select l.person, (
    select count(*) from handoff h join lead d on d.shard = h.shard and d.lead_id = h.lead_id
    where h.person = l.person and h.state in ('open', 'late') and d.merged_into is null and d.erased_at is null)::int as open
  from sales_load l) c
where s.person = c.person and s.open <> c.open
