/* Opens and clicks of mails. Called by web, which has answered the reader long before: what stands here is not acknowledged to anybody, so
 * a group that cannot be written is tried again by the caller, or given up.
 *
 * Clicks wait in table `click`, for all workers of all nodes: a scanner's requests come to any of them. They leave it in the transaction that
 * writes their events, so each counts once, whoever dies. */
#include "store/hits.h"

#include "store/event_write.h"
#include "store/ids.h"
#include "store/intake_group.h"
#include "store/private.h"

#include <stdlib.h>

#include "store/hits.sql.h"

enum { TAG_NONE, TAG_SETTLED };

/* ---- keeping ---- */

struct keeping {
	struct op op;
	const struct hit *hits;
	size_t count;
	moment_t now;
	store_done_fn *fn;
	void *arg;
};

static void send_opens(struct keeping *self)
{
	struct params *p = op_params(&self->op);
	struct param *touch = param_array(p, PARAM_INT8), *lead = param_array(p, PARAM_INT8), *at = param_array(p, PARAM_TIME);
	struct param *why = param_array(p, PARAM_TEXT);
	size_t n = 0;
	for (const struct hit *hit = self->hits; hit < self->hits + self->count; hit++) {
		if (hit->links)
			continue;
		array_int8(touch, hit->touch_id);
		array_int8(lead, hit->lead_id);
		array_time(at, hit->at);
		array_text_or_null(why, str_of(hit->why));
		n++;
	}
	param_time(p, self->now);
	if (n)
		op_send(&self->op, STATEMENT(hits_opens), TAG_NONE);
}

static void send_clicks(struct keeping *self)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_INT8, PARAM_TIME, PARAM_INT4, PARAM_INT4, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT};
	enum { COLUMNS = sizeof types / sizeof *types };
	struct params *p = op_params(&self->op);
	struct param *c[COLUMNS];
	size_t n = 0;
	for (size_t i = 0; i < COLUMNS; i++)
		c[i] = param_array(p, types[i]);
	for (const struct hit *hit = self->hits; hit < self->hits + self->count; hit++) {
		if (!hit->links)
			continue;
		array_int8(c[0], hit->touch_id);
		array_int8(c[1], hit->lead_id);
		array_time(c[2], hit->at);
		array_int4(c[3], hit->link);
		array_int4(c[4], hit->links);
		array_text_or_null(c[5], str_of(hit->why));
		array_text(c[6], hit->url);
		array_text_or_null(c[7], hit->visitor);
		n++;
	}
	if (n)
		op_send(&self->op, STATEMENT(hits_clicks), TAG_NONE);
}

static enum op_more keep_segment(struct op *op, int number)
{
	(void)number;
	send_opens((struct keeping *)op);
	send_clicks((struct keeping *)op);
	return OP_LAST;
}

static void keep_done(struct op *op, const struct error *error)
{
	struct keeping *self = (struct keeping *)op;
	self->fn(self->arg, error);
}

static const struct op_class keep_class = {.kind = OP_WRITE, .by_key = true, .segment = keep_segment, .done = keep_done};

void store_hits(struct store *store, const struct hit *hits, size_t count, moment_t now, store_done_fn *fn, void *arg)
{
	struct keeping *self = op_new(store, &keep_class, sizeof *self);
	self->hits = hits;
	self->count = count;
	self->now = now;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

/* ---- settling ---- */

enum { ENOUGH = 4000 /* clicks that one call takes; see hits.sql */ };

struct settling {
	struct op op;
	struct event_list events;
	struct intake_visitor *visitors;
	size_t visitor_count, visitor_room;
	moment_t now;
	store_settled_fn *fn;
	void *arg;
};

static struct str click_data(const PGresult *rows, int row, struct arena *arena)
{
	static const struct { const char *key; int column; } texts[] = {{"url", 4}, {"campaign", 7}, {"step", 8}, {"why", 3}};
	struct buf data = {0};
	int64_t taken_back = row_int8(rows, row, 9);
	buf_printf(&data, "{\"touch\":%lld", (long long)row_int8(rows, row, 6));
	if (taken_back)
		buf_printf(&data, ",\"event\":%lld", (long long)taken_back);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct str value = row_peek(rows, row, texts[i].column);
		if (!value.n)
			continue;
		buf_printf(&data, ",\"%s\":", texts[i].key);
		buf_put_json(&data, value);
	}
	buf_putc(&data, '}');
	struct str text = arena_str(arena, buf_str(&data));
	buf_fini(&data);
	return text;
}

