/* A history out of table event: of a page of leads (rebuild.c), or in a save, of one whose merge is taken back (save_merge.c). Inside the room only. */
#ifndef NURTURE_STORE_REBUILD_EVENTS_H
#define NURTURE_STORE_REBUILD_EVENTS_H

#include "model/history.h"
#include "store/op.h"

struct rebuilt {
	int64_t lead_id;
	struct str stored, packed; /* packed "" = as stored */
	struct history history;
};

/* Asks for the events of these leads, sorted by id; the answer goes to rebuilt_events. */
void rebuilt_ask(struct op *op, const struct rebuilt *leads, size_t count, int tag);
void rebuilt_events(struct rebuilt *leads, size_t count, const PGresult *rows, struct arena *arena);
/* Fills `packed` when it says something else than what is stored, or that cannot be read (*damaged). What a turn remembers of its last look is kept. */
bool rebuilt_differs(struct rebuilt *lead, struct arena *arena, bool *damaged);

#endif
