/* Errors of marketing's functions in marketing's words: comparing nothing (message 31), a spent budget (message 51). Called by
 * call.c, while the call's view is still there. */
#include "playbook/script_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* The number that `lead.FIELD` is compared with on a line of a file; false when it is not plain to see. */
static bool find_comparison(const struct scripts *scripts, const char *where, struct str *op, struct str *number)
{
	const char *colon = strrchr(where, ':');
	int line = colon ? (int)strtol(colon + 1, NULL, 10) : 0;
	bool found = false;
	for (size_t f = 0; f < scripts->file_count && colon; f++) {
		const char *path = scripts->files[f].path;
		if (strlen(path) != (size_t)(colon - where) || strncmp(path, where, strlen(path)) != 0)
			continue;
		struct arena *arena = arena_new();
		struct lexed_file file = playbook_lex(scripts->files[f].bytes, arena);
		for (size_t i = 0; i + 2 < file.count; i++) {
			const struct lexed *t = &file.tokens[i];
			bool compares = lexed_is(&t[1], ">") || lexed_is(&t[1], "<") || lexed_is(&t[1], ">=") ||
					lexed_is(&t[1], "<=");
			if (t->line == line && str_is(t->text, scripts->empty_field) && compares &&
			    t[2].kind == TOKEN_NUMBER) {
				*op = t[1].text; /* both point into the file, not into the arena */
				*number = t[2].text;
				found = true;
			}
		}
		arena_free(arena);
	}
	return found;
}

/* Message 31. */
static void say_empty(const struct scripts *scripts, struct error *error)
{
	const char *field = scripts->empty_field, *who = scripts->empty_of_account ? "account" : "lead";
	const char *path = scripts->empty_of_account ? "lead.account" : "lead";
	long long id = (long long)scripts->view->lead->id;
	struct str op, number;
	char where[sizeof error->where];
	memcpy(where, error->where, sizeof where);
	if (find_comparison(scripts, where, &op, &number)) {
		const char *phrase = str_is(op, ">=") || str_is(op, ">") ? "at_least" : "at_most";
		error_set(
			error, ERROR_INVALID, where,
			"%s is empty for lead %lld, and Lua cannot compare nothing with %.*s. Use %s { %s = %s(%.*s) }, or (%s.%s or 0) %.*s %.*s.",
			field, id, STR_ARG(number), who, field, phrase, STR_ARG(number), path, field, STR_ARG(op),
			STR_ARG(number));
		return;
	}
	error_set(error, ERROR_INVALID, where,
		  "%s is empty for lead %lld, and Lua cannot compare or count with nothing. Use (%s.%s or 0).", field,
		  id, path, field);
}

/* Message 51. */
static void say_too_long(const struct scripts *scripts, int handle, struct error *error)
{
	const char *owner = scripts->functions[handle].owner;
	const char *kind = strstr(owner, "rule") ? "a rule" : strstr(owner, "step") ? "a step" : "a function";
	char where[sizeof error->where];
	snprintf(where, sizeof where, "%s:%d", scripts->functions[handle].at.file, scripts->functions[handle].at.line);
	if (sandbox_ended(scripts->sandbox) == SANDBOX_TOO_LONG)
		error_set(
			error, ERROR_LIMIT, where,
			"%s ran longer than %s may (100,000 instructions; lead %lld). It changes nothing until it is mended.",
			*owner ? owner : "the function", kind, (long long)scripts->view->lead->id);
	else
		error_set(error, ERROR_LIMIT, where,
			  "%s used more memory or time than %s may (lead %lld). It changes nothing until it is mended.",
			  *owner ? owner : "the function", kind, (long long)scripts->view->lead->id);
}

void script_translate(const struct scripts *scripts, int handle, struct error *error)
{
	if (error->code == ERROR_LIMIT)
		say_too_long(scripts, handle, error);
	else if (scripts->empty_field[0] && strstr(error->message, "nil") &&
		 (strstr(error->message, "compare") || strstr(error->message, "arithmetic")))
		say_empty(scripts, error);
}
