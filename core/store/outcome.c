/* How deliveries ended: touch, attempt, and what the lead's turn must know of it, in one transaction. An outcome that comes twice (its COMMIT
 * answer was lost) or late finds its touch not in hand any more and changes nothing. */
#include "store/outbox.h"

#include "store/event_write.h"
#include "store/ids.h"
#include "store/outbox_inside.h"

#include "store/outcome.sql.h"

#include <stdlib.h>

enum { TAG_NONE, TAG_MOVED };

struct outcome_op {
	struct op op;
	const char *token;
	const struct outcome *outcomes; /* borrowed until fn */
	const struct outcome **sorted;  /* by shard and touch: the order in which rows are locked */
	size_t count;
	moment_t now;
	bool *moved;
	store_moved_fn *fn;
	void *arg;
};

/* ---- what is told of it ---- */

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
	return o->came_back && str_is(o->kind, "letter") ? "letter.return" : "";
}

static void put_text(struct buf *data, const char *key, struct str value)
{
	if (!value.n)
		return;
	buf_puts(data, data->n > 1 ? ",\"" : "\"");
	buf_puts(data, key);
	buf_puts(data, "\":");
	buf_put_json(data, value);
}

/* `over`: with what the walk that waits for the touch must know. What the remote said to a success stands in the touch. */
static struct str data_of(const struct outcome *o, bool over, struct arena *arena)
{
	struct buf data = {0};
	buf_putc(&data, '{');
	if (over)
		buf_printf(&data, "\"touch\":%lld", (long long)o->touch_id);
	if (over)
		put_text(&data, "outcome", str_of(touch_state_name(o->state)));
	if (o->state != TOUCH_SENT)
		put_text(&data, "reason", o->reason);
	put_text(&data, "kind", o->rejected_as);
	put_text(&data, "campaign", o->campaign);
	put_text(&data, "step", o->step);
	put_text(&data, "answer", o->answer);
	if (o->said.n)
		buf_printf(&data, "%s\"set\":%.*s", data.n > 1 ? "," : "", STR_ARG(o->said));
	buf_putc(&data, '}');
	struct str text = arena_str(arena, buf_str(&data));
	buf_fini(&data);
	return text;
}

void outbox_tell(struct event_list *events, struct op *op, const struct outcome *o, bool over, bool kind, moment_t now)
{
	const char *verb = kind ? verb_of(o) : "";
	if (!over && !*verb)
		return;
	*event_list_add(events, op->arena) = (struct event_row){
		.id = ids_take(op, lead_shard(o->lead_id)), .lead_id = o->lead_id, .at = now, .received_at = now, .verb = *verb ? str_of(verb) : STR("touch.over"),
		.subject = *verb ? o->template_name : (struct str){"", 0}, .data = data_of(o, over, op->arena), .lane = LANE_LIVE};
}

/* ---- outcomes ---- */

enum {
	OUT_TOUCH, OUT_STATE, OUT_REASON, OUT_REMOTE, OUT_DUE, OUT_SPENT, OUT_ATTEMPT, OUT_DOUBT, OUT_BEFORE, /* token and now stand here */
	OUT_EVENT = OUT_BEFORE, OUT_LEAD, OUT_VERB, OUT_SUBJECT, OUT_DATA, OUT_CLAIMED, OUT_SETTLES, OUT_COLUMNS
};

static void put_move(struct param *const c[], const struct outcome *o)
{
	array_int8(c[OUT_TOUCH], o->touch_id);
	array_text(c[OUT_STATE], str_of(touch_state_name(o->state)));
	array_text_or_null(c[OUT_REASON], o->reason);
	array_text_or_null(c[OUT_REMOTE], o->remote_id);
	array_time_or_null(c[OUT_DUE], o->due_at);
	array_bool(c[OUT_SPENT], o->attempt_spent);
	array_int4(c[OUT_ATTEMPT], o->attempt);
	array_bool(c[OUT_DOUBT], o->doubt || o->state == TOUCH_IN_DOUBT);
	array_time_or_null(c[OUT_CLAIMED], o->claimed_at);
	array_bool(c[OUT_SETTLES], o->settles);
}

