/* Walks a lead through the coming days and makes a dated list of it (simulate.h). The list is what the turns noted (logs) with the contacts put where
 * they end; the trial does what engine and delivery would do. */
#include "turn/simulate.h"

#include "playbook/say.h"
#include "turn/inside.h"

#include <stdlib.h>

struct walking {
	struct playbook *playbook;
	const struct simulate_ask *ask;
	struct arena *arena;
	struct trial trial;
	struct simulation *out;
	size_t room;
	size_t known_touches;      /* that were there at the start */
	bool *closed;              /* of those: over already */
};

/* ---- the lead ---- */

/* Nobody asks to see a lead that gets nothing. */
static int64_t id_not_held_out(const struct playbook *playbook)
{
	int64_t id = 1;
	for (bool out = true; out && id < 1000; id++) {
		out = false;
		for (size_t i = 0; i < playbook->campaign_count; i++)
			out |= turn_held_out(&playbook->campaigns[i], id << 6, 0);
		if (!out)
			break;
	}
	return id << 6;
}

static void invent(struct walking *w)
{
	const struct simulate_ask *ask = w->ask;
	struct trial *trial = &w->trial;
	turn_trial_init(trial, w->playbook, w->arena, id_not_held_out(w->playbook), ask->now);
	for (size_t i = 0; i < ask->field_count; i++)
		trial->lead.fields[ask->fields[i].slot] = ask->fields[i].value;
	trial->has_account = ask->account_field_count > 0;
	trial->lead.account_id = trial->has_account ? trial->account.id : 0;
	for (size_t i = 0; i < ask->account_field_count; i++)
		trial->account.fields[ask->account_fields[i].slot] = ask->account_fields[i].value;
}

static struct simulate_line *add_line(struct walking *w, moment_t at)
{
	struct simulate_line *line = arena_push(w->arena, &w->out->lines, w->out->count++, &w->room, sizeof *line);
	struct str none = {"", 0};
	*line = (struct simulate_line){.at = at, .what = none, .campaign = none, .step = none, .name = none, .outcome = none, .why = none, .reason = none,
				       .put_off = none, .answer = none, .where = none};
	return line;
}

/* Nobody knows when it ends: it is told once, and nothing of the campaign goes out. */
static void tell_pause(struct walking *w)
{
	const struct trial *trial = &w->trial;
	char since[MOMENT_TEXT];
	for (size_t i = 0; i < trial->pause_count; i++) {
		if (trial->pauses[i].resumed_at || !str_is(trial->pauses[i].campaign, w->ask->campaign->name))
			continue;
		struct simulate_line *line = add_line(w, w->ask->now);
		line->what = STR("paused");
		line->campaign = trial->pauses[i].campaign;
		line->why = turn_text(w->arena, "since %s: nothing of it goes out until somebody resumes it", moment_format(trial->pauses[i].paused_at, since));
	}
}

static void begin(struct walking *w)
{
	struct trial *trial = &w->trial;
	if (w->ask->known)
		turn_trial_take(trial, w->playbook, w->arena, w->ask->known, w->ask->now);
	else
		invent(w);
	if (!w->ask->known) {
		trial->splits = w->ask->splits;
		trial->split_count = w->ask->split_count;
		trial->pauses = (struct campaign_pause *)arena_dup_n(w->arena, (const char *)w->ask->pauses, w->ask->pause_count * sizeof *trial->pauses);
		trial->pause_count = w->ask->pause_count;
	}
	tell_pause(w);
	trial->ways = w->ask->ways;
	trial->way_count = w->ask->way_count;
	trial->turns_most = w->ask->turns_most ? w->ask->turns_most : SIMULATE_TURNS;
	trial->memory_most = w->ask->memory_most;
	trial->is_enough = w->ask->is_enough;
	trial->enough_arg = w->ask->arg;
	trial->answers = w->ask->answers;
	trial->answer_count = w->ask->answer_count;
	w->known_touches = trial->touch_count;
	w->closed = arena_array(w->arena, trial->touch_count + 1, sizeof *w->closed);
	for (size_t i = 0; i < trial->touch_count; i++)
		w->closed[i] = !touch_is_open(trial->touches[i].state);
}

static bool stands_in(const struct walking *w)
{
	for (size_t i = 0; i < w->trial.enrollment_count; i++)
		if (w->trial.enrollments[i].state != ENROLLMENT_ENDED && str_is(w->trial.enrollments[i].campaign, w->ask->campaign->name))
			return true;
	return false;
}

/* ---- the days ---- */

