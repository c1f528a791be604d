/* Reading and saying lengths of time. Pure. Called wherever a playbook or a command names one; the words of the
 * errors are messages 23 and 24 of PLAYBOOK section 4. A length that was read is at least 1
 * and at most about a hundred years, so that sums never run over. */
#include "base/duration.h"

#include <stdio.h>

static const struct unit {
	const char *name; /* plural; the singular lacks the s */
	int64_t micros;
	int32_t longest;
} units[] = {
	[DURATION_MINUTES] = {"minutes", MOMENT_MINUTE, 52000000},
	[DURATION_HOURS] = {"hours", MOMENT_HOUR, 876000},
	[DURATION_DAYS] = {"days", MOMENT_DAY, 36500},
	[DURATION_WEEKS] = {"weeks", 7 * MOMENT_DAY, 5200},
	[DURATION_MONTHS] = {"months", 30 * MOMENT_DAY, 1200},
	[DURATION_YEARS] = {"years", 365 * MOMENT_DAY, 100},
	[DURATION_BUSINESS_MINUTES] = {"business minutes", MOMENT_MINUTE, 1000000},
	[DURATION_BUSINESS_HOURS] = {"business hours", MOMENT_HOUR, 100000},
	[DURATION_BUSINESS_DAYS] = {"business days", MOMENT_DAY, 10000},
};

enum { UNITS = sizeof units / sizeof *units };

static bool is_unit(struct str text, const char *plural)
{
	struct str name = str_of(plural);
	return str_starts(name, text) && name.n - text.n <= 1;
}

static int not_a_length(struct str text, const char *wanted, struct error *error)
{
	return error_set(error, ERROR_INVALID, NULL, "\"%.*s\" is not a length of time. Write a number and %s.", text.n > 80 ? 80 : (int)text.n,
			 text.n ? text.p : "", wanted);
}

/* wanted: which units may stand there, for who wrote something else. */
static int parse(struct str text, const char *wanted, struct duration *out, struct error *error)
{
	struct str rest = str_trim(text);
	struct str number = str_cut(&rest, ' ');
	int64_t count = 0;
	if (!str_to_int(number, &count) || number.p[0] == '+' || count <= 0)
		return not_a_length(text, wanted, error);
	if (!rest.p)
		return error_set(error, ERROR_INVALID, NULL, "%lld what? Write a unit: \"%lld days\".",
				 (long long)count, (long long)count);
	struct str unit = str_trim(rest);
	for (int i = 0; i < UNITS; i++) {
		if (!is_unit(unit, units[i].name))
			continue;
		if (count > units[i].longest)
			return error_set(error, ERROR_INVALID, NULL, "\"%.*s\" is too long: at most %d %s.",
					 text.n > 80 ? 80 : (int)text.n, text.p, (int)units[i].longest, units[i].name);
		*out = (struct duration){(int32_t)count, (enum duration_unit)i};
		return 0;
	}
	return not_a_length(text, wanted, error);
}

int duration_parse(struct str text, struct duration *out, struct error *error)
{
	return parse(text, "minutes, hours, days, weeks, months, years or business days, like \"2 business days\"", out, error);
}

int duration_parse_days(struct str text, struct duration *out, struct error *error)
{
	static const struct { const char *brief, *unit; } briefs[] = {{"mo", "months"}, {"d", "days"}, {"w", "weeks"}, {"y", "years"}};
	char spelt[64];
	size_t digits = 0;
	while (digits < text.n && digits < 12 && text.p[digits] >= '0' && text.p[digits] <= '9')
		digits++;
	struct str unit = {text.p + digits, text.n - digits};
	if (digits && str_is(unit, "m"))
		return error_set(error, ERROR_INVALID, NULL, "\"%.*s\": m could mean months or minutes. Write \"%.*smo\" for months.", STR_ARG(text), (int)digits, text.p);
	for (size_t i = 0; digits && i < sizeof briefs / sizeof *briefs; i++)
		if (str_is(unit, briefs[i].brief)) {
			snprintf(spelt, sizeof spelt, "%.*s %s", (int)digits, text.p, briefs[i].unit);
			text = str_of(spelt);
			break;
		}
	if (parse(text, "days, weeks, months or years, like \"6 months\"", out, error) < 0)
		return -1;
	if (out->unit >= DURATION_DAYS && out->unit <= DURATION_YEARS)
		return 0;
	return error_set(error, ERROR_INVALID, NULL, "\"%.*s\": say it in days, weeks, months or years.", STR_ARG(text));
}

const char *duration_format(struct duration d, char out[40])
{
	const char *name = units[d.unit].name;
	int n = (int)strlen(name) - (d.count == 1);
	snprintf(out, 40, "%d %.*s", (int)d.count, n, name);
	return out;
}

int64_t duration_micros(struct duration d)
{
	return d.count * units[d.unit].micros;
}
