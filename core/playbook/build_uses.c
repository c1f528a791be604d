/* The names inside functions, noted before loading (scope.c), looked up when everything is declared: fields and models.
 * Where `go` leads is checked with the step that holds the function; a go in a function that is no step is told here.
 */
#include "playbook/build.h"

static bool stands_in_a_step(const struct build *b, const struct use *use)
{
	for (size_t c = 0; c < b->playbook->campaign_count; c++) {
		const struct campaign *campaign = &b->playbook->campaigns[c];
		for (size_t s = 0; s < campaign->step_count; s++)
			for (size_t i = 0; i < campaign->steps[s].action_count; i++) {
				const struct action *a = &campaign->steps[s].actions[i];
				const struct script_function *f =
					a->kind == ACTION_FUNCTION ? scripts_function(b->scripts, a->function) : NULL;
				if (f && strcmp(f->at.file, use->at.file) == 0 && use->at.line >= f->at.line &&
				    use->at.line <= f->last_line)
					return true;
			}
	}
	return false;
}

static void ask_model(struct build *b, int model)
{
	if (model >= 0)
		((struct model *)(uintptr_t)b->playbook->models)[model].asked = true;
}

void build_check_functions(struct build *b)
{
	size_t count = 0;
	const struct use *uses = scripts_uses(b->scripts, &count);
	bool steps_are_read = b->problems->errors == 0;
	for (size_t i = 0; i < count; i++) {
		const struct use *use = &uses[i];
		const char *name = arena_dup_n(b->arena, use->name.p, use->name.n), *outer = b->context;
		b->context = use->context;
		if (use->kind == USE_LEAD_FIELD)
			(void)build_slot(b, use->at, name, false);
		else if (use->kind == USE_ACCOUNT_FIELD)
			(void)build_slot(b, use->at, name, true);
		else if (use->kind == USE_SCORE)
			ask_model(b, build_need(b, use->at, DECLARED_MODEL, name));
		else if (use->kind == USE_GO && steps_are_read && !stands_in_a_step(b, use))
			build_error(b, use->at,
				    "go \"%s\" stands in a function that is no step's: only a step can go somewhere.",
				    name);
		build_leave(b, outer);
	}
}
