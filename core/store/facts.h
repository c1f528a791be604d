/* Reading all that is known of some leads, for turns, for delivery, for an explanation. Inside the room only. */
#ifndef NURTURE_STORE_FACTS_H
#define NURTURE_STORE_FACTS_H

#include "store/batch.h"
#include "store/op.h"

struct facts {
	struct arena *arena;       /* where everything goes */
	const struct schema *schema;
	moment_t now;
	int64_t longest_cap;
	const char *kind, *channel; /* of the channel that is about to send; NULL = none is */
	bool without_summaries;    /* of accounts: nobody asks for them */
	const int64_t *ids; size_t id_count; /* sorted, distinct */
	struct batch_lead *leads;  /* those that exist, by id */
	size_t count;
	const struct campaign_pause *pauses; size_t pause_count; /* whoever the leads are */
	const struct split_test *splits; size_t split_count;
};

/* Sends the questions; their answers are facts_rows' (tags from TAG_FACTS on). */
enum { TAG_FACTS = 2000 };
enum { FACTS_LEAD = TAG_FACTS, FACTS_ACCOUNT, FACTS_HISTORY, FACTS_SCORE, FACTS_ENROLLMENT, FACTS_CONSENT, FACTS_SUPPRESSION, FACTS_TWIN, FACTS_PAUSE, FACTS_SPLIT, FACTS_CLAIM, FACTS_TOUCH };
void facts_send(struct op *op, struct facts *facts);
void facts_ask(struct op *op, struct facts *facts, int tag); /* one of them */
void facts_rows(struct facts *facts, int tag, const PGresult *rows);
/* One account, with its summary, from a row in the shape of facts_account (its first column is nobody's business). */
struct account *facts_account_row(struct facts *facts, const PGresult *rows, int row);
bool facts_says_twin(const struct lead *lead); /* by its stored quality */
struct batch_lead *facts_find(const struct facts *facts, int64_t lead_id); /* NULL when there is none */

/* Rows in the order of lead_id: walks to each row's lead, and counts how many rows follow for it. */
struct facts_run {
	struct batch_lead *lead;
	int first, count;
};
/* Starts with {0}; false at the end. Rows of unknown leads are passed over. */
bool facts_next_run(const struct facts *facts, const PGresult *rows, struct facts_run *run);
void sort_ids(int64_t *ids, size_t *count); /* and leaves each once */

#endif
