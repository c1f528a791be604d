/* Permission: the last look before the act that cannot be taken back.
 *
 * It never overtakes a withdrawal: those hold the locks of their shards alone, permissions hold them together, and both take them before they
 * look at anything. So what committed before is seen, and what comes after finds the touch permitted (it is on the wire).
 *
 * Connections wait for it, so all goes in one flight: lease and locks, a plain judgement, and commit. That gives permission where nothing was said since the gate was
 * asked, or, where that is not known, where nothing at all speaks against it, and changes nothing else. Touches that it left alone are few, and are judged in full by an operation that also cancels what is stopped and tells the leads. A
 * flight whose answer was lost has permitted or not: nothing was done with it, and it can be asked for again. */
#include "store/outbox.h"

#include "store/event_write.h"
#include "store/ids.h"
#include "store/outbox_inside.h"

#include "store/permit.sql.h"

#include <stdlib.h>

enum { TAG_NONE, TAG_JUDGED, TAG_GIVEN };

struct permit_op {
	struct op op;
	const char *owner, *token, *role; /* of the channel's lease */
	const char *seen;           /* the snapshot of before the gate's facts; NULL = each lead is looked at */
	const int64_t *touches;
	const size_t *places;       /* of the touches among those that were asked for: `all` of them */
	size_t count, all;
	moment_t now;
	enum permission *words;     /* `all` */
	struct event_list overs;
	store_permission_fn *fn;
	void *arg;
};

static struct params *touches_param(struct permit_op *self)
{
	struct params *p = op_params(&self->op);
	struct param *array = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < self->count; i++)
		array_int8(array, self->touches[i]);
	return p;
}

/* The lease and the locks of the shards, which stand until the end of the transaction. */
static void send_begin(struct permit_op *self)
{
	uint64_t shards = 0;
	struct params *p = op_params(&self->op);
	for (size_t i = 0; i < self->count; i++)
		shards |= UINT64_C(1) << lead_shard(self->touches[i]);
	struct param *array = param_array(p, PARAM_INT4);
	for (int i = 0; i < SHARD_COUNT; i++)
		if (shards >> i & 1)
			array_int4(array, i);
	param_text(p, str_of(self->role));
	param_text(p, str_of(self->owner));
	op_send(&self->op, STATEMENT(permit_begin), TAG_FENCE);
}

static struct params *touches_token_now(struct permit_op *self)
{
	struct params *p = touches_param(self);
	param_text(p, str_of(self->token));
	param_time(p, self->now);
	return p;
}

/* The lease is looked at again inside, as nothing here could take back what a flight has committed. */
static enum op_more flight_segment(struct op *op, int number)
{
	struct permit_op *self = (struct permit_op *)op;
	(void)number;
	send_begin(self);
	struct params *p = touches_token_now(self);
	param_text(p, str_of(self->role));
	param_text(p, str_of(self->owner));
	if (self->seen)
		param_text(p, str_of(self->seen));
	op_send(op, self->seen ? STATEMENT(outbox_permit_unsaid) : STATEMENT(outbox_permit_plain), TAG_GIVEN);
	return OP_LAST;
}

static void send_judgement(struct permit_op *self)
{
	struct op *op = &self->op;
	send_begin(self);
	ids_ask(op, self->count);
	struct params *p = touches_token_now(self);
	param_text(p, str_of(self->role));
	param_text(p, str_of(self->owner));
	op_send(op, STATEMENT(outbox_permit), TAG_JUDGED);
}

static enum op_more cancelling_segment(struct op *op, int number)
{
	struct permit_op *self = (struct permit_op *)op;
	if (number == 0) {
		send_judgement(self);
		return OP_MORE;
	}
	event_list_send(op, &self->overs, TAG_NONE);
	for (size_t i = 0; i < self->count; i++) {
		if (self->words[self->places[i]] != PERMISSION_NO)
			continue;
		touches_token_now(self);
		op_send(op, STATEMENT(outbox_attempt_over), TAG_NONE);
		break;
	}
	return OP_LAST;
}

