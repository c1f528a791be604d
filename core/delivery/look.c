/* The plugin looks at touches that it has queued: many in one snapshot, each asked of the gate as if it were sent now, and shown as it would be delivered. Nothing
 * is written. What was promised at planning does not count here: whoever dials now does it at this hour. Where the channel waits for a person nothing goes out,
 * what the plugin has queued neither. */
#include "base/log.h"
#include "base/mem.h"
#include "base/phone.h"
#include "channel/touch.h"
#include "delivery/gather.h"
#include "delivery/parts.h"
#include "turn/message.h"
#include "turn/sheet.h"

#include <stdlib.h>

enum { GROUP = 50, FLIGHTS = 2 };

struct looker { /* one question */
	struct gathered gathered;
	int64_t touch_id;
	nurture_look_fn *fn;
	void *arg;
};

struct flight {
	struct looking *looking;
	struct looker *lookers[GROUP];
	size_t count;
	struct edition *edition;
};

struct looking {
	struct delivery *delivery;
	struct store *store;
	struct gather asked;
	int flying;
};

static void tell(struct looker *looker, const struct nurture_look *look)
{
	looker->fn(looker->arg, look);
	free(looker);
}

static void say(struct looker *looker, enum nurture_standing standing, const char *reason)
{
	tell(looker, &(struct nurture_look){.size = sizeof(struct nurture_look), .touch_id = looker->touch_id, .standing = standing, .reason = reason,
					    .address = "", .name = ""});
}

/* So it is of every touch. */
static void say_whole(struct looker *looker, const char *reason)
{
	tell(looker, &(struct nurture_look){.size = sizeof(struct nurture_look), .touch_id = looker->touch_id, .standing = NURTURE_LOOK_LATER, .reason = reason,
					    .address = "", .name = "", .whole = true});
}

/* ---- one touch ---- */

static struct message_ask ask_of(const struct delivery *d, const struct flight *flight, const struct looked *looked)
{
	const struct lead_facts *facts = &looked->facts->facts;
	return (struct message_ask){
		.playbook = flight->edition->playbook, .lead = &facts->lead, .account = facts->account, .scores = facts->scores, .score_count = facts->score_count,
		.touch = &looked->touch, .person = {"", 0}, .now = delivery_now(d), .keys = &d->link_keys, .public_url = d->worker->config->public_url,
		.postal_address = d->worker->config->postal_address};
}

static void show(const struct flight *flight, struct looker *looker, const struct looked *looked, struct turn_facts *facts, const struct gate_answer *gate)
{
	struct delivery *d = flight->looking->delivery;
	struct arena *arena = arena_new();
	struct channel_touch filled;
	struct message message = {0};
	struct error error = {0};
	struct message_ask ask = ask_of(d, flight, looked);
	char revision[80];
	turn_message_follow(&ask, facts);
	snprintf(revision, sizeof revision, "%.*s", STR_ARG(looked->revision));
	bool written = turn_message_to(&ask, arena, &message) && turn_message_write(&ask, arena, &message, &error) == 0;
	json_t *sheet = written ? turn_sheet(flight->edition->playbook, facts, &looked->touch, revision, arena, &error) : NULL;
	if (!sheet) {
		log_warn("touch.look", log_int("touch", looked->touch.id), log_str("where", error.where), log_str("message", error.message));
		say(looker, NURTURE_LOOK_HOLD, error.message);
	} else {
		struct touch_content content = {.address = message.address, .name = message.name, .unsubscribe_url = message.unsubscribe_url,
						.postal_address = message.postal_address, .reply_code = message.reply_code, .reply_url = message.reply_url, .fields = &message.fields, .attempt = (uint32_t)looked->attempt, .now = ask.now};
		channel_touch_fill(&filled, &looked->touch, &content, arena);
		tell(looker, &(struct nurture_look){
				     .size = sizeof(struct nurture_look), .touch_id = looked->touch.id,
				     .standing = gate->verdict == GATE_PASS ? NURTURE_LOOK_GO : NURTURE_LOOK_WAIT, .until = gate->verdict == GATE_PASS ? 0 : gate->at,
				     .reason = gate->reason, .lead_id = looked->touch.lead_id, .expires_at = looked->touch.expires_at,
				     .address = filled.touch.address, .name = filled.touch.name, .fields = filled.touch.fields,
				     .field_count = filled.touch.field_count, .sheet = sheet, .files = filled.touch.files, .file_count = filled.touch.file_count});
	}
	json_decref(sheet);
	arena_free(arena);
}

/* What a plugin asks for stands in its queue, though it may not be recorded yet: the word is on its way, or is said again. Of what was in doubt, as its
 * process died between the plugin's record and ours, the question itself is the word. */
