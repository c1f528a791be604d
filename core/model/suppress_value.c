/* Values become what leads have in their fields, by the same functions, so that equal means equal. */
#include "model/suppress_value.h"

#include "model/phone.h"
#include "model/value.h"

static int read_domain(struct str text, struct arena *arena, struct str *out, struct error *error)
{
	struct str address;
	if (text.n && text.p[0] == '@')
		text = (struct str){text.p + 1, text.n - 1};
	bool good = text.n && memchr(text.p, '.', text.n) && !memchr(text.p, '@', text.n) && !memchr(text.p, '"', text.n);
	if (!good || model_email_normalise(str_of(arena_printf(arena, "x@%.*s", STR_ARG(text))), arena, &address, error))
		return error_set(error, ERROR_INVALID, "domain", "\"%.*s\" is no domain. Write it like example.com.", (int)(text.n < 60 ? text.n : 60), text.n ? text.p : "");
	*out = (struct str){address.p + 2, address.n - 2};
	return 0;
}

int suppress_value_written(const char *kind, struct str text, struct arena *arena, struct str *out, struct error *error)
{
	struct value value = {0};
	text = str_trim(text);
	if (!text.n)
		return error_set(error, ERROR_INVALID, kind, "it is empty.");
	if (strcmp(kind, "email") == 0)
		return model_email_normalise(text, arena, out, error);
	if (strcmp(kind, "domain") == 0)
		return read_domain(text, arena, out, error);
	bool phone = strcmp(kind, "phone") == 0;
	if (value_from_text(&model_lead_fields[phone ? LEAD_PHONE : LEAD_ADDRESS], text, arena, &value, error))
		return -1;
	size_t digits = 0;
	for (size_t i = 0; i < value.text.n; i++)
		digits += value.text.p[i] >= '0' && value.text.p[i] <= '9';
	if (phone && digits < 5)
		return error_set(error, ERROR_INVALID, kind, "\"%.*s\" is no telephone number.", (int)(text.n < 60 ? text.n : 60), text.p);
	*out = value.text;
	return 0;
}

int suppress_value(const char *kind, struct str text, struct str country, struct arena *arena, struct str *out, struct error *error)
{
	char number[PHONE_MAX];
	if (suppress_value_written(kind, text, arena, out, error))
		return -1;
	if (strcmp(kind, "phone") != 0 || phone_is_e164(*out))
		return 0;
	if (!phone_named(*out, country, number))
		return error_set(error, ERROR_INVALID, kind, "\"%.*s\" stops nobody: write the number with its country code, like \"+49 30 123456\"%s.", (int)(out->n < 60 ? out->n : 60), out->p,
				 country.n ? "" : ", or say its country, here or in the playbook (country = \"DE\")");
	*out = str_of(arena_dup(arena, number));
	return 0;
}
