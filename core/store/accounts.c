/* Accounts of a shard read for their turns: what is new for them, and those that were summed up by other words of the playbook. */
#include "store/accounts.h"

#include "store/facts.h"
#include "store/fence.h"

#include <stdlib.h>

#include "store/accounts.sql.h"
#include "store/load.sql.h"

enum { TAG_SITE = 1, TAG_RECOUNT, TAG_WALK, TAG_MESSAGES, TAG_STALE, TAG_ROWS };

/* ---- loading ---- */

struct message_row {
	int64_t account_id;
	bool recount; /* somebody asks to count its people again */
	struct account_message message;
};
struct counted {
	int64_t account_id;
	struct account_summary summary;
};
struct accounts_load {
	struct op op;
	struct facts facts;
	struct account_batch *batch;
	const char *owner, *words;
	bool stale, single;
	struct message_row *messages; size_t message_count; /* in the order of accounts, then of ids */
	int64_t *accounts; size_t account_count;
	struct counted *counted; size_t counted_count; /* in the order of accounts */
	store_accounts_fn *fn;
	void *arg;
};

static void send_recount(struct accounts_load *self)
{
	struct params *p = op_params(&self->op);
	param_int4(p, self->batch->shard);
	struct param *accounts = param_array(p, PARAM_INT8);
	self->counted = arena_array(self->batch->arena, self->message_count + 1, sizeof *self->counted);
	for (size_t i = 0; i < self->message_count; i++) {
		const struct message_row *m = &self->messages[i];
		if (!m->recount || (self->counted_count && self->counted[self->counted_count - 1].account_id == m->account_id))
			continue;
		self->counted[self->counted_count++] = (struct counted){.account_id = m->account_id};
		array_int8(accounts, m->account_id);
	}
	if (accounts->count)
		op_send(&self->op, STATEMENT(accounts_recount), TAG_RECOUNT);
}

static enum op_more load_segment(struct op *op, int number)
{
	struct accounts_load *self = (struct accounts_load *)op;
	struct params *p;
	if (number == 0 && !self->single) {
		p = op_params(op);
		param_int4(p, self->batch->shard);
		op_send(op, STATEMENT(accounts_walk), TAG_WALK);
		p = op_params(op);
		param_int4(p, self->batch->shard);
		param_text(p, str_of(self->owner));
		op_send(op, STATEMENT(load_site), TAG_SITE);
		p = op_params(op);
		param_int4(p, self->batch->shard);
		param_time(p, self->batch->now);
		op_send(op, STATEMENT(accounts_messages), TAG_MESSAGES);
		if (!self->stale)
			return OP_MORE;
		p = op_params(op);
		param_int4(p, self->batch->shard);
		param_text(p, str_of(self->words));
		param_time(p, self->batch->now);
		op_send(op, STATEMENT(accounts_stale), TAG_STALE);
		return OP_MORE;
	}
	if (!self->single)
		send_recount(self);
	p = op_params(op);
	sort_ids(self->accounts, &self->account_count);
	struct param *ids = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < self->account_count; i++)
		array_int8(ids, self->accounts[i]);
	param_text(p, str_of(self->words));
	if (ids->count)
		op_send(op, STATEMENT(accounts_rows), TAG_ROWS);
	return OP_LAST;
}

static void site_rows(struct accounts_load *self, const PGresult *rows)
{
	if (!PQntuples(rows) || row_is_null(rows, 0, 4)) {
		op_fail(&self->op, ERROR_DENIED, "lease", "shard %d is not this process's.", self->batch->shard);
		return;
	}
	self->batch->activation = row_int8(rows, 0, 0);
	self->batch->epoch = row_int8(rows, 0, 4);
}

static void walk_rows(struct accounts_load *self, const PGresult *rows)
{
	self->batch->walk = PQntuples(rows) ? row_int8(rows, 0, 0) : 0;
}

static struct message_row read_message(const PGresult *rows, int i, struct arena *arena)
{
	return (struct message_row){
		.account_id = row_int8(rows, i, 1), .recount = row_bool(rows, i, 8),
		.message = {.id = row_int8(rows, i, 0), .lead_id = row_int8(rows, i, 2), .was = row_text(rows, i, 3, arena), .now = row_text(rows, i, 4, arena),
			    .seen = row_text(rows, i, 5, arena), .cause = row_text(rows, i, 6, arena), .set = row_text(rows, i, 7, arena)}};
}

static int compare_messages(const void *a, const void *b)
{
	const struct message_row *x = a, *y = b;
	if (x->account_id != y->account_id)
		return x->account_id < y->account_id ? -1 : 1;
	return x->message.id < y->message.id ? -1 : x->message.id > y->message.id;
}

static void message_rows(struct accounts_load *self, const PGresult *rows)
{
	struct account_batch *batch = self->batch;
	size_t n = (size_t)PQntuples(rows);
	int64_t *ids = arena_array(batch->arena, n + 1, sizeof *ids);
	self->messages = arena_array(batch->arena, n + 1, sizeof *self->messages);
	self->accounts = arena_array(batch->arena, n + ACCOUNTS_STALE + 1, sizeof *self->accounts);
	self->message_count = batch->id_count = n;
	for (size_t i = 0; i < n; i++) {
		self->messages[i] = read_message(rows, (int)i, batch->arena);
		ids[i] = self->messages[i].message.id;
		self->accounts[self->account_count++] = self->messages[i].account_id;
	}
	if (n)
		qsort(self->messages, n, sizeof *self->messages, compare_messages);
	batch->ids = ids;
	batch->more = n == ACCOUNTS_MESSAGES;
}

static const struct counted *counted_of(const struct accounts_load *self, int64_t account_id)
{
	for (size_t i = 0; i < self->counted_count; i++)
		if (self->counted[i].account_id == account_id)
			return &self->counted[i];
	return NULL;
}

