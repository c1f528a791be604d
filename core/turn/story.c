/* Tells the playbook's tests: each a lead of its own, from a Monday 10:00 of the lead's zone, through the same turns as production
 * (trial.c). Called by check and publish. An `expect` looks at what happened since the last one, and at how things stand now. The
 * first line that is not as expected ends its story with message 54; the other stories go on. */
#include "turn/story.h"

#include "turn/telling.h"

static const struct calendar_local first_moment = {.year = 2027, .month = 2, .day = 1, .hour = 10}; /* a Monday without holidays nearby */

int telling_day(const struct telling *telling)
{
	int day = 1;
	while (day < 5000 && calendar_add_days(telling->start, day, telling->zone) <= telling->trial.now)
		day++;
	return day;
}

bool telling_ended(const struct telling *telling, size_t touch, enum touch_state state)
{
	return telling->trial.touches[touch].state == state && (touch >= telling->told_count || !telling->touch_told[touch]);
}

bool telling_made(const struct telling *telling, size_t touch)
{
	return telling_ended(telling, touch, TOUCH_SENT) || telling_ended(telling, touch, TOUCH_QUEUED);
}

static void new_window(struct telling *telling)
{
	const struct trial *trial = &telling->trial;
	telling->touch_told = arena_array(telling->arena, trial->touch_count + 1, sizeof *telling->touch_told);
	for (size_t i = 0; i < trial->touch_count; i++)
		telling->touch_told[i] = !touch_is_open(trial->touches[i].state) || trial->touches[i].state == TOUCH_QUEUED;
	telling->told_count = trial->touch_count;
	telling->handoffs_told = trial->handoff_count;
	telling->logs_told = trial->log_count;
	telling->expected = false;
}

/* ---- what happens ---- */

static bool happens(enum story_kind kind)
{
	return kind == STORY_LEAD || kind == STORY_ACCOUNT || kind == STORY_COLLEAGUE || kind == STORY_EVENT || kind == STORY_ANSWER;
}

/* What is told behind an expect comes after what was expected, be it by the shortest time there is: what waits since a contact hears it. */
static int after_that(struct telling *telling, struct error *error)
{
	telling->later++;
	return telling_advance(telling, telling->trial.now + 1, error);
}

static int run(struct telling *telling, struct error *error)
{
	return telling_advance(telling, telling->trial.now, error);
}

static json_t *fields_json(const struct schema *schema, const struct story_line *line)
{
	json_t *set = json_object();
	for (size_t i = 0; i < line->field_count; i++)
		json_object_set_new(set, schema->lead[line->fields[i].slot].name, value_to_json(&line->fields[i].value));
	return set;
}

/* Before the first turn the fields are simply there; later it is an update like any other. */
static void set_fields(struct telling *telling, struct trial *trial, const struct story_line *line)
{
	const struct schema *schema = &telling->playbook->schema;
	if (trial->turns == 0) {
		for (size_t i = 0; i < line->field_count; i++)
			trial->lead.fields[line->fields[i].slot] = line->fields[i].value;
		return;
	}
	if (line->field_count == 0)
		return;
	json_t *data = json_object();
	json_object_set_new(data, "set", fields_json(schema, line));
	char *text = json_dumps(data, 0);
	turn_trial_event(trial, (struct event){.verb = STR("lead.update"), .data = str_of(arena_dup(telling->arena, text))});
	free(text);
	json_decref(data);
}

static int set_lead(struct telling *telling, const struct story_line *line, struct error *error)
{
	bool first = telling->trial.turns == 0;
	set_fields(telling, &telling->trial, line);
	return first ? 0 : run(telling, error);
}

static int set_account(struct telling *telling, const struct story_line *line, struct error *error)
{
	struct trial *trial = &telling->trial;
	trial->has_account = true;
	trial->lead.account_id = trial->account.id;
	for (size_t i = 0; i < line->field_count; i++)
		trial->account.fields[line->fields[i].slot] = line->fields[i].value;
	telling->account_said = true;
	return trial->turns ? run(telling, error) : 0;
}

static int tell_colleague(struct telling *telling, const struct story_line *line, struct error *error)
{
	struct trial *trial = telling_colleague(telling, line->name);
	set_fields(telling, trial, line);
	for (size_t i = 0; i < line->event_count; i++)
		turn_trial_event(trial, line->events[i].event);
	return run(telling, error);
}

static int tell_event(struct telling *telling, const struct story_line *line, struct error *error)
{
	turn_trial_event(&telling->trial, line->event);
	return run(telling, error);
}

