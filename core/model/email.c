/* One spelling for each e-mail address: trimmed, lower case, only what RFC 5321 allows without quotes (section 4.1.2
 * Dot-string, section 4.5.3.1 lengths). An address that passes here can stand in an SMTP command and a header as it is.
 */
#include "model/value.h"

enum { LOCAL_MAX = 64, ADDRESS_MAX = 254, LABEL_MAX = 63 };

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool local_is_dot_string(struct str local)
{
	bool dot = true; /* none at the start, none twice, none at the end */
	for (size_t i = 0; i < local.n; i++) {
		char c = local.p[i];
		if (c == '.') {
			if (dot)
				return false;
			dot = true;
		} else if (is_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c))) {
			dot = false;
		} else {
			return false;
		}
	}
	return local.n > 0 && !dot;
}

static bool label_is_good(struct str label)
{
	if (label.n == 0 || label.n > LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!is_alnum(label.p[i]) && label.p[i] != '-')
			return false;
	return true;
}

/* At least two labels, and the last is not a number. */
static bool domain_is_good(struct str domain)
{
	int labels = 0;
	struct str last = {0};
	for (struct str rest = domain; rest.p; labels++) {
		last = str_cut(&rest, '.');
		if (!label_is_good(last))
			return false;
	}
	return labels >= 2 && !(last.p[0] >= '0' && last.p[0] <= '9');
}

static int refuse(struct str text, const char *why, struct error *error)
{
	return error_set(error, ERROR_INVALID, "email", "\"%.*s\" is not an e-mail address: %s",
			 text.n > 80 ? 80 : (int)text.n, text.n ? text.p : "", why);
}

int model_email_normalise(struct str text, struct arena *arena, struct str *out, struct error *error)
{
	struct str s = str_trim(text);
	if (!str_is_text(s))
		return error_set(error, ERROR_INVALID, "email",
				 "the e-mail address has characters that no address may have.");
	const char *at = s.n ? memrchr(s.p, '@', s.n) : NULL;
	if (!at)
		return refuse(s, "there is no @ in it.", error);
	struct str local = {s.p, (size_t)(at - s.p)}, domain = {at + 1, s.n - (size_t)(at - s.p) - 1};
	if (s.n > ADDRESS_MAX || local.n > LOCAL_MAX)
		return refuse(s, "it is too long.", error);
	if (!local_is_dot_string(local))
		return refuse(s, "what stands before the @ has characters that need quotes.", error);
	if (!domain_is_good(domain))
		return refuse(s, "what stands after the @ is not a domain.", error);
	char *copy = arena_dup_n(arena, s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] + 32);
	*out = (struct str){copy, s.n};
	return 0;
}