/* Of messages that stand in both the second reading has all: it came later. */
static void keep_uncounted(struct accounts_load *self, struct message_row *all, size_t *count)
{
	for (size_t i = 0; i < self->message_count; i++)
		if (!counted_of(self, self->messages[i].account_id))
			all[(*count)++] = self->messages[i];
}

static void recount_rows(struct accounts_load *self, const PGresult *rows)
{
	struct account_batch *batch = self->batch;
	size_t n = (size_t)PQntuples(rows), count = 0;
	struct message_row *all = arena_array(batch->arena, self->message_count + n + 1, sizeof *all);
	int64_t *ids = arena_array(batch->arena, self->message_count + n + 1, sizeof *ids);
	struct account_member member;
	keep_uncounted(self, all, &count);
	for (size_t i = 0; i < n; i++) {
		struct message_row row = read_message(rows, (int)i, batch->arena);
		struct counted *counted = (struct counted *)(uintptr_t)counted_of(self, row.account_id);
		if (row.message.id)
			all[count++] = row;
		else if (counted && account_member_read(row.message.was, &member))
			account_summary_add(&counted->summary, &member, (int)row.message.lead_id, batch->arena);
	}
	if (count)
		qsort(all, count, sizeof *all, compare_messages);
	for (size_t i = 0; i < count; i++)
		ids[i] = all[i].message.id;
	self->messages = all;
	self->message_count = batch->id_count = count;
	batch->ids = ids;
}

static void stale_rows(struct accounts_load *self, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++)
		self->accounts[self->account_count++] = row_int8(rows, i, 0);
	self->batch->stale_over = PQntuples(rows) == 0;
}

/* The messages of one account stand together. */
static void lay_messages(struct accounts_load *self, struct account_row *row, size_t *at)
{
	while (*at < self->message_count && self->messages[*at].account_id < row->account->id)
		++*at; /* of an account that is no more */
	size_t first = *at;
	while (*at < self->message_count && self->messages[*at].account_id == row->account->id)
		++*at;
	struct account_message *messages = arena_array(self->batch->arena, *at - first + 1, sizeof *messages);
	for (size_t i = first; i < *at; i++)
		messages[row->message_count++] = self->messages[i].message;
	row->messages = messages;
}

static void account_rows(struct accounts_load *self, const PGresult *rows)
{
	struct account_batch *batch = self->batch;
	size_t at = 0;
	batch->count = (size_t)PQntuples(rows);
	batch->rows = arena_array(batch->arena, batch->count + 1, sizeof *batch->rows);
	for (size_t i = 0; i < batch->count; i++) {
		struct account_row *row = &batch->rows[i];
		row->account = facts_account_row(&self->facts, rows, (int)i);
		row->is_new = !row->account->summary;
		row->failing = row_bool(rows, (int)i, 4 + ACCOUNT_STANDARD_COUNT);
		row->stale = row_bool(rows, (int)i, 5 + ACCOUNT_STANDARD_COUNT);
		row->summary = arena_alloc(batch->arena, sizeof *row->summary);
		if (row->account->summary)
			*row->summary = account_summary_copy(row->account->summary, batch->arena);
		const struct counted *counted = counted_of(self, row->account->id);
		row->counted = counted ? &counted->summary : NULL;
		lay_messages(self, row, &at);
	}
}

static void load_rows(struct op *op, int tag, const PGresult *rows)
{
	struct accounts_load *self = (struct accounts_load *)op;
	static void (*const readers[])(struct accounts_load *, const PGresult *) = {
		[TAG_SITE] = site_rows, [TAG_RECOUNT] = recount_rows, [TAG_WALK] = walk_rows, [TAG_MESSAGES] = message_rows, [TAG_STALE] = stale_rows, [TAG_ROWS] = account_rows};
	if (tag >= TAG_SITE && tag <= TAG_ROWS)
		readers[tag](self, rows);
}

static void load_done(struct op *op, const struct error *error)
{
	struct accounts_load *self = (struct accounts_load *)op;
	struct account_batch *batch = self->batch;
	if (error) {
		store_accounts_free(batch);
		batch = NULL;
	}
	self->fn(self->arg, batch, error);
}

static struct accounts_load *load_new(struct store *store, const struct schema *schema, int shard, moment_t now)
{
	static const struct op_class class = {.kind = OP_READ, .by_key = true, .segment = load_segment, .rows = load_rows, .done = load_done};
	struct accounts_load *self = op_new(store, &class, sizeof *self);
	struct arena *arena = arena_new();
	self->batch = arena_alloc(arena, sizeof *self->batch);
	*self->batch = (struct account_batch){.arena = arena, .shard = shard, .now = now};
	self->facts = (struct facts){.arena = arena, .schema = schema, .now = now};
	return self;
}

void store_accounts_load(struct store *store, const struct schema *schema, const struct account_request *request, store_accounts_fn *fn, void *arg)
{
	struct accounts_load *self = load_new(store, schema, request->shard, request->now);
	self->batch->stale_over = !request->stale;
	self->owner = arena_dup(self->op.arena, request->owner);
	self->words = arena_dup(self->op.arena, request->words);
	self->stale = request->stale;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

void store_account_facts(struct store *store, const struct schema *schema, int64_t account_id, store_accounts_fn *fn, void *arg)
{
	struct accounts_load *self = load_new(store, schema, lead_shard(account_id), 0);
	self->single = true;
	self->words = "";
	self->accounts = arena_array(self->batch->arena, 1, sizeof *self->accounts);
	self->accounts[self->account_count++] = account_id;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

void store_accounts_free(struct account_batch *batch)
{
	if (batch)
		arena_free(batch->arena);
}
