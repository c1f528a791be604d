/* See settings.h. One row of a table each; what is not there is refused by name. */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t SECOND = 1000000, DAY = INT64_C(86400000000);

static int refuse(struct nurture_problem *problem, const char *where, const char *message)
{
	snprintf(problem->where, sizeof problem->where, "%s", where);
	snprintf(problem->message, sizeof problem->message, "%s", message);
	return -1;
}

/* A whole number within bounds, else the default; false: it is none. */
static bool read_number(const json_t *object, const char *key, int least, int most, int otherwise, int *out)
{
	const json_t *value = json_object_get(object, key);
	*out = value ? (int)json_integer_value(value) : otherwise;
	return !value || (json_is_integer(value) && json_integer_value(value) >= least && json_integer_value(value) <= most);
}

static bool is_list_name(const char *name)
{
	return name && *name && strlen(name) <= 40 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name) && strcmp(name, "internal") != 0;
}

static bool are_lists(const json_t *lists)
{
	const char *country;
	json_t *names, *name;
	size_t i;
	bool good = json_is_object(lists);
	json_object_foreach ((json_t *)(uintptr_t)lists, country, names) {
		good = good && strlen(country) == 2 && strspn(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
		good = good && (json_is_array(names) ? json_array_size(names) > 0 && json_array_size(names) <= LISTS_MOST / 2 : is_list_name(json_string_value(names)));
		json_array_foreach (names, i, name)
			good = good && is_list_name(json_string_value(name));
	}
	return good;
}

static int read_law(struct settings *out, const json_t *object, struct nurture_problem *problem)
{
	char where[64] = "", wrong[256] = "";
	const json_t *hours = json_object_get(object, "hours"), *holidays = json_object_get(object, "holidays");
	if ((hours && !json_is_object(hours)) || (holidays && !json_is_object(holidays)))
		return refuse(problem, hours && !json_is_object(hours) ? "hours" : "holidays", "is a table by country or region: { DE = …, US_AL = … }.");
	json_t *day = json_pack("{s:s}", SETTINGS_DAY, "8:00-21:00");
	out->day = law_new(day, NULL, where, wrong);
	json_decref(day);
	out->law = law_new(hours, holidays, where, wrong);
	return out->law ? 0 : refuse(problem, where, wrong);
}

static int read_dial(struct settings *out, const json_t *object, struct nurture_problem *problem)
{
	const char *domain = json_string_value(json_object_get(object, "sip_domain"));
	out->dial = domain ? "sip" : "tel";
	if (!json_object_get(object, "sip_domain"))
		return 0;
	if (!domain || !*domain || strlen(domain) > 200 || strspn(domain, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") != strlen(domain))
		return refuse(problem, "sip_domain", "is the host of your telephone exchange: \"pbx.example.com\". Links to dial become sip:NUMBER@HOST.");
	out->sip_domain = strdup(domain);
	return 0;
}

static int refuse_unknown(const json_t *object, struct nurture_problem *problem)
{
	static const char *const known[] = {"lease_minutes", "point_minutes", "keep_years", "scrub_days", "sip_domain", "lists", "hours", "holidays", "calls_a_day"};
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
		bool is = false;
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			is |= strcmp(known[i], key) == 0;
		if (!is)
			return refuse(problem, key, "there is no such setting. There are lease_minutes, point_minutes, keep_years, scrub_days, sip_domain, lists, hours, holidays, calls_a_day.");
	}
	return 0;
}

int settings_read(struct settings *out, const json_t *object, struct nurture_problem *problem)
{
	int lease, point, years, days, most;
	const json_t *lists = json_object_get(object, "lists");
	*out = (struct settings){0};
	if (refuse_unknown(object, problem))
		return -1;
	if (!read_number(object, "lease_minutes", 1, 120, 5, &lease))
		return refuse(problem, "lease_minutes", "is how long a call stays an agent's without a sign of life: a whole number, 1 to 120.");
	if (!read_number(object, "point_minutes", 1, 1440, 10, &point))
		return refuse(problem, "point_minutes", "is how many minutes of waiting a point of the formula is worth: a whole number, 1 to 1440.");
	if (!read_number(object, "keep_years", 1, 20, 5, &years))
		return refuse(problem, "keep_years", "is how long attempts are kept: a whole number of years, 1 to 20.");
	if (!read_number(object, "scrub_days", 1, 31, 31, &days))
		return refuse(problem, "scrub_days", "is how long a national list is good after its scrub: a whole number of days, at most 31.");
	if (!read_number(object, "calls_a_day", 1, 10000000, 1, &most)) /* read by nurture forecast */
		return refuse(problem, "calls_a_day", "is how many calls all agents together make in a day: a whole number. nurture forecast warns of days with more.");
	if (lists && !are_lists(lists))
		return refuse(problem, "lists", "says which national lists the numbers of a country must be scrubbed against: { US = \"us-dnc\", GB = { \"tps\", \"ctps\" } }.");
	*out = (struct settings){.lease_seconds = lease * 60, .point_us = point * 60 * SECOND, .keep_us = years * 366 * DAY, .scrub_us = days * DAY,
				 .lists = lists ? json_deep_copy(lists) : NULL};
	return read_dial(out, object, problem) || read_law(out, object, problem) ? -1 : 0;
}

void settings_fini(struct settings *settings)
{
	free(settings->sip_domain);
	json_decref(settings->lists);
	law_free(settings->law);
	law_free(settings->day);
}
