/* The walk after an activation: every lead of the shards held here is decided about again, page by page, and what changed is written.
 *
 *   poll ─► a shard is to be walked ─► reading ─► read ─► deciding ─► waiting ─► saving ─► the shard's next page
 *                                         ▲               │
 *                                         └ another shard ┘
 *
 * At most one page is at each station, so the database reads the next one and writes the last one while one is decided; that goes on in slices, between
 * which the loop sends and hears (page.c). Pages have connections of their own, and wait while something live or timely does, but never longer
 * than `patience_us`: live work keeps its place and the walk comes to its end. What always holds: a shard is in a page or in batches, never in both, so what a turn wrote is never overwritten by what
 * was read before it; a page is one transaction with the row that says how far the walk is, fenced by lease and epoch. */
#include "base/log.h"
#include "base/mem.h"
#include "engine/page.h"
#include "store/scan.h"
#include "turn/wants.h"

#include <stdlib.h>

static const int64_t patience_us = MOMENT_SECOND / 2;

struct rescore {
	struct engine *engine;
	struct store *reads, *writes;   /* made with the first page, closed when all is walked */
	uint64_t open;                  /* shards that are to be walked */
	int64_t job[SHARD_COUNT], after[SHARD_COUNT];
	struct edition *edition;        /* that `wants` is of */
	struct lead_wants wants;
	struct arena *arena;            /* the arrays of `wants` */
	struct loop_timer *timer;       /* when patience ends */
	struct loop_timer *slice;       /* the next of `deciding` */
	int last_shard, reading_shard;
	mono_t began_at;                /* the last page */
	bool reading, resting;          /* resting: its connections are closed when nothing is in flight any more */
	struct batch *read;
	struct page *deciding, *waiting, *saving;
};

uint64_t rescore_shards(const struct rescore *r)
{
	if (!r)
		return 0;
	const struct page *pages[] = {r->deciding, r->waiting, r->saving};
	uint64_t shards = (r->reading ? UINT64_C(1) << r->reading_shard : 0) | (r->read ? UINT64_C(1) << r->read->shard : 0);
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		shards |= pages[i] ? UINT64_C(1) << pages[i]->batch->shard : 0;
	return shards;
}

void rescore_look(struct rescore *r, const struct poll *poll)
{
	uint64_t busy = rescore_shards(r);
	r->open = (r->open & busy) | (poll->walks & ~busy);
	for (int shard = 0; shard < SHARD_COUNT; shard++) {
		bool known = r->job[shard] == poll->walk_job[shard] && r->after[shard] > poll->walk_after[shard];
		if (known || !(poll->walks & ~busy & UINT64_C(1) << shard))
			continue; /* a poll may be older than a page that was saved meanwhile */
		r->job[shard] = poll->walk_job[shard];
		r->after[shard] = poll->walk_after[shard];
	}
}

/* ---- saving ---- */

static void save(struct rescore *r);
static void decide_next(struct rescore *r);

static void on_saved(void *arg, const struct error *error)
{
	struct page *page = arg;
	struct rescore *r = page->rescore;
	struct engine *engine = r->engine;
	int shard = page->batch->shard;
	uint64_t bit = UINT64_C(1) << shard;
	if (error && round_is_about_data(error) && error->code != ERROR_CONFLICT && page->save.count) {
		log_warn("rescore.page.handed", log_int("shard", shard), log_str("where", error->where), log_str("message", error->message));
		page_hand_all(page);
		store_batch_save(r->writes, &page->save, on_saved, page);
		return;
	}
	r->saving = NULL;
	if (!error) {
		r->after[shard] = page->place.next;
		if (!page->place.next)
			r->open &= ~bit;
		metrics_add(engine->worker->metrics, METRIC_RESCORED, page->place.leads);
	} else {
		r->open &= ~bit; /* the next poll says where it stands, and whether it is ours */
		if (error->code == ERROR_DENIED) {
			engine->held &= ~bit;
			log_warn("lease.lost", log_int("shard", shard), log_str("message", error->message));
		} else if (error->code != ERROR_CONFLICT) {
			engine_trouble(engine, "rescore.save", error);
		}
	}
	page_free(page);
	save(r);
	decide_next(r);
	engine_pump(engine);
}

static void save(struct rescore *r)
{
	struct page *page = r->waiting;
	if (!page || r->saving || r->engine->stopping)
		return;
	r->waiting = NULL;
	r->saving = page;
	page->save = (struct batch_save){
		.owner = r->engine->worker->owner, .revision = page->edition->playbook->revision, .batch = page->batch,
		.schema = &page->edition->playbook->schema, .leads = page->saves, .count = page->save.count, .page = &page->place};
	store_batch_save(r->writes, &page->save, on_saved, page);
}

/* ---- one after the other ---- */

static void on_slice(void *arg)
{
	struct rescore *r = arg;
	struct page *page = r->deciding;
	if (!page_decide(page)) {
		loop_timer_set(r->slice, 0);
		return;
	}
	r->deciding = NULL;
	if (page->batch->count && !page->done) {
		page_free(page);
	} else {
		r->waiting = page;
		save(r);
	}
	decide_next(r);
	engine_pump(r->engine);
}

