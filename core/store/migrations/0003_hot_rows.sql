-- Rows that turns read and write thousands of times a second.

-- An inbox row carries its event, so that a turn need not look for it among the months of table event. verb null: look there (a row of
-- before, or much data), or there is no event. Rows are never changed, only made and deleted.
alter table inbox add column at timestamptz, add column value double precision, add column machine boolean, add column verb text,
  add column subject text, add column data jsonb;
alter table inbox set (fillfactor = 100);

-- A queue's second index is for who asks by its order. The condition, always true, keeps the planner from taking it to find one lead: of an
-- empty table it believes that one index is as good as the other, and the plan is kept while the table fills.
drop index inbox_lane;
create index inbox_lane on inbox (shard, lane, id) where lane is not null;
drop index lead_wake_due;
create index lead_wake_due on lead_wake (shard, wake_at) where wake_at is not null;

-- A walk's next step changes no index, so the row's new version stays beside the old one.
drop index enrollment_step;
create index enrollment_open on enrollment (campaign) where state <> 'ended';
alter table enrollment set (fillfactor = 75);
alter table lead set (fillfactor = 85);

-- What was logged is asked for by lead, in order of time.
alter table enrollment_log drop constraint enrollment_log_pkey;
drop index enrollment_log_lead;
alter table enrollment_log add primary key (shard, lead_id, at, id);
