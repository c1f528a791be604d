/* Admin operations: each is one statement with parameters as text, and one small answer. */
#include "store/admin.h"

#include "store/op.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/admin.sql.h"

enum { ADMIN_PARAMS = 8 };

struct admin_op {
	struct op op;
	struct statement statement;
	const char *params[ADMIN_PARAMS];
	size_t count;
	const char *missing;      /* message when no row comes back; NULL = that is fine */
	enum error_code missing_code;
	bool found;
	int64_t number;           /* first column of the row */
	json_t *rows;             /* where the answer is JSON */
	bool is_json;
	void (*answer)(struct admin_op *self, const struct error *error);
	union {
		store_done_fn *done;
		store_id_fn *id;
		store_rows_fn *rows;
		store_job_fn *job;
		store_walk_fn *walk;
	} fn;
	void *arg;
};

static enum op_more admin_segment(struct op *op, int number)
{
	struct admin_op *self = (struct admin_op *)op;
	struct params *params = op_params(op);
	(void)number;
	for (size_t i = 0; i < self->count; i++)
		param_text(params, str_of(self->params[i]));
	op_send(op, self->statement, 0);
	return OP_LAST;
}

static void admin_rows(struct op *op, int tag, const PGresult *rows)
{
	struct admin_op *self = (struct admin_op *)op;
	(void)tag;
	self->found = PQntuples(rows) > 0;
	if (!self->found && self->missing)
		op_fail(op, self->missing_code, NULL, "%s", self->missing);
	if (!self->found)
		return;
	json_decref(self->rows); /* of a try that was undone */
	self->rows = self->is_json ? json_loads(PQgetvalue(rows, 0, 0), 0, NULL) : NULL;
	self->number = strtoll(PQgetvalue(rows, 0, 0), NULL, 10);
}

static void admin_done(struct op *op, const struct error *error)
{
	struct admin_op *self = (struct admin_op *)op;
	self->answer(self, error);
	json_decref(self->rows);
}

static void answer_done(struct admin_op *self, const struct error *error)
{
	self->fn.done(self->arg, error);
}

static void answer_id(struct admin_op *self, const struct error *error)
{
	self->fn.id(self->arg, error ? 0 : self->number, error);
}

static void answer_rows(struct admin_op *self, const struct error *error)
{
	self->fn.rows(self->arg, error ? NULL : self->rows, error);
}

static void answer_job(struct admin_op *self, const struct error *error)
{
	self->fn.job(self->arg, !error && self->number != 0, error);
}

static const struct op_class admin_class = {.kind = OP_WRITE, .text_rows = true, .segment = admin_segment, .rows = admin_rows, .done = admin_done};

static struct admin_op *admin_new(struct store *store, struct statement statement, void *arg)
{
	struct admin_op *self = op_new(store, &admin_class, sizeof *self);
	self->statement = statement;
	self->arg = arg;
	return self;
}

static struct admin_op *new_done(struct store *store, struct statement statement, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_new(store, statement, arg);
	self->answer = answer_done;
	self->fn.done = fn;
	return self;
}

static struct admin_op *new_id(struct store *store, struct statement statement, store_id_fn *fn, void *arg)
{
	struct admin_op *self = admin_new(store, statement, arg);
	self->answer = answer_id;
	self->fn.id = fn;
	return self;
}

static void add_text(struct admin_op *self, const char *text)
{
	self->params[self->count++] = arena_dup(self->op.arena, text);
}

static void add_number(struct admin_op *self, int64_t number)
{
	self->params[self->count++] = arena_printf(self->op.arena, "%lld", (long long)number);
}

static void add_moment(struct admin_op *self, moment_t moment)
{
	char text[MOMENT_TEXT];
	add_text(self, moment_format(moment, text));
}

static void add_json(struct admin_op *self, const json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	add_text(self, text);
	free(text);
}

static void must_find(struct admin_op *self, enum error_code code, const char *message)
{
	self->missing = message;
	self->missing_code = code;
}

/* ---- tokens and people ---- */

void store_token_create(struct store *store, const unsigned char hash[HASH_SHA256], const char *name, const char *scope, int64_t life,
			store_id_fn *fn, void *arg)
{
	char hex[HASH_HEX];
	struct admin_op *self = new_id(store, STATEMENT(token_create), fn, arg);
	add_text(self, hash_hex(hash, HASH_SHA256, hex));
	add_text(self, name);
	add_text(self, scope);
	if (life)
		add_number(self, life);
	else
		add_text(self, NULL);
	op_submit(&self->op);
}

