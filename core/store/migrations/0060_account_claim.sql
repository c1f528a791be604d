-- Campaigns with once_per = "account": who of an account entered one last. Whether that walk goes on its enrollment says, so that the two cannot disagree.
create table account_claim (
  shard smallint not null,                    -- of the account
  account_id bigint not null,
  campaign text not null,
  lead_id bigint not null,
  enrollment_id bigint not null,
  instead bigint,                             -- the enrollment whose place it took
  at timestamptz not null,
  primary key (shard, account_id, campaign)
);
