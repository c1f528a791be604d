/* Lua 5.4's tokens (reference manual, section 3.1). One forward walk, no recursion, no allocation but the list; a byte
 * that begins no token is a TOKEN_BAD of one UTF-8 sequence, a text without its end a TOKEN_BAD up to the end of its
 * line. */
#include "playbook/lexer.h"

struct lexer {
	const char *p, *end;
	int line;
	struct lexed *tokens;
	size_t count, room;
	struct arena *arena;
};

bool playbook_is_keyword(struct str name)
{
	static const char *const words[] = {"and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
					    "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
					    "repeat",   "return", "then", "true", "until",  "while"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(name, words[i]))
			return true;
	return false;
}

struct str playbook_without_mark(struct str bytes)
{
	if (str_starts(bytes, STR("\xef\xbb\xbf")))
		return (struct str){bytes.p + 3, bytes.n - 3};
	return bytes;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}
static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char peek(const struct lexer *lx, size_t ahead)
{
	return (size_t)(lx->end - lx->p) > ahead ? lx->p[ahead] : '\0';
}

static void put(struct lexer *lx, enum token_kind kind, int line, const char *from, const char *to)
{
	struct lexed *token = arena_push(lx->arena, &lx->tokens, lx->count, &lx->room, sizeof *token);
	*token = (struct lexed){kind, line, {from, (size_t)(to - from)}};
	lx->count++;
}

/* Number of = in a long bracket `[==[` at p, or -1. */
static int long_bracket(const struct lexer *lx)
{
	size_t n = 1;
	if (peek(lx, 0) != '[')
		return -1;
	while (peek(lx, n) == '=')
		n++;
	return peek(lx, n) == '[' ? (int)(n - 1) : -1;
}

/* Skips a long bracket of `level`; what stands inside is *inside. false when it never ends. */
static bool take_long(struct lexer *lx, int level, struct str *inside)
{
	lx->p += level + 2;
	const char *from = lx->p;
	for (; lx->p < lx->end; lx->p++) {
		if (*lx->p == '\n')
			lx->line++;
		if (*lx->p != ']')
			continue;
		int n = 0;
		while (n < level && peek(lx, (size_t)n + 1) == '=')
			n++;
		if (n == level && peek(lx, (size_t)n + 1) == ']') {
			*inside = (struct str){from, (size_t)(lx->p - from)};
			lx->p += level + 2;
			return true;
		}
	}
	return false;
}

static void take_comment(struct lexer *lx)
{
	struct str inside;
	lx->p += 2;
	int level = long_bracket(lx);
	if (level >= 0) {
		take_long(lx, level, &inside);
		return;
	}
	while (lx->p < lx->end && *lx->p != '\n')
		lx->p++;
}

/* After a backslash: one character, or for \z and a line's end all that Lua skips. */
static void take_escape(struct lexer *lx)
{
	char c = peek(lx, 1);
	lx->p += lx->end - lx->p > 1 ? 2 : 1;
	if (c == '\r' && peek(lx, 0) == '\n') {
		c = '\n';
		lx->p++;
	}
	if (c == '\n')
		lx->line++;
	if (c != 'z')
		return;
	for (; lx->p < lx->end && (*lx->p == ' ' || (*lx->p >= '\t' && *lx->p <= '\r')); lx->p++)
		lx->line += *lx->p == '\n';
}

static void take_text(struct lexer *lx)
{
	const char *start = lx->p, quote = *lx->p;
	int line = lx->line;
	lx->p++;
	while (lx->p < lx->end && *lx->p != quote && *lx->p != '\n') {
		if (*lx->p == '\\')
			take_escape(lx);
		else
			lx->p++;
	}
	if (lx->p < lx->end && *lx->p == quote) {
		put(lx, TOKEN_TEXT, line, start + 1, lx->p);
		lx->p++;
	} else {
		put(lx, TOKEN_BAD, line, start, lx->p);
	}
}

static void take_number(struct lexer *lx)
{
	const char *start = lx->p;
	const char *exponent = peek(lx, 0) == '0' && (peek(lx, 1) | 32) == 'x' ? "pP" : "eE";
	for (; lx->p < lx->end; lx->p++) {
		bool sign = (*lx->p == '+' || *lx->p == '-') && lx->p > start && strchr(exponent, lx->p[-1]);
		if (!is_digit(*lx->p) && !is_letter(*lx->p) && *lx->p != '.' && !sign)
			break;
	}
	put(lx, TOKEN_NUMBER, lx->line, start, lx->p);
}

static void take_name(struct lexer *lx)
{
	const char *start = lx->p;
	while (lx->p < lx->end && (is_letter(*lx->p) || is_digit(*lx->p)))
		lx->p++;
	struct str name = {start, (size_t)(lx->p - start)};
	put(lx, playbook_is_keyword(name) ? TOKEN_KEYWORD : TOKEN_NAME, lx->line, start, lx->p);
}

static void take_symbol(struct lexer *lx)
{
	static const char *const symbols[] = {"...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"};
	struct str rest = {lx->p, (size_t)(lx->end - lx->p)};
	size_t n = strchr("+-*/%^#&~|<>=(){}[];:,.", *lx->p) && *lx->p ? 1 : 0;
	for (size_t i = 0; n && i < sizeof symbols / sizeof *symbols; i++) {
		if (str_starts(rest, str_of(symbols[i]))) {
			n = strlen(symbols[i]);
			break;
		}
	}
	enum token_kind kind = n ? TOKEN_SYMBOL : TOKEN_BAD;
	if (!n)
		n = str_utf8_step(rest.p, rest.n);
	put(lx, kind, lx->line, lx->p, lx->p + (n ? n : 1));
	lx->p += n ? n : 1;
}

static void take_token(struct lexer *lx)
{
	char c = *lx->p;
	int line = lx->line, level = long_bracket(lx);
	struct str inside;
	if (c == '-' && peek(lx, 1) == '-')
		take_comment(lx);
	else if (level >= 0 && take_long(lx, level, &inside))
		put(lx, TOKEN_TEXT, line, inside.p, inside.p + inside.n);
	else if (level >= 0)
		put(lx, TOKEN_BAD, line, lx->end, lx->end);
	else if (c == '"' || c == '\'')
		take_text(lx);
	else if (is_digit(c) || (c == '.' && is_digit(peek(lx, 1))))
		take_number(lx);
	else if (is_letter(c))
		take_name(lx);
	else
		take_symbol(lx);
}

struct lexed_file playbook_lex(struct str bytes, struct arena *arena)
{
	struct str text = playbook_without_mark(bytes);
	struct lexer lx = {.p = text.p, .end = text.p + text.n, .line = 1, .arena = arena};
	while (lx.p < lx.end) {
		if (*lx.p == '\n')
			lx.line++;
		if (*lx.p == ' ' || (*lx.p >= '\t' && *lx.p <= '\r'))
			lx.p++;
		else
			take_token(&lx);
	}
	for (int i = 0; i <= LEXED_BEYOND; i++)
		put(&lx, TOKEN_END, lx.line, lx.end, lx.end);
	return (struct lexed_file){lx.tokens, lx.count - LEXED_BEYOND};
}
