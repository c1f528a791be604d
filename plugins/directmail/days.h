/* Days and hours where the channel is: ICU's calendar. Pure. */
#ifndef DIRECTMAIL_DAYS_H
#define DIRECTMAIL_DAYS_H

#include <stdbool.h>
#include <stdint.h>

enum { DAY_TEXT = 16 };

bool days_is_zone(const char *zone);
/* 0 = Sunday, by its English name; -1: it is none. */
int days_weekday(const char *name);
/* The local day of a moment (microseconds since 1970): "2027-03-18". */
void days_of(const char *zone, int64_t at, char out[DAY_TEXT]);
/* Is it the day that is written so: "Thursday" or "2027-03-18"? */
bool days_is(const char *zone, int64_t at, const char *day);
/* That minute of the local day of `at`. */
int64_t days_minute(const char *zone, int64_t at, int minute);
/* The first moment from `at` on at that minute of such a weekday. */
int64_t days_next(const char *zone, int64_t at, int weekday, int minute);

#endif
