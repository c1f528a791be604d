/* A list, and a flush that is put off once. */
#include "delivery/gather.h"

void gather_init(struct gather *gather, struct loop *loop, gather_fn *flush, void *arg)
{
	*gather = (struct gather){.loop = loop, .flush = flush, .arg = arg};
	TAILQ_INIT(&gather->waiting);
}

static void on_later(void *arg)
{
	struct gather *gather = arg;
	gather->scheduled = false;
	gather->flush(gather->arg);
}

void gather_put(struct gather *gather, void *item)
{
	struct gathered *gathered = item;
	TAILQ_INSERT_TAIL(&gather->waiting, gathered, entry);
	if (gather->scheduled)
		return;
	gather->scheduled = true;
	loop_later(gather->loop, on_later, gather);
}

void *gather_first(const struct gather *gather)
{
	return TAILQ_FIRST(&gather->waiting);
}

void *gather_take(struct gather *gather)
{
	struct gathered *gathered = TAILQ_FIRST(&gather->waiting);
	if (gathered)
		TAILQ_REMOVE(&gather->waiting, gathered, entry);
	return gathered;
}

void gather_fini(struct gather *gather, gather_end_fn *end)
{
	gather->scheduled = true; /* what is put from inside is not put off any more: it is told here */
	for (void *item; (item = gather_take(gather));)
		end(item);
}
