-- A resume of many walks wakes them page by page, behind the request that asked for it (campaign.sql): where it stands. null = nobody is left to be woken.
alter table campaign_pause add column wake_shard smallint, add column wake_after bigint;
