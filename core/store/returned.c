/* What came back, written in one transaction:
 *
 *   0  the locks of permissions, the touch, its lead's addresses
 *   1  the key: what was told before ends here
 *   2  the touch is rejected, the address suppressed
 *   3  what is planned to it stops
 *   4  ids · 5  events, the count
 *
 * Which address: the one whose hash is in the proven token, of those that the lead has and the one that what came back names. A lead that has another
 * one now keeps it. */
#include "store/returned.h"

#include "base/hash.h"
#include "base/return_token.h"
#include "store/event_write.h"
#include "store/ids.h"

#include "store/returned.sql.h"

#include <stdlib.h>

enum { TAG_LOCKED = 1, TAG_TOUCH, TAG_ADDRESS, TAG_KEY, TAG_SUPPRESSED, TAG_STOPPED };

static const struct {
	const char *name, *verb;
	const char *reason;  /* of the suppression; NULL = none */
	const char *channel; /* of it */
	bool once;           /* once for a touch, however many say it */
} kinds[RETURNED_KINDS] = {
	[RETURNED_HARD] = {"hard", "email.bounce", "bounce", "email", true},
	[RETURNED_SOFT] = {"soft", "email.bounce", "soft bounces", "email", false},
	[RETURNED_REFUSED] = {"refused", "email.bounce", NULL, NULL, false},
	[RETURNED_COMPLAINT] = {"complaint", "email.complaint", "complaint", "*", true},
	[RETURNED_AUTO_REPLY] = {"auto_reply", "email.auto_reply", NULL, NULL, false},
	[RETURNED_REPLY] = {"reply", "email.reply", NULL, NULL, false},
	[RETURNED_UNSUBSCRIBE] = {"unsubscribe", "consent.withdraw", NULL, NULL, false}, /* counted here; written as any withdrawal is */
};
static const char *const answers[RETURNED_ANSWERS] = {
	[RETURNED_RECORDED] = "recorded", [RETURNED_KNOWN] = "known", [RETURNED_UNPROVEN] = "unproven", [RETURNED_NOBODY] = "nobody", [RETURNED_LATER] = "later"};

struct returned_op {
	struct op op;
	struct returned *r;
	bool found, went, in_hand, erased, fresh;
	bool locked; /* all shards: else nothing is suppressed; of two soft bounces that come together the next one does it */
	int64_t lead_id;
	struct str template_name, campaign, step;
	struct str address; /* that it was sent to; "" = nobody knows any more */
	struct over_touch *overs; size_t over_count, over_room;
};

/* ---- what is sent ---- */

/* Hashed, as all keys are: it may hold an address. */
static struct str key_of(struct arena *arena, const struct returned *r)
{
	enum { KEPT = 16 };
	unsigned char hash[HASH_SHA256];
	char hex[2 * KEPT + 1];
	const char *key = kinds[r->kind].once ? arena_printf(arena, "return %s %s %lld", r->channel, kinds[r->kind].name, (long long)r->touch_id)
					      : arena_printf(arena, "return %s %s %lld %.*s", r->channel, kinds[r->kind].name, (long long)r->touch_id, STR_ARG(r->key));
	hash_sha256(str_of(key), hash);
	return str_of(arena_dup(arena, hash_hex(hash, KEPT, hex)));
}

static bool may_suppress(const struct returned *r)
{
	return kinds[r->kind].reason && (r->kind != RETURNED_SOFT || (r->soft_most && r->soft_days));
}

static void send_lock(struct op *op, const struct returned *r)
{
	struct params *p = op_params(op);
	param_int8(p, r->touch_id);
	param_bool(p, may_suppress(r));
	param_text(p, key_of(op->arena, r));
	param_int4(p, r->kind == RETURNED_SOFT ? r->soft_most : 0);
	param_int4(p, r->soft_days);
	param_time(p, r->now);
	op_send(op, STATEMENT(returned_lock), TAG_LOCKED);
}

static void send_touch(struct op *op, const struct returned *r)
{
	struct params *p = op_params(op);
	param_int8(p, r->touch_id);
	param_text(p, str_of(r->channel));
	op_send(op, STATEMENT(returned_look), TAG_TOUCH);
	p = op_params(op);
	param_int8(p, r->touch_id);
	op_send(op, STATEMENT(returned_addresses), TAG_ADDRESS);
}

static void send_key(struct op *op, const struct returned *r)
{
	struct params *p = op_params(op);
	param_text(p, key_of(op->arena, r));
	param_time(p, r->now);
	op_send(op, STATEMENT(returned_key), TAG_KEY);
}

