/* When a step is due: one reader for each timing word. Called by build_steps.c; what a step does is read in build_acts.c. Message 39. */
#include "playbook/build_steps.h"

static void read_day(struct build *b, const struct phrase *phrase, struct step *out)
{
	double day = phrase->numbers[0];
	out->timing = TIMING_DAY;
	out->day = (int)day;
	if (day < 1 || day > 3660 || day != (int)day)
		build_error(b, phrase->at, "day(%g) is no day of the walk. The first is day(1): at once.", day);
}

static void read_length(struct build *b, const struct phrase *phrase, struct step *out)
{
	struct error error = {0};
	out->times = detail_int(b, phrase, "times", 1, 100000, 0);
	if (duration_parse(str_of(phrase->name), &out->wait, &error) < 0)
		build_error(b, phrase->at, "%s", error.message);
}

static void read_wait(struct build *b, const struct phrase *phrase, struct step *out)
{
	out->timing = TIMING_WAIT;
	read_length(b, phrase, out);
}

static void read_every(struct build *b, const struct phrase *phrase, struct step *out)
{
	out->timing = TIMING_EVERY;
	read_length(b, phrase, out);
}

static bool is_a_step(const struct build *b, const char *name)
{
	for (size_t i = 0; i < b->campaign->details.part_count; i++)
		if (strcmp(b->campaign->details.parts[i].phrase->name, name) == 0)
			return true;
	return false;
}

/* "step" is this step itself, unless one has that name. */
static void read_since(struct build *b, const struct phrase *phrase, struct step *out)
{
	const char *since = detail_text(phrase, "since");
	if (since && strcmp(since, "step") == 0 && !is_a_step(b, since))
		out->since = SINCE_STEP;
	else if (since)
		out->since = build_step_index(b, phrase->at, b->campaign, since);
}

static void read_wait_for(struct build *b, const struct phrase *phrase, struct step *out)
{
	size_t n = phrase->details.part_count;
	out->timing = TIMING_WAIT_FOR;
	out->wait = detail_length(phrase, "within");
	read_since(b, phrase, out);
	if (!detail_of(phrase, "within"))
		build_error(b, phrase->at, "wait_for needs an end: within = \"7 days\".");
	if (n == 0)
		build_error(b, phrase->at, "wait_for waits for nothing: wait_for { on \"email.click\", within = \"7 days\" }.");
	else if (n > 1)
		build_error(b, phrase->at, "wait_for waits for one condition. Several are joined by any { … } or all { … }.");
	else
		out->awaits = build_condition(b, &phrase->details.parts[0], phrase->at);
}

static void read_date(struct build *b, const struct phrase *phrase, struct step *out)
{
	out->timing = TIMING_DATE;
	out->date = build_date_moment(b, phrase);
}

enum late build_late(struct build *b, const struct phrase *phrase)
{
	static const struct {
		const char *text;
		enum late late;
	} words[] = {{"now", LATE_NOW}, {"skip", LATE_SKIP}, {"spread", LATE_SPREAD}};
	const char *text = detail_text(phrase, "late");
	for (size_t i = 0; text && i < sizeof words / sizeof *words; i++)
		if (strcmp(text, words[i].text) == 0)
			return words[i].late;
	if (text)
		build_error(b, phrase->at, "late = \"%s\": what is overdue is done \"now\", is left out (\"skip\") or is done within a day (\"spread\").", text);
	return LATE_DEFAULT;
}

static const struct reader {
	const char *word;
	void (*read)(struct build *b, const struct phrase *phrase, struct step *out);
} readers[] = {{"day", read_day}, {"wait", read_wait}, {"every", read_every}, {"wait_for", read_wait_for},
	       {"before", read_date}, {"after", read_date}};

void build_timing(struct build *b, const struct phrase *phrase, struct step *out)
{
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (strcmp(phrase->word->name, readers[i].word) == 0)
			readers[i].read(b, phrase, out);
}

static bool makes_contact(const struct step *step)
{
	for (size_t i = 0; i < step->action_count; i++)
		if (step->actions[i].kind == ACTION_CONTACT)
			return true;
	return false;
}

/* Microseconds from the date, about: enough to say which of two moments is earlier. */
static int64_t from_date(const struct date_moment *date)
{
	return (date->before ? -1 : 1) * duration_micros(date->length);
}

/* Whoever comes to step from above, where nothing of the walk goes elsewhere, comes later than it is due. */
static void note_order(struct build *b, const struct step *above, const struct step *step)
{
	if (step->timing == TIMING_DAY && above->timing == TIMING_DAY && step->day < above->day)
		build_note(b, step->at, "day(%d) stands below day(%d) of step \"%s\": it is done on that day too, at once after it. If not meant, change their order.", step->day,
			   above->day, above->name);
	if (step->date && above->date && strcmp(step->date->name, above->date->name) == 0 && from_date(step->date) < from_date(above->date))
		build_note(b, step->at, "this moment is earlier than that of step \"%s\" above: it is over when leads come here. If not meant, change their order.", above->name);
}

static bool goes_elsewhere(const struct step *step)
{
	for (size_t i = 0; i < step->action_count; i++)
		if (step->actions[i].kind == ACTION_GO || step->actions[i].kind == ACTION_LEAVE || step->actions[i].kind == ACTION_CHOOSE)
			return true;
	return false;
}

/* Each step against the last one above it that has a timing of its kind, as far as the walk goes straight on. */
static void check_order(struct build *b, const struct campaign *campaign)
{
	const struct step *day = NULL, *date = NULL;
	for (size_t i = 0; i < campaign->step_count; i++) {
		const struct step *step = &campaign->steps[i];
		const char *outer = build_enter(b, b->campaign->details.parts[i].phrase);
		if (day)
			note_order(b, day, step);
		if (date)
			note_order(b, date, step);
		build_leave(b, outer);
		day = step->timing == TIMING_DAY ? step : day;
		date = step->date ? step : date;
		if (goes_elsewhere(step))
			day = date = NULL;
	}
}

void build_timing_checks(struct build *b, const struct campaign *campaign)
{
	check_order(b, campaign);
	for (size_t i = 0; i < campaign->step_count; i++) {
		const struct step *step = &campaign->steps[i];
		if (step->timing != TIMING_WAIT_FOR || step->since < 0 || makes_contact(&campaign->steps[step->since]))
			continue;
		const char *outer = build_enter(b, b->campaign->details.parts[i].phrase);
		build_error(b, step->at, "since = \"%s\": that step makes no contact to count from. since = \"step\" counts from coming to this one.",
			    campaign->steps[step->since].name);
		build_leave(b, outer);
	}
}
