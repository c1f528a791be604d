/* The pipeline of rounds: a sweep reads a little of many shards at once, and lines save, each one shard's round after the other.
 *
 *   poll ─► ready ─► sweep ─► turns ─► waiting ─┐
 *             │                                 ├─► line: saving ─► gone
 *             └─► deep ─► line: loading ─► turns┘
 *
 * A round is one shard's and one transaction. What is live, and the little that falls due day by day, comes by sweeps: one read for all shards, so
 * nobody waits until sixty-four shards have been asked for one by one. A shard with more than a sweep takes (an import, a minute in which a
 * million steps fall due) is deep: a line loads large batches of it for itself.
 *
 * What was swept has a line of its own, and goes before what is deep on the others, but for a quarter of their time when both wait. While a crowd of live work comes, sweeps take more of
 * fewer shards, and one line is left to save what they found: the others would take the processors from those who bring it in. What always holds: a shard is in hand once, from its loading until its round is saved, so a lead is in one round at a time. */
#include "base/log.h"
#include "base/mem.h"
#include "engine/parts.h"

static const int64_t quiet_us = MOMENT_SECOND, deep_us = MOMENT_SECOND / 10 /* about a deep shard's round */, owed_most_us = MOMENT_SECOND / 2;
enum { FEW_ROWS = 16, CROWD_ROWS = 64, SWEEP_ROWS = 1024 };

static uint64_t bit_of(int shard)
{
	return UINT64_C(1) << shard;
}

void lines_init(struct engine *engine)
{
	TAILQ_INIT(&engine->waiting);
	engine->live_rows = FEW_ROWS;
	engine->last_swept = engine->last_deep = SHARD_COUNT - 1;
	for (int i = 0; i < LINES; i++)
		engine->lines[i] = (struct line){.engine = engine, .store = i == 0 ? engine->writes
									 : store_new(engine->worker->loop, engine->worker->conninfo, "engine.writes")};
}

void lines_fini(struct engine *engine)
{
	struct round *round = NULL;
	for (int i = 1; i < LINES; i++)
		store_free(engine->lines[i].store);
	for (int i = 0; i < LINES; i++)
		round_free(engine->lines[i].round);
	while ((round = TAILQ_FIRST(&engine->waiting)) != NULL) {
		TAILQ_REMOVE(&engine->waiting, round, entry);
		round_free(round);
	}
}

void lines_look(struct engine *engine, const struct poll *poll)
{
	mono_t mono = mono_now();
	moment_t now = engine_now(engine);
	uint64_t busy = engine->polled | engine->in_hand;
	engine->live = poll->live;
	engine->doubtful |= busy;
	for (int shard = 0; shard < SHARD_COUNT; shard++) {
		uint64_t bit = bit_of(shard);
		bool due = poll->wakes[shard] <= now;
		if ((engine->held & bit) && mono >= engine->quiet_until[shard] && ((poll->inbox & bit) || due))
			engine->ready |= bit, engine->doubtful &= ~bit | busy;
		engine->timely = due ? engine->timely | bit : engine->timely & ~bit;
	}
}

/* ---- what was loaded ---- */

static void nothing_there(struct engine *engine, uint64_t shards)
{
	for (int shard = 0; shard < SHARD_COUNT; shard++)
		if (shards & ~engine->doubtful & bit_of(shard))
			engine->quiet_until[shard] = mono_now() + quiet_us; /* the poll saw something that cannot be taken yet */
	engine->doubtful &= ~shards;
}

/* Its fields were read by the schema of another playbook, or scaled time was moved between the poll and this: to be loaded again. */
static bool is_outdated(struct engine *engine, int64_t activation, const struct clock *clock, moment_t now)
{
	if (!engine->edition || activation != engine->edition->activation) {
		if (!engine_edition_is(engine, activation))
			engine_load_edition(engine);
		return true;
	}
	if (clock->scale == 1.0 || clock->domain0 == now)
		return false;
	engine->clock = *clock;
	return true;
}

static void lost(struct engine *engine, uint64_t shards)
{
	for (int shard = 0; shard < SHARD_COUNT; shard++)
		if (shards & bit_of(shard))
			log_warn("lease.lost", log_int("shard", shard));
	engine->held &= ~shards;
}

