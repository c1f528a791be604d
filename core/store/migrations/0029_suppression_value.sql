-- Whether a lead is suppressed is asked before each touch, by all its names at once (facts.sql, permit.sql): one index scan by value instead of one for
-- each kind of name.
create index suppression_value on suppression (value);
