-- Which touches a withdrawal, a suppression, an erasure or a merge takes back: the one place that says so. What stands in its channel's queue is one of
-- them: an agent must not be shown it. News that it went out all the same are recorded (news.sql). What has a permission may be on the wire.
create function touch_may_stop(state text) returns boolean language sql immutable parallel safe
  return state in ('planned', 'deferred', 'claimed', 'queued');
