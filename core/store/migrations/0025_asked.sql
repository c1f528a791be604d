-- By what a lead can stand in `suppression`: itself, its address and number, the host of its address and the domains above it (permit.sql), where it lives.
create function lead_names(l lead) returns table (kind text, value text) language sql stable parallel safe as $body$
  select v.kind, v.value
  from (select split_part(l.email, '@', 2) as host, string_to_array(split_part(l.email, '@', 2), '.') as labels) h
  cross join lateral (values ('lead', l.lead_id::text), ('email', l.email), ('phone', l.phone), ('domain', h.host),
    ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 1:], '.'), h.host)),
    ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 2:], '.'), h.host)),
    ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 3:], '.'), h.host)),
    ('domain', nullif(array_to_string(h.labels[cardinality(h.labels) - 4:], '.'), h.host)),
    ('address', case when l.address is not null then address_key(l.address, l.postal_code, l.city) end)) v(kind, value)
  where v.value is not null
$body$;
