/* The time zones of countries and of the states of large ones, for whoever must do right by a person of whom only that is known. Countries: ICU's;
 * states of the US, Canada and Australia: a table (the IANA database, zone1970.tab and northamerica). Pure; kept for the life of the process. */
#ifndef NURTURE_BASE_ZONES_H
#define NURTURE_BASE_ZONES_H

#include "base/str.h"

#include <stddef.h>

struct zone_list {
	const char *const *names; /* IANA */
	size_t count;             /* 0 = nothing is known */
};

/* country: ISO 3166 alpha-2 in capitals. */
struct zone_list zones_of_country(struct str country);
/* region: "TX", "US-TX", "Texas" in any case; none = {0}. A state that lies in two zones has both. */
struct zone_list zones_of_region(struct str country, struct str region);

#endif
