/* Open hours and business time: the part of calendar.h that knows spans of the day. Reading ("Mon-Fri 9:00-17:30"),
 * asking whether a moment is open, finding the next one that is, and adding business minutes, hours and days. Pure. */
#include "base/calendar.h"
#include "base/civil.h"

#include <stdio.h>

enum { WEEK = 7, LOOK_DAYS = 732 };

/* ---- reading ---- */

static bool read_weekday(struct str text, int *out)
{
	static const char *const names[WEEK] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
						"Thursday", "Friday", "Saturday"};
	for (int i = 0; i < WEEK; i++) {
		struct str whole = str_of(names[i]);
		if (str_same(text, whole) || str_same(text, (struct str){whole.p, 3})) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* "9:00", "17:30", "24:00" to minutes of the day. */
static bool read_clock(struct str text, int *out)
{
	struct str rest = text;
	struct str hour = str_cut(&rest, ':');
	int64_t h = 0, m = 0;
	if (!rest.p || hour.n > 2 || rest.n != 2 || !str_to_int(hour, &h) || !str_to_int(rest, &m))
		return false;
	if (h < 0 || m < 0 || m > 59 || h * 60 + m > CALENDAR_DAY_MINUTES)
		return false;
	*out = (int)(h * 60 + m);
	return true;
}

static bool read_span(struct str text, struct calendar_span *out)
{
	struct str rest = text;
	struct str from = str_cut(&rest, '-');
	int a = 0, b = 0;
	if (!rest.p || !read_clock(from, &a) || !read_clock(rest, &b) || a >= b)
		return false;
	*out = (struct calendar_span){(int16_t)a, (int16_t)b};
	return true;
}

/* "Mon-Fri", "Mon,Wed", "Sat" to a bit set. */
static bool read_days(struct str text, unsigned *out)
{
	unsigned days = 0;
	for (struct str rest = text; rest.p;) {
		struct str range = str_cut(&rest, ',');
		struct str first = str_cut(&range, '-');
		int a = 0, b = 0;
		if (!read_weekday(first, &a))
			return false;
		b = a;
		if (range.p && !read_weekday(range, &b))
			return false;
		for (int day = a;; day = (day + 1) % WEEK) {
			days |= 1u << day;
			if (day == b)
				break;
		}
	}
	*out = days;
	return days != 0;
}

static bool put_span(struct calendar_hours *hours, int day, struct calendar_span span)
{
	struct calendar_span *spans = hours->spans[day];
	int n = 0;
	while (n < CALENDAR_SPANS && spans[n].from != spans[n].to)
		n++;
	if (n == CALENDAR_SPANS)
		return false;
	int at = n;
	for (; at > 0 && spans[at - 1].from > span.from; at--)
		spans[at] = spans[at - 1];
	spans[at] = span;
	bool before = at == 0 || spans[at - 1].to <= span.from;
	bool after = at == n || span.to <= spans[at + 1].from;
	return before && after;
}

static int not_hours(struct str text, struct error *error)
{
	return error_set(error, ERROR_INVALID, NULL,
			 "\"%.*s\" are no open hours. Write them like \"Mon-Fri\", \"Mon,Wed\" or "
			 "\"Mon-Fri 10:00-13:00 14:00-20:00; Sat 9:00-12:00\".",
			 text.n > 80 ? 80 : (int)text.n, text.n ? text.p : "");
}

/* One group: days, then spans or, without any, the usual one. */
static bool read_group(struct str group, struct calendar_span usual, struct calendar_hours *out)
{
	unsigned days = 0;
	bool any = false;
	struct str rest = str_trim(group);
	if (!read_days(str_cut(&rest, ' '), &days))
		return false;
	while (rest.p) {
		struct str part = str_trim(str_cut(&rest, ' '));
		struct calendar_span span;
		if (part.n == 0)
			continue;
		if (!read_span(part, &span))
			return false;
		any = true;
		for (int day = 0; day < WEEK; day++)
			if ((days & 1u << day) && !put_span(out, day, span))
				return false;
	}
	for (int day = 0; !any && day < WEEK; day++)
		if ((days & 1u << day) && !put_span(out, day, usual))
			return false;
	return true;
}

int calendar_hours_parse(struct str days, struct str from, struct str to, struct calendar_hours *out,
			 struct error *error)
{
	int a = 0, b = CALENDAR_DAY_MINUTES;
	if ((from.n && !read_clock(from, &a)) || (to.n && !read_clock(to, &b)) || a >= b)
		return error_set(error, ERROR_INVALID, NULL,
				 "\"%.*s\" to \"%.*s\" is no time of day. Write from = \"8:00\", to = \"21:00\".",
				 from.n > 20 ? 20 : (int)from.n, from.n ? from.p : "", to.n > 20 ? 20 : (int)to.n,
				 to.n ? to.p : "");
	const int32_t *holidays = out->holidays;
	size_t holiday_count = out->holiday_count;
	*out = (struct calendar_hours){.holidays = holidays, .holiday_count = holiday_count};
	struct calendar_span usual = {(int16_t)a, (int16_t)b};
	for (struct str rest = days; rest.p;)
		if (!read_group(str_cut(&rest, ';'), usual, out))
			return not_hours(days, error);
	return 0;
}

/* ---- asking ---- */

static const struct calendar_hours *or_weekdays(const struct calendar_hours *hours)
{
	static const struct calendar_hours weekdays = {.spans = {[1] = {{0, CALENDAR_DAY_MINUTES}},
								 [2] = {{0, CALENDAR_DAY_MINUTES}},
								 [3] = {{0, CALENDAR_DAY_MINUTES}},
								 [4] = {{0, CALENDAR_DAY_MINUTES}},
								 [5] = {{0, CALENDAR_DAY_MINUTES}}}};
	return hours ? hours : &weekdays;
}

static bool is_holiday(const struct calendar_hours *hours, const struct calendar_local *local)
{
	int32_t date = local->year * 10000 + local->month * 100 + local->day;
	size_t low = 0, high = hours->holiday_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (hours->holidays[middle] < date)
			low = middle + 1;
		else
			high = middle;
	}
	return low < hours->holiday_count && hours->holidays[low] == date;
}

