/* The two times of DESIGN section 5. Both are int64_t microseconds.
 *
 * Machine time (mono): leases, heartbeats, deadlines, back-off. Domain time (moment): all that a playbook says, since
 * 1970-01-01 UTC, kept in one row of the database. At scale 1 it runs with real time from domain0. At any other scale it
 * stands at domain0: one keeper (core/engine/keeper.c) moves the row on, `scale` times as fast as real time, and never
 * past a moment at which something is due and not done. */
#ifndef NURTURE_BASE_CLOCK_H
#define NURTURE_BASE_CLOCK_H

#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

typedef int64_t mono_t;   /* microseconds, CLOCK_MONOTONIC */
typedef int64_t moment_t; /* microseconds since the Unix epoch; 0 = none where a field says so */

#define MOMENT_SECOND INT64_C(1000000)
#define MOMENT_MINUTE (60 * MOMENT_SECOND)
#define MOMENT_HOUR (60 * MOMENT_MINUTE)
#define MOMENT_DAY (24 * MOMENT_HOUR)
#define MOMENT_NEVER INT64_MAX

struct clock {
	moment_t real0;   /* real time at which domain time was domain0 */
	moment_t domain0;
	double scale;     /* 1 = ordinary; 86400 = the keeper moves domain0 a day a second */
};

mono_t mono_now(void);
moment_t real_now(void); /* CLOCK_REALTIME; only for log lines, the clock row and machine records */
moment_t clock_domain(const struct clock *clock, moment_t real); /* domain time at real time */
/* Real microseconds until domain time reaches `then` (at the earliest, when scaled); 0 when it has. */
int64_t clock_real_until(const struct clock *clock, moment_t real, moment_t then);

/* RFC 3339, `2027-03-18T15:00:00.123456Z` or with an offset; also a date alone (midnight UTC). Years 1900 to 2200. */
int moment_parse(struct str text, moment_t *out, struct error *error) MUST_USE;
enum { MOMENT_TEXT = 32 };
const char *moment_format(moment_t moment, char out[MOMENT_TEXT]); /* …T…Z with milliseconds only when not zero */

#endif
