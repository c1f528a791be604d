/* Loading batches: two round trips in one snapshot. First what there is to do, lane by lane; then, for the leads chosen (pick.h), everything that
 * their turns need. A batch is of one shard, for it is saved in one transaction; what is read at once may be of many. Called by the engine; and
 * store_lead_facts by whoever wants to look at one lead without a turn. */
#include "store/batch.h"

#include "store/facts.h"
#include "store/pick.h"

#include <stdlib.h>
#include <string.h>

#include "store/load.sql.h"

enum { TAG_SITE = 1, TAG_LIVE, TAG_TIME, TAG_BULK, TAG_EVENTS, TAG_WAKES };

struct load_op {
	struct op op;
	struct arena *arena;     /* what is loaded, of all shards */
	struct facts facts;
	const char *owner;
	uint64_t shards;
	bool single;             /* store_lead_facts */
	size_t limit;            /* of leads; a sweep has none */
	const int64_t *without;
	size_t without_count;
	struct pick pick;
	int64_t activation, epochs[SHARD_COUNT];
	uint64_t held, more;     /* of these shards: ours; with more to do than was loaded */
	struct clock clock;
	struct sweep *sweep;     /* NULL = one batch */
	store_batch_fn *fn;
	store_sweep_fn *sweep_fn;
	void *arg;
};

/* ---- choosing ---- */

static struct params *put_shards(struct load_op *self)
{
	struct params *p = op_params(&self->op);
	struct param *shards = param_array(p, PARAM_INT4);
	for (int shard = 0; shard < SHARD_COUNT; shard++)
		if (self->shards >> shard & 1)
			array_int4(shards, shard);
	return p;
}

static struct params *put_shards_now_without(struct load_op *self)
{
	struct params *p = put_shards(self);
	param_time(p, self->facts.now);
	struct param *without = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < self->without_count; i++)
		array_int8(without, self->without[i]);
	return p;
}

static void ask_inbox(struct load_op *self, enum pick_lane lane, int tag)
{
	struct params *p = put_shards_now_without(self);
	param_int4(p, (int)lane);
	param_int4(p, (int)self->pick.limit[lane]);
	op_send(&self->op, STATEMENT(load_inbox), tag);
}

static void ask_what_is_to_do(struct load_op *self)
{
	param_text(put_shards(self), str_of(self->owner));
	op_send(&self->op, STATEMENT(load_sites), TAG_SITE);
	if (self->single)
		return;
	ask_inbox(self, PICK_LIVE, TAG_LIVE);
	param_int4(put_shards_now_without(self), (int)self->pick.limit[PICK_TIME]);
	op_send(&self->op, STATEMENT(load_wakes), TAG_TIME);
	ask_inbox(self, PICK_BULK, TAG_BULK);
}

static void choose_leads(struct load_op *self)
{
	uint64_t left[PICK_LANES];
	bool more = false;
	int64_t *ids = NULL;
	if (!self->sweep) {
		ids = pick_of_one(&self->pick, self->limit, &self->facts.id_count, &more);
		self->more |= more ? self->shards : 0;
	} else {
		ids = pick_of_all(&self->pick, &self->facts.id_count, left);
		self->sweep->crowded = left[PICK_LIVE];
		self->more |= left[PICK_LIVE] | left[PICK_TIME] | left[PICK_BULK];
	}
	sort_ids(ids, &self->facts.id_count);
	self->facts.ids = ids;
}

static void ask_facts(struct load_op *self)
{
	struct op *op = &self->op;
	facts_send(op, &self->facts);
	if (self->single)
		return;
	const struct { struct statement statement; int tag; } questions[] = {
		{STATEMENT(load_events), TAG_EVENTS}, {STATEMENT(load_lead_wakes), TAG_WAKES}};
	for (size_t q = 0; q < 2; q++) {
		struct param *array = param_array(op_params(op), PARAM_INT8);
		for (size_t i = 0; i < self->facts.id_count; i++)
			array_int8(array, self->facts.ids[i]);
		op_send(op, questions[q].statement, questions[q].tag);
	}
}

static enum op_more load_segment(struct op *op, int number)
{
	struct load_op *self = (struct load_op *)op;
	if (number == 0) {
		ask_what_is_to_do(self);
		return OP_MORE;
	}
	if (!self->single)
		choose_leads(self);
	if (self->facts.id_count)
		ask_facts(self);
	return OP_LAST;
}

/* ---- answers ---- */

