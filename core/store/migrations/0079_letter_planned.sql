-- Letters by the time when they were planned, which never changes: an index of what a move of a touch in hand writes (over_at) makes each move of every channel dearer.
drop index touch_letter;
create index touch_letter on touch (planned_at) where kind = 'letter';
