/* Rules of real Lua that go wrong on some leads: those keep the score they had (or none), the error stands with its file and line, the
 * other models and the other leads go on. Never a silent zero. And functions that ask what rules decide. */
#include "turn/trial.h"
#include "unit/turn_lua.h"

enum { ROOM = 64 };
static struct playbook *loaded[ROOM];
static struct arena *lives[ROOM];
static size_t load_count, life_count;

__attribute__((destructor)) static void free_all(void)
{
	while (life_count)
		arena_free(lives[--life_count]);
	while (load_count)
		playbook_free(loaded[--load_count]);
}

static struct playbook *load(const char *models)
{
	lua_file_count = 0;
	lua_file("playbook.lua", "playbook \"x\" {}\nfield \"visits\" { type = \"number\" }\n");
	lua_file("scoring/m.lua", models);
	ck_assert_uint_lt(load_count, ROOM);
	return loaded[load_count++] = lua_load();
}

static struct trial *begin(struct playbook *playbook, const char *country)
{
	static struct trial trials[ROOM];
	ck_assert_uint_lt(life_count, ROOM);
	struct trial *trial = &trials[life_count];
	struct arena *arena = lives[life_count++] = arena_new();
	turn_trial_init(trial, playbook, arena, (int64_t)life_count << 6, INT64_C(1800000000000000));
	trial->lead.fields[LEAD_COUNTRY] = (struct value){.type = VALUE_TEXT, .text = str_of(country)};
	return trial;
}

static void turn(struct trial *trial)
{
	struct error error = {0};
	ck_assert_msg(turn_trial_turn(trial, true, &error) == 0, "%s: %s", error.where, error.message);
}

static const int NONE = INT32_MIN;

static int points_of(const struct trial *trial, const char *model)
{
	for (size_t i = 0; i < trial->score_count; i++)
		if (!trial->scores[i].is_grade && str_is(trial->scores[i].name, model))
			return trial->scores[i].points;
	return NONE;
}

/* What the function does on leads from France; on all others it gives 7 points, or yes. */
static const struct {
	const char *function, *message;
	bool condition;
} wrong[] = {
	{"while true do end", "ran longer than a rule may (100,000 instructions", false},
	{"for i = 1, 1e15 do end", "ran longer than a rule may", false},
	{"local s = \"x\" while true do s = s .. s end", "more memory or time than a rule may", false},
	{"return #(\"x\"):rep(1e9)", "rep: the text gets longer", false},
	{"return 0/0", "gave 0/0", false},
	{"return 1/0", "gave an endless number", false},
	{"return 1000001", "more than 1,000,000 points", false},
	{"return -1e300", "less than -1,000,000", false},
	{"return true", "gave yes, where points are asked for", false},
	{"return leave \"x\"", "where points are asked for", false},
	{"return \"7\"", "returns a string", false},
	{"return {}", "returns a table", false},
	{"return lead.visits + 1", "visits is empty for lead", false},
	{"return lead[\"vis\" .. \"itz\"]", "there is no field \"visitz\"", false},
	{"error(\"no\")", "no", false},
	{"return 5", "gave a number, where yes or no is asked for", true},
	{"return leave \"x\"", "where yes or no is asked for", true},
	{"return \"yes\"", "returns a string", true},
	{"while true do end", "ran longer than a rule may", true},
	{"return 1 < \"x\"", "attempt to compare", true},
};

static const char *models_with(size_t i)
{
	char text[1000];
	snprintf(text, sizeof text,
		 "model \"m\" { title = \"M\", from = 0, to = 100,\n  rule \"plain\" { points = 2 },\n  rule \"wrong\" { %sfunction(lead)\n"
		 "    if lead.country == \"FR\" then %s end\n    return %s\n  end%s },\n}\n"
		 "model \"other\" { title = \"O\", from = 0, to = 100, rule \"french\" { lead { country = \"FR\" }, points = 3 } }\n",
		 wrong[i].condition ? "" : "points = ", wrong[i].function, wrong[i].condition ? "true" : "7", wrong[i].condition ? ", points = 7" : "");
	return arena_dup(lua_arena, text);
}

