/* A page of a walk: what was read of one shard, and what was decided about it. Inside the engine only. */
#ifndef NURTURE_ENGINE_PAGE_H
#define NURTURE_ENGINE_PAGE_H

#include "engine/parts.h"

struct page {
	struct rescore *rescore;   /* whose it is, for callbacks */
	struct engine *engine;
	struct edition *edition;
	struct batch *batch;
	struct arena *arena;
	struct save_lead *saves;
	int64_t *handed;           /* leads that are left to turns of their own */
	struct save_page place;    /* from where to where, and what was found; true after each slice */
	struct batch_save save;    /* its count is that of `saves` */
	size_t done;               /* leads that were looked at */
	int64_t took;              /* microseconds */
};

/* The batch is the page's now. after: behind which lead it begins. */
struct page *page_new(struct rescore *rescore, struct engine *engine, struct batch *batch, int64_t job_id, int64_t after);
void page_free(struct page *page); /* takes NULL */
/* Decides for a millisecond. true: that was the page. Slow rules make a short one, so that live turns need not wait for its shard: the next one begins
 * behind the last lead that was looked at. With no lead done there are not ids enough for its events: they are asked for. */
bool page_decide(struct page *page);
/* Leaves all of its leads to turns of their own: one of them cannot be saved, and their turns find out which. */
void page_hand_all(struct page *page);

#endif
