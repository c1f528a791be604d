-- What a limit of its channel puts off, and what no template could write.
--
-- turn_at: the turn that the channel's plugin promised, as due_at says it, too: where both are the same the touch waits for it. turn_from: when it was due before.
-- A touch that no message could be made of waits for the next publish: it is due at infinity.
alter table touch add column turn_at timestamptz, add column turn_from timestamptz;
create index touch_parked on touch (channel) where due_at = 'infinity';
