/* The engine and the delivery of one lead, in memory. Called by story.c and tests. What the engine does with a turn's changes in the
 * database is done here with arrays: ids are given, rows replaced, touches sent when due and their end put into the inbox. */
#include "turn/trial.h"

#include "playbook/calls.h"
#include "turn/gate.h"

#include <stdlib.h>

enum { TURNS_AT_ONCE = 1000 };
static const int64_t first_new_id = INT64_C(1) << 48; /* of a lead that was loaded: above all that the database has given */

/* One more entry at the end of trial->LISTs or LISTes; the count is raised. */
#define GROW(trial, items, one) arena_push((trial)->arena, &(trial)->items, (trial)->one##_count++, &(trial)->one##_room, sizeof *(trial)->items)

static int64_t new_id(struct trial *trial)
{
	return ++trial->next_id << 6 | (trial->lead.id & (SHARD_COUNT - 1));
}

void turn_trial_init(struct trial *trial, struct playbook *playbook, struct arena *arena, int64_t lead_id, moment_t now)
{
	const struct schema *schema = &playbook->schema;
	*trial = (struct trial){.playbook = playbook, .arena = arena, .now = now, .wake_at = MOMENT_NEVER, .packed = {"", 0}, .sent = {"", 0}};
	trial->lead = (struct lead){.id = lead_id, .created_at = now, .fields = arena_array(arena, schema->lead_count + 1, sizeof(struct value))};
	trial->claims = arena_alloc(arena, sizeof *trial->claims);
	*trial->claims = (struct trial_claims){0};
	trial->account = (struct account){.id = 1 << 6, .fields = arena_array(arena, schema->account_count + 1, sizeof(struct value))};
	turn_trial_event(trial, (struct event){.verb = STR("lead.create"), .subject = STR("api"), .data = {"", 0}});
}

static void *copy_of(struct arena *arena, const void *items, size_t count, size_t size)
{
	void *copy = arena_array(arena, count + 1, size);
	if (count)
		memcpy(copy, items, count * size);
	return copy;
}

/* What a channel has in hand counts as due; what is on the wire is as good as sent: its answer is on its way. */
static void take_touches(struct trial *trial, const struct lead_facts *known)
{
	trial->touches = copy_of(trial->arena, known->touches, known->touch_count, sizeof *trial->touches);
	trial->touch_count = trial->touch_room = known->touch_count;
	for (size_t i = 0; i < trial->touch_count; i++) {
		struct touch *touch = &trial->touches[i];
		if (touch->state == TOUCH_CLAIMED || touch->state == TOUCH_PERMITTED || touch->state == TOUCH_QUEUED || touch->state == TOUCH_DEFERRED)
			touch->state = TOUCH_PLANNED;
	}
}

void turn_trial_take(struct trial *trial, struct playbook *playbook, struct arena *arena, const struct lead_facts *known, moment_t now)
{
	const struct schema *schema = &playbook->schema;
	*trial = (struct trial){.playbook = playbook, .arena = arena, .now = now, .wake_at = now, .packed = known->packed, .sent = known->applied,
				.lead = known->lead, .twin = known->twin, .in_bulk = true, .next_id = first_new_id};
	trial->lead.fields = copy_of(arena, known->lead.fields, schema->lead_count, sizeof(struct value));
	trial->has_account = known->account != NULL;
	trial->account = known->account ? *known->account : (struct account){.id = 0};
	if (!known->account)
		trial->account.fields = arena_array(arena, schema->account_count + 1, sizeof(struct value));
	trial->scores = copy_of(arena, known->scores, known->score_count, sizeof *trial->scores);
	trial->score_count = trial->score_room = known->score_count;
	trial->enrollments = copy_of(arena, known->enrollments, known->enrollment_count, sizeof *trial->enrollments);
	trial->enrollment_count = trial->enrollment_room = known->enrollment_count;
	trial->consents = copy_of(arena, known->consents, known->consent_count, sizeof *trial->consents);
	trial->consent_count = trial->consent_room = known->consent_count;
	trial->suppressions = copy_of(arena, known->suppressions, known->suppression_count, sizeof *trial->suppressions);
	trial->suppression_count = trial->suppression_room = known->suppression_count;
	trial->splits = known->splits;
	trial->split_count = known->split_count;
	trial->pauses = copy_of(arena, known->pauses, known->pause_count, sizeof *trial->pauses);
	trial->pause_count = known->pause_count;
	trial->claims = arena_alloc(arena, sizeof *trial->claims);
	*trial->claims = (struct trial_claims){copy_of(arena, known->claims, known->claim_count, sizeof *known->claims), known->claim_count, known->claim_count};
	take_touches(trial, known);
}

