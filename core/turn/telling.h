/* One story of the playbook while it is told: shared by story.c (what happens) and story_why.c (what went wrong). */
#ifndef NURTURE_TURN_TELLING_H
#define NURTURE_TURN_TELLING_H

#include "playbook/story.h"
#include "turn/trial.h"

#include "base/buf.h"

struct colleague {
	const char *name;       /* NULL = has none */
	struct trial *trial;
};

struct telling {
	struct playbook *playbook;
	struct arena *arena;
	struct trial trial;
	struct colleague *colleagues; size_t colleague_count, colleague_room;
	struct account_summary summary; /* of the account of all of them; only when there is one */
	bool account_said;      /* its fields changed: it has a turn */
	const char *zone;
	moment_t start;
	moment_t later;         /* by so much all days begin later: an instant for each expect that something is told behind */
	bool expected;          /* the line before was an expect: what happens next opens a new window */
	/* what the last window had seen already */
	bool *touch_told; size_t told_count;
	size_t handoffs_told, logs_told;
	/* the receipts at the last expectation that held, and its line */
	struct receipt *held; size_t held_count;
	int held_line;
};

int telling_day(const struct telling *telling); /* 1 = the story's first */
/* A touch that ended in this window, in that state. */
bool telling_ended(const struct telling *telling, size_t touch, enum touch_state state);
bool telling_made(const struct telling *telling, size_t touch); /* went out in this window, or stands in its channel's queue since then */
/* company.c: time goes on for all of them at once, and the account has its turns between theirs. */
int telling_advance(struct telling *telling, moment_t to, struct error *error) MUST_USE;
/* The colleague of that name, or a new one. */
struct trial *telling_colleague(struct telling *telling, const char *name);
/* What went wrong in a turn of anybody; NULL = nothing. */
const struct problem *telling_problem(const struct telling *telling);
/* story_since.c: an expectation held on this line; and how a model's rules give otherwise since then: " (since line 7: read +10, quiet -20)". */
void telling_remember(struct telling *telling, int line);
void telling_since(const struct telling *telling, const struct receipt *now, struct buf *out);
/* " Why: …": touches and walks, for a line that could not be told. */
void telling_circumstances(const struct telling *telling, struct buf *out);
/* "Why: …" for an expectation that failed. */
void telling_why(struct telling *telling, const struct expectation *expectation, struct buf *out);

#endif