static void judged_rows(struct permit_op *self, const PGresult *rows)
{
	struct arena *arena = self->op.arena;
	for (int i = 0; i < PQntuples(rows); i++) {
		struct str stop = row_text(rows, i, 1, arena);
		enum permission word = !stop.n ? PERMISSION_YES : str_is(stop, "again") ? PERMISSION_AGAIN : PERMISSION_NO;
		self->words[self->places[row_int4(rows, i, 0)]] = word;
		if (word != PERMISSION_NO)
			continue;
		struct over_touch over = {
			.outcome = STR("cancelled"), .reason = stop, .touch_id = row_int8(rows, i, 2), .lead_id = row_int8(rows, i, 3),
			.channel = row_text(rows, i, 4, arena), .campaign = row_text(rows, i, 5, arena), .step = row_text(rows, i, 6, arena)};
		event_list_add_over(&self->overs, &self->op, &over, self->now);
	}
}

static void given_rows(struct permit_op *self, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++)
		self->words[self->places[row_int4(rows, i, 0)]] = PERMISSION_YES;
}

static void permit_rows(struct op *op, int tag, const PGresult *rows)
{
	struct permit_op *self = (struct permit_op *)op;
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
	else if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == TAG_GIVEN)
		given_rows(self, rows);
	else if (tag == TAG_JUDGED)
		judged_rows(self, rows);
}

static void answer(struct permit_op *self, const struct error *error)
{
	self->fn(self->arg, error ? NULL : self->words, self->all, error);
}

static void cancelling_done(struct op *op, const struct error *error)
{
	answer((struct permit_op *)op, error);
}

static struct permit_op *permit_new(struct store *store, const struct op_class *class, const struct permit_op *like)
{
	struct permit_op *self = op_new(store, class, sizeof *self);
	self->owner = arena_dup(self->op.arena, like->owner);
	self->token = arena_dup(self->op.arena, like->token);
	self->role = arena_dup(self->op.arena, like->role);
	self->all = like->all;
	self->now = like->now;
	self->words = arena_array(self->op.arena, like->all + 1, sizeof *self->words);
	self->fn = like->fn;
	self->arg = like->arg;
	return self;
}

struct asked {
	int64_t touch;
	size_t place;
};

static int by_row(const void *left, const void *right)
{
	const struct asked *a = left, *b = right;
	int shards = lead_shard(a->touch) - lead_shard(b->touch);
	return shards ? shards : (a->touch > b->touch) - (a->touch < b->touch);
}

/* Those of `like` that have no permission yet, in the order in which rows are locked. */
static void put_rest(struct permit_op *self, const struct permit_op *like)
{
	struct asked *asked = arena_array(self->op.arena, like->count + 1, sizeof *asked);
	int64_t *touches = arena_array(self->op.arena, like->count + 1, sizeof *touches);
	size_t *places = arena_array(self->op.arena, like->count + 1, sizeof *places);
	for (size_t i = 0; i < like->count; i++) {
		size_t place = like->places ? like->places[i] : i;
		self->words[place] = like->words ? like->words[place] : PERMISSION_NO;
		if (self->words[place] != PERMISSION_YES)
			asked[self->count++] = (struct asked){like->touches[i], place};
	}
	qsort(asked, self->count, sizeof *asked, by_row);
	for (size_t i = 0; i < self->count; i++) {
		touches[i] = asked[i].touch;
		places[i] = asked[i].place;
	}
	self->touches = touches;
	self->places = places;
}

static void flight_done(struct op *op, const struct error *error)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = cancelling_segment, .rows = permit_rows, .done = cancelling_done};
	struct permit_op *self = (struct permit_op *)op;
	size_t given = 0;
	for (size_t i = 0; i < self->all; i++)
		given += self->words[i] == PERMISSION_YES;
	if (error || given == self->all) {
		answer(self, error);
		return;
	}
	struct permit_op *rest = permit_new(op->store, &class, self);
	put_rest(rest, self);
	op_submit(&rest->op);
}

void store_permit(struct store *store, const char *owner, const char *channel, const char *token, const char *seen, const int64_t *touches,
		  size_t count, moment_t now, store_permission_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = flight_segment, .rows = permit_rows, .done = flight_done};
	const struct permit_op asked = {
		.owner = owner, .token = token, 
		.role = channel, .touches = touches, .count = count, .all = count, .now = now, .fn = fn, .arg = arg};
	struct permit_op *self = permit_new(store, &class, &asked);
	self->role = arena_printf(self->op.arena, "channel:%s", channel);
	self->seen = seen ? arena_dup(self->op.arena, seen) : NULL;
	put_rest(self, &asked);
	op_submit(&self->op);
}
