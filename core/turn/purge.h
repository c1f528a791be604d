/* Whom a purge means: leads that have done nothing themselves for long. Asked by the command, the API and the retention rules of nurture.conf alike;
 * the database finds them (queries purge_count and purge_page). */
#ifndef NURTURE_TURN_PURGE_H
#define NURTURE_TURN_PURGE_H

#include "playbook/playbook.h"

struct turn_purge {
	const char *segment; /* NULL = everybody */
	const char *since;   /* a moment: who is younger than that, or did something since then, stays */
	const char *verbs;   /* "a,b": what is not the lead's own doing */
};
/* older: "6 months" or "6mo" (duration_parse_days). Everything in *out is the arena's. ERROR_INVALID where = "older" or "segment". playbook NULL = none. */
int turn_purge_who(const struct playbook *playbook, struct str older, struct str segment, moment_t now, struct arena *arena, struct turn_purge *out,
		   struct error *error) MUST_USE;

#endif
