/* Two leads that are one person: asking for the merge, and for taking it back within 90 days. Asking leaves an event for the loser's turn, which does it
 * (save_merge.c); the winner's turn follows. */
#ifndef NURTURE_STORE_MERGE_H
#define NURTURE_STORE_MERGE_H

#include "store/store.h"

struct store_merge {
	int64_t loser, winner; /* winner: 0 when it is taken back */
	bool back;             /* take the merge of `loser` back */
	bool dry;              /* only say what would happen */
	moment_t now;
	const char *actor;     /* for the audit; NULL = the name of the connection */
};
/* answer: borrowed; {"merge": id, "lead": loser, "into": winner, "state": "waiting"}; dry: without "merge", state "possible", and how many "events",
 * "names", "touches", "enrollments", "permissions" (of the loser's) would go, end or be taken over, and the fields to "fill". Errors: ERROR_NOT_FOUND,
 * ERROR_CONFLICT with a sentence that says which rule forbids it: itself, merged already or on its way, anonymous, having taken in others. */
typedef void store_merge_fn(void *arg, json_t *answer, const struct error *error);
void store_merge(struct store *store, const struct store_merge *merge, store_merge_fn *fn, void *arg);

/* Merges by the playbook's rules: looks at up to 100 leads of a shard whose names changed (save.sql, save_same), and asks for their merge with the older
 * lead that a rule finds, or writes down why not. More others than SAME_PERSON_MOST are no person. Fenced by the lease engine/shard. */
enum { SAME_PERSON_MOST = 3 };
struct same_person { /* what came of one pair */
	int64_t lead_id, winner;
	struct str rule, why; /* why "" = its merge is asked for; else why it is not */
};
typedef void store_same_fn(void *arg, const struct same_person *pairs, size_t count, const struct error *error);
void store_same_turn(struct store *store, const char *owner, int shard, const char *const *rules, size_t rule_count, moment_t now, store_same_fn *fn, void *arg);

#endif
