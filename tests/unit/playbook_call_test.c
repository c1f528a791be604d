/* Functions of a playbook: what they see, what they answer, and how they end when they must. */
#include "unit/check_main.h"
#include "unit/playbook_folder.h"

#define HEAD                                                                                                                        \
	"playbook \"x\" { }\nfield \"visits\" { type = \"number\" }\nfield \"employees\" { of = \"account\", type = \"number\" }\n" \
	"model \"m\" { rule \"r\" { points = 1 } } local phrase = stage \"engaged\" segment \"t\" { who = phrase }\n"

struct world {
	struct folder folder;
	struct problems problems;
	struct playbook *playbook;
	struct lead lead;
	struct account account;
	struct event event;
	struct playbook_view view;
};

static int seven(void *arg, int model)
{
	(void)arg;
	return model == 0 ? 7 : -1;
}

/* A playbook where the given function stands at %s. */
static struct world *world_of(const char *around, const char *function)
{
	struct world *w = mem_alloc(sizeof *w);
	w->folder.arena = w->problems.arena = arena_new();
	const char *at = strstr(around, "%s");
	char *text = arena_printf(w->folder.arena, HEAD "%.*s%s%s", (int)(at - around), around, function, at + 2);
	folder_put(&w->folder, "playbook.lua", str_of(text));
	struct playbook_files files = folder_files(&w->folder);
	w->playbook = playbook_load(&files, folder_site(), &w->problems);
	char *told = problems_text(&w->problems);
	ck_assert_msg(w->playbook != NULL, "%s", told);
	free(told);
	w->lead = (struct lead){.id = 4711, .stage = STAGE_ENGAGED};
	w->lead.fields = arena_array(w->folder.arena, w->playbook->schema.lead_count, sizeof(struct value));
	w->account.fields = arena_array(w->folder.arena, w->playbook->schema.account_count, sizeof(struct value));
	w->lead.fields[LEAD_COUNTRY] = (struct value){.type = VALUE_TEXT, .text = STR("DE")};
	w->event = (struct event){.verb = STR("page.view"), .subject = STR("/pricing"), .value = 3, .has_value = true};
	w->view = (struct playbook_view){.lead = &w->lead, .account = &w->account, .event = &w->event, .score = seven};
	return w;
}

/* Its segment "s" asks it. */
static struct world *world_with(const char *function)
{
	return world_of("segment \"s\" { who = %s }\n", function);
}

static void world_free(struct world *w)
{
	playbook_free(w->playbook);
	arena_free(w->folder.arena);
	free(w);
}

static int call(struct world *w, struct script_result *out, struct error *error)
{
	const struct segment *segment = w->playbook->segments;
	while (strcmp(segment->name, "s") != 0)
		segment++;
	ck_assert_int_eq(segment->who->kind, CONDITION_FUNCTION);
	return playbook_call(w->playbook, segment->who->function, &w->view, out, error);
}

static struct script_result answer(const char *function)
{
	struct world *w = world_with(function);
	struct script_result result;
	struct error error = {0};
	ck_assert_msg(call(w, &result, &error) == 0, "%s: %s", error.where, error.message);
	world_free(w);
	return result;
}

static const char *failure(const char *function)
{
	static struct error error;
	struct world *w = world_with(function);
	struct script_result result;
	error_clear(&error);
	ck_assert_int_eq(call(w, &result, &error), -1);
	ck_assert_str_eq(error.where, "playbook.lua:5");
	ck_assert_int_eq(call(w, &result, &error), -1); /* and again, in a state that is fit */
	world_free(w);
	return error.message;
}

START_TEST(a_function_sees_the_lead_its_account_scores_and_the_event)
{
	ck_assert_int_eq(
		answer("function(lead, event) return lead.country == \"DE\" and event.subject == \"/pricing\" and event.value == 3 end")
			.answer,
		SCRIPT_TRUE);
	ck_assert_int_eq(
		answer("function(lead) return lead.visits == nil and lead.account.employees == nil end").answer,
		SCRIPT_TRUE);
	ck_assert_int_eq(answer("function(lead) return lead.stage == \"engaged\" and lead.id == 4711 end").answer,
			 SCRIPT_TRUE);
	struct script_result score = answer("function(lead) return lead.score.m * 2 end");
	ck_assert(score.answer == SCRIPT_NUMBER && score.number == 14);
	ck_assert_int_eq(answer("function(lead) end").answer, SCRIPT_NOTHING);
	ck_assert_int_eq(answer("function(lead) return lead.country:lower() == \"us\" end").answer, SCRIPT_FALSE);
}
END_TEST

START_TEST(a_step_may_answer_where_to_go_how_long_to_wait_or_why_to_leave)
{
	struct world *w = world_with("function(lead) return wait \"3 days\" end");
	struct script_result result;
	ck_assert_int_eq(call(w, &result, NULL), 0);
	ck_assert(result.answer == SCRIPT_WAIT && result.wait.count == 3 && result.wait.unit == DURATION_DAYS);
	world_free(w);
	w = world_with("function(lead) return leave \"bored\" end");
	ck_assert_int_eq(call(w, &result, NULL), 0);
	ck_assert_int_eq(result.answer, SCRIPT_LEAVE);
	ck_assert_str_eq(result.name, "bored");
	world_free(w);
}
END_TEST

