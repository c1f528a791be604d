/* The diff of an explanation: how the rules' points differ from those at the last expectation of the story that held. Called by story.c when one holds, and
 * by story_why.c when one does not. Of the lead's own models; an account's are told whole. */
#include "turn/telling.h"

#include <stdlib.h>

void telling_remember(struct telling *telling, int line)
{
	struct turn_facts facts;
	if (turn_trial_facts(&telling->trial, &facts, NULL) < 0 ||
	    turn_explain(telling->playbook, &facts, telling->arena, &telling->held, &telling->held_count, NULL) < 0)
		telling->held_count = 0;
	telling->held_line = line;
}

static int points_of(const struct receipt *receipt, const char *rule)
{
	for (size_t i = 0; i < receipt->count; i++)
		if (strcmp(receipt->lines[i].rule, rule) == 0)
			return receipt->lines[i].points;
	return 0;
}

static const struct receipt *held_receipt(const struct telling *telling, const char *model)
{
	for (size_t i = 0; i < telling->held_count; i++)
		if (strcmp(telling->held[i].model, model) == 0)
			return &telling->held[i];
	return NULL;
}

void telling_since(const struct telling *telling, const struct receipt *now, struct buf *out)
{
	const struct receipt *then = held_receipt(telling, now->model);
	size_t told = 0;
	for (size_t i = 0; then && i < now->count; i++) {
		int difference = now->lines[i].points - points_of(then, now->lines[i].rule);
		if (difference == 0)
			continue;
		if (told++ == 0)
			buf_printf(out, " (since line %d: ", telling->held_line);
		else
			buf_puts(out, ", ");
		buf_printf(out, "%s %+d", now->lines[i].rule, difference);
	}
	buf_puts(out, told ? ")" : "");
}
