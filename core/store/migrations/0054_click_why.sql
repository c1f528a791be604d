-- Why a request for a link was a machine's: the event says it.
alter table click add column why text;

-- Nobody reads a mail before it is delivered, or within two seconds of it; gateways look into it while they take it. Of one that was given away and whose answer
-- is still out (permitted) the gateway has it for a minute at most.
create function hit_too_soon(state text, over_at timestamptz, permitted_at timestamptz, at timestamptz) returns boolean language sql immutable
return case state when 'sent' then at < over_at + interval '2 seconds' when 'permitted' then at < permitted_at + interval '1 minute' else false end;
