/* Delivery's operations on touches. Each move is `update … where state = any(expected) and token = mine`, and its row
 * count is looked at. Claims, permissions and recovery are fenced by the lease channel:NAME/0; an outcome by the token alone, news by
 * the state of the touch: who has given the channel away may still say how it ended. */
#ifndef NURTURE_STORE_OUTBOX_H
#define NURTURE_STORE_OUTBOX_H

#include "store/batch.h"

/* Claims up to `limit` touches of the channel that are due at `now`: state claimed, attempts + 1, a row in haul for all of them. The facts of their
 * leads come with them, as for a turn, so that the gate can be asked and the template rendered; histories and other touches only if one of the
 * touches is late (due and planned before `late_before`) or one of the leads is suppressed. */
struct claim {
	struct touch touch;
	int attempt;
	struct str recipient;       /* "" = the lead */
	struct str revision;
	struct batch_lead *facts;   /* of the lead */
};
struct claims {
	struct arena *arena;
	moment_t now;
	int64_t haul_id;            /* of its row in haul; 0 = it is to stay: it leads to a touch that is not among the items */
	const char *seen;           /* the database as it was before the facts were read: for store_permit */
	struct claim *items;
	size_t count;
};
typedef void store_claims_fn(void *arg, struct claims *claims, const struct error *error); /* the callee's now */
struct claim_request {
	const char *owner, *token;  /* owner of the lease; token stands in the rows */
	const char *channel;
	moment_t now;
	size_t limit;
	int64_t longest_cap;
	moment_t late_before;       /* MOMENT_NEVER: all are late */
};
void store_claim(struct store *store, const struct schema *schema, const struct claim_request *request, store_claims_fn *fn, void *arg);
void store_claims_free(struct claims *claims); /* takes NULL */
/* Hauls of which all touches have their outcome: their rows go. Those that stay cost a look at the next recovery, which takes away what dead processes left. */
void store_hauls_over(struct store *store, const char *channel, const int64_t *hauls, size_t count, store_done_fn *fn, void *arg);

/* Touches as they stand, whatever their state, with all that is known of their leads: nothing is written. In the order in which they were asked for;
 * those that are not of this channel, or whose lead is gone, have id 0. */
struct looked {
	struct touch touch;
	int attempt;
	struct str revision;
	struct batch_lead *facts;
};
struct looks {
	struct arena *arena;
	moment_t now;
	struct looked *items;
	size_t count;
};
typedef void store_looks_fn(void *arg, struct looks *looks, const struct error *error); /* the callee's now */
void store_look(struct store *store, const struct schema *schema, const char *channel, const int64_t *touches, size_t count, moment_t now, int64_t longest_cap,
		store_looks_fn *fn, void *arg);
void store_looks_free(struct looks *looks); /* takes NULL */

/* Of touches that might go at `since` (all that was committed until then was looked at): same[i] = nothing has changed that could keep it back. It is queued (a withdrawal, suppression or
 * erasure takes a touch back with its own commit), its enrollment and campaign are not held up, and no turn has written its lead or account since. In the order in which they were asked for. */
typedef void store_same_fn(void *arg, const bool *same, size_t count, const struct error *error);
void store_look_again(struct store *store, const char *channel, const int64_t *touches, size_t count, moment_t since, store_same_fn *fn, void *arg);

/* After a claim of which nobody knows whether it was committed: what stands claimed under `token` and is not in hand goes back as it was, no
 * attempt spent. May be asked as often as one likes. `held`: the touches in hand. For a process that was killed from outside the master asks it
 * with that one's token, so that no death is counted against what it had in hand. */
typedef void store_unclaim_fn(void *arg, int given_back, const struct error *error);
void store_unclaim(struct store *store, const char *channel, const char *token, const int64_t *held, size_t count, store_unclaim_fn *fn, void *arg);

/* Permission: claimed → permitted for those whose consent and suppression still allow it, committed together. The facts are read
 * again inside: a touch whose lead withdrew or was suppressed meanwhile is cancelled instead: NO. Asked again for a touch
 * that is permitted (nothing was done with it), it is judged anew. AGAIN: the lead wants less since it was claimed, so it stays claimed, and is to be given back
 * (PLANNED, no attempt spent): the gate is asked when it is claimed anew. `seen`: of the oldest claim among them, whose facts the gate has passed just now: only what was said since
 * then is looked at. NULL: each lead is. */
enum permission { PERMISSION_NO, PERMISSION_YES, PERMISSION_AGAIN };
typedef void store_permission_fn(void *arg, const enum permission *words, size_t count, const struct error *error);
void store_permit(struct store *store, const char *owner, const char *channel, const char *token, const char *seen, const int64_t *touches,
		  size_t count, moment_t now, store_permission_fn *fn, void *arg);

