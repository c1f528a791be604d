-- Until when somebody has this touch in hand, though it is not over: an agent who was offered the call speaks. As long as that is so its deadline (expires_at) does not
-- take it back. Written by its channel alone (offer.sql).
alter table touch add column offered_until timestamptz;
