/* A list goes in and stops what is planned in one transaction, so that no permission commits after it (DESIGN section 5, promise 5). */
#include "store/suppress.h"

#include "store/event_write.h"
#include "store/ids.h"

#include "store/suppress.sql.h"

enum { TAG_ADDED = 1, TAG_STOPPED };

struct suppress_op {
	struct op op;
	struct suppress *suppress;
	struct over_touch *overs; size_t over_count, over_room;
};

static void send_add(struct op *op, const struct suppress *s)
{
	struct params *p = op_params(op);
	param_text(p, str_of(s->kind));
	struct param *values = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < s->count; i++)
		array_text(values, s->values[i]);
	param_text(p, str_of(s->channel));
	param_text(p, str_of(s->reason));
	param_time(p, s->now);
	param_bool(p, s->told);
	param_text(p, str_of(s->actor ? s->actor : ""));
	op_send(op, STATEMENT(suppress_add), TAG_ADDED);
}

static void send_stop(struct op *op, const struct suppress *s)
{
	bool named = strcmp(s->kind, "email") == 0 || strcmp(s->kind, "phone") == 0;
	struct params *p = op_params(op);
	param_text(p, str_of(s->kind));
	struct param *values = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < s->count; i++)
		array_text(values, s->values[i]);
	param_text(p, str_of(s->channel));
	param_time(p, s->now);
	op_send(op, named ? STATEMENT(suppress_stop_named) : STATEMENT(suppress_stop_open), TAG_STOPPED);
}

static enum op_more suppress_segment(struct op *op, int number)
{
	struct suppress_op *self = (struct suppress_op *)op;
	if (number == 0) {
		op_params(op);
		op_send(op, STATEMENT(suppress_lock), 0);
		send_add(op, self->suppress);
		send_stop(op, self->suppress);
		return OP_MORE;
	}
	if (!self->over_count)
		return OP_LAST;
	if (number == 1) {
		ids_ask(op, self->over_count);
		return OP_MORE;
	}
	struct event_list events = {0};
	for (size_t i = 0; i < self->over_count; i++)
		event_list_add_over(&events, op, &self->overs[i], self->suppress->now);
	event_list_send(op, &events, 0);
	return OP_LAST;
}

static void stopped_rows(struct suppress_op *self, const PGresult *rows)
{
	struct arena *arena = self->op.arena;
	self->suppress->cancelled = PQntuples(rows);
	for (int i = 0; i < PQntuples(rows); i++) {
		struct over_touch *over = arena_push(arena, &self->overs, self->over_count++, &self->over_room, sizeof *over);
		*over = (struct over_touch){.touch_id = row_int8(rows, i, 0), .lead_id = row_int8(rows, i, 1), .outcome = STR("cancelled"), .reason = STR("suppressed"),
					    .channel = row_text(rows, i, 2, arena), .campaign = row_text(rows, i, 3, arena), .step = row_text(rows, i, 4, arena)};
	}
}

static void suppress_rows(struct op *op, int tag, const PGresult *rows)
{
	struct suppress_op *self = (struct suppress_op *)op;
	if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == TAG_ADDED)
		self->suppress->added = row_int8(rows, 0, 0);
	else if (tag == TAG_STOPPED)
		stopped_rows(self, rows);
}

static void suppress_done(struct op *op, const struct error *error)
{
	const struct suppress *s = ((struct suppress_op *)op)->suppress;
	s->fn(s->arg, error);
}

void store_suppress(struct store *store, struct suppress *suppress)
{
	static const struct op_class class = {.kind = OP_WRITE, .segment = suppress_segment, .rows = suppress_rows, .done = suppress_done};
	struct suppress_op *self = op_new(store, &class, sizeof *self);
	self->suppress = suppress;
	suppress->added = suppress->cancelled = 0;
	op_submit(&self->op);
}

char *suppress_address(struct arena *arena, struct str address, struct str postal_code, struct str city)
{
	return arena_printf(arena, "%.*s\x1f%.*s\x1f%.*s", STR_ARG(address), STR_ARG(postal_code), STR_ARG(city));
}

/* ---- taking off ---- */

struct drop_op {
	struct op op;
	const char *kind, *value, *written, *channel, *actor;
	store_done_fn *fn;
	void *arg;
};

static enum op_more drop_segment(struct op *op, int number)
{
	const struct drop_op *self = (struct drop_op *)op;
	struct params *p = op_params(op);
	(void)number;
	param_text(p, str_of(self->kind));
	param_text(p, str_of(self->value));
	param_text(p, str_of(self->channel));
	param_text(p, str_of(self->actor));
	param_text(p, str_of(self->written));
	op_send(op, STATEMENT(suppress_drop), TAG_ADDED);
	return OP_LAST;
}

static void drop_rows(struct op *op, int tag, const PGresult *rows)
{
	if (tag == TAG_ADDED && row_int8(rows, 0, 0) == 0)
		op_fail(op, ERROR_NOT_FOUND, "value", "it is not on the list.");
}

static void drop_done(struct op *op, const struct error *error)
{
	const struct drop_op *self = (struct drop_op *)op;
	self->fn(self->arg, error);
}

void store_suppress_drop(struct store *store, const char *kind, const char *value, const char *written, const char *channel, const char *actor, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .segment = drop_segment, .rows = drop_rows, .done = drop_done};
	struct drop_op *self = op_new(store, &class, sizeof *self);
	self->kind = arena_dup(self->op.arena, kind);
	self->value = arena_dup(self->op.arena, value);
	self->written = arena_dup(self->op.arena, written);
	self->channel = arena_dup(self->op.arena, channel);
	self->actor = arena_dup(self->op.arena, actor ? actor : "");
	self->fn = fn;
	self->arg = arg;
	if (strcmp(kind, "email") != 0 && strcmp(kind, "domain") != 0 && strcmp(kind, "phone") != 0 && strcmp(kind, "address") != 0)
		op_fail(&self->op, ERROR_DENIED, "kind", "only lists of email, domain, phone and address can be changed by hand.");
	op_submit(&self->op);
}
