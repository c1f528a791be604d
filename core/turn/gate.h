/* The gate: may this touch go out? One pure function over loaded facts; asked at planning and again before sending. */
#ifndef NURTURE_TURN_GATE_H
#define NURTURE_TURN_GATE_H

#include "turn/turn.h"

enum gate_verdict {
	GATE_PASS,
	GATE_LATER, /* cap or hours: postpone to `at` */
	GATE_HOLD,  /* does not go: no consent, suppressed, no address, segment says never, holdout, its enrollment is held */
};
/* The reasons of the last: the walk plans this contact anew when its enrollment is tried again, or goes on after a pause. */
#define GATE_PARKED "its enrollment is held"
#define GATE_PAUSED "its campaign is paused"

struct gate_answer {
	enum gate_verdict verdict;
	moment_t at;
	const char *rule;   /* "consent", "suppression", "topic", "frequency", "cap", "hours", "address", "segment", "holdout", "channel", "enrollment" */
	char reason[200];   /* "email: DE asks for double opt-in", "no channel" */
};
/* For so long after a touch was planned or fell due, whichever is later, what was said of caps and hours stands. */
#define GATE_PROMISE (15 * MOMENT_MINUTE)
/* `before_sending`: caps and hours (but not the lead's own frequency) are not asked again within GATE_PROMISE (other touches and histories of the lead may be missing from the facts then, if
 * nothing suppresses it); whether its enrollment is held is
 * asked only then, for the turn that plans it has just let it go on. */
struct gate_answer turn_gate(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch,
			     bool before_sending);

/* Whether the playbook and the lead's word let us record what it does with a mail: channel "track_open" or "track_click". Without a
 * `consent` line of the playbook for it, until the lead says no. */
bool turn_tracks(const struct playbook *playbook, const struct turn_facts *facts, struct str channel);

#endif
