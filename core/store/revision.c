/* Revisions as the database keeps them: reading one with its files. The bytes are the truth; whether they make a playbook is for those who load them.
 * Publishing is in publish.c. */
#include "store/revision.h"

#include "store/op.h"

#include <string.h>

#include "store/revision.sql.h"
#include "store/switched.sql.h"

enum { TAG_NEWEST, TAG_FOUND, TAG_FILES, TAG_OFF };

struct read_op {
	struct op op;
	const char *wanted; /* NULL = the active one */
	struct store_revision revision;
	store_revision_fn *fn;
	void *arg;
};

static enum op_more read_segment(struct op *op, int number)
{
	struct read_op *self = (struct read_op *)op;
	struct params *p = op_params(op);
	if (number == 0 && self->wanted) {
		param_text(p, str_of(self->wanted));
		op_send(op, STATEMENT(revision_like), TAG_FOUND);
		return OP_MORE;
	}
	if (number == 0) {
		op_send(op, STATEMENT(revision_newest), TAG_NEWEST);
		return OP_MORE;
	}
	if (*self->revision.revision) {
		param_text(p, str_of(self->revision.revision));
		op_send(op, STATEMENT(revision_files), TAG_FILES);
		param_text(op_params(op), str_of(self->revision.revision));
		op_send(op, STATEMENT(switched_off_of), TAG_OFF);
	}
	return OP_LAST;
}

static void put_name(struct store_revision *revision, struct str name)
{
	snprintf(revision->revision, sizeof revision->revision, "%.*s", STR_ARG(name));
}

static void found_rows(struct read_op *self, const PGresult *rows)
{
	if (PQntuples(rows) == 0)
		op_fail(&self->op, ERROR_NOT_FOUND, "revision", "there is no revision %s (nurture revisions lists them).", self->wanted);
	else if (PQntuples(rows) > 1)
		op_fail(&self->op, ERROR_CONFLICT, "revision", "more than one revision begins with %s: give more of it.", self->wanted);
	else
		put_name(&self->revision, row_peek(rows, 0, 0)), self->revision.activation = row_int8(rows, 0, 1);
}

static void file_rows(struct read_op *self, const PGresult *rows)
{
	size_t count = (size_t)PQntuples(rows);
	struct playbook_file *files = arena_array(self->op.arena, count + 1, sizeof *files);
	for (size_t i = 0; i < count; i++)
		files[i] = (struct playbook_file){row_text(rows, (int)i, 0, self->op.arena).p, row_text(rows, (int)i, 1, self->op.arena)};
	self->revision.files = (struct playbook_files){.files = files, .count = count};
}

static void off_rows(struct read_op *self, const PGresult *rows)
{
	size_t count = (size_t)PQntuples(rows);
	struct playbook_off *off = arena_array(self->op.arena, count + 1, sizeof *off);
	for (size_t i = 0; i < count; i++)
		off[i] = (struct playbook_off){row_text(rows, (int)i, 0, self->op.arena).p, row_text(rows, (int)i, 1, self->op.arena).p};
	self->revision.files.off = off;
	self->revision.files.off_count = count;
}

static void read_rows(struct op *op, int tag, const PGresult *rows)
{
	struct read_op *self = (struct read_op *)op;
	if (tag == TAG_FOUND) {
		found_rows(self, rows);
	} else if (tag == TAG_NEWEST && PQntuples(rows)) {
		self->revision.activation = row_int8(rows, 0, 0);
		put_name(&self->revision, row_peek(rows, 0, 1));
	} else if (tag == TAG_FILES) {
		file_rows(self, rows);
	} else if (tag == TAG_OFF) {
		off_rows(self, rows);
	}
}

static void read_done(struct op *op, const struct error *error)
{
	struct read_op *self = (struct read_op *)op;
	self->fn(self->arg, error ? NULL : &self->revision, error);
}

static struct read_op *read_new(struct store *store, store_revision_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_READ, .segment = read_segment, .rows = read_rows, .done = read_done};
	struct read_op *self = op_new(store, &class, sizeof *self);
	self->fn = fn;
	self->arg = arg;
	return self;
}

void store_revision_active(struct store *store, store_revision_fn *fn, void *arg)
{
	op_submit(&read_new(store, fn, arg)->op);
}

void store_revision_get(struct store *store, const char *revision, store_revision_fn *fn, void *arg)
{
	struct read_op *self = read_new(store, fn, arg);
	size_t n = strlen(revision);
	self->wanted = arena_dup(self->op.arena, revision);
	if (n < 4 || n > 64 || strspn(revision, "0123456789abcdef") != n)
		op_fail(&self->op, ERROR_INVALID, "revision", "\"%.64s\" is not a revision: give at least 4 of its hexadecimal digits.", revision);
	op_submit(&self->op);
}
