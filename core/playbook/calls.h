/* What a caller asks, and how calls end: scripts with their questions and results, and dispositions. Read by build_calls.c; turn asks which
 * result fits (turn/ends.c), a channel for calls shows the questions. The words to speak are in templates/call/NAME.md, one heading a question. */
#ifndef NURTURE_PLAYBOOK_CALLS_H
#define NURTURE_PLAYBOOK_CALLS_H

#include "playbook/playbook.h"

enum { QUESTION_END = -1 }; /* no further question: the closing */

struct question_case {
	struct str choice;
	int next;                      /* index of a question, or QUESTION_END */
};
struct call_question {
	const char *name;
	struct place at;
	int slot;                      /* the field of the lead that the answer fills; -1 = none: it creates somebody */
	const char *ask;               /* in the script's words, else the field's label */
	bool needed;
	bool creates_colleague;        /* each answer is a person of the same account */
	/* Which question follows: by the field of `choose_slot` when it has cases, else `next` (also for a choice that is not named). */
	int next;
	int choose_slot;
	const struct question_case *cases; size_t case_count;
};
/* How a call that reached somebody ended: the first that fits. */
struct call_result {
	const char *name;
	struct place at;
	const struct condition *when;  /* NULL = always: the last */
};
struct call_script {
	const char *name, *title;
	struct place at;
	const char *opening, *closing; /* headings of the template; NULL = none */
	const struct call_question *questions; size_t question_count;
	const struct call_result *results; size_t result_count;
};

/* What a disposition says of the person who was called. */
enum disposition_means { MEANS_NOBODY, MEANS_WRONG, MEANS_REFUSED, MEANS_NEVER };
struct disposition {
	const char *name, *label;
	struct place at;
	enum disposition_means means;
	const struct retry *retry;     /* where a step's answers name neither it nor, for nobody, "nobody"; NULL = none */
};

/* What a step does that answers may speak of: its contact, else its handoff, the first of a split; NULL = nothing. */
const struct action *playbook_contact(const struct step *step);
/* Whether every lead goes where the step itself says (go, leave, choose): not when only some ways of its split do. */
bool step_always_goes(const struct step *step);
/* How that, and the other ways of its split, can end ("now", "nobody", "bounced", "accepted", "late", "held" …), into names (room for `room`); how many. */
size_t playbook_ends(const struct playbook *playbook, const struct step *step, const char **names, size_t room);

/* NULL when there is none. */
const struct call_script *playbook_script(const struct playbook *playbook, struct str name);
const struct disposition *playbook_disposition(const struct playbook *playbook, struct str name);
const struct call_result *call_script_result(const struct call_script *script, struct str name);

#endif
