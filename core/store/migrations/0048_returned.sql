-- What came back for what was sent, counted: so many of a kind, by what became of it ("recorded", "known", "unproven": nobody was sent that), on a day.
create table returned (
  channel text not null,
  day date not null,
  kind text not null,
  answer text not null,
  count bigint not null,
  last_at timestamptz not null,
  primary key (channel, day, kind, answer)
);
