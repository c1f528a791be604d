/* Timings, acts and ways out, in words (say.h). Conditions are in say_condition.c. */
#include "playbook/say.h"

static void put_length(struct duration length, struct buf *out)
{
	char text[40];
	buf_puts(out, duration_format(length, text));
}

/* ---- timings ---- */

static void at_once(const struct playbook *playbook, const struct step *step, struct buf *out)
{
	(void)playbook;
	(void)step;
	buf_puts(out, "at once");
}

static void on_day(const struct playbook *playbook, const struct step *step, struct buf *out)
{
	(void)playbook;
	if (step->day <= 1)
		buf_puts(out, "at once, on day 1");
	else
		buf_printf(out, "on day %d", step->day);
}

static void after_wait(const struct playbook *playbook, const struct step *step, struct buf *out)
{
	(void)playbook;
	put_length(step->wait, out);
	buf_puts(out, " after the step before");
}

static void every(const struct playbook *playbook, const struct step *step, struct buf *out)
{
	(void)playbook;
	buf_puts(out, "every ");
	put_length(step->wait, out);
	if (step->times)
		buf_printf(out, ", %d times", step->times);
}

static void wait_for(const struct playbook *playbook, const struct step *step, struct buf *out)
{
	buf_puts(out, "as soon as ");
	say_condition(playbook, step->awaits, out);
	buf_puts(out, step->since == SINCE_STEP ? ", counted from coming here" : step->since >= 0 ? ", counted from an earlier step's contact" : "");
	buf_puts(out, ", at most ");
	put_length(step->wait, out);
}

static void on_date(const struct playbook *playbook, const struct step *step, struct buf *out)
{
	say_date(playbook, step->date, out);
}

void say_date(const struct playbook *playbook, const struct date_moment *moment, struct buf *out)
{
	static const char *const whose[] = {[DATE_OF_ASSET] = "", [DATE_OF_LEAD] = "their ", [DATE_OF_ACCOUNT] = "their account's "};
	(void)playbook;
	put_length(moment->length, out);
	buf_printf(out, " %s %s%s", moment->before ? "before" : "after", whose[moment->of], moment->name);
}

typedef void timing_fn(const struct playbook *playbook, const struct step *step, struct buf *out);
static timing_fn *const timings[] = {
	[TIMING_NONE] = at_once, [TIMING_DAY] = on_day, [TIMING_WAIT] = after_wait, [TIMING_EVERY] = every, [TIMING_WAIT_FOR] = wait_for, [TIMING_DATE] = on_date,
};

void say_timing(const struct playbook *playbook, const struct step *step, struct buf *out)
{
	timing_fn *say = (size_t)step->timing < sizeof timings / sizeof *timings ? timings[step->timing] : NULL;
	if (say)
		say(playbook, step, out);
	else
		buf_printf(out, "when %s:%d says", step->at.file, step->at.line);
}

/* ---- acts ---- */

static const char *kind_word(const char *kind)
{
	return strcmp(kind, "email") == 0 ? "e-mail" : kind;
}

static void contact(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	(void)playbook;
	(void)campaign;
	buf_printf(out, "they get the %s \"%s\"", kind_word(action->channel_kind), action->name);
	if (action->offer)
		buf_printf(out, " with the next asset that they have not had, from \"%s\" on", action->offer->name);
	if (action->any_hours)
		buf_puts(out, " at any hour");
	if (action->drop)
		buf_printf(out, action->drop_weekday >= 0 ? " on a %s" : " on %s", action->drop);
	if (action->once_per)
		buf_printf(out, ", one for a %s", action->once_per);
	if (action->skill)
		buf_printf(out, " from somebody who knows \"%s\"", action->skill);
	if (action->within.count) {
		buf_puts(out, " within ");
		put_length(action->within, out);
	}
}

static void handoff(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	(void)playbook;
	(void)campaign;
	buf_printf(out, "they are handed to \"%s\"", action->name);
	if (action->within.count) {
		buf_puts(out, ", who has ");
		put_length(action->within, out);
	}
}

static void alert(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	(void)playbook;
	(void)campaign;
	buf_printf(out, "%s is alerted with \"%s\"", action->to ? action->to : "the owner", action->name);
}

static void set(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	(void)campaign;
	for (size_t i = 0; i < action->set_count; i++) {
		const struct value *value = &action->sets[i].value;
		buf_printf(out, "%s\"%s\" ", i ? ", " : "", playbook->schema.lead[action->sets[i].slot].name);
		buf_puts(out, value->type == VALUE_EMPTY ? "is emptied" : "is set to ");
		if (value->type != VALUE_EMPTY)
			say_value(value, out);
	}
}

static void stage(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	(void)playbook;
	(void)campaign;
	buf_printf(out, "their stage becomes %s", stage_name(action->stage));
}

static void enroll(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	(void)campaign;
	buf_printf(out, "they enter campaign \"%s\"", playbook->campaigns[action->target].name);
}

static void suppress(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	(void)campaign;
	buf_printf(out, "nothing goes to them by %s any more", action->name);
	if (action->ends) {
		buf_puts(out, ", until ");
		say_condition(playbook, action->ends, out);
	}
}

static void go(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	(void)playbook;
	buf_printf(out, "they go to \"%s\"", campaign->steps[action->target].name);
}

