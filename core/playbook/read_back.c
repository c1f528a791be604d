/* Reads a campaign back (read_back.h): what it was built to, in the order in which leads meet it. Words come from say.h. */
#include "playbook/read_back.h"

#include "playbook/calls.h"
#include "playbook/say.h"

#include <inttypes.h>

struct reading {
	const struct playbook *playbook;
	const struct campaign *campaign;
	const struct read_back_numbers *numbers;
	struct buf *out;
};

static void put_count(struct buf *out, int64_t n)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%" PRId64, n);
	for (int i = 0; i < length; i++)
		buf_printf(out, "%s%c", i && (length - i) % 3 == 0 ? "," : "", digits[i]);
}

/* "… is kept by its way": a length in words. */
static const char *length(struct duration d)
{
	static _Thread_local char text[40];
	return duration_format(d, text);
}

/* ---- who enters and leaves ---- */

static void read_enter(const struct reading *r)
{
	const struct campaign *c = r->campaign;
	const struct read_back_numbers *n = r->numbers;
	if (!c->enter) {
		buf_puts(r->out, "Leads enter by hand.");
		return;
	}
	bool becomes = c->enter->kind != CONDITION_ON;
	buf_puts(r->out, becomes ? "Leads enter when it becomes so that " : "Leads enter when ");
	say_condition(r->playbook, c->enter, r->out);
	if (becomes && n && n->enter_now >= 0) {
		buf_puts(r->out, c->existing ? " (and the " : " (not the ");
		put_count(r->out, n->enter_now);
		buf_puts(r->out, " of whom it is so now)");
	} else if (becomes) {
		buf_puts(r->out, c->existing ? ", and those of whom it is so already" : "; those of whom it is so already do not");
	}
	buf_putc(r->out, '.');
}

static void read_again(const struct reading *r)
{
	const struct campaign *c = r->campaign;
	if (c->again == AGAIN_NEVER)
		buf_puts(r->out, " Nobody enters twice.");
	else if (c->again == AGAIN_ALWAYS)
		buf_puts(r->out, " Who has left may enter again at once.");
	else
		buf_printf(r->out, " Who has left may enter again after %s.", length(c->again_after));
}

/* Of several people of a company, and how often. */
static void read_once_per(const struct reading *r)
{
	const struct campaign *c = r->campaign;
	if (!c->once_per_account)
		return;
	buf_puts(r->out, " Of the people of one account only one is in it at a time: the first. ");
	if (c->again == AGAIN_NEVER)
		buf_puts(r->out, "None of the others enters after that.");
	else if (c->again == AGAIN_ALWAYS)
		buf_puts(r->out, "Another may enter when that one has left.");
	else
		buf_printf(r->out, "Another may enter %s after that one has left.", length(c->again_after));
}

static void read_goal(const struct reading *r)
{
	const struct campaign *c = r->campaign;
	if (!c->goal) {
		buf_puts(r->out, " There is no goal.");
		return;
	}
	buf_puts(r->out, " The goal is reached when ");
	say_condition(r->playbook, c->goal, r->out);
	if (c->at_goal == AT_GOAL_COUNT)
		buf_puts(r->out, "; that is counted, and they go on.");
	else if (c->at_goal == AT_GOAL_LEAVE)
		buf_puts(r->out, "; then they leave.");
	else
		buf_printf(r->out, "; then they go to \"%s\".", c->steps[c->at_goal_step].name);
}

static void read_holdout(const struct reading *r)
{
	if (r->campaign->holdout <= 0)
		return;
	buf_printf(r->out, " %g%% of %s are held out: they get nothing, and are compared", r->campaign->holdout * 100, r->campaign->once_per_account ? "the accounts" : "them");
	if (r->numbers && r->numbers->held_out >= 0) {
		buf_puts(r->out, " (");
		put_count(r->out, r->numbers->held_out);
		buf_puts(r->out, " now)");
	}
	buf_putc(r->out, '.');
}

