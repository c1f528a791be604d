-- What waits for a publish is planned again some at a time, in the order of its keys, as everybody locks it.
drop index touch_parked;
create index touch_parked on touch (channel, shard, touch_id) where due_at = 'infinity';
