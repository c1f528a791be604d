/* All that is loaded of one lead: store fills it from rows, turn decides on it (turn_facts_read). */
#ifndef NURTURE_MODEL_FACTS_H
#define NURTURE_MODEL_FACTS_H

#include "model/lead.h"

struct lead_facts {
	struct lead lead;
	struct account *account;             /* NULL = none */
	struct str sent, applied;            /* what it adds to its account (model/account.h): as it was told, and as the summary has it; "" = nothing */
	moment_t acted;                      /* the newest act of its that was told, to the day; 0 = none */
	bool joins;                          /* it has none, and its turn puts it into one, by its address or the company it names */
	bool without_account;                /* none of these was read: what it adds is not looked at */
	struct str packed;                   /* lead_history, "" when there is none */
	const struct event *events; size_t event_count; /* new ones, in order of receipt */
	const struct score *scores; size_t score_count;
	struct enrollment *enrollments; size_t enrollment_count; /* active and held; of ended ones the newest of each campaign */
	const struct consent *consents; size_t consent_count;
	const struct suppression *suppressions; size_t suppression_count; /* that fit its id, address or domain */
	bool twin;                           /* an older lead has the same number, or the same name at the same company */
	const struct campaign_pause *pauses; size_t pause_count; /* of all campaigns */
	const struct split_test *splits; size_t split_count;     /* the same */
	const struct campaign_claim *claims; size_t claim_count; /* of its account */
	const struct touch *touches; size_t touch_count; /* open ones, and all with due_at inside the longest cap */
};

/* What a person of sales has in hand. */
struct sales_load {
	struct str person;
	int64_t open;        /* handoffs that are neither accepted nor returned */
	moment_t last;       /* when one was given last; 0 = never */
};

/* What is read of many leads at once (store/scan.h), for a playbook whose rules name so much (turn_wants). What is not read is empty. */
struct lead_wants {
	const bool *lead;    /* by slot, schema->lead_count; NULL = all */
	const bool *account; /* by slot, schema->account_count; NULL = all */
	bool accounts;       /* their accounts at all */
	bool history;
	bool scores;
	bool consents, suppressions;
};

#endif
