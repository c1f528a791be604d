-- What is compared of a postal address: letters and digits of its line, then those of the postal code, or of the town where there is none. The same
-- house written "12 Main St." or "12, main st" is one.
create function address_key(address text, postal_code text, city text) returns text language sql immutable parallel safe
  return lower(regexp_replace(address, '[^[:alnum:]]', '', 'g') || '/' || regexp_replace(coalesce(nullif(postal_code, ''), city, ''), '[^[:alnum:]]', '', 'g'));
