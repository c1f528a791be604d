-- Letters by the time when they were sent, for orders that are matched back to them: few among the touches.
create index touch_letter on touch (over_at) where kind = 'letter';

-- How names, codes and streets are compared there: letters and digits, without marks and case; a street's word in one spelling.
create function letter_word(value text) returns text language sql immutable parallel safe
return lower(regexp_replace(replace(normalize(coalesce(value, ''), NFKD), 'ß', 'ss'), '[^[:alnum:]]', '', 'g'));
create function letter_street(value text) returns text language sql immutable parallel safe
return replace(replace(replace(letter_word(value), 'strasse', 'str'), 'street', 'st'), 'avenue', 'ave');
