/* What leaves the house: contacts with the lead, alerts and handoffs to people, suppressions, and taking back what is planned. Called
 * by act.c and campaign.c. A contact passes the gate; what it planned counts for the caps of the rest of the turn. One contact
 * a pass of a step: (enrollment, step, pass) is its key in the database. */
#include "turn/inside.h"

#include "base/buf.h"
#include "playbook/brief.h"

enum { DROPS_TRIED = 60 /* weeks */ };

/* The facts hold this turn's touches too, so that caps and cancelling see them: in a copy of our own. */
static struct touch *own_touches(struct turn *turn)
{
	struct turn_facts *facts = turn->facts;
	if (turn->touch_room == 0) {
		turn->touch_room = facts->touch_count + 8;
		turn->touches = arena_array(turn->arena, turn->touch_room, sizeof *turn->touches);
		if (facts->touch_count)
			memcpy(turn->touches, facts->touches, facts->touch_count * sizeof *turn->touches);
		facts->touches = turn->touches;
	}
	return turn->touches;
}

static void remember(struct turn *turn, const struct touch *touch)
{
	(void)own_touches(turn);
	*(struct touch *)arena_push(turn->arena, &turn->touches, turn->facts->touch_count, &turn->touch_room, sizeof *touch) = *touch;
	turn->facts->touches = turn->touches;
	turn->facts->touch_count++;
}

static int plan(struct turn *turn, struct seat *seat, const struct touch *touch, struct str to)
{
	struct turn_touch *planned = arena_push(turn->arena, &turn->out->planned, turn->out->planned_count, &turn->planned_room, sizeof *planned);
	*planned = (struct turn_touch){.touch = *touch, .enrollment = turn_seat_out(turn, seat), .to = to};
	remember(turn, touch);
	return (int)turn->out->planned_count++;
}

static struct touch new_touch(struct turn *turn, const struct seat *seat, const struct step *step, const struct action *action)
{
	const char *kind = action->channel_kind ? action->channel_kind : "email";
	const char *channel = playbook_channel_of(turn->playbook, str_of(kind));
	return (struct touch){
		.lead_id = turn->facts->lead.id, .enrollment_id = seat->e.id, .campaign = seat->e.campaign, .step = str_of(step->name),
		.pass = turn_pass(seat, step), .channel = str_of(channel ? channel : kind), .kind = str_of(kind),
		.template_name = str_of(action->name), .purpose = str_of(action->purpose ? action->purpose : "marketing"), .state = TOUCH_PLANNED,
		.due_at = turn->now, .planned_at = turn->now, .reason = {"", 0}, .where = turn_place(turn->arena, action->at),
		.any_hours = action->any_hours, .data = {"", 0}};
}

static void hold(struct turn *turn, struct touch *touch, const char *reason)
{
	touch->state = TOUCH_HELD;
	touch->reason = turn_text(turn->arena, "%s", reason);
	touch->over_at = turn->now;
}

/* What is said before a date is not said after it: false when hours or caps leave no time. */
static bool keep_before(struct turn *turn, struct touch *touch, const struct date_moment *moment, const char *why)
{
	moment_t date = turn_date(turn, moment);
	if (touch->expires_at == 0 || touch->expires_at > date)
		touch->expires_at = date;
	if (touch->due_at < date)
		return true;
	hold(turn, touch, arena_printf(turn->arena, "not before %s%s%s", moment->name, *why ? ": " : "", why));
	return false;
}

/* What the channel's plugin and the template look at. */
static struct str contact_data(struct turn *turn, const struct action *action, const struct asset *offer)
{
	const struct { const char *key, *value; } said[] = {
		{"offer", offer ? offer->name : NULL}, {"priority", action->priority}, {"skill", action->skill}, {"once_per", action->once_per}, {"drop", action->drop}};
	struct buf text = {0};
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		if (!said[i].value)
			continue;
		buf_printf(&text, "%s\"%s\": ", text.n ? ", " : "{", said[i].key);
		buf_put_json(&text, str_of(said[i].value));
	}
	if (text.n)
		buf_putc(&text, '}');
	struct str out = text.n ? str_of(arena_dup_n(turn->arena, text.p, text.n)) : (struct str){"", 0};
	buf_fini(&text);
	return out;
}

/* The first moment from `from` on that lies on the day on which it is dropped, by our own calendar; a date that is over holds nothing up. */
static moment_t drop_from(const struct turn *turn, const struct action *action, moment_t from)
{
	const char *zone = turn->playbook->time_zone ? turn->playbook->time_zone : "UTC";
	struct calendar_local local;
	if (!action->drop || from == MOMENT_NEVER)
		return from;
	if (action->drop_weekday < 0)
		return action->drop_at > from ? action->drop_at : from;
	calendar_local(from, zone, &local);
	int days = (action->drop_weekday - local.weekday + 7) % 7;
	local.day += days;
	local.hour = local.minute = local.second = local.micros = 0;
	return days ? calendar_moment(&local, zone) : from;
}

