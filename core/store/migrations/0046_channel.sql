-- What stands of a channel beside its touches: stopped by a person, held as its plugin asked for it (both until somebody resumes it), what the plugin tells
-- of itself, and its notes.
alter table channel_state add column stopped_at timestamptz, add column stopped_by text;
alter table channel_state add column held_at timestamptz, add column held_reason text;
alter table channel_state add column standing jsonb, add column notes jsonb;