/* The turns of a batch; NULL when nothing of it could be turned. */
static struct round *turn(struct engine *engine, struct batch *batch)
{
	uint64_t bit = bit_of(batch->shard);
	if (batch->more)
		engine->ready |= bit, engine->deep |= bit;
	struct round *round = round_new(engine, batch);
	if (!round) {
		engine->ready |= bit;
		engine->in_hand &= ~bit;
	}
	return round;
}

/* ---- sweeps ---- */

static void crowd(struct engine *engine, uint64_t crowded)
{
	size_t rows = crowded ? engine->live_rows * 2 : engine->live_rows / 2;
	engine->live_rows = rows < FEW_ROWS ? FEW_ROWS : rows > SWEEP_LIVE_MOST ? SWEEP_LIVE_MOST : rows;
}

static void take_sweep(struct engine *engine, struct sweep *sweep, uint64_t shards)
{
	uint64_t found = 0;
	bool outdated = sweep->count && is_outdated(engine, sweep->activation, &sweep->clock, sweep->batches[0]->now);
	lost(engine, sweep->lost);
	crowd(engine, sweep->crowded);
	for (size_t i = 0, count = sweep->count; i < count; i++) { /* the last batch takes the sweep with it */
		struct batch *batch = sweep->batches[i];
		found |= bit_of(batch->shard);
		if (outdated) {
			store_batch_free(batch);
			continue;
		}
		struct round *round = turn(engine, batch);
		if (round)
			TAILQ_INSERT_TAIL(&engine->waiting, round, entry);
	}
	engine->in_hand &= ~(shards & (outdated ? ~UINT64_C(0) : ~found));
	engine->ready |= outdated ? found : 0;
	nothing_there(engine, shards & ~found);
}

static void on_sweep(void *arg, struct sweep *sweep, const struct error *error)
{
	struct engine *engine = arg;
	uint64_t shards = engine->sweeping;
	engine->sweeping = 0;
	if (error) {
		engine->in_hand &= ~shards;
		engine->ready |= shards;
		engine_trouble(engine, "turn.load", error);
	} else {
		take_sweep(engine, sweep, shards);
	}
	engine_pump(engine);
}

/* Those in which something live waits, and those of which nobody knows that they are deep; as many as a sweep may read of. */
static uint64_t shards_to_sweep(struct engine *engine)
{
	uint64_t ready = engine->ready & engine->held & ~engine->in_hand & ~rescore_shards(engine->rescore), shards = 0;
	size_t most = SWEEP_ROWS / engine->live_rows;
	ready &= engine->live | ~engine->deep;
	for (int i = 1; i <= SHARD_COUNT && most; i++) {
		int shard = (engine->last_swept + i) % SHARD_COUNT;
		if (!(ready & bit_of(shard)))
			continue;
		shards |= bit_of(shard);
		if (--most == 0)
			engine->last_swept = shard;
	}
	return shards;
}

static void sweep(struct engine *engine)
{
	uint64_t shards = engine->sweeping || !TAILQ_EMPTY(&engine->waiting) ? 0 : shards_to_sweep(engine);
	if (!shards)
		return;
	struct sweep_request request = {.owner = engine->worker->owner, .shards = shards, .now = engine_now(engine), .live = engine->live_rows,
					.longest_cap = engine->edition->longest_cap, .without_summaries = !playbook_asks_accounts(engine->edition->playbook)};
	engine->ready &= ~shards;
	engine->live &= ~shards; /* the next poll says whether there is more */
	engine->timely &= ~shards;
	engine->deep &= ~shards;
	engine->in_hand |= shards;
	engine->sweeping = shards;
	store_batch_sweep(engine->reads, &engine->edition->playbook->schema, &request, on_sweep, engine);
}

/* ---- deep shards ---- */

static void take_batch(struct line *line, struct batch *batch)
{
	struct engine *engine = line->engine;
	uint64_t bit = bit_of(line->shard);
	if (batch->count && !is_outdated(engine, batch->activation, &batch->clock, batch->now)) {
		line->round = turn(engine, batch);
		return;
	}
	engine->in_hand &= ~bit;
	if (batch->count)
		engine->ready |= bit, engine->deep |= bit;
	else
		nothing_there(engine, bit);
	store_batch_free(batch);
}

