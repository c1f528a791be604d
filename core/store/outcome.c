/* How deliveries ended: touch, attempt, and what the lead's turn must know of it, in one transaction. An outcome that comes twice (its COMMIT
 * answer was lost) or late finds its touch not in hand any more and changes nothing. */
#include "store/outbox.h"

#include "store/event_write.h"
#include "store/ids.h"
#include "store/outbox_inside.h"

#include "store/outcome.sql.h"

enum { TAG_NONE, TAG_MOVED };

struct outcome_op {
	struct op op;
	const char *token;
	const struct outcome *outcomes; /* borrowed until fn */
	size_t count;
	moment_t now;
	bool *moved;
	bool *inside;                   /* a mail to us: no event of its own */
	struct event_list events;
	store_permit_fn *fn;
	void *arg;
};

static void send_outcomes(struct outcome_op *self)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TIME, PARAM_BOOL, PARAM_INT4, PARAM_BOOL};
	enum { COLUMNS = sizeof types / sizeof *types };
	struct params *p = op_params(&self->op);
	struct param *c[COLUMNS];
	for (size_t i = 0; i < COLUMNS; i++)
		c[i] = param_array(p, types[i]);
	for (size_t i = 0; i < self->count; i++) {
		const struct outcome *o = &self->outcomes[i];
		array_int8(c[0], o->touch_id);
		array_text(c[1], str_of(touch_state_name(o->state)));
		array_text_or_null(c[2], o->reason);
		array_text_or_null(c[3], o->remote_id);
		array_time_or_null(c[4], o->due_at);
		array_bool(c[5], o->attempt_spent);
		array_int4(c[6], o->attempt);
		array_bool(c[7], o->doubt || o->state == TOUCH_IN_DOUBT);
	}
	param_text(p, str_of(self->token));
	param_time(p, self->now);
	op_send(&self->op, STATEMENT(outbox_outcomes), TAG_MOVED);
}

bool outbox_is_over(enum touch_state state)
{
	return state == TOUCH_SENT || state == TOUCH_REJECTED || state == TOUCH_HELD || state == TOUCH_EXPIRED || state == TOUCH_CANCELLED ||
	       state == TOUCH_IN_DOUBT;
}

/* email.send and the like: what reports and conditions ask for. "" = none. */
static const char *verb_of(const struct outcome *o)
{
	static const struct { const char *kind; enum touch_state state; const char *verb; } verbs[] = {
		{"email", TOUCH_SENT, "email.send"}, {"email", TOUCH_REJECTED, "email.bounce"}, {"letter", TOUCH_SENT, "letter.drop"},
		{"call", TOUCH_SENT, "call.end"},
	};
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (verbs[i].state == o->state && str_is(o->kind, verbs[i].kind))
			return verbs[i].verb;
	return "";
}

static struct str walk_data(const struct outcome *o, struct arena *arena)
{
	struct buf data = {0};
	buf_puts(&data, "{\"campaign\":");
	buf_put_json(&data, o->campaign);
	buf_puts(&data, ",\"step\":");
	buf_put_json(&data, o->step);
	if (o->state == TOUCH_REJECTED) {
		buf_puts(&data, ",\"reason\":");
		buf_put_json(&data, o->reason);
	}
	buf_putc(&data, '}');
	struct str text = arena_str(arena, buf_str(&data));
	buf_fini(&data);
	return text;
}

void outbox_tell_over(struct event_list *events, struct op *op, const struct outcome *o, moment_t now)
{
	struct over_touch over = {.touch_id = o->touch_id, .lead_id = o->lead_id, .outcome = str_of(touch_state_name(o->state)), .reason = o->reason,
				  .channel = o->channel, .campaign = o->campaign, .step = o->step};
	event_list_add_over(events, op, &over, now);
}

void outbox_tell_kind(struct event_list *events, struct op *op, const struct outcome *o, moment_t now)
{
	const char *verb = verb_of(o);
	if (!*verb)
		return;
	*event_list_add(events, op->arena) = (struct event_row){
		.id = ids_take(op, lead_shard(o->lead_id)), .lead_id = o->lead_id, .at = now, .received_at = now, .verb = str_of(verb),
		.subject = o->template_name, .data = walk_data(o, op->arena), .lane = LANE_LIVE};
}

static enum op_more outcome_segment(struct op *op, int number)
{
	struct outcome_op *self = (struct outcome_op *)op;
	if (number == 0) {
		ids_ask(op, self->count * 2);
		send_outcomes(self);
		return OP_MORE;
	}
	for (size_t i = 0; i < self->count; i++) {
		if (!self->moved[i] || !outbox_is_over(self->outcomes[i].state))
			continue;
		outbox_tell_over(&self->events, op, &self->outcomes[i], self->now);
		if (!self->inside[i])
			outbox_tell_kind(&self->events, op, &self->outcomes[i], self->now);
	}
	event_list_send(op, &self->events, TAG_NONE);
	return OP_LAST;
}

static void outcome_rows(struct op *op, int tag, const PGresult *rows)
{
	struct outcome_op *self = (struct outcome_op *)op;
	if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == TAG_MOVED)
		for (int i = 0; i < PQntuples(rows); i++) {
			self->moved[row_int4(rows, i, 0)] = true;
			self->inside[row_int4(rows, i, 0)] = row_bool(rows, i, 1);
		}
}

static void outcome_done(struct op *op, const struct error *error)
{
	struct outcome_op *self = (struct outcome_op *)op;
	self->fn(self->arg, error ? NULL : self->moved, self->count, error);
}

void store_outcomes(struct store *store, const char *token, const struct outcome *outcomes, size_t count,
		    moment_t now, store_permit_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = outcome_segment, .rows = outcome_rows, .done = outcome_done};
	struct outcome_op *self = op_new(store, &class, sizeof *self);
	self->token = arena_dup(self->op.arena, token);
	self->outcomes = outcomes;
	self->count = count;
	self->now = now;
	self->moved = arena_array(self->op.arena, count + 1, sizeof *self->moved);
	self->inside = arena_array(self->op.arena, count + 1, sizeof *self->inside);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
