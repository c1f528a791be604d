/* What the channel calls upwards: permissions and ends of touches, capacity, and the plugin's own events. (Its news: news.c.)
 *
 * Events go through the same intake as those of the web, and are kept and tried again while the database is away. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"
#include "model/phone.h"

#include <jansson.h>
#include <stdlib.h>

static const int64_t again_us = MOMENT_SECOND;

static moment_t call_now(void *arg)
{
	return delivery_now(arg);
}

static void call_permit(void *arg, void *cookie, struct nurture_handle handle)
{
	struct item *item = cookie;
	(void)arg;
	item->handle = handle;
	group_ask(item);
}

static void call_over(void *arg, void *cookie, const struct channel_result *result)
{
	fault_look(arg, result);
	group_forget(cookie);
	delivery_result(cookie, result);
}

static void call_capacity(void *arg, uint32_t touches)
{
	struct delivery *d = arg;
	d->capacity = touches;
	delivery_pump(d);
}

/* Its connections are made when it first asks. */
static void call_query(void *arg, const struct nurture_query *query, nurture_query_fn *fn, void *fn_arg)
{
	struct delivery *d = arg;
	if (!d->asked)
		d->asked = plugin_store_new(d->worker->loop, d->worker->conninfo, d->plugin->name);
	plugin_store_ask(d->asked, query, fn, fn_arg);
}

static bool call_held(void *arg)
{
	const struct delivery *d = arg;
	return d->held && d->state != DELIVERY_DRAINS;
}

static void call_late(void *arg)
{
	struct delivery *d = arg;
	metrics_add(d->worker->metrics, METRIC_LATE_COMPLETIONS, 1);
}

/* ---- events ---- */

/* taken: it is committed, or it was once before. */
static void told_over(struct told *told, bool taken)
{
	told->delivery->told_count--;
	if (told->fn)
		told->fn(told->fn_arg, taken);
	arena_free(told->arena);
	free(told);
}

static void on_taken(void *arg, const struct error *error)
{
	struct told *told = arg;
	struct delivery *d = told->delivery;
	if (error && !d->stopping && (error->code == ERROR_UNAVAILABLE || error->code == ERROR_SYSTEM)) {
		TAILQ_INSERT_TAIL(&d->tolds, told, entry);
		loop_timer_set(d->retry_timer, again_us);
		return;
	}
	if (error)
		log_error("channel.event.refused", log_str("channel", d->name), log_int("lead", told->event.lead_id),
			  log_slice("verb", told->event.verb), log_str("message", error->message));
	told_over(told, !error);
	if (d->state == DELIVERY_DRAINS)
		delivery_pump(d); /* it waits for this */
}

static void take(struct told *told)
{
	struct delivery *d = told->delivery;
	told->intake = (struct intake){.events = &told->event, .event_count = 1, .consents = &told->consent, .consent_count = told->consent.lead_id != 0,
				       .now = delivery_now(d), .fn = on_taken, .arg = told};
	store_intake(d->writes, &told->intake);
}

static struct told *told_new(struct delivery *d, nurture_told_fn *fn, void *fn_arg)
{
	struct told *told = mem_alloc(sizeof *told);
	*told = (struct told){.delivery = d, .arena = arena_new(), .fn = fn, .fn_arg = fn_arg};
	d->told_count++;
	return told;
}

static void call_event(void *arg, const struct channel_event *event, nurture_told_fn *fn, void *fn_arg)
{
	struct told *told = told_new(arg, fn, fn_arg);
	struct arena *arena = told->arena;
	told->event = (struct intake_event){
		.lead_id = event->lead_id, .verb = arena_str(arena, event->verb), .subject = arena_str(arena, event->subject), .data = arena_str(arena, event->data),
		.key = arena_str(arena, event->key), .value = event->value, .has_value = event->value != 0, .at = delivery_now(arg)};
	if (str_is(event->verb, "consent.withdraw"))
		told->consent = (struct intake_consent){.lead_id = event->lead_id, .channel = told->event.subject, .purpose = STR("*"), .state = CONSENT_WITHDRAWN,
							.source = str_of(arena_printf(arena, "channel %s", told->delivery->name)), .evidence = told->event.data};
	take(told);
}

/* ---- colleagues: as somebody whom a lead names on the page of referrals becomes one (web/refer.c) ---- */

static struct str said_text(const json_t *fields, const char *name, struct arena *arena)
{
	const char *text = json_string_value(json_object_get(fields, name));
	return text && *text ? str_of(arena_dup(arena, text)) : (struct str){"", 0};
}

/* Its name: the address, else the whole number, else what the plugin calls it. */
static void name_colleague(struct intake_event *event, const json_t *fields, struct arena *arena)
{
	struct error error = {0};
	struct str email = said_text(fields, "email", arena), phone = said_text(fields, "phone", arena);
	if (email.n && model_email_normalise(email, arena, &email, &error) == 0)
		event->email = email;
	else if (phone.n && phone_is_e164(phone))
		event->phone = phone;
	else
		event->external_id = event->key;
}

static void call_colleague(void *arg, int64_t lead_id, struct str fields, struct str key, nurture_told_fn *fn, void *fn_arg)
{
	struct told *told = told_new(arg, fn, fn_arg);
	struct arena *arena = told->arena;
	json_t *set = json_loadb(fields.p, fields.n, 0, NULL), *data;
	told->event = (struct intake_event){
		.verb = STR("referral.receive"), .subject = {"", 0}, .create = true, .source = STR("referral"), .at = delivery_now(arg), .key = arena_str(arena, key),
		.data = str_of(arena_printf(arena, "{\"by\":%lld}", (long long)lead_id))};
	name_colleague(&told->event, set, arena);
	json_object_del(set, "email");
	if (!json_object_get(set, "source"))
		json_object_set_new(set, "source", json_string("referral"));
	data = json_pack("{s:o}", "set", set);
	char *text = json_dumps(data, JSON_COMPACT);
	told->event.create_data = str_of(arena_dup(arena, text));
	free(text);
	json_decref(data);
	take(told);
}

void calls_retry(struct delivery *d)
{
	struct tolds again = TAILQ_HEAD_INITIALIZER(again);
	struct told *told;
	TAILQ_CONCAT(&again, &d->tolds, entry);
	while ((told = TAILQ_FIRST(&again))) {
		TAILQ_REMOVE(&again, told, entry);
		take(told);
	}
}

void calls_fini(struct delivery *d)
{
	struct told *told;
	while ((told = TAILQ_FIRST(&d->tolds))) {
		TAILQ_REMOVE(&d->tolds, told, entry);
		log_error("channel.event.lost", log_str("channel", d->name), log_int("lead", told->event.lead_id),
			  log_slice("verb", told->event.verb));
		told_over(told, false);
	}
}

const struct channel_calls delivery_calls = {
	.now = call_now, .permit = call_permit, .over = call_over, .news = news_take, .event = call_event, .capacity = call_capacity,
	.forgotten = forget_answered, .returned = returns_take, .hold = standing_hold,
	.tell = notes_tell, .keep = notes_keep, .keep_then = notes_keep_then, .held = call_held, .turns_anew = turns_anew, .replied = door_replied,
	.query = call_query, .look = look_take, .look_again = look_again_take, .compose = composed_take, .colleague = call_colleague, .offer = offers_take, .late = call_late};