/* The spans of a local day; NULL when it is closed. */
static const struct calendar_span *spans_of(const struct calendar_hours *hours, const struct calendar_local *local)
{
	const struct calendar_span *spans = hours->spans[local->weekday];
	return spans[0].from == spans[0].to || is_holiday(hours, local) ? NULL : spans;
}

/* The span that is open at this local time, or NULL. */
static const struct calendar_span *open_span(const struct calendar_hours *hours, const struct calendar_local *local)
{
	const struct calendar_span *spans = spans_of(hours, local);
	int minute = local->hour * 60 + local->minute;
	for (int i = 0; spans && i < CALENDAR_SPANS && spans[i].from != spans[i].to; i++)
		if (minute >= spans[i].from && minute < spans[i].to)
			return &spans[i];
	return NULL;
}

bool calendar_is_open(const struct calendar_hours *hours, moment_t moment, const char *zone)
{
	struct calendar_local local;
	calendar_local(moment, zone, &local);
	return open_span(or_weekdays(hours), &local) != NULL;
}

static moment_t minute_of_day(const struct calendar_local *day, int minute, const char *zone)
{
	struct calendar_local local = {.year = day->year, .month = day->month, .day = day->day};
	if (minute == CALENDAR_DAY_MINUTES)
		local.day++;
	else
		local.hour = minute / 60, local.minute = minute % 60;
	return calendar_moment(&local, zone);
}

static void next_day(struct calendar_local *local)
{
	civil_date(civil_days(local->year, local->month, local->day) + 1, &local->year, &local->month, &local->day);
	local->weekday = (local->weekday + 1) % WEEK;
	local->hour = local->minute = local->second = local->micros = 0;
}

/* The opening of a span on a local day, not before `moment`. On the day clocks go back an opening may come twice. */
static moment_t opening(const struct calendar_local *day, const struct calendar_span *span, moment_t moment,
			const char *zone)
{
	moment_t at = minute_of_day(day, span->from, zone);
	int minute = day->hour * 60 + day->minute;
	if (at < moment && minute < span->from)
		at = moment + (span->from - minute) * MOMENT_MINUTE - day->second * MOMENT_SECOND - day->micros;
	return at;
}

moment_t calendar_next_open(const struct calendar_hours *given, moment_t moment, const char *zone)
{
	const struct calendar_hours *hours = or_weekdays(given);
	struct calendar_local day;
	if (moment == MOMENT_NEVER)
		return moment;
	calendar_local(moment, zone, &day);
	if (open_span(hours, &day))
		return moment;
	for (int n = 0; n < LOOK_DAYS; n++, next_day(&day)) {
		const struct calendar_span *spans = spans_of(hours, &day);
		for (int i = 0; spans && i < CALENDAR_SPANS && spans[i].from != spans[i].to; i++) {
			moment_t at = opening(&day, &spans[i], moment, zone);
			if (at >= moment && calendar_is_open(hours, at, zone))
				return at;
		}
	}
	return MOMENT_NEVER;
}

/* ---- business time ---- */

