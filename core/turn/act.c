/* What a step does, part by part: a table of acts. Called by walk.c. A contact stops the row until it is over, `go` and `leave` end
 * it; everything else is done at once and goes on to the next part. A part that fails holds the enrollment there. */
#include "turn/inside.h"

#include <stdlib.h>

static void stay_at(struct seat *seat, size_t part)
{
	seat->e.rounds |= (int)(part + 1) << TURN_PART_SHIFT;
}

static enum act_end do_contact(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	const struct asset *offer = action->offer ? turn_next_offer(turn, action->offer) : NULL;
	if (action->offer && !offer) {
		turn_otherwise(turn, seat, step, STR("nothing is left to offer"), &action->at);
		return ACT_MOVED;
	}
	return turn_contact(turn, seat, step, action, offer) ? ACT_WAITS : turn_go_end(turn, seat, step, STR("held"));
}

static enum act_end do_handoff(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	moment_t due_at = turn_handoff(turn, seat, step, action);
	if (!step->answer_count)
		return ACT_DONE;
	turn_wait_for_sales(seat, due_at);
	return ACT_WAITS;
}

static enum act_end do_alert(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	turn_alert(turn, seat, step, action);
	return ACT_DONE;
}

/* What was set, and when, has to be known later: replay.c tells fields again from events alone. */
static void note_set(struct turn *turn, const struct action *action)
{
	json_t *set = json_object();
	for (size_t i = 0; i < action->set_count; i++)
		json_object_set_new(set, turn->playbook->schema.lead[action->sets[i].slot].name, value_to_json(&action->sets[i].value));
	json_t *data = json_pack("{s:o}", "set", set);
	char *text = json_dumps(data, JSON_COMPACT);
	turn_note_event(turn, "lead.update", STR("campaign"), str_of(arena_dup(turn->arena, text ? text : "")));
	free(text);
	json_decref(data);
}

static enum act_end do_set(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	(void)step;
	bool changes = false;
	for (size_t i = 0; i < action->set_count; i++)
		changes |= !value_same(&turn->facts->lead.fields[action->sets[i].slot], &action->sets[i].value);
	for (size_t i = 0; i < action->set_count; i++)
		turn_set_field(turn, action->sets[i].slot, value_copy(turn->arena, &action->sets[i].value));
	if (changes)
		note_set(turn, action);
	turn_note_log(turn, seat, "set", STR("fields were set"), &action->at);
	return ACT_DONE;
}

static enum act_end do_stage(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	(void)step;
	if (turn_set_stage(turn, action->stage, false))
		turn_note_log(turn, seat, "stage", str_of(stage_name(action->stage)), &action->at);
	return ACT_DONE;
}

static enum act_end do_enroll(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	const struct campaign *campaign = &turn->playbook->campaigns[action->target];
	turn_note_log(turn, seat, "enroll", str_of(campaign->name), &action->at);
	turn_enroll(turn, campaign, turn_text(turn->arena, "enrolled by %.*s, step %s", STR_ARG(seat->e.campaign), step->name), &action->at);
	return ACT_DONE;
}

static enum act_end do_suppress(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	(void)step;
	turn_suppress(turn, seat, action);
	return ACT_DONE;
}

static enum act_end do_go(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	(void)step;
	turn_note_log(turn, seat, "go", str_of(seat->campaign->steps[action->target].name), &action->at);
	turn_arrive(turn, seat, action->target, seat->e.over_at);
	return ACT_MOVED;
}

static enum act_end do_leave(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	(void)step;
	struct str reason = str_of(action->name ? action->name : "leave");
	turn_end(turn, seat, reason, reason, &action->at);
	return ACT_MOVED;
}