moment_t turn_simulate_moment(const struct simulation *s, const struct simulate_event *event)
{
	struct calendar_local local;
	moment_t day = calendar_add_days(s->from, event->day - 1, s->zone);
	if (event->minute < 0)
		return day;
	calendar_local(day, s->zone, &local);
	local.hour = event->minute / 60;
	local.minute = event->minute % 60;
	local.second = local.micros = 0;
	day = calendar_moment(&local, s->zone);
	return day < s->from ? s->from : day;
}

static void happens(struct walking *w, const struct simulate_event *event)
{
	struct simulate_line *line = add_line(w, w->trial.now);
	line->what = STR("event");
	line->why = turn_text(w->arena, event->event.subject.n ? "%.*s %.*s, as you said" : "%.*s%.*s, as you said", STR_ARG(event->event.verb),
			      STR_ARG(event->event.subject));
	turn_trial_event(&w->trial, event->event);
}

struct timed {
	moment_t at;
	const struct simulate_event *event;
	size_t place;
};

static int by_time(const void *a, const void *b)
{
	const struct timed *x = a, *y = b;
	return x->at != y->at ? (x->at < y->at ? -1 : 1) : (x->place < y->place ? -1 : x->place > y->place);
}

/* What is due at the moment of an event is done before it, as in a playbook's test. */
static int walk(struct walking *w, struct error *error)
{
	const struct simulate_ask *ask = w->ask;
	struct timed *events = arena_array(w->arena, ask->event_count + 1, sizeof *events);
	size_t next = 0;
	for (size_t i = 0; i < ask->event_count; i++)
		events[i] = (struct timed){turn_simulate_moment(w->out, &ask->events[i]), &ask->events[i], i};
	qsort(events, ask->event_count, sizeof *events, by_time);
	for (; next < ask->event_count && events[next].at <= w->out->from; next++)
		happens(w, events[next].event);
	if (turn_trial_advance(&w->trial, w->out->from, error) < 0)
		return -1;
	if (!stands_in(w))
		turn_trial_event(&w->trial, (struct event){.verb = STR("campaign.enter"), .subject = str_of(ask->campaign->name), .data = {"", 0}});
	for (; next < ask->event_count && events[next].at <= w->out->to; next++) {
		if (turn_trial_advance(&w->trial, events[next].at, error) < 0)
			return -1;
		happens(w, events[next].event);
	}
	return turn_trial_advance(&w->trial, w->out->to, error);
}

/* ---- the list ---- */

static const struct touch *touch_of(const struct walking *w, int64_t id)
{
	for (size_t i = 0; id && i < w->trial.touch_count; i++)
		if (w->trial.touches[i].id == id)
			return &w->trial.touches[i];
	return NULL;
}

static struct str keep_text(struct walking *w, struct buf *text)
{
	struct str out = {arena_dup_n(w->arena, text->n ? text->p : "", text->n), text->n};
	buf_fini(text);
	return out;
}

static const struct step *step_of(const struct walking *w, struct str name, struct str of)
{
	const struct campaign *campaign = playbook_campaign(w->playbook, of);
	return campaign ? campaign_step(campaign, name) : NULL;
}

/* When its step says, and its condition: "on day 3, as their timing is now". */
static struct str why_of(struct walking *w, const struct touch *touch)
{
	const struct step *step = step_of(w, touch->step, touch->campaign);
	struct buf text = {0};
	if (step)
		say_timing(w->playbook, step, &text);
	if (step && step->when) {
		buf_puts(&text, ", as ");
		say_condition(w->playbook, step->when, &text);
	}
	return keep_text(w, &text);
}

/* Notes that a condition made: which one is it? */
static const struct condition *condition_of(const struct walking *w, const struct turn_log *log)
{
	const struct campaign *campaign = playbook_campaign(w->playbook, log->campaign);
	const struct step *step = step_of(w, log->step, log->campaign);
	if (str_is(log->what, "otherwise"))
		return step && str_is(log->cause, "when is not true") ? step->when : NULL;
	if (campaign && str_is(log->what, "leave") && str_is(log->cause, "the leave condition is true"))
		return campaign->leave;
	return campaign && str_is(log->what, "goal") ? campaign->goal : NULL;
}

/* The cause as noted, and what the condition was. */
static struct str cause_of(struct walking *w, const struct turn_log *log)
{
	const struct condition *condition = condition_of(w, log);
	struct buf text = {0};
	if (!condition)
		return log->cause;
	buf_printf(&text, "%.*s: ", STR_ARG(log->cause));
	say_condition(w->playbook, condition, &text);
	return keep_text(w, &text);
}

static struct str behind(struct str text, const char *mark)
{
	size_t n = strlen(mark);
	for (size_t i = 0; i + n <= text.n; i++)
		if (memcmp(text.p + i, mark, n) == 0)
			return (struct str){text.p + i + n, text.n - i - n};
	return (struct str){"", 0};
}

