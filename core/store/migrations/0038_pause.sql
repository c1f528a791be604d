-- Campaigns and walks that somebody paused. Of a campaign the last pause is kept: what fell due in it is overdue by it, and the rule for that is the
-- playbook's (`late`).
create table campaign_pause (
  campaign text primary key,
  paused_at timestamptz not null,
  resumed_at timestamptz,                     -- null: it is paused
  actor text not null
);
alter table enrollment add column paused_at timestamptz;
create index enrollment_paused on enrollment (campaign) where paused_at is not null;
