-- Names of leads and keys of events are found and told apart byte by byte, never sorted for people: a language's order costs each look into their indexes, and each row
-- that is written, several times as much. The tables stay as they are; these indexes are built again.
alter table event_key alter key type text collate "C";
alter table identity alter kind type text collate "C", alter value type text collate "C";