static int tell_answer(struct telling *telling, const struct story_line *line, struct error *error)
{
	struct error why = {0};
	if (run(telling, error) < 0)
		return -1;
	json_t *set = line->field_count ? fields_json(&telling->playbook->schema, line) : NULL;
	int bad = turn_trial_answer(&telling->trial, line->name, set, &why);
	json_decref(set);
	if (!bad)
		return run(telling, error);
	struct buf text = {0};
	telling_circumstances(telling, &text);
	error_set(error, ERROR_INVALID, NULL, "on day %d %s.%.*s", telling_day(telling), why.message, (int)text.n, text.p ? text.p : "");
	buf_fini(&text);
	return -1;
}

static int tell_day(struct telling *telling, const struct story_line *line, struct error *error)
{
	moment_t to = calendar_add_days(telling->start, line->day - 1, telling->zone) + telling->later;
	if (to < telling->trial.now)
		return error_set(error, ERROR_INVALID, NULL, "day %d is over: the story is at day %d already", line->day, telling_day(telling));
	return telling_advance(telling, to, error);
}

static int tell_wait(struct telling *telling, const struct story_line *line, struct error *error)
{
	const struct playbook *playbook = telling->playbook;
	const struct hours *office = NULL;
	for (size_t i = 0; i < playbook->hours_count; i++)
		if (strcmp(playbook->hours[i].name, "office") == 0)
			office = &playbook->hours[i];
	moment_t to = calendar_add(telling->trial.now, line->wait, telling->zone, office ? &office->open : NULL,
				   office && office->zone ? office->zone : playbook->time_zone);
	return telling_advance(telling, to, error);
}

/* ---- what is expected ---- */

static bool is_nothing(const struct expectation *e)
{
	return e->name && strcmp(e->name, "nothing") == 0;
}

static bool contact_as_expected(const struct telling *telling, const struct expectation *e, const char *kind)
{
	for (size_t i = 0; i < telling->trial.touch_count; i++) {
		const struct touch *touch = &telling->trial.touches[i];
		if (!telling_made(telling, i) || !str_is(touch->kind, kind))
			continue;
		if (is_nothing(e) ? !str_is(touch->purpose, "internal") : str_is(touch->template_name, e->name))
			return !is_nothing(e);
	}
	return is_nothing(e);
}

static bool handoff_as_expected(const struct telling *telling, const struct expectation *e)
{
	for (size_t i = telling->handoffs_told; i < telling->trial.handoff_count; i++)
		if (is_nothing(e) || str_is(telling->trial.handoffs[i].handoff.person, e->name))
			return !is_nothing(e);
	return is_nothing(e);
}

static bool held_as_expected(const struct telling *telling, const struct expectation *e)
{
	for (size_t i = 0; i < telling->trial.touch_count; i++)
		if (telling_ended(telling, i, TOUCH_HELD) && (is_nothing(e) || str_is(telling->trial.touches[i].reason, e->name)))
			return !is_nothing(e);
	return is_nothing(e);
}

static bool left_as_expected(const struct telling *telling, const struct expectation *e)
{
	for (size_t i = telling->logs_told; i < telling->trial.log_count; i++) {
		const struct turn_log *log = &telling->trial.logs[i].log;
		if (str_is(log->what, "leave") && (is_nothing(e) || str_is(log->campaign, e->name)))
			return !is_nothing(e);
	}
	return is_nothing(e);
}

static bool one_as_expected(const struct score *scores, size_t count, const struct expectation *e)
{
	for (size_t i = 0; i < count; i++) {
		const struct score *score = &scores[i];
		if (e->kind == EXPECT_SCORE && !score->is_grade && str_is(score->name, e->name))
			return score->points == e->number;
		if (e->kind == EXPECT_GRADE && score->is_grade && str_is(score->grade, e->name))
			return true;
		if (e->kind == EXPECT_BAND && score->is_grade && str_is(score->band, e->name))
			return true;
	}
	return false;
}

/* The lead's own, or its account's. */
static bool score_as_expected(const struct telling *telling, const struct expectation *e)
{
	return one_as_expected(telling->trial.scores, telling->trial.score_count, e) ||
	       one_as_expected(telling->summary.scores, telling->summary.score_count, e);
}

static bool segment_as_expected(const struct telling *telling, const struct expectation *e)
{
	const struct lead *lead = &telling->trial.lead;
	for (size_t i = 0; i < lead->segment_count; i++)
		if (is_nothing(e) || str_is(lead->segments[i], e->name))
			return !is_nothing(e);
	return is_nothing(e);
}

