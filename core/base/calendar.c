/* Moments and local days. A zone is a sorted list of spans of one offset each, asked of ICU once and kept for the life
 * of the process, so that a conversion is a look-up and an addition. Everything else is plain arithmetic (civil.c).
 *
 * Local to moment: the offset that held a good day before is tried first, so of a time that exists twice the earlier
 * wins; then the offset after; if neither gives the local time back it was skipped, and the moment is the end of the
 * gap. */
#include "base/calendar.h"

#include "base/civil.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucal.h>

/* The offset from UTC that holds in [from, to), microseconds. */
struct span {
	moment_t from, to;
	int64_t offset;
};
struct zone {
	const char *name;
	UCalendar *calendar; /* NULL = UTC */
	struct span *spans;  /* sorted; only those that were asked for */
	size_t count, room, last;
};

enum { ZONE_NAME_MAX = 64, AROUND_HOURS = 26 };

/* Moments further away than this (some 140,000 years) are moved here, so that sums never run over. */
static const moment_t FAR = INT64_MAX / 2;
static const moment_t FOREVER_AGO = INT64_MIN;

static UCalendar *open_zone(const char *name)
{
	UChar id[ZONE_NAME_MAX + 1], canonical[128];
	UBool system = false;
	UErrorCode status = U_ZERO_ERROR;
	size_t n = strlen(name);
	if (n == 0 || n > ZONE_NAME_MAX)
		return NULL;
	for (size_t i = 0; i <= n; i++)
		id[i] = (UChar)(unsigned char)name[i];
	ucal_getCanonicalTimeZoneID(id, (int32_t)n, canonical, 128, &system, &status);
	if (U_FAILURE(status) || !system || strcmp(name, "Etc/Unknown") == 0)
		return NULL;
	UCalendar *calendar = ucal_open(id, (int32_t)n, "en", UCAL_GREGORIAN, &status);
	return U_FAILURE(status) ? NULL : calendar;
}

static struct zone *utc_zone(void)
{
	static struct span always = {INT64_MIN, MOMENT_NEVER, 0};
	static struct zone utc = {.name = "UTC", .spans = &always, .count = 1, .room = 1};
	return &utc;
}

static struct zone *find_zone(const char *name)
{
	static struct map *zones;
	static struct zone *newest;
	if (!name)
		return utc_zone();
	if (newest && strcmp(newest->name, name) == 0)
		return newest;
	if (!zones)
		zones = map_new();
	struct zone *zone = map_get(zones, str_of(name));
	if (!zone) {
		UCalendar *calendar = open_zone(name);
		if (!calendar)
			return utc_zone();
		zone = mem_alloc(sizeof *zone);
		zone->name = mem_dup(name);
		zone->calendar = calendar;
		map_put(zones, str_of(zone->name), zone);
	}
	newest = zone;
	return zone;
}

bool calendar_zone_known(struct str zone)
{
	char name[ZONE_NAME_MAX + 1];
	if (zone.n == 0 || zone.n > ZONE_NAME_MAX || memchr(zone.p, '\0', zone.n))
		return false;
	memcpy(name, zone.p, zone.n);
	name[zone.n] = '\0';
	return find_zone(name)->calendar || str_is(zone, "UTC");
}

/* What ICU says of the offset around a moment. */
static struct span ask_icu(UCalendar *calendar, moment_t moment)
{
	UErrorCode status = U_ZERO_ERROR;
	struct span span = {FOREVER_AGO, MOMENT_NEVER, 0};
	UDate edge = 0;
	int64_t whole = moment / 1000 - (moment % 1000 < 0);
	double millis = (double)whole;
	ucal_setMillis(calendar, millis, &status);
	int32_t offset = ucal_get(calendar, UCAL_ZONE_OFFSET, &status) + ucal_get(calendar, UCAL_DST_OFFSET, &status);
	if (U_FAILURE(status))
		return span;
	span.offset = (int64_t)offset * 1000;
	if (ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_PREVIOUS_INCLUSIVE, &edge, &status))
		span.from = (moment_t)edge * 1000;
	if (ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &edge, &status))
		span.to = (moment_t)edge * 1000;
	return span;
}

static const struct span *add_span(struct zone *zone, size_t at, moment_t moment)
{
	struct span span = ask_icu(zone->calendar, moment);
	if (zone->count == zone->room) {
		zone->room = zone->room ? zone->room * 2 : 8;
		zone->spans = mem_resize(zone->spans, zone->room, sizeof *zone->spans);
	}
	memmove(zone->spans + at + 1, zone->spans + at, (zone->count - at) * sizeof *zone->spans);
	zone->spans[at] = span;
	zone->count++;
	zone->last = at;
	return &zone->spans[at];
}

static const struct span *span_at(struct zone *zone, moment_t moment)
{
	if (zone->last < zone->count) {
		const struct span *last = &zone->spans[zone->last];
		if (moment >= last->from && moment < last->to)
			return last;
	}
	size_t low = 0, high = zone->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (zone->spans[middle].to <= moment)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < zone->count && moment >= zone->spans[low].from) {
		zone->last = low;
		return &zone->spans[low];
	}
	return zone->calendar ? add_span(zone, low, moment) : &zone->spans[0];
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void calendar_local(moment_t moment, const char *zone, struct calendar_local *out)
{
	moment = moment > FAR ? FAR : moment < -FAR ? -FAR : moment;
	int64_t shifted = moment + span_at(find_zone(zone), moment)->offset;
	int64_t days = floor_div(shifted, MOMENT_DAY);
	int64_t rest = shifted - days * MOMENT_DAY;
	civil_date(days, &out->year, &out->month, &out->day);
	out->weekday = civil_weekday(days);
	out->hour = (int)(rest / MOMENT_HOUR);
	out->minute = (int)(rest % MOMENT_HOUR / MOMENT_MINUTE);
	out->second = (int)(rest % MOMENT_MINUTE / MOMENT_SECOND);
	out->micros = (int)(rest % MOMENT_SECOND);
}

