-- A touch is planned, claimed, permitted and sent, its attempt begun and ended, thousands of times a second. Only the claim changes an index of touch:
-- the moves after it write a row's next version beside it, for which there is room on the page. So no index may name `state`: those that are
-- for what is due, and for what a person or the channel has to look at, name `queue`, which is not changed by what is in hand. What is in hand is
-- found by its attempt, which has no end yet.
alter table touch add column queue text generated always as (
  case when state in ('planned', 'deferred') then 'due' when state in ('queued', 'in_doubt') then state end) stored;
alter table touch set (fillfactor = 50);

drop index touch_due;
create index touch_due on touch (channel, due_at) where queue = 'due';
drop index touch_hand;
create index touch_waits on touch (channel, queue) where queue in ('queued', 'in_doubt');

-- (The second condition, always true, keeps the planner from it where an attempt is looked for by its touch.)
create index attempt_open on attempt (token) where ended_at is null and at is not null;
alter table attempt set (fillfactor = 80);
