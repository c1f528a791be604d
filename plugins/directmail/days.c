/* See days.h. */
#include "days.h"

#include <stdio.h>
#include <string.h>
#include <unicode/ucal.h>

static UCalendar *open_at(const char *zone, int64_t at)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar name[64] = {0};
	for (size_t i = 0; i < 63 && zone[i]; i++)
		name[i] = (UChar)(unsigned char)zone[i];
	UCalendar *calendar = ucal_open(name, -1, "en", UCAL_GREGORIAN, &status);
	if (!U_FAILURE(status))
		ucal_setMillis(calendar, (UDate)at / 1000, &status);
	return U_FAILURE(status) ? NULL : calendar;
}

static int field_of(const UCalendar *calendar, UCalendarDateFields field)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t value = ucal_get(calendar, field, &status);
	return U_FAILURE(status) ? 0 : (int)value;
}

/* `days` later, at that minute. */
static int64_t moment_of(UCalendar *calendar, int days, int minute)
{
	UErrorCode status = U_ZERO_ERROR;
	ucal_add(calendar, UCAL_DAY_OF_MONTH, days, &status);
	ucal_set(calendar, UCAL_HOUR_OF_DAY, minute / 60);
	ucal_set(calendar, UCAL_MINUTE, minute % 60);
	ucal_set(calendar, UCAL_SECOND, 0);
	ucal_set(calendar, UCAL_MILLISECOND, 0);
	return (int64_t)ucal_getMillis(calendar, &status) * 1000;
}

bool days_is_zone(const char *zone)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar name[64] = {0}, canonical[64];
	UBool known = 0;
	if (!*zone || strlen(zone) > 60)
		return false;
	for (size_t i = 0; zone[i]; i++)
		name[i] = (UChar)(unsigned char)zone[i];
	ucal_getCanonicalTimeZoneID(name, -1, canonical, 64, &known, &status);
	return !U_FAILURE(status);
}

int days_weekday(const char *name)
{
	static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
	for (int i = 0; i < 7; i++)
		if (strcmp(name, days[i]) == 0)
			return i;
	return -1;
}

void days_of(const char *zone, int64_t at, char out[DAY_TEXT])
{
	UCalendar *calendar = open_at(zone, at);
	snprintf(out, DAY_TEXT, "1970-01-01");
	if (!calendar)
		return;
	snprintf(out, DAY_TEXT, "%04u-%02u-%02u", (unsigned)field_of(calendar, UCAL_YEAR) % 10000, (unsigned)field_of(calendar, UCAL_MONTH) % 12 + 1,
		 (unsigned)field_of(calendar, UCAL_DATE) % 32);
	ucal_close(calendar);
}

bool days_is(const char *zone, int64_t at, const char *day)
{
	char local[DAY_TEXT];
	int weekday = days_weekday(day);
	days_of(zone, at, local);
	if (weekday < 0)
		return strcmp(local, day) == 0;
	UCalendar *calendar = open_at(zone, at);
	bool same = calendar && field_of(calendar, UCAL_DAY_OF_WEEK) - UCAL_SUNDAY == weekday;
	ucal_close(calendar);
	return same;
}

int64_t days_minute(const char *zone, int64_t at, int minute)
{
	UCalendar *calendar = open_at(zone, at);
	int64_t moment = calendar ? moment_of(calendar, 0, minute) : at;
	ucal_close(calendar);
	return moment;
}

int64_t days_next(const char *zone, int64_t at, int weekday, int minute)
{
	UCalendar *calendar = open_at(zone, at);
	if (!calendar)
		return at;
	int days = (weekday - (field_of(calendar, UCAL_DAY_OF_WEEK) - UCAL_SUNDAY) + 7) % 7;
	int64_t moment = moment_of(calendar, days, minute);
	if (moment < at) /* of today, and over */
		moment = moment_of(calendar, 7, minute);
	ucal_close(calendar);
	return moment;
}
