/* Every function of the playbook called once, on a lead of whom nothing is known: one that never ends is found before it is published, also where no test
 * of the playbook touches it, and one that gives what it may not give. Called by release_check, never by workers. Only what is certain is told: a spent budget of
 * instructions or of memory, and what came back. An error on empty fields is none (the first lead that has them may be the only one), and a deadline
 * says more of the machine than of the function. */
#include "playbook/script_parts.h"

#include "playbook/private.h"
#include "playbook/template.h"

#include <math.h>

static int no_points(void *arg, int model)
{
	(void)arg;
	(void)model;
	return 0;
}

static void tell(const struct script_function *function, struct problems *problems, bool too_long)
{
	const char *owner = function->owner && *function->owner ? function->owner : "the function";
	const char *kind = strstr(owner, "rule") ? "a rule" : strstr(owner, "step") ? "a step" : "a function";
	if (too_long)
		problems_add(problems, PROBLEM_ERROR, function->at, "", "%s ran longer than %s may (100,000 instructions; a lead of whom nothing is known).", owner, kind);
	else
		problems_add(problems, PROBLEM_ERROR, function->at, "", "%s used more memory than %s may (a lead of whom nothing is known).", owner, kind);
}

/* It was over by itself. What a rule's points may be is turn/score.c's. */
static void tell_given(const struct script_function *function, struct problems *problems, const struct script_result *result, const struct error *error, bool points)
{
	static const char *const words[] = {[SCRIPT_TRUE] = "yes", [SCRIPT_GO] = "go", [SCRIPT_WAIT] = "wait", [SCRIPT_LEAVE] = "leave"};
	const char *owner = function->owner && *function->owner ? function->owner : "the function", *given = NULL;
	if (error->code)
		problems_add(problems, PROBLEM_ERROR, function->at, "", "%s: %s (A lead of whom nothing is known.)", owner, error->message);
	else if (points && (size_t)result->answer < sizeof words / sizeof *words)
		given = words[result->answer];
	if (given)
		problems_add(problems, PROBLEM_ERROR, function->at, "", "%s: the function gives %s, where points are asked for (a lead of whom nothing is known).", owner, given);
	else if (!error->code && points && result->answer == SCRIPT_NUMBER && fabs(result->number) > RULE_POINTS_MOST)
		problems_add(problems, PROBLEM_ERROR, function->at, "", "%s: the function gives more than 1,000,000 points, or less than -1,000,000 (a lead of whom nothing is known).",
			     owner);
}

static bool gives_points(const struct playbook *playbook, int handle)
{
	for (size_t i = 0; i < playbook->model_count; i++)
		for (size_t k = 0; k < playbook->models[i].rule_count; k++)
			if (playbook->models[i].rules[k].points_kind == POINTS_FUNCTION && playbook->models[i].rules[k].function == handle)
				return true;
	return false;
}

void playbook_try(struct playbook *playbook, struct problems *problems)
{
	struct scripts *scripts = playbook->private->scripts;
	struct arena *arena = arena_new();
	const struct lead lead = {.fields = arena_array(arena, playbook->schema.lead_count + 1, sizeof *lead.fields)};
	const struct event event = {.verb = STR("page.view")};
	const struct playbook_view view = {.lead = &lead, .event = &event, .score = no_points};
	for (size_t i = 0; i < scripts->function_count; i++) {
		struct script_result result;
		struct error error = {0};
		if (playbook_call(playbook, (int)i, &view, &result, &error) < 0 && !error.code)
			continue;
		enum sandbox_end end = sandbox_ended(scripts->sandbox);
		if (end == SANDBOX_DONE)
			tell_given(&scripts->functions[i], problems, &result, &error, gives_points(playbook, (int)i));
		else if (end == SANDBOX_TOO_LONG || end == SANDBOX_TOO_BIG)
			tell(&scripts->functions[i], problems, end == SANDBOX_TOO_LONG);
	}
	arena_free(arena);
	templates_try(playbook, problems);
	problems_sort(problems);
}
