/* See zones.h. A state that has a corner in another zone (Idaho, Tennessee) has both: who lives where nobody says. */
#include "base/zones.h"

#include "base/map.h"
#include "base/mem.h"

#include <ctype.h>
#include <string.h>
#include <unicode/ucal.h>

enum { STATE_ZONES = 3 };
static const struct state {
	const char *country, *code, *name, *zones[STATE_ZONES + 1];
} states[] = {
	{"US", "AL", "Alabama", {"America/Chicago"}},
	{"US", "AK", "Alaska", {"America/Anchorage", "America/Adak"}},
	{"US", "AZ", "Arizona", {"America/Phoenix", "America/Denver"}},
	{"US", "AR", "Arkansas", {"America/Chicago"}},
	{"US", "CA", "California", {"America/Los_Angeles"}},
	{"US", "CO", "Colorado", {"America/Denver"}},
	{"US", "CT", "Connecticut", {"America/New_York"}},
	{"US", "DE", "Delaware", {"America/New_York"}},
	{"US", "DC", "District of Columbia", {"America/New_York"}},
	{"US", "FL", "Florida", {"America/New_York", "America/Chicago"}},
	{"US", "GA", "Georgia", {"America/New_York"}},
	{"US", "HI", "Hawaii", {"Pacific/Honolulu"}},
	{"US", "ID", "Idaho", {"America/Denver", "America/Los_Angeles"}},
	{"US", "IL", "Illinois", {"America/Chicago"}},
	{"US", "IN", "Indiana", {"America/New_York", "America/Chicago"}},
	{"US", "IA", "Iowa", {"America/Chicago"}},
	{"US", "KS", "Kansas", {"America/Chicago", "America/Denver"}},
	{"US", "KY", "Kentucky", {"America/New_York", "America/Chicago"}},
	{"US", "LA", "Louisiana", {"America/Chicago"}},
	{"US", "ME", "Maine", {"America/New_York"}},
	{"US", "MD", "Maryland", {"America/New_York"}},
	{"US", "MA", "Massachusetts", {"America/New_York"}},
	{"US", "MI", "Michigan", {"America/New_York", "America/Chicago"}},
	{"US", "MN", "Minnesota", {"America/Chicago"}},
	{"US", "MS", "Mississippi", {"America/Chicago"}},
	{"US", "MO", "Missouri", {"America/Chicago"}},
	{"US", "MT", "Montana", {"America/Denver"}},
	{"US", "NE", "Nebraska", {"America/Chicago", "America/Denver"}},
	{"US", "NV", "Nevada", {"America/Los_Angeles", "America/Denver"}},
	{"US", "NH", "New Hampshire", {"America/New_York"}},
	{"US", "NJ", "New Jersey", {"America/New_York"}},
	{"US", "NM", "New Mexico", {"America/Denver"}},
	{"US", "NY", "New York", {"America/New_York"}},
	{"US", "NC", "North Carolina", {"America/New_York"}},
	{"US", "ND", "North Dakota", {"America/Chicago", "America/Denver"}},
	{"US", "OH", "Ohio", {"America/New_York"}},
	{"US", "OK", "Oklahoma", {"America/Chicago"}},
	{"US", "OR", "Oregon", {"America/Los_Angeles", "America/Denver"}},
	{"US", "PA", "Pennsylvania", {"America/New_York"}},
	{"US", "RI", "Rhode Island", {"America/New_York"}},
	{"US", "SC", "South Carolina", {"America/New_York"}},
	{"US", "SD", "South Dakota", {"America/Chicago", "America/Denver"}},
	{"US", "TN", "Tennessee", {"America/New_York", "America/Chicago"}},
	{"US", "TX", "Texas", {"America/Chicago", "America/Denver"}},
	{"US", "UT", "Utah", {"America/Denver"}},
	{"US", "VT", "Vermont", {"America/New_York"}},
	{"US", "VA", "Virginia", {"America/New_York"}},
	{"US", "WA", "Washington", {"America/Los_Angeles"}},
	{"US", "WV", "West Virginia", {"America/New_York"}},
	{"US", "WI", "Wisconsin", {"America/Chicago"}},
	{"US", "WY", "Wyoming", {"America/Denver"}},
	{"CA", "AB", "Alberta", {"America/Edmonton"}},
	{"CA", "BC", "British Columbia", {"America/Vancouver", "America/Edmonton"}},
	{"CA", "MB", "Manitoba", {"America/Winnipeg"}},
	{"CA", "NB", "New Brunswick", {"America/Moncton"}},
	{"CA", "NL", "Newfoundland and Labrador", {"America/St_Johns", "America/Goose_Bay"}},
	{"CA", "NS", "Nova Scotia", {"America/Halifax"}},
	{"CA", "NT", "Northwest Territories", {"America/Edmonton"}},
	{"CA", "NU", "Nunavut", {"America/Iqaluit", "America/Rankin_Inlet", "America/Edmonton"}},
	{"CA", "ON", "Ontario", {"America/Toronto", "America/Winnipeg", "America/Atikokan"}},
	{"CA", "PE", "Prince Edward Island", {"America/Halifax"}},
	{"CA", "QC", "Quebec", {"America/Toronto", "America/Halifax", "America/Blanc-Sablon"}},
	{"CA", "SK", "Saskatchewan", {"America/Regina", "America/Edmonton"}},
	{"CA", "YT", "Yukon", {"America/Whitehorse"}},
	{"AU", "ACT", "Australian Capital Territory", {"Australia/Sydney"}},
	{"AU", "NSW", "New South Wales", {"Australia/Sydney", "Australia/Broken_Hill", "Australia/Lord_Howe"}},
	{"AU", "NT", "Northern Territory", {"Australia/Darwin"}},
	{"AU", "QLD", "Queensland", {"Australia/Brisbane"}},
	{"AU", "SA", "South Australia", {"Australia/Adelaide"}},
	{"AU", "TAS", "Tasmania", {"Australia/Hobart"}},
	{"AU", "VIC", "Victoria", {"Australia/Melbourne"}},
	{"AU", "WA", "Western Australia", {"Australia/Perth", "Australia/Eucla"}},
};

