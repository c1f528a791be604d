-- What each of sales has in hand is reckoned anew now and then (loads.sql).
create index handoff_open on handoff (person) where state in ('open', 'late');
