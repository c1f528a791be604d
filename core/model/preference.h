/* Preferences as they stand in the ledger of consents: a line of channel "email" whose purpose is what is wanted no more. Withdrawn = not wanted; no line,
 * or granted = wanted. So they are merged (the strictest wins), exported and erased as every other word of the lead. They allow nothing: marketing
 * itself must be allowed beside them. Written by the page /u/TOKEN, asked by the gate. */
#ifndef NURTURE_MODEL_PREFERENCE_H
#define NURTURE_MODEL_PREFERENCE_H

#include "base/clock.h"
#include "base/str.h"

#include <stdio.h>

#define PREFERENCE_TOPIC "topic:"
#define PREFERENCE_OFTEN "more-often:"
enum { PREFERENCE_PURPOSE = 96, PREFERENCE_FREQUENCIES = 2 };
#define PREFERENCE_LONGEST (30 * MOMENT_DAY)

/* "More often than …" is what is taken back. */
static const struct {
	const char *choice, *purpose;
	int64_t every; /* microseconds from one marketing mail to the next */
} preference_frequencies[PREFERENCE_FREQUENCIES] = {
	{"week", PREFERENCE_OFTEN "week", 7 * MOMENT_DAY},
	{"month", PREFERENCE_OFTEN "month", PREFERENCE_LONGEST},
};

/* Is this purpose of channel "email" a preference? */
static inline bool preference_is(struct str purpose)
{
	return str_starts(purpose, STR(PREFERENCE_TOPIC)) || str_starts(purpose, STR(PREFERENCE_OFTEN));
}

static inline struct str preference_of_topic(const char *topic, char out[PREFERENCE_PURPOSE])
{
	int n = snprintf(out, PREFERENCE_PURPOSE, PREFERENCE_TOPIC "%s", topic);
	return (struct str){out, n < PREFERENCE_PURPOSE ? (size_t)n : PREFERENCE_PURPOSE - 1};
}

#endif
