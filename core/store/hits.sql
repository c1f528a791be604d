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

-- The clicks of touches of which nothing was followed for ten seconds, or whose first one is a minute old. Who follows all links within ten seconds, or five, is no
-- reader, nor is what goes on ten seconds after such a run: a scanner that takes one link after the other. A run takes with it what was followed in the mail in the minute
-- before, as well what was settled as a person's (event is that click: an event says that it was none). The code of a letter that was not sent yet only who makes it can have.
-- Who does not get the lock has nothing to do.
-- :name hits_settle
with mine as materialized (select pg_try_advisory_xact_lock(1314214485) as mine),
first as materialized (
  select d.touch_id, min(d.at) as since
  from (select touch_id, at from click where at <= $1::timestamptz - interval '10 seconds' and (select mine from mine) order by at limit 4000) d group by d.touch_id),
quiet as materialized (
  select f.touch_id, f.since from first f where f.since <= $1 - interval '1 minute'
    or not exists (select from click c where c.touch_id = f.touch_id and c.at > $1 - interval '10 seconds')),
gone as materialized (
  delete from click c using quiet f where c.touch_id = f.touch_id and c.touch_id is not null and c.at < f.since + interval '1 minute' returning c.*),
seen as (
  select g.*, lag(at) over (partition by touch_id, link order by at) as before from gone g),
near as (
  select touch_id, lead_id, at, links,
    count(*) filter (where before is null or before <= at - interval '10 seconds') over (
      partition by touch_id order by at range between current row and interval '10 seconds' following) as links_near
  from seen),
burst as materialized (
  select touch_id, max(lead_id) as lead_id, min(at) as since, max(at) as until,
    case when max(links) > 1 and max(links_near) >= max(links) then 'all links at once' when max(links_near) >= 5 then 'many links at once'
    when exists (select from event e where e.shard = (max(n.lead_id) & 63)::smallint and e.lead_id = max(n.lead_id) and e.at > min(n.at) - interval '10 seconds'
      and e.received_at > min(n.at) - interval '1 hour' and e.verb = 'email.click' and e.machine and e.data ->> 'touch' = n.touch_id::text
      and e.data ->> 'why' like '% links at once') then 'many links at once' end as why
  from near n group by touch_id),
taken as materialized (
  select e.event_id, e.at, e.subject, e.data, b.touch_id, b.lead_id, b.why
  from burst b
  join lateral (select * from event e where b.why is not null and e.shard = (b.lead_id & 63)::smallint and e.lead_id = b.lead_id
    and e.at > b.since - interval '1 minute' and e.at <= b.until and e.received_at > b.since - interval '1 hour' and e.verb = 'email.click' and not e.machine
    and e.data ->> 'touch' = b.touch_id::text offset 0) e on true
  where not exists (select from event k where k.shard = e.shard and k.lead_id = e.lead_id and k.at >= e.at and k.verb = 'email.click_withdrawn'
    and k.data ->> 'event' = e.event_id::text)),
known as (
  select g.*, t.template, t.campaign, t.step,
    coalesce(g.why, case when g.machine then 'user agent' when hit_too_soon(t.state, t.over_at, t.permitted_at, g.at) then 'too soon'
      when t.kind = 'letter' and t.state in ('planned', 'claimed', 'permitted', 'deferred', 'queued') then 'too soon' end, b.why) as known_by,
    case t.kind when 'letter' then 'letter.response' else 'email.click' end as verb
  from gone g join burst b on b.touch_id = g.touch_id
  left join lateral (select * from touch t where t.shard = (g.touch_id & 63)::smallint and t.touch_id = g.touch_id offset 0) t on true),
each as materialized (
  select distinct on (touch_id, link, known_by is null) * from known order by touch_id, link, known_by is null, at)
select * from (
  select l.lead_id, e.at, coalesce(e.template, '') as template, e.known_by, e.url, coalesce(e.visitor, '') as visitor, e.touch_id, coalesce(e.campaign, '') as campaign,
    coalesce(e.step, '') as step, 0::bigint as event, e.verb
  from each e
  cross join lateral (select coalesce(o.merged_into, o.lead_id) as lead_id from lead o where o.shard = (e.lead_id & 63)::smallint and o.lead_id = e.lead_id offset 0) l
  cross join lateral (select k.erased_at from lead k where k.shard = (l.lead_id & 63)::smallint and k.lead_id = l.lead_id offset 0) k
  where k.erased_at is null
    and (select c.state from consent c where c.shard = (l.lead_id & 63)::smallint and c.lead_id = l.lead_id and c.channel in ('*', 'track_click')
    and c.purpose in ('*', 'marketing') order by c.id desc limit 1) is distinct from 'withdrawn'
  union all
  select t.lead_id, $1, coalesce(t.subject, ''), t.why, coalesce(t.data ->> 'url', ''), '', t.touch_id, coalesce(t.data ->> 'campaign', ''), coalesce(t.data ->> 'step', ''), t.event_id, 'email.click_withdrawn'
  from taken t) w
order by w.event, w.lead_id, w.at
