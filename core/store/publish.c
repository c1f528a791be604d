/* Publishing a revision, the last refusal, and rescoring without a publish. A publish is one transaction under an advisory lock: files, the check that nobody is
 * left standing, assets, activation. */
#include "store/revision.h"

#include "store/op.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "store/publish.sql.h"
#include "store/revision.sql.h"
#include "store/switched.sql.h"

enum { TAG_NONE, TAG_NEWEST, TAG_STRANDED, TAG_SWITCHED, TAG_ACTIVATED, TAG_JOB };

/* ---- publishing ---- */

struct publish_op {
	struct op op;
	const struct publish *publish;
	struct published published;
	bool same;
	bool switched; /* something was off and is on again */
	store_publish_fn *fn;
	void *arg;
};

static void put_actor(const struct publish_op *self, struct params *p)
{
	param_text(p, self->publish->actor ? str_of(self->publish->actor) : (struct str){0});
}

static void put_steps(const struct publish_op *self, struct params *p)
{
	struct param *steps = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < self->publish->step_count; i++)
		array_text(steps, str_of(self->publish->steps[i]));
}

static void lock_and_look(struct publish_op *self)
{
	struct op *op = &self->op;
	const struct publish *publish = self->publish;
	op_params(op);
	op_send(op, STATEMENT(publish_lock), TAG_NONE);
	op_params(op);
	op_send(op, STATEMENT(revision_newest), TAG_NEWEST);
	put_steps(self, op_params(op));
	op_send(op, STATEMENT(publish_stranded), TAG_STRANDED);
	if (publish->switch_on) {
		put_actor(self, op_params(op));
		op_send(op, STATEMENT(switch_on), TAG_SWITCHED);
	}
}

static void keep_files(struct publish_op *self)
{
	struct op *op = &self->op;
	const struct publish *publish = self->publish;
	struct params *p = op_params(op);
	param_text(p, str_of(publish->revision));
	param_time(p, publish->now);
	param_text(p, str_of(publish->author));
	param_text(p, str_of(publish->message));
	param_text(p, str_of(publish->name ? publish->name : ""));
	op_send(op, STATEMENT(publish_revision), TAG_NONE);
	p = op_params(op);
	param_text(p, str_of(publish->revision));
	struct param *path = param_array(p, PARAM_TEXT), *bytes = param_array(p, PARAM_BYTEA);
	for (size_t i = 0; i < publish->files.count; i++) {
		array_text(path, str_of(publish->files.files[i].path));
		array_text(bytes, publish->files.files[i].bytes);
	}
	op_send(op, STATEMENT(publish_files), TAG_NONE);
}

static void keep_assets(struct publish_op *self)
{
	struct op *op = &self->op;
	char *text = self->publish->assets ? json_dumps(self->publish->assets, JSON_COMPACT) : NULL;
	op_params(op);
	op_send(op, STATEMENT(publish_no_assets), TAG_NONE);
	struct params *p = op_params(op);
	param_text(p, str_of(self->publish->revision));
	param_json(p, str_of(text ? text : "[]"));
	op_send(op, STATEMENT(publish_assets), TAG_NONE);
	free(text);
}

static void activate(struct publish_op *self)
{
	struct op *op = &self->op;
	const struct publish *publish = self->publish;
	if (publish->hold) {
		put_steps(self, op_params(op));
		op_send(op, STATEMENT(publish_wake_stranded), TAG_NONE);
	}
	struct params *p = op_params(op);
	param_text(p, str_of(publish->revision));
	param_time(p, publish->now);
	param_text(p, str_of(publish->author));
	param_text(p, str_of(publish->message));
	put_actor(self, p);
	put_steps(self, p);
	op_send(op, STATEMENT(publish_activate), TAG_ACTIVATED);
	if (publish->rescore || self->switched) {
		p = op_params(op);
		param_text(p, str_of(publish->revision));
		param_time(p, publish->now);
		op_send(op, STATEMENT(publish_rescore), TAG_NONE);
	}
}

static struct str text_of(const char *text)
{
	return text ? str_of(text) : (struct str){NULL, 0};
}

/* What was refused is mended by another revision; one that is active already mends only what folders were refused for. */
static enum op_more publish_segment(struct op *op, int number)
{
	struct publish_op *self = (struct publish_op *)op;
	if (number == 0) {
		lock_and_look(self);
		return OP_MORE;
	}
	if (!self->same) {
		keep_files(self);
		keep_assets(self);
	}
	if (!self->same || self->switched)
		activate(self);
	bool activates = !self->same || self->switched;
	struct params *p = op_params(op);
	param_text(p, text_of(activates ? NULL : "folder"));
	param_text(p, text_of(activates ? NULL : self->publish->node));
	op_send(op, STATEMENT(publish_error_clear), TAG_NONE);
	return OP_LAST;
}

static void tell_stranded(struct buf *text, const PGresult *rows, int i)
{
	buf_printf(text, "%s%lld lead%s on step \"%.*s\" of campaign \"%.*s\", which is gone.", text->n ? "\n" : "", (long long)row_int8(rows, i, 2),
		   row_int8(rows, i, 2) == 1 ? " stands" : "s stand", STR_ARG(row_peek(rows, i, 1)), STR_ARG(row_peek(rows, i, 0)));
}

