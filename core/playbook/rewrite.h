/* New points for the rules of a model, written into the text of its file: the places of the numbers are known from the tokens, all else stays
 * byte for byte, comments and layout too. What fit has to say stands in lines of its own, `-- fit: …`, which the next fit replaces. Called by
 * jobs (fit). Never writes a file, never changes a condition. */
#ifndef NURTURE_PLAYBOOK_REWRITE_H
#define NURTURE_PLAYBOOK_REWRITE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct rewrite_case {
	struct str choice; /* "otherwise" too */
	double points;
};
struct rewrite_rule {
	const char *name;
	bool kept;          /* its points stay; it may be a function */
	double points;      /* where the rule says a number */
	double max;         /* 0 = leave max alone */
	const struct rewrite_case *cases; size_t case_count; /* where it chooses: every one that the text names; otherwise is put in where the text has none */
	const char *comment; /* one line, or NULL */
};
struct rewrite {
	const char *model;
	const struct rewrite_rule *rules; size_t rule_count;
	const char *const *header; size_t header_count; /* lines above the model */
};

/* ERROR_INVALID, with the line, when what is to be changed is not written as plain numbers or names: then nothing was changed. text is in the arena. */
int playbook_rewrite(struct str bytes, const struct rewrite *rewrite, struct arena *arena, struct str *out, struct error *error) MUST_USE;

#endif
