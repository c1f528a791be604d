-- How long anonymous visitors are kept is the configuration's word (retention = { anonymous = … }). visitors_purge (0010) stays as it is, for programs of
-- before that still run while this is made: it knows 90 days alone, and takes now where this one takes the moment to keep from. A function never
-- changes what it means under the same name.

-- Forgets anonymous visitors without an event since then, with all that is known of them: looks at the next `most` of them
-- behind `after` (0 = from the first), and says where the next call goes on, 0 = there are no more.
create function visitors_forget(since timestamptz, after bigint, most int) returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $body$
declare
  old bigint[];
  idle bigint[];
  last bigint;
begin
  select coalesce(array_agg(p.lead_id) filter (where p.created_at < since), '{}'), coalesce((array_agg(p.lead_id order by p.shard desc, p.lead_id desc))[1], 0)
  into old, last from (
    select l.shard, l.lead_id, l.created_at from lead l
    where l.anonymous and l.merged_into is null and (l.shard, l.lead_id) > (case when after = 0 then -1 else after & 63 end, after)
    order by l.shard, l.lead_id limit most) p;
  select coalesce(array_agg(h.lead_id), '{}') into idle from (
    select l.lead_id from unnest(old) w(lead_id) join lead l on l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id
    where l.anonymous and l.merged_into is null order by l.lead_id for update of l skip locked) h;
  select coalesce(array_agg(w.lead_id), '{}') into idle from unnest(idle) w(lead_id)
  where not exists (select from event e where e.shard = (w.lead_id & 63)::smallint and e.lead_id = w.lead_id and e.received_at >= since);
  delete from event e using unnest(idle) w(lead_id) where e.shard = (w.lead_id & 63)::smallint and e.lead_id = w.lead_id;
  delete from consent c using unnest(idle) w(lead_id) where c.shard = (w.lead_id & 63)::smallint and c.lead_id = w.lead_id;
  delete from identity i using unnest(idle) w(lead_id) where i.shard = (w.lead_id & 63)::smallint and i.lead_id = w.lead_id;
  delete from lead l using unnest(idle) w(lead_id) where l.shard = (w.lead_id & 63)::smallint and l.lead_id = w.lead_id;
  return last;
end $body$;
revoke all on function visitors_forget(timestamptz, bigint, int) from public;
