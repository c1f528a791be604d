/* How a contact ended, and where the walk goes then: one table of answers for every kind of contact (PLAYBOOK decisions 25, 26).
 *
 *   touch.over ──► an end: "reached", a disposition, "nobody", "bounced", "undeliverable", "late", "held", "sent"; of a handoff
 *                  "accepted", "returned", "late"
 *   "reached"  ──► the first result of the script that fits
 *   the end    ──► what answers says of it ──► its kind ("nobody", "reached") ──► the disposition's own retry
 *              ──► who refuses leaves ──► answers.otherwise ──► a contact that was made goes on behind it, every other the other way:
 *                  otherwise = of the step, its own go, leave or choose, the step below
 *
 * Called by walk.c. What stands behind a contact that was not made (set, stage …) is not done. */
#include "turn/inside.h"

#include "playbook/calls.h"

enum { MORNING_ENDS = 13, MORNING = 10, AFTERNOON = 15 /* hours of the lead's day, for other_time */ };

/* ---- which end it was ---- */

static bool is_call(const struct seat *seat, const struct step *step)
{
	const struct action *contact = turn_contact_of(seat, step);
	return contact && contact->kind == ACTION_CONTACT && strcmp(contact->channel_kind, "call") == 0;
}

static struct str end_of_call(const struct turn *turn, const struct seat *seat, const struct step *step, struct str answer)
{
	const struct call_script *script = turn_contact_of(seat, step)->script;
	if (str_is(answer, "nobody") || playbook_disposition(turn->playbook, answer) || (script && call_script_result(script, answer)))
		return answer;
	return STR("reached");
}

/* A letter that a post could not deliver, or that we would not send: to a house that has one, or wants none. */
static struct str end_of_letter(const struct over *over)
{
	return str_is(over->kind, "policy") ? STR("held") : STR("undeliverable");
}

static struct str end_of_rejected(const struct seat *seat, const struct step *step, const struct over *over)
{
	const struct action *contact = turn_contact_of(seat, step);
	bool letter = contact && contact->kind == ACTION_CONTACT && strcmp(contact->channel_kind, "letter") == 0;
	return is_call(seat, step) ? STR("held") : letter ? end_of_letter(over) : STR("bounced");
}

struct str turn_end_key(const struct turn *turn, const struct seat *seat, const struct step *step, const struct over *over)
{
	if (str_is(over->outcome, "sent") || str_is(over->outcome, "in_doubt"))
		return is_call(seat, step) ? end_of_call(turn, seat, step, over->answer) : STR("sent");
	if (str_is(over->outcome, "rejected"))
		return end_of_rejected(seat, step, over);
	if (str_is(over->outcome, "expired") || str_is(over->reason, TURN_LATE))
		return STR("late");
	return STR("held");
}

/* ---- ways ---- */

static enum act_end go_way(struct turn *turn, struct seat *seat, const struct way *way, const struct place *at)
{
	struct str reason = str_of(way->reason ? way->reason : "leave");
	if (way->kind == WAY_ON)
		return ACT_DONE;
	if (way->kind == WAY_LEAVE)
		turn_end(turn, seat, reason, reason, at);
	else
		turn_arrive(turn, seat, way->target, seat->e.over_at);
	return ACT_MOVED;
}

static const struct way *way_of(const struct ways *ways, const struct value *value)
{
	for (size_t i = 0; value->type == VALUE_TEXT && i < ways->count; i++)
		if (str_same(ways->cases[i].choice, value->text))
			return &ways->cases[i].way;
	return ways->has_otherwise ? &ways->otherwise : NULL;
}

/* Into which branch, when nothing is said about it? Held until a person says. */
static bool can_choose(struct turn *turn, struct seat *seat, const struct ways *ways)
{
	const struct value *value = &turn->facts->lead.fields[ways->slot];
	if (way_of(ways, value))
		return true;
	turn_hold(turn, seat,
		  turn_text(turn->arena, "%s is %s, and choose says nothing about it", turn->playbook->schema.lead[ways->slot].name,
			    value->type == VALUE_TEXT ? "none of the choices" : "empty"),
		  &ways->at);
	return false;
}

