/* Permissions of a group: given, confirmed by the link in a mail, taken back. Called by intake_group.c.
 *
 * What takes back or confirms, and what changes an address (new_address.h), holds the lock of its lead's shard alone,
 * before anything is looked at (permit.sql holds it together with others): so no permission to send commits after a withdrawal, and neither a
 * confirmation nor a new address is written over one. A lead that was merged is two: its own shard and that of the lead it became are both held,
 * whichever of them it is when all is written. An address that came beside the id in another system names its lead only when that id was looked up: then all
 * begins again, with that lead's lock. */
#include "model/preference.h"
#include "store/intake_group.h"

#include "store/intake_consents.sql.h"

enum { TAG_NONE };

/* ---- locks ---- */

static bool holds_alone(const struct intake_consent *c)
{
	return !c->of && (c->state == CONSENT_WITHDRAWN || c->mailbox);
}

static uint64_t shards_of(int64_t lead_id, int64_t held)
{
	return UINT64_C(1) << lead_shard(lead_id) | UINT64_C(1) << lead_shard(held ? held : lead_id);
}

void intake_consents_lock(struct op *op, struct intake **requests, size_t count)
{
	uint64_t shards = 0;
	bool unproven = false;
	EACH_CONSENT(requests, count, r, c) {
		unproven = unproven || c->unproven;
		if (holds_alone(c))
			shards |= shards_of(c->lead_id, c->held);
	}
	EACH_EVENT(requests, count, q, e)
		if (intake_readdresses(e))
			shards |= shards_of(e->lead_id, e->held);
		else if (e->held)
			shards |= UINT64_C(1) << lead_shard(e->held);
	if (!shards && !unproven)
		return;
	struct param *array = param_array(op_params(op), PARAM_INT4);
	for (int i = 0; i < SHARD_COUNT; i++)
		if (shards >> i & 1)
			array_int4(array, i);
	op_send(op, unproven ? STATEMENT(permit_lock_all) : STATEMENT(permit_lock_alone), TAG_NONE);
}

static void hold_of(struct op *op, const struct intake_names *names, int64_t named, int64_t *held)
{
	int64_t lead_id = intake_names_lead(names, named);
	if (!lead_id || lead_id == named || lead_id == *held)
		return;
	*held = lead_id;
	op_fail(op, ERROR_CONFLICT, "lead", "this lead is merged into %lld.", (long long)lead_id);
	op->again = true;
}

static void hold_named(struct op *op, const struct intake_names *names, struct intake_event *e)
{
	const struct intake_name *name = intake_names_find(names, intake_names_name(e));
	if (name->whose == e->held && (!e->held || name->lead_id == e->held))
		return;
	e->held = name->whose;
	op_fail(op, ERROR_CONFLICT, "email", "the address of lead %lld changes.", (long long)e->held);
	op->again = true;
}

bool intake_consents_elsewhere(struct op *op, const struct intake_names *names, struct intake **requests, size_t count)
{
	EACH_CONSENT(requests, count, r, c)
		if (holds_alone(c))
			hold_of(op, names, c->lead_id, &c->held);
	EACH_EVENT(requests, count, q, e)
		if (intake_readdresses(e))
			hold_of(op, names, e->lead_id, &e->held);
		else if (intake_brings_two(e))
			hold_named(op, names, e);
	return op_failed(op);
}

/* ---- confirmed ---- */

static void put_confirmation(struct param *const c[10], const struct intake_consent *consent, int64_t lead_id, moment_t now)
{
	array_int8(c[0], lead_id);
	array_int8(c[1], consent->mailbox);
	array_int8(c[2], consent->touch_id);
	array_time(c[3], now);
	array_text(c[4], consent->channel);
	array_text(c[5], consent->purpose);
	array_text(c[6], consent->source);
	array_text_or_null(c[7], consent->wording);
	array_text_or_null(c[8], consent->ip);
	array_text_or_null(c[9], consent->evidence);
}

bool intake_consents_confirm(struct op *op, struct intake_consents *self, const struct intake_names *names, struct intake **requests, size_t count, int tag)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_INT8, PARAM_INT8, PARAM_TIME, PARAM_TEXT,
						PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT};
	struct param *c[10];
	size_t n = 0;
	EACH_CONSENT(requests, count, r, consent)
		n += consent->mailbox != 0;
	if (!n)
		return false;
	self->confirmations = arena_array(op->arena, n, sizeof *self->confirmations);
	struct params *p = op_params(op);
	for (size_t i = 0; i < 10; i++)
		c[i] = param_array(p, types[i]);
	EACH_CONSENT(requests, count, r, consent) {
		int64_t lead_id = consent->mailbox ? intake_names_lead(names, consent->lead_id) : 0;
		consent->written = consent->stands = false;
		if (!lead_id)
			continue; /* erased, or never there: it does not stand */
		put_confirmation(c, consent, lead_id, r->now);
		self->confirmations[self->confirmation_count++] = consent;
	}
	if (self->confirmation_count)
		op_send(op, STATEMENT(consent_confirm), tag);
	return self->confirmation_count > 0;
}

void intake_consents_confirmed_rows(struct intake_consents *self, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		struct intake_consent *consent = self->confirmations[row_int4(rows, i, 0)];
		consent->stands = true;
		consent->written = row_bool(rows, i, 1);
	}
}