void store_token_revoke(struct store *store, int64_t token_id, store_done_fn *fn, void *arg)
{
	struct admin_op *self = new_done(store, STATEMENT(token_revoke), fn, arg);
	must_find(self, ERROR_NOT_FOUND, "there is no such token, or it is revoked already.");
	add_number(self, token_id);
	op_submit(&self->op);
}

void store_person_add(struct store *store, const char *name, const char *email, const char *role, store_id_fn *fn, void *arg)
{
	struct admin_op *self = new_id(store, STATEMENT(person_add), fn, arg);
	must_find(self, ERROR_CONFLICT, "there is a person of this name already.");
	add_text(self, name);
	add_text(self, email);
	add_text(self, role);
	op_submit(&self->op);
}

/* ---- jobs ---- */

void store_job_create(struct store *store, const char *kind, const json_t *arguments, const char *owner, moment_t now, store_id_fn *fn, void *arg)
{
	struct admin_op *self = new_id(store, STATEMENT(job_create), fn, arg);
	add_text(self, kind);
	add_json(self, arguments);
	add_text(self, owner);
	add_moment(self, now);
	op_submit(&self->op);
}

void store_job_ask(struct store *store, const char *kind, const json_t *arguments, moment_t now, store_id_fn *fn, void *arg)
{
	struct admin_op *self = new_id(store, STATEMENT(job_ask), fn, arg);
	add_text(self, kind);
	add_json(self, arguments);
	add_moment(self, now);
	op_submit(&self->op);
}

void store_job_daily(struct store *store, const char *kind, const json_t *arguments, moment_t now, store_id_fn *fn, void *arg)
{
	struct admin_op *self = new_id(store, STATEMENT(job_daily), fn, arg);
	add_text(self, kind);
	add_json(self, arguments);
	add_moment(self, now);
	op_submit(&self->op);
}

void store_job_take(struct store *store, int64_t id, const char *kind, const char *owner, store_rows_fn *fn, void *arg)
{
	struct admin_op *self = admin_new(store, STATEMENT(job_take), arg);
	self->answer = answer_rows;
	self->fn.rows = fn;
	self->is_json = true;
	if (id)
		add_number(self, id);
	else
		add_text(self, NULL);
	add_text(self, kind);
	add_text(self, owner);
	op_submit(&self->op);
}

void store_job_progress(struct store *store, int64_t id, const char *owner, int64_t progress, int64_t total, const json_t *result, store_job_fn *fn, void *arg)
{
	struct admin_op *self = admin_new(store, STATEMENT(job_progress), arg);
	self->answer = answer_job;
	self->fn.job = fn;
	must_find(self, ERROR_DENIED, "this job is not ours any more: somebody else has taken it, or it is over.");
	add_number(self, id);
	add_text(self, owner);
	if (progress < 0)
		add_text(self, NULL);
	else
		add_number(self, progress);
	if (total < 0)
		add_text(self, NULL);
	else
		add_number(self, total);
	add_json(self, result);
	op_submit(&self->op);
}

void store_job_end(struct store *store, int64_t id, const char *owner, const char *state, const json_t *result, const char *error, moment_t now,
		   store_done_fn *fn, void *arg)
{
	struct admin_op *self = new_done(store, STATEMENT(job_end), fn, arg);
	must_find(self, ERROR_DENIED, "this job is not ours any more: somebody else has taken it, or it is over.");
	add_number(self, id);
	add_text(self, owner);
	add_text(self, state);
	add_json(self, result);
	add_text(self, error);
	add_moment(self, now);
	op_submit(&self->op);
}

static void answer_cancel(struct admin_op *self, const struct error *error)
{
	struct error over;
	if (!error && self->number == 0) {
		error_set(&over, ERROR_CONFLICT, NULL, "this job is over already.");
		error = &over;
	}
	self->fn.done(self->arg, error);
}

void store_job_slim(struct store *store, int64_t id, const char *owner, const char *state, const json_t *result, const char *without, store_done_fn *fn, void *arg)
{
	struct admin_op *self = new_done(store, STATEMENT(job_slim), fn, arg);
	add_number(self, id);
	add_text(self, owner);
	add_text(self, state);
	add_json(self, result);
	add_text(self, without);
	op_submit(&self->op);
}

void store_job_put_back(struct store *store, int64_t id, const char *owner, store_done_fn *fn, void *arg)
{
	struct admin_op *self = new_done(store, STATEMENT(job_put_back), fn, arg);
	add_number(self, id);
	add_text(self, owner);
	op_submit(&self->op);
}

void store_job_cancel(struct store *store, int64_t id, const char *by, store_done_fn *fn, void *arg)
{
	struct admin_op *self = new_done(store, STATEMENT(job_cancel), fn, arg);
	self->answer = answer_cancel;
	must_find(self, ERROR_NOT_FOUND, "there is no such job.");
	add_number(self, id);
	add_text(self, by);
	op_submit(&self->op);
}

