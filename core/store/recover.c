/* What a delivery process that is gone left in hand. */
#include "store/outbox.h"

#include "store/event_write.h"
#include "store/ids.h"
#include "store/outbox_inside.h"

#include "store/recover.sql.h"

enum { TAG_NONE, TAG_RETURNED, TAG_DOUBT, TAG_LEFT };

struct recover_op {
	struct op op;
	const char *owner, *token, *channel;
	bool resend;
	moment_t now;
	int returned, in_doubt, left;
	struct over_touch *overs; /* those that are over now */
	size_t over_count, over_room;
	struct event_list events;
	store_recover_fn *fn;
	void *arg;
};

static struct params *who(struct recover_op *self)
{
	struct params *p = op_params(&self->op);
	param_text(p, str_of(self->channel));
	param_text(p, str_of(self->token));
	param_time(p, self->now);
	return p;
}

static enum op_more recover_segment(struct op *op, int number)
{
	struct recover_op *self = (struct recover_op *)op;
	if (number == 0) {
		outbox_fence(op, self->channel, self->owner);
		who(self);
		op_send(op, STATEMENT(outbox_return), TAG_RETURNED);
		param_bool(who(self), self->resend);
		op_send(op, STATEMENT(outbox_doubt), TAG_DOUBT);
		who(self);
		op_send(op, STATEMENT(outbox_end), TAG_NONE);
		struct params *forget = op_params(op);
		param_text(forget, str_of(self->channel));
		param_text(forget, str_of(self->token));
		op_send(op, STATEMENT(outbox_haul_forget), TAG_NONE);
		struct params *left = op_params(op);
		param_text(left, str_of(self->channel));
		param_text(left, str_of(self->token));
		op_send(op, STATEMENT(outbox_left), TAG_LEFT);
		return OP_MORE;
	}
	if (!self->over_count)
		return OP_LAST;
	if (number == 1 && !ids_ask(op, self->over_count))
		return OP_MORE;
	for (size_t i = 0; i < self->over_count; i++)
		event_list_add_over(&self->events, op, &self->overs[i], self->now);
	event_list_send(op, &self->events, TAG_NONE);
	return OP_LAST;
}

/* Those that are over have an outcome for their leads' turns; the others come again. */
static void left_rows(struct recover_op *self, const PGresult *rows, struct str reason)
{
	struct arena *arena = self->op.arena;
	for (int i = 0; i < PQntuples(rows); i++) {
		struct str outcome = row_text(rows, i, 5, arena);
		if (!outcome.n) {
			self->returned++;
			continue;
		}
		self->in_doubt += str_is(outcome, "in_doubt");
		*(struct over_touch *)arena_push(arena, &self->overs, self->over_count, &self->over_room, sizeof *self->overs) = (struct over_touch){
			.touch_id = row_int8(rows, i, 0), .lead_id = row_int8(rows, i, 1), .channel = row_text(rows, i, 2, arena),
			.campaign = row_text(rows, i, 3, arena), .step = row_text(rows, i, 4, arena), .outcome = outcome, .reason = reason};
		self->over_count++;
	}
}

static void recover_rows(struct op *op, int tag, const PGresult *rows)
{
	struct recover_op *self = (struct recover_op *)op;
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
	else if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == TAG_RETURNED)
		left_rows(self, rows, STR("four processes died with it in hand"));
	else if (tag == TAG_LEFT)
		self->left = (int)row_int8(rows, 0, 0);
	else if (tag == TAG_DOUBT)
		left_rows(self, rows, STR("the process ended after permission"));
}

static void recover_done(struct op *op, const struct error *error)
{
	struct recover_op *self = (struct recover_op *)op;
	self->fn(self->arg, error ? 0 : self->returned, error ? 0 : self->in_doubt, error ? 0 : self->left, error);
}

void store_recover(struct store *store, const char *owner, const char *channel, const char *token, bool resend, moment_t now,
		   store_recover_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .segment = recover_segment, .rows = recover_rows, .done = recover_done};
	struct recover_op *self = op_new(store, &class, sizeof *self);
	self->owner = arena_dup(self->op.arena, owner);
	self->token = arena_dup(self->op.arena, token);
	self->channel = arena_dup(self->op.arena, channel);
	self->resend = resend;
	self->now = now;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