/* ---- what comes in ---- */

static struct str named(struct trial *trial, const struct event *event, const char *key, const char *otherwise)
{
	json_t *data = event->data.n ? json_loadb(event->data.p, event->data.n, 0, NULL) : NULL;
	const char *text = json_string_value(json_object_get(data, key));
	struct str out = str_of(text ? arena_dup(trial->arena, text) : otherwise);
	json_decref(data);
	return out;
}

static void write_ledger(struct trial *trial, const struct event *event)
{
	static const struct { const char *verb; enum consent_state state; } words[] = {
		{"consent.grant", CONSENT_GRANTED}, {"consent.confirm", CONSENT_CONFIRMED}, {"consent.withdraw", CONSENT_WITHDRAWN},
		{"consent.ask", CONSENT_ASKED}};
	const char *subject = event->subject.n ? arena_dup_n(trial->arena, event->subject.p, event->subject.n) : "*";
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!str_is(event->verb, words[i].verb))
			continue;
		struct consent *consent = GROW(trial, consents, consent);
		*consent = (struct consent){.id = event->id, .channel = named(trial, event, "channel", subject),
					    .purpose = named(trial, event, "purpose", "marketing"), .state = words[i].state, .at = event->at};
		if (str_is(named(trial, event, "state", ""), "confirmed"))
			consent->state = CONSENT_CONFIRMED;
	}
	if (!str_is(event->verb, "suppression.add"))
		return;
	struct suppression *suppression = GROW(trial, suppressions, suppression);
	*suppression = (struct suppression){.channel = named(trial, event, "channel", subject), .reason = named(trial, event, "reason", "added"), .at = event->at};
}

/* A mail or letter that comes back, told without saying which: the last that was sent, of this step if one is named. As the store tells it (returned.c). */
static struct str back_data(struct trial *trial, const struct event *event)
{
	struct str step = named(trial, event, "step", "");
	for (size_t i = trial->touch_count; i-- > 0;) {
		struct touch *touch = &trial->touches[i];
		if (touch->state != TOUCH_SENT || !str_is(touch->kind, "email") || (step.n && !str_same(touch->step, step)))
			continue;
		touch->state = TOUCH_REJECTED;
		return str_of(arena_printf(trial->arena, "{\"touch\": %lld, \"outcome\": \"rejected\", \"kind\": \"hard\", \"campaign\": \"%.*s\", \"step\": \"%.*s\"}",
					   (long long)touch->id, STR_ARG(touch->campaign), STR_ARG(touch->step)));
	}
	return event->data;
}

void turn_trial_event(struct trial *trial, struct event event)
{
	if (str_is(event.verb, "email.bounce") && !named(trial, &event, "outcome", "").n)
		event.data = back_data(trial, &event);
	event.id = new_id(trial);
	event.lead_id = trial->lead.id;
	event.received_at = trial->now;
	if (event.at == 0)
		event.at = trial->now;
	*(struct event *)GROW(trial, inbox, inbox) = event;
	write_ledger(trial, &event);
	for (size_t i = 0; (str_is(event.verb, "handoff.accept") || str_is(event.verb, "handoff.return")) && i < trial->handoff_count; i++)
		trial->handoffs[i].over = true;
}

/* What this lead alone gave each of sales: of others nothing is known here. */
static const struct sales_load *loads_of(const struct trial *trial)
{
	const struct playbook *playbook = trial->playbook;
	struct sales_load *loads = arena_array(trial->arena, playbook->people_count + 1, sizeof *loads);
	for (size_t p = 0; p < playbook->people_count; p++) {
		loads[p].person = str_of(playbook->people[p].name);
		for (size_t i = 0; i < trial->handoff_count; i++) {
			if (!str_same(trial->handoffs[i].handoff.person, loads[p].person))
				continue;
			loads[p].open += !trial->handoffs[i].over;
			loads[p].last = trial->handoffs[i].at;
		}
	}
	return loads;
}

