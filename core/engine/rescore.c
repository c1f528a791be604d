/* The walk after an activation: every lead of the shards held here is decided about again, page by page, and what changed is written.
 *
 *   poll ─► a shard is to be walked ─► reading ─► deciding ─► waiting ─► saving ─► the shard's next page
 *                                         ▲                      │
 *                                         └──── another shard ◄──┘
 *
 * A page is the turns of its leads, by the same code, on facts without touches and walks through campaigns. Who stands in a campaign, or of
 * whom more comes than scores, events and segments, is put in line for an ordinary turn; who is in line has one coming anyway. Pages have
 * connections of their own, and wait while something live or timely does, but never longer than `patience_us`: live work keeps its place and
 * the walk comes to its end. What always holds: a shard is in a page or in batches, never in both, so what a turn wrote is never overwritten by what
 * was read before it; a page is one transaction with the row that says how far the walk is, fenced by lease and epoch. */
#include "base/log.h"
#include "base/mem.h"
#include "engine/parts.h"
#include "store/scan.h"
#include "turn/wants.h"

#include <stdlib.h>

static const int64_t patience_us = MOMENT_SECOND / 2, most_us = MOMENT_SECOND / 20 /* of deciding at a stretch */;

struct page {
	struct rescore *rescore;
	struct edition *edition;
	struct batch *batch;
	struct arena *arena;
	struct save_lead *saves;
	int64_t *handed;
	struct save_page place;
	struct batch_save save;
};

struct rescore {
	struct engine *engine;
	struct store *reads, *writes;   /* made with the first page, closed when all is walked */
	uint64_t open;                  /* shards that are to be walked */
	int64_t job[SHARD_COUNT], after[SHARD_COUNT];
	struct edition *edition;        /* that `wants` is of */
	struct lead_wants wants;
	struct arena *arena;            /* the arrays of `wants` */
	struct loop_timer *timer;       /* when patience ends */
	int last_shard, reading_shard;
	mono_t began_at;                /* the last page */
	bool reading, resting;          /* resting: its connections are closed when nothing is in flight any more */
	struct page *waiting, *saving;
};

uint64_t rescore_shards(const struct rescore *r)
{
	const struct page *pages[] = {r ? r->waiting : NULL, r ? r->saving : NULL};
	uint64_t shards = r && r->reading ? UINT64_C(1) << r->reading_shard : 0;
	for (size_t i = 0; i < 2; i++)
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

/* ---- deciding ---- */

static bool needs_a_turn(const struct batch_lead *before, const struct turn_changes *c)
{
	return before->enrolled || before->failing || c->erase || c->slot_count || c->enrollment_count || c->log_count || c->planned_count ||
	       c->cancelled_count || c->suppression_count || c->handoff_count;
}

/* An account counts nobody who is disqualified. A page of a playbook that asks nothing of accounts has not read what this one was counted as. */
static bool is_counted_anew(const struct batch_lead *before, const struct turn_facts *facts)
{
	bool counted = before->facts.lead.stage != STAGE_DISQUALIFIED;
	return facts->without_account && facts->lead.account_id && counted != (facts->lead.stage != STAGE_DISQUALIFIED);
}

/* What became of numbers is told by the job as a whole; every change of a grade is kept. */
static void keep_grades(struct turn_changes *c)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->score_change_count; i++)
		if (c->score_changes[i].is_grade)
			c->score_changes[kept++] = c->score_changes[i];
	c->score_change_count = kept;
}

static int decide(struct page *page, const struct batch_lead *before, struct turn_facts *facts, struct turn_changes *changes)
{
	struct engine *engine = page->rescore->engine;
	struct error error = {0};
	struct turn_watch watch = round_note(engine, before->facts.lead.id, page->edition->playbook);
	if (turn_facts_read(facts, &before->facts, page->batch->now, page->arena, &error) < 0)
		return -1;
	facts->rescore = facts->in_bulk = true;
	facts->e164 = phone_national;
	facts->phone_sense = phone_sense;
	facts->watch = watch;
	return turn_run(page->edition->playbook, facts, page->arena, changes, &error);
}

/* A turn that fails here fails in its own, too, which says so. false: there are not ids enough for its events. */
static bool look_again(struct page *page, const struct batch_lead *before)
{
	struct turn_facts facts;
	struct turn_changes changes = {.wake_at = MOMENT_NEVER};
	struct save_page *place = &page->place;
	if (before->in_line)
		return true;
	if (before->enrolled || before->failing || decide(page, before, &facts, &changes) || needs_a_turn(before, &changes) || is_counted_anew(before, &facts)) {
		page->handed[place->handed_count++] = before->facts.lead.id;
		return true;
	}
	bool differs = changes.score_count || changes.lead_changed;
	place->errors += (int64_t)changes.error_count;
	place->changed += differs;
	keep_grades(&changes);
	place->graded += changes.score_change_count > 0;
	if (!differs && !turn_member_changed(&facts, &changes.member) && !changes.history_changed && !changes.error_count && !changes.event_count && changes.wake_at == before->wake_at)
		return true;
	if (!translate(&page->rescore->engine->ids, before, &facts, &changes, page->arena, &page->saves[page->save.count]))
		return false;
	page->save.count++;
	round_tell(page->rescore->engine, &changes, page->arena);
	return true;
}