static void on_batch(void *arg, struct batch *batch, const struct error *error)
{
	struct line *line = arg;
	struct engine *engine = line->engine;
	line->loading = false;
	if (error) {
		engine->in_hand &= ~bit_of(line->shard);
		if (error->code == ERROR_DENIED) {
			lost(engine, bit_of(line->shard));
		} else {
			engine->ready |= bit_of(line->shard);
			engine_trouble(engine, "turn.load", error);
		}
	} else {
		take_batch(line, batch);
	}
	if (line->round) {
		line->round->line = line;
		round_save(line->round);
	}
	engine_pump(engine);
}

static int next_deep(const struct engine *engine)
{
	uint64_t shards = engine->ready & engine->deep & engine->held & ~engine->in_hand & ~rescore_shards(engine->rescore);
	for (int i = 1; i <= SHARD_COUNT; i++) {
		int shard = (engine->last_deep + i) % SHARD_COUNT;
		if (shards & bit_of(shard))
			return shard;
	}
	return -1;
}

static void load_deep(struct line *line, int shard)
{
	struct engine *engine = line->engine;
	struct batch_request request = {.owner = engine->worker->owner, .shard = shard, .now = engine_now(engine), .limit = BATCH_LEADS,
					.longest_cap = engine->edition->longest_cap, .without_summaries = !playbook_asks_accounts(engine->edition->playbook)};
	uint64_t bit = bit_of(shard);
	line->shard = shard;
	line->loading = line->deep = true;
	line->since = mono_now();
	engine->ready &= ~bit;
	engine->live &= ~bit;
	engine->timely &= ~bit;
	engine->deep &= ~bit;
	engine->in_hand |= bit;
	engine->last_deep = shard;
	store_batch_load(line->store, &engine->edition->playbook->schema, &request, on_batch, line);
}

/* ---- the lines ---- */

static bool is_free(const struct line *line)
{
	return !line->loading && !line->round;
}

static void save_waiting(struct line *line)
{
	struct engine *engine = line->engine;
	struct round *round = TAILQ_FIRST(&engine->waiting);
	TAILQ_REMOVE(&engine->waiting, round, entry);
	line->round = round;
	line->shard = round->batch->shard;
	line->deep = false;
	line->since = mono_now();
	round->line = line;
	round_save(round);
}

static bool is_crowded(const struct engine *engine)
{
	return engine->live_rows >= CROWD_ROWS;
}

void lines_save(struct engine *engine)
{
	bool stands_back = !engine->draining && engine->edition && !engine->loading_edition && engine->owed >= deep_us && next_deep(engine) >= 0;
	for (int i = LINES - 1; i >= 0; i--)
		while (is_free(&engine->lines[i]) && !TAILQ_EMPTY(&engine->waiting) && !((stands_back || is_crowded(engine)) && i < DEEP_LINES))
			save_waiting(&engine->lines[i]);
}

void lines_load(struct engine *engine)
{
	sweep(engine);
	for (int i = 0; i < (is_crowded(engine) ? 1 : DEEP_LINES); i++) {
		int shard = is_crowded(engine) && engine->owed < deep_us ? -1 : next_deep(engine);
		if (shard >= 0 && is_free(&engine->lines[i]))
			load_deep(&engine->lines[i], shard);
	}
}

void engine_saved(struct engine *engine, struct round *round)
{
	struct line *line = round->line;
	int64_t took = mono_now() - line->since;
	uint64_t bit = bit_of(round->batch->shard);
	if (line->deep)
		engine->owed = engine->owed > took ? engine->owed - took : 0;
	else if (next_deep(engine) >= 0)
		engine->owed = engine->owed + took / 3 < owed_most_us ? engine->owed + took / 3 : owed_most_us;
	if (round->count < round->batch->count || round->again)
		engine->ready |= bit, engine->deep |= bit;
	engine->in_hand &= ~bit;
	line->round = NULL;
	round_free(round);
	engine_pump(engine);
}
