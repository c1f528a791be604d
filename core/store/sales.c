/* What sales and the CRM say. Of an opportunity: its row, and the event that the lead's turn hears of, in one transaction. Of an account:
 * a row of its inbox; its own turn applies it (account.c). Called by web. */
#include "store/admin.h"
#include "store/event_write.h"
#include "store/ids.h"

#include "store/sales.sql.h"

enum { TAG_NONE, TAG_WHO };

struct opportunity_op {
	struct op op;
	struct store_opportunity given; /* texts are ours */
	int64_t id, lead_id;
	struct event_list events;
	store_id_fn *fn;
	void *arg;
};

static void who_is_it(struct opportunity_op *self)
{
	struct op *op = &self->op;
	bool known = self->given.opportunity_id != 0;
	param_int8(op_params(op), known ? self->given.opportunity_id : self->given.lead_id);
	op_send(op, known ? STATEMENT(opportunity_known) : STATEMENT(opportunity_lead), TAG_WHO);
	ids_ask(op, 2);
}

static void add_event(struct opportunity_op *self)
{
	const struct store_opportunity *o = &self->given;
	struct arena *arena = self->op.arena;
	struct buf data = {0};
	double amount = 0;
	buf_printf(&data, "{\"opportunity\":%lld", (long long)self->id);
	if (o->currency.n) {
		buf_puts(&data, ",\"currency\":");
		buf_put_json(&data, o->currency);
	}
	if (o->reason.n) {
		buf_puts(&data, ",\"reason\":");
		buf_put_json(&data, o->reason);
	}
	buf_putc(&data, '}');
	bool has_amount = o->amount.n && str_to_double(o->amount, &amount);
	*event_list_add(&self->events, arena) = (struct event_row){
		.id = ids_take(&self->op, lead_shard(self->lead_id)), .lead_id = self->lead_id, .at = o->at, .received_at = o->at,
		.verb = str_of(arena_printf(arena, "opportunity.%.*s", STR_ARG(o->state))), .data = arena_str(arena, buf_str(&data)),
		.value = amount, .has_value = has_amount, .lane = LANE_LIVE};
	buf_fini(&data);
}

static struct str or_null(struct str s)
{
	return s.n ? s : (struct str){NULL, 0};
}

static void put(struct opportunity_op *self)
{
	const struct store_opportunity *o = &self->given;
	self->id = o->opportunity_id ? o->opportunity_id : ids_take(&self->op, lead_shard(self->lead_id));
	struct params *p = op_params(&self->op);
	param_int8(p, self->id);
	param_int8(p, self->lead_id);
	param_text(p, o->state);
	param_text(p, or_null(o->amount));
	param_text(p, or_null(o->currency));
	param_text(p, or_null(o->reason));
	param_time(p, o->at);
	op_send(&self->op, STATEMENT(opportunity_put), TAG_NONE);
	add_event(self);
	event_list_send(&self->op, &self->events, TAG_NONE);
}

static enum op_more opportunity_segment(struct op *op, int number)
{
	struct opportunity_op *self = (struct opportunity_op *)op;
	if (number == 0) {
		who_is_it(self);
		return OP_MORE;
	}
	put(self);
	return OP_LAST;
}

static void opportunity_rows(struct op *op, int tag, const PGresult *rows)
{
	struct opportunity_op *self = (struct opportunity_op *)op;
	if (tag == TAG_IDS)
		ids_rows(op, rows);
	if (tag != TAG_WHO)
		return;
	self->lead_id = PQntuples(rows) ? row_int8(rows, 0, 0) : 0;
	if (!self->lead_id && self->given.opportunity_id)
		op_fail(op, ERROR_NOT_FOUND, "opportunity", "there is no opportunity %lld.", (long long)self->given.opportunity_id);
	else if (!self->lead_id)
		op_fail(op, ERROR_NOT_FOUND, "lead", "there is no lead %lld.", (long long)self->given.lead_id);
}

static void opportunity_done(struct op *op, const struct error *error)
{
	struct opportunity_op *self = (struct opportunity_op *)op;
	self->fn(self->arg, error ? 0 : self->id, error);
}

void store_opportunity_put(struct store *store, const struct store_opportunity *opportunity, store_id_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .segment = opportunity_segment, .rows = opportunity_rows, .done = opportunity_done};
	struct opportunity_op *self = op_new(store, &class, sizeof *self);
	struct arena *arena = self->op.arena;
	self->given = *opportunity;
	self->given.state = arena_str(arena, opportunity->state);
	self->given.amount = arena_str(arena, opportunity->amount);
	self->given.currency = arena_str(arena, opportunity->currency);
	self->given.reason = arena_str(arena, opportunity->reason);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

/* ---- accounts ---- */

struct update_op {
	struct op op;
	int64_t account_id;
	struct str data;
	store_done_fn *fn;
	void *arg;
};

static enum op_more update_segment(struct op *op, int number)
{
	struct update_op *self = (struct update_op *)op;
	struct params *p = op_params(op);
	(void)number;
	param_int8(p, self->account_id);
	param_json(p, self->data);
	op_send(op, STATEMENT(account_update), TAG_NONE);
	return OP_LAST;
}

static void update_rows(struct op *op, int tag, const PGresult *rows)
{
	(void)tag;
	if (PQntuples(rows) == 0)
		op_fail(op, ERROR_NOT_FOUND, "account", "there is no account %lld.", (long long)((struct update_op *)op)->account_id);
	else if (row_bool(rows, 0, 0))
		op_fail(op, ERROR_CONFLICT, "name", "another account without a domain has that name; such accounts are known by it.");
}

static void update_done(struct op *op, const struct error *error)
{
	struct update_op *self = (struct update_op *)op;
	self->fn(self->arg, error);
}

void store_account_update(struct store *store, int64_t account_id, struct str data, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = update_segment, .rows = update_rows, .done = update_done};
	struct update_op *self = op_new(store, &class, sizeof *self);
	self->account_id = account_id;
	self->data = arena_str(self->op.arena, data);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
