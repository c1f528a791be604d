/* A page of leads: two round trips in one snapshot. First the leads, which say how far the page reaches; then, over that range, what belongs to
 * them. The rows are read by facts.c, as for turns. */
#include "store/scan.h"

#include "model/quality.h"
#include "store/facts.h"

#include "store/load.sql.h"
#include "store/scan.sql.h"

enum { TAG_SITE = 1, TAG_ENROLLED, TAG_WAKES, TAG_IN_LINE, TAG_FAILING };

struct scan_op {
	struct op op;
	struct batch *page;
	struct facts facts;
	struct scan_request request;
	store_batch_fn *fn;
	void *arg;
};

/* ---- asking ---- */

static int standard_bits(const struct scan_op *self)
{
	int bits = 0;
	for (int slot = 0; slot < LEAD_QUALITY; slot++)
		if (!self->request.wants.lead || self->request.wants.lead[slot])
			bits |= 1 << slot;
	return bits;
}

static bool wants_custom(const struct scan_op *self)
{
	const struct lead_wants *wants = &self->request.wants;
	for (size_t slot = LEAD_STANDARD_COUNT; slot < self->request.schema->lead_count; slot++)
		if (!wants->lead || wants->lead[slot])
			return true;
	return false;
}

static void ask_leads(struct scan_op *self)
{
	struct op *op = &self->op;
	struct params *p = op_params(op);
	param_int4(p, self->request.shard);
	param_text(p, str_of(self->request.owner ? self->request.owner : ""));
	op_send(op, STATEMENT(load_site), TAG_SITE);
	p = op_params(op);
	param_int4(p, self->request.shard);
	param_int8(p, self->request.after);
	param_int4(p, (int)self->request.limit);
	param_int4(p, standard_bits(self));
	param_bool(p, wants_custom(self));
	op_send(op, STATEMENT(scan_lead), FACTS_LEAD);
}

static void ask_range(struct scan_op *self, struct statement statement, int tag)
{
	struct params *p = op_params(&self->op);
	param_int4(p, self->request.shard);
	param_int8(p, self->request.after);
	param_int8(p, self->facts.leads[self->facts.count - 1].facts.lead.id);
	op_send(&self->op, statement, tag);
}

/* Suppressions are by address, not by lead: asked lead by lead. */
static void ask_suppressions(struct scan_op *self)
{
	int64_t *ids = arena_array(self->op.arena, self->facts.count, sizeof *ids);
	for (size_t i = 0; i < self->facts.count; i++)
		ids[i] = self->facts.leads[i].facts.lead.id;
	self->facts.ids = ids;
	self->facts.id_count = self->facts.count;
	facts_ask(&self->op, &self->facts, FACTS_SUPPRESSION);
}

static void ask_rest(struct scan_op *self)
{
	const struct lead_wants *wants = &self->request.wants;
	bool writes = self->request.owner != NULL;
	const struct { bool wanted; struct statement statement; int tag; } questions[] = {
		{wants->history, STATEMENT(scan_history), FACTS_HISTORY},
		{wants->scores, STATEMENT(scan_score), FACTS_SCORE},
		{wants->accounts, STATEMENT(scan_account), FACTS_ACCOUNT},
		{wants->consents, STATEMENT(scan_consent), FACTS_CONSENT},
		{true, STATEMENT(scan_enrolled), TAG_ENROLLED},
		{writes, STATEMENT(scan_wake), TAG_WAKES},
		{writes, STATEMENT(scan_in_line), TAG_IN_LINE},
		{writes, STATEMENT(scan_failing), TAG_FAILING},
	};
	for (size_t i = 0; i < self->facts.count; i++)
		self->facts.leads[i].facts.without_account = !wants->accounts;
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		if (questions[i].wanted)
			ask_range(self, questions[i].statement, questions[i].tag);
	if (wants->suppressions)
		ask_suppressions(self);
}

static enum op_more scan_segment(struct op *op, int number)
{
	struct scan_op *self = (struct scan_op *)op;
	if (number == 0) {
		ask_leads(self);
		return OP_MORE;
	}
	if (self->facts.count)
		ask_rest(self);
	return OP_LAST;
}

/* ---- answers ---- */

static void site_rows(struct scan_op *self, const PGresult *rows)
{
	struct batch *page = self->page;
	if (!PQntuples(rows) || (self->request.owner && row_is_null(rows, 0, 4))) {
		op_fail(&self->op, self->request.owner ? ERROR_DENIED : ERROR_UNAVAILABLE, "lease", "shard %d is not this process's.", page->shard);
		return;
	}
	page->activation = row_int8(rows, 0, 0);
	page->clock = (struct clock){row_time(rows, 0, 1), row_time(rows, 0, 2), row_float8(rows, 0, 3)};
	page->epoch = row_is_null(rows, 0, 4) ? 0 : row_int8(rows, 0, 4);
}

/* Whether it is somebody's twin is known since its last turn. */
static void know_twins(struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++)
		facts->leads[i].facts.twin = facts_says_twin(&facts->leads[i].facts.lead);
}

static void mark_rows(struct scan_op *self, int tag, const PGresult *rows)
{
	struct facts_run run = {0};
	while (facts_next_run(&self->facts, rows, &run)) {
		if (tag == TAG_WAKES)
			run.lead->wake_at = row_time(rows, run.first, 1);
		else if (tag == TAG_ENROLLED)
			run.lead->enrolled = true;
		else if (tag == TAG_IN_LINE)
			run.lead->in_line = true;
		else
			run.lead->failing = true;
	}
}

static void scan_rows(struct op *op, int tag, const PGresult *rows)
{
	struct scan_op *self = (struct scan_op *)op;
	if (tag == TAG_SITE) {
		site_rows(self, rows);
	} else if (tag >= TAG_FACTS) {
		facts_rows(&self->facts, tag, rows);
		if (tag == FACTS_LEAD)
			know_twins(&self->facts);
	} else {
		mark_rows(self, tag, rows);
	}
}

static void scan_done(struct op *op, const struct error *error)
{
	struct scan_op *self = (struct scan_op *)op;
	struct batch *page = self->page;
	page->leads = self->facts.leads;
	page->count = self->facts.count;
	page->next = page->count && page->count == self->request.limit ? page->leads[page->count - 1].facts.lead.id : 0;
	if (error) {
		store_batch_free(page);
		page = NULL;
	}
	self->fn(self->arg, page, error);
}

void store_scan_page(struct store *store, const struct scan_request *request, store_batch_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_READ, .by_key = true, .segment = scan_segment, .rows = scan_rows, .done = scan_done};
	struct scan_op *self = op_new(store, &class, sizeof *self);
	struct arena *arena = arena_new();
	self->page = arena_alloc(arena, sizeof *self->page);
	*self->page = (struct batch){.arena = arena, .shard = request->shard, .now = request->now};
	self->facts = (struct facts){.arena = arena, .schema = request->schema, .now = request->now};
	self->request = *request;
	if (!request->limit || request->limit > SCAN_LEADS)
		self->request.limit = SCAN_LEADS;
	if (request->owner)
		self->request.owner = arena_dup(self->op.arena, request->owner);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