/* What is not as it is without a word. */
static const char *late_words(enum late late)
{
	static const char *const words[] = {
		[LATE_DEFAULT] = "", [LATE_NOW] = "is done all the same", [LATE_SKIP] = "is left out", [LATE_SPREAD] = "is done within a day"};
	return words[late];
}

/* What an editor of the file does not see: it stands in the database. */
static void read_paused(const struct reading *r)
{
	const struct read_back_numbers *n = r->numbers;
	if (n && n->paused_at && *n->paused_at)
		buf_printf(r->out, "\nIt is paused since %s: nobody in it goes on, and nothing of it is sent, until it is resumed (nurture campaign resume %s).", n->paused_at, r->campaign->name);
	if (!n || n->paused <= 0)
		return;
	buf_putc(r->out, '\n');
	put_count(r->out, n->paused);
	buf_printf(r->out, " in it %s paused by %s (nurture campaign resume %s --lead LEAD).", n->paused == 1 ? "is" : "are", n->paused == 1 ? "itself" : "themselves", r->campaign->name);
}

static void read_whole(const struct reading *r)
{
	const struct campaign *c = r->campaign;
	buf_printf(r->out, "campaign \"%s\"%s%s  (%s:%d)\n\n", c->name, c->title ? ": " : "", c->title ? c->title : "", c->at.file, c->at.line);
	read_enter(r);
	read_again(r);
	read_once_per(r);
	if (c->leave) {
		buf_puts(r->out, " They leave, wherever they stand, when ");
		say_condition(r->playbook, c->leave, r->out);
		buf_putc(r->out, '.');
	} else {
		buf_puts(r->out, " Nothing makes them leave before the end.");
	}
	read_goal(r);
	read_holdout(r);
	if (c->priority)
		buf_puts(r->out, c->priority > 0 ? " Where a cap lets only one campaign through, this one goes first." : " Where a cap lets only one campaign through, this one goes last.");
	if (r->numbers && r->numbers->in >= 0) {
		buf_putc(r->out, ' ');
		put_count(r->out, r->numbers->in);
		buf_puts(r->out, r->numbers->in == 1 ? " stands in it now." : " stand in it now.");
	}
	if (c->late)
		buf_printf(r->out, " Where no step says otherwise, what comes too late %s.", late_words(c->late));
	read_paused(r);
	buf_puts(r->out, "\n\n");
}

/* ---- steps ---- */

static void put_below(const struct reading *r, size_t i)
{
	if (i + 1 < r->campaign->step_count)
		buf_printf(r->out, "on to \"%s\"", r->campaign->steps[i + 1].name);
	else
		buf_puts(r->out, "out: their walk is over");
}

static void put_done(const struct reading *r, const struct step *step)
{
	for (size_t a = 0, told = 0; a < step->action_count; a++) {
		if (step->actions[a].way) /* its split tells it */
			continue;
		buf_puts(r->out, told++ ? ", " : " ");
		say_action(r->playbook, r->campaign, &step->actions[a], r->out);
	}
	if (!step->action_count)
		buf_puts(r->out, " nothing is done");
	buf_putc(r->out, '.');
}

/* "all else" last. */
static void put_answers(const struct reading *r, const struct step *step)
{
	size_t told = 0;
	for (size_t a = 0; a < 2 * step->answer_count; a++) {
		const struct answer *answer = &step->answers[a % step->answer_count];
		bool rest = strcmp(answer->key, "otherwise") == 0;
		if (rest != (a >= step->answer_count))
			continue;
		buf_puts(r->out, told++ ? "; " : " Then: ");
		buf_printf(r->out, rest ? "all else " : "if it ends with \"%s\" ", answer->key);
		say_answer(r->playbook, r->campaign, answer, r->out);
	}
	if (told)
		buf_putc(r->out, '.');
}

