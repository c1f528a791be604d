-- Those who entered a campaign for their account ($4 campaign, $5 enrollment, $6 the one whose place it takes, $7 it was in before). Two transactions that want the same place:
-- the second waits for the first here, in an order that all keep, and then finds it taken. The account is the one that the lead has by now. Of two in this very
-- transaction the older enrollment has it.
-- :name save_claim
insert into account_claim (shard, account_id, campaign, lead_id, enrollment_id, instead, at)
select distinct on (l.account_id, w.campaign) (l.account_id & 63)::smallint, l.account_id, w.campaign, w.lead_id, w.enrollment_id, w.instead, $2::timestamptz
from unnest($3::bigint[], $4::text[], $5::bigint[], $6::bigint[]) w(lead_id, campaign, enrollment_id, instead)
cross join lateral (select l.account_id from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id and l.account_id is not null offset 0) l
where (w.lead_id & 63) = $1::int
order by l.account_id, w.campaign, w.enrollment_id
on conflict (shard, account_id, campaign) do update
  set lead_id = excluded.lead_id, enrollment_id = excluded.enrollment_id, instead = excluded.instead, at = excluded.at
  where account_claim.enrollment_id = excluded.instead

-- Who came too late, and for whom; its own snapshot sees what the statement before it waited for. That one is of this transaction ($3 has it): it is not sure yet.
-- :name save_claim_taken
select w.lead_id, c.campaign, c.lead_id, case when c.enrollment_id = any ($3::bigint[]) then 0 else c.enrollment_id end,
  case when e.state is null then c.at else e.ended_at end
from unnest($1::bigint[], $2::text[], $3::bigint[], $4::boolean[]) w(lead_id, campaign, enrollment_id, late)
cross join lateral (select l.account_id from lead l where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id offset 0) l
cross join lateral (select * from account_claim c where c.shard = (l.account_id & 63)::smallint and c.account_id = l.account_id and c.campaign = w.campaign offset 0) c
left join lateral (select e.state, e.ended_at from enrollment e where e.shard = (c.enrollment_id & 63)::smallint and e.enrollment_id = c.enrollment_id offset 0) e on true
where c.enrollment_id <> w.enrollment_id and not w.late