int turn_trial_facts(const struct trial *trial, struct turn_facts *out, struct error *error)
{
	*out = (struct turn_facts){
		.now = trial->now, .lead = trial->lead, .account = trial->has_account ? (struct account *)&trial->account : NULL,
		.sent = trial->sent, .applied = trial->sent,
		.scores = trial->scores, .score_count = trial->score_count, .enrollments = trial->enrollments,
		.enrollment_count = trial->enrollment_count, .consents = trial->consents, .consent_count = trial->consent_count,
		.pauses = trial->pauses, .pause_count = trial->pause_count, .splits = trial->splits, .split_count = trial->split_count,
		.ways = trial->ways, .way_count = trial->way_count, .claims = trial->claims->items, .claim_count = trial->claims->count, .suppressions = trial->suppressions, .suppression_count = trial->suppression_count,
		.touches = trial->touches,
		.touch_count = trial->touch_count, .twin = trial->twin, .in_bulk = trial->in_bulk};
	if (trial->playbook->team_count) {
		out->loads = loads_of(trial);
		out->load_count = trial->playbook->people_count;
	}
	return trial->packed.n ? history_read(&out->history, trial->packed, trial->arena, error) : 0;
}

/* ---- what a turn changed ---- */

static struct enrollment *enrollment_of(struct trial *trial, int64_t id)
{
	for (size_t i = 0; i < trial->enrollment_count; i++)
		if (trial->enrollments[i].id == id)
			return &trial->enrollments[i];
	return GROW(trial, enrollments, enrollment);
}

static void keep_touches(struct trial *trial, const struct turn_changes *changes)
{
	for (size_t i = 0; i < changes->planned_count; i++) {
		struct touch *touch = GROW(trial, touches, touch);
		const struct turn_touch *planned = &changes->planned[i];
		*touch = planned->touch;
		touch->id = new_id(trial);
		if (planned->enrollment >= 0)
			touch->enrollment_id = changes->enrollments[planned->enrollment].enrollment.id;
	}
	for (size_t i = 0; i < changes->cancelled_count; i++)
		for (size_t k = 0; k < trial->touch_count; k++)
			if (trial->touches[k].id == changes->cancelled[i].touch_id) {
				trial->touches[k].state = TOUCH_CANCELLED;
				trial->touches[k].reason = changes->cancelled[i].reason;
				trial->touches[k].over_at = trial->now;
			}
	for (size_t i = 0; i < changes->later_count; i++)
		for (size_t k = 0; k < trial->touch_count; k++)
			if (trial->touches[k].id == changes->later[i].touch_id) {
				trial->touches[k].due_at = changes->later[i].due_at;
				trial->touches[k].expires_at = changes->later[i].expires_at;
			}
}

static void keep_enrollments(struct trial *trial, struct turn_changes *changes, size_t first_touch)
{
	for (size_t i = 0; i < changes->enrollment_count; i++) {
		struct enrollment *e = &changes->enrollments[i].enrollment;
		if (e->touch_id < 0)
			e->touch_id = trial->touches[first_touch + (size_t)(-1 - e->touch_id)].id;
		*enrollment_of(trial, e->id) = *e;
	}
}

/* Nobody is faster here: one lead after the other has its turn. */
static void keep_claims(struct trial *trial, const struct turn_changes *changes)
{
	struct trial_claims *claims = trial->claims;
	for (size_t i = 0; i < changes->claim_count && trial->has_account; i++) {
		size_t k = 0;
		while (k < claims->count && !str_same(claims->items[k].campaign, changes->claims[i].campaign))
			k++;
		if (k == claims->count)
			(void)arena_push(trial->arena, &claims->items, claims->count++, &claims->room, sizeof *claims->items);
		claims->items[k] = (struct campaign_claim){.campaign = changes->claims[i].campaign, .lead_id = trial->lead.id,
							   .enrollment_id = changes->enrollments[changes->claims[i].enrollment].enrollment.id};
	}
	for (size_t i = 0; i < changes->enrollment_count; i++)
		for (size_t k = 0; k < claims->count; k++)
			if (claims->items[k].enrollment_id == changes->enrollments[i].enrollment.id)
				claims->items[k].ended_at = changes->enrollments[i].enrollment.ended_at;
}

