/* All leads, page after page (scan.h). The loop runs here until a page is there; the one behind it is asked for before it is looked at. */
#include "store/scan.h"

struct walker {
	struct loop *loop;
	struct store *store;
	struct scan_request request;
	int64_t after[SHARD_COUNT];
	bool over[SHARD_COUNT];
	bool done, none; /* the page that was asked for is there; there is none to ask for */
	struct batch *page;
	struct error error;
};

static void on_page(void *arg, struct batch *page, const struct error *error)
{
	struct walker *walker = arg;
	walker->done = true;
	walker->page = page;
	if (error)
		walker->error = *error;
}

static void ask(struct walker *walker)
{
	int tried = 0;
	do
		walker->request.shard = (walker->request.shard + 1) % SHARD_COUNT;
	while (walker->over[walker->request.shard] && ++tried < SHARD_COUNT);
	walker->none = walker->over[walker->request.shard];
	walker->done = false;
	if (walker->none)
		return;
	walker->request.after = walker->after[walker->request.shard];
	store_scan_page(walker->store, &walker->request, on_page, walker);
}

/* The page asked for. The store always answers, for a connection that says nothing counts as lost (store_set_silence). */
static struct batch *take(struct walker *walker)
{
	while (!store_wait(walker->loop, &walker->done, MOMENT_HOUR))
		continue;
	struct batch *page = walker->page;
	walker->page = NULL;
	if (page) {
		walker->after[page->shard] = page->next;
		walker->over[page->shard] = page->next == 0;
	}
	return page;
}

int store_scan(struct loop *loop, struct store *store, const struct scan_request *request, store_scan_fn *fn, void *arg, struct error *error)
{
	struct walker walker = {.loop = loop, .store = store, .request = *request};
	int rc = 0;
	walker.request.owner = NULL;
	walker.request.shard = SHARD_COUNT - 1;
	ask(&walker);
	while (!walker.none && rc == 0) {
		struct batch *page = take(&walker);
		if (!page) {
			*error = walker.error;
			return -1;
		}
		ask(&walker);
		rc = page->count ? fn(arg, page, error) : 0;
		store_batch_free(page);
	}
	if (!walker.none)
		store_batch_free(take(&walker));
	return rc;
}
