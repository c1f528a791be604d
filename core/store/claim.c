/* Claiming: due touches become this process's, with the facts of their leads, in one transaction.
 *
 * Read is what the gate will ask: caps look at other touches only when a touch is late, or its lead wants less often what comes, and an end of a suppression, which may ask anything, is
 * looked for only where there is a suppression. So histories and touches are mostly not read; nor are accounts where the leads are of none. */
#include "store/outbox.h"

#include "base/hash.h"
#include "model/preference.h"
#include "store/facts.h"
#include "store/outbox_inside.h"

#include "store/claim.sql.h"

enum { TAG_NONE, TAG_SEEN, TAG_CLAIMED };

struct claim_op {
	struct op op;
	struct claims *claims;
	struct facts facts;
	const char *owner, *token, *channel;
	size_t limit;
	moment_t late_before;
	bool late;                  /* of one at least the other touches are asked for */
	store_claims_fn *fn;
	void *arg;
};

static void send_claim(struct claim_op *self)
{
	struct params *p;
	outbox_fence(&self->op, self->channel, self->owner);
	op_params(&self->op);
	op_send(&self->op, STATEMENT(outbox_seen), TAG_SEEN);
	p = op_params(&self->op);
	param_text(p, str_of(self->channel));
	param_time(p, self->claims->now);
	param_int8(p, (int64_t)self->limit);
	param_text(p, str_of(self->token));
	param_int8(p, self->claims->haul_id);
	op_send(&self->op, STATEMENT(outbox_claim), TAG_CLAIMED);
}

static const int facts_of_all[] = {FACTS_LEAD, FACTS_SCORE, FACTS_ENROLLMENT, FACTS_CONSENT, FACTS_SUPPRESSION, FACTS_PAUSE};
static const int facts_of_some[] = {FACTS_HISTORY, FACTS_TOUCH};

static void ask(struct op *op, struct facts *facts, const int *tags, size_t count)
{
	for (size_t i = 0; i < count; i++)
		facts_ask(op, facts, tags[i]);
}

static bool any_of_account(const struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++)
		if (facts->leads[i].facts.lead.account_id)
			return true;
	return false;
}

static bool any_suppressed(const struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++)
		if (facts->leads[i].facts.suppression_count)
			return true;
	return false;
}

/* Who wants mail less often: the others of the lead are counted (model/preference.h). */
static bool any_paced(const struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++)
		for (size_t k = 0; k < facts->leads[i].facts.consent_count; k++) {
			const struct consent *c = &facts->leads[i].facts.consents[k];
			for (int f = 0; c->state == CONSENT_WITHDRAWN && f < PREFERENCE_FREQUENCIES; f++)
				if (str_is(c->purpose, preference_frequencies[f].purpose))
					return true;
		}
	return false;
}

static enum op_more claim_segment(struct op *op, int number)
{
	struct claim_op *self = (struct claim_op *)op;
	if (number == 0) {
		send_claim(self);
		return OP_MORE;
	}
	if (number == 1 && self->claims->count) {
		ask(op, &self->facts, facts_of_all, sizeof facts_of_all / sizeof *facts_of_all);
		return OP_MORE;
	}
	if (number == 2 && any_of_account(&self->facts))
		facts_ask(op, &self->facts, FACTS_ACCOUNT);
	if (number == 2 && (self->late || any_suppressed(&self->facts) || any_paced(&self->facts)))
		ask(op, &self->facts, facts_of_some, sizeof facts_of_some / sizeof *facts_of_some);
	return OP_LAST;
}

