/* One page of the past: its leads with their histories, then what was told of them, their names, accounts and permissions, by ranges of the key: so a
 * partition of `event` is entered once a page, not once a lead. */
#include "store/past.h"

#include "store/facts.h"

#include "store/past.sql.h"
#include "store/rebuild_events.sql.h"

enum { TAG_LEADS = 1, TAG_TOLD, TAG_NAMES, TAG_CONSENTS, TAG_EVENTS, TAG_COUNT, PAGE = 1000 };

struct past_op {
	struct op op;
	int shard;
	int64_t after;
	struct past_ask ask;
	struct arena *arena;
	struct past_page page;
	struct facts facts;   /* of the page's leads, for their accounts */
	store_past_fn *fn;
	void *arg;
};

/* ---- asking ---- */

static struct params *page_range(struct past_op *self)
{
	struct params *p = op_params(&self->op);
	param_int4(p, self->shard);
	param_int8(p, self->page.leads[0].id);
	param_int8(p, self->page.leads[self->page.count - 1].id);
	return p;
}

static void ask_told(struct past_op *self)
{
	struct param *ids = param_array(page_range(self), PARAM_INT8);
	for (size_t i = 0; i < self->page.count; i++)
		array_int8(ids, self->page.leads[i].id);
	op_send(&self->op, STATEMENT(past_told), TAG_TOLD);
}

static void ask_accounts(struct past_op *self)
{
	struct facts *facts = &self->facts;
	*facts = (struct facts){.arena = self->arena, .schema = self->ask.schema, .count = self->page.count, .id_count = self->page.count};
	int64_t *ids = arena_array(self->arena, facts->count, sizeof *ids);
	facts->leads = arena_array(self->arena, facts->count, sizeof *facts->leads);
	for (size_t i = 0; i < facts->count; i++)
		facts->leads[i].facts.lead.id = ids[i] = self->page.leads[i].id;
	facts->ids = ids;
	facts_ask(&self->op, facts, FACTS_ACCOUNT);
}

static enum op_more past_segment(struct op *op, int number)
{
	struct past_op *self = (struct past_op *)op;
	if (number == 0) {
		struct params *p = op_params(op);
		param_int4(p, self->shard);
		param_int8(p, self->after);
		op_send(op, STATEMENT(past_lead), TAG_LEADS);
		return OP_MORE;
	}
	if (!self->page.count)
		return OP_LAST;
	ask_told(self);
	page_range(self);
	op_send(op, STATEMENT(past_name), TAG_NAMES);
	if (self->ask.consents) {
		page_range(self);
		op_send(op, STATEMENT(past_consent), TAG_CONSENTS);
	}
	if (self->ask.schema)
		ask_accounts(self);
	return OP_LAST;
}

/* ---- answers ---- */

static void lead_rows(struct past_op *self, const PGresult *rows)
{
	struct past_page *page = &self->page;
	page->count = (size_t)PQntuples(rows);
	page->leads = arena_array(self->arena, page->count + 1, sizeof *page->leads);
	for (int i = 0; i < PQntuples(rows); i++) {
		struct past_name *now = arena_array(self->arena, 2, sizeof *now);
		now[0].value = row_text(rows, i, 2, self->arena);
		now[1].value = row_text(rows, i, 3, self->arena);
		page->leads[i] = (struct past_lead){.id = row_int8(rows, i, 0), .created_at = row_time(rows, i, 1), .packed = row_text(rows, i, 4, self->arena), .names = now};
	}
	page->next = page->count == PAGE ? page->leads[page->count - 1].id : 0;
}

/* The rows of one lead of the page, in the order of leads; *at is where the lead before ended. Rows of leads that are not in the page are passed over. */
static int run_of(const PGresult *rows, int64_t lead_id, int *at)
{
	int total = PQntuples(rows), count = 0;
	while (*at < total && row_int8(rows, *at, 0) < lead_id)
		++*at;
	while (*at + count < total && row_int8(rows, *at + count, 0) == lead_id)
		count++;
	return count;
}

static void told_rows(struct past_op *self, const PGresult *rows)
{
	int at = 0;
	for (size_t i = 0; i < self->page.count; i++) {
		struct past_lead *lead = &self->page.leads[i];
		int count = run_of(rows, lead->id, &at);
		struct event *told = arena_array(self->arena, (size_t)count, sizeof *told);
		for (int k = 0; k < count; k++, at++)
			told[k] = (struct event){.lead_id = lead->id, .id = row_int8(rows, at, 1), .at = row_time(rows, at, 2), .received_at = row_time(rows, at, 3),
				.verb = row_text(rows, at, 4, self->arena), .data = row_json(rows, at, 5, self->arena), .merged = row_bool(rows, at, 6)};
		lead->told = told;
		lead->told_count = (size_t)count;
	}
}

static void name_rows(struct past_op *self, const PGresult *rows)
{
	int at = 0;
	for (size_t i = 0; i < self->page.count; i++) {
		struct past_lead *lead = &self->page.leads[i];
		const struct past_name *now = lead->names;
		int count = run_of(rows, lead->id, &at);
		struct past_name *names = arena_array(self->arena, (size_t)count, sizeof *names);
		for (int k = 0; k < count; k++, at++) {
			names[k] = (struct past_name){.is_email = row_bool(rows, at, 1), .value = row_text(rows, at, 2, self->arena), .since = row_time(rows, at, 3)};
			names[k].is_now = str_same(names[k].value, now[names[k].is_email ? 0 : 1].value);
		}
		lead->names = names;
		lead->name_count = (size_t)count;
	}
}

