/* Loading a batch: two round trips in one snapshot. First what there is to do, lane by lane; then, for the leads chosen, everything that
 * their turns need. Called by the engine; and store_lead_facts by whoever wants to look at one lead without a turn. */
#include "store/batch.h"

#include "base/map.h"
#include "store/facts.h"

#include <stdlib.h>
#include <string.h>

#include "store/load.sql.h"

enum { TAG_SITE = 1, TAG_LIVE, TAG_TIME, TAG_BULK, TAG_NEXT, TAG_EVENTS, TAG_WAKES };
enum { LIVE, TIME, BULK, LANES, PICK_MOST = 2000 };

struct candidates {
	int64_t *leads; /* oldest first, may repeat */
	size_t count, at;
};

struct load_op {
	struct op op;
	struct batch *batch;
	struct facts facts;
	const char *owner;
	bool single;             /* store_lead_facts */
	size_t limit;
	const int64_t *without;
	size_t without_count;
	struct candidates lanes[LANES];
	store_batch_fn *fn;
	void *arg;
};

/* ---- choosing ---- */

static struct params *shard_now(struct load_op *self)
{
	struct params *p = op_params(&self->op);
	param_int4(p, self->batch->shard);
	param_time(p, self->batch->now);
	return p;
}

static struct params *shard_now_without(struct load_op *self)
{
	struct params *p = shard_now(self);
	struct param *without = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < self->without_count; i++)
		array_int8(without, self->without[i]);
	return p;
}

static void ask_what_is_to_do(struct load_op *self)
{
	struct op *op = &self->op;
	struct params *p = op_params(op);
	param_int4(p, self->batch->shard);
	param_text(p, str_of(self->owner));
	op_send(op, STATEMENT(load_site), TAG_SITE);
	if (self->single)
		return;
	param_int4(shard_now_without(self), LIVE);
	op_send(op, STATEMENT(load_inbox), TAG_LIVE);
	shard_now_without(self);
	op_send(op, STATEMENT(load_wakes), TAG_TIME);
	param_int4(shard_now_without(self), BULK);
	op_send(op, STATEMENT(load_inbox), TAG_BULK);
	shard_now(self);
	op_send(op, STATEMENT(load_next_wake), TAG_NEXT);
}

static struct str id_text(const int64_t *id)
{
	return (struct str){(const char *)id, sizeof *id};
}

/* Up to `quota` more leads of a lane that are not chosen yet. */
static void choose(struct load_op *self, struct map *chosen, int64_t *ids, struct candidates *lane, size_t quota)
{
	size_t *count = &self->facts.id_count;
	while (lane->at < lane->count && quota && *count < self->limit) {
		int64_t *id = &lane->leads[lane->at++];
		if (map_get(chosen, id_text(id)))
			continue;
		map_put(chosen, id_text(id), id);
		ids[(*count)++] = *id;
		quota--;
	}
}

static bool is_left(const struct load_op *self, const struct map *chosen)
{
	for (int i = 0; i < LANES; i++) {
		const struct candidates *lane = &self->lanes[i];
		if (lane->count == PICK_MOST)
			return true;
		for (size_t k = lane->at; k < lane->count; k++)
			if (!map_get(chosen, id_text(&lane->leads[k])))
				return true;
	}
	return false;
}

/* Live first, but for an eighth that keeps the others moving; of what is left, mostly time and some bulk. */
static void choose_leads(struct load_op *self)
{
	int64_t *ids = arena_array(self->op.arena, self->limit + 1, sizeof *ids);
	struct map *chosen = map_new();
	struct candidates *lanes = self->lanes;
	size_t others = lanes[TIME].count + lanes[BULK].count, reserve = self->limit / 8;
	self->facts.ids = ids;
	choose(self, chosen, ids, &lanes[LIVE], self->limit - (others < reserve ? others : reserve));
	size_t left = self->limit - self->facts.id_count;
	choose(self, chosen, ids, &lanes[BULK], lanes[TIME].count ? (left + 7) / 8 : left);
	choose(self, chosen, ids, &lanes[TIME], left);
	choose(self, chosen, ids, &lanes[BULK], left);
	choose(self, chosen, ids, &lanes[LIVE], left);
	self->batch->more = is_left(self, chosen);
	map_free(chosen);
	sort_ids(ids, &self->facts.id_count);
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
	struct batch *batch = self->batch;
	if (!self->single && (!PQntuples(rows) || row_is_null(rows, 0, 4)))
		op_fail(&self->op, ERROR_DENIED, "lease", "shard %d is not this process's.", batch->shard);
	if (!PQntuples(rows))
		return;
	batch->activation = row_int8(rows, 0, 0);
	batch->epoch = row_is_null(rows, 0, 4) ? 0 : row_int8(rows, 0, 4);
	batch->clock = (struct clock){row_time(rows, 0, 1), row_time(rows, 0, 2), row_float8(rows, 0, 3)};
}

