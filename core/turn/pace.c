/* When a touch may go out at the earliest: caps, how often the lead wants it (preference.c) and open hours. Asked by the gate alone. It only postpones, never refuses.
 *
 * A cap of n within w: no n + 1 counted touches with less than w from the first to the last. A touch counts by the moment it is
 * due, while it may still go out or did (held, cancelled, rejected and expired ones do not count). Purposes that a cap excepts
 * and our own alerts ("internal") neither count nor are held back. Hours are those of the touch's kind: the lead's country
 * first, in the zone of the hours, else the lead's, else the playbook's; of calls in every zone that the lead may be in (zones.h). */
#include "turn/inside.h"

#include "turn/zones.h"

enum { TRIES = 400, NEAR = 1024 };

const char *turn_zone(const struct playbook *playbook, const struct turn_facts *facts)
{
	const struct value *v = &facts->lead.fields[LEAD_TIME_ZONE];
	return v->type == VALUE_TEXT && v->text.n ? v->text.p : playbook->time_zone;
}

const struct hours *turn_hours(const struct playbook *playbook, struct str kind, struct str channel)
{
	for (size_t i = 0; i < playbook->hours_count; i++)
		if (str_is(kind, playbook->hours[i].name) || str_is(channel, playbook->hours[i].name))
			return &playbook->hours[i];
	return NULL;
}

const struct calendar_hours *turn_open_hours(const struct hours *hours, const struct turn_facts *facts)
{
	const struct value *country = &facts->lead.fields[LEAD_COUNTRY];
	for (size_t i = 0; country->type == VALUE_TEXT && i < hours->country_count; i++)
		if (str_is(country->text, hours->countries[i].country))
			return &hours->countries[i].open;
	return &hours->open;
}

moment_t turn_later(const struct turn *turn, moment_t from, struct duration d)
{
	const struct hours *office = turn_hours(turn->playbook, STR("office"), STR("office"));
	return calendar_add(from, d, turn->zone, office ? &office->open : NULL, office && office->zone ? office->zone : turn->playbook->time_zone);
}

moment_t turn_earlier(const struct turn *turn, moment_t from, struct duration d, const char *zone)
{
	const struct hours *office = turn_hours(turn->playbook, STR("office"), STR("office"));
	return calendar_subtract(from, d, zone, office ? &office->open : NULL, office && office->zone ? office->zone : turn->playbook->time_zone);
}

static bool excepted(const struct cap *cap, struct str purpose)
{
	if (str_is(purpose, "internal"))
		return true;
	for (size_t i = 0; i < cap->except_count; i++)
		if (str_same(cap->except[i], purpose))
			return true;
	return false;
}

static bool covers(const struct cap *cap, const struct touch *touch)
{
	return strcmp(cap->channel, "*") == 0 || str_is(touch->kind, cap->channel) || str_is(touch->channel, cap->channel);
}

static bool counts(const struct cap *cap, const struct touch *touch, const struct touch *asked)
{
	if (!touch_is_open(touch->state) && touch->state != TOUCH_SENT)
		return false;
	return touch != asked && (touch->id == 0 || touch->id != asked->id) && covers(cap, touch) && !excepted(cap, touch->purpose);
}

/* The due moments of counted touches less than w away from t, sorted, into near (room for NEAR); how many. */
static size_t neighbours(const struct cap *cap, const struct turn_facts *facts, const struct touch *asked, moment_t t, int64_t w, moment_t *near)
{
	size_t n = 0;
	for (size_t i = 0; i < facts->touch_count && n < NEAR; i++) {
		const struct touch *touch = &facts->touches[i];
		if (!counts(cap, touch, asked) || touch->due_at <= t - w || touch->due_at >= t + w)
			continue;
		size_t k = n++;
		for (; k > 0 && near[k - 1] > touch->due_at; k--)
			near[k] = near[k - 1];
		near[k] = touch->due_at;
	}
	return n;
}

