/* Asking for a merge. One transaction: who asks alone, what is known of both, the row of `merge` with the event for the loser's turn. */
#include "store/merge.h"

#include "store/query.h"

#include "store/merge.sql.h"

enum { TAG_NONE, TAG_FACTS, TAG_ANSWER };

struct merge_op {
	struct op op;
	struct store_merge merge;
	json_t *facts[2]; /* loser, winner */
	json_t *answer;
	store_merge_fn *fn;
	void *arg;
};

static long long number(const json_t *facts, const char *key)
{
	return (long long)json_integer_value(json_object_get(facts, key));
}

static bool erased(const json_t *facts)
{
	return json_is_true(json_object_get(facts, "erased"));
}

static void conflict(struct merge_op *self, const char *fmt, long long a, long long b)
{
	op_fail(&self->op, ERROR_CONFLICT, "lead", fmt, a, b);
}

/* The rules of what may be merged: one lead stands for the others, and none of these stands for any. */
static void check_merge(struct merge_op *self, const json_t *loser, const json_t *winner)
{
	const struct store_merge *m = &self->merge;
	if (m->loser == m->winner)
		conflict(self, "lead %lld cannot be merged into itself.", m->loser, 0);
	else if (!number(loser, "lead_id") || !number(winner, "lead_id") || json_is_true(json_object_get(loser, "anonymous")) ||
		 json_is_true(json_object_get(winner, "anonymous")))
		op_fail(&self->op, ERROR_NOT_FOUND, "lead", "there is no lead %lld.",
			(long long)(number(loser, "lead_id") && !json_is_true(json_object_get(loser, "anonymous")) ? m->winner : m->loser));
	else if (erased(loser) || erased(winner))
		conflict(self, "lead %lld was erased: it is merged with nobody.", erased(loser) ? m->loser : m->winner, 0);
	else if (number(loser, "winner"))
		conflict(self, "lead %lld is merged into %lld already.", m->loser, number(loser, "winner"));
	else if (number(winner, "winner"))
		conflict(self, "lead %lld is itself merged into %lld: merge into that one.", m->winner, number(winner, "winner"));
	else if (number(loser, "took") && number(winner, "took"))
		op_fail(&self->op, ERROR_CONFLICT, "lead", "both leads have taken in others. Take back lead %lld (unmerge %lld), then merge %lld and %lld into %lld.",
			number(loser, "took"), number(loser, "took"), number(loser, "took"), (long long)m->loser, (long long)m->winner);
	else if (number(loser, "took"))
		conflict(self, "lead %lld has taken in lead %lld: merge the other way round, or take that back first.", m->loser, number(loser, "took"));
}

static void check_back(struct merge_op *self, const json_t *loser)
{
	const struct store_merge *m = &self->merge;
	const char *state = json_string_value(json_object_get(loser, "state"));
	if (!number(loser, "lead_id"))
		op_fail(&self->op, ERROR_NOT_FOUND, "lead", "there is no lead %lld.", (long long)m->loser);
	else if (erased(loser))
		conflict(self, "lead %lld was erased: nothing of it can come back.", m->loser, 0);
	else if (!number(loser, "winner"))
		conflict(self, number(loser, "took") ? "lead %lld is not merged into another one. Lead %lld is merged into it: is that one meant?"
						     : "lead %lld is not merged into another one.", m->loser, number(loser, "took"));
	else if (state && str_is(str_of(state), "done") && !json_is_true(json_object_get(loser, "may_back")))
		conflict(self, "lead %lld was merged into %lld more than 90 days ago: this cannot be taken back any more.", m->loser, number(loser, "winner"));
}

static void ask_facts(struct merge_op *self)
{
	op_params(&self->op);
	op_send(&self->op, STATEMENT(merge_ask_lock), TAG_NONE);
	struct params *p = op_params(&self->op);
	param_int8(p, self->merge.loser);
	param_int8(p, self->merge.winner);
	param_time(p, self->merge.now);
	op_send(&self->op, STATEMENT(merge_facts), TAG_FACTS);
}

static void send_answer(struct merge_op *self)
{
	struct params *p = op_params(&self->op);
	param_int8(p, self->merge.loser);
	if (!self->merge.back)
		param_int8(p, self->merge.winner);
	if (!self->merge.dry) {
		param_time(p, self->merge.now);
		param_text(p, str_of(self->merge.actor));
	}
	if (self->merge.back)
		op_send(&self->op, self->merge.dry ? STATEMENT(unmerge_preview) : STATEMENT(unmerge_put), TAG_ANSWER);
	else
		op_send(&self->op, self->merge.dry ? STATEMENT(merge_preview) : STATEMENT(merge_put), TAG_ANSWER);
}

static enum op_more merge_segment(struct op *op, int segment)
{
	struct merge_op *self = (struct merge_op *)op;
	if (segment == 0) {
		ask_facts(self);
		return OP_MORE;
	}
	if (self->merge.back)
		check_back(self, self->facts[0]);
	else
		check_merge(self, self->facts[0], self->facts[1]);
	if (!op_failed(op))
		send_answer(self);
	return OP_LAST;
}

static void merge_rows(struct op *op, int tag, const PGresult *rows)
{
	struct merge_op *self = (struct merge_op *)op;
	for (int i = 0; i < PQntuples(rows) && tag == TAG_FACTS; i++) {
		json_t *facts = query_row(rows, i);
		size_t which = str_is(str_of(json_string_value(json_object_get(facts, "which"))), "winner");
		json_decref(self->facts[which]);
		self->facts[which] = facts;
	}
	if (tag == TAG_ANSWER && PQntuples(rows) && !self->answer)
		self->answer = query_row(rows, 0);
}

static void merge_done(struct op *op, const struct error *error)
{
	struct merge_op *self = (struct merge_op *)op;
	self->fn(self->arg, error ? NULL : self->answer, error);
	json_decref(self->answer);
	json_decref(self->facts[0]);
	json_decref(self->facts[1]);
}

void store_merge(struct store *store, const struct store_merge *merge, store_merge_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .text_rows = true, .segment = merge_segment, .rows = merge_rows, .done = merge_done};
	struct merge_op *self = op_new(store, &class, sizeof *self);
	self->merge = *merge;
	self->merge.actor = merge->actor ? arena_dup(self->op.arena, merge->actor) : NULL;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
