/* Looking at touches that a channel has queued: they and all that is known of their leads, in one snapshot. Called by delivery when its plugin asks. */
#include "store/facts.h"
#include "store/outbox.h"

#include "store/look.sql.h"

enum { TAG_NONE, TAG_TOUCHES };

struct look_op {
	struct op op;
	struct looks *looks;
	struct facts facts;
	const char *channel;
	const int64_t *touches;
	store_looks_fn *fn;
	void *arg;
};

static void send_touches(struct look_op *self)
{
	struct params *p = op_params(&self->op);
	struct param *array = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < self->looks->count; i++)
		array_int8(array, self->touches[i]);
	param_text(p, str_of(self->channel));
	op_send(&self->op, STATEMENT(look_touches), TAG_TOUCHES);
}

static enum op_more look_segment(struct op *op, int number)
{
	struct look_op *self = (struct look_op *)op;
	if (number == 0) {
		send_touches(self);
		return OP_MORE;
	}
	for (int tag = FACTS_LEAD; tag <= FACTS_TOUCH && self->facts.id_count; tag++)
		if (tag != FACTS_TWIN && tag != FACTS_SPLIT && tag != FACTS_CLAIM) /* a turn's: nobody enters a campaign or draws a way here, and quality says who has a twin */
			facts_ask(op, &self->facts, tag);
	return OP_LAST;
}

static struct looked read_looked(const PGresult *rows, int row, struct str channel, struct arena *arena)
{
	struct looked looked = {
		.touch = {.id = row_int8(rows, row, 1), .lead_id = row_int8(rows, row, 2), .enrollment_id = row_int8(rows, row, 3),
			  .campaign = row_text(rows, row, 4, arena), .step = row_text(rows, row, 5, arena), .pass = row_int4(rows, row, 6), .channel = channel,
			  .kind = row_text(rows, row, 7, arena), .template_name = row_text(rows, row, 8, arena), .purpose = row_text(rows, row, 9, arena),
			  .planned_at = row_time(rows, row, 10), .due_at = row_time(rows, row, 11), .expires_at = row_time(rows, row, 12),
			  .any_hours = row_bool(rows, row, 13), .where = row_text(rows, row, 14, arena), .data = row_json(rows, row, 15, arena),
			  .reason = row_text(rows, row, 17, arena)},
		.attempt = row_int4(rows, row, 18), .revision = row_text(rows, row, 19, arena)};
	if (!touch_state_from(row_text(rows, row, 16, arena), &looked.touch.state))
		looked.touch.state = TOUCH_CANCELLED;
	return looked;
}

static void touch_rows(struct look_op *self, const PGresult *rows)
{
	struct arena *arena = self->looks->arena;
	struct str channel = str_of(arena_dup(arena, self->channel));
	int count = PQntuples(rows);
	int64_t *ids = arena_array(self->op.arena, (size_t)count + 1, sizeof *ids);
	for (int i = 0; i < count; i++) {
		struct looked *looked = &self->looks->items[row_int4(rows, i, 0)];
		*looked = read_looked(rows, i, channel, arena);
		ids[i] = looked->touch.lead_id;
	}
	self->facts.ids = ids;
	self->facts.id_count = (size_t)count;
	sort_ids(ids, &self->facts.id_count);
}

static void look_rows(struct op *op, int tag, const PGresult *rows)
{
	struct look_op *self = (struct look_op *)op;
	if (tag == TAG_TOUCHES)
		touch_rows(self, rows);
	else if (tag >= TAG_FACTS)
		facts_rows(&self->facts, tag, rows);
}

static void look_done(struct op *op, const struct error *error)
{
	struct look_op *self = (struct look_op *)op;
	struct looks *looks = self->looks;
	for (size_t i = 0; i < looks->count && !error; i++) {
		struct looked *looked = &looks->items[i];
		looked->facts = looked->touch.id ? facts_find(&self->facts, looked->touch.lead_id) : NULL;
		if (!looked->facts)
			looked->touch.id = 0;
	}
	if (error)
		store_looks_free(looks);
	self->fn(self->arg, error ? NULL : looks, error);
}

void store_look(struct store *store, const struct schema *schema, const char *channel, const int64_t *touches, size_t count, moment_t now, int64_t longest_cap,
		store_looks_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_READ, .by_key = true, .segment = look_segment, .rows = look_rows, .done = look_done};
	struct look_op *self = op_new(store, &class, sizeof *self);
	struct arena *arena = arena_new();
	int64_t *copy = arena_array(self->op.arena, count + 1, sizeof *copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = touches[i];
	self->looks = arena_alloc(arena, sizeof *self->looks);
	*self->looks = (struct looks){.arena = arena, .now = now, .items = arena_array(arena, count + 1, sizeof(struct looked)), .count = count};
	self->facts = (struct facts){.arena = arena, .schema = schema, .now = now, .longest_cap = longest_cap};
	self->channel = arena_dup(self->op.arena, channel);
	self->touches = copy;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

void store_looks_free(struct looks *looks)
{
	if (looks)
		arena_free(looks->arena);
}
