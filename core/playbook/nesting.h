/* Which braces, brackets and functions of a Lua file stand in which: what typing.c and scope.c walk over. */
#ifndef NURTURE_PLAYBOOK_NESTING_H
#define NURTURE_PLAYBOOK_NESTING_H

#include "playbook/lexer.h"

enum frame_kind { FRAME_FILE, FRAME_TABLE, FRAME_PAREN, FRAME_INDEX, FRAME_FUNCTION, FRAME_BLOCK };

struct frame {
	enum frame_kind kind;
	size_t open, close; /* tokens; of the file: none and TOKEN_END */
	int parent;         /* frame, -1 for the file */
	bool in_function;   /* it is a function or stands in one */
};

struct nesting {
	const struct lexed_file *file;
	struct frame *frames; /* frames[0] is the file */
	size_t count, room;
	int *of; /* the frame in which each token stands; an opening or closing token stands outside of what it opens */
	int wrong_close;  /* first token that closes what is not open, or -1 */
	int never_closed; /* outermost frame that the file ends in, or -1 */
};

void nesting_read(struct nesting *nesting, const struct lexed_file *file, struct arena *arena);
/* `campaign "drip", step "next-read"`: the declarations around a token; "" outside of all. */
const char *nesting_context(const struct nesting *nesting, size_t token, struct arena *arena);
/* `step "benefits"`, `"text"`, `{`: how a token, with the name after it, is shown in a message. */
const char *nesting_show(const struct lexed *token, struct arena *arena);

static inline bool nesting_in_function(const struct nesting *nesting, size_t token)
{
	return nesting->frames[nesting->of[token]].in_function;
}
static inline bool nesting_in_table(const struct nesting *nesting, size_t token)
{
	return nesting->frames[nesting->of[token]].kind == FRAME_TABLE;
}

#endif
