/* Telephone numbers as they are written with their country code. Those without one need to know the country's rules: base/phone.h. */
#include "model/phone.h"

enum { DIGITS_LEAST = 7, DIGITS_MOST = 15 };

bool phone_international(struct str text, char out[PHONE_MAX])
{
	size_t n = 1;
	struct str s = str_trim(text);
	out[0] = '+';
	if (str_starts(s, STR("+")))
		s = (struct str){s.p + 1, s.n - 1};
	else if (str_starts(s, STR("00")))
		s = (struct str){s.p + 2, s.n - 2};
	else
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '(' && s.n - i > 2 && s.p[i + 1] == '0' && s.p[i + 2] == ')')
			i += 2; /* dialled only from within the country */
		else if (c >= '0' && c <= '9' && n <= DIGITS_MOST)
			out[n++] = c;
		else if (!c || !strchr(" -./()", c))
			return false;
	}
	out[n] = '\0';
	return n > DIGITS_LEAST && out[1] != '0';
}

bool phone_named(struct str text, struct str country, char out[PHONE_MAX])
{
	return phone_international(text, out) || (country.n && phone_national(text, country, out) && phone_is_e164(str_of(out)));
}