/* Hours and caps may move it away from its day: then to the next one. */
struct gate_answer turn_ask_gate(struct turn *turn, const struct action *action, struct touch *touch)
{
	touch->due_at = drop_from(turn, action, touch->due_at);
	struct gate_answer answer = turn_gate(turn->playbook, turn->facts, touch, false);
	for (int tries = 0; tries < DROPS_TRIED && answer.verdict == GATE_LATER && drop_from(turn, action, answer.at) > answer.at; tries++) {
		touch->due_at = drop_from(turn, action, answer.at);
		answer = turn_gate(turn->playbook, turn->facts, touch, false);
	}
	return answer;
}

bool turn_contact(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action, const struct asset *offer)
{
	struct touch touch = new_touch(turn, seat, step, action);
	touch.data = contact_data(turn, action, offer);
	struct aside aside = {0};
	struct gate_answer answer = turn_ask_gate(turn, action, &touch);
	if (answer.verdict == GATE_LATER) {
		(void)own_touches(turn);
		answer = turn_go_before(turn, action, &touch, answer, &aside);
	}
	if (answer.verdict == GATE_HOLD) {
		hold(turn, &touch, answer.reason);
		int held = plan(turn, seat, &touch, (struct str){"", 0});
		turn_note_log(turn, seat, "held", touch.reason, &action->at)->touch = held;
		return false;
	}
	touch.due_at = answer.at;
	if (action->within.count)
		touch.expires_at = turn_later(turn, touch.due_at, action->within);
	if (step->date && step->date->before && !keep_before(turn, &touch, step->date, answer.reason)) {
		int held = plan(turn, seat, &touch, (struct str){"", 0});
		turn_give_way(turn, seat, &aside);
		turn_note_log(turn, seat, "held", touch.reason, &action->at)->touch = held;
		return false;
	}
	int index = plan(turn, seat, &touch, (struct str){"", 0});
	turn_give_way(turn, seat, &aside);
	struct str cause = answer.verdict == GATE_LATER ? turn_text(turn->arena, "%s \"%s\", later: %s", action->channel_kind, action->name, answer.reason)
							: turn_text(turn->arena, "%s \"%s\"", action->channel_kind, action->name);
	turn_note_log(turn, seat, "touch", cause, &action->at)->touch = index;
	if (offer)
		turn_note_event(turn, "asset.offer", str_of(offer->name), turn_text(turn->arena, "{\"campaign\": \"%.*s\", \"step\": \"%s\"}", STR_ARG(seat->e.campaign), step->name));
	seat->e.touch_id = -1 - (int64_t)index;
	seat->e.due_at = MOMENT_NEVER;
	return true;
}

void turn_alert(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	struct touch touch = new_touch(turn, seat, step, action);
	const struct person_entry *to = turn_recipient(turn, playbook_recipient(turn->playbook, str_of(action->to ? action->to : "")));
	touch.purpose = STR("internal");
	touch.any_hours = true;
	touch.data = turn_text(turn->arena, "{\"reasons\": %.*s}", STR_ARG(turn_reasons(turn)));
	struct gate_answer answer = turn_gate(turn->playbook, turn->facts, &touch, false);
	if (answer.verdict == GATE_HOLD)
		hold(turn, &touch, answer.reason);
	else if (!to)
		hold(turn, &touch, "nobody to alert: the account has no owner who is a person of the playbook");
	int index = plan(turn, seat, &touch, to ? str_of(to->name) : STR("owner"));
	turn_note_log(turn, seat, touch.state == TOUCH_HELD ? "held" : "alert", touch.state == TOUCH_HELD ? touch.reason : str_of(action->name),
		      &action->at)->touch = index;
}

/* ---- to sales ---- */

static void mail_brief(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action, const struct turn_handoff *handoff)
{
	const struct action mail = {.kind = ACTION_ALERT, .at = action->at, .name = BRIEF_NAME};
	struct touch touch = new_touch(turn, seat, step, &mail);
	touch.purpose = STR("internal");
	touch.any_hours = true;
	touch.data = turn_brief(turn, handoff);
	struct gate_answer answer = turn_gate(turn->playbook, turn->facts, &touch, false);
	if (answer.verdict == GATE_HOLD)
		hold(turn, &touch, answer.reason);
	int index = plan(turn, seat, &touch, handoff->person);
	turn_note_log(turn, seat, touch.state == TOUCH_HELD ? "held" : "brief", touch.state == TOUCH_HELD ? touch.reason : handoff->person, &action->at)->touch =
		index;
}

moment_t turn_handoff(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	struct place line = action->at;
	const struct person_entry *to = action->route ? turn_route(turn, action->route, &line)
						      : turn_recipient(turn, playbook_recipient(turn->playbook, str_of(action->name)));
	struct duration within = action->within.count || !action->route ? action->within : action->route->within;
	struct str person = to ? str_of(to->name) : (struct str){"", 0};
	struct turn_handoff *handoff = arena_push(turn->arena, &turn->out->handoffs, turn->out->handoff_count, &turn->handoff_room, sizeof *handoff);
	turn->out->handoff_count++;
	*handoff = (struct turn_handoff){.person = person, .campaign = seat->e.campaign, .step = str_of(step->name),
					 .due_at = within.count ? turn_later(turn, turn->now, within) : 0,
					 .reasons = turn_reasons(turn), .enrollment = turn_seat_out(turn, seat)};
	turn_note_log(turn, seat, "handoff", person.n ? person : STR("nobody: the account has no owner"), &line);
	turn_note_event(turn, "handoff.create", person, turn_text(turn->arena, "{\"campaign\": \"%.*s\", \"step\": \"%s\"}", STR_ARG(seat->e.campaign), step->name));
	if (to)
		mail_brief(turn, seat, step, action, handoff);
	return handoff->due_at;
}

