-- What plugins must still forget: a person who was erased, or two who were one. A row for each channel whose plugin keeps something of people, written in
-- the transaction that erases or merges, whoever does it; gone when the plugin has said that it is done. A channel that is not there leaves its rows open.
alter table channel_state add column forgets boolean not null default false;

create table channel_forget (
  channel text not null,
  id bigint generated always as identity,
  lead_id bigint not null,
  into_lead bigint, -- null: erased; else whose it is now
  asked_at timestamptz not null,
  tries int not null default 0,
  again_at timestamptz not null, -- machine time
  reason text, -- why the plugin could not, last
  primary key (channel, id)
);

create function lead_tell_plugins() returns trigger language plpgsql as $body$
begin
  insert into channel_forget (channel, lead_id, into_lead, asked_at, again_at)
  select c.channel, new.lead_id, case when new.erased_at is null then new.merged_into end, clock_timestamp(), clock_timestamp()
  from channel_state c where c.forgets order by c.channel;
  return null;
end $body$;
create trigger lead_erased after update of erased_at on lead for each row
  when (old.erased_at is null and new.erased_at is not null) execute function lead_tell_plugins();
create trigger lead_merged after update of merged_into on lead for each row
  when (new.merged_into is not null and old.merged_into is distinct from new.merged_into and new.erased_at is null) execute function lead_tell_plugins();
