-- Links of mails that were followed, for ten seconds: who follows all links of a mail at once is a machine, and an event cannot be changed.
create table click (
  click_id bigint not null default nextval('id_seq'),
  at timestamptz not null,
  touch_id bigint not null,
  lead_id bigint not null,
  link int not null,                          -- number of the link in its mail, from 0
  links int not null,                         -- how many the mail has
  machine boolean not null,                   -- its own words say so
  url text not null,
  visitor text                                -- number of its cookie
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
create index click_at on click (at);
create index click_touch on click (touch_id, at) where touch_id is not null;
