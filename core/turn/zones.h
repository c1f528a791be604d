/* Which time zones a lead may be in: for calls, which must be lawful wherever the telephone rings. */
#ifndef NURTURE_TURN_ZONES_H
#define NURTURE_TURN_ZONES_H

#include "base/zones.h"
#include "turn/turn.h"

enum { TURN_ZONES_MOST = 64 };
struct turn_zones {
	const char *names[TURN_ZONES_MOST];
	size_t count;             /* 0 = nothing is known of the place */
	const char *by;           /* "time zone", "region", "country", "telephone", "account", "playbook", "" */
	char country[3];          /* "" = not known */
	struct str region;
};

/* Its own zone, else all of its region, else of its country, of its number's country, of its account's, of the country that the playbook is about. Who only
 * has a number that tells no country is nowhere, and is not called; where numbers cannot be asked (stories), it is in the playbook's zone. */
void turn_zones(const struct playbook *playbook, const struct turn_facts *facts, struct turn_zones *out);
/* The first moment from `t` on at which it is open in all of them; MOMENT_NEVER: there is none within two years. */
moment_t turn_zones_open(const struct turn_zones *zones, const struct calendar_hours *hours, moment_t t);
/* Whose number the lead's telephone is, whatever the lead says of its country. false: not known, "". */
bool turn_phone_country(const struct turn_facts *facts, char country[3]);

#endif