static void add_touch(struct walking *w, const struct touch *touch, struct str cause)
{
	bool internal = str_is(touch->purpose, "internal");
	struct simulate_line *line = add_line(w, touch->over_at ? touch->over_at : touch->due_at);
	line->what = internal ? STR("alert") : touch->kind;
	line->campaign = touch->campaign;
	line->step = touch->step;
	line->name = touch->template_name;
	line->outcome = str_of(touch_state_name(touch->state));
	line->why = why_of(w, touch);
	line->where = touch->where;
	line->pass = touch->pass;
	line->wished = touch->planned_at;
	if (line->at > line->wished)
		line->put_off = behind(cause, ", later: ");
	if (touch->state != TOUCH_SENT)
		line->reason = touch->reason;
	line->answer = turn_trial_answer_of(&w->trial, touch->id);
}

/* Notes that a contact's own line tells. */
static bool is_told_by_touch(struct str what)
{
	static const char *const told[] = {"touch", "held", "alert", "over", "sent", "rejected", "expired", "cancelled"};
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		if (str_is(what, told[i]))
			return true;
	return false;
}

static bool plans(const struct turn_log *log)
{
	return log->touch >= 0;
}

static void add_log(struct walking *w, const struct trial_log *log)
{
	const struct touch *touch = touch_of(w, log->log.touch_id);
	if (touch && plans(&log->log)) {
		add_touch(w, touch, log->log.cause);
		return;
	}
	if (touch && is_told_by_touch(log->log.what))
		return;
	struct simulate_line *line = add_line(w, log->at);
	line->what = log->log.what;
	line->campaign = log->log.campaign;
	line->step = log->log.step;
	line->why = cause_of(w, &log->log);
	line->where = log->log.where;
}

/* Lines by time; of one moment in the order in which they were noted. */
static void sort(struct simulate_line *lines, struct simulate_line *spare, size_t n)
{
	if (n < 2)
		return;
	size_t left = n / 2;
	sort(lines, spare, left);
	sort(lines + left, spare, n - left);
	memcpy(spare, lines, n * sizeof *lines);
	for (size_t i = 0, a = 0, b = left; i < n; i++)
		lines[i] = a < left && (b == n || spare[a].at <= spare[b].at) ? spare[a++] : spare[b++];
}

int turn_simulate_day(moment_t from, moment_t at, const char *zone)
{
	struct calendar_local local;
	calendar_local(from, zone, &local);
	local.hour = local.minute = local.second = local.micros = 0;
	moment_t midnight = calendar_moment(&local, zone);
	int day = (int)((at - midnight) / MOMENT_DAY) + 1; /* near it: days have 23 to 25 hours */
	while (day > 1 && calendar_add_days(midnight, day - 1, zone) > at)
		day--;
	while (calendar_add_days(midnight, day, zone) <= at)
		day++;
	return day;
}

static void list(struct walking *w)
{
	struct simulation *out = w->out;
	const struct trial *trial = &w->trial;
	for (size_t i = 0; i < w->known_touches; i++)
		if (!w->closed[i])
			add_touch(w, &trial->touches[i], (struct str){"", 0});
	for (size_t i = 0; i < trial->log_count; i++)
		add_log(w, &trial->logs[i]);
	sort(out->lines, arena_array(w->arena, out->count + 1, sizeof *out->lines), out->count);
	for (size_t i = 0; i < out->count; i++)
		out->lines[i].day = turn_simulate_day(out->from, out->lines[i].at, out->zone);
	out->enrollments = trial->enrollments;
	out->enrollment_count = trial->enrollment_count;
	out->errors = trial->errors;
	out->error_count = trial->error_count;
}

int turn_simulate(struct playbook *playbook, const struct simulate_ask *ask, struct arena *arena, struct simulation *out, struct error *error)
{
	struct walking w = {.playbook = playbook, .ask = ask, .arena = arena, .out = out};
	struct turn_facts facts;
	*out = (struct simulation){.from = ask->now};
	if (ask->known && ask->known->lead.erased)
		return error_set(error, ERROR_NOT_FOUND, "lead", "lead %lld was erased: it is nobody any more.", (long long)ask->known->lead.id);
	begin(&w);
	if (turn_trial_facts(&w.trial, &facts, error) < 0)
		return -1;
	out->zone = turn_zone(playbook, &facts);
	out->to = calendar_add_days(out->from, ask->days, out->zone);
	out->in_before = stands_in(&w);
	if (walk(&w, error) < 0) {
		if (!w.trial.cut)
			return -1;
		out->cut_at = w.trial.now;
	}
	list(&w);
	return 0;
}
