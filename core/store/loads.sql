-- What each of sales has in hand, reckoned anew from handoffs. Several statements, for the last one sees what was committed until the rows were locked: a save writes its
-- handoffs before it waits for them (save_handoff).
-- Leads that are another's now, or were erased, have no turns that would end their handoffs.
-- :name loads_gone
update handoff h set state = 'returned' where h.ctid = any(array(
  select o.ctid from handoff o join lead d on d.shard = o.shard and d.lead_id = o.lead_id
  where o.state in ('open', 'late') and (d.merged_into is not null or d.erased_at is not null)))

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
