/* Agents who want a call, and the calls that are looked at for them: what next.c, pick.c, try.c and give.c share.
 *
 *   waits ──pick──► looks at the first that fit ──► given: claim, attempt and agent in one write ──► answered
 *     ▲                     │ none of them may be made now: put aside; more of them next time
 *     └─────────────────────┘
 *
 * All who ask at one moment go through each stage together: what costs the database is the stage, not the agent. Which calls and leads are being looked at is known here alone, in
 * memory; a claim counts when it is committed, and only of a row that nobody else has taken, so who dies between has taken nothing. */
#ifndef TELEMARKETING_NEXT_H
#define TELEMARKETING_NEXT_H

#include "offer.h"

enum { WAVE_MOST = 32 };

struct wish;
struct seat {                    /* a call that is looked at for a wish; the first is the one that comes first */
	struct wish *wish;
	int64_t touch_id, lead_id, attempt_id, queued_at, latest_at, until;
	json_t *call;            /* as it is shown */
	json_t *given;           /* how it is written; NULL = it cannot be given */
	char *form;              /* script and dispositions as they stand on the screen */
	struct offer judged;     /* WAIT until it was looked at */
	int words;               /* hand.c: what is waited for before it is shown */
	enum nurture_offered offered;
	bool again;              /* the agent has it already */
	char kept_why[330];      /* … though the server has taken it back, or holds it back; "" = it does not */
};

struct wish {
	TAILQ_ENTRY(wish) entry; /* of desk->wishes: waiting; else of the stage that has it */
	LIST_ENTRY(wish) link;   /* of all */
	struct desk *desk;
	struct asking *asking;
	bool busy;               /* some stage has it */
	bool swept;              /* what is due was looked for */
	bool fresh;              /* the agent was seen a moment ago, and was ready */
	int tries, wave, lease_seconds;
	struct seat *seats;
	size_t seat_count, looked;
	char why[300];           /* of the last call that could not be offered; "" = there was none */
};
TAILQ_HEAD(wishes, wish);

/* next.c: it ends, or waits again. */
void wish_again(struct wish *wish);
void wish_answer(struct wish *wish, struct seat *seat); /* NULL: there is no call */
void wish_fail(struct wish *wish, int status, const char *message);
void wish_db(struct wish *wish, const struct nurture_answer *answer);
void wish_leave(struct wish *wish); /* its seats are free again */
bool wish_is_taken(const struct desk *desk, int64_t touch_id, int64_t lead_id); /* it is looked at for somebody */
void wishes_pump(struct desk *desk);

/* pick.c: of each, the calls that it may look at; takes all of the list. */
void pick_for(struct desk *desk, struct wishes *wishes);

/* try.c: asks the server about the seats of a wish, and goes on with what it says. */
void try_seats(struct wish *wish);
void try_show(struct wish *wish, const struct seat *seat, bool shown); /* the agent's own call once more; shown = it can be */
json_t *try_dial(const struct desk *desk, const char *number);

/* hand.c: it is the agent's: answers when the server knows; and of his own call that the server knows no more, what stood on his screen. */
void hand_over(struct seat *seat, bool again);
void hand_recall(struct seat *seat);

/* give.c: the claim. */
void give_take(struct wish *wish, struct seat *seat);
void give_none(struct wish *wish); /* the answer is that there is none; the agent was seen all the same */

#endif
