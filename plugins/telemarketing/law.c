/* See law.h. Times are looked at in steps of a quarter of an hour, as every table of such hours is written (another minute is refused); the last answers are kept, for a queue asks the same of the
 * same place again and again. */
#include "law.h"

#include "digits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucal.h>
#include <unicode/uloc.h>

enum { SPANS_MOST = 4, HOLIDAYS_MOST = 200, PLACES_MOST = 400, STEPS = 14 * 96, KEPT = 64, ZONES_KEPT = 200 };
static const int64_t QUARTER = INT64_C(900000000);

struct span { int from, to; }; /* minutes of the day, [from, to) */
struct place {
	char name[12];          /* "DE", "US-AL" */
	bool has_hours;
	struct span days[7][SPANS_MOST]; /* from == to ends; 0 = Sunday */
	int holidays[HOLIDAYS_MOST]; /* yyyymmdd, or mmdd = every year */
	size_t holiday_count;
};
struct kept { /* an answer: from `from` to `until` it is `open` */
	char key[200];
	int64_t from, until, open;
};
struct law {
	struct place *places;
	size_t count;
	struct kept kept[KEPT];
	size_t next;
	struct { char *name; UCalendar *calendar; } zones[ZONES_KEPT];
	size_t zone_count;
};

/* ---- reading the table ---- */

static int day_of(const char *text)
{
	static const char names[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	for (int i = 0; i < 7; i++)
		if (strncmp(text, names[i], 3) == 0)
			return i;
	return -1;
}

static bool read_span(const char *text, struct span *out)
{
	int h1, m1, h2, m2;
	if (!take_time(&text, &h1, &m1) || !take_sign(&text, '-') || !take_time(&text, &h2, &m2) || *text)
		return false;
	*out = (struct span){h1 * 60 + m1, h2 * 60 + m2};
	return h1 < 24 && m1 < 60 && m2 < 60 && m1 % 15 == 0 && m2 % 15 == 0 && out->to <= 1440 && out->from < out->to;
}

/* "Mon-Fri", "Sat", "Mon,Wed"; which days into a mask. */
static bool read_days(const char *text, unsigned *mask)
{
	*mask = 0;
	while (*text) {
		int from = day_of(text), to = from;
		text += from < 0 ? 0 : 3;
		if (from >= 0 && *text == '-') {
			to = day_of(text + 1);
			text += 4;
		}
		if (from < 0 || to < 0 || (*text && *text != ','))
			return false;
		for (int day = from;; day = (day + 1) % 7) {
			*mask |= 1U << day;
			if (day == to)
				break;
		}
		text += *text == ',';
	}
	return *mask != 0;
}

static bool add_span(struct place *place, unsigned mask, struct span span)
{
	for (int day = 0; day < 7; day++) {
		int n = 0;
		while (n < SPANS_MOST - 1 && place->days[day][n].from != place->days[day][n].to)
			n++;
		if (!(mask >> day & 1))
			continue;
		if (n == SPANS_MOST - 1)
			return false;
		place->days[day][n] = span;
	}
	return true;
}

/* One group: "Mon-Fri 9:00-13:00 14:00-20:00", or "8:00-20:00" for all days. */
static bool read_group(struct place *place, char *group)
{
	unsigned mask = 0x7f;
	size_t spans = 0;
	char *rest = NULL, *word = strtok_r(group, " \t", &rest);
	if (word && day_of(word) >= 0) {
		if (!read_days(word, &mask))
			return false;
		word = strtok_r(NULL, " \t", &rest);
	}
	for (; word; word = strtok_r(NULL, " \t", &rest), spans++) {
		struct span span;
		if (!read_span(word, &span) || !add_span(place, mask, span))
			return false;
	}
	return spans > 0;
}

static bool read_hours(struct place *place, const char *text)
{
	char copy[200], *rest = NULL;
	bool good = text && *text && strlen(text) < sizeof copy;
	snprintf(copy, sizeof copy, "%s", text ? text : "");
	for (char *group = strtok_r(copy, ";", &rest); good && group; group = strtok_r(NULL, ";", &rest))
		good = read_group(place, group);
	place->has_hours = true;
	return good;
}

static bool read_holidays(struct place *place, const json_t *days)
{
	size_t i;
	json_t *day;
	bool good = json_is_array(days) && json_array_size(days) <= HOLIDAYS_MOST;
	json_array_foreach ((json_t *)(uintptr_t)days, i, day) {
		int y = 0, m = 0, d = 0;
		const char *text = json_string_value(day) ? json_string_value(day) : "", *at = text;
		bool whole = take_date(&at, &y, &m, &d) && !*at;
		if (!whole) {
			at = text;
			y = 0;
			whole = take_digits(&at, 2, 2, &m) && take_sign(&at, '-') && take_digits(&at, 2, 2, &d) && !*at;
		}
		if (!good || !whole || !is_calendar_day(y, m, d))
			return false;
		place->holidays[place->holiday_count++] = y * 10000 + m * 100 + d;
	}
	return good;
}

/* ISO 3166-1; and of the countries whose states have laws of their own, ISO 3166-2: a row for a place that is none would never hold. */
static bool is_place(const char *name)
{
	static const struct { const char *country, *regions; } known[] = {
		{"US", " AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP"
		       " PR UM VI "},
		{"CA", " AB BC MB NB NL NS NT NU ON PE QC SK YT "},
		{"AU", " ACT NSW NT QLD SA TAS VIC WA "},
		{"DE", " BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH "}};
	char region[8];
	bool country = false;
	for (const char *const *iso = uloc_getISOCountries(); *iso && !country; iso++)
		country = strncmp(*iso, name, 2) == 0;
	snprintf(region, sizeof region, " %.3s ", name + (name[2] ? 3 : 2));
	for (size_t i = 0; country && name[2] && i < sizeof known / sizeof *known; i++)
		if (strncmp(known[i].country, name, 2) == 0)
			return strlen(name) <= 6 && strstr(known[i].regions, region);
	return country;
}

/* "US_AL" and "US-AL" are one; a country, or a country and a region. */
static bool name_place(const char *key, char out[12])
{
	size_t n = strlen(key);
	if (n < 2 || n > 10 || (n > 2 && ((key[2] != '_' && key[2] != '-') || n == 3)))
		return false;
	for (size_t i = 0; i <= n; i++)
		out[i] = i == 2 && n > 2 ? '-' : key[i];
	return strspn(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == n && is_place(out);
}

static struct place *place_of(struct law *law, const char *name, bool make)
{
	for (size_t i = 0; i < law->count; i++)
		if (strcmp(law->places[i].name, name) == 0)
			return &law->places[i];
	if (!make || law->count == PLACES_MOST)
		return NULL;
	struct place *place = &law->places[law->count++];
	snprintf(place->name, sizeof place->name, "%s", name);
	return place;
}

static bool read_table(struct law *law, const json_t *table, bool holidays, char where[64], char wrong[256])
{
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)(uintptr_t)table, key, value) {
		char name[12];
		struct place *place = name_place(key, name) ? place_of(law, name, true) : NULL;
		snprintf(where, 64, "%s.%.40s", holidays ? "holidays" : "hours", key);
		if (!place)
			snprintf(wrong, 256, "is no country or region. Write DE, GB, or US_AL for a state (ISO 3166).");
		else if (holidays ? !read_holidays(place, value) : !read_hours(place, json_string_value(value)))
			snprintf(wrong, 256, holidays ? "is a list of days, { \"12-25\", \"2027-03-26\" }: every year, or once."
						      : "is hours of the day in quarters, \"8:00-20:00\", or of days: \"Mon-Fri 9:00-20:00; Sat 10:15-16:00\".");
		if (*wrong)
			return false;
	}
	return true;
}

