-- An index that begins with the shard is for who asks by what comes next in it. The conditions, always true, say so to the planner: while a table
-- is small it believes that any index with the shard in front finds a row as fast as the row's key does, and keeps that plan while the table grows.
drop index touch_lead;
create index touch_lead on touch (shard, lead_id, due_at) where lead_id is not null;
drop index enrollment_lead;
create index enrollment_lead on enrollment (shard, lead_id, campaign, entered_at desc) where lead_id is not null;
drop index identity_lead;
create index identity_lead on identity (shard, lead_id) where lead_id is not null;

-- The same for the keys of the queues: who asks for the oldest of a shard must not be given all of it, sorted.
alter table inbox drop constraint inbox_pkey;
create unique index inbox_lead on inbox (shard, lead_id, id) where lead_id is not null;
alter table lead_wake drop constraint lead_wake_pkey;
create unique index lead_wake_lead on lead_wake (shard, lead_id) where lead_id is not null;