static void put_results(const struct reading *r, const struct step *step)
{
	const struct action *contact = playbook_contact(step);
	const struct call_script *script = contact ? contact->script : NULL;
	for (size_t i = 0; script && i < script->result_count; i++) {
		const struct call_result *result = &script->results[i];
		buf_printf(r->out, "%s \"%s\" %s", i ? ";" : " The call ends with", result->name, result->when ? "when " : "for all others");
		if (result->when)
			say_condition(r->playbook, result->when, r->out);
	}
	if (script && script->result_count)
		buf_putc(r->out, '.');
}

static bool offers(const struct step *step)
{
	for (size_t i = 0; i < step->action_count; i++)
		if (step->actions[i].offer)
			return true;
	return false;
}

/* When it is that they go there. */
static void put_unless(const struct step *step, struct buf *out)
{
	size_t told = 0;
	if (step->timing == TIMING_WAIT_FOR)
		buf_puts(out, told++ ? "" : " If it does not come in time");
	if (step->when)
		buf_puts(out, told++ ? ", or it is not so" : " If it is not so");
	if (offers(step))
		buf_puts(out, told++ ? ", or nothing is left to offer" : " When nothing is left to offer");
	if (step->timing == TIMING_DATE && step->date->of != DATE_OF_ASSET)
		buf_puts(out, told++ ? ", or there is no such date" : " If there is no such date");
	buf_puts(out, told ? ", they go " : " Otherwise they go ");
}

static void put_otherwise(const struct reading *r, const struct step *step, size_t i)
{
	if (step->otherwise < 0 && !step->when)
		return;
	put_unless(step, r->out);
	if (step->otherwise >= 0)
		buf_printf(r->out, "to \"%s\"", r->campaign->steps[step->otherwise].name);
	else
		put_below(r, i);
	buf_putc(r->out, '.');
}

static void put_next(const struct reading *r, const struct step *step, size_t i)
{
	if (step_always_goes(step))
		return;
	if (step->timing == TIMING_EVERY) {
		buf_puts(r->out, step->times ? " They come back here until it has been so often, then go " : " They come back here, for ever.");
		if (step->times) {
			put_below(r, i);
			buf_putc(r->out, '.');
		}
		return;
	}
	buf_puts(r->out, " They go ");
	put_below(r, i);
	buf_putc(r->out, '.');
}

static void read_step(const struct reading *r, size_t i)
{
	const struct step *step = &r->campaign->steps[i];
	struct buf timing = {0};
	buf_printf(r->out, "%zu. \"%s\"", i + 1, step->name);
	if (r->numbers && r->numbers->on_step) {
		buf_puts(r->out, " (");
		put_count(r->out, r->numbers->on_step[i]);
		buf_puts(r->out, " here now)");
	}
	say_timing(r->playbook, step, &timing);
	buf_printf(r->out, "  (%s:%d)\n   %c%s", step->at.file, step->at.line, timing.p[0] >= 'a' && timing.p[0] <= 'z' ? timing.p[0] - 32 : timing.p[0], timing.p + 1);
	buf_fini(&timing);
	if (step->when) {
		buf_puts(r->out, ", if ");
		say_condition(r->playbook, step->when, r->out);
	}
	buf_putc(r->out, ',');
	put_done(r, step);
	put_answers(r, step);
	put_results(r, step);
	put_next(r, step, i);
	put_otherwise(r, step, i);
	if (step->late)
		buf_printf(r->out, " If its moment is over, it %s.", late_words(step->late));
	if (step->off)
		buf_puts(r->out, " It is switched off: workers died in it.");
	buf_putc(r->out, '\n');
}

void playbook_read_back(const struct playbook *playbook, const struct campaign *campaign, const struct read_back_numbers *numbers, struct buf *out)
{
	struct reading r = {playbook, campaign, numbers, out};
	read_whole(&r);
	for (size_t i = 0; i < campaign->step_count; i++)
		read_step(&r, i);
}
