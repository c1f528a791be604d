/* What came back for touches that went out, as the plugin read it: a bounce, a complaint, an answer. Anybody may have written it, so it means a touch only
 * by a token of ours (base/return_token.h), which is proven here; an answer without one means the lead that has the sender's address, if there is one.
 *
 * Nothing is kept here: the plugin keeps what came back until it hears that it is recorded, and tells it again otherwise. */
#include "base/log.h"
#include "base/mem.h"
#include "base/return_token.h"
#include "delivery/parts.h"
#include "model/suppress_value.h"
#include "store/returned.h"

#include <stdlib.h>

_Static_assert((int)NURTURE_RETURN_UNSUBSCRIBE - (int)NURTURE_RETURN_HARD == (int)RETURNED_UNSUBSCRIBE - (int)RETURNED_HARD, "kinds are in one order");

struct coming {
	struct delivery *delivery;
	struct arena *arena;
	struct returned returned;
	struct intake intake;
	struct intake_event event;
	struct intake_consent consent;
	nurture_returned_fn *fn;
	void *fn_arg;
};

/* Only an address of our own: what names a touch may have been changed by who names it. */
static const char *sent_to(const struct coming *coming)
{
	struct str address = coming->returned.known;
	return address.n ? arena_dup_n(coming->arena, address.p, address.n) : NULL;
}

static void over(struct coming *coming, enum nurture_return_answer answer)
{
	struct delivery *d = coming->delivery;
	d->return_count--;
	if (!d->stopping)
		coming->fn(coming->fn_arg, answer, sent_to(coming));
	arena_free(coming->arena);
	free(coming);
	if (d->state == DELIVERY_DRAINS)
		delivery_pump(d); /* it waits for this */
}

/* What the database would never take is not told for ever. */
static void failed(struct coming *coming, const struct error *error)
{
	struct delivery *d = coming->delivery;
	bool data = error->code == ERROR_INVALID || error->code == ERROR_LIMIT;
	if (data)
		log_error("channel.return.refused", log_str("channel", d->name), log_int("touch", coming->returned.touch_id), log_str("message", error->message));
	else if (!d->stopping)
		delivery_trouble(d, "returned", error);
	over(coming, data ? NURTURE_RETURN_NOBODY : NURTURE_RETURN_LATER);
}

static void on_returned(void *arg, const struct error *error)
{
	static const enum nurture_return_answer answers[RETURNED_ANSWERS] = {
		[RETURNED_RECORDED] = NURTURE_RETURN_RECORDED, [RETURNED_KNOWN] = NURTURE_RETURN_KNOWN, [RETURNED_UNPROVEN] = NURTURE_RETURN_UNPROVEN,
		[RETURNED_NOBODY] = NURTURE_RETURN_NOBODY, [RETURNED_LATER] = NURTURE_RETURN_LATER};
	struct coming *coming = arg;
	struct delivery *d = coming->delivery;
	const struct returned *r = &coming->returned;
	if (error) {
		failed(coming, error);
		return;
	}
	if (r->inside && r->answer == RETURNED_RECORDED && r->kind == RETURNED_HARD)
		log_warn("channel.return.inside", log_str("channel", d->name), log_int("touch", r->touch_id),
			 log_str("message", "a mail to one of us came back: look at the address in the playbook"));
	if (r->answer == RETURNED_RECORDED && r->kind == RETURNED_HARD && !r->inside)
		metrics_add(d->worker->metrics, METRIC_TOUCHES_REJECTED, 1);
	if (r->answer == RETURNED_UNPROVEN) {
		metrics_add(d->worker->metrics, METRIC_RETURNS_UNPROVEN, 1);
		log_warn("channel.return.unproven", log_str("channel", d->name), log_int("touch", r->touch_id),
			 log_str("message", "what came back names no mail that was sent: nothing follows from it"));
	} else {
		metrics_add(d->worker->metrics, METRIC_RETURNS, r->answer == RETURNED_RECORDED);
	}
	over(coming, answers[r->answer]);
}

/* An answer of somebody whom only the address names. */
static void on_taken(void *arg, const struct error *error)
{
	struct coming *coming = arg;
	if (error) {
		failed(coming, error);
		return;
	}
	const struct intake_event *e = &coming->event;
	coming->returned.answer = e->duplicate ? RETURNED_KNOWN : e->event_id ? RETURNED_RECORDED : RETURNED_NOBODY;
	store_returned_count(coming->delivery->writes, &coming->returned);
}

static struct str unproven(struct arena *arena, struct str data)
{
	bool any = data.n > 2;
	return str_of(arena_printf(arena, "{\"proven\":false%s%.*s", any ? "," : "}", any ? (int)(data.n - 1) : 0, any ? data.p + 1 : ""));
}

