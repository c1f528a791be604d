/* A death of a worker in a rule or step: counted, and the third switches it off. One transaction, under the lock of publishing. */
#include "store/switched.h"

#include "store/op.h"

#include <stdlib.h>
#include <string.h>

#include "store/switched.sql.h"

enum { TAG_NOTHING, TAG_OFF };

struct killed_op {
	struct op op;
	int64_t lead_id, line;
	const char *revision, *path, *context;
	const char *what;
	store_switched_fn *fn;
	void *arg;
};

/* The ":LINE " before the context: paths may hold colons and digits too. */
static const char *find_line(const char *place)
{
	static const char *const kinds[] = {"model \"", "rule \"", "segment \"", "campaign \""};
	for (const char *colon = strchr(place, ':'); colon; colon = strchr(colon + 1, ':')) {
		char *end = NULL;
		(void)strtol(colon + 1, &end, 10);
		for (size_t i = 0; *end == ' ' && i < sizeof kinds / sizeof *kinds; i++)
			if (strncmp(end + 1, kinds[i], strlen(kinds[i])) == 0)
				return colon;
	}
	return NULL;
}

static bool read_note(struct killed_op *self, const char *note)
{
	const char *lead = strstr(note, "lead "), *revision = strstr(note, " revision "), *in = revision ? strstr(revision, " in ") : NULL;
	const char *line = in ? find_line(in + 4) : NULL;
	if (!lead || !line)
		return false;
	struct arena *arena = self->op.arena;
	char *end = NULL;
	self->lead_id = strtoll(lead + 5, NULL, 10);
	self->revision = arena_dup_n(arena, revision + 10, (size_t)(in - revision - 10));
	self->path = arena_dup_n(arena, in + 4, (size_t)(line - in - 4));
	self->line = strtol(line + 1, &end, 10);
	self->context = arena_dup(arena, end + 1);
	return true;
}

static void count_death(struct killed_op *self)
{
	struct op *op = &self->op;
	op_params(op);
	op_send(op, STATEMENT(switch_lock), TAG_NOTHING);
	op_params(op);
	op_send(op, STATEMENT(switch_forget), TAG_NOTHING);
	struct params *p = op_params(op);
	param_int8(p, self->lead_id);
	param_text(p, str_of(self->revision));
	param_text(p, str_of(self->path));
	param_int4(p, (int)self->line);
	param_text(p, str_of(self->context));
	op_send(op, STATEMENT(switch_death), TAG_NOTHING);
	p = op_params(op);
	param_text(p, str_of(self->path));
	param_text(p, str_of(self->context));
	op_send(op, STATEMENT(switch_off), TAG_OFF);
}

static enum op_more segment(struct op *op, int number)
{
	struct killed_op *self = (struct killed_op *)op;
	if (!self->path) {
		op_params(op);
		op_send(op, STATEMENT(switch_forget), TAG_NOTHING);
		return OP_LAST;
	}
	if (number == 0) {
		count_death(self);
		return OP_MORE;
	}
	if (self->what) {
		struct params *p = op_params(op);
		param_text(p, str_of(self->path));
		param_text(p, str_of(self->context));
		op_send(op, STATEMENT(switch_activate), TAG_NOTHING);
	}
	return OP_LAST;
}

static void rows(struct op *op, int tag, const PGresult *result)
{
	struct killed_op *self = (struct killed_op *)op;
	if (tag == TAG_OFF)
		self->what = PQntuples(result) ? arena_printf(op->arena, "%s (%s:%lld)", self->context, self->path, (long long)self->line) : NULL;
}

static void done(struct op *op, const struct error *error)
{
	struct killed_op *self = (struct killed_op *)op;
	self->fn(self->arg, error ? NULL : self->what, error);
}

void store_script_killed(struct store *store, const char *note, store_switched_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .segment = segment, .rows = rows, .done = done};
	struct killed_op *self = op_new(store, &class, sizeof *self);
	self->fn = fn;
	self->arg = arg;
	if (!read_note(self, note))
		self->path = NULL;
	op_submit(&self->op);
}