/* Slow rules make a short page, not a deaf worker: the next one begins behind the last lead that was looked at. */
static void decide_page(struct page *page)
{
	const struct batch *batch = page->batch;
	struct metrics *metrics = page->rescore->engine->worker->metrics;
	mono_t begin = mono_now();
	size_t i = 0;
	while (i < batch->count && (i == 0 || mono_now() - begin < most_us) && look_again(page, &batch->leads[i]))
		i++;
	worker_note(page->rescore->engine->worker, "%s", "");
	metrics_add(metrics, METRIC_TURN_MICROS, mono_now() - begin);
	page->place.leads = (int64_t)i;
	page->place.next = i < batch->count ? (i ? batch->leads[i - 1].facts.lead.id : page->place.after) : batch->next;
}

static struct page *page_new(struct rescore *r, struct batch *batch)
{
	struct page *page = mem_alloc(sizeof *page);
	*page = (struct page){.rescore = r, .edition = edition_ref(r->engine->edition), .batch = batch, .arena = arena_new()};
	page->saves = arena_array(page->arena, batch->count + 1, sizeof *page->saves);
	page->handed = arena_array(page->arena, batch->count + 1, sizeof *page->handed);
	page->place = (struct save_page){.job_id = r->job[batch->shard], .after = r->after[batch->shard], .handed = page->handed};
	decide_page(page);
	return page;
}

static void page_free(struct page *page)
{
	if (!page)
		return;
	store_batch_free(page->batch);
	arena_free(page->arena);
	edition_unref(page->edition);
	free(page);
}

/* ---- saving ---- */

static void save(struct rescore *r);

static void hand_all(struct page *page)
{
	page->save.count = 0;
	page->place = (struct save_page){.job_id = page->place.job_id, .after = page->place.after, .next = page->batch->next, .handed = page->handed,
					 .leads = (int64_t)page->batch->count};
	for (size_t i = 0; i < page->batch->count; i++)
		if (!page->batch->leads[i].in_line)
			page->handed[page->place.handed_count++] = page->batch->leads[i].facts.lead.id;
}

static void on_saved(void *arg, const struct error *error)
{
	struct page *page = arg;
	struct rescore *r = page->rescore;
	struct engine *engine = r->engine;
	int shard = page->batch->shard;
	uint64_t bit = UINT64_C(1) << shard;
	if (error && round_is_about_data(error) && error->code != ERROR_CONFLICT && page->save.count) {
		/* one of its leads cannot be saved: their turns find out which */
		log_warn("rescore.page.handed", log_int("shard", shard), log_str("where", error->where), log_str("message", error->message));
		hand_all(page);
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

/* ---- reading ---- */

static void on_page(void *arg, struct batch *batch, const struct error *error)
{
	struct rescore *r = arg;
	struct engine *engine = r->engine;
	uint64_t bit = UINT64_C(1) << r->reading_shard;
	r->reading = false;
	if (error) {
		r->open &= ~bit;
		if (error->code == ERROR_DENIED)
			engine->held &= ~bit;
		else
			engine_trouble(engine, "rescore.read", error);
	} else if (engine->draining || !engine->edition || batch->activation != engine->edition->activation || r->edition != engine->edition) {
		if (!engine->draining && !engine_edition_is(engine, batch->activation))
			engine_load_edition(engine);
		store_batch_free(batch);
	} else {
		r->waiting = page_new(r, batch);
		if (batch->count && !r->waiting->place.leads) { /* not ids enough for one lead: they are asked for */
			page_free(r->waiting);
			r->waiting = NULL;
		}
		save(r);
	}
	engine_pump(engine);
}

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
	const struct round *rounds[] = {engine->waiting, engine->saving};
	uint64_t shards = r->open & engine->held & ~rescore_shards(r);
	if (engine->loading)
		shards &= ~(UINT64_C(1) << engine->last_shard);
	for (size_t i = 0; i < 2; i++)
		shards &= rounds[i] ? ~(UINT64_C(1) << rounds[i]->batch->shard) : ~UINT64_C(0);
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
	if (r->reading || r->waiting)
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
	return r;
}

void rescore_free(struct rescore *r)
{
	if (!r)
		return;
	store_free(r->reads);
	store_free(r->writes);
	page_free(r->waiting);
	page_free(r->saving);
	edition_unref(r->edition);
	arena_free(r->arena);
	loop_timer_free(r->timer);
	free(r);
}
