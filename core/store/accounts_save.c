/* What the turns of accounts decided, written in a handful of statements whatever their number; and waking their people. The rows of the inbox go in
 * the transaction that sums them up, so nothing is counted twice or not at all. */
#include "store/accounts.h"

#include "store/fence.h"

#include "base/log.h"

#include <stdlib.h>

#include "store/accounts_save.sql.h"

enum { TAG_TAKEN = 1, TAG_FIELDS };

/* ---- saving ---- */

struct accounts_saving {
	struct op op;
	const struct accounts_save *save;
	size_t taken; /* inbox rows that must go */
	store_done_fn *fn;
	void *arg;
};

#define EACH_ACCOUNT(self, a) for (const struct save_account *a = (self)->save->accounts; a < (self)->save->accounts + (self)->save->count; a++)

static struct params *start(struct accounts_saving *self, bool now)
{
	struct params *p = op_params(&self->op);
	param_int4(p, self->save->batch->shard);
	if (now)
		param_time(p, self->save->batch->now);
	return p;
}

static void send_taken(struct accounts_saving *self)
{
	struct param *ids = param_array(start(self, false), PARAM_INT8);
	for (size_t i = 0; !self->save->part && i < self->save->batch->id_count; i++)
		array_int8(ids, self->save->batch->ids[i]);
	EACH_ACCOUNT(self, a)
		for (size_t i = 0; self->save->part && i < a->row->message_count; i++)
			array_int8(ids, a->row->messages[i].id);
	self->taken = ids->count;
	if (ids->count)
		op_send(&self->op, STATEMENT(accounts_taken), TAG_TAKEN);
}

static void send_fields(struct accounts_saving *self)
{
	struct params *p = op_params(&self->op);
	param_time(p, self->save->batch->now);
	struct param *account = param_array(p, PARAM_INT8), *patch = param_array(p, PARAM_JSONB);
	EACH_ACCOUNT(self, a) {
		if (!a->patch.n)
			continue;
		array_int8(account, a->row->account->id);
		array_json(patch, a->patch);
	}
	if (account->count)
		op_send(&self->op, STATEMENT(accounts_fields), TAG_FIELDS);
}

static bool is_graded(const struct save_account *a)
{
	for (size_t i = 0; i < a->change_count; i++)
		if (a->changes[i].is_grade)
			return true;
	return false;
}

static void send_walk(struct accounts_saving *self)
{
	int64_t accounts = 0, changed = 0, graded = 0;
	EACH_ACCOUNT(self, a) {
		accounts += a->row->stale;
		changed += a->row->stale && a->change_count;
		graded += a->row->stale && is_graded(a);
	}
	if (!accounts || !self->save->batch->walk)
		return;
	struct params *p = start(self, false);
	param_int8(p, self->save->batch->walk);
	param_text(p, str_of(self->save->words));
	param_int8(p, accounts);
	param_int8(p, changed);
	param_int8(p, graded);
	op_send(&self->op, STATEMENT(accounts_walk_on), 0);
}

static void send_no_failures(struct accounts_saving *self)
{
	struct param *account = param_array(op_params(&self->op), PARAM_INT8);
	EACH_ACCOUNT(self, a)
		if (a->row->failing)
			array_int8(account, a->row->account->id);
	if (account->count)
		op_send(&self->op, STATEMENT(accounts_no_failure), 0);
}

static int best_of(const struct account_summary *summary)
{
	int best = 0;
	bool any = false;
	for (size_t i = 0; i < summary->score_count; i++) {
		const struct score *s = &summary->scores[i];
		if (!s->is_grade && (!any || s->points > best))
			best = s->points;
		any = any || !s->is_grade;
	}
	return best;
}

static void send_summaries(struct accounts_saving *self)
{
	struct params *p = start(self, true);
	param_text(p, str_of(self->save->words));
	struct param *account = param_array(p, PARAM_INT8), *people = param_array(p, PARAM_INT4), *roles = param_array(p, PARAM_TEXT),
		     *packed = param_array(p, PARAM_TEXT), *best = param_array(p, PARAM_INT4);
	EACH_ACCOUNT(self, a) {
		const int *n = a->row->summary->people;
		char text[ROLE_SLOTS * 12];
		int size = 0, sum = 0;
		for (int i = 0; i < ROLE_SLOTS; i++) {
			size += snprintf(text + size, sizeof text - (size_t)size, "%s%d", i ? " " : "", n[i]);
			sum += n[i];
		}
		array_int8(account, a->row->account->id);
		array_int4(people, sum);
		array_text(roles, str_of(text));
		array_text(packed, a->packed);
		array_int4(best, best_of(a->row->summary));
	}
	if (account->count)
		op_send(&self->op, STATEMENT(accounts_summary), 0);
}