/* Whether it is a mail to one of us, the row knows. */
static void put_event(struct outcome_op *self, struct param *const c[], const struct outcome *o)
{
	struct event_list one = {0};
	array_int8(c[OUT_LEAD], o->lead_id);
	if (outbox_is_over(o->state))
		outbox_tell(&one, &self->op, o, true, true, self->now);
	if (!one.count) {
		for (int i = OUT_VERB; i <= OUT_DATA; i++)
			array_null(c[i]);
		array_null(c[OUT_EVENT]);
		return;
	}
	array_int8(c[OUT_EVENT], one.rows->id);
	array_text(c[OUT_VERB], one.rows->verb);
	array_text_or_null(c[OUT_SUBJECT], one.rows->subject);
	array_json(c[OUT_DATA], one.rows->data);
}

static enum op_more outcome_segment(struct op *op, int number)
{
	static const enum param_type types[OUT_COLUMNS] = {PARAM_INT8, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TIME, PARAM_BOOL, PARAM_INT4,
							   PARAM_BOOL, PARAM_INT8, PARAM_INT8, PARAM_TEXT, PARAM_TEXT, PARAM_JSONB, PARAM_TIME, PARAM_BOOL};
	struct outcome_op *self = (struct outcome_op *)op;
	struct param *c[OUT_COLUMNS];
	if (number == 0 && !ids_ask(op, self->count))
		return OP_MORE;
	struct params *p = op_params(op);
	for (size_t i = 0; i < OUT_COLUMNS; i++) {
		if (i == OUT_BEFORE) {
			param_text(p, str_of(self->token));
			param_time(p, self->now);
		}
		c[i] = param_array(p, types[i]);
	}
	for (size_t i = 0; i < self->count; i++) {
		put_move(c, self->sorted[i]);
		put_event(self, c, self->sorted[i]);
	}
	op_send(op, STATEMENT(outbox_outcomes), TAG_MOVED);
	return OP_LAST;
}

static void outcome_rows(struct op *op, int tag, const PGresult *rows)
{
	struct outcome_op *self = (struct outcome_op *)op;
	if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == TAG_MOVED)
		for (int i = 0; i < PQntuples(rows); i++)
			self->moved[self->sorted[row_int4(rows, i, 0)] - self->outcomes] = true;
}

static void outcome_done(struct op *op, const struct error *error)
{
	struct outcome_op *self = (struct outcome_op *)op;
	self->fn(self->arg, error ? NULL : self->moved, self->count, error);
}

static int by_row(const void *left, const void *right)
{
	int64_t a = (*(const struct outcome *const *)left)->touch_id, b = (*(const struct outcome *const *)right)->touch_id;
	int shards = lead_shard(a) - lead_shard(b);
	return shards ? shards : (a > b) - (a < b);
}

static void sort(struct outcome_op *self)
{
	self->sorted = arena_array(self->op.arena, self->count + 1, sizeof *self->sorted);
	for (size_t i = 0; i < self->count; i++)
		self->sorted[i] = &self->outcomes[i];
	qsort(self->sorted, self->count, sizeof *self->sorted, by_row);
}

void store_outcomes(struct store *store, const char *token, const struct outcome *outcomes, size_t count,
		    moment_t now, store_moved_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = outcome_segment, .rows = outcome_rows, .done = outcome_done};
	struct outcome_op *self = op_new(store, &class, sizeof *self);
	self->token = arena_dup(self->op.arena, token);
	self->outcomes = outcomes;
	self->count = count;
	self->now = now;
	self->moved = arena_array(self->op.arena, count + 1, sizeof *self->moved);
	sort(self);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
