/* A lead as it stood at a moment of the past, scored by the code that scores it in its turns. For jobs/backtest. Pure.
 *
 * What counts as known then: events dated before the moment (also those that were received later), what was told of fields up to it and at it (an
 * import tells of a lead and of its outcome at once), the stage that its last stage.change says, permissions given or taken back before it. Nothing
 * of today's row: fields are told again, in order, from lead.create and lead.update. Only the account is given as it is. */
#ifndef NURTURE_TURN_REPLAY_H
#define NURTURE_TURN_REPLAY_H

#include "model/past.h"
#include "turn/turn.h"

/* The first event of this verb in [from, to); before[0] says whether there was one before `from`. MOMENT_NEVER = none. before may be NULL. */
moment_t turn_replay_find(const struct past_lead *lead, struct str verb, moment_t from, moment_t to, bool *before);
/* When it was first heard of: came to be, or was told of. */
moment_t turn_replay_since(const struct past_lead *lead);

struct replay_rule {
	int points;
	double units;        /* see struct rule_score */
	int chosen;
};
struct replay_score {
	const int *points;                     /* of each model */
	const bool *scored;                    /* false: a rule of it failed */
	const struct str *grades;              /* of each table; "" = none */
	const int *bands;                      /* of each table; -1 = none */
	const struct replay_rule *rules;       /* of the model asked for */
	const struct problem *errors; size_t error_count; /* what failed */
};
/* model: index in the playbook. first_word: fields are those of the first that was ever told of them, whenever that was. Everything is in the arena. */
int turn_replay(struct playbook *playbook, int model, const struct past_lead *lead, moment_t at, bool first_word, struct arena *arena,
		struct replay_score *out, struct error *error) MUST_USE;

#endif
