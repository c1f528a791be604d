/* Answers that only their sender's address ties to a lead: anybody may write that address, so a day takes so many of one and so many in all. What is beyond is
 * nobody's: a person reads it in the mailbox. Counted in this process alone. */
#ifndef NURTURE_DELIVERY_STRANGERS_H
#define NURTURE_DELIVERY_STRANGERS_H

#include "base/clock.h"
#include "base/str.h"

#include <stdbool.h>

enum { STRANGERS_PLACES = 1024, STRANGERS_ONE = 10, STRANGERS_ALL = 1000 };

struct strangers {
	int64_t day;
	unsigned all;
	struct { uint64_t who; unsigned count; } places[STRANGERS_PLACES]; /* of the day; two who share a place push each other out: `all` holds */
};

/* One more answer of that address at `now`. false: too many today. */
bool strangers_let(struct strangers *strangers, struct str address, moment_t now);

#endif
