/* What is known of a channel, written by its delivery process; and the keys that sign links, made when there is none. */
#include "store/outbox.h"

#include "base/token.h"
#include "store/op.h"

#include "store/channel.sql.h"

#include <string.h>

struct state_op {
	struct op op;
	const char *texts[5];
	store_done_fn *fn;
	void *arg;
};

static enum op_more state_segment(struct op *op, int number)
{
	struct state_op *self = (struct state_op *)op;
	struct params *p = op_params(op);
	(void)number;
	for (size_t i = 0; i < 5; i++)
		param_text(p, str_of(self->texts[i]));
	op_send(op, STATEMENT(channel_state_put), 0);
	return OP_LAST;
}

static void state_done(struct op *op, const struct error *error)
{
	struct state_op *self = (struct state_op *)op;
	if (self->fn)
		self->fn(self->arg, error);
}

void store_channel_state(struct store *store, const char *channel, const char *kind, const char *plugin, const char *state,
			 const char *reason, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = state_segment, .done = state_done};
	struct state_op *self = op_new(store, &class, sizeof *self);
	const char *const texts[] = {channel, kind, plugin, state, reason};
	for (size_t i = 0; i < 5; i++)
		self->texts[i] = arena_dup(self->op.arena, texts[i]);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

/* ---- keys ---- */

enum { TAG_NONE, TAG_KEYS };

struct keys_op {
	struct op op;
	struct token_keys keys;
	store_keys_fn *fn;
	void *arg;
};

static enum op_more keys_segment(struct op *op, int number)
{
	struct keys_op *self = (struct keys_op *)op;
	unsigned char secret[TOKEN_KEY];
	if (number == 1 && self->keys.count)
		return OP_LAST;
	if (number == 1) {
		token_key_random(secret);
		struct params *p = op_params(op);
		param_text(p, (struct str){(const char *)secret, sizeof secret});
		op_send(op, STATEMENT(link_key_first), TAG_NONE);
	}
	op_params(op);
	op_send(op, STATEMENT(link_keys), TAG_KEYS);
	return number == 1 ? OP_LAST : OP_MORE;
}

static void keys_rows(struct op *op, int tag, const PGresult *rows)
{
	struct keys_op *self = (struct keys_op *)op;
	if (tag != TAG_KEYS)
		return;
	struct token_key *keys = arena_array(op->arena, (size_t)PQntuples(rows) + 1, sizeof *keys);
	self->keys = (struct token_keys){.keys = keys};
	for (int i = 0; i < PQntuples(rows); i++) {
		struct str secret = row_peek(rows, i, 1);
		if (secret.n != TOKEN_KEY) {
			op_fail(op, ERROR_INVALID, "link_key", "key %d has %zu bytes, %d are needed.", (int)row_int4(rows, i, 0), secret.n, TOKEN_KEY);
			return;
		}
		keys[self->keys.count].id = (uint32_t)row_int4(rows, i, 0);
		memcpy(keys[self->keys.count++].secret, secret.p, TOKEN_KEY);
	}
}

static void keys_done(struct op *op, const struct error *error)
{
	struct keys_op *self = (struct keys_op *)op;
	self->fn(self->arg, error ? NULL : &self->keys, error);
}

void store_link_keys(struct store *store, store_keys_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = keys_segment, .rows = keys_rows, .done = keys_done};
	struct keys_op *self = op_new(store, &class, sizeof *self);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
