-- Campaigns that somebody finished: nobody enters any more. What they were then is kept: the revision (whose files are kept for ever) and the counts.
create table campaign_finish (
  campaign text primary key,
  finished_at timestamptz not null,
  let_out boolean not null,                   -- who is inside leaves in its next turn; else walks to its end
  actor text not null,
  revision text,                              -- the active one then
  numbers jsonb not null                      -- {leads, held_out, inside, goals}
);