START_TEST(a_rule_that_errs_on_some_leads_leaves_those_their_score_and_says_where)
{
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct playbook *playbook = load(models_with(i));
		struct trial *moves = begin(playbook, "US"), *french = begin(playbook, "FR"), *after = begin(playbook, "US");
		turn(moves);
		ck_assert_int_eq(points_of(moves, "m"), 9);
		ck_assert_int_eq(points_of(moves, "other"), 0);
		moves->lead.fields[LEAD_COUNTRY].text = STR("FR");
		turn(moves);
		turn(french);
		turn(after);
		ck_assert_msg(points_of(moves, "m") == 9, "%s: %d", wrong[i].function, points_of(moves, "m"));
		ck_assert_int_eq(points_of(moves, "other"), 3);
		ck_assert_msg(points_of(french, "m") == NONE, "%s: %d", wrong[i].function, points_of(french, "m"));
		ck_assert_int_eq(points_of(french, "other"), 3);
		ck_assert_int_eq(points_of(after, "m"), 9);
		ck_assert_uint_eq(after->error_count, 0);
		ck_assert_msg(french->error_count >= 1, "%s", wrong[i].function);
		const struct problem *told = &french->errors[0];
		ck_assert_msg(strstr(told->message, wrong[i].message) != NULL, "%s: %s", wrong[i].function, told->message);
		ck_assert_msg(strcmp(told->at.file, "scoring/m.lua") == 0 && told->at.line >= 3 && told->at.line <= 5, "%s: %s:%d", wrong[i].function,
			      told->at.file, told->at.line);
		ck_assert_msg(strstr(told->context, "rule \"wrong\"") != NULL, "%s", told->context);
	}
}
END_TEST

START_TEST(nothing_and_no_are_no_points)
{
	struct playbook *playbook = load(
		"model \"m\" { title = \"M\", from = 0, to = 100,\n"
		"  rule \"nothing\" { points = function(lead) if lead.country == \"FR\" then return 5 end end },\n"
		"  rule \"no\" { points = function(lead) return lead.country == \"FR\" and 5 end },\n}\n");
	struct trial *us = begin(playbook, "US"), *french = begin(playbook, "FR");
	turn(us);
	turn(french);
	ck_assert_int_eq(points_of(us, "m"), 0);
	ck_assert_int_eq(points_of(french, "m"), 10);
	ck_assert_uint_eq(us->error_count, 0);
}
END_TEST

/* Nothing else of the lead changes by it, so only the asking itself brings it about. */
START_TEST(a_function_that_asks_a_score_is_asked_again_in_the_same_turn)
{
	struct playbook *playbook = load(
		"model \"asks\" { title = \"A\", from = 0, to = 100, rule \"of a score\" { points = function(lead) return lead.score.first * 2 end } }\n"
		"model \"first\" { title = \"F\", from = 0, to = 100, rule \"french\" { lead { country = \"FR\" }, points = 10 } }\n");
	struct trial *trial = begin(playbook, "FR");
	turn(trial);
	ck_assert_int_eq(points_of(trial, "asks"), 20);
	trial->lead.fields[LEAD_COUNTRY].text = STR("US");
	turn(trial);
	ck_assert_int_eq(points_of(trial, "asks"), 0);
}
END_TEST

/* The model that asks stands before the one that it asks: it is asked again when that one changed. */
START_TEST(a_function_that_asks_a_score_or_the_stage_is_asked_again_when_they_change)
{
	struct playbook *playbook = load(
		"model \"asks\" { title = \"A\", from = 0, to = 100,\n"
		"  rule \"of a score\" { points = function(lead) return lead.score.first * 2 end },\n"
		"  rule \"of the stage\" { function(lead) return lead.stage == \"qualified\" end, points = 50 },\n}\n"
		"model \"first\" { title = \"F\", from = 0, to = 100, rule \"french\" { lead { country = \"FR\" }, points = 10 } }\n"
		"grades \"main\" { model = \"first\", band \"high\" { from = 10, stage = \"qualified\" }, band \"low\" { from = 0 } }\n");
	struct trial *trial = begin(playbook, "US");
	turn(trial);
	ck_assert_int_eq(points_of(trial, "asks"), 0);
	trial->lead.fields[LEAD_COUNTRY].text = STR("FR");
	turn(trial);
	ck_assert_int_eq(points_of(trial, "first"), 10);
	ck_assert_int_eq(points_of(trial, "asks"), 70);
	ck_assert_uint_eq(trial->error_count, 0);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_rule_that_errs_on_some_leads_leaves_those_their_score_and_says_where),
	UNIT(nothing_and_no_are_no_points),
	UNIT(a_function_that_asks_a_score_is_asked_again_in_the_same_turn),
	UNIT(a_function_that_asks_a_score_or_the_stage_is_asked_again_when_they_change),
};
UNIT_MAIN("turn/rules", cases)