static void keep_scores(struct trial *trial, const struct turn_changes *changes)
{
	for (size_t i = 0; i < changes->score_count; i++) {
		const struct score *score = &changes->scores[i];
		struct score *old = NULL;
		for (size_t k = 0; k < trial->score_count && !old; k++)
			if (trial->scores[k].is_grade == score->is_grade && str_same(trial->scores[k].name, score->name))
				old = &trial->scores[k];
		if (score->gone) {
			if (old)
				*old = trial->scores[--trial->score_count];
			continue;
		}
		if (!old)
			old = GROW(trial, scores, score);
		*old = *score;
	}
}

/* What the caller said that this contact ends with; "" = nothing. */
static struct str answer_of(struct trial *trial, struct str step, int64_t touch_id)
{
	struct trial_answer *answer = NULL;
	for (size_t i = 0; i < trial->answer_count && (!answer || answer->used); i++) /* the first that is not used, else the last */
		if (str_same(trial->answers[i].step, step))
			answer = &trial->answers[i];
	if (!answer)
		return (struct str){"", 0};
	answer->used = true;
	*(struct trial_ended *)GROW(trial, ended, ended) = (struct trial_ended){touch_id, answer->answer};
	return answer->answer;
}

/* Sales, as the caller said. */
static void answer_handoff(struct trial *trial, const struct turn_handoff *handoff)
{
	struct str answer = trial->answer_count ? answer_of(trial, handoff->step, 0) : (struct str){"", 0};
	if (str_is(answer, "accepted") || str_is(answer, "returned"))
		turn_trial_event(trial, (struct event){.verb = str_is(answer, "accepted") ? STR("handoff.accept") : STR("handoff.return"), .data = {"", 0}});
}

static void keep_logs(struct trial *trial, const struct turn_changes *changes, size_t first_touch)
{
	for (size_t i = 0; i < changes->log_count; i++) {
		struct trial_log *kept = GROW(trial, logs, log);
		*kept = (struct trial_log){trial->now, changes->logs[i]};
		if (kept->log.enrollment >= 0)
			kept->log.enrollment_id = changes->enrollments[kept->log.enrollment].enrollment.id;
		if (kept->log.touch >= 0)
			kept->log.touch_id = trial->touches[first_touch + (size_t)kept->log.touch].id;
	}
}

static void keep_notes(struct trial *trial, const struct turn_changes *changes)
{
	for (size_t i = 0; i < changes->handoff_count; i++) {
		*(struct trial_handoff *)GROW(trial, handoffs, handoff) = (struct trial_handoff){trial->now, changes->handoffs[i], false};
		answer_handoff(trial, &changes->handoffs[i]);
	}
	for (size_t i = 0; i < changes->suppression_count; i++)
		*(struct suppression *)GROW(trial, suppressions, suppression) =
			(struct suppression){.channel = changes->suppressions[i].channel, .reason = changes->suppressions[i].reason, .at = trial->now};
	for (size_t i = 0; i < changes->error_count; i++)
		*(struct problem *)GROW(trial, errors, error) = changes->errors[i];
}

static void keep(struct trial *trial, struct turn_facts *facts, struct turn_changes *changes)
{
	size_t first_touch = trial->touch_count;
	for (size_t i = 0; i < changes->enrollment_count; i++)
		if (!changes->enrollments[i].enrollment.id)
			changes->enrollments[i].enrollment.id = new_id(trial);
	keep_touches(trial, changes);
	keep_enrollments(trial, changes, first_touch);
	keep_claims(trial, changes);
	keep_scores(trial, changes);
	keep_logs(trial, changes, first_touch);
	keep_notes(trial, changes);
	for (size_t i = 0; i < facts->history.count; i++)
		if (!facts->history.events[i].id)
			facts->history.events[i].id = new_id(trial);
	if (changes->lead_changed)
		trial->lead = facts->lead;
	if (changes->history_changed)
		trial->packed = history_write(&facts->history, trial->arena);
	trial->wake_at = changes->wake_at;
	trial->member = changes->member;
}