static void leave(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	(void)playbook;
	(void)campaign;
	buf_puts(out, "they leave");
	if (action->name)
		buf_printf(out, " (%s)", action->name);
}

static void put_way(const struct campaign *campaign, const struct way *way, struct buf *out)
{
	if (way->kind == WAY_LEAVE)
		buf_printf(out, way->reason ? "out (%s)" : "out", way->reason);
	else if (way->kind == WAY_GO && way->target >= 0)
		buf_printf(out, "to \"%s\"", campaign->steps[way->target].name);
	else
		buf_puts(out, "on");
}

static void put_ways(const struct playbook *playbook, const struct campaign *campaign, const struct ways *ways, struct buf *out)
{
	buf_printf(out, "by their %s:", playbook->schema.lead[ways->slot].name);
	for (size_t i = 0; i < ways->count; i++) {
		buf_printf(out, "%s %.*s ", i ? "," : "", STR_ARG(ways->cases[i].choice));
		put_way(campaign, &ways->cases[i].way, out);
	}
	if (ways->has_otherwise) {
		buf_puts(out, ", otherwise ");
		put_way(campaign, &ways->otherwise, out);
	}
}

static void choose(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	buf_puts(out, "they go ");
	put_ways(playbook, campaign, action->ways, out);
}

static void function(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	(void)playbook;
	(void)campaign;
	buf_printf(out, "the function at %s:%d decides", action->at.file, action->at.line);
}

static void split(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	const struct split *s = action->split;
	buf_puts(out, "one of these is drawn for each lead, once and for good: ");
	for (size_t i = 0; i < s->count; i++) {
		buf_printf(out, "%s%.4g%%: ", i ? "; " : "", s->shares[i] * 100);
		say_action(playbook, campaign, &action[1 + i], out);
	}
	if (!s->winner)
		return;
	if (s->first > 0)
		buf_printf(out, "; so for %.4g%% of them, and ", s->first * 100);
	else
		buf_puts(out, "; from ");
	put_length(s->after, out);
	buf_puts(out, s->first > 0 ? " after the first draw all others get the one after which it is most often so that " : " after the first draw on, as soon as one is known to win, all others get the one after which it is most often so that ");
	say_condition(playbook, s->winner, out);
	buf_printf(out, s->first > 0 ? " (\"%s\" if that is not known at 95%% then)" : " (known at 95%%)", action[1].way);
}

typedef void action_fn(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out);
static action_fn *const actions[] = {
	[ACTION_CONTACT] = contact, [ACTION_HANDOFF] = handoff,   [ACTION_ALERT] = alert, [ACTION_SET] = set,     [ACTION_STAGE] = stage,
	[ACTION_ENROLL] = enroll,   [ACTION_SUPPRESS] = suppress, [ACTION_GO] = go,       [ACTION_LEAVE] = leave, [ACTION_CHOOSE] = choose,
	[ACTION_FUNCTION] = function, [ACTION_SPLIT] = split,
};

void say_action(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out)
{
	action_fn *say = (size_t)action->kind < sizeof actions / sizeof *actions ? actions[action->kind] : NULL;
	if (say)
		say(playbook, campaign, action, out);
	else
		buf_printf(out, "what %s:%d says is done", action->at.file, action->at.line);
}

/* ---- ways out ---- */

static void to_step(const struct playbook *playbook, const struct campaign *campaign, const struct answer *answer, struct buf *out)
{
	struct way way = {.kind = answer->target >= 0 ? WAY_GO : WAY_ON, .target = answer->target};
	(void)playbook;
	put_way(campaign, &way, out);
}

static void to_leave(const struct playbook *playbook, const struct campaign *campaign, const struct answer *answer, struct buf *out)
{
	struct way way = {.kind = WAY_LEAVE, .reason = answer->reason};
	(void)playbook;
	put_way(campaign, &way, out);
}

static void to_retry(const struct playbook *playbook, const struct campaign *campaign, const struct answer *answer, struct buf *out)
{
	const struct retry *retry = answer->retry;
	(void)playbook;
	buf_printf(out, "there again, %d time%s, ", retry->times, retry->times == 1 ? "" : "s");
	put_length(retry->every, out);
	buf_printf(out, " later%s, then ", retry->other_time ? " in the other half of the day" : "");
	put_way(campaign, &retry->otherwise, out);
}

static void to_choose(const struct playbook *playbook, const struct campaign *campaign, const struct answer *answer, struct buf *out)
{
	put_ways(playbook, campaign, answer->ways, out);
}

typedef void answer_fn(const struct playbook *playbook, const struct campaign *campaign, const struct answer *answer, struct buf *out);
static answer_fn *const answers[] = {[ANSWER_GO] = to_step, [ANSWER_LEAVE] = to_leave, [ANSWER_RETRY] = to_retry, [ANSWER_CHOOSE] = to_choose};

void say_answer(const struct playbook *playbook, const struct campaign *campaign, const struct answer *answer, struct buf *out)
{
	answer_fn *say = (size_t)answer->kind < sizeof answers / sizeof *answers ? answers[answer->kind] : NULL;
	if (say)
		say(playbook, campaign, answer, out);
	else
		buf_puts(out, "on");
}
