-- Leads by where they live, for files of people who moved or died: name and address are all that such a file has.
-- A name's words in any order, without titles; compared as letter_word() does.
create function letter_name(value text) returns text language sql immutable parallel safe
return (select coalesce(string_agg(w, ' ' order by w collate "C"), '') from (select letter_word(part) as w from regexp_split_to_table(coalesce(value, ''), '[[:space:],.-]+') part) words
  where w <> '' and w not in ('dr', 'prof', 'mr', 'mrs', 'ms', 'miss', 'herr', 'frau'));

create index lead_place on lead (letter_word(postal_code), letter_street(split_part(address, E'\n', 1))) where address is not null and postal_code is not null;