/* How a delivery ended (also held back by the gate: HELD, postponed: PLANNED with due_at). Writes touch, attempt and, when it is over, the
 * event that says so (email.send and the like, touch.over where there is none) with its inbox row, in one transaction. moved[i] = false: the row was not in `expected` any more. */
struct outcome {
	int64_t touch_id, lead_id;
	int attempt;
	moment_t claimed_at;        /* `now` of its claim, which is the attempt's moment: attempts that were not spent have the same number again; 0 = not looked at */
	enum touch_state state;
	struct str reason, remote_id;
	moment_t due_at;            /* PLANNED, DEFERRED */
	struct str campaign, step, kind, template_name, channel;
	bool attempt_spent;         /* false: attempts goes back by one (channel_down) */
	struct str rejected_as;     /* REJECTED: "hard", "soft", "policy" …; "" = not said */
	struct str answer, said;    /* of news: how the contact ended, and what was answered (a JSON object); "" = nothing */
	bool settles;               /* it comes late, from the notes of a dead process: where recovery put this attempt (claimed_at) in doubt, that ends */
	bool doubt;                 /* this attempt may have arrived, whatever becomes of the touch (in_doubt = "resend") */
	bool came_back;             /* REJECTED by news: it was sent */
};
typedef void store_moved_fn(void *arg, const bool *moved, size_t count, const struct error *error);
void store_outcomes(struct store *store, const char *token, const struct outcome *outcomes, size_t count,
		    moment_t now, store_moved_fn *fn, void *arg);

/* What became later of touches that are over for the channel: queued ones, ones in doubt, mail that came back. Writes touch, attempt and, once it
 * is over, the events as for an outcome, in one transaction. recorded[i] = false: no such touch of the channel, or its state cannot take
 * it. What is there already, or is about an earlier attempt than the last, is recorded: it changes nothing. One of a touch at a time. */
struct news {
	int64_t touch_id;
	enum touch_state state;     /* SENT, REJECTED, QUEUED, DEFERRED, IN_DOUBT */
	struct str reason, remote_id;
	moment_t due_at;            /* DEFERRED */
	int attempt;                /* 0 = the last */
	struct str answer, said;    /* SENT: as in struct outcome */
	bool doubt;                 /* DEFERRED, and it may have arrived (in_doubt = "resend") */
	struct str rejected_as;     /* REJECTED: as in struct outcome */
};
void store_news(struct store *store, const char *channel, const struct news *news, size_t count, int attempts_most, moment_t now,
		store_moved_fn *fn, void *arg);

/* A touch in the channel's queue is in somebody's hand until then: its deadline does not take it back (turn/over.c). until 0: in nobody's any more, and a turn of its
 * lead looks at once, if its deadline is over. held[i] = false: it stands in no queue of the channel. */
struct offer {
	int64_t touch_id;
	moment_t until, needed; /* needed: what is told already is written anew only when it ends before that */
};
void store_offers(struct store *store, const char *channel, const struct offer *offers, size_t count, moment_t now, store_moved_fn *fn, void *arg);

/* With the lease of the channel, at the start of a delivery process and again as long as `left` is not 0: what processes that live no more (they do
 * not say store_lease_present) left behind. left: touches that living ones still have in hand. claimed → planned; permitted → in_doubt (or, with resend, planned again). A
 * touch with which four processes died in hand is held; one that was in doubt three times is not sent again by itself. */
typedef void store_recover_fn(void *arg, int returned, int in_doubt, int left, const struct error *error);
void store_recover(struct store *store, const char *owner, const char *channel, const char *token, bool resend, moment_t now,
		   store_recover_fn *fn, void *arg);
/* `nurture touch resend|drop ID…`, each id once: those in doubt are planned again (due at `now`) or cancelled, in one transaction with the
 * audit; the others stay as they are. was[i]: the state before, TOUCH_STATE_COUNT = there is no such touch. */
typedef void store_decide_fn(void *arg, const enum touch_state *was, size_t count, const struct error *error);
void store_touch_decide(struct store *store, const int64_t *touches, size_t count, bool resend, moment_t now,
			store_decide_fn *fn, void *arg);

void store_channel_state(struct store *store, const char *channel, const char *kind, const char *plugin, const char *state,
			 const char *reason, store_done_fn *fn, void *arg);

/* Link keys, made when there is none. */
struct token_keys;
typedef void store_keys_fn(void *arg, const struct token_keys *keys, const struct error *error); /* borrowed: copy */
void store_link_keys(struct store *store, store_keys_fn *fn, void *arg);

#endif