static void site_rows(struct load_op *self, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		int shard = row_int4(rows, i, 4);
		self->activation = row_int8(rows, i, 0);
		self->clock = (struct clock){row_time(rows, i, 1), row_time(rows, i, 2), row_float8(rows, i, 3)};
		if (row_is_null(rows, i, 5))
			continue;
		self->held |= UINT64_C(1) << shard;
		self->epochs[shard] = row_int8(rows, i, 5);
	}
	if (!self->single && !self->sweep && !self->held)
		op_fail(&self->op, ERROR_DENIED, "lease", "shard %d is not this process's.", __builtin_ctzll(self->shards));
}

static struct event read_event(const PGresult *rows, int row, struct arena *arena)
{
	return (struct event){
		.id = row_int8(rows, row, 3), .lead_id = row_int8(rows, row, 0), .received_at = row_time(rows, row, 5), .at = row_time(rows, row, 6),
		.verb = row_text(rows, row, 7, arena), .subject = row_text(rows, row, 8, arena), .value = row_float8(rows, row, 9),
		.has_value = !row_is_null(rows, row, 9), .machine = row_bool(rows, row, 10), .data = row_json(rows, row, 11, arena),
		.merged = row_bool(rows, row, 13)};
}

static struct inbox_row read_inbox(const PGresult *rows, int row)
{
	struct tid at = row_tid(rows, row, 12);
	return (struct inbox_row){.id = row_int8(rows, row, 1), .block = at.block, .item = at.item};
}

/* Into the order of receipt. They mostly come in it. */
static void put_event(struct event *events, size_t count, struct event event)
{
	size_t at = count;
	for (; at && (events[at - 1].received_at > event.received_at ||
		      (events[at - 1].received_at == event.received_at && events[at - 1].id > event.id)); at--)
		events[at] = events[at - 1];
	events[at] = event;
}

static void event_rows(struct load_op *self, const PGresult *rows)
{
	struct arena *arena = self->arena;
	struct facts_run run = {0};
	while (facts_next_run(&self->facts, rows, &run)) {
		struct batch_lead *lead = run.lead;
		if (lead->inbox) {
			op_fail(&self->op, ERROR_SYSTEM, "load_events", "the rows of a lead do not stand together.");
			return;
		}
		struct event *events = arena_array(arena, (size_t)run.count, sizeof *events);
		struct inbox_row *inbox = arena_array(arena, (size_t)run.count, sizeof *inbox);
		lead->lane = PICK_BULK;
		for (int row = run.first; row < run.first + run.count; row++) {
			int lane = row_int2(rows, row, 2);
			lead->lane = lane < lead->lane ? lane : lead->lane;
			lead->rescore = lead->rescore || row_is_null(rows, row, 3);
			inbox[lead->inbox_count++] = read_inbox(rows, row);
			if (row_bool(rows, row, 4))
				put_event(events, lead->facts.event_count++, read_event(rows, row, arena));
		}
		lead->facts.events = events;
		lead->inbox = inbox;
		self->more |= (run.count == BATCH_INBOX_PER_LEAD ? UINT64_C(1) : 0) << lead_shard(lead->facts.lead.id);
	}
}

static void wake_rows(struct load_op *self, const PGresult *rows)
{
	struct facts_run run = {0};
	while (facts_next_run(&self->facts, rows, &run)) {
		run.lead->wake_at = row_time(rows, run.first, 1);
		if (run.lead->lane < 0 || (run.lead->wake_at <= self->facts.now && run.lead->lane > PICK_TIME))
			run.lead->lane = PICK_TIME;
	}
}

static void load_rows(struct op *op, int tag, const PGresult *rows)
{
	struct load_op *self = (struct load_op *)op;
	switch (tag) {
	case TAG_SITE:
		site_rows(self, rows);
		break;
	case TAG_LIVE:
	case TAG_TIME:
	case TAG_BULK:
		pick_rows(&self->pick, (enum pick_lane)(tag - TAG_LIVE), rows);
		break;
	case TAG_EVENTS:
		event_rows(self, rows);
		break;
	case TAG_WAKES:
		wake_rows(self, rows);
		break;
	default:
		facts_rows(&self->facts, tag, rows);
	}
}

/* ---- batches ---- */

/* The leads of one shard, which lie among those of others. */
static void gather(const struct load_op *self, struct batch *batch)
{
	for (size_t i = 0; i < self->facts.count; i++)
		batch->count += lead_shard(self->facts.leads[i].facts.lead.id) == batch->shard;
	batch->leads = arena_array(self->arena, batch->count + 1, sizeof *batch->leads);
	size_t n = 0;
	for (size_t i = 0; i < self->facts.count; i++)
		if (lead_shard(self->facts.leads[i].facts.lead.id) == batch->shard)
			batch->leads[n++] = self->facts.leads[i];
}

