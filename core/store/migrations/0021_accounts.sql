-- What accounts know of their people (core/model/account.h). A lead's own turn writes what it adds (account_member, in the lead's shard) and tells the
-- account by a row of account_inbox: what it was counted as, and what it is now. The account's turn sums that up.
create table account_member (
  shard smallint not null,                    -- of the lead
  lead_id bigint not null,
  account_id bigint not null,
  role smallint not null,                     -- 0 = not known, 1 … as in core/model/lead.h
  packed text not null,                       -- as it was told last
  acted timestamptz,                          -- its newest act, to the day
  primary key (shard, lead_id)
) with (fillfactor = 80);
create index account_member_of on account_member (account_id, shard, lead_id);
create index account_member_acted on account_member (account_id, acted desc) where acted is not null;

create table account_summary (
  shard smallint not null,
  account_id bigint not null,
  people int not null,                        -- those who count
  roles int[] not null,                       -- of them, by role: of none first
  best int not null default 0,                -- the highest score of its models: what lists are sorted by
  packed text not null,
  words text not null,                        -- what the playbook says of accounts, when they were summed up: those of other words look again
  updated_at timestamptz not null,
  primary key (shard, account_id)
) with (fillfactor = 70);
create index account_summary_best on account_summary (best, account_id);
create index account_summary_words on account_summary (shard, words, account_id);

create table account_score (
  shard smallint not null,
  account_id bigint not null,
  name text not null,                         -- of the model, or of the grades
  is_grade boolean not null,
  points int,
  grade text,
  band text,
  since timestamptz not null,
  primary key (shard, account_id, name, is_grade)
) with (fillfactor = 80);
create index account_score_best on account_score (name, points desc, account_id) where not is_grade;

create table account_change (
  shard smallint not null,
  account_id bigint not null,
  id bigint not null default nextval('id_seq'),
  at timestamptz not null,
  name text not null,
  is_grade boolean not null,
  old_points int, new_points int,
  old_grade text, new_grade text,
  old_band text, new_band text,
  cause text not null,
  revision text not null,
  primary key (shard, account_id, id)
);

-- A row of the account's inbox: fields that somebody sets (data), what a member adds (lead_id, was, now), nothing (look again), or people who must
-- look again (wake: bits of roles), page by page: machine time says when, so that what follows in quick succession is one wake.
alter table account_inbox alter column data drop not null;
alter table account_inbox add column lead_id bigint, add column was text, add column now text, add column seen text, add column cause text,
  add column wake int, add column again int, add column after_shard smallint, add column after_lead bigint, add column since timestamptz,
  add column due_at timestamptz;
alter table account_inbox set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
create index account_inbox_lead on account_inbox (lead_id, id) where lead_id is not null;
create unique index account_inbox_wake on account_inbox (account_id) where wake is not null;

-- These leads are nobody's people any more: merged, erased, parked.
create function account_leave(ids bigint[], why text) returns void language sql as $body$
  with gone as (
    delete from account_member m using unnest(ids) w(id) where m.shard = (w.id & 63)::smallint and m.lead_id = w.id returning m.*)
  insert into account_inbox (shard, account_id, lead_id, was, cause)
  select (account_id & 63)::smallint, account_id, lead_id, packed, why from gone
$body$;

-- Accounts that are there already are summed up by turns.
insert into account_inbox (shard, account_id) select shard, account_id from account;
insert into inbox (shard, lane, lead_id) select shard, 2, lead_id from lead where account_id is not null and merged_into is null and erased_at is null;