START_TEST(an_empty_field_is_told_in_marketings_words)
{
	ck_assert_str_eq(
		failure("function(lead) return lead.account.employees > 200 end"),
		"employees is empty for lead 4711, and Lua cannot compare nothing with 200. Use account { employees = at_least(200) }, or "
		"(lead.account.employees or 0) > 200.");
	ck_assert_str_eq(
		failure("function(lead) return lead.visits + 1 end"),
		"visits is empty for lead 4711, and Lua cannot compare or count with nothing. Use (lead.visits or 0).");
}
END_TEST

START_TEST(endless_and_hungry_functions_are_ended_and_the_next_call_is_fine)
{
	ck_assert_ptr_nonnull(strstr(
		failure("function(lead) while true do end end"),
		"ran longer than a function may (100,000 instructions; lead 4711). It changes nothing until it is mended."));
	failure("function(lead) local t = {} while true do t[#t + 1] = {} end end");
	failure("function(lead) local s = \"x\" while true do s = s .. s end end");
	failure("function(lead) local function f() return f() + 1 end return f() end");
}
END_TEST

START_TEST(nothing_outlives_a_call_and_nothing_is_changed)
{
	failure("function(lead) lead.visits = 3 end");
	failure("function(lead) return {} end");
	failure("function(lead) return \"yes\" end");
	failure("function(lead) return 0/0 end");
	failure("function(lead) return wait.x end");
	failure("function(lead) return phrase.x end");
	failure("function(lead) return phrase { phrase } end");
	struct world *w = world_with("(function() local n = 0 return function(lead) n = n + 1 return n end end)()");
	struct script_result result;
	ck_assert_int_eq(call(w, &result, NULL), 0); /* a counter of its own is the marketer's affair */
	world_free(w);
}
END_TEST

static size_t tried_in(const char *around, const char *function, const char *part)
{
	struct world *w = world_of(around, function);
	playbook_try(w->playbook, &w->problems);
	size_t errors = w->problems.errors;
	for (size_t i = 0; i < errors; i++)
		ck_assert_msg(strstr(w->problems.items[i].message, part) && w->problems.items[i].at.line > 0, "%s", w->problems.items[i].message);
	world_free(w);
	return errors;
}

static size_t tried(const char *function, const char *part)
{
	return tried_in("segment \"s\" { who = %s }\n", function, part);
}

static size_t tried_points(const char *function, const char *part)
{
	return tried_in("model \"f\" { rule \"x\" { points = %s } }\n", function, part);
}

START_TEST(what_never_ends_is_found_without_a_lead_and_what_fails_on_empty_fields_is_none_of_it)
{
	ck_assert_uint_eq(tried("function(lead) while true do end end", "ran longer than"), 1);
	ck_assert_uint_eq(tried("function(lead, event) while event.verb do end end", "ran longer than"), 1);
	ck_assert_uint_eq(tried("function(lead) local s = \"x\" while true do s = s .. s end end", "used more memory than"), 1);
	ck_assert_uint_eq(tried("function(lead) return lead.visits > 3 end", ""), 0);
	ck_assert_uint_eq(tried("function(lead) return lead.score.m > 3 and lead.account.employees > 3 end", ""), 0);
}
END_TEST

START_TEST(what_gives_no_points_or_no_answer_is_found_without_a_lead)
{
	ck_assert_uint_eq(tried("function(lead) return \"yes\" end", "the function returns a string. It may return yes or no"), 1);
	ck_assert_uint_eq(tried("function(lead) return {} end", "the function returns a table"), 1);
	ck_assert_uint_eq(tried("function(lead) return 0/0 end", "number"), 1);
	ck_assert_uint_eq(tried("function(lead) return 1/0 end", "number"), 1);
	ck_assert_uint_eq(tried("function(lead) return 1, 2 end", "returns 2 things"), 1);
	ck_assert_uint_eq(tried("function(lead) return true end", ""), 0);
	ck_assert_uint_eq(tried_points("function(lead) return true end", "rule \"x\": the function gives yes, where points are asked for"), 1);
	ck_assert_uint_eq(tried_points("function(lead) return leave \"x\" end", "gives leave, where points"), 1);
	ck_assert_uint_eq(tried_points("function(lead) return 1000001 end", "more than 1,000,000 points"), 1);
	ck_assert_uint_eq(tried_points("function(lead) return \"ten\" end", "rule \"x\": the function returns a string"), 1);
	ck_assert_uint_eq(tried_points("function(lead) return lead.visits == 3 and 5 end", ""), 0);
	ck_assert_uint_eq(tried_points("function(lead) if lead.visits then return 5 end end", ""), 0);
	ck_assert_uint_eq(tried_points("function(lead) return 2.5 end", ""), 0);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_gives_no_points_or_no_answer_is_found_without_a_lead),
	UNIT(a_function_sees_the_lead_its_account_scores_and_the_event),
	UNIT(a_step_may_answer_where_to_go_how_long_to_wait_or_why_to_leave),
	UNIT(an_empty_field_is_told_in_marketings_words),
	UNIT(endless_and_hungry_functions_are_ended_and_the_next_call_is_fine),
	UNIT(what_never_ends_is_found_without_a_lead_and_what_fails_on_empty_fields_is_none_of_it),
	UNIT(nothing_outlives_a_call_and_nothing_is_changed),
};
UNIT_MAIN("playbook/call", cases)