static bool as_expected(const struct telling *telling, const struct expectation *e)
{
	switch (e->kind) {
	case EXPECT_SCORE:
	case EXPECT_GRADE:
	case EXPECT_BAND:
		return score_as_expected(telling, e);
	case EXPECT_STAGE:
		return strcmp(stage_name(telling->trial.lead.stage), e->name) == 0;
	case EXPECT_SEGMENT:
		return segment_as_expected(telling, e);
	case EXPECT_EMAIL:
		return contact_as_expected(telling, e, "email");
	case EXPECT_CALL:
		return contact_as_expected(telling, e, "call");
	case EXPECT_LETTER:
		return contact_as_expected(telling, e, "letter");
	case EXPECT_HANDOFF:
		return handoff_as_expected(telling, e);
	case EXPECT_HELD:
		return held_as_expected(telling, e);
	case EXPECT_LEFT:
		return left_as_expected(telling, e);
	}
	return false;
}

static int expect(struct telling *telling, const struct story_line *line, struct error *error)
{
	if (run(telling, error) < 0)
		return -1;
	telling->expected = true;
	for (size_t i = 0; i < line->expect_count; i++) {
		if (as_expected(telling, &line->expects[i]))
			continue;
		struct buf text = {0};
		telling_why(telling, &line->expects[i], &text);
		error_set(error, ERROR_INVALID, NULL, "%.*s", (int)text.n, text.p);
		buf_fini(&text);
		return -1;
	}
	telling_remember(telling, line->at.line);
	return 0;
}

/* ---- a story ---- */

static int tell_line(struct telling *telling, const struct story_line *line, struct error *error)
{
	static int (*const tell[])(struct telling *, const struct story_line *, struct error *) = {
		[STORY_LEAD] = set_lead, [STORY_ACCOUNT] = set_account, [STORY_COLLEAGUE] = tell_colleague, [STORY_EVENT] = tell_event,
		[STORY_ANSWER] = tell_answer,
		[STORY_DAY] = tell_day,  [STORY_WAIT] = tell_wait,      [STORY_EXPECT] = expect,
	};
	if (telling->expected && happens(line->kind) && after_that(telling, error) < 0)
		return -1;
	if (telling->expected && line->kind != STORY_EXPECT)
		new_window(telling);
	if (telling->trial.turns == 0 && line->kind != STORY_LEAD && line->kind != STORY_ACCOUNT && run(telling, error) < 0)
		return -1;
	if (tell[line->kind](telling, line, error) < 0)
		return -1;
	const struct problem *problem = telling_problem(telling);
	if (problem)
		return error_set(error, ERROR_INVALID, NULL, "on day %d %s failed: %s", telling_day(telling), problem->context, problem->message);
	return 0;
}

static const char *zone_of(const struct playbook *playbook, const struct story *story)
{
	for (size_t i = 0; i < story->count && story->lines[i].kind <= STORY_ACCOUNT; i++)
		for (size_t k = 0; story->lines[i].kind == STORY_LEAD && k < story->lines[i].field_count; k++)
			if (story->lines[i].fields[k].slot == LEAD_TIME_ZONE && story->lines[i].fields[k].value.type == VALUE_TEXT)
				return story->lines[i].fields[k].value.text.p;
	return playbook->time_zone;
}

static bool tell(struct playbook *playbook, const struct test_entry *test, int64_t lead_id, struct problems *problems)
{
	const struct story *story = playbook_story(playbook, test->story);
	struct telling telling = {.playbook = playbook, .arena = arena_new(), .zone = zone_of(playbook, story)};
	struct error error = {0};
	size_t line = 0;
	telling.start = calendar_moment(&first_moment, telling.zone);
	turn_trial_init(&telling.trial, playbook, telling.arena, lead_id, telling.start);
	telling.trial.calls_wait = true;
	playbook->as_if = story->channels;
	while (line < story->count && tell_line(&telling, &story->lines[line], &error) == 0)
		line++;
	bool passed = line == story->count;
	playbook->as_if = NULL;
	if (!passed)
		problems_add(problems, PROBLEM_ERROR, story->lines[line].at, arena_printf(problems->arena, "test \"%s\"", test->name), "%s", error.message);
	arena_free(telling.arena);
	return passed;
}

struct story_result turn_stories(struct playbook *playbook, struct problems *problems)
{
	struct story_result result = {0};
	for (size_t i = 0; i < playbook->test_count; i++) {
		bool passed = tell(playbook, &playbook->tests[i], (int64_t)(i + 1) << 6, problems);
		result.passed += passed;
		result.failed += !passed;
	}
	return result;
}
