/* How a lead stands by a playbook at one moment: scores, grades, bands, segments and the stage that bands set, as its next turn would find them if
 * nothing happened. For comparing two playbooks (jobs/preview). Pure; tells nobody, plans nothing and leaves the facts as they are. */
#ifndef NURTURE_TURN_STAND_H
#define NURTURE_TURN_STAND_H

#include "turn/turn.h"

struct turn_stand_grade {
	struct str grade; /* "A1"; "" = none */
	int band;         /* index in the table's bands; -1 = none */
};

/* Arrays by the playbook's own indices, in the arena. */
struct turn_stand {
	const int *points;                     /* of each model */
	const bool *scored;                    /* false: its rules fail and there never was a score */
	const struct turn_stand_grade *grades; /* of each table */
	const bool *member;                    /* of each segment */
	const bool *enters;                    /* of each campaign: the lead is what `enter` asks for, and not what `leave` does. An `on` alone never is */
	enum stage stage;
	struct str adds;                       /* what it adds to its account (model/account.h); "" = it has none, or its account was not read */
	const struct problem *errors;          /* rules and segments that failed: these stay as they were */
	size_t error_count;
	const struct receipt *receipts;        /* of each model; NULL unless asked for */
};

/* facts: as loaded, with the fields of this playbook's schema; nothing of it is changed. */
int turn_stand(struct playbook *playbook, const struct turn_facts *facts, bool with_receipts, struct arena *arena, struct turn_stand *out,
	       struct error *error) MUST_USE;

#endif