/* Which choose it is held at; NULL = it is held for something else. */
static const struct ways *held_at(struct turn *turn, struct seat *seat, const struct step *step)
{
	int part = seat->e.rounds >> TURN_PART_SHIFT;
	if (part > 0 && (size_t)part <= step->action_count)
		return step->actions[part - 1].kind == ACTION_CHOOSE ? step->actions[part - 1].ways : NULL;
	if (part != PART_ENDED || !turn_contact_of(seat, step))
		return NULL;
	struct str ended = turn_own_pass(turn, seat)->ended;
	for (size_t i = 0; ended.n && i < step->answer_count; i++)
		if (str_is(ended, step->answers[i].key))
			return step->answers[i].kind == ANSWER_CHOOSE ? step->answers[i].ways : NULL;
	return NULL;
}

bool turn_can_choose(struct turn *turn, struct seat *seat)
{
	const struct step *step = seat->campaign && seat->e.step.n ? campaign_step(seat->campaign, seat->e.step) : NULL;
	const struct ways *ways = step ? held_at(turn, seat, step) : NULL;
	return ways && way_of(ways, &turn->facts->lead.fields[ways->slot]);
}

enum act_end turn_choose(struct turn *turn, struct seat *seat, const struct ways *ways)
{
	const struct value *value = &turn->facts->lead.fields[ways->slot];
	const char *field = turn->playbook->schema.lead[ways->slot].name;
	if (!can_choose(turn, seat, ways))
		return ACT_MOVED;
	turn_note_log(turn, seat, "choose", value->type == VALUE_TEXT ? turn_text(turn->arena, "%s is %.*s", field, STR_ARG(value->text))
								  : turn_text(turn->arena, "%s is empty", field), &ways->at);
	return go_way(turn, seat, way_of(ways, value), &ways->at);
}

/* otherwise = of the step, then its own go, leave or choose; ACT_DONE = the step below. */
static enum act_end other_way(struct turn *turn, struct seat *seat, const struct step *step)
{
	if (step->otherwise >= 0) {
		turn_arrive(turn, seat, step->otherwise, seat->e.over_at);
		return ACT_MOVED;
	}
	return turn_act_away(turn, seat, step);
}

/* ---- again ---- */

/* The same calendar day in the other half of it, or the day after when that is not behind the contact that ended. */
static moment_t other_time(const struct turn *turn, moment_t over_at, moment_t due)
{
	struct calendar_local before, local;
	calendar_local(over_at, turn->zone, &before);
	calendar_local(due, turn->zone, &local);
	local.hour = before.hour < MORNING_ENDS ? AFTERNOON : MORNING;
	local.minute = local.second = local.micros = 0;
	moment_t at = calendar_moment(&local, turn->zone);
	return at > over_at ? at : calendar_add_days(at, 1, turn->zone);
}

static enum act_end try_again(struct turn *turn, struct seat *seat, const struct step *step, const struct retry *retry)
{
	struct step_pass *pass = turn_own_pass(turn, seat);
	if (pass->tries >= retry->times) {
		turn_note_log(turn, seat, "retry", turn_text(turn->arena, "spent: %d times", retry->times), &retry->at);
		return retry->otherwise.kind == WAY_ON ? turn_act_away(turn, seat, step) : go_way(turn, seat, &retry->otherwise, &retry->at);
	}
	moment_t due = turn_later(turn, seat->e.over_at, retry->every);
	if (retry->other_time)
		due = other_time(turn, seat->e.over_at, due);
	pass->tries++;
	turn_note_log(turn, seat, "retry", turn_text(turn->arena, "%d of %d", pass->tries, retry->times), &retry->at);
	turn_again(seat, due > turn->now ? due : turn->now);
	return ACT_WAITS;
}

/* ---- from an end to a way ---- */

/* What is known of an end before answers are asked. */
struct end {
	struct str name, kind;                 /* kind: what answers may say instead of the name; "" = nothing */
	const struct disposition *disposition; /* NULL = none */
	bool made;                             /* the contact was made: what stands behind it is done */
	bool listed;                           /* answers.otherwise speaks of it: a mail that was simply sent is no end to speak of */
};

