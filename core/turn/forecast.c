/* See forecast.h. Each lead's contacts are counted by kind and day; sums and sums of squares of each group make the estimate and its error. What held
 * a contact back is counted by reason. Answers are dice thrown beforehand, one for each time that a step may make its contact. */
#include "turn/forecast.h"

#include "base/mem.h"
#include "playbook/calls.h"
#include "turn/forecast_inside.h"

#include <stdlib.h>

enum { DRAWS = 24 /* of a step; its last stands for all further ones */, ENDS_MOST = 300 };

/* ---- odds ---- */

static bool is_certain(const struct odds *odds)
{
	return odds->count < 2;
}

static void add_odd(struct odds *odds, struct str answer, int64_t weight)
{
	if (odds->count == FORECAST_ODDS || weight <= 0)
		return;
	odds->answers[odds->count] = answer;
	odds->weights[odds->count++] = weight;
	odds->total += weight;
}

static bool is_end(const struct str answer, const char **ends, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_is(answer, ends[i]))
			return true;
	return false;
}

/* As measured; what the gate holds back is not drawn, it is asked. Nothing measured: even odds of a call's results, dispositions and of handoffs; mails and
 * letters arrive. */
static void find_odds(struct forecast *f, const struct step *step, struct odds *odds)
{
	const struct action *contact = playbook_contact(step);
	const char *ends[ENDS_MOST];
	size_t count = playbook_ends(f->playbook, step, ends, ENDS_MOST);
	*odds = (struct odds){.step = step};
	if (!contact)
		return;
	for (size_t i = 0; i < f->rate_count; i++) {
		const struct forecast_rate *rate = &f->rates[i];
		if (!str_is(rate->step, step->name) || str_is(rate->answer, "held"))
			continue;
		if (is_end(rate->answer, ends, count))
			add_odd(odds, rate->answer, rate->count);
		else if (str_is(rate->answer, "sent"))
			add_odd(odds, (struct str){"", 0}, rate->count);
	}
	odds->measured = odds->total;
	bool answers = contact->kind == ACTION_HANDOFF ? step->answer_count > 0 : strcmp(contact->channel_kind, "call") == 0;
	for (size_t i = 0; i < count && !odds->measured && answers; i++)
		if (strcmp(ends[i], "late") != 0 && strcmp(ends[i], "held") != 0)
			add_odd(odds, str_of(ends[i]), 1);
}

static struct str draw(const struct odds *odds, int64_t lead_id, int n)
{
	char key[400];
	int length = snprintf(key, sizeof key, "%lld:%s:%d", (long long)lead_id, odds->step->name, n);
	struct str text = {key, length < (int)sizeof key ? (size_t)length : sizeof key - 1};
	double at = (double)hash_stable(text) / 18446744073709551616.0 * (double)odds->total;
	for (size_t i = 0; i + 1 < odds->count; i++) {
		at -= (double)odds->weights[i];
		if (at < 0)
			return odds->answers[i];
	}
	return odds->answers[odds->count - 1];
}

static void throw_dice(const struct forecast *f, int64_t lead_id, struct arena *arena, struct simulate_ask *ask)
{
	ask->answers = arena_array(arena, f->campaign->step_count * DRAWS + 1, sizeof *ask->answers);
	for (size_t i = 0; i < f->campaign->step_count; i++)
		for (int n = 0; n < DRAWS && f->odds[i].count; n++)
			ask->answers[ask->answer_count++] = (struct trial_answer){.step = str_of(f->odds[i].step->name), .answer = draw(&f->odds[i], lead_id, n)};
}

/* ---- adding up ---- */

