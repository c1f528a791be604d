/* Every function of the playbook called once, on a lead of whom nothing is known: one that never ends is found before it is published, also where no test
 * of the playbook touches it. Called by release_check, never by workers. Only what is certain is told: a spent budget of instructions or of memory. An
 * error on empty fields is none (the first lead that has them may be the only one), and a deadline says more of the machine than of the function. */
#include "playbook/script_parts.h"

#include "playbook/private.h"

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
		if (playbook_call(playbook, (int)i, &view, &result, &error) == 0)
			continue;
		enum sandbox_end end = sandbox_ended(scripts->sandbox);
		if (end == SANDBOX_TOO_LONG || end == SANDBOX_TOO_BIG)
			tell(&scripts->functions[i], problems, end == SANDBOX_TOO_LONG);
	}
	arena_free(arena);
}
