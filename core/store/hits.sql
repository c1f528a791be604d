-- Opens and clicks of mails. A lead that was merged into another counts as that one; of one that was erased nothing is kept.

-- :name hits_opens
with w as materialized (
  select distinct on (touch_id, why) touch_id, lead_id, at, why
  from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[]) w(touch_id, lead_id, at, why) order by touch_id, why, at)
insert into event (received_at, event_id, shard, lead_id, at, verb, subject, machine, data)
select $5::timestamptz, new_id(l.shard), l.shard, l.lead_id, w.at, 'email.open', t.template, y.why is not null,
  jsonb_strip_nulls(jsonb_build_object('touch', w.touch_id, 'campaign', t.campaign, 'step', t.step, 'why', y.why))
from w
cross join lateral (select coalesce(o.merged_into, o.lead_id) as lead_id from lead o where o.shard = (w.lead_id & 63)::smallint and o.lead_id = w.lead_id offset 0) o
cross join lateral (select * from lead l where l.shard = (o.lead_id & 63)::smallint and l.lead_id = o.lead_id offset 0) l
left join lateral (select * from touch t where t.shard = (w.touch_id & 63)::smallint and t.touch_id = w.touch_id offset 0) t on true
cross join lateral (select coalesce(w.why, case when hit_too_soon(t.state, t.over_at, t.permitted_at, w.at) then 'too soon' end) as why) y
where l.erased_at is null
  and (select c.state from consent c where c.shard = l.shard and c.lead_id = l.lead_id and c.channel in ('*', 'track_open')
  and c.purpose in ('*', 'marketing') order by c.id desc limit 1) is distinct from 'withdrawn'

-- :name hits_clicks
insert into click (touch_id, lead_id, at, link, links, machine, url, visitor, why)
select w.touch_id, o.lead_id, w.at, w.link, w.links, w.why is not null, w.url, w.visitor, w.why
from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::int[], $5::int[], $6::text[], $7::text[], $8::text[])
  w(touch_id, lead_id, at, link, links, why, url, visitor)
cross join lateral (select coalesce(o.merged_into, o.lead_id) as lead_id from lead o where o.shard = (w.lead_id & 63)::smallint and o.lead_id = w.lead_id offset 0) o
cross join lateral (select l.erased_at from lead l where l.shard = (o.lead_id & 63)::smallint and l.lead_id = o.lead_id offset 0) l
where l.erased_at is null
  and (select c.state from consent c where c.shard = (o.lead_id & 63)::smallint and c.lead_id = o.lead_id and c.channel in ('*', 'track_click')
  and c.purpose in ('*', 'marketing') order by c.id desc limit 1) is distinct from 'withdrawn'

-- The clicks of touches whose first one is old enough, as far as they came within ten seconds of it. Who follows five links in that time is no reader, nor is what
-- goes on ten seconds after such a run: a scanner that takes one link after the other. Who does not get the lock has nothing to do.
-- :name hits_settle
with mine as materialized (select pg_try_advisory_xact_lock(1314214485) as mine),
first as materialized (
  select d.touch_id, min(d.at) as since
  from (select touch_id, at from click where at <= $1::timestamptz - interval '10 seconds' and (select mine from mine) order by at limit 4000) d group by d.touch_id),
gone as (
  delete from click c using first f where c.touch_id = f.touch_id and c.touch_id is not null and c.at < f.since + interval '10 seconds' returning c.*),
burst as materialized (
  select touch_id, case when max(links) > 1 and count(distinct link) >= max(links) then 'all links at once' when count(distinct link) >= 5 then 'many links at once'
    when exists (select from event e where e.shard = (max(g.lead_id) & 63)::smallint and e.lead_id = max(g.lead_id) and e.at > min(g.at) - interval '10 seconds'
      and e.received_at > min(g.at) - interval '1 hour' and e.verb = 'email.click' and e.machine and e.data ->> 'touch' = g.touch_id::text
      and e.data ->> 'why' like '% links at once') then 'many links at once' end as why
  from gone g group by touch_id),
known as (
  select g.*, t.template, t.campaign, t.step,
    coalesce(g.why, case when g.machine then 'user agent' when hit_too_soon(t.state, t.over_at, t.permitted_at, g.at) then 'too soon' end, b.why) as known_by
  from gone g join burst b on b.touch_id = g.touch_id
  left join lateral (select * from touch t where t.shard = (g.touch_id & 63)::smallint and t.touch_id = g.touch_id offset 0) t on true),
each as materialized (
  select distinct on (touch_id, link, known_by is null) * from known order by touch_id, link, known_by is null, at)
select l.lead_id, e.at, coalesce(e.template, ''), e.known_by, e.url, coalesce(e.visitor, ''), e.touch_id, coalesce(e.campaign, ''), coalesce(e.step, '')
from each e
cross join lateral (select coalesce(o.merged_into, o.lead_id) as lead_id from lead o where o.shard = (e.lead_id & 63)::smallint and o.lead_id = e.lead_id offset 0) l
cross join lateral (select k.erased_at from lead k where k.shard = (l.lead_id & 63)::smallint and k.lead_id = l.lead_id offset 0) k
where k.erased_at is null
  and (select c.state from consent c where c.shard = (l.lead_id & 63)::smallint and c.lead_id = l.lead_id and c.channel in ('*', 'track_click')
  and c.purpose in ('*', 'marketing') order by c.id desc limit 1) is distinct from 'withdrawn'
order by l.lead_id, e.at
