/* One batch: the turns of its leads, and saving what they decided.
 *
 * A save that fails on data is done again in halves, down to the one lead that the database refuses; that lead is saved as
 * a failed turn and tried again later, so it never holds the others up. A save that fails because the database is away
 * wrote nothing (the store has made sure): the round is dropped and its leads are loaded again. */
#include "base/log.h"
#include "base/mem.h"
#include "engine/parts.h"

#include <stdlib.h>

static const int64_t most_us = MOMENT_SECOND / 2; /* of deciding at a stretch */

static void count_changes(struct metrics *metrics, const struct turn_changes *c)
{
	int64_t held = 0;
	for (size_t i = 0; i < c->planned_count; i++)
		held += c->planned[i].touch.state == TOUCH_HELD;
	metrics_add(metrics, METRIC_TOUCHES_PLANNED, (int64_t)c->planned_count - held);
	metrics_add(metrics, METRIC_TOUCHES_HELD, held);
	metrics_add(metrics, METRIC_SCRIPT_ERRORS, (int64_t)c->error_count);
}

/* The first failure of each place, so that a careless rule over a million leads is one line. All are counted in the database. */
static void tell_script_errors(struct engine *engine, const struct turn_changes *c, struct arena *arena)
{
	for (size_t i = 0; i < c->error_count && engine->failing_count < sizeof engine->failing / sizeof *engine->failing; i++) {
		const struct problem *p = &c->errors[i];
		size_t k = 0;
		if (!p->at.file)
			continue;
		while (k < engine->failing_count && (engine->failing[k].line != p->at.line || strcmp(engine->failing[k].file, p->at.file) != 0))
			k++;
		if (k < engine->failing_count)
			continue;
		engine->failing[engine->failing_count++] = p->at;
		char *where = arena_printf(arena, "%s:%d", p->at.file, p->at.line);
		log_warn("script.failed", log_str("where", where), log_str("in", p->context ? p->context : ""), log_str("message", p->message));
	}
}

void round_tell(struct engine *engine, const struct turn_changes *changes, struct arena *arena)
{
	count_changes(engine->worker->metrics, changes);
	tell_script_errors(engine, changes, arena);
}

static void failed(struct round *round, const struct batch_lead *before, const struct error *error, struct save_lead *out)
{
	translate_failure(before, error, round->arena, out);
	metrics_add(round->engine->worker->metrics, METRIC_TURNS_FAILED, 1);
	log_warn("turn.failed", log_int("lead", before->facts.lead.id), log_str("where", error->where), log_str("message", error->message));
}

struct turn_watch round_note(struct engine *engine, int64_t lead_id, const struct playbook *playbook)
{
	struct worker *worker = engine->worker;
	worker_note(worker, "lead %lld revision %.16s", (long long)lead_id, playbook->revision);
	size_t used = worker->note ? strlen(worker->note) : 0;
	return (struct turn_watch){worker->note ? worker->note + used : NULL, WORKER_NOTE - used};
}

/* One lead's turn; false when there are not ids enough for its events. */
static bool turn(struct round *round, const struct batch_lead *before, struct save_lead *out)
{
	struct engine *engine = round->engine;
	struct playbook *playbook = round->edition->playbook;
	struct turn_facts facts;
	struct turn_changes changes = {.wake_at = MOMENT_NEVER};
	struct error error = {0};
	if (engine_moves(before, out))
		return true;
	struct turn_watch watch = round_note(engine, before->facts.lead.id, playbook);
	int rc = turn_facts_read(&facts, &before->facts, round->batch->now, round->arena, &error);
	if (rc == 0) {
		facts.rescore = before->rescore;
		facts.e164 = phone_national;
		facts.phone_sense = phone_sense;
		facts.phone_country = phone_country;
		facts.watch = watch;
		facts.loads = engine->sales.loads;
		facts.load_count = engine->sales.count;
		taken_add(engine, &facts, round->arena);
		rc = turn_run(playbook, &facts, round->arena, &changes, &error);
	}
	if (rc) {
		failed(round, before, &error, out);
		return true;
	}
	if (!translate(&engine->ids, before, &facts, &changes, round->arena, out))
		return false;
	sales_note(engine, &changes, round->batch->now);
	round_tell(engine, &changes, round->arena);
	return true;
}

