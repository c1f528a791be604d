/* What became later of touches that are over for their channel: news of the plugin. Coming twice changes nothing, so a plugin that did
 * not hear that it was recorded tells it again. */
#include "store/outbox.h"

#include "store/ids.h"
#include "store/outbox_inside.h"

#include "store/news.sql.h"

enum { TAG_NONE, TAG_JUDGED };

/* What to tell the lead's turn. */
struct told {
	struct outcome outcome;
	bool over, kind;
};

struct news_op {
	struct op op;
	const char *channel;
	const struct news *news; /* borrowed until fn */
	size_t count;
	int attempts_most;
	moment_t now;
	bool *recorded;
	struct told *told;
	size_t told_count;
	struct event_list events;
	store_moved_fn *fn;
	void *arg;
};

static void send_news(struct news_op *self)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TIME, PARAM_INT4, PARAM_BOOL};
	enum { COLUMNS = sizeof types / sizeof *types };
	struct params *p = op_params(&self->op);
	struct param *c[COLUMNS];
	for (size_t i = 0; i < COLUMNS; i++)
		c[i] = param_array(p, types[i]);
	for (size_t i = 0; i < self->count; i++) {
		const struct news *n = &self->news[i];
		array_int8(c[0], n->touch_id);
		array_text(c[1], str_of(touch_state_name(n->state)));
		array_text_or_null(c[2], n->reason);
		array_text_or_null(c[3], n->remote_id);
		array_time_or_null(c[4], n->due_at);
		array_int4(c[5], n->attempt);
		array_bool(c[6], n->doubt || n->state == TOUCH_IN_DOUBT);
	}
	param_text(p, str_of(self->channel));
	param_time(p, self->now);
	param_int4(p, self->attempts_most);
	op_send(&self->op, STATEMENT(outbox_news), TAG_JUDGED);
}

static enum op_more news_segment(struct op *op, int number)
{
	struct news_op *self = (struct news_op *)op;
	if (number == 0) {
		ids_ask(op, self->count);
		send_news(self);
		return OP_MORE;
	}
	for (size_t i = 0; i < self->told_count; i++) {
		const struct told *told = &self->told[i];
		outbox_tell(&self->events, op, &told->outcome, told->over, told->kind, self->now);
	}
	event_list_send(op, &self->events, TAG_NONE);
	return OP_LAST;
}

/* The turn waits for the end of what was queued, and calls a walk back by what came back; the others it knows to be over. */
static void judged_row(struct news_op *self, const PGresult *rows, int i)
{
	struct arena *arena = self->op.arena;
	const struct news *news = &self->news[row_int4(rows, i, 0)];
	enum touch_state becomes;
	struct str was = row_peek(rows, i, 4);
	self->recorded[row_int4(rows, i, 0)] = row_bool(rows, i, 2);
	if (!row_bool(rows, i, 1) || !touch_state_from(row_peek(rows, i, 3), &becomes))
		return;
	self->told[self->told_count++] = (struct told){
		.outcome = {.touch_id = row_int8(rows, i, 5), .lead_id = row_int8(rows, i, 6), .state = becomes, .reason = row_text(rows, i, 12, arena),
			    .kind = row_text(rows, i, 7, arena), .template_name = row_text(rows, i, 8, arena), .campaign = row_text(rows, i, 9, arena),
			    .step = row_text(rows, i, 10, arena), .channel = str_of(self->channel), .rejected_as = becomes == TOUCH_REJECTED ? news->rejected_as : (struct str){"", 0},
			    .came_back = becomes == TOUCH_REJECTED && str_is(was, "sent"),
			    .answer = becomes == TOUCH_SENT ? news->answer : (struct str){"", 0}, .said = becomes == TOUCH_SENT ? news->said : (struct str){"", 0}},
		.over = outbox_is_over(becomes) && (str_is(was, "queued") || str_is(was, "sent")), .kind = outbox_is_over(becomes) && !row_bool(rows, i, 11)};
}

static void news_rows(struct op *op, int tag, const PGresult *rows)
{
	if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == TAG_JUDGED)
		for (int i = 0; i < PQntuples(rows); i++)
			judged_row((struct news_op *)op, rows, i);
}

static void news_done(struct op *op, const struct error *error)
{
	struct news_op *self = (struct news_op *)op;
	self->fn(self->arg, error ? NULL : self->recorded, self->count, error);
}

void store_news(struct store *store, const char *channel, const struct news *news, size_t count, int attempts_most, moment_t now,
		store_moved_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = news_segment, .rows = news_rows, .done = news_done};
	struct news_op *self = op_new(store, &class, sizeof *self);
	self->channel = arena_dup(self->op.arena, channel);
	self->news = news;
	self->count = count;
	self->attempts_most = attempts_most;
	self->now = now;
	self->recorded = arena_array(self->op.arena, count + 1, sizeof *self->recorded);
	self->told = arena_array(self->op.arena, count + 1, sizeof *self->told);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