/* With one more at t, would some window of w hold more than at_most? */
static bool is_full(const moment_t *near, size_t n, moment_t t, size_t at_most, int64_t w)
{
	size_t before = 0; /* of the neighbours, those that t comes behind */
	while (before < n && near[before] <= t)
		before++;
	if (at_most == 0)
		return true;
	/* at_most of the neighbours and t in a row: `left` of them before t */
	for (size_t left = 0; left <= at_most; left++) {
		size_t right = at_most - left;
		if (left > before || right > n - before)
			continue;
		moment_t first = left ? near[before - left] : t, last = right ? near[before + right - 1] : t;
		if (last - first < w)
			return true;
	}
	return false;
}

/* t, or the next moment at which a neighbour has left its window. */
static moment_t free_at(const struct cap *cap, const struct turn_facts *facts, const struct touch *asked, moment_t t)
{
	moment_t near[NEAR], next = MOMENT_NEVER;
	int64_t w = duration_micros(cap->within);
	size_t n = neighbours(cap, facts, asked, t, w, near);
	if (!is_full(near, n, t, cap->at_most > 0 ? (size_t)cap->at_most : 0, w))
		return t;
	for (size_t i = 0; i < n; i++)
		if (near[i] + w < next)
			next = near[i] + w;
	return next;
}

static moment_t after_caps(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, moment_t t)
{
	for (size_t i = 0; i < playbook->cap_count && t < MOMENT_NEVER; i++) {
		const struct cap *cap = &playbook->caps[i];
		if (!covers(cap, touch) || excepted(cap, touch->purpose))
			continue;
		moment_t free = free_at(cap, facts, touch, t);
		if (free > t)
			return free;
	}
	return t;
}

/* Calls: eight to nine where the lead is, whatever the playbook says (47 CFR 64.1200(c)(1)); narrower by its hours "call". Where the zone is not known, when it is
 * open in every zone that it may be. */
static moment_t after_calling_hours(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, moment_t t)
{
	static const struct calendar_hours lawful = {.spans = {
		{{480, 1260}}, {{480, 1260}}, {{480, 1260}}, {{480, 1260}}, {{480, 1260}}, {{480, 1260}}, {{480, 1260}}}};
	const struct hours *hours = touch->any_hours ? NULL : turn_hours(playbook, touch->kind, touch->channel);
	struct turn_zones zones;
	turn_zones(playbook, facts, &zones);
	for (int i = 0; i < TRIES && t < MOMENT_NEVER; i++) {
		moment_t open = turn_zones_open(&zones, &lawful, t);
		if (open < MOMENT_NEVER && hours)
			open = hours->zone ? calendar_next_open(turn_open_hours(hours, facts), open, hours->zone) : turn_zones_open(&zones, turn_open_hours(hours, facts), open);
		if (open == t)
			return t;
		t = open;
	}
	return MOMENT_NEVER;
}

static moment_t after_hours(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, moment_t t)
{
	if (str_is(touch->kind, "call"))
		return after_calling_hours(playbook, facts, touch, t);
	const struct hours *hours = touch->any_hours ? NULL : turn_hours(playbook, touch->kind, touch->channel);
	if (!hours)
		return t;
	return calendar_next_open(turn_open_hours(hours, facts), t, hours->zone ? hours->zone : turn_zone(playbook, facts));
}

moment_t turn_pace(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, moment_t from, const char **rule)
{
	moment_t t = from;
	*rule = "";
	for (int i = 0; i < TRIES && t < MOMENT_NEVER; i++) {
		moment_t open = after_hours(playbook, facts, touch, t);
		if (open > t)
			*rule = "hours";
		if (open == MOMENT_NEVER)
			return open;
		moment_t free = after_caps(playbook, facts, touch, open);
		if (free > open)
			*rule = "cap";
		else if ((free = turn_as_often(facts, touch, open)) > open)
			*rule = "frequency";
		else
			return open;
		t = free;
	}
	return MOMENT_NEVER;
}
