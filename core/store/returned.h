/* What came back for a touch that went out: a bounce, a complaint, an answer. Called by delivery, which has proven the token.
 *
 * One transaction: the event with its inbox row, the touch's state, the suppression of the address and the end of what is planned to it, the count. What
 * came back is named by a key: told again, it changes nothing. */
#ifndef NURTURE_STORE_RETURNED_H
#define NURTURE_STORE_RETURNED_H

#include "base/str.h"
#include "base/token.h"
#include "store/store.h"

enum returned_kind { RETURNED_HARD, RETURNED_SOFT, RETURNED_REFUSED, RETURNED_COMPLAINT, RETURNED_AUTO_REPLY, RETURNED_REPLY, RETURNED_UNSUBSCRIBE, RETURNED_KINDS };
enum returned_answer {
	RETURNED_RECORDED,
	RETURNED_KNOWN,    /* its key was seen */
	RETURNED_UNPROVEN, /* there is no such touch of the channel, or it never went out */
	RETURNED_NOBODY,   /* its lead was erased */
	RETURNED_LATER,    /* it is just being sent */
	RETURNED_ANSWERS,
};

struct returned {
	const char *channel;
	enum returned_kind kind;
	int64_t touch_id;
	uint32_t address;        /* return_token_address of where it was sent, under sealed_by, which lives until fn */
	const struct token_key *sealed_by;
	struct str names;        /* the address that what came back names, as leads have it; "" = none */
	struct str code, reason, data, key; /* data: JSON object text or "" */
	int soft_most, soft_days;
	moment_t now;
	/* answer */
	enum returned_answer answer;
	struct str known;        /* the address that it was sent to, as its lead has it: of the operation's arena, until fn returns; "" = it has it no more */
	bool inside;             /* the touch went to one of us: nothing but the count */
	int suppressed;          /* new rows */
	int cancelled;           /* open touches that were stopped */
	store_done_fn *fn;
	void *arg;
};
/* Everything it points to lives until fn. */
void store_returned(struct store *store, struct returned *returned);
/* Only the count: of what is not tied to a touch. */
void store_returned_count(struct store *store, struct returned *returned);

#endif