static bool is_not_recorded(struct delivery *d, struct looker *looker, const struct looked *looked, moment_t now)
{
	if (!looked->touch.id || !touch_is_open(looked->touch.state) || looked->touch.state == TOUCH_QUEUED)
		return false;
	if (looked->touch.state == TOUCH_IN_DOUBT)
		news_take(d, looked->touch.id, &(struct channel_result){.outcome = NURTURE_QUEUED}, NULL, NULL);
	tell(looker, &(struct nurture_look){.size = sizeof(struct nurture_look), .touch_id = looker->touch_id, .standing = NURTURE_LOOK_LATER,
					    .until = now + MOMENT_SECOND, .reason = "it is being queued", .address = "", .name = ""});
	return true;
}

static void judge(const struct flight *flight, struct looker *looker, const struct looked *looked, moment_t now, struct arena *arena)
{
	struct delivery *d = flight->looking->delivery;
	struct turn_facts facts;
	struct error error = {0};
	struct touch asked = looked->touch;
	if (is_not_recorded(d, looker, looked, now))
		return;
	if (!looked->touch.id || looked->touch.state != TOUCH_QUEUED) {
		say(looker, NURTURE_LOOK_OVER, looked->touch.id ? touch_state_name(looked->touch.state) : "there is no such touch");
		return;
	}
	if (standing_waits(d) || d->faulted) {
		say_whole(looker, d->stopped_by ? "the channel is stopped" : d->held_why ? d->held_why : "the channel's plugin failed");
		return;
	}
	if (turn_facts_read(&facts, &looked->facts->facts, now, arena, &error)) {
		say(looker, NURTURE_LOOK_HOLD, error.message);
		return;
	}
	facts.phone_country = phone_country;
	asked.due_at = asked.planned_at = 0; /* no promise: hours and caps as of now */
	struct gate_answer gate = turn_gate(flight->edition->playbook, &facts, &asked, true);
	if (gate.verdict == GATE_HOLD)
		say(looker, strcmp(gate.reason, GATE_PAUSED) == 0 ? NURTURE_LOOK_LATER : NURTURE_LOOK_HOLD, gate.reason);
	else
		show(flight, looker, looked, &facts, &gate);
}

/* ---- groups ---- */

static void flush(void *arg);

static void on_looks(void *arg, struct looks *looks, const struct error *error)
{
	struct flight *flight = arg;
	struct looking *looking = flight->looking;
	if (error && !looking->delivery->stopping)
		delivery_trouble(looking->delivery, "look", error);
	for (size_t i = 0; i < flight->count; i++) {
		if (error || looking->delivery->stopping)
			say_whole(flight->lookers[i], "the database is away");
		else
			judge(flight, flight->lookers[i], &looks->items[i], looks->now, looks->arena);
	}
	store_looks_free(looks);
	edition_unref(flight->edition);
	free(flight);
	looking->flying--;
	flush(looking);
}

static void take_off(struct looking *looking, struct edition *edition)
{
	struct delivery *d = looking->delivery;
	struct flight *flight = mem_alloc(sizeof *flight);
	int64_t ids[GROUP];
	*flight = (struct flight){.looking = looking, .edition = edition_ref(edition)};
	for (struct looker *looker; flight->count < GROUP && (looker = gather_take(&looking->asked)); flight->count++) {
		flight->lookers[flight->count] = looker;
		ids[flight->count] = looker->touch_id;
	}
	looking->flying++;
	store_look(looking->store, &edition->playbook->schema, d->name, ids, flight->count, delivery_now(d), edition->longest_cap, on_looks, flight);
}

static void flush(void *arg)
{
	struct looking *looking = arg;
	struct edition *edition = playbook_current_edition(looking->delivery->current);
	struct looker *looker;
	if (looking->delivery->stopping)
		return;
	while (edition && looking->flying < FLIGHTS && gather_first(&looking->asked))
		take_off(looking, edition);
	while (!edition && (looker = gather_take(&looking->asked)))
		say_whole(looker, "no playbook is published");
}

void look_take(void *arg, int64_t touch_id, nurture_look_fn *fn, void *fn_arg)
{
	struct delivery *d = arg;
	struct looker *looker = mem_alloc(sizeof *looker);
	if (!d->looking_at) {
		d->looking_at = mem_alloc(sizeof *d->looking_at);
		*d->looking_at = (struct looking){.delivery = d, .store = store_new(d->worker->loop, d->worker->conninfo, "delivery.looks")};
		gather_init(&d->looking_at->asked, d->worker->loop, flush, d->looking_at);
	}
	*looker = (struct looker){.touch_id = touch_id, .fn = fn, .arg = fn_arg};
	gather_put(&d->looking_at->asked, looker);
}

static void on_end(void *looker)
{
	say(looker, NURTURE_LOOK_LATER, "the channel closes");
}

void look_fini(struct delivery *d)
{
	struct looking *looking = d->looking_at;
	if (!looking)
		return;
	store_free(looking->store); /* what flies comes back with an error */
	gather_fini(&looking->asked, on_end);
	free(looking);
	d->looking_at = NULL;
}
