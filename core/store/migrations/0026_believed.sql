-- What somebody typed into a form against a withdrawal that stands: worth nothing until the link in a mail to that mailbox confirms it (intake.h), but to
-- let that one mail go (permit.sql). One row for each permission; good while nothing is withdrawn after it.
create table consent_asked (
  shard smallint not null,
  lead_id bigint not null,
  channel text not null,
  purpose text not null,
  withdrawn bigint not null,                  -- the newest withdrawal that stood against it then (consent.id)
  mails bigint[] not null,                    -- touches of purpose "confirm" that it had before: theirs is another question
  at timestamptz not null,
  wording text,
  ip text,
  evidence jsonb,
  primary key (shard, lead_id, channel, purpose)
);

-- Of a cookie: by what it came to its lead: click (of a mail), identify (the site's word of who has logged in), server (an event of the API), made (a form of this
-- browser made the lead). null = by nothing: an anonymous visitor, or one that is from before this was kept. `told`: fields that were filled in with it in forms.
alter table identity add column how text;
alter table identity add column told text[];
