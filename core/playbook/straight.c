/* Functions that are over by themselves: no loop but over ipairs and pairs, no label, no function inside, and no upvalue but
 * their environment. Such a one can reach no function of Lua's at all (the environment holds only ours, and cannot be
 * written: script_words.c), so it runs each of its instructions at most once, or once for each step of our own iterators, which charge for
 * it; and it is called without counting instructions (SANDBOX_STRAIGHT). Whatever is not plain to see counts. Called while files
 * are read; looks at tokens, not at bytecode. */
#include "playbook/script_parts.h"

enum { TOKENS_MOST = 1000 };

/* The token behind the ")" that belongs to this "(", if that is not far away. */
static const struct lexed *behind_braces(const struct lexed *token)
{
	int depth = 0, seen = 0;
	do {
		depth += lexed_is(token, "(") - lexed_is(token, ")");
		token += token->kind != TOKEN_END;
	} while (depth > 0 && token->kind != TOKEN_END && seen++ < TOKENS_MOST);
	return token;
}

static bool is_ours(const struct lexed *token)
{
	return lexed_is(token, "ipairs") || lexed_is(token, "pairs");
}

/* `for … in ipairs(…) do` and `for … in pairs(…) do`: whatever stands in the braces, each round asks one of our functions first. With more
 * between ")" and "do" it may ask another one: `in ipairs({}) and type, 1 do`. */
static bool asks_us_each_round(const struct lexed *token)
{
	do
		token += token->kind != TOKEN_END;
	while (token->kind == TOKEN_NAME || lexed_is(token, ","));
	return lexed_is(token, "in") && is_ours(&token[1]) && lexed_is(&token[2], "(") && lexed_is(behind_braces(&token[2]), "do");
}

static bool goes_round(const struct lexed *token, bool after_in)
{
	static const char *const words[] = {"while", "repeat", "goto", "::", "function"};
	if (lexed_is(token, "for"))
		return !asks_us_each_round(token);
	if (is_ours(token))
		return !after_in; /* a name of the script's own may be called so: local ipairs = select */
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (lexed_is(token, words[i]))
			return true;
	return false;
}

/* Lua counts a function from the line of its "(": where that is not the line of the word itself, it is not told apart from a
 * function inside, and is taken for none that is straight. */
static int torn(const struct lexed_file *tokens, size_t i)
{
	bool after_function = i > 0 && lexed_is(&tokens->tokens[i - 1], "function");
	return after_function && tokens->tokens[i - 1].line != tokens->tokens[i].line ? 2 : 0;
}

void script_count_lines(struct script_file *file, const struct lexed_file *tokens, struct arena *arena)
{
	int lines = tokens->tokens[tokens->count - 1].line + 1, line = 0, rounds = 0;
	int *by_tokens = arena_array(arena, (size_t)lines, sizeof *by_tokens), *by_rounds = arena_array(arena, (size_t)lines, sizeof *by_rounds);
	size_t i = 0;
	for (line = 0; line < lines; line++) {
		for (; i < tokens->count && tokens->tokens[i].line <= line; i++) {
			rounds += goes_round(&tokens->tokens[i], i > 0 && lexed_is(&tokens->tokens[i - 1], "in")) + torn(tokens, i);
			file->names_env |= lexed_is(&tokens->tokens[i], "_ENV");
		}
		by_tokens[line] = (int)i;
		by_rounds[line] = rounds;
	}
	file->tokens = by_tokens;
	file->rounds = by_rounds;
	file->lines = lines;
}

static const struct script_file *file_of(const struct scripts *scripts, const char *path)
{
	const struct script_file *file = scripts->files;
	while (file->path != path)
		file++;
	return file;
}

/* At most one upvalue, and that is _ENV. */
static bool reaches_nothing(lua_State *lua)
{
	const char *first = lua_getupvalue(lua, -1, 1);
	if (!first)
		return true;
	lua_pop(lua, 1);
	if (strcmp(first, "_ENV") != 0)
		return false;
	if (!lua_getupvalue(lua, -1, 2))
		return true;
	lua_pop(lua, 1);
	return false;
}

bool script_is_straight(lua_State *lua, const struct scripts *scripts, const struct script_function *function)
{
	const struct script_file *file = file_of(scripts, function->at.file);
	int first = function->at.line, last = function->last_line;
	if (!file->rounds || file->names_env || first < 1 || last >= file->lines)
		return false;
	bool alone = file->rounds[last] - file->rounds[first - 1] == 1; /* its own word "function" */
	return alone && file->tokens[last] - file->tokens[first - 1] <= TOKENS_MOST && reaches_nothing(lua);
}