void turn_note_sales(struct turn *turn, struct str state, struct str campaign)
{
	struct turn_sales *said = arena_push(turn->arena, &turn->out->sales, turn->out->sales_count, &turn->sales_said_room, sizeof *said);
	*said = (struct turn_sales){state, campaign};
	turn->out->sales_count++;
}

void turn_suppress(struct turn *turn, struct seat *seat, const struct action *action)
{
	struct turn_facts *facts = turn->facts;
	struct str channel = str_of(action->name), reason = str_of(action->reason ? action->reason : "");
	struct turn_suppression *new = arena_push(turn->arena, &turn->out->suppressions, turn->out->suppression_count, &turn->suppression_room, sizeof *new);
	*new = (struct turn_suppression){channel, reason, action->ends ? turn_place(turn->arena, action->ends->at) : (struct str){"", 0}};
	turn->out->suppression_count++;
	struct suppression *all = arena_array(turn->arena, facts->suppression_count + 1, sizeof *all);
	if (facts->suppression_count)
		memcpy(all, facts->suppressions, facts->suppression_count * sizeof *all);
	all[facts->suppression_count++] = (struct suppression){.channel = channel, .reason = reason, .at = turn->now};
	facts->suppressions = all;
	turn_cancel(turn, NULL, channel, "suppressed");
	turn->stirred = true; /* walks that wait for what was taken back look again */
	if (seat)
		turn_note_log(turn, seat, "suppress", channel, &action->at);
	turn_note_event(turn, "suppression.add", channel, turn_text(turn->arena, "{\"reason\": %.*s}", STR_ARG(turn_json(turn->arena, reason))));
}

/* ---- taking back ---- */

static bool may_take_back(const struct touch *touch)
{
	return touch->state == TOUCH_PLANNED || touch->state == TOUCH_CLAIMED || touch->state == TOUCH_DEFERRED || touch->state == TOUCH_QUEUED;
}

static bool is_of(const struct touch *touch, const struct seat *seat, struct str channel)
{
	if (str_is(touch->purpose, "internal"))
		return false;
	if (seat)
		return touch->enrollment_id == seat->e.id && seat->e.id;
	return str_is(channel, "*") || str_same(touch->kind, channel) || str_same(touch->channel, channel);
}

static void take_back_planned(struct turn *turn, const struct seat *seat, struct str channel, const char *reason)
{
	for (size_t i = 0; i < turn->out->planned_count; i++) {
		struct turn_touch *planned = &turn->out->planned[i];
		bool mine = seat ? planned->enrollment == seat->out && seat->out >= 0 && !str_is(planned->touch.purpose, "internal")
				 : is_of(&planned->touch, NULL, channel);
		if (!mine || planned->touch.state != TOUCH_PLANNED)
			continue;
		planned->touch.state = TOUCH_CANCELLED;
		planned->touch.reason = str_of(reason);
		planned->touch.over_at = turn->now;
	}
}

static void cancel(struct turn *turn, struct touch *touch, const char *reason)
{
	struct turn_cancel *cancel = arena_push(turn->arena, &turn->out->cancelled, turn->out->cancelled_count, &turn->cancelled_room, sizeof *cancel);
	*cancel = (struct turn_cancel){touch->id, str_of(reason)};
	turn->out->cancelled_count++;
	touch->state = TOUCH_CANCELLED;
	touch->reason = str_of(reason);
	touch->over_at = turn->now;
}

/* Of one enrollment (seat), or of one channel (seat NULL). Touches on the wire stay; our alerts stay. */
void turn_cancel(struct turn *turn, const struct seat *seat, struct str channel, const char *reason)
{
	struct touch *touches = own_touches(turn);
	size_t count = turn->facts->touch_count, old = count - turn->out->planned_count;
	take_back_planned(turn, seat, channel, reason);
	for (size_t i = 0; i < count; i++) {
		if (i >= old) { /* of this turn: as decided just now */
			touches[i].state = turn->out->planned[i - old].touch.state;
			continue;
		}
		if (!may_take_back(&touches[i]) || !is_of(&touches[i], seat, channel))
			continue;
		cancel(turn, &touches[i], reason);
	}
}

bool turn_take_back(struct turn *turn, int64_t touch_id, const char *reason)
{
	struct touch *touches = own_touches(turn);
	for (size_t i = 0; i < turn->facts->touch_count; i++)
		if (touches[i].id == touch_id && may_take_back(&touches[i])) {
			cancel(turn, &touches[i], reason);
			return true;
		}
	return false;
}