static void send_back(struct op *op, const struct returned *r)
{
	struct params *p = op_params(op);
	param_int8(p, r->touch_id);
	param_time(p, r->now);
	param_text(p, r->reason);
	op_send(op, STATEMENT(returned_back), 0);
}

static void send_suppress(struct returned_op *self)
{
	const struct returned *r = self->r;
	struct params *p = op_params(&self->op);
	param_text(p, self->address);
	param_text(p, str_of(kinds[r->kind].channel));
	param_text(p, str_of(kinds[r->kind].reason));
	param_time(p, r->now);
	param_int4(p, r->kind == RETURNED_SOFT ? r->soft_most : 0);
	param_int4(p, r->soft_days);
	param_int8(p, self->lead_id);
	op_send(&self->op, STATEMENT(returned_suppress), TAG_SUPPRESSED);
}

static void send_stop(struct returned_op *self)
{
	struct params *p = op_params(&self->op);
	param_text(p, self->address);
	param_text(p, str_of(kinds[self->r->kind].channel));
	param_time(p, self->r->now);
	op_send(&self->op, STATEMENT(returned_stop), TAG_STOPPED);
}

static void send_count(struct op *op, const struct returned *r)
{
	struct params *p = op_params(op);
	param_text(p, str_of(r->channel));
	param_text(p, str_of(kinds[r->kind].name));
	param_text(p, str_of(answers[r->answer]));
	param_time(p, r->now);
	op_send(op, STATEMENT(returned_count), 0);
}

/* ---- the event ---- */

static void put_text(struct buf *data, const char *key, struct str value)
{
	if (!value.n)
		return;
	buf_printf(data, "%s\"%s\":", data->n > 1 ? "," : "", key);
	buf_put_json(data, value);
}

/* What the plugin says stands first: ours goes before it where both have the same key. A touch that did not arrive is over for the walk, too. */
static struct str event_data(const struct returned_op *self)
{
	const struct returned *r = self->r;
	struct buf data = {0};
	buf_putc(&data, '{');
	if (r->data.n > 2)
		buf_printf(&data, "%.*s", (int)(r->data.n - 2), r->data.p + 1);
	if (strcmp(kinds[r->kind].verb, "email.bounce") == 0)
		put_text(&data, "kind", str_of(kinds[r->kind].name));
	put_text(&data, "code", r->code);
	put_text(&data, "reason", r->reason);
	put_text(&data, "campaign", self->campaign);
	put_text(&data, "step", self->step);
	if (r->kind == RETURNED_HARD)
		put_text(&data, "outcome", STR("rejected"));
	buf_printf(&data, "%s\"touch\":%lld}", data.n > 1 ? "," : "", (long long)r->touch_id);
	struct str text = arena_str(self->op.arena, buf_str(&data));
	buf_fini(&data);
	return text;
}

static void send_events(struct returned_op *self)
{
	struct event_list events = {0};
	struct op *op = &self->op;
	const struct returned *r = self->r;
	*event_list_add(&events, op->arena) = (struct event_row){
		.id = ids_take(op, (int)(self->lead_id & 63)), .lead_id = self->lead_id, .at = r->now, .received_at = r->now, .verb = str_of(kinds[r->kind].verb),
		.subject = self->template_name, .data = event_data(self), .lane = LANE_LIVE};
	for (size_t i = 0; i < self->over_count; i++)
		event_list_add_over(&events, op, &self->overs[i], r->now);
	event_list_send(op, &events, 0);
}

/* ---- the way through ---- */

static bool is_over(const struct returned_op *self)
{
	struct returned *r = self->r;
	if (!self->found)
		r->answer = RETURNED_UNPROVEN;
	else if (!self->went)
		r->answer = self->in_hand ? RETURNED_LATER : RETURNED_UNPROVEN;
	else if (self->erased)
		r->answer = RETURNED_NOBODY;
	else
		return false;
	return true;
}

static enum op_more last(struct returned_op *self)
{
	if (self->r->answer != RETURNED_LATER)
		send_count(&self->op, self->r);
	return OP_LAST;
}

static bool suppresses(const struct returned_op *self)
{
	const struct returned *r = self->r;
	return may_suppress(r) && self->address.n && self->locked;
}

