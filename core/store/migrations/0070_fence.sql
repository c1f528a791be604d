-- A group that is committed in the one message that brings it (op.h, OP_ONCE) has no number by which to ask for it when the answer is lost: it may not even have been read
-- yet. Who asks closes the session's row: what comes on that session later writes nothing.
alter table commit_mark add column fenced boolean not null default false;