/* All of them, so that they are mended in one go (PLAYBOOK message 49); but not who is parked already. */
static void stranded_rows(struct publish_op *self, const PGresult *rows)
{
	struct buf text = {0};
	struct str last = {"", 0};
	for (int i = 0; !self->same && i < PQntuples(rows); i++) {
		bool parked = row_bool(rows, i, 3);
		*(parked ? &self->published.parked_before : &self->published.parked) += row_int8(rows, i, 2);
		if (parked || self->publish->hold)
			continue;
		tell_stranded(&text, rows, i);
		last = row_peek(rows, i, 1);
	}
	if (text.n) {
		buf_printf(&text, " Say where they go: step \"NEW\" { was = \"%.*s\" }; or park them with --hold.", STR_ARG(last));
		op_fail(&self->op, ERROR_CONFLICT, "steps", "%.*s", STR_ARG(buf_str(&text)));
	}
	buf_fini(&text);
}

/* What would change was shown against the revision that was active then. */
static void must_be_expected(struct publish_op *self, struct str active)
{
	const char *expected = self->publish->expected;
	if (expected && !self->same && !str_is(active, expected))
		op_fail(&self->op, ERROR_CONFLICT, "preview", "meanwhile another revision became active (%.12s, not %.12s): look again at what would change, then publish.",
			arena_str(self->op.arena, active).p, expected);
}

static void publish_rows(struct op *op, int tag, const PGresult *rows)
{
	struct publish_op *self = (struct publish_op *)op;
	if (tag == TAG_NEWEST && PQntuples(rows)) {
		self->published.activation = row_int8(rows, 0, 0);
		self->same = str_is(row_peek(rows, 0, 1), self->publish->revision);
		must_be_expected(self, row_peek(rows, 0, 1));
	} else if (tag == TAG_STRANDED) {
		stranded_rows(self, rows);
	} else if (tag == TAG_SWITCHED) {
		self->switched = row_int8(rows, 0, 0) > 0;
	} else if (tag == TAG_ACTIVATED) {
		self->published.activation = row_int8(rows, 0, 0);
	}
}

static void publish_done(struct op *op, const struct error *error)
{
	struct publish_op *self = (struct publish_op *)op;
	static const struct published none;
	self->published.changed = !self->same || self->switched;
	self->fn(self->arg, error ? &none : &self->published, error);
}

void store_publish(struct store *store, const struct publish *publish, store_publish_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .segment = publish_segment, .rows = publish_rows, .done = publish_done};
	struct publish_op *self = op_new(store, &class, sizeof *self);
	self->publish = publish;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

/* ---- what was refused ---- */

struct small_op {
	struct op op;
	struct publish_error error;
	store_done_fn *fn;
	void *arg;
};

static void small_done(struct op *op, const struct error *error)
{
	struct small_op *self = (struct small_op *)op;
	self->fn(self->arg, error);
}

static enum op_more error_segment(struct op *op, int number)
{
	struct small_op *self = (struct small_op *)op;
	struct params *p = op_params(op);
	(void)number;
	param_text(p, str_of(self->error.writer));
	param_text(p, str_of(self->error.node));
	if (!self->error.problems) {
		op_send(op, STATEMENT(publish_error_clear), TAG_NONE);
		return OP_LAST;
	}
	param_time(p, real_now());
	param_text(p, str_of(self->error.source));
	param_int8(p, self->error.activation);
	param_text(p, str_of(self->error.problems));
	op_send(op, STATEMENT(publish_error_set), TAG_NONE);
	return OP_LAST;
}

void store_publish_error(struct store *store, const struct publish_error *error, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = error_segment, .done = small_done};
	struct small_op *self = op_new(store, &class, sizeof *self);
	struct arena *arena = self->op.arena;
	self->error = (struct publish_error){.writer = arena_dup(arena, error->writer), .node = arena_dup(arena, error->node), .activation = error->activation,
					     .source = arena_dup(arena, error->source ? error->source : ""), .problems = arena_dup(arena, error->problems)};
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

/* ---- rescoring without a publish ---- */

struct rescore_op {
	struct op op;
	moment_t now;
	char revision[65];
	int64_t job;
	store_id_fn *fn;
	void *arg;
};

static enum op_more rescore_segment(struct op *op, int number)
{
	struct rescore_op *self = (struct rescore_op *)op;
	struct params *p = op_params(op);
	if (number == 0) {
		op_send(op, STATEMENT(publish_lock), TAG_NONE);
		op_params(op);
		op_send(op, STATEMENT(revision_newest), TAG_NEWEST);
		return OP_MORE;
	}
	if (!*self->revision)
		op_fail(op, ERROR_NOT_FOUND, "playbook", "no playbook was published yet (nurture publish): there is nothing to score by.");
	param_text(p, str_of(self->revision));
	param_time(p, self->now);
	op_send(op, STATEMENT(publish_rescore), TAG_JOB);
	op_params(op);
	op_send(op, STATEMENT(rescore_accounts), TAG_NONE);
	return OP_LAST;
}

static void rescore_rows(struct op *op, int tag, const PGresult *rows)
{
	struct rescore_op *self = (struct rescore_op *)op;
	if (tag == TAG_NEWEST && PQntuples(rows))
		snprintf(self->revision, sizeof self->revision, "%.*s", STR_ARG(row_peek(rows, 0, 1)));
	else if (tag == TAG_JOB && PQntuples(rows))
		self->job = row_int8(rows, 0, 0);
}

static void rescore_done(struct op *op, const struct error *error)
{
	struct rescore_op *self = (struct rescore_op *)op;
	self->fn(self->arg, error ? 0 : self->job, error);
}

void store_rescore(struct store *store, moment_t now, store_id_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .segment = rescore_segment, .rows = rescore_rows, .done = rescore_done};
	struct rescore_op *self = op_new(store, &class, sizeof *self);
	self->now = now;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