static enum op_more write_it(struct returned_op *self)
{
	struct op *op = &self->op;
	if (!self->fresh) {
		self->r->answer = RETURNED_KNOWN;
		return last(self);
	}
	if (self->r->inside)
		return last(self);
	if (self->r->kind == RETURNED_HARD)
		send_back(op, self->r);
	if (suppresses(self))
		send_suppress(self);
	return OP_MORE;
}

static enum op_more returned_segment(struct op *op, int number)
{
	struct returned_op *self = (struct returned_op *)op;
	switch (number) {
	case 0:
		send_lock(op, self->r);
		send_touch(op, self->r);
		return OP_MORE;
	case 1:
		if (is_over(self))
			return last(self);
		send_key(op, self->r);
		return OP_MORE;
	case 2:
		return write_it(self);
	case 3:
		if (self->r->suppressed)
			send_stop(self);
		return OP_MORE;
	case 4:
		ids_ask(op, self->over_count + 1);
		return OP_MORE;
	default:
		send_events(self);
		return last(self);
	}
}

/* ---- what is answered ---- */

static void touch_row(struct returned_op *self, const PGresult *rows)
{
	struct arena *arena = self->op.arena;
	if (PQntuples(rows) != 1)
		return;
	struct str state = row_peek(rows, 0, 0);
	self->found = true;
	self->in_hand = str_is(state, "claimed") || str_is(state, "permitted");
	self->lead_id = row_int8(rows, 0, 1);
	self->template_name = row_text(rows, 0, 2, arena);
	self->campaign = row_text(rows, 0, 3, arena);
	self->step = row_text(rows, 0, 4, arena);
	self->r->inside = row_bool(rows, 0, 5);
	self->went = row_bool(rows, 0, 6);
	self->erased = row_bool(rows, 0, 7);
}

static void address_rows(struct returned_op *self, const PGresult *rows)
{
	struct returned *r = self->r;
	for (int i = 0; i < PQntuples(rows) && !self->address.n; i++)
		if (return_token_address(r->sealed_by, row_peek(rows, i, 0)) == r->address)
			self->address = row_text(rows, i, 0, self->op.arena);
	self->r->known = self->address;
	if (!self->address.n && r->names.n && return_token_address(r->sealed_by, r->names) == r->address)
		self->address = r->names;
}

static void stopped_rows(struct returned_op *self, const PGresult *rows)
{
	struct arena *arena = self->op.arena;
	self->r->cancelled = PQntuples(rows);
	for (int i = 0; i < PQntuples(rows); i++) {
		struct over_touch *over = arena_push(arena, &self->overs, self->over_count++, &self->over_room, sizeof *over);
		*over = (struct over_touch){.touch_id = row_int8(rows, i, 0), .lead_id = row_int8(rows, i, 1), .outcome = STR("cancelled"), .reason = STR("suppressed"),
					    .channel = row_text(rows, i, 2, arena), .campaign = row_text(rows, i, 3, arena), .step = row_text(rows, i, 4, arena)};
	}
}

static void returned_rows(struct op *op, int tag, const PGresult *rows)
{
	struct returned_op *self = (struct returned_op *)op;
	switch (tag) {
	case TAG_IDS: ids_rows(op, rows); break;
	case TAG_LOCKED: self->locked = row_int4(rows, 0, 0) == 64; break;
	case TAG_TOUCH: touch_row(self, rows); break;
	case TAG_ADDRESS: address_rows(self, rows); break;
	case TAG_KEY: self->fresh = PQntuples(rows) > 0; break;
	case TAG_SUPPRESSED: self->r->suppressed = row_int4(rows, 0, 0); break;
	case TAG_STOPPED: stopped_rows(self, rows); break;
	default: break;
	}
}

static void returned_done(struct op *op, const struct error *error)
{
	const struct returned *r = ((struct returned_op *)op)->r;
	r->fn(r->arg, error);
}

void store_returned(struct store *store, struct returned *returned)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = returned_segment, .rows = returned_rows, .done = returned_done};
	struct returned_op *self = op_new(store, &class, sizeof *self);
	self->r = returned;
	returned->answer = RETURNED_RECORDED;
	returned->inside = false;
	returned->known = (struct str){"", 0};
	returned->suppressed = returned->cancelled = 0;
	op_submit(&self->op);
}

static enum op_more count_segment(struct op *op, int number)
{
	(void)number;
	send_count(op, ((struct returned_op *)op)->r);
	return OP_LAST;
}

void store_returned_count(struct store *store, struct returned *returned)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = count_segment, .done = returned_done};
	struct returned_op *self = op_new(store, &class, sizeof *self);
	self->r = returned;
	op_submit(&self->op);
}