static struct claim read_claim(const PGresult *rows, int row, struct str channel, struct arena *arena)
{
	return (struct claim){
		.touch = {.id = row_int8(rows, row, 0), .lead_id = row_int8(rows, row, 1), .enrollment_id = row_int8(rows, row, 2),
			  .campaign = row_text(rows, row, 3, arena), .step = row_text(rows, row, 4, arena), .pass = row_int4(rows, row, 5),
			  .channel = channel, .kind = row_text(rows, row, 6, arena), .template_name = row_text(rows, row, 7, arena),
			  .purpose = row_text(rows, row, 8, arena), .state = TOUCH_CLAIMED, .planned_at = row_time(rows, row, 10),
			  .due_at = row_time(rows, row, 11), .expires_at = row_time(rows, row, 12), .any_hours = row_bool(rows, row, 14),
			  .where = row_text(rows, row, 15, arena), .data = row_json(rows, row, 17, arena), .reason = {"", 0}},
		.recipient = row_text(rows, row, 9, arena), .attempt = row_int4(rows, row, 13), .revision = row_text(rows, row, 16, arena)};
}

static void claimed_rows(struct claim_op *self, const PGresult *rows)
{
	struct claims *claims = self->claims;
	struct str channel = str_of(arena_dup(claims->arena, self->channel));
	claims->count = (size_t)PQntuples(rows);
	claims->items = arena_array(claims->arena, claims->count + 1, sizeof *claims->items);
	int64_t *ids = arena_array(self->op.arena, claims->count + 1, sizeof *ids);
	for (size_t i = 0; i < claims->count; i++) {
		claims->items[i] = read_claim(rows, (int)i, channel, claims->arena);
		ids[i] = claims->items[i].touch.lead_id;
		if (!str_same(claims->items[i].touch.kind, claims->items[0].touch.kind))
			claims->seen = NULL;
		self->late |= claims->items[i].touch.due_at < self->late_before && claims->items[i].touch.planned_at < self->late_before;
	}
	self->facts.kind = claims->count ? claims->items[0].touch.kind.p : NULL;
	self->facts.channel = self->channel;
	self->facts.ids = ids;
	self->facts.id_count = claims->count;
	sort_ids(ids, &self->facts.id_count);
}

static void claim_rows(struct op *op, int tag, const PGresult *rows)
{
	struct claim_op *self = (struct claim_op *)op;
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
	else if (tag == TAG_SEEN)
		self->claims->seen = row_text(rows, 0, 0, self->claims->arena).p;
	else if (tag == TAG_CLAIMED)
		claimed_rows(self, rows);
	else if (tag >= TAG_FACTS)
		facts_rows(&self->facts, tag, rows);
}

/* A touch whose lead is gone cannot be judged: it is left out and stays claimed, until recovery brings it up again. */
static void join_facts(struct claim_op *self)
{
	struct claims *claims = self->claims;
	size_t count = 0;
	for (size_t i = 0; i < claims->count; i++) {
		claims->items[i].facts = facts_find(&self->facts, claims->items[i].touch.lead_id);
		if (claims->items[i].facts)
			claims->items[count++] = claims->items[i];
	}
	if (count < claims->count)
		claims->haul_id = 0;
	claims->count = count;
}

static void claim_done(struct op *op, const struct error *error)
{
	struct claim_op *self = (struct claim_op *)op;
	if (error) {
		store_claims_free(self->claims);
		self->fn(self->arg, NULL, error);
		return;
	}
	join_facts(self);
	self->fn(self->arg, self->claims, NULL);
}

void store_claim(struct store *store, const struct schema *schema, const struct claim_request *request, store_claims_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = claim_segment, .rows = claim_rows, .done = claim_done};
	struct claim_op *self = op_new(store, &class, sizeof *self);
	struct arena *arena = arena_new();
	self->claims = arena_alloc(arena, sizeof *self->claims);
	*self->claims = (struct claims){.arena = arena, .now = request->now, .haul_id = (int64_t)(hash_random_u64() >> 1)};
	self->facts = (struct facts){.arena = arena, .schema = schema, .now = request->now, .longest_cap = request->longest_cap};
	self->owner = arena_dup(self->op.arena, request->owner);
	self->token = arena_dup(self->op.arena, request->token);
	self->channel = arena_dup(self->op.arena, request->channel);
	self->limit = request->limit;
	self->late_before = request->late_before;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

void store_claims_free(struct claims *claims)
{
	if (claims)
		arena_free(claims->arena);
}
