/* See strangers.h. Called by returns.c. */
#include "delivery/strangers.h"

#include "base/hash.h"

#include <string.h>

bool strangers_let(struct strangers *strangers, struct str address, moment_t now)
{
	uint64_t who = hash_stable(address);
	size_t place = who % STRANGERS_PLACES;
	if (strangers->day != now / MOMENT_DAY) {
		memset(strangers, 0, sizeof *strangers);
		strangers->day = now / MOMENT_DAY;
	}
	if (strangers->places[place].who != who) {
		strangers->places[place].who = who;
		strangers->places[place].count = 0;
	}
	if (strangers->all >= STRANGERS_ALL || strangers->places[place].count >= STRANGERS_ONE)
		return false;
	strangers->all++;
	strangers->places[place].count++;
	return true;
}
