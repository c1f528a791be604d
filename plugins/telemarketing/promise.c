/* See promise.h. What an agent tells a person must hold: a moment that lies beyond the call's deadline, or at an hour at which that telephone may not ring, is refused while the
 * person is still on the line, with the moment that would do. */
#include "promise.h"

#include "moment.h"
#include "offer.h"

#include <stdio.h>

static const int64_t LONGEST = INT64_C(366) * 86400 * 1000000;

static bool is_given(const json_t *value)
{
	return value && !json_is_null(value) && !(json_is_string(value) && json_string_length(value) == 0);
}

/* A callback ends nothing: what ends a call beside it (a "never again" above all) would be lost, and so would answers. */
static bool stands_alone(const json_t *report, struct outcome *out)
{
	const json_t *answers = json_object_get(report, "answers");
	static const char *const ends[] = {"disposition", "result"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (is_given(json_object_get(report, ends[i])))
			return outcome_refuse(out, ends[i], "say callback_at, or %s, not both.", ends[i]);
	if (answers && !json_is_null(answers) && (!json_is_object(answers) || json_object_size(answers) > 0))
		return outcome_refuse(out, "answers", "answers are taken when the call ends, not with callback_at: write into the note what was said%s", ".");
	return true;
}

/* "… 2027-03-18T15:00:00Z …" */
static bool refuse_for(struct outcome *out, const char *fmt, int64_t moment)
{
	json_t *text = moment_json(moment);
	(void)outcome_refuse(out, "callback_at", fmt, json_string_value(text));
	json_decref(text);
	return false;
}

/* More time than the campaign gives. */
static bool read_until(const json_t *report, int64_t now, int64_t latest_at, struct outcome *out)
{
	const json_t *until = json_object_get(report, "until");
	if (!is_given(until))
		return true;
	out->until = outcome_moment(json_string_value(until));
	if (!out->until)
		return outcome_refuse(out, "until", "until is a moment with its zone: \"2027-03-18T18:00:00+01:00\"%s", ".");
	if (!latest_at)
		return outcome_refuse(out, "until", "this call has no deadline: until gives more time to one that has%s", ".");
	if (out->until <= out->callback_at || out->until <= latest_at || out->until > now + LONGEST)
		return outcome_refuse(out, "until", "until is later than callback_at and than the call's own deadline, and at most a year away%s", ".");
	return true;
}

bool promise_read(const json_t *report, int64_t now, int64_t latest_at, struct outcome *out)
{
	if (!stands_alone(report, out))
		return false;
	out->callback_at = outcome_moment(json_string_value(json_object_get(report, "callback_at")));
	snprintf(out->answer, sizeof out->answer, "callback");
	if (!out->callback_at)
		return outcome_refuse(out, "callback_at", "callback_at is a moment with its zone: \"2027-03-18T15:00:00+01:00\"%s", ".");
	if (out->callback_at <= now)
		return outcome_refuse(out, "callback_at", "callback_at is over already%s", ".");
	if (!read_until(report, now, latest_at, out))
		return false;
	if (!latest_at || out->until || out->callback_at < latest_at)
		return true;
	out->latest_at = latest_at;
	return refuse_for(out, "the campaign gives this call time until %s: agree on a moment before that, end it with an answer, or ask a supervisor, who may give it more time (until).",
			  latest_at);
}

bool promise_is_lawful(const struct desk *desk, const json_t *place, struct outcome *out)
{
	int64_t lawful = place ? offer_lawful_at(desk, place, out->callback_at) : out->callback_at;
	if (lawful == out->callback_at)
		return true;
	out->lawful_at = lawful;
	if (!lawful)
		return outcome_refuse(out, "callback_at", "that telephone may not ring at that hour, nor at any other within two weeks of it%s", ".");
	return refuse_for(out, "that telephone may not ring at that hour, where it is: the next moment at which it may is %s.", lawful);
}
