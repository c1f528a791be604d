/* One statement for each act, of resume two; that the lead is there is said by its answer. */
#include "store/campaign.h"

#include "store/op.h"
#include "store/query.h"
#include "store/row.h"

#include "store/campaign.sql.h"

const char *const store_campaign_acts[] = {"pause", "resume", "enroll", "leave", "finish", NULL};
static const char *const verbs[] = {"campaign.pause", "campaign.resume", "campaign.enter", "campaign.remove"};

struct campaign_op {
	struct op op;
	struct store_campaign ask;
	bool changed;          /* the whole campaign's row was */
	json_t *answer;
	store_campaign_fn *fn;
	void *arg;
};

enum { TAG_ANSWER, TAG_CHANGED };

static enum op_more wake(struct campaign_op *self)
{
	struct params *p = op_params(&self->op);
	param_text(p, self->ask.campaign);
	param_time(p, self->ask.now);
	param_bool(p, self->changed);
	param_text(p, str_of(store_campaign_acts[self->ask.act]));
	param_bool(p, self->changed && (self->ask.act != CAMPAIGN_FINISH || self->ask.let_out));
	op_send(&self->op, STATEMENT(campaign_wake), TAG_ANSWER);
	return OP_LAST;
}

static enum op_more campaign_segment(struct op *op, int segment)
{
	struct campaign_op *self = (struct campaign_op *)op;
	const struct store_campaign *ask = &self->ask;
	if (segment)
		return wake(self);
	struct params *p = op_params(op);
	param_text(p, ask->campaign);
	param_time(p, ask->now);
	param_text(p, str_of(ask->actor));
	if (!ask->lead) {
		bool pause = ask->act == CAMPAIGN_PAUSE, finish = ask->act == CAMPAIGN_FINISH;
		if (finish)
			param_bool(p, ask->let_out);
		op_send(op, pause ? STATEMENT(campaign_pause) : finish ? STATEMENT(campaign_finish) : STATEMENT(campaign_resume), pause ? TAG_ANSWER : TAG_CHANGED);
		return pause ? OP_LAST : OP_MORE;
	}
	param_int8(p, ask->lead);
	param_text(p, str_of(verbs[ask->act]));
	param_text(p, str_of(store_campaign_acts[ask->act]));
	op_send(op, STATEMENT(campaign_ask), TAG_ANSWER);
	return OP_LAST;
}

static void campaign_rows(struct op *op, int tag, const PGresult *rows)
{
	struct campaign_op *self = (struct campaign_op *)op;
	if (tag == TAG_CHANGED)
		self->changed = PQntuples(rows) > 0;
	else if (PQntuples(rows) && !self->answer)
		self->answer = query_row(rows, 0);
	else if (!PQntuples(rows))
		op_fail(op, ERROR_NOT_FOUND, "lead", "there is no lead %lld.", (long long)self->ask.lead);
}

static void campaign_done(struct op *op, const struct error *error)
{
	struct campaign_op *self = (struct campaign_op *)op;
	self->fn(self->arg, error ? NULL : self->answer, error);
	json_decref(self->answer);
}

void store_campaign(struct store *store, const struct store_campaign *ask, store_campaign_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .text_rows = true, .segment = campaign_segment, .rows = campaign_rows, .done = campaign_done};
	struct campaign_op *self = op_new(store, &class, sizeof *self);
	self->ask = *ask;
	self->ask.campaign = arena_str(self->op.arena, ask->campaign);
	self->ask.actor = ask->actor ? arena_dup(self->op.arena, ask->actor) : NULL;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

/* ---- behind a resume ---- */

struct wake_op {
	struct op op;
	int64_t woken;
	store_id_fn *fn;
	void *arg;
};

static enum op_more wake_segment(struct op *op, int segment)
{
	(void)segment;
	op_params(op);
	op_send(op, STATEMENT(campaign_wake_page), 0);
	return OP_LAST;
}

static void wake_rows(struct op *op, int tag, const PGresult *rows)
{
	(void)tag;
	((struct wake_op *)op)->woken = row_int8(rows, 0, 0);
}

static void wake_done(struct op *op, const struct error *error)
{
	struct wake_op *self = (struct wake_op *)op;
	self->fn(self->arg, self->woken, error);
}

void store_campaign_wake(struct store *store, store_id_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .segment = wake_segment, .rows = wake_rows, .done = wake_done};
	struct wake_op *self = op_new(store, &class, sizeof *self);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