moment_t calendar_moment(const struct calendar_local *local, const char *name)
{
	struct zone *zone = find_zone(name);
	int64_t wall = civil_days(local->year, local->month, local->day) * MOMENT_DAY + local->hour * MOMENT_HOUR +
		       local->minute * MOMENT_MINUTE + local->second * MOMENT_SECOND + local->micros;
	moment_t early = wall - span_at(zone, wall - AROUND_HOURS * MOMENT_HOUR)->offset;
	if (early + span_at(zone, early)->offset == wall)
		return early;
	const struct span *after = span_at(zone, wall + AROUND_HOURS * MOMENT_HOUR);
	moment_t late = wall - after->offset, gap_end = after->from;
	if (late + span_at(zone, late)->offset == wall)
		return late;
	return gap_end;
}

bool calendar_date_exists(int year, int month, int day)
{
	return year >= 1900 && year <= 2200 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= civil_month_length(year, month);
}

moment_t calendar_add_days(moment_t moment, int days, const char *zone)
{
	struct calendar_local local;
	if (moment == MOMENT_NEVER)
		return moment;
	calendar_local(moment, zone, &local);
	local.day += days;
	return calendar_moment(&local, zone);
}

moment_t calendar_add_months(moment_t moment, int months, const char *zone)
{
	struct calendar_local local;
	if (moment == MOMENT_NEVER)
		return moment;
	calendar_local(moment, zone, &local);
	int total = local.year * 12 + local.month - 1 + months;
	local.year = total / 12;
	local.month = total % 12 + 1;
	int longest = civil_month_length(local.year, local.month);
	if (local.day > longest)
		local.day = longest;
	return calendar_moment(&local, zone);
}

/* ---- reading a moment ---- */

static bool take_number(struct str *s, int *out)
{
	int v = 0;
	size_t digits = 0;
	while (s->n && s->p[0] >= '0' && s->p[0] <= '9' && digits < 4) {
		v = v * 10 + (s->p[0] - '0');
		s->p++, s->n--, digits++;
	}
	*out = v;
	return digits > 0;
}

static bool take(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	s->p++, s->n--;
	return true;
}

static int no_such_date(const struct calendar_local *local, struct error *error)
{
	static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
					     "July",    "August",   "September", "October", "November", "December"};
	if (local->month >= 1 && local->month <= 12)
		return error_set(error, ERROR_INVALID, NULL, "%d %s %d does not exist.", local->day,
				 months[local->month - 1], local->year);
	return error_set(error, ERROR_INVALID, NULL, "there is no month %d.", local->month);
}

static int not_a_moment(struct str text, struct error *error)
{
	return error_set(error, ERROR_INVALID, NULL,
			 "\"%.*s\" is not a moment. Write it like \"2027-03-18 15:00 Europe/Berlin\".",
			 text.n > 64 ? 64 : (int)text.n, text.n ? text.p : "");
}

/* The hour that is left out when clocks are put forward. */
static int is_there(const struct calendar_local *wanted, moment_t moment, const char *zone, struct error *error)
{
	struct calendar_local local;
	calendar_local(moment, zone, &local);
	if (local.hour == wanted->hour && local.minute == wanted->minute)
		return 0;
	return error_set(error, ERROR_INVALID, NULL, "%04d-%02d-%02d %02d:%02d does not exist in %s: clocks are put forward then.", wanted->year, wanted->month, wanted->day,
			 wanted->hour, wanted->minute, zone);
}

static int parse(struct str text, const char *default_zone, bool strict, moment_t *out, struct error *error)
{
	struct str s = str_trim(text);
	struct calendar_local local = {0};
	char zone[ZONE_NAME_MAX + 1] = "";
	if (!take_number(&s, &local.year) || !take(&s, '-') || !take_number(&s, &local.month) || !take(&s, '-') ||
	    !take_number(&s, &local.day))
		return not_a_moment(text, error);
	if (!calendar_date_exists(local.year, local.month, local.day))
		return no_such_date(&local, error);
	struct str rest = str_trim(s);
	bool timed = false;
	if (rest.n && rest.p[0] >= '0' && rest.p[0] <= '9') {
		timed = true;
		if (!take_number(&rest, &local.hour) || !take(&rest, ':') || !take_number(&rest, &local.minute) ||
		    local.hour > 23 || local.minute > 59)
			return not_a_moment(text, error);
		rest = str_trim(rest);
	}
	if (rest.n && !calendar_zone_known(rest))
		return error_set(
			error, ERROR_INVALID, NULL,
			"there is no time zone \"%.*s\". Write its name by continent and city, like \"Europe/Berlin\".",
			rest.n > 64 ? 64 : (int)rest.n, rest.p);
	if (rest.n)
		memcpy(zone, rest.p, rest.n);
	*out = calendar_moment(&local, rest.n ? zone : default_zone);
	return strict && timed ? is_there(&local, *out, rest.n ? zone : default_zone, error) : 0;
}

int calendar_parse(struct str text, const char *default_zone, moment_t *out, struct error *error)
{
	return parse(text, default_zone, false, out, error);
}

int calendar_parse_written(struct str text, const char *default_zone, moment_t *out, struct error *error)
{
	return parse(text, default_zone, true, out, error);
}