static struct zone_list *ask_icu(const char *country)
{
	UErrorCode status = U_ZERO_ERROR;
	struct zone_list *list = mem_alloc(sizeof *list);
	*list = (struct zone_list){0};
	UEnumeration *names = ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, country, NULL, &status);
	int32_t count = U_SUCCESS(status) ? uenum_count(names, &status) : 0;
	if (U_SUCCESS(status) && count > 0) {
		const char **zones = mem_array((size_t)count, sizeof *zones);
		const char *name;
		while (list->count < (size_t)count && (name = uenum_next(names, NULL, &status)) && U_SUCCESS(status))
			zones[list->count++] = mem_dup(name);
		list->names = zones;
	}
	if (names)
		uenum_close(names);
	return list;
}

struct zone_list zones_of_country(struct str country)
{
	static struct map *known;
	if (country.n != 2 || !isupper((unsigned char)country.p[0]) || !isupper((unsigned char)country.p[1]))
		return (struct zone_list){0};
	if (!known)
		known = map_new();
	struct zone_list *list = map_get(known, country);
	if (!list) {
		char *code = mem_dup_n(country.p, country.n); /* the map borrows its keys */
		list = ask_icu(code);
		map_put(known, str_of(code), list);
	}
	return *list;
}

static bool is_state(const struct state *state, struct str country, struct str region)
{
	size_t n = strlen(state->code);
	if (!str_is(country, state->country))
		return false;
	if (region.n == n + 3 && region.p[2] == '-' && strncasecmp(region.p, state->country, 2) == 0)
		region = (struct str){region.p + 3, n};
	return (region.n == n && strncasecmp(region.p, state->code, n) == 0) ||
	       (region.n == strlen(state->name) && strncasecmp(region.p, state->name, region.n) == 0);
}

struct zone_list zones_of_region(struct str country, struct str region)
{
	for (size_t i = 0; region.n && i < sizeof states / sizeof *states; i++)
		if (is_state(&states[i], country, region)) {
			struct zone_list list = {.names = states[i].zones};
			while (list.names[list.count])
				list.count++;
			return list;
		}
	return (struct zone_list){0};
}
