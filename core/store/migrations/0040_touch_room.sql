-- A touch is planned, claimed, permitted and sent. With pages filled by half, what was planned had to be cleaned away before what is permitted found room
-- beside it: where a claim was still open that could not be, and every sixth move after the claim went to another page and to all indexes.
alter table touch set (fillfactor = 40);