static int check_limits(struct trial *trial, struct error *error)
{
	trial->cut = (trial->turns_most && trial->turns >= trial->turns_most) || (trial->memory_most && arena_used(trial->arena) > trial->memory_most) ||
		     (trial->is_enough && trial->is_enough(trial->enough_arg));
	return trial->cut ? error_set(error, ERROR_LIMIT, "turn", "more than %zu turns of one lead, or more time or memory than they may take", trial->turns) : 0;
}

int turn_trial_turn(struct trial *trial, bool rescore, struct error *error)
{
	struct turn_facts facts;
	struct turn_changes changes;
	if (check_limits(trial, error) < 0)
		return -1;
	if (turn_trial_facts(trial, &facts, error) < 0)
		return -1;
	facts.events = trial->inbox;
	facts.event_count = trial->inbox_count;
	facts.rescore = rescore;
	trial->inbox = NULL;
	trial->inbox_count = trial->inbox_room = 0;
	trial->turns++;
	if (turn_run(trial->playbook, &facts, trial->arena, &changes, error) < 0)
		return -1;
	keep(trial, &facts, &changes);
	return 0;
}

/* ---- delivery ---- */

/* As the store tells it (news.c). */
static struct str over_data(struct trial *trial, const struct touch *touch, const char *outcome, struct str answer, const json_t *set)
{
	json_t *data = json_pack("{s:I, s:s, s:s%}", "touch", (json_int_t)touch->id, "outcome", outcome, "reason", touch->reason.p, touch->reason.n);
	if (answer.n)
		json_object_set_new(data, "answer", json_stringn(answer.p, answer.n));
	if (set)
		json_object_set_new(data, "set", json_deep_copy(set));
	char *text = json_dumps(data, JSON_COMPACT);
	struct str out = str_of(arena_dup(trial->arena, text));
	free(text);
	json_decref(data);
	return out;
}

static void tell_over(struct trial *trial, const struct touch *touch, const char *outcome, struct str answer, const json_t *set)
{
	const char *data = NULL;
	turn_trial_event(trial, (struct event){.verb = STR("touch.over"), .data = over_data(trial, touch, outcome, answer, set)});
	if (touch->state != TOUCH_SENT || str_is(touch->purpose, "internal"))
		return;
	static const struct { const char *kind, *verb; } verbs[] = {{"email", "email.send"}, {"letter", "letter.drop"}, {"call", "call.end"}};
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (str_is(touch->kind, verbs[i].kind)) {
			data = arena_printf(trial->arena, "{\"campaign\": \"%.*s\", \"step\": \"%.*s\"}", STR_ARG(touch->campaign), STR_ARG(touch->step));
			turn_trial_event(trial, (struct event){.verb = str_of(verbs[i].verb), .subject = touch->template_name, .data = str_of(data)});
		}
}

/* Ends of a contact that are states of its touch; every other answer is one of a contact that was made. */
static const struct {
	const char *answer;
	enum touch_state state;
} ends[] = {{"held", TOUCH_HELD}, {"late", TOUCH_EXPIRED}, {"bounced", TOUCH_REJECTED}, {"undeliverable", TOUCH_REJECTED}};

struct str turn_trial_answer_of(const struct trial *trial, int64_t touch_id)
{
	for (size_t i = 0; i < trial->ended_count; i++)
		if (trial->ended[i].touch_id == touch_id)
			return trial->ended[i].answer;
	return (struct str){"", 0};
}

static void end_touch(struct trial *trial, struct touch *touch, enum touch_state state, struct str reason, struct str answer)
{
	touch->state = state;
	touch->over_at = trial->now;
	if (state != TOUCH_SENT)
		touch->reason = reason;
	tell_over(trial, touch, touch_state_name(state), answer, NULL);
}

static void make_contact(struct trial *trial, struct touch *touch)
{
	struct str answer = str_is(touch->purpose, "internal") ? (struct str){"", 0} : answer_of(trial, touch->step, touch->id);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (str_is(answer, ends[i].answer)) {
			end_touch(trial, touch, ends[i].state, answer, (struct str){"", 0});
			return;
		}
	if (trial->calls_wait && !answer.n && str_is(touch->kind, "call"))
		touch->state = TOUCH_QUEUED;
	else
		end_touch(trial, touch, TOUCH_SENT, (struct str){"", 0}, answer);
}