/* ---- upkeep ---- */

void store_partitions(struct store *store, moment_t now, store_done_fn *fn, void *arg)
{
	struct admin_op *self = new_done(store, STATEMENT(partitions), fn, arg);
	add_moment(self, now);
	op_submit(&self->op);
}

void store_keys_purge(struct store *store, moment_t now, int limit, store_id_fn *fn, void *arg)
{
	struct admin_op *self = new_id(store, STATEMENT(keys_purge), fn, arg);
	add_moment(self, now);
	add_number(self, limit);
	op_submit(&self->op);
}

void store_imports_purge(struct store *store, moment_t now, int limit, store_id_fn *fn, void *arg)
{
	struct admin_op *self = new_id(store, STATEMENT(imports_purge), fn, arg);
	add_moment(self, now);
	add_number(self, limit);
	op_submit(&self->op);
}

void store_visitors_purge(struct store *store, moment_t since, int64_t after, int limit, store_id_fn *fn, void *arg)
{
	struct admin_op *self = new_id(store, STATEMENT(visitors_forget), fn, arg);
	add_moment(self, since);
	add_number(self, after);
	add_number(self, limit);
	op_submit(&self->op);
}

void store_merges_purge(struct store *store, moment_t now, store_id_fn *fn, void *arg)
{
	struct admin_op *self = new_id(store, STATEMENT(merges_purge), fn, arg);
	add_moment(self, now);
	op_submit(&self->op);
}

void store_lead_release(struct store *store, int64_t lead_id, store_done_fn *fn, void *arg)
{
	struct admin_op *self = new_done(store, STATEMENT(lead_release), fn, arg);
	must_find(self, ERROR_NOT_FOUND, "this lead is not parked.");
	add_number(self, lead_id);
	op_submit(&self->op);
}

void store_lead_failed(struct store *store, int64_t lead_id, const char *note, store_done_fn *fn, void *arg)
{
	struct admin_op *self = new_done(store, STATEMENT(lead_failed), fn, arg);
	must_find(self, ERROR_UNAVAILABLE, "the clock's row is not there yet.");
	add_number(self, lead_id);
	add_text(self, note);
	op_submit(&self->op);
}

void store_engine_trouble(struct store *store, const char *what, const struct error *why, store_done_fn *fn, void *arg)
{
	struct admin_op *self = new_done(store, STATEMENT(engine_trouble), fn, arg);
	add_text(self, what);
	add_text(self, error_code_name(why->code));
	add_text(self, why->where);
	add_text(self, why->message);
	op_submit(&self->op);
}

void store_account_recount(struct store *store, int64_t account_id, store_done_fn *fn, void *arg)
{
	struct admin_op *self = new_done(store, STATEMENT(account_recount), fn, arg);
	must_find(self, ERROR_NOT_FOUND, "there is no such account.");
	add_number(self, account_id);
	op_submit(&self->op);
}

/* ---- the walk of a rescore ---- */

static int64_t number_in(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

static void answer_walk(struct admin_op *self, const struct error *error)
{
	json_t *row = self->rows;
	const struct store_walk walk = {
		.over = (int)number_in(row, "over"), .accounts_over = (int)number_in(row, "accounts_over"), .leads = number_in(row, "leads"),
		.changed = number_in(row, "changed"), .graded = number_in(row, "graded"), .handed = number_in(row, "handed"), .errors = number_in(row, "errors"),
		.accounts = number_in(row, "accounts"), .accounts_total = number_in(row, "accounts_total"), .accounts_changed = number_in(row, "accounts_changed"),
		.accounts_graded = number_in(row, "accounts_graded"), .newest = number_in(row, "newest"), .behind = json_is_true(json_object_get(row, "behind"))};
	self->fn.walk(self->arg, error ? NULL : &walk, error);
}

void store_walk_look(struct store *store, int64_t job, int64_t heard, store_walk_fn *fn, void *arg)
{
	struct admin_op *self = admin_new(store, STATEMENT(walk_look), arg);
	self->answer = answer_walk;
	self->fn.walk = fn;
	self->is_json = true;
	self->missing = "another walk over all leads began.";
	self->missing_code = ERROR_DENIED;
	add_number(self, job);
	if (heard >= 0)
		add_number(self, heard);
	else
		add_text(self, "");
	op_submit(&self->op);
}

void store_leads_count(struct store *store, store_id_fn *fn, void *arg)
{
	op_submit(&new_id(store, STATEMENT(leads_count), fn, arg)->op);
}