struct law *law_new(const json_t *hours, const json_t *holidays, char where[64], char wrong[256])
{
	struct law *law = calloc(1, sizeof *law);
	*wrong = 0;
	if (law)
		law->places = calloc(PLACES_MOST, sizeof *law->places);
	if (!law || !law->places)
		abort();
	if (!read_table(law, hours, false, where, wrong) || !read_table(law, holidays, true, where, wrong)) {
		law_free(law);
		return NULL;
	}
	return law;
}

void law_free(struct law *law)
{
	if (!law)
		return;
	for (size_t i = 0; i < law->zone_count; i++) {
		ucal_close(law->zones[i].calendar);
		free(law->zones[i].name);
	}
	free(law->places);
	free(law);
}

/* ---- asking it ---- */

static UCalendar *calendar_of(struct law *law, const char *zone)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar id[64];
	size_t n = strlen(zone);
	for (size_t i = 0; i < law->zone_count; i++)
		if (strcmp(law->zones[i].name, zone) == 0)
			return law->zones[i].calendar;
	if (law->zone_count == ZONES_KEPT || n >= 64)
		return NULL;
	for (size_t i = 0; i <= n; i++)
		id[i] = (UChar)(unsigned char)zone[i];
	UCalendar *calendar = ucal_open(id, (int32_t)n, "en", UCAL_GREGORIAN, &status);
	if (U_FAILURE(status))
		return NULL;
	law->zones[law->zone_count].name = strdup(zone);
	law->zones[law->zone_count++].calendar = calendar;
	return calendar;
}