static int asked_by(const struct trial *trial, const struct touch *touch, const json_t *set, struct error *error)
{
	const struct call_script *script = playbook_script(trial->playbook, touch->template_name);
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)set, name, value) {
		int slot = schema_lead_slot(&trial->playbook->schema, str_of(name));
		bool asked = false;
		for (size_t i = 0; script && i < script->question_count; i++)
			asked |= script->questions[i].slot == slot;
		if (!asked)
			return error_set(error, ERROR_INVALID, NULL, "call \"%.*s\" does not ask \"%s\"", STR_ARG(touch->template_name), name);
	}
	return 0;
}

int turn_trial_answer(struct trial *trial, const char *end, const json_t *set, struct error *error)
{
	struct touch *touch = NULL;
	bool accepted = strcmp(end, "accepted") == 0;
	if (accepted || strcmp(end, "returned") == 0) {
		if (trial->handoff_count == 0)
			return error_set(error, ERROR_INVALID, NULL, "no handoff waits for an answer");
		turn_trial_event(trial, (struct event){.verb = accepted ? STR("handoff.accept") : STR("handoff.return"), .data = {"", 0}});
		return 0;
	}
	for (size_t i = 0; i < trial->touch_count; i++)
		if (trial->touches[i].state == TOUCH_QUEUED && str_is(trial->touches[i].kind, "call"))
			touch = &trial->touches[i];
	if (!touch)
		return error_set(error, ERROR_INVALID, NULL, "no call waits for an answer");
	if (asked_by(trial, touch, set, error) < 0)
		return -1;
	touch->state = TOUCH_SENT;
	touch->over_at = trial->now;
	tell_over(trial, touch, "sent", str_of(end), set);
	return 0;
}

/* What it reads is given back at once. */
static int ask_gate(struct trial *trial, const struct touch *touch, struct gate_answer *out, struct error *error)
{
	struct turn_facts facts;
	struct arena_mark mark = arena_mark(trial->arena);
	int result = turn_trial_facts(trial, &facts, error);
	if (result == 0)
		*out = turn_gate(trial->playbook, &facts, touch, true);
	arena_rewind(trial->arena, mark);
	return result;
}

static int deliver(struct trial *trial, struct touch *touch, struct error *error)
{
	struct gate_answer answer;
	if (ask_gate(trial, touch, &answer, error) < 0)
		return -1;
	if (answer.verdict == GATE_LATER && touch->expires_at && touch->expires_at <= answer.at)
		end_touch(trial, touch, TOUCH_EXPIRED, STR("late"), (struct str){"", 0});
	else if (answer.verdict == GATE_LATER)
		touch->due_at = answer.at;
	else if (answer.verdict == GATE_HOLD)
		end_touch(trial, touch, TOUCH_HELD, str_of(arena_dup(trial->arena, answer.reason)), (struct str){"", 0});
	else
		make_contact(trial, touch);
	return 0;
}

static struct touch *next_touch(const struct trial *trial)
{
	struct touch *next = NULL;
	for (size_t i = 0; i < trial->touch_count; i++)
		if (trial->touches[i].state == TOUCH_PLANNED && (!next || trial->touches[i].due_at < next->due_at))
			next = &trial->touches[i];
	return next;
}

moment_t turn_trial_next(const struct trial *trial)
{
	const struct touch *touch = next_touch(trial);
	if (trial->inbox_count)
		return trial->now;
	return touch && touch->due_at < trial->wake_at ? touch->due_at : trial->wake_at;
}

int turn_trial_advance(struct trial *trial, moment_t to, struct error *error)
{
	int at_once = 0;
	for (;;) {
		struct touch *touch = next_touch(trial);
		moment_t next = trial->inbox_count ? trial->now : trial->wake_at;
		bool sends = !trial->inbox_count && touch && touch->due_at <= next;
		if (sends)
			next = touch->due_at;
		if (next > to)
			break;
		if (next > trial->now) {
			trial->now = next;
			at_once = 0;
		}
		if (++at_once > TURNS_AT_ONCE)
			return error_set(error, ERROR_LIMIT, "turn", "more than %d turns of one lead at one moment", TURNS_AT_ONCE);
		if ((sends ? deliver(trial, touch, error) : turn_trial_turn(trial, false, error)) < 0)
			return -1;
	}
	if (to > trial->now)
		trial->now = to;
	return 0;
}