static enum act_end obey(struct turn *turn, struct seat *seat, const struct action *action, const struct script_result *result)
{
	if (result->answer == SCRIPT_GO) {
		const struct step *target = campaign_step(seat->campaign, str_of(result->name));
		if (!target) {
			turn_note_error(turn, action->at, NULL, turn_text(turn->arena, "goes to \"%s\", which does not exist", result->name).p);
			turn_hold(turn, seat, turn_text(turn->arena, "goes to \"%s\", which does not exist", result->name), &action->at);
			return ACT_MOVED;
		}
		turn_note_log(turn, seat, "go", str_of(target->name), &action->at);
		turn_arrive(turn, seat, (int)(target - seat->campaign->steps), seat->e.over_at);
		return ACT_MOVED;
	}
	if (result->answer == SCRIPT_LEAVE) {
		struct str reason = turn_text(turn->arena, "%s", result->name ? result->name : "leave");
		turn_end(turn, seat, reason, reason, &action->at);
		return ACT_MOVED;
	}
	if (result->answer == SCRIPT_WAIT) { /* asked again then */
		stay_at(seat, (size_t)(action - campaign_step(seat->campaign, seat->e.step)->actions));
		seat->e.due_at = turn_later(turn, turn->now, result->wait);
		if (seat->e.due_at <= turn->now)
			seat->e.due_at = turn->now + MOMENT_MINUTE;
		return ACT_WAITS;
	}
	return ACT_DONE;
}

static enum act_end do_function(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	struct script_result result = {0};
	if (turn_call(turn, action->function, action->at, &result) == 0)
		return obey(turn, seat, action, &result);
	stay_at(seat, (size_t)(action - step->actions));
	turn_hold(turn, seat, STR("the function failed"), &action->at);
	return ACT_MOVED;
}

static enum act_end do_split(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	return turn_split(turn, seat, step, action);
}

static enum act_end do_choose(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	enum act_end end = turn_choose(turn, seat, action->ways);
	if (seat->e.state == ENROLLMENT_HELD)
		stay_at(seat, (size_t)(action - step->actions));
	return end;
}

typedef enum act_end act_fn(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action);
static act_fn *const acts[] = {
	[ACTION_CONTACT] = do_contact, [ACTION_HANDOFF] = do_handoff,   [ACTION_ALERT] = do_alert, [ACTION_SET] = do_set,
	[ACTION_STAGE] = do_stage,     [ACTION_ENROLL] = do_enroll,     [ACTION_SUPPRESS] = do_suppress,
	[ACTION_GO] = do_go,           [ACTION_LEAVE] = do_leave,       [ACTION_FUNCTION] = do_function,
	[ACTION_CHOOSE] = do_choose,   [ACTION_SPLIT] = do_split,
};

static bool action_goes(const struct action *action)
{
	bool goes = action->kind == ACTION_GO || action->kind == ACTION_LEAVE || action->kind == ACTION_CHOOSE;
	for (size_t i = 0; action->kind == ACTION_SPLIT && i < action->split->count; i++)
		goes |= action_goes(&action[1 + i]);
	return goes;
}

/* One part; of the ways of a split, that which was drawn. */
static enum act_end act(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action)
{
	return turn_is_drawn(seat, step, action) ? acts[action->kind](turn, seat, step, action) : ACT_DONE;
}

enum act_end turn_act(struct turn *turn, struct seat *seat, const struct step *step, size_t from)
{
	for (size_t i = from; i < step->action_count; i++) {
		const struct action *action = &step->actions[i];
		bool stops = action->kind == ACTION_CONTACT && turn_is_drawn(seat, step, action);
		enum act_end end = act(turn, seat, step, action);
		if (end != ACT_DONE || stops)
			return end;
	}
	return ACT_DONE;
}

/* Behind a contact whose end has a way of its own: what is done, and not where the step itself would go. */
enum act_end turn_act_inside(struct turn *turn, struct seat *seat, const struct step *step, size_t from)
{
	for (size_t i = from; i < step->action_count; i++) {
		const struct action *action = &step->actions[i];
		enum act_end end = action_goes(action) ? ACT_DONE : act(turn, seat, step, action);
		if (end != ACT_DONE)
			return end;
	}
	return ACT_DONE;
}

enum act_end turn_act_away(struct turn *turn, struct seat *seat, const struct step *step)
{
	for (size_t i = 0; i < step->action_count; i++) {
		const struct action *action = &step->actions[i];
		enum act_end end = action_goes(action) ? act(turn, seat, step, action) : ACT_DONE;
		if (end != ACT_DONE || (action_goes(action) && action->kind != ACTION_SPLIT && turn_is_drawn(seat, step, action)))
			return end;
	}
	return ACT_DONE;
}