static bool is_one(struct str name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

static struct end end_named(const struct turn *turn, struct str name)
{
	static const char *const unmade[] = {"nobody", "late", "held", "bounced", "undeliverable", "returned"};
	struct end end = {.name = name, .kind = {"", 0}, .disposition = playbook_disposition(turn->playbook, name)};
	if (end.disposition && end.disposition->means == MEANS_NOBODY)
		end.kind = STR("nobody");
	end.made = !end.disposition && !is_one(name, unmade, sizeof unmade / sizeof *unmade);
	end.listed = !str_is(name, "sent");
	return end;
}

static const struct answer *answer_of(const struct step *step, struct str key)
{
	for (size_t i = 0; key.n && i < step->answer_count; i++)
		if (str_is(key, step->answers[i].key))
			return &step->answers[i];
	return NULL;
}

/* Whoever never wants to be called again is not, whatever the campaign says. */
static void never_again(struct turn *turn, struct seat *seat, const struct disposition *disposition)
{
	const struct action suppress = {.kind = ACTION_SUPPRESS, .at = disposition->at, .name = "call", .reason = disposition->label};
	turn->never = NULL;
	turn_suppress(turn, seat, &suppress);
}

void turn_heard_never(struct turn *turn, struct str answer)
{
	const struct disposition *disposition = playbook_disposition(turn->playbook, answer);
	if (disposition && disposition->means == MEANS_NEVER)
		turn->never = disposition;
}

void turn_never(struct turn *turn)
{
	if (turn->never)
		never_again(turn, NULL, turn->never);
}

static enum act_end go_answer(struct turn *turn, struct seat *seat, const struct step *step, const struct answer *answer)
{
	struct way way = {.kind = answer->kind == ANSWER_LEAVE ? WAY_LEAVE : WAY_GO, .target = answer->target, .reason = answer->reason ? answer->reason : answer->key};
	if (answer->kind == ANSWER_RETRY)
		return try_again(turn, seat, step, answer->retry);
	if (answer->kind == ANSWER_CHOOSE)
		return turn_choose(turn, seat, answer->ways);
	return go_way(turn, seat, &way, &step->at);
}

static enum act_end go_unnamed(struct turn *turn, struct seat *seat, const struct step *step, const struct end *end)
{
	const struct answer *otherwise = end->listed ? answer_of(step, STR("otherwise")) : NULL;
	const struct disposition *d = end->disposition;
	if (d && d->retry && turn_own_pass(turn, seat)->tries < d->retry->times)
		return try_again(turn, seat, step, d->retry);
	if (d && (d->means == MEANS_REFUSED || d->means == MEANS_NEVER)) {
		turn_end(turn, seat, str_of(d->label), end->name, &d->at);
		return ACT_MOVED;
	}
	if (otherwise)
		return go_answer(turn, seat, step, otherwise);
	if (end->made)
		return turn_act(turn, seat, step, turn_behind_contact(seat, step));
	if (step->answer_count)
		turn_note_log(turn, seat, "otherwise", turn_text(turn->arena, "answers says nothing about %.*s", STR_ARG(end->name)), &step->at);
	return other_way(turn, seat, step);
}

/* The first result that fits, for a script that has some; -1: its condition failed. */
static int find_result(struct turn *turn, const struct seat *seat, const struct step *step, struct str *key)
{
	const struct call_script *script = is_call(seat, step) ? turn_contact_of(seat, step)->script : NULL;
	for (size_t i = 0; script && str_is(*key, "reached") && i < script->result_count; i++) {
		struct verdict v = {.holds = true};
		if (script->results[i].when)
			v = turn_holds(turn, script->results[i].when);
		if (v.failed)
			return -1;
		if (v.holds)
			*key = str_of(script->results[i].name);
	}
	return 0;
}

enum act_end turn_go_end(struct turn *turn, struct seat *seat, const struct step *step, struct str key)
{
	if (find_result(turn, seat, step, &key) < 0) {
		turn_ended_as(turn, seat, STR("reached"));
		turn_hold(turn, seat, STR("the condition of a result failed"), &step->at);
		return ACT_MOVED;
	}
	const struct action *contact = turn_contact_of(seat, step);
	struct end end = end_named(turn, key);
	if (is_call(seat, step) && end.made)
		end.kind = STR("reached");
	const struct answer *answer = answer_of(step, end.name);
	if (!answer)
		answer = answer_of(step, end.kind);
	if (contact && (is_call(seat, step) || contact->kind == ACTION_HANDOFF)) /* another edition's step may make none */
		turn_note_log(turn, seat, "answer", key, &step->at);
	if (end.disposition && end.disposition->means == MEANS_NEVER)
		never_again(turn, seat, end.disposition);
	if (!answer)
		return go_unnamed(turn, seat, step, &end);
	if (answer->kind == ANSWER_CHOOSE && !can_choose(turn, seat, answer->ways)) {
		turn_ended_as(turn, seat, key);
		return ACT_MOVED;
	}
	enum act_end acts = end.made ? turn_act_inside(turn, seat, step, turn_behind_contact(seat, step)) : ACT_DONE;
	return acts == ACT_DONE ? go_answer(turn, seat, step, answer) : acts;
}
