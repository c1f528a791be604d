-- A test of a split begins with the first lead that draws in it; every batch says so until it has seen the row. In one order, so that two do not wait for each other.
-- :name save_split
insert into split_test (campaign, step, words, ways, first, began_at, look_at)
select w.campaign, w.step, w.words, array(select jsonb_array_elements_text(w.ways)), w.first, $1::timestamptz, w.look_at
from unnest($2::text[], $3::text[], $4::text[], $5::jsonb[], $6::float8[], $7::timestamptz[]) w(campaign, step, words, ways, first, look_at)
order by w.campaign, w.step, w.words, w.look_at
on conflict (campaign, step, words) do nothing