/* What was read by another edition is read again. */
static void decide_next(struct rescore *r)
{
	struct engine *engine = r->engine;
	struct batch *batch = r->read;
	if (!batch || r->deciding || r->waiting || engine->stopping)
		return;
	r->read = NULL;
	if (engine->draining || !engine->edition || batch->activation != engine->edition->activation || r->edition != engine->edition) {
		if (!engine->draining && !engine_edition_is(engine, batch->activation))
			engine_load_edition(engine);
		store_batch_free(batch);
		return;
	}
	r->deciding = page_new(r, engine, batch, r->job[batch->shard], r->after[batch->shard]);
	loop_timer_set(r->slice, 0);
}

void rescore_drain(struct rescore *r)
{
	loop_timer_stop(r->slice);
	store_batch_free(r->read);
	page_free(r->deciding);
	r->read = NULL;
	r->deciding = NULL;
}

static void on_page(void *arg, struct batch *batch, const struct error *error)
{
	struct rescore *r = arg;
	struct engine *engine = r->engine;
	uint64_t bit = UINT64_C(1) << r->reading_shard;
	r->reading = false;
	if (!error) {
		r->read = batch;
		decide_next(r);
	} else {
		r->open &= ~bit;
		if (error->code == ERROR_DENIED)
			engine->held &= ~bit;
		else
			engine_trouble(engine, "rescore.read", error);
	}
	engine_pump(engine);
}

/* ---- reading ---- */

/* Its arrays are borrowed by the page that is being read. */
static void want(struct rescore *r)
{
	if (r->edition == r->engine->edition)
		return;
	edition_unref(r->edition);
	arena_free(r->arena);
	r->arena = arena_new();
	r->edition = edition_ref(r->engine->edition);
	turn_wants(r->edition->playbook, r->arena, &r->wants);
}

/* Shards of which a batch is in hand wait: a page of them could overwrite what it writes. */
static int next_shard(const struct rescore *r)
{
	const struct engine *engine = r->engine;
	uint64_t shards = r->open & engine->held & ~rescore_shards(r) & ~engine->in_hand;
	for (int i = 1; i <= SHARD_COUNT; i++) {
		int shard = (r->last_shard + i) % SHARD_COUNT;
		if (shards & UINT64_C(1) << shard)
			return shard;
	}
	return -1;
}

static void read_page(struct rescore *r, int shard)
{
	struct engine *engine = r->engine;
	if (!r->reads) {
		r->reads = store_new(engine->worker->loop, engine->worker->conninfo, "engine.rescore.reads");
		r->writes = store_new(engine->worker->loop, engine->worker->conninfo, "engine.rescore.writes");
	}
	want(r);
	struct scan_request request = {.schema = &r->edition->playbook->schema, .wants = r->wants, .shard = shard, .after = r->after[shard],
				       .now = engine_now(engine), .owner = engine->worker->owner};
	r->last_shard = r->reading_shard = shard;
	r->reading = true;
	r->began_at = mono_now();
	store_scan_page(r->reads, &request, on_page, r);
}

/* All is walked: the connections are given back, for the next walk may be weeks away. */
static void rest(void *arg)
{
	struct rescore *r = arg;
	r->resting = false;
	if (r->open || rescore_shards(r))
		return;
	store_free(r->reads);
	store_free(r->writes);
	r->reads = r->writes = NULL;
}

static bool is_urgent(const struct engine *engine)
{
	uint64_t ready = engine->ready & engine->held & (engine->live | engine->timely);
	return ready != 0 && mono_now() - engine->rescore->began_at < patience_us;
}

void rescore_pump(struct rescore *r)
{
	if (r->reading || r->read)
		return;
	int shard = next_shard(r);
	if (shard < 0) {
		if (r->reads && !r->open && !rescore_shards(r) && !r->resting) {
			r->resting = true;
			loop_later(r->engine->worker->loop, rest, r);
		}
		return;
	}
	if (!is_urgent(r->engine))
		read_page(r, shard);
	else if (!loop_timer_is_set(r->timer))
		loop_timer_set(r->timer, patience_us);
}

static void on_patience(void *arg)
{
	struct rescore *r = arg;
	engine_pump(r->engine);
}

struct rescore *rescore_new(struct engine *engine)
{
	struct rescore *r = mem_alloc(sizeof *r);
	*r = (struct rescore){.engine = engine, .last_shard = SHARD_COUNT - 1};
	r->timer = loop_timer_new(engine->worker->loop, on_patience, r);
	r->slice = loop_timer_new(engine->worker->loop, on_slice, r);
	return r;
}

void rescore_free(struct rescore *r)
{
	if (!r)
		return;
	store_free(r->reads);
	store_free(r->writes);
	store_batch_free(r->read);
	page_free(r->deciding);
	page_free(r->waiting);
	page_free(r->saving);
	edition_unref(r->edition);
	arena_free(r->arena);
	loop_timer_free(r->timer);
	loop_timer_free(r->slice);
	free(r);
}