/* ---- given and taken back ---- */

/* 0 = nobody: an error, unless its event was not taken. */
static int64_t whose(struct op *op, const struct intake_names *names, const struct intake_consent *consent)
{
	int64_t lead_id = !consent->of ? intake_names_lead(names, consent->lead_id) : consent->of->event_id ? consent->of->found_lead : 0;
	if (consent->of && consent->state == CONSENT_WITHDRAWN)
		op_fail(op, ERROR_INVALID, "consent", "a withdrawal names its lead by id.");
	else if (!lead_id && !consent->of)
		op_fail(op, ERROR_NOT_FOUND, "lead", "there is no lead %lld.", (long long)consent->lead_id);
	return lead_id;
}

static void put_consent(struct param *const c[10], const struct intake_consent *consent, int64_t lead_id, moment_t now)
{
	const struct str texts[] = {consent->channel, consent->purpose, str_of(consent_state_name(consent->state)), consent->source};
	array_int2(c[0], lead_shard(lead_id));
	array_int8(c[1], lead_id);
	array_time(c[2], now);
	for (size_t i = 0; i < 4; i++)
		array_text(c[3 + i], texts[i]);
	array_text_or_null(c[7], consent->wording);
	array_text_or_null(c[8], consent->ip);
	array_text_or_null(c[9], consent->evidence);
}

/* Those that are unproven come last: they see every withdrawal, of this group, too. */
static void send_consents(struct op *op, struct intake_consents *self, const struct intake_names *names, struct intake **requests, size_t count, bool unproven)
{
	static const enum param_type types[] = {PARAM_INT2, PARAM_INT8, PARAM_TIME, PARAM_TEXT, PARAM_TEXT,
						PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT};
	struct params *p = op_params(op);
	struct param *c[10];
	size_t n = 0;
	for (size_t i = 0; i < 10; i++)
		c[i] = param_array(p, types[i]);
	EACH_CONSENT(requests, count, r, consent) {
		if (consent->mailbox || consent->unproven != unproven)
			continue;
		int64_t lead_id = whose(op, names, consent);
		consent->cancelled = 0;
		if (!lead_id)
			continue;
		put_consent(c, consent, lead_id, r->now);
		self->withdrawal_count += consent->state == CONSENT_WITHDRAWN;
		n++;
	}
	if (n)
		op_send(op, unproven ? STATEMENT(consent_insert_unproven) : STATEMENT(consent_insert), TAG_NONE);
}

/* Of whom a choice is kept: what is claimed is to pass the gate once more. */
static void send_look_again(struct op *op, const struct intake_consents *self, const struct intake_names *names, size_t count)
{
	struct params *p = op_params(op);
	struct param *lead = param_array(p, PARAM_INT8);
	size_t chose = 0;
	for (size_t i = 0; i < count; i++) {
		const struct intake_consent *c = self->withdrawals[i];
		if (!str_is(c->channel, "email") || !preference_is(c->purpose))
			continue;
		array_int8(lead, intake_names_lead(names, c->lead_id));
		chose++;
	}
	if (chose)
		op_send(op, STATEMENT(consent_look_again), TAG_NONE);
}

static void send_cancels(struct op *op, struct intake_consents *self, const struct intake_names *names, struct intake **requests, size_t count, int tag)
{
	size_t n = 0;
	if (!self->withdrawal_count)
		return;
	self->withdrawals = arena_array(op->arena, self->withdrawal_count, sizeof *self->withdrawals);
	struct params *p = op_params(op);
	struct param *lead = param_array(p, PARAM_INT8), *channel = param_array(p, PARAM_TEXT), *purpose = param_array(p, PARAM_TEXT);
	EACH_CONSENT(requests, count, r, c) {
		if (c->state != CONSENT_WITHDRAWN || c->of || !intake_names_lead(names, c->lead_id))
			continue;
		self->withdrawals[n++] = c;
		array_int8(lead, intake_names_lead(names, c->lead_id));
		array_text(channel, c->channel);
		array_text(purpose, c->purpose);
	}
	param_time(p, requests[0]->now);
	op_send(op, STATEMENT(consent_cancel), tag);
	send_look_again(op, self, names, n);
}

void intake_consents_write(struct op *op, struct intake_consents *self, const struct intake_names *names, struct intake **requests, size_t count, int tag)
{
	send_consents(op, self, names, requests, count, false);
	send_consents(op, self, names, requests, count, true);
	send_cancels(op, self, names, requests, count, tag);
}

void intake_consents_cancelled_rows(struct op *op, struct intake_consents *self, const PGresult *rows, moment_t now)
{
	struct arena *arena = op->arena;
	for (int i = 0; i < PQntuples(rows); i++) {
		struct intake_consent *c = self->withdrawals[row_int4(rows, i, 0)];
		c->cancelled++;
		struct over_touch over = {.touch_id = row_int8(rows, i, 1), .lead_id = row_int8(rows, i, 2), .outcome = STR("cancelled"),
					  .reason = STR("withdrawn"), .channel = row_text(rows, i, 3, arena),
					  .campaign = row_text(rows, i, 4, arena), .step = row_text(rows, i, 5, arena)};
		event_list_add_over(&self->overs, op, &over, now);
	}
}
