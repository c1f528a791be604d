-- What was told of leads' fields, and when: read lead by lead when history is replayed (nurture backtest), without the events between.
create index event_told on event (shard, lead_id) where verb in ('lead.create', 'lead.update') and data is not null;
