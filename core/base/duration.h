/* Lengths of time as a playbook writes them: "3 days", "2 business hours", "1 month" (PLAYBOOK section 1). */
#ifndef NURTURE_BASE_DURATION_H
#define NURTURE_BASE_DURATION_H

#include "base/clock.h"
#include "base/error.h"

enum duration_unit {
	DURATION_MINUTES, DURATION_HOURS, DURATION_DAYS, DURATION_WEEKS, DURATION_MONTHS, DURATION_YEARS,
	DURATION_BUSINESS_MINUTES, DURATION_BUSINESS_HOURS, DURATION_BUSINESS_DAYS,
};

struct duration {
	int32_t count; /* 0 = none given; never negative */
	enum duration_unit unit;
};

/* Reads "3 days" (singular and plural). message 23 or 24 of PLAYBOOK section 4 on error. */
int duration_parse(struct str text, struct duration *out, struct error *error) MUST_USE;
/* The same of whole days and more, also as those write it who type little: "90d", "2w", "6mo", "1y". For how long something is kept. */
int duration_parse_days(struct str text, struct duration *out, struct error *error) MUST_USE;
const char *duration_format(struct duration d, char out[40]); /* "1 month", "2 business days" */
/* Plain length for looking-back windows: a month counts 30 days, a year 365; business units as their plain ones. */
int64_t duration_micros(struct duration d);

#endif
