/* All that is stored of one lead's past: store fills it from rows (store/past.h), turn replays it up to a moment (turn/replay.h). */
#ifndef NURTURE_MODEL_PAST_H
#define NURTURE_MODEL_PAST_H

#include "model/history.h"

/* A name of a lead, and since when it has it. */
struct past_name {
	bool is_email; /* else its external id */
	bool is_now;   /* it is the one that it has today */
	struct str value;
	moment_t since;
};
struct past_lead {
	int64_t id;
	moment_t created_at;
	struct account *account;                        /* today's; NULL = none, or nobody asks */
	struct str packed;                              /* lead_history; "" = none */
	struct history history;                         /* the same read, when none of its events is folded */
	const struct event *events; size_t event_count; /* else all its events, by moment */
	const struct event *told; size_t told_count;    /* lead.create and lead.update that say something of fields, by moment; `merged` = of a lead that is this one now */
	const struct past_name *names; size_t name_count;
	const struct consent *consents; size_t consent_count; /* the whole ledger; none when nobody asks */
	bool twin;
};

#endif
