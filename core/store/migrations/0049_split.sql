-- Tests of splits: began by the first lead that drew, decided by the jobs worker. Which way a lead drew, and whether it has done what wins, stands in its enrollment's passes:
-- [count, end of its last contact, tries, how it ended, way, drawn at, luck]; luck 1 = drawn, 2 = drawn and won, 3 = given.
create table split_test (
  campaign text not null,
  step text not null,
  words text not null,                        -- hash of what the split says: other words are another test
  ways text[] not null,                       -- in their order
  first float8 not null,                      -- 0: all are split until the winner is known
  began_at timestamptz not null,
  look_at timestamptz not null,
  looks int not null default 0,
  decided_at timestamptz,
  winner text,                                -- null when decided: none could be told
  numbers jsonb,                              -- {way: [leads, won]} at the last look
  primary key (campaign, step, words)
);
create index split_test_open on split_test (look_at) where decided_at is null;
