/* The tokens of a Lua 5.4 file, with their lines: what the checks before loading look at (typing.c, scope.c). Not a
 * parser: Lua itself says what it accepts. Never fails: what Lua could not read is a TOKEN_BAD. */
#ifndef NURTURE_PLAYBOOK_LEXER_H
#define NURTURE_PLAYBOOK_LEXER_H

#include "base/arena.h"
#include "base/str.h"

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_KEYWORD, TOKEN_TEXT, TOKEN_NUMBER, TOKEN_SYMBOL, TOKEN_BAD };

struct lexed {
	enum token_kind kind;
	int line;        /* where it begins, from 1 */
	struct str text; /* as written; of TOKEN_TEXT what stands between the quotes, escapes as they are */
};

struct lexed_file {
	const struct lexed *tokens; /* the last is TOKEN_END; LEXED_BEYOND more of them may be read after it */
	size_t count;               /* with that TOKEN_END */
};
enum { LEXED_BEYOND = 4 };

struct lexed_file playbook_lex(struct str bytes, struct arena *arena);
bool playbook_is_keyword(struct str name); /* of Lua 5.4 */
/* The bytes without a byte order mark at their start, which some editors put there. */
struct str playbook_without_mark(struct str bytes);

static inline bool lexed_is(const struct lexed *token, const char *text) /* a symbol, keyword or name written so */
{
	return token->kind != TOKEN_TEXT && token->kind != TOKEN_END && str_is(token->text, text);
}

#endif
