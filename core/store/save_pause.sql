-- Who entered a campaign that was paused when its turn was loaded: resumed meanwhile, nobody else will wake it. The pause's row is kept until the commit, so that a
-- resume sees either this enrollment or is seen here.
-- :name save_pause
with p as materialized (
  select campaign, resumed_at from campaign_pause where campaign = any($3::text[]) order by campaign for share)
insert into inbox (shard, lane, lead_id)
select $1::int, 2, w.lead_id from unnest($2::bigint[], $3::text[]) w(lead_id, campaign) join p on p.campaign = w.campaign where p.resumed_at is not null
