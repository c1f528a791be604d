/* The checks of a file before it is loaded: what Lua would drop in silence, and what it would say in its own words. */
#ifndef NURTURE_PLAYBOOK_TYPING_H
#define NURTURE_PLAYBOOK_TYPING_H

#include "playbook/nesting.h"
#include "playbook/playbook.h"

/* Messages 1 to 5, 7, 8, 11, 12 of PLAYBOOK section 4. true when it found nothing. */
bool playbook_check_typing(const char *path, const struct nesting *nesting, struct arena *arena,
			   struct problems *problems);

/* What functions of a file name: checked when all declarations are known. Texts point into the file. */
enum use_kind { USE_LEAD_FIELD, USE_ACCOUNT_FIELD, USE_SCORE, USE_GO, USE_WAIT };
struct use {
	enum use_kind kind;
	struct place at;
	struct str name;
	const char *context; /* `segment "x"`: the declarations around it */
};
struct uses {
	struct use *items;
	size_t count, room;
	struct arena *arena; /* of the list */
};
/* Names inside `function … end`: globals against what a function may use (message 6), go and fields into *uses. */
bool playbook_check_functions(const char *path, const struct nesting *nesting, struct arena *arena, struct uses *uses,
			      struct problems *problems);

#endif
