-- A merge that was taken back is told to plugins, too: what they moved goes back. Only to those that say they want to hear of it (channel_state.parts,
-- said by the process that holds the channel).
alter table channel_state add column parts boolean not null default false;
alter table channel_forget add column apart boolean not null default false; -- lead_id is itself again, it was into_lead's

create function lead_part_plugins() returns trigger language plpgsql as $body$
begin
  insert into channel_forget (channel, lead_id, into_lead, asked_at, again_at, apart)
  select c.channel, new.lead_id, old.merged_into, clock_timestamp(), clock_timestamp(), true
  from channel_state c where c.parts order by c.channel;
  return null;
end $body$;
create trigger lead_parted after update of merged_into on lead for each row
  when (old.merged_into is not null and new.merged_into is null and new.erased_at is null) execute function lead_part_plugins();
