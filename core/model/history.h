/* lead_history: one packed row a lead, written by its turn: the newest HISTORY_EXACT events exactly (newest last, ordered by
 * `at`), older ones folded into counts, sums, first and last by verb and subject. Can be rebuilt from table event. */
#ifndef NURTURE_MODEL_HISTORY_H
#define NURTURE_MODEL_HISTORY_H

#include "model/lead.h"

enum { HISTORY_EXACT = 200, HISTORY_FOLDS = 64, HISTORY_FOLDS_MOST = 1000, HISTORY_HELD = 500, HISTORY_DATA = 1000, HISTORY_TEXT = 4000 };

struct history_event {
	int64_t id;
	moment_t at;
	struct str verb;
	struct str subject;
	double value;
	bool has_value;
	bool machine;
	struct str data; /* JSON text, or "" ; longer than HISTORY_DATA bytes is not kept */
};

/* Older events of one verb and subject. Once there are HISTORY_FOLDS folds, those of one verb are gathered into one with
 * subject ""; there are more only when more verbs than that were used. Machine events are dropped, never folded. */
struct history_fold {
	struct str verb;
	struct str subject;
	int64_t count;
	double sum;
	moment_t first, last;
};

struct history {
	/* the turn that wrote it: what *becomes* true is told against what it saw */
	moment_t seen_at;       /* domain time, 0 = none yet */
	uint64_t seen_by;       /* its revision: the first 16 hex digits; 0 = not known */
	const struct str *held; /* names of the campaigns whose enter condition it found true; at most HISTORY_HELD */
	size_t held_count;
	struct history_event *events; /* sorted by `at`, at most HISTORY_EXACT */
	size_t count, room;
	struct history_fold *folds;
	size_t fold_count, fold_room;
};

/* Reads the packed form (of any older version of the format). Texts point into packed. -1 with an error if it is not ours. */
int history_read(struct history *history, struct str packed, struct arena *arena, struct error *error) MUST_USE;
/* Adds an event where its `at` belongs (late ones too); the same id twice is added once: false. Id 0 (an event of ours that
 * has none yet) is always added. Texts are borrowed. An event older than all of a full history is folded at once. */
bool history_add(struct history *history, const struct event *event, struct arena *arena);
/* Does the history keep this event, and then what of it: what only moves walks is not kept, of an update not its data (the fields hold that). */
bool history_keeps(struct event *event);
/* The event of that id, until the history changes. NULL: it is not there (any more: what was folded stays). */
const struct history_event *history_find(const struct history *history, int64_t id);
/* An event of that id was none of the lead's after all: it is gone as if it had never been told. false: it is not there. */
bool history_take_back(struct history *history, int64_t id);
/* Do both say the same of the past? (Not: of the last look.) In whatever order events of one moment came; data is compared as JSON. */
bool history_same(const struct history *a, const struct history *b);
struct str history_write(const struct history *history, struct arena *arena);

#endif
