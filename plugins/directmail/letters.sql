-- Statements of letters.c.

-- A touch that comes again while its row stands is the same letter. What was given back, and is delivered anew, waits again; what is gone is told once more.
-- One to whom no letter may go (lists.sql) is over before it waits.
-- :name letters_insert
insert into letter (channel, touch_id, lead_id, attempt, campaign, step, template, queued_at, state, drop_on, cut_at, once, code, url, house, person, firm, site, outcome)
select $1, $2::int8, $3::int8, $4::int4, $5, $6, $7, $8::int8, case when k.no is null then 'waiting' else 'over' end, $9::date, $10::int8, $11::bool, $12, $13, k.house, k.person, k.firm, k.site, k.no
from (select house, person, firm, site, refuse(house, person, firm, site) as no
  from (select decode($14, 'hex') as house, decode($15, 'hex') as person, decode($16, 'hex') as firm, decode($17, 'hex') as site) h) k
on conflict (channel, touch_id) do update set attempt = excluded.attempt, told = false, house = excluded.house, person = excluded.person, firm = excluded.firm, site = excluded.site,
state = case when letter.state = 'over' and letter.attempt <> excluded.attempt then 'waiting' else letter.state end,
drop_on = case when letter.state = 'over' then excluded.drop_on else letter.drop_on end,
cut_at = case when letter.state = 'over' then excluded.cut_at else letter.cut_at end,
job_id = case when letter.state = 'over' and letter.attempt <> excluded.attempt then null else letter.job_id end,
outcome = case when letter.attempt = excluded.attempt then letter.outcome end
returning state