static void candidate_rows(struct load_op *self, struct candidates *lane, const PGresult *rows)
{
	lane->count = (size_t)PQntuples(rows);
	lane->leads = arena_array(self->op.arena, lane->count + 1, sizeof *lane->leads);
	for (size_t i = 0; i < lane->count; i++)
		lane->leads[i] = row_int8(rows, (int)i, 0);
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
	struct arena *arena = self->batch->arena;
	struct facts_run run = {0};
	while (facts_next_run(&self->facts, rows, &run)) {
		struct batch_lead *lead = run.lead;
		if (lead->inbox) {
			op_fail(&self->op, ERROR_SYSTEM, "load_events", "the rows of a lead do not stand together.");
			return;
		}
		struct event *events = arena_array(arena, (size_t)run.count, sizeof *events);
		struct inbox_row *inbox = arena_array(arena, (size_t)run.count, sizeof *inbox);
		lead->lane = BULK;
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
		self->batch->more = self->batch->more || run.count == BATCH_INBOX_PER_LEAD;
	}
}

static void wake_rows(struct load_op *self, const PGresult *rows)
{
	struct facts_run run = {0};
	while (facts_next_run(&self->facts, rows, &run)) {
		run.lead->wake_at = row_time(rows, run.first, 1);
		if (run.lead->lane < 0 || (run.lead->wake_at <= self->batch->now && run.lead->lane > TIME))
			run.lead->lane = TIME;
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
		candidate_rows(self, &self->lanes[tag - TAG_LIVE], rows);
		break;
	case TAG_NEXT:
		if (PQntuples(rows))
			self->batch->next_wake = row_time(rows, 0, 0);
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

static void load_done(struct op *op, const struct error *error)
{
	struct load_op *self = (struct load_op *)op;
	struct batch *batch = self->batch;
	batch->leads = self->facts.leads;
	batch->count = self->facts.count;
	if (error) {
		store_batch_free(batch);
		batch = NULL;
	}
	self->fn(self->arg, batch, error);
}

static struct load_op *load_new(struct store *store, const struct schema *schema, int shard, moment_t now, int64_t longest_cap)
{
	static const struct op_class class = {.kind = OP_READ, .by_key = true, .segment = load_segment, .rows = load_rows, .done = load_done};
	struct load_op *self = op_new(store, &class, sizeof *self);
	struct arena *arena = arena_new();
	self->batch = arena_alloc(arena, sizeof *self->batch);
	*self->batch = (struct batch){.arena = arena, .shard = shard, .now = now, .next_wake = MOMENT_NEVER};
	self->facts = (struct facts){.arena = arena, .schema = schema, .now = now, .longest_cap = longest_cap};
	self->owner = "";
	return self;
}

void store_batch_load(struct store *store, const struct schema *schema, const struct batch_request *request, store_batch_fn *fn, void *arg)
{
	struct load_op *self = load_new(store, schema, request->shard, request->now, request->longest_cap);
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

void store_lead_facts(struct store *store, const struct schema *schema, int64_t lead_id, moment_t now, int64_t longest_cap, store_batch_fn *fn,
		      void *arg)
{
	struct load_op *self = load_new(store, schema, lead_shard(lead_id), now, longest_cap);
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
	if (batch)
		arena_free(batch->arena);
}