static bool is_holiday(const struct place *place, int y, int m, int d)
{
	for (size_t i = 0; place && i < place->holiday_count; i++)
		if (place->holidays[i] == m * 100 + d || place->holidays[i] == y * 10000 + m * 100 + d)
			return true;
	return false;
}

/* country's row for what the region's does not say. */
static bool is_open(struct law *law, const struct place *region, const struct place *country, const char *zone, int64_t at)
{
	UErrorCode status = U_ZERO_ERROR;
	UCalendar *calendar = calendar_of(law, zone);
	const struct place *hours = region && region->has_hours ? region : country && country->has_hours ? country : NULL;
	if (!calendar)
		return false;
	ucal_setMillis(calendar, floor((double)at / 1000), &status);
	int y = ucal_get(calendar, UCAL_YEAR, &status), m = ucal_get(calendar, UCAL_MONTH, &status) + 1, d = ucal_get(calendar, UCAL_DATE, &status);
	int day = ucal_get(calendar, UCAL_DAY_OF_WEEK, &status) - UCAL_SUNDAY;
	int minute = ucal_get(calendar, UCAL_HOUR_OF_DAY, &status) * 60 + ucal_get(calendar, UCAL_MINUTE, &status);
	if (U_FAILURE(status) || is_holiday(region, y, m, d) || is_holiday(country, y, m, d))
		return false;
	for (int i = 0; hours && i < SPANS_MOST && hours->days[day][i].from != hours->days[day][i].to; i++)
		if (minute >= hours->days[day][i].from && minute < hours->days[day][i].to)
			return true;
	return !hours;
}

/* Where a call goes to: the region's row and the country's, NULL = it has none; vague: no code says which region, so it must be open in all of the country's rows. */
struct spot {
	char name[24];
	const struct place *region, *country;
	bool vague;
};

static bool is_region_of(const struct place *place, const char *country)
{
	return strncmp(place->name, country, 2) == 0 && place->name[2] == '-';
}

static struct spot spot_of(struct law *law, const char *country, const char *region)
{
	struct spot spot = {.country = place_of(law, country, false)};
	size_t n = strlen(region);
	const char *code = n > 3 && strncasecmp(region, country, 2) == 0 && region[2] == '-' ? region + 3 : region;
	bool is_code = *code && strlen(code) <= 3 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") == strlen(code);
	snprintf(spot.name, sizeof spot.name, "%.2s-%.3s", country, is_code ? code : "?");
	for (char *c = spot.name; *c; c++)
		*c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
	spot.region = place_of(law, spot.name, false);
	for (size_t i = 0; !is_code && i < law->count; i++)
		spot.vague |= is_region_of(&law->places[i], country);
	return spot;
}

static bool is_open_there(struct law *law, const struct spot *spot, const char *zone, int64_t at)
{
	bool open = is_open(law, spot->region, spot->country, zone, at);
	for (size_t i = 0; spot->vague && open && i < law->count; i++)
		open = !is_region_of(&law->places[i], spot->name) || is_open(law, &law->places[i], spot->country, zone, at);
	return open;
}

static bool is_open_everywhere(struct law *law, const struct spot *spot, const char *const *zones, size_t count, int64_t at)
{
	for (size_t i = 0; i < count; i++)
		if (!is_open_there(law, spot, zones[i], at))
			return false;
	return true;
}

int64_t law_open_at(struct law *law, const char *country, const char *region, const char *const *zones, size_t count, int64_t at)
{
	char key[200];
	const struct spot spot = spot_of(law, country, region);
	if (!spot.country && !spot.region && !spot.vague)
		return at;
	snprintf(key, sizeof key, "%s %zu %s %s", spot.name, count, count ? zones[0] : "", count ? zones[count - 1] : "");
	for (size_t i = 0; i < KEPT; i++)
		if (strcmp(law->kept[i].key, key) == 0 && at >= law->kept[i].from && at < law->kept[i].until)
			return law->kept[i].open > at ? law->kept[i].open : law->kept[i].open ? at : 0;
	int64_t open = at, slot = at / QUARTER * QUARTER;
	for (int step = 0; step < STEPS && !is_open_everywhere(law, &spot, zones, count, open); step++)
		open = slot + (step + 1) * QUARTER;
	if (!is_open_everywhere(law, &spot, zones, count, open))
		open = 0;
	struct kept *kept = &law->kept[law->next++ % KEPT];
	*kept = (struct kept){.from = open == at ? slot : at, .until = open == at ? slot + QUARTER : open ? open : at + QUARTER, .open = open};
	snprintf(kept->key, sizeof kept->key, "%s", key);
	return open;
}