/* Slow scripts make a short batch, not a deaf worker: what is not turned within the time is loaded again. */
static void turn_all(struct round *round)
{
	struct engine *engine = round->engine;
	const struct batch *batch = round->batch;
	mono_t begin = mono_now();
	while (round->count < batch->count && mono_now() - begin < most_us && turn(round, &batch->leads[round->count], &round->saves[round->count]))
		round->count++;
	worker_note(engine->worker, "%s", "");
	metrics_add(engine->worker->metrics, METRIC_TURN_MICROS, mono_now() - begin);
}

struct round *round_new(struct engine *engine, struct batch *batch)
{
	struct round *round = mem_alloc(sizeof *round);
	*round = (struct round){.engine = engine, .edition = edition_ref(engine->edition), .batch = batch, .arena = arena_new()};
	round->saves = arena_array(round->arena, batch->count, sizeof *round->saves);
	turn_all(round);
	if (round->count == 0) {
		round_free(round);
		return NULL;
	}
	round->parts[round->part_count++].count = round->count;
	return round;
}

void round_free(struct round *round)
{
	if (!round)
		return;
	store_batch_free(round->batch);
	arena_free(round->arena);
	edition_unref(round->edition);
	free(round);
}

bool round_is_about_data(const struct error *error)
{
	return error->code == ERROR_INVALID || error->code == ERROR_CONFLICT || error->code == ERROR_LIMIT;
}

static void push(struct round *round, size_t from, size_t count)
{
	round->parts[round->part_count].from = from;
	round->parts[round->part_count++].count = count;
}

/* The part that failed, in smaller ones; a single lead as a failure. A failure that cannot be written either is left alone: its
 * inbox rows stay and a person is told. */
static void cut(struct round *round, const struct error *error)
{
	size_t from = round->saving_from, count = round->saving_count;
	struct save_lead *only = &round->saves[from];
	if (count > 1) {
		log_warn("turn.batch.halved", log_int("shard", round->batch->shard), log_int("leads", count), log_str("where", error->where),
			 log_str("message", error->message));
		push(round, from + count / 2, count - count / 2);
		push(round, from, count / 2);
	} else if (!only->failure) {
		failed(round, only->before, error, only);
		push(round, from, 1);
	} else {
		log_error("turn.stuck", log_int("lead", only->before->facts.lead.id), log_str("where", error->where),
			  log_str("message", error->message));
		round->engine->quiet_until[round->batch->shard] = mono_now() + MOMENT_MINUTE;
	}
}

static void count_saved(struct round *round)
{
	int64_t turned = 0;
	for (size_t i = round->saving_from; i < round->saving_from + round->saving_count; i++)
		turned += !round->saves[i].failure;
	metrics_add(round->engine->worker->metrics, METRIC_TURNS, turned);
	metrics_add(round->engine->worker->metrics, METRIC_TURN_BATCHES, 1);
}

static void on_taken(void *arg, int64_t lead_id, const struct campaign_claim *claim)
{
	taken_note(arg, lead_id, claim);
}

static void on_saved(void *arg, const struct error *error)
{
	struct round *round = arg;
	struct engine *engine = round->engine;
	if (!error) {
		count_saved(round);
		taken_forget(round);
		round->aside_count = 0;
	} else if (round->aside_count) {
		size_t kept = taken_set_aside(round);
		if (kept)
			push(round, round->saving_from, kept);
	} else if (error->code == ERROR_DENIED) {
		engine->held &= ~(UINT64_C(1) << round->batch->shard);
		metrics_add(engine->worker->metrics, METRIC_LEASES_LOST, 1);
		log_warn("lease.lost", log_int("shard", round->batch->shard), log_str("message", error->message));
		round->part_count = 0;
	} else if (round_is_about_data(error)) {
		cut(round, error);
	} else {
		round->part_count = 0;
		engine_trouble(engine, "turn.save", error);
	}
	if (round->part_count)
		round_save(round);
	else
		engine_saved(engine, round);
}

void round_save(struct round *round)
{
	round->part_count--;
	round->saving_from = round->parts[round->part_count].from;
	round->saving_count = round->parts[round->part_count].count;
	round->save = (struct batch_save){
		.owner = round->engine->worker->owner, .revision = round->edition->playbook->revision, .batch = round->batch,
		.schema = &round->edition->playbook->schema, .same_person = round->edition->playbook->same_person_count > 0, .leads = round->saves + round->saving_from, .count = round->saving_count, .taken = on_taken};
	store_batch_save(round->line->store, &round->save, on_saved, round);
}