static void send_scores(struct accounts_saving *self)
{
	struct params *p = start(self, true);
	struct param *account = param_array(p, PARAM_INT8), *name = param_array(p, PARAM_TEXT), *is_grade = param_array(p, PARAM_BOOL),
		     *points = param_array(p, PARAM_INT4), *grade = param_array(p, PARAM_TEXT), *band = param_array(p, PARAM_TEXT);
	EACH_ACCOUNT(self, a)
		for (size_t i = 0; i < a->row->summary->score_count; i++) {
			const struct score *s = &a->row->summary->scores[i];
			array_int8(account, a->row->account->id);
			array_text(name, s->name);
			array_bool(is_grade, s->is_grade);
			array_int4(points, s->points);
			array_text_or_null(grade, s->grade);
			array_text_or_null(band, s->band);
		}
	if (account->count)
		op_send(&self->op, STATEMENT(accounts_score), 0);
}

/* All accounts of a batch have the scores that the playbook gives; those of none had none. */
static void send_scores_gone(struct accounts_saving *self)
{
	struct params *p = start(self, false);
	struct param *account = param_array(p, PARAM_INT8), *names = param_array(p, PARAM_TEXT);
	const struct account_summary *summary = self->save->count ? self->save->accounts[0].row->summary : NULL;
	EACH_ACCOUNT(self, a)
		if (a->row->account->summary && a->row->account->summary->score_count)
			array_int8(account, a->row->account->id);
	for (size_t i = 0; summary && i < summary->score_count; i++)
		array_text(names, str_of(arena_printf(self->op.arena, "%s %.*s", summary->scores[i].is_grade ? "g" : "m", STR_ARG(summary->scores[i].name))));
	if (account->count)
		op_send(&self->op, STATEMENT(accounts_score_gone), 0);
}

static void send_changes(struct accounts_saving *self)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_TEXT, PARAM_BOOL, PARAM_INT4, PARAM_INT4, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT,
						PARAM_TEXT};
	struct param *c[10];
	struct params *p = start(self, true);
	param_text(p, str_of(self->save->revision));
	for (size_t i = 0; i < 10; i++)
		c[i] = param_array(p, types[i]);
	EACH_ACCOUNT(self, a)
		for (size_t i = 0; i < a->change_count; i++) {
			const struct save_score_change *s = &a->changes[i];
			array_int8(c[0], a->row->account->id);
			array_text(c[1], s->name);
			array_bool(c[2], s->is_grade);
			array_int4(c[3], s->old_points);
			array_int4(c[4], s->new_points);
			array_text_or_null(c[5], s->old_grade);
			array_text_or_null(c[6], s->new_grade);
			array_text_or_null(c[7], s->old_band);
			array_text_or_null(c[8], s->new_band);
			array_text(c[9], s->cause);
		}
	if (c[0]->count)
		op_send(&self->op, STATEMENT(accounts_change), 0);
}

static int people_of(const struct save_account *a)
{
	int sum = 0;
	for (int i = 0; i < ROLE_SLOTS; i++)
		sum += a->row->summary->people[i];
	return sum;
}

static void send_wakes(struct accounts_saving *self)
{
	struct params *p = start(self, false);
	struct param *account = param_array(p, PARAM_INT8), *wake = param_array(p, PARAM_INT4), *people = param_array(p, PARAM_INT4);
	EACH_ACCOUNT(self, a) {
		if (!a->wake)
			continue;
		array_int8(account, a->row->account->id);
		array_int4(wake, (int)a->wake);
		array_int4(people, people_of(a));
	}
	if (account->count)
		op_send(&self->op, STATEMENT(accounts_wake), 0);
	struct param *lead = param_array(op_params(&self->op), PARAM_INT8);
	EACH_ACCOUNT(self, a)
		for (size_t i = 0; i < a->sender_count; i++)
			array_int8(lead, a->senders[i]);
	if (lead->count)
		op_send(&self->op, STATEMENT(accounts_senders), 0);
}