static struct channel *channel_of(struct forecast *f, struct str kind)
{
	for (size_t i = 0; i < f->channel_count; i++)
		if (str_same(kind, f->channels[i].kind))
			return &f->channels[i];
	if (f->channel_count == FORECAST_CHANNELS)
		return NULL;
	struct channel *channel = &f->channels[f->channel_count++];
	channel->kind = str_of(arena_dup_n(f->arena, kind.p, kind.n));
	channel->today = arena_array(f->arena, (size_t)f->days + 2, sizeof *channel->today);
	for (int g = 0; g < FORECAST_GROUPS; g++)
		channel->sums[g] = arena_array(f->arena, (size_t)f->days + 2, sizeof *channel->sums[g]);
	return channel;
}

static void count_held(struct forecast *f, enum forecast_group group, const struct simulate_line *line)
{
	for (size_t i = 0; i < f->held_count; i++) {
		struct held *held = &f->held[i];
		if (str_same(held->kind, line->what) && str_same(held->reason, line->reason)) {
			held->count[group]++;
			return;
		}
	}
	if (f->held_count == FORECAST_REASONS)
		return;
	struct held *held = &f->held[f->held_count++];
	*held = (struct held){.kind = str_of(arena_dup_n(f->arena, line->what.p, line->what.n)), .reason = str_of(arena_dup_n(f->arena, line->reason.p, line->reason.n))};
	held->count[group] = 1;
}

/* Leads have days of their own zones; what they get is counted by the day of the playbook's, in which the dates are told. */
static void count_lines(struct forecast *f, enum forecast_group group, const struct simulation *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct simulate_line *line = &s->lines[i];
		if (!line->name.n || !str_is(line->campaign, f->campaign->name) || str_is(line->what, "alert"))
			continue;
		int day = turn_simulate_day(f->now, line->at, f->playbook->time_zone);
		if (day > f->days)
			continue;
		struct channel *channel = channel_of(f, line->what);
		if (channel && (str_is(line->outcome, "sent") || str_is(line->outcome, "rejected")))
			channel->today[day]++;
		else if (str_is(line->outcome, "held"))
			count_held(f, group, line);
	}
}

/* Day 0 of the sums is all days together. */
static void close_lead(struct forecast *f, enum forecast_group group)
{
	for (size_t i = 0; i < f->channel_count; i++) {
		struct channel *channel = &f->channels[i];
		int all = 0;
		for (int day = 1; day <= f->days; day++) {
			int n = channel->today[day];
			all += n;
			channel->sums[group][day].sum += n;
			channel->sums[group][day].squares += (double)n * n;
			channel->today[day] = 0;
		}
		channel->sums[group][0].sum += all;
		channel->sums[group][0].squares += (double)all * all;
	}
	f->walked[group]++;
}

int forecast_lead(struct forecast *f, enum forecast_group group, const struct lead_facts *known, struct error *error)
{
	struct arena *arena = arena_new();
	struct simulate_ask ask = {.campaign = f->campaign, .known = known, .now = f->now, .days = f->days};
	struct simulation result;
	throw_dice(f, known->lead.id, arena, &ask);
	int failed = known->lead.erased ? 0 : turn_simulate(f->playbook, &ask, arena, &result, error);
	if (!failed && !known->lead.erased) {
		count_lines(f, group, &result);
		f->failures += result.error_count > 0;
	}
	if (!failed)
		close_lead(f, group);
	arena_free(arena);
	return failed;
}

/* ---- its life ---- */

struct forecast *forecast_new(struct playbook *playbook, const struct campaign *campaign, const struct forecast_rate *rates, size_t rate_count, int days, moment_t now)
{
	struct forecast *f = mem_alloc(sizeof *f);
	*f = (struct forecast){.playbook = playbook, .campaign = campaign, .rates = rates, .rate_count = rate_count, .days = days, .now = now, .arena = arena_new()};
	f->odds = arena_array(f->arena, campaign->step_count + 1, sizeof *f->odds);
	for (size_t i = 0; i < campaign->step_count; i++) {
		find_odds(f, &campaign->steps[i], &f->odds[i]);
		f->luck |= !is_certain(&f->odds[i]);
	}
	return f;
}

void forecast_free(struct forecast *f)
{
	if (!f)
		return;
	arena_free(f->arena);
	free(f);
}