static void take_answer(struct coming *coming)
{
	static const char *const verbs[] = {[RETURNED_AUTO_REPLY] = "email.auto_reply", [RETURNED_REPLY] = "email.reply"};
	struct returned *r = &coming->returned;
	if (!strangers_let(&coming->delivery->strangers, r->names, r->now)) {
		r->answer = RETURNED_NOBODY;
		store_returned_count(coming->delivery->writes, r);
		return;
	}
	r->data = unproven(coming->arena, r->data);
	coming->event = (struct intake_event){
		.email = r->names, .verb = str_of(verbs[r->kind]), .data = r->data, .at = r->now,
		.key = str_of(arena_printf(coming->arena, "return %s %.*s", r->channel, STR_ARG(r->key)))};
	coming->intake = (struct intake){.events = &coming->event, .event_count = 1, .now = r->now, .fn = on_taken, .arg = coming};
	store_intake(coming->delivery->writes, &coming->intake);
}

/* ---- who wants no more ---- */

static void on_withdrawn(void *arg, const struct error *error)
{
	struct coming *coming = arg;
	if (error && error->code != ERROR_NOT_FOUND) {
		failed(coming, error);
		return;
	}
	coming->returned.answer = error ? RETURNED_NOBODY : RETURNED_RECORDED;
	store_returned_count(coming->delivery->writes, &coming->returned);
}

static void on_touch(void *arg, json_t *rows, const struct error *error)
{
	struct coming *coming = arg;
	struct returned *r = &coming->returned;
	int64_t lead_id = json_integer_value(json_object_get(json_array_get(rows, 0), "lead_id"));
	if (error) {
		failed(coming, error);
		return;
	}
	if (!lead_id) {
		r->answer = RETURNED_UNPROVEN;
		store_returned_count(coming->delivery->writes, r);
		return;
	}
	coming->consent = (struct intake_consent){.lead_id = lead_id, .channel = STR("email"), .purpose = STR("marketing"), .state = CONSENT_WITHDRAWN,
						  .source = STR("unsubscribe"), .wording = STR("List-Unsubscribe: mailto")};
	coming->event = (struct intake_event){.lead_id = lead_id, .verb = STR("consent.withdraw"), .subject = STR("email"), .at = r->now,
					      .key = str_of(arena_printf(coming->arena, "return %s %.*s", r->channel, STR_ARG(r->key)))};
	coming->intake = (struct intake){.events = &coming->event, .event_count = 1, .consents = &coming->consent, .consent_count = 1, .now = r->now,
					 .fn = on_withdrawn, .arg = coming};
	store_intake(coming->delivery->writes, &coming->intake);
}

/* As by the link of the same mail (web/unsubscribe.c): whoever has the mail may. */
static void withdraw(struct coming *coming)
{
	const char *id = arena_printf(coming->arena, "%lld", (long long)coming->returned.touch_id);
	store_query(coming->delivery->writes, "touch_lead", &id, 1, on_touch, coming);
}

static bool is_answer(enum returned_kind kind)
{
	return kind == RETURNED_REPLY || kind == RETURNED_AUTO_REPLY;
}

/* As leads have it; "" when it is none. */
static struct str address_of(struct str text, struct arena *arena)
{
	struct str address = {"", 0};
	struct error error = {0};
	if (!text.n || suppress_value_written("email", text, arena, &address, &error) < 0)
		return (struct str){"", 0};
	return address;
}

static void read_return(struct coming *coming, const struct channel_return *given)
{
	struct arena *arena = coming->arena;
	coming->returned = (struct returned){
		.channel = coming->delivery->name, .kind = (enum returned_kind)((int)given->kind - (int)NURTURE_RETURN_HARD), .names = address_of(arena_str(arena, given->address), arena),
		.code = arena_str(arena, given->code), .reason = arena_str(arena, given->reason), .data = arena_str(arena, given->data),
		.key = arena_str(arena, given->key), .soft_most = given->soft_most < 1000 ? (int)given->soft_most : 1000,
		.soft_days = given->soft_days < 3650 ? (int)given->soft_days : 3650, .now = delivery_now(coming->delivery), .fn = on_returned, .arg = coming};
}

void returns_take(void *arg, const struct channel_return *given, nurture_returned_fn *fn, void *fn_arg)
{
	struct delivery *d = arg;
	struct coming *coming = mem_alloc(sizeof *coming);
	*coming = (struct coming){.delivery = d, .arena = arena_new(), .fn = fn, .fn_arg = fn_arg};
	d->return_count++;
	read_return(coming, given);
	struct returned *r = &coming->returned;
	if (return_token_read(&d->link_keys, given->token, &r->touch_id, &r->address, &r->sealed_by)) {
		if (r->kind == RETURNED_UNSUBSCRIBE)
			withdraw(coming);
		else
			store_returned(d->writes, r);
	} else if (is_answer(r->kind) && r->names.n) {
		take_answer(coming);
	} else {
		r->answer = RETURNED_UNPROVEN;
		store_returned_count(d->writes, r);
	}
}