static moment_t add_open_time(const struct calendar_hours *office, moment_t moment, int64_t left, const char *zone)
{
	moment_t at = calendar_next_open(office, moment, zone);
	while (at != MOMENT_NEVER) {
		struct calendar_local local;
		calendar_local(at, zone, &local);
		const struct calendar_span *span = open_span(office, &local);
		moment_t closes = span ? minute_of_day(&local, span->to, zone) : at;
		if (closes <= at) /* the hour that comes twice: its second half counts minute by minute */
			closes = at + MOMENT_MINUTE;
		if (closes - at >= left)
			return at + left;
		left -= closes - at;
		at = calendar_next_open(office, closes, zone);
	}
	return MOMENT_NEVER;
}

static void day_before(struct calendar_local *local)
{
	civil_date(civil_days(local->year, local->month, local->day) - 1, &local->year, &local->month, &local->day);
	local->weekday = (local->weekday + WEEK - 1) % WEEK;
}

/* So many open days on, or back: `step` goes to the day beside. */
static moment_t open_days_away(const struct calendar_hours *office, moment_t moment, int days, const char *zone, void (*step)(struct calendar_local *))
{
	struct calendar_local local, day;
	calendar_local(moment, zone, &local);
	day = local;
	for (int closed = 0; days > 0;) {
		step(&day);
		if (spans_of(office, &day))
			days--, closed = 0;
		else if (++closed > LOOK_DAYS)
			return MOMENT_NEVER;
	}
	local.year = day.year, local.month = day.month, local.day = day.day;
	return calendar_moment(&local, zone);
}

moment_t calendar_add(moment_t moment, struct duration d, const char *zone, const struct calendar_hours *given,
		      const char *office_zone)
{
	const struct calendar_hours *office = or_weekdays(given);
	if (moment == MOMENT_NEVER || d.count == 0)
		return moment;
	switch (d.unit) {
	case DURATION_MINUTES:
	case DURATION_HOURS: return moment + duration_micros(d);
	case DURATION_DAYS: return calendar_add_days(moment, d.count, zone);
	case DURATION_WEEKS: return calendar_add_days(moment, d.count * 7, zone);
	case DURATION_MONTHS: return calendar_add_months(moment, d.count, zone);
	case DURATION_YEARS: return calendar_add_months(moment, d.count * 12, zone);
	case DURATION_BUSINESS_MINUTES:
	case DURATION_BUSINESS_HOURS: return add_open_time(office, moment, duration_micros(d), office_zone);
	case DURATION_BUSINESS_DAYS: return open_days_away(office, moment, d.count, office_zone, next_day);
	}
	return moment;
}

/* ---- and backwards ---- */

/* Takes what was open of this day before *at; true when that was enough, *at is the moment then. */
static bool take_open_time(const struct calendar_hours *office, const struct calendar_local *day, moment_t *at, int64_t *left, const char *zone)
{
	const struct calendar_span *spans = spans_of(office, day);
	for (int i = CALENDAR_SPANS - 1; spans && i >= 0; i--) {
		moment_t from = minute_of_day(day, spans[i].from, zone), to = minute_of_day(day, spans[i].to, zone);
		if (to > *at)
			to = *at;
		if (spans[i].from == spans[i].to || from >= to)
			continue;
		*at = to - (to - from < *left ? to - from : *left);
		*left -= to - *at;
		if (*left == 0)
			return true;
	}
	return false;
}

static moment_t subtract_open_time(const struct calendar_hours *office, moment_t moment, int64_t left, const char *zone)
{
	struct calendar_local day;
	moment_t at = moment;
	calendar_local(moment, zone, &day);
	for (int closed = 0; closed <= LOOK_DAYS; day_before(&day)) {
		int64_t before = left;
		if (take_open_time(office, &day, &at, &left, zone))
			return at;
		closed = left == before ? closed + 1 : 0;
	}
	return MOMENT_NEVER;
}

moment_t calendar_subtract(moment_t moment, struct duration d, const char *zone, const struct calendar_hours *given,
			   const char *office_zone)
{
	const struct calendar_hours *office = or_weekdays(given);
	if (moment == MOMENT_NEVER || d.count == 0)
		return moment;
	switch (d.unit) {
	case DURATION_MINUTES:
	case DURATION_HOURS: return moment - duration_micros(d);
	case DURATION_DAYS: return calendar_add_days(moment, -d.count, zone);
	case DURATION_WEEKS: return calendar_add_days(moment, -d.count * 7, zone);
	case DURATION_MONTHS: return calendar_add_months(moment, -d.count, zone);
	case DURATION_YEARS: return calendar_add_months(moment, -d.count * 12, zone);
	case DURATION_BUSINESS_MINUTES:
	case DURATION_BUSINESS_HOURS: return subtract_open_time(office, moment, duration_micros(d), office_zone);
	case DURATION_BUSINESS_DAYS: return open_days_away(office, moment, d.count, office_zone, day_before);
	}
	return moment;
}