static enum op_more save_segment(struct op *op, int number)
{
	struct accounts_saving *self = (struct accounts_saving *)op;
	(void)number;
	fence_send_epoch(op, "engine", self->save->batch->shard, self->save->owner, self->save->batch->epoch);
	send_taken(self);
	send_walk(self);
	send_fields(self);
	send_no_failures(self);
	send_summaries(self);
	send_scores_gone(self);
	send_scores(self);
	send_changes(self);
	send_wakes(self);
	return OP_LAST;
}

static void save_rows(struct op *op, int tag, const PGresult *rows)
{
	struct accounts_saving *self = (struct accounts_saving *)op;
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
	else if (tag == TAG_TAKEN && strtoull(PQcmdTuples((PGresult *)(uintptr_t)rows), NULL, 10) != self->taken)
		op_fail(op, ERROR_DENIED, "account_inbox", "these accounts have had their turn elsewhere: nothing was written.");
	for (int i = 0; tag == TAG_FIELDS && i < PQntuples(rows); i++)
		log_warn("account.name_kept", log_int("account", row_int8(rows, i, 0)), log_str("message", "another account without a domain has the new name"));
}

static void save_done(struct op *op, const struct error *error)
{
	struct accounts_saving *self = (struct accounts_saving *)op;
	self->fn(self->arg, error);
}

void store_accounts_save(struct store *store, const struct accounts_save *save, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = save_segment, .rows = save_rows, .done = save_done};
	struct accounts_saving *self = op_new(store, &class, sizeof *self);
	self->save = save;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

/* ---- refused ---- */

struct accounts_refusing {
	struct op op;
	const char *owner;
	const struct account_batch *batch;
	const struct account_row *row;
	struct error why;
	store_done_fn *fn;
	void *arg;
};

static enum op_more refuse_segment(struct op *op, int number)
{
	struct accounts_refusing *self = (struct accounts_refusing *)op;
	(void)number;
	fence_send_epoch(op, "engine", self->batch->shard, self->owner, self->batch->epoch);
	struct params *p = op_params(op);
	param_int8(p, self->row->account->id);
	param_time(p, self->batch->now);
	param_text(p, str_of(self->why.where));
	param_text(p, str_of(self->why.message));
	op_send(op, STATEMENT(accounts_failure), 0);
	if (self->row->message_count)
		return OP_LAST;
	param_int8(op_params(op), self->row->account->id); /* no message would bring it back */
	op_send(op, STATEMENT(accounts_look_again), 0);
	return OP_LAST;
}

static void refuse_rows(struct op *op, int tag, const PGresult *rows)
{
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
}

static void refuse_done(struct op *op, const struct error *error)
{
	struct accounts_refusing *self = (struct accounts_refusing *)op;
	self->fn(self->arg, error);
}

void store_accounts_refuse(struct store *store, const char *owner, const struct account_batch *batch, const struct account_row *row,
			   const struct error *why, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = refuse_segment, .rows = refuse_rows, .done = refuse_done};
	struct accounts_refusing *self = op_new(store, &class, sizeof *self);
	self->owner = arena_dup(self->op.arena, owner);
	self->batch = batch;
	self->row = row;
	self->why = *why;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

/* ---- waking ---- */

struct accounts_waking {
	struct op op;
	const char *owner;
	int shard;
	int64_t walked;
	store_done_fn *fn;
	void *arg;
};

static enum op_more wake_segment(struct op *op, int number)
{
	struct accounts_waking *self = (struct accounts_waking *)op;
	(void)number;
	fence_send(op, "engine", self->shard, self->owner);
	if (self->walked) {
		struct params *p = op_params(op);
		param_int4(p, self->shard);
		param_int8(p, self->walked);
		op_send(op, STATEMENT(accounts_walk_over), 0);
	}
	param_int4(op_params(op), self->shard);
	op_send(op, STATEMENT(accounts_wake_page), 0);
	return OP_LAST;
}

static void wake_rows(struct op *op, int tag, const PGresult *rows)
{
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
}

static void wake_done(struct op *op, const struct error *error)
{
	struct accounts_waking *self = (struct accounts_waking *)op;
	self->fn(self->arg, error);
}

void store_accounts_wake(struct store *store, const char *owner, int shard, int64_t walked, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = wake_segment, .rows = wake_rows, .done = wake_done};
	struct accounts_waking *self = op_new(store, &class, sizeof *self);
	self->owner = arena_dup(self->op.arena, owner);
	self->shard = shard;
	self->walked = walked;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
