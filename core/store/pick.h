/* Which leads a batch takes, of those that have something to do. Inside the room only.
 *
 * One shard: up to so many leads; live ones first, but for an eighth that keeps the others moving; of what is left mostly time and some bulk.
 * Several shards: everybody who was asked for, for each shard was asked for a few rows only. */
#ifndef NURTURE_STORE_PICK_H
#define NURTURE_STORE_PICK_H

#include "base/arena.h"
#include "store/row.h"

enum pick_lane { PICK_LIVE, PICK_TIME, PICK_BULK, PICK_LANES };
enum { PICK_MOST = 2000 /* rows of a lane, of one shard */ };

struct pick {
	struct arena *arena;
	size_t limit[PICK_LANES];   /* rows asked for, of each shard */
	struct {
		int64_t *leads;     /* oldest first, may repeat */
		size_t count, at;
	} lanes[PICK_LANES];
};
void pick_rows(struct pick *pick, enum pick_lane lane, const PGresult *rows);
/* The ids taken, each once, in the arena; *more: others are left. */
int64_t *pick_of_one(struct pick *pick, size_t limit, size_t *count, bool *more);
/* left: by lane, the shards of which there may be more. */
int64_t *pick_of_all(struct pick *pick, size_t *count, uint64_t left[PICK_LANES]);

#endif
