/* Admin operations: each is one statement with parameters as text, and one small answer. */
#include "store/admin.h"

#include "store/admin_op.h"

#include "store/admin.sql.h"

/* ---- tokens ---- */

void store_token_create(struct store *store, const unsigned char hash[HASH_SHA256], const char *name, const char *scope, int64_t life,
			store_id_fn *fn, void *arg)
{
	char hex[HASH_HEX];
	struct admin_op *self = admin_op_id(store, STATEMENT(token_create), fn, arg);
	admin_op_text(self, hash_hex(hash, HASH_SHA256, hex));
	admin_op_text(self, name);
	admin_op_text(self, scope);
	if (life)
		admin_op_number(self, life);
	else
		admin_op_text(self, NULL);
	op_submit(&self->op);
}

void store_token_revoke(struct store *store, int64_t token_id, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(token_revoke), fn, arg);
	admin_op_must_find(self, ERROR_NOT_FOUND, "there is no such token, or it is revoked already.");
	admin_op_number(self, token_id);
	op_submit(&self->op);
}

/* ---- jobs ---- */

static void answer_job(struct admin_op *self, const struct error *error)
{
	self->fn.job(self->arg, !error && self->number != 0, error);
}

void store_job_create(struct store *store, const char *kind, const json_t *arguments, const char *owner, moment_t now, store_id_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_id(store, STATEMENT(job_create), fn, arg);
	admin_op_text(self, kind);
	admin_op_json(self, arguments);
	admin_op_text(self, owner);
	admin_op_moment(self, now);
	op_submit(&self->op);
}

void store_job_ask(struct store *store, const char *kind, const json_t *arguments, moment_t now, store_id_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_id(store, STATEMENT(job_ask), fn, arg);
	admin_op_text(self, kind);
	admin_op_json(self, arguments);
	admin_op_moment(self, now);
	op_submit(&self->op);
}

void store_job_daily(struct store *store, const char *kind, const json_t *arguments, moment_t now, store_id_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_id(store, STATEMENT(job_daily), fn, arg);
	admin_op_text(self, kind);
	admin_op_json(self, arguments);
	admin_op_moment(self, now);
	op_submit(&self->op);
}

void store_job_take(struct store *store, int64_t id, const char *kind, const char *owner, store_rows_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_rows(store, STATEMENT(job_take), fn, arg);
	if (id)
		admin_op_number(self, id);
	else
		admin_op_text(self, NULL);
	admin_op_text(self, kind);
	admin_op_text(self, owner);
	op_submit(&self->op);
}

void store_job_progress(struct store *store, int64_t id, const char *owner, int64_t progress, int64_t total, const json_t *result, store_job_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_new(store, STATEMENT(job_progress), arg);
	self->answer = answer_job;
	self->fn.job = fn;
	admin_op_must_find(self, ERROR_DENIED, "this job is not ours any more: somebody else has taken it, or it is over.");
	admin_op_number(self, id);
	admin_op_text(self, owner);
	if (progress < 0)
		admin_op_text(self, NULL);
	else
		admin_op_number(self, progress);
	if (total < 0)
		admin_op_text(self, NULL);
	else
		admin_op_number(self, total);
	admin_op_json(self, result);
	op_submit(&self->op);
}

void store_job_end(struct store *store, int64_t id, const char *owner, const char *state, const json_t *result, const char *error, moment_t now,
		   store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(job_end), fn, arg);
	admin_op_must_find(self, ERROR_DENIED, "this job is not ours any more: somebody else has taken it, or it is over.");
	admin_op_number(self, id);
	admin_op_text(self, owner);
	admin_op_text(self, state);
	admin_op_json(self, result);
	admin_op_text(self, error);
	admin_op_moment(self, now);
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
	struct admin_op *self = admin_op_done(store, STATEMENT(job_slim), fn, arg);
	admin_op_number(self, id);
	admin_op_text(self, owner);
	admin_op_text(self, state);
	admin_op_json(self, result);
	admin_op_text(self, without);
	op_submit(&self->op);
}

void store_job_put_back(struct store *store, int64_t id, const char *owner, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(job_put_back), fn, arg);
	admin_op_number(self, id);
	admin_op_text(self, owner);
	op_submit(&self->op);
}

void store_job_cancel(struct store *store, int64_t id, const char *by, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(job_cancel), fn, arg);
	self->answer = answer_cancel;
	admin_op_must_find(self, ERROR_NOT_FOUND, "there is no such job.");
	admin_op_number(self, id);
	admin_op_text(self, by);
	op_submit(&self->op);
}

/* ---- upkeep ---- */

void store_partitions(struct store *store, moment_t now, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(partitions), fn, arg);
	admin_op_moment(self, now);
	op_submit(&self->op);
}

void store_keys_purge(struct store *store, moment_t now, int limit, store_id_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_id(store, STATEMENT(keys_purge), fn, arg);
	admin_op_moment(self, now);
	admin_op_number(self, limit);
	op_submit(&self->op);
}

void store_imports_purge(struct store *store, moment_t now, int limit, store_id_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_id(store, STATEMENT(imports_purge), fn, arg);
	admin_op_moment(self, now);
	admin_op_number(self, limit);
	op_submit(&self->op);
}

void store_visitors_purge(struct store *store, moment_t since, int64_t after, int limit, store_id_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_id(store, STATEMENT(visitors_forget), fn, arg);
	admin_op_moment(self, since);
	admin_op_number(self, after);
	admin_op_number(self, limit);
	op_submit(&self->op);
}

void store_merges_purge(struct store *store, moment_t now, store_id_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_id(store, STATEMENT(merges_purge), fn, arg);
	admin_op_moment(self, now);
	op_submit(&self->op);
}

void store_lead_release(struct store *store, int64_t lead_id, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(lead_release), fn, arg);
	admin_op_must_find(self, ERROR_NOT_FOUND, "this lead is not parked.");
	admin_op_number(self, lead_id);
	op_submit(&self->op);
}

void store_lead_failed(struct store *store, int64_t lead_id, const char *note, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(lead_failed), fn, arg);
	admin_op_must_find(self, ERROR_UNAVAILABLE, "the clock's row is not there yet.");
	admin_op_number(self, lead_id);
	admin_op_text(self, note);
	op_submit(&self->op);
}

void store_engine_trouble(struct store *store, const char *what, const struct error *why, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(engine_trouble), fn, arg);
	admin_op_text(self, what);
	admin_op_text(self, error_code_name(why->code));
	admin_op_text(self, why->where);
	admin_op_text(self, why->message);
	op_submit(&self->op);
}

void store_account_recount(struct store *store, int64_t account_id, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(account_recount), fn, arg);
	admin_op_must_find(self, ERROR_NOT_FOUND, "there is no such account.");
	admin_op_number(self, account_id);
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
	struct admin_op *self = admin_op_new(store, STATEMENT(walk_look), arg);
	self->answer = answer_walk;
	self->fn.walk = fn;
	self->is_json = true;
	self->missing = "another walk over all leads began.";
	self->missing_code = ERROR_DENIED;
	admin_op_number(self, job);
	if (heard >= 0)
		admin_op_number(self, heard);
	else
		admin_op_text(self, "");
	op_submit(&self->op);
}

void store_leads_count(struct store *store, store_id_fn *fn, void *arg)
{
	op_submit(&admin_op_id(store, STATEMENT(leads_count), fn, arg)->op);
}
