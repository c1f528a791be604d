-- When something was last said that may take a mail back: withdrawals by the lead's shard, suppressions of a lead by its shard, others in row 64. A row holds the
-- transaction that said it. Who saw that transaction when a lead's facts were read has nothing new to look at (permit.sql). Writers of one row hold the locks of
-- its shard alone (intake_consents.sql), so they do not wait for each other here.
create table spoken (
  shard smallint primary key,
  xid xid8 not null
) with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
insert into spoken (shard, xid) select s, pg_current_xact_id() from generate_series(0, 64) s;

-- Once a transaction and row.
create function spoken_note(said int) returns void language sql security definer set search_path = public, pg_temp as
$$ update spoken set xid = pg_current_xact_id() where shard = said and xid <> pg_current_xact_id() $$;
create function spoken_by_consent() returns trigger language plpgsql security definer set search_path = public, pg_temp as
$$ begin perform spoken_note(new.shard); return null; end $$;
create function spoken_by_suppression() returns trigger language plpgsql security definer set search_path = public, pg_temp as
$$ begin perform spoken_note(case when new.kind = 'lead' and new.value ~ '^[0-9]{1,18}$' then (new.value::bigint & 63)::int else 64 end); return null; end $$;
revoke all on function spoken_note(int), spoken_by_consent(), spoken_by_suppression() from public;
create trigger spoken after insert on consent for each row when (new.state = 'withdrawn') execute function spoken_by_consent();
create trigger spoken after insert or update on suppression for each row execute function spoken_by_suppression();