static void add_visitor(struct settling *self, struct str number, int64_t lead_id)
{
	struct intake_visitor *visitor =
		arena_push(self->op.arena, &self->visitors, self->visitor_count, &self->visitor_room, sizeof *visitor);
	*visitor = (struct intake_visitor){.self = {.kind = "cookie", .value = number}, .lead_id = lead_id, .proof = PROOF_CLICK};
	self->visitor_count++;
}

/* Their ids are given when it is known how many there are. */
static void settle_rows(struct op *op, int tag, const PGresult *rows)
{
	struct settling *self = (struct settling *)op;
	if (tag == TAG_IDS)
		ids_rows(op, rows);
	for (int i = 0; tag == TAG_SETTLED && i < PQntuples(rows); i++) {
		bool taken_back = row_int8(rows, i, 9) != 0, machine = !taken_back && !row_is_null(rows, i, 3);
		*event_list_add(&self->events, op->arena) = (struct event_row){
			.lead_id = row_int8(rows, i, 0), .at = row_time(rows, i, 1), .received_at = self->now,
			.verb = row_text(rows, i, 10, op->arena),
			.subject = row_text(rows, i, 2, op->arena), .machine = machine, .data = click_data(rows, i, op->arena),
			.lane = machine ? LANE_BULK : LANE_LIVE};
		if (!machine && !taken_back && row_peek(rows, i, 5).n)
			add_visitor(self, row_text(rows, i, 5, op->arena), row_int8(rows, i, 0));
	}
}

static int compare_visitors(const void *a, const void *b)
{
	return str_compare(((const struct intake_visitor *)a)->self.value, ((const struct intake_visitor *)b)->self.value);
}

/* A browser that nobody has a name for is the reader's. One that has a name stays whose it is (DESIGN section 5, merging). */
static void send_visitors(struct settling *self)
{
	struct intake_names names = {.visitors = self->visitors};
	if (!self->visitor_count)
		return;
	qsort(self->visitors, self->visitor_count, sizeof *self->visitors, compare_visitors);
	for (size_t i = 0; i < self->visitor_count; i++)
		if (!names.visitor_count || compare_visitors(&self->visitors[names.visitor_count - 1], &self->visitors[i]) != 0)
			self->visitors[names.visitor_count++] = self->visitors[i];
	intake_names_make(&self->op, &names, self->now, TAG_NONE);
}

static enum op_more settle_segment(struct op *op, int number)
{
	struct settling *self = (struct settling *)op;
	if (number == 0) {
		param_time(op_params(op), self->now);
		op_send(op, STATEMENT(hits_settle), TAG_SETTLED);
		return OP_MORE;
	}
	if (number == 1) {
		send_visitors(self);
		ids_ask(op, self->events.count);
		return OP_MORE;
	}
	for (size_t i = 0; i < self->events.count; i++)
		self->events.rows[i].id = ids_take(op, lead_shard(self->events.rows[i].lead_id));
	event_list_send(op, &self->events, TAG_NONE);
	return OP_LAST;
}

static void settle_done(struct op *op, const struct error *error)
{
	struct settling *self = (struct settling *)op;
	self->fn(self->arg, error ? 0 : self->events.count, !error && self->events.count >= ENOUGH / 2, error);
}

static const struct op_class settle_class = {.kind = OP_WRITE, .by_key = true, .segment = settle_segment, .rows = settle_rows, .done = settle_done};

void store_clicks_settle(struct store *store, moment_t now, store_settled_fn *fn, void *arg)
{
	struct settling *self = op_new(store, &settle_class, sizeof *self);
	self->now = now;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