static struct batch *batch_of(const struct load_op *self, int shard)
{
	struct batch *batch = arena_alloc(self->arena, sizeof *batch);
	*batch = (struct batch){.arena = self->arena, .shard = shard, .activation = self->activation, .epoch = self->epochs[shard], .clock = self->clock,
				.now = self->facts.now, .more = self->more >> shard & 1, .leads = self->facts.leads, .count = self->facts.count,
				.pauses = self->facts.pauses, .pause_count = self->facts.pause_count, .splits = self->facts.splits, .split_count = self->facts.split_count};
	return batch;
}

static void load_done(struct op *op, const struct error *error)
{
	struct load_op *self = (struct load_op *)op;
	struct batch *batch = error ? NULL : batch_of(self, __builtin_ctzll(self->shards));
	if (error)
		arena_free(self->arena);
	self->fn(self->arg, batch, error);
}

static void sweep_done(struct op *op, const struct error *error)
{
	struct load_op *self = (struct load_op *)op;
	struct sweep *sweep = self->sweep;
	sweep->activation = self->activation;
	sweep->clock = self->clock;
	sweep->lost = self->shards & ~self->held;
	for (int shard = 0; shard < SHARD_COUNT && !error; shard++) {
		if (!(self->shards & self->held & UINT64_C(1) << shard))
			continue;
		struct batch *batch = batch_of(self, shard);
		batch->count = 0;
		batch->sharers = &sweep->sharers;
		gather(self, batch);
		if (batch->count)
			sweep->batches[sweep->count++] = batch;
	}
	bool nothing = error || !sweep->count; /* else it is the callee's, and may be gone behind the call */
	sweep->sharers = sweep->count;
	self->sweep_fn(self->arg, error ? NULL : sweep, error);
	if (nothing)
		arena_free(self->arena);
}

static struct load_op *load_new(struct store *store, const struct op_class *class, const struct schema *schema, uint64_t shards, moment_t now, int64_t longest_cap)
{
	struct load_op *self = op_new(store, class, sizeof *self);
	self->arena = arena_new();
	self->facts = (struct facts){.arena = self->arena, .schema = schema, .now = now, .longest_cap = longest_cap};
	self->pick = (struct pick){.arena = self->op.arena, .limit = {PICK_MOST, PICK_MOST, PICK_MOST}};
	self->shards = shards;
	self->owner = "";
	return self;
}

static const struct op_class load_class = {.kind = OP_READ, .by_key = true, .segment = load_segment, .rows = load_rows, .done = load_done};
static const struct op_class sweep_class = {.kind = OP_READ, .by_key = true, .segment = load_segment, .rows = load_rows, .done = sweep_done};

void store_batch_load(struct store *store, const struct schema *schema, const struct batch_request *request, store_batch_fn *fn, void *arg)
{
	struct load_op *self = load_new(store, &load_class, schema, UINT64_C(1) << request->shard, request->now, request->longest_cap);
	self->facts.without_summaries = request->without_summaries;
	int64_t *without = arena_array(self->op.arena, request->without_count + 1, sizeof *without);
	memcpy(without, request->without ? request->without : without, request->without_count * sizeof *without);
	self->owner = arena_dup(self->op.arena, request->owner);
	self->limit = request->limit && request->limit < BATCH_LEADS ? request->limit : BATCH_LEADS;
	self->without = without;
	self->without_count = request->without_count;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

void store_batch_sweep(struct store *store, const struct schema *schema, const struct sweep_request *request, store_sweep_fn *fn, void *arg)
{
	struct load_op *self = load_new(store, &sweep_class, schema, request->shards, request->now, request->longest_cap);
	size_t live = request->live < SWEEP_LIVE_MOST ? request->live : SWEEP_LIVE_MOST;
	self->owner = arena_dup(self->op.arena, request->owner);
	self->facts.without_summaries = request->without_summaries;
	self->pick.limit[PICK_LIVE] = live;
	self->pick.limit[PICK_TIME] = self->pick.limit[PICK_BULK] = SWEEP_OTHERS;
	self->sweep = arena_alloc(self->arena, sizeof *self->sweep);
	self->sweep_fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

void store_lead_facts(struct store *store, const struct schema *schema, int64_t lead_id, moment_t now, int64_t longest_cap, store_batch_fn *fn,
		      void *arg)
{
	struct load_op *self = load_new(store, &load_class, schema, UINT64_C(1) << lead_shard(lead_id), now, longest_cap);
	int64_t *id = arena_alloc(self->op.arena, sizeof *id);
	*id = lead_id;
	self->single = true;
	self->facts.ids = id;
	self->facts.id_count = 1;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

void store_batch_free(struct batch *batch)
{
	if (batch && (!batch->sharers || --*batch->sharers == 0))
		arena_free(batch->arena);
}
