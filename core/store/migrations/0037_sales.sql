-- What each person of sales has in hand, so that teams can take turns: kept by whoever writes handoffs (save_walk.sql).
create table sales_load (
  person text primary key,
  open int not null default 0,   -- handoffs that are neither accepted nor returned
  last timestamptz not null      -- when one was given last
);
insert into sales_load (person, open, last)
select person, count(*) filter (where state in ('open', 'late')), max(at) from handoff where person <> '' group by person;
