/* Calendars: local days, business time and open hours, by ICU's time-zone data. Pure: no clock is read.
 *
 * Zone names are IANA ("Europe/Berlin"); NULL or an unknown name is UTC (check names first with calendar_zone_known).
 * Zones are cached for the life of the process. A local time that does not exist (spring) is the moment after the gap;
 * one that exists twice (autumn) is the earlier. */
#ifndef NURTURE_BASE_CALENDAR_H
#define NURTURE_BASE_CALENDAR_H

#include "base/clock.h"
#include "base/duration.h"

#include <stdbool.h>

struct calendar_local {
	int year, month, day;      /* month 1..12 */
	int hour, minute, second;
	int weekday;               /* 0 = Sunday .. 6 = Saturday */
	int micros;
};

bool calendar_zone_known(struct str zone);
void calendar_local(moment_t moment, const char *zone, struct calendar_local *out);
moment_t calendar_moment(const struct calendar_local *local, const char *zone); /* weekday is not read; day may run over */
/* The date exists in the calendar. */
bool calendar_date_exists(int year, int month, int day);
/* "2027-03-18 15:00 Europe/Berlin", "2027-03-18 15:00", "2027-03-18" (zone = default_zone where none is said). Message 25. */
int calendar_parse(struct str text, const char *default_zone, moment_t *out, struct error *error) MUST_USE;
/* The same of what somebody wrote down to be kept to: a time of day that the zone leaves out on that day is refused, too. */
int calendar_parse_written(struct str text, const char *default_zone, moment_t *out, struct error *error) MUST_USE;

/* Same wall-clock time n days or months later. Months count from `moment`'s day: 31 Jan + 1 month = 28 Feb; for a repeated
 * `every "1 month"` add k months to the first date (decision 42). */
moment_t calendar_add_days(moment_t moment, int days, const char *zone);
moment_t calendar_add_months(moment_t moment, int months, const char *zone);

/* Open hours: up to `CALENDAR_SPANS` spans a day for each weekday, in minutes of the local day. */
enum { CALENDAR_SPANS = 4, CALENDAR_DAY_MINUTES = 1440 };
struct calendar_span {
	int16_t from, to; /* [from, to) */
};
struct calendar_hours {
	struct calendar_span spans[7][CALENDAR_SPANS]; /* from == to ends the list; sorted, not overlapping */
	const int32_t *holidays; /* sorted yyyymmdd; closed days */
	size_t holiday_count;
};
/* "Mon-Fri", "Mon,Wed", "Mon-Fri 9:00-20:00", "Mon-Fri 10:00-13:00 14:00-20:00" (several groups by ";"). from/to are used for days without spans of their own. */
int calendar_hours_parse(struct str days, struct str from, struct str to, struct calendar_hours *out, struct error *error) MUST_USE;
bool calendar_is_open(const struct calendar_hours *hours, moment_t moment, const char *zone);
/* The first open moment at or after `moment`; MOMENT_NEVER if there is none within two years. */
moment_t calendar_next_open(const struct calendar_hours *hours, moment_t moment, const char *zone);

/* moment + d. Days, weeks, months, years are calendar lengths in zone; business units count only open time of `office` (in
 * office_zone): a business day ends at the same time of the n-th next open day. office NULL = Mon-Fri whole days. */
moment_t calendar_add(moment_t moment, struct duration d, const char *zone, const struct calendar_hours *office,
		      const char *office_zone);
/* moment - d, the same way round: 29 Feb - 1 year = 28 Feb; of business time only what is open counts. MOMENT_NEVER where calendar_add has none. */
moment_t calendar_subtract(moment_t moment, struct duration d, const char *zone, const struct calendar_hours *office,
			   const char *office_zone);

#endif
