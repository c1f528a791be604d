/* One walk with a stack of what is open. `for` and `while` are counted by their `do`, `if` by itself, so that each
 * `end` closes exactly one frame. A closing token of the wrong kind is noted and closes nothing: what follows is not
 * looked at. */
#include "playbook/nesting.h"

static const struct pair {
	const char *open, *close;
	enum frame_kind kind;
} pairs[] = {
	{"{", "}", FRAME_TABLE},          {"(", ")", FRAME_PAREN},
	{"[", "]", FRAME_INDEX},          {"function", "end", FRAME_FUNCTION},
	{"if", "end", FRAME_BLOCK},       {"do", "end", FRAME_BLOCK},
	{"repeat", "until", FRAME_BLOCK},
};
enum { PAIRS = sizeof pairs / sizeof *pairs };

static int push(struct nesting *n, struct arena *arena, enum frame_kind kind, size_t token, int parent)
{
	struct frame *frame = arena_push(arena, &n->frames, n->count, &n->room, sizeof *frame);
	bool inside = parent >= 0 && n->frames[parent].in_function;
	*frame = (struct frame){kind, token, n->file->count - 1, parent, inside || kind == FRAME_FUNCTION};
	return (int)n->count++;
}

static bool opens(const struct lexed *token, enum frame_kind *kind)
{
	for (size_t i = 0; i < PAIRS; i++) {
		if (lexed_is(token, pairs[i].open)) {
			*kind = pairs[i].kind;
			return true;
		}
	}
	return false;
}

static bool closes(const struct lexed *token)
{
	return lexed_is(token, "}") || lexed_is(token, ")") || lexed_is(token, "]") || lexed_is(token, "end") ||
	       lexed_is(token, "until");
}

/* Does this token close that frame? */
static bool fits(const struct nesting *n, const struct lexed *token, const struct frame *frame)
{
	if (frame->kind == FRAME_FILE)
		return false;
	const struct lexed *open = &n->file->tokens[frame->open];
	for (size_t i = 0; i < PAIRS; i++)
		if (lexed_is(open, pairs[i].open))
			return lexed_is(token, pairs[i].close);
	return false;
}

void nesting_read(struct nesting *n, const struct lexed_file *file, struct arena *arena)
{
	*n = (struct nesting){.file = file, .wrong_close = -1, .never_closed = -1};
	n->of = arena_array(arena, file->count, sizeof *n->of);
	int top = push(n, arena, FRAME_FILE, 0, -1);
	for (size_t i = 0; i < file->count; i++) {
		const struct lexed *token = &file->tokens[i];
		enum frame_kind kind;
		n->of[i] = top;
		if (token->kind == TOKEN_KEYWORD && lexed_is(token + 1, "=")) {
			continue; /* a word of Lua that is meant as a key: typing.c tells it */
		} else if (opens(token, &kind)) {
			top = push(n, arena, kind, i, top);
		} else if (closes(token) && fits(n, token, &n->frames[top])) {
			n->frames[top].close = i;
			top = n->frames[top].parent;
			n->of[i] = top;
		} else if (closes(token) && n->wrong_close < 0) {
			n->wrong_close = (int)i;
		}
	}
	for (; top > 0; top = n->frames[top].parent)
		n->never_closed = top;
}

static bool declares(struct str word)
{
	static const char *const words[] = {"playbook", "hours",    "cap",   "consent", "field",  "verb", "topic",
					    "asset",    "segment",  "model", "rule",    "grades", "band",
					    "person",   "campaign", "step",  "test"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(word, words[i]))
			return true;
	return false;
}

const char *nesting_show(const struct lexed *token, struct arena *arena)
{
	struct str shown = {token->text.p, token->text.n > 60 ? 60 : token->text.n};
	if (token->kind == TOKEN_TEXT)
		return arena_printf(arena, "\"%.*s\"", STR_ARG(shown));
	if (token->kind == TOKEN_NAME && token[1].kind == TOKEN_TEXT)
		return arena_printf(arena, "%.*s \"%.*s\"", STR_ARG(shown),
				    token[1].text.n > 60 ? 60 : (int)token[1].text.n, token[1].text.p);
	return arena_printf(arena, "%.*s", STR_ARG(shown));
}

const char *nesting_context(const struct nesting *n, size_t token, struct arena *arena)
{
	const char *context = "";
	for (int f = n->of[token]; f > 0; f = n->frames[f].parent) {
		size_t open = n->frames[f].open;
		const struct lexed *t = n->file->tokens;
		if (n->frames[f].kind != FRAME_TABLE || open < 2 || t[open - 1].kind != TOKEN_TEXT ||
		    t[open - 2].kind != TOKEN_NAME || !declares(t[open - 2].text))
			continue;
		context =
			arena_printf(arena, "%s%s%s", nesting_show(&t[open - 2], arena), *context ? ", " : "", context);
	}
	return context;
}
