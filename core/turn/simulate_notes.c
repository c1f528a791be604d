/* What was asked of a simulation and never came to pass (simulate.h): answers of contacts that were not made, events that found the lead gone. Whoever tries
 * "what if" must not take the usual way for the answer. */
#include "turn/simulate.h"

static const struct simulate_line *last_contact(const struct simulate_ask *ask, const struct simulation *s, struct str step)
{
	const struct simulate_line *last = NULL;
	for (size_t i = 0; i < s->count; i++)
		if (s->lines[i].name.n && str_same(s->lines[i].step, step) && str_is(s->lines[i].campaign, ask->campaign->name))
			last = &s->lines[i];
	return last;
}

static void note_answer(const struct simulate_ask *ask, const struct simulation *s, const struct trial_answer *answer, json_t *notes)
{
	const struct simulate_line *line = last_contact(ask, s, answer->step);
	struct str none = {"", 0}, reason = line ? line->reason : none;
	const char *why = "the lead never came to that step";
	if (line && (str_is(line->outcome, "held") || str_is(line->outcome, "expired")))
		why = str_is(line->outcome, "held") ? "its contact was held back: " : "its contact came too late: ";
	else if (line)
		why = str_is(line->outcome, "planned") ? "its contact is due after the last day" : "its contact was not made so often";
	if (!line || (!str_is(line->outcome, "held") && !str_is(line->outcome, "expired")))
		reason = none;
	json_array_append_new(notes, json_sprintf("answer %.*s=%.*s was never used: %s%.*s.", STR_ARG(answer->step), STR_ARG(answer->answer), why, STR_ARG(reason)));
}

static void note_way(const struct simulate_ask *ask, const struct simulation *s, const struct split_asked *way, json_t *notes)
{
	const char *why = "the lead never came to that step";
	for (size_t i = 0; i < s->count; i++) {
		const struct simulate_line *line = &s->lines[i];
		if (!str_same(line->step, way->step) || !str_is(line->campaign, ask->campaign->name))
			continue;
		if (str_is(line->what, "as you said"))
			return;
		why = "it has drawn another way already";
	}
	json_array_append_new(notes, json_sprintf("answer %.*s=%.*s was never used: %s.", STR_ARG(way->step), STR_ARG(way->way), why));
}

/* The lead was in the campaign at that moment, or entered it since. */
static bool is_met(const struct simulate_ask *ask, const struct simulation *s, moment_t at)
{
	for (size_t i = 0; i < s->enrollment_count; i++) {
		const struct enrollment *e = &s->enrollments[i];
		if (str_is(e->campaign, ask->campaign->name) && (e->state != ENROLLMENT_ENDED || e->ended_at >= at))
			return true;
	}
	return false;
}

json_t *turn_simulate_notes(const struct simulate_ask *ask, const struct simulation *s)
{
	json_t *notes = json_array();
	for (size_t i = 0; i < ask->answer_count; i++)
		if (!ask->answers[i].used)
			note_answer(ask, s, &ask->answers[i], notes);
	for (size_t i = 0; i < ask->way_count; i++)
		note_way(ask, s, &ask->ways[i], notes);
	for (size_t i = 0; i < ask->event_count; i++) {
		const struct simulate_event *event = &ask->events[i];
		moment_t at = turn_simulate_moment(s, event);
		const char *why = at > s->to || (s->cut_at && at > s->cut_at) ? "never happened: the days were over" : is_met(ask, s, at) ? NULL : "changed nothing here: the lead had left the campaign";
		if (why)
			json_array_append_new(notes, json_sprintf("event day %d %.*s%s%.*s %s.", event->day, STR_ARG(event->event.verb), event->event.subject.n ? " " : "",
								  STR_ARG(event->event.subject), why));
	}
	return notes;
}