static enum consent_state state_of(struct str name)
{
	return str_is(name, "withdrawn") ? CONSENT_WITHDRAWN : str_is(name, "confirmed") ? CONSENT_CONFIRMED : CONSENT_GRANTED;
}

static void consent_rows(struct past_op *self, const PGresult *rows)
{
	int at = 0;
	for (size_t i = 0; i < self->page.count; i++) {
		struct past_lead *lead = &self->page.leads[i];
		int count = run_of(rows, lead->id, &at);
		struct consent *list = arena_array(self->arena, (size_t)count, sizeof *list);
		for (int k = 0; k < count; k++, at++)
			list[k] = (struct consent){.id = row_int8(rows, at, 1), .channel = row_text(rows, at, 2, self->arena),
				.purpose = row_text(rows, at, 3, self->arena), .state = state_of(row_peek(rows, at, 4)), .at = row_time(rows, at, 5)};
		lead->consents = list;
		lead->consent_count = (size_t)count;
	}
}

static void past_rows(struct op *op, int tag, const PGresult *rows)
{
	struct past_op *self = (struct past_op *)op;
	if (tag == TAG_LEADS)
		lead_rows(self, rows);
	else if (tag == TAG_TOLD)
		told_rows(self, rows);
	else if (tag == TAG_NAMES)
		name_rows(self, rows);
	else if (tag == TAG_CONSENTS)
		consent_rows(self, rows);
	else
		facts_rows(&self->facts, tag, rows);
}

static void past_done(struct op *op, const struct error *error)
{
	struct past_op *self = (struct past_op *)op;
	for (size_t i = 0; !error && self->facts.leads && i < self->page.count; i++)
		self->page.leads[i].account = self->facts.leads[i].facts.account;
	self->fn(self->arg, &self->page, error);
}

void store_past(struct store *store, int shard, int64_t after, const struct past_ask *ask, struct arena *arena, store_past_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_READ, .by_key = true, .segment = past_segment, .rows = past_rows, .done = past_done};
	struct past_op *self = op_new(store, &class, sizeof *self);
	self->shard = shard;
	self->after = after;
	self->ask = *ask;
	self->arena = arena;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

/* ---- all events of a few leads ---- */

struct events_op {
	struct op op;
	const int64_t *ids;
	size_t id_count;
	struct arena *arena;
	struct event *events;
	size_t count;
	store_past_events_fn *fn;
	void *arg;
};

static enum op_more events_segment(struct op *op, int number)
{
	struct events_op *self = (struct events_op *)op;
	(void)number;
	struct param *ids = param_array(op_params(op), PARAM_INT8);
	for (size_t i = 0; i < self->id_count; i++)
		array_int8(ids, self->ids[i]);
	op_send(op, STATEMENT(rebuild_events), TAG_EVENTS);
	return OP_LAST;
}

static void events_rows(struct op *op, int tag, const PGresult *rows)
{
	struct events_op *self = (struct events_op *)op;
	(void)tag;
	self->count = (size_t)PQntuples(rows);
	self->events = arena_array(self->arena, self->count, sizeof *self->events);
	for (int i = 0; i < PQntuples(rows); i++)
		self->events[i] = (struct event){.lead_id = row_int8(rows, i, 0), .id = row_int8(rows, i, 1), .at = row_time(rows, i, 2),
			.verb = row_text(rows, i, 3, self->arena), .subject = row_text(rows, i, 4, self->arena), .value = row_float8(rows, i, 5),
			.has_value = !row_is_null(rows, i, 5), .machine = row_bool(rows, i, 6), .data = row_json(rows, i, 7, self->arena)};
}

static void events_done(struct op *op, const struct error *error)
{
	struct events_op *self = (struct events_op *)op;
	self->fn(self->arg, self->events, self->count, error);
}

void store_past_events(struct store *store, const int64_t *ids, size_t count, struct arena *arena, store_past_events_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_READ, .by_key = true, .segment = events_segment, .rows = events_rows, .done = events_done};
	struct events_op *self = op_new(store, &class, sizeof *self);
	self->ids = ids;
	self->id_count = count;
	self->arena = arena;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

/* ---- how many ---- */

struct count_op {
	struct op op;
	int64_t leads, waiting;
	store_past_count_fn *fn;
	void *arg;
};

static enum op_more count_segment(struct op *op, int number)
{
	(void)number;
	op_params(op);
	op_send(op, STATEMENT(past_count), TAG_COUNT);
	return OP_LAST;
}

static void count_rows(struct op *op, int tag, const PGresult *rows)
{
	(void)tag;
	((struct count_op *)op)->leads = row_int8(rows, 0, 0);
	((struct count_op *)op)->waiting = row_int8(rows, 0, 1);
}

static void count_done(struct op *op, const struct error *error)
{
	struct count_op *self = (struct count_op *)op;
	self->fn(self->arg, self->leads, self->waiting, error);
}

void store_past_count(struct store *store, store_past_count_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_READ, .segment = count_segment, .rows = count_rows, .done = count_done};
	struct count_op *self = op_new(store, &class, sizeof *self);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
