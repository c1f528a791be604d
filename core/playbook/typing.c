/* What a marketer's hand slips on, found in the tokens: curly quotes, hyphens and Lua's words left of =, keys given
 * twice, and/or/not between conditions, missing commas, braces that never close, decimal commas. Called for each file
 * before it is loaded; a file with such a slip is not loaded. Everything but quotes and braces is looked for outside
 * functions only. */
#include "playbook/typing.h"

#include "base/map.h"
#include "base/mem.h"
#include "playbook/vocabulary.h"

#include <stdlib.h>

struct typing {
	const char *path;
	const struct nesting *nesting;
	const struct lexed *tokens;
	size_t count;
	struct arena *arena;
	struct problems *problems;
	size_t before; /* errors there were */
};

#define SHOW(s) (s).n > 60 ? 60 : (int)(s).n, (s).p
#define SAY(t, i, ...)                                                                                                 \
	problems_add((t)->problems, PROBLEM_ERROR, (struct place){(t)->path, (t)->tokens[i].line},                     \
		     nesting_context((t)->nesting, i, (t)->arena), __VA_ARGS__)

static bool same(const struct typing *t, size_t i, const char *text)
{
	return i < t->count && lexed_is(&t->tokens[i], text);
}

/* ---- letters that Lua cannot read (message 3) ---- */

static bool is_curly_quote(struct str s)
{
	static const char *const quotes[] = {"\u201c", "\u201d", "\u201e", "\u201f", "\u2018",
					     "\u2019", "\u201a", "\u00ab", "\u00bb"};
	for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++)
		if (str_is(s, quotes[i]))
			return true;
	return false;
}

/* Spaces that look like ours or like nothing, from word processors and web pages. */
static bool is_odd_space(struct str s)
{
	static const char *const spaces[] = {"\u00a0", "\u2007", "\u2009", "\u200a", "\u200b", "\u200c",
					     "\u200d", "\u202f", "\u2060", "\u3000", "\ufeff", "\u00ad"};
	for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
		if (str_is(s, spaces[i]))
			return true;
	return false;
}

static bool check_letters(struct typing *t)
{
	bool good = true;
	int said = 0;
	for (size_t i = 0; i < t->count; i++) {
		const struct lexed *token = &t->tokens[i];
		if (token->kind != TOKEN_BAD || token->line == said)
			continue;
		said = token->line;
		good = false;
		if (is_curly_quote(token->text))
			SAY(t, i, "this is a curly quote (%.*s) from a word processor. Type a straight one: \"",
			    STR_ARG(token->text));
		else if (is_odd_space(token->text))
			SAY(t, i, "an odd space from a word processor or a web page stands here. Delete it and type a plain one.");
		else if (token->text.n == 0)
			SAY(t, i, "the text that begins with [[ is never closed.");
		else if (token->text.p[0] == '"' || token->text.p[0] == '\'')
			SAY(t, i, "the text %.*s is never closed: the second %c is missing on this line.",
			    SHOW(token->text), token->text.p[0]);
		else
			SAY(t, i, "the sign %.*s cannot stand here. Texts stand in straight quotes: \"…\".",
			    str_is_text(token->text) ? (int)token->text.n : 1,
			    str_is_text(token->text) ? token->text.p : "?");
	}
	return good;
}

/* ---- braces (message 2) ---- */

static void never_closed(struct typing *t, const struct frame *frame)
{
	const struct lexed *open = &t->tokens[frame->open];
	size_t i = frame->open;
	const char *of = i >= 2 && open[-1].kind == TOKEN_TEXT && open[-2].kind == TOKEN_NAME
				 ? nesting_show(&open[-2], t->arena)
			 : i >= 1 && open[-1].kind == TOKEN_NAME ? nesting_show(&open[-1], t->arena)
								 : NULL;
	struct place at = {t->path, open->line};
	if (frame->kind == FRAME_FUNCTION)
		problems_add(t->problems, PROBLEM_ERROR, at, "",
			     "the function on line %d has no end. Write function(lead) … end.", open->line);
	else if (of)
		problems_add(t->problems, PROBLEM_ERROR, at, "", "the %.*s of %s on line %d is never closed.",
			     SHOW(open->text), of, open->line);
	else
		problems_add(t->problems, PROBLEM_ERROR, at, "", "the %.*s on line %d is never closed.",
			     SHOW(open->text), open->line);
}

static bool check_braces(struct typing *t)
{
	const struct nesting *n = t->nesting;
	if (n->wrong_close >= 0) {
		size_t i = (size_t)n->wrong_close;
		const struct frame *inside = &n->frames[n->of[i]];
		if (inside->kind == FRAME_FILE)
			SAY(t, i, "this %.*s closes nothing: everything before it is closed already.",
			    SHOW(t->tokens[i].text));
		else
			never_closed(t, inside);
		return false;
	}
	if (n->never_closed >= 0) {
		never_closed(t, &n->frames[n->never_closed]);
		return false;
	}
	return true;
}

/* ---- keys (messages 4, 5, 8) and lone numbers (message 12) ---- */

struct table_state {
	struct map *keys;
	size_t numbers, others; /* entries */
	size_t first_number;
};

static bool begins_entry(const struct typing *t, size_t i)
{
	if (!nesting_in_table(t->nesting, i) || i == 0)
		return false;
	const struct frame *frame = &t->nesting->frames[t->nesting->of[i]];
	return i - 1 == frame->open ||
	       ((same(t, i - 1, ",") || same(t, i - 1, ";")) && t->nesting->of[i - 1] == t->nesting->of[i]);
}

/* `no-answer =`: message 4. */
static bool check_hyphens(struct typing *t, size_t i)
{
	size_t last = i;
	while (same(t, last + 1, "-") && last + 2 < t->count && t->tokens[last + 2].kind != TOKEN_SYMBOL &&
	       t->tokens[last + 2].kind != TOKEN_TEXT)
		last += 2;
	if (last == i || !same(t, last + 1, "="))
		return false;
	const char *from = t->tokens[i].text.p, *to = t->tokens[last].text.p + t->tokens[last].text.n;
	char *fixed = arena_dup_n(t->arena, from, (size_t)(to - from));
	for (char *c = fixed; *c; c++)
		if (*c == '-')
			*c = '_';
	SAY(t, i, "%.*s has a hyphen, so it cannot stand left of =. Names left of = use underscores: %s.",
	    (int)(to - from), from, fixed);
	return true;
}

/* Message 5, with the word of PLAYBOOK decision 37 that is meant. */
static void say_keyword(struct typing *t, size_t i)
{
	static const struct {
		const char *word, *meant;
	} words[] = {
		{"function", "job_function"}, {"until", "ends"},   {"end", "to"},  {"in", "within"},  {"then", "go"},
		{"else", "otherwise"},        {"repeat", "every"}, {"goto", "go"}, {"for", "within"}, {"if", "when"}};
	struct str word = t->tokens[i].text;
	const char *meant = arena_printf(t->arena, "our_%.*s", STR_ARG(word));
	for (size_t k = 0; k < sizeof words / sizeof *words; k++)
		if (str_is(word, words[k].word))
			meant = words[k].meant;
	SAY(t, i, "\"%.*s\" is a word of Lua and cannot be a field. Call it %s.", STR_ARG(word), meant);
}

static void check_double(struct typing *t, struct table_state *state, size_t i, struct str key)
{
	if (!state->keys)
		state->keys = map_new();
	const struct lexed *first = map_put(state->keys, key, (void *)&t->tokens[i]);
	if (first)
		SAY(t, i,
		    "\"%.*s\" is given twice in the same braces (first on line %d). Lua would keep only the last.",
		    SHOW(key), first->line);
}

/* An entry `key = …` or `["key"] = …`; false for a part. */
static bool check_key(struct typing *t, struct table_state *state, size_t i)
{
	const struct lexed *token = &t->tokens[i];
	bool in_function = nesting_in_function(t->nesting, i);
	if (token->kind == TOKEN_KEYWORD && same(t, i + 1, "=")) {
		say_keyword(t, i);
		return true;
	}
	if (!in_function && (token->kind == TOKEN_NAME || token->kind == TOKEN_KEYWORD) && check_hyphens(t, i))
		return true;
	if (token->kind == TOKEN_NAME && same(t, i + 1, "=")) {
		check_double(t, state, i, token->text);
		return true;
	}
	if (same(t, i, "[") && t->tokens[i + 1].kind == TOKEN_TEXT && same(t, i + 2, "]") && same(t, i + 3, "=")) {
		check_double(t, state, i, t->tokens[i + 1].text);
		return true;
	}
	return false;
}

static bool is_lone_number(const struct typing *t, size_t i)
{
	size_t at = same(t, i, "-") ? i + 1 : i;
	return t->tokens[at].kind == TOKEN_NUMBER &&
	       (same(t, at + 1, ",") || same(t, at + 1, ";") || same(t, at + 1, "}"));
}

static void check_entry(struct typing *t, struct table_state *state, size_t i)
{
	if (same(t, i, "}"))
		return;
	bool key = check_key(t, state, i);
	if (!key && is_lone_number(t, i) && !nesting_in_function(t->nesting, i)) {
		if (state->numbers++ == 0)
			state->first_number = i;
	} else {
		state->others++;
	}
}

static void check_entries(struct typing *t)
{
	struct table_state *states = mem_array(t->nesting->count, sizeof *states);
	for (size_t i = 0; i + 1 < t->count; i++)
		if (begins_entry(t, i))
			check_entry(t, &states[t->nesting->of[i]], i);
	for (size_t f = 0; f < t->nesting->count; f++) {
		if (states[f].numbers && states[f].others) {
			size_t i = states[f].first_number;
			bool minus = same(t, i, "-");
			SAY(t, i,
			    "a number stands alone here (%s%.*s). Was a decimal comma typed? Write \"10%%\" or 0.10.",
			    minus ? "-" : "", SHOW(t->tokens[i + minus].text));
		}
		map_free(states[f].keys);
	}
	free(states);
}

/* ---- and, or, not (message 7); lead.NAME (message 11) ---- */

static void check_joins(struct typing *t)
{
	static const struct {
		const char *word, *instead;
	} words[] = {{"or", "any { …, … }"}, {"and", "all { …, … }"}, {"not", "none { … }"}};
	for (size_t i = 0; i < t->count; i++) {
		if (t->tokens[i].kind != TOKEN_KEYWORD || nesting_in_function(t->nesting, i) || same(t, i + 1, "="))
			continue;
		for (size_t k = 0; k < 3; k++)
			if (lexed_is(&t->tokens[i], words[k].word))
				SAY(t, i,
				    "\"%s\" cannot join conditions: Lua would silently drop one of them. Write %s.",
				    words[k].word, words[k].instead);
	}
}

static void check_lead_dot(struct typing *t)
{
	for (size_t i = 0; i + 2 < t->count; i++) {
		bool word = t->tokens[i].kind == TOKEN_NAME && (same(t, i, "lead") || same(t, i, "account"));
		if (!word || !same(t, i + 1, ".") || t->tokens[i + 2].kind != TOKEN_NAME ||
		    nesting_in_function(t->nesting, i))
			continue;
		struct str who = t->tokens[i].text, field = t->tokens[i + 2].text;
		const struct lexed *value = same(t, i + 3, "==") ? &t->tokens[i + 4] : NULL;
		const char *shown =
			value && value->kind == TOKEN_TEXT     ? arena_printf(t->arena, "\"%.*s\"", SHOW(value->text))
			: value && value->kind == TOKEN_NUMBER ? arena_printf(t->arena, "%.*s", SHOW(value->text))
							       : "…";
		SAY(t, i,
		    "%.*s.%.*s is looked up when the file is read, not for each lead. Write %.*s { %.*s = %s }, or function(lead) return … end.",
		    STR_ARG(who), SHOW(field), STR_ARG(who), SHOW(field), shown);
	}
}

/* `lead { visits > 5 }`: Lua would compare once, with what nobody knows yet. */
static void check_comparisons(struct typing *t)
{
	static const struct {
		const char *sign, *before, *behind;
	} signs[] = {{">", "= above(", ")"}, {">=", "= at_least(", ")"}, {"<", "= below(", ")"}, {"<=", "= at_most(", ")"}, {"==", "= ", ""}};
	for (size_t i = 0; i + 2 < t->count; i++) {
		const struct lexed *a = &t->tokens[i], *value = a + 2;
		bool field = a->kind == TOKEN_NAME && !vocabulary_find(a->text) && !(i && same(t, i - 1, "."));
		if (!field || !nesting_in_table(t->nesting, i) || nesting_in_function(t->nesting, i))
			continue;
		for (size_t k = 0; k < sizeof signs / sizeof *signs; k++) {
			if (!same(t, i + 1, signs[k].sign))
				continue;
			const char *shown = nesting_show(value, t->arena);
			SAY(t, i, "%.*s %s %s is compared when the file is read, not for each lead. Write %.*s %s%s%s.",
			    SHOW(a->text), signs[k].sign, shown, SHOW(a->text), signs[k].before, shown, signs[k].behind);
		}
	}
}

/* `email = 5` at the top of a file would take the word away from what follows. */
static void check_words(struct typing *t)
{
	for (size_t i = 0; i + 2 < t->count; i++) {
		bool word = t->tokens[i].kind == TOKEN_NAME && t->nesting->of[i] == 0 && vocabulary_find(t->tokens[i].text);
		if (!word || !same(t, i + 1, "="))
			continue;
		if (i && same(t, i - 1, "local"))
			SAY(t, i, "%.*s is a word of the playbook. Give your own value another name.", STR_ARG(t->tokens[i].text));
		else
			SAY(t, i, "%.*s = %s stands outside every declaration. Was a } closed too early?",
			    STR_ARG(t->tokens[i].text), nesting_show(&t->tokens[i + 2], t->arena));
	}
}

/* ---- commas (message 1) ---- */

static bool is_value(const struct lexed *token)
{
	return token->kind == TOKEN_TEXT || token->kind == TOKEN_NUMBER || token->kind == TOKEN_NAME || lexed_is(token, "true") ||
	       lexed_is(token, "false") || lexed_is(token, "nil");
}

static bool ends_value(const struct lexed *token)
{
	return is_value(token) || lexed_is(token, "}") || lexed_is(token, ")") || lexed_is(token, "end");
}

static bool begins_value(const struct lexed *token)
{
	return is_value(token) || lexed_is(token, "{") || lexed_is(token, "function");
}

/* `word "name"`, `word {`, `word "name" {`: a value and what belongs to it. */
static bool goes_on(const struct typing *t, size_t i)
{
	const struct lexed *a = &t->tokens[i], *b = a + 1;
	if (a->kind == TOKEN_NAME)
		return b->kind == TOKEN_TEXT || lexed_is(b, "{");
	return a->kind == TOKEN_TEXT && lexed_is(b, "{") && i > 0 && a[-1].kind == TOKEN_NAME;
}

/* `step thanks`, `within = 3 days`: quotes were forgotten, not a comma. */
static bool lacks_quotes(struct typing *t, size_t i)
{
	const struct lexed *a = &t->tokens[i], *b = a + 1;
	const struct word *word = a->kind == TOKEN_NAME ? vocabulary_find(a->text) : NULL;
	bool unit = str_starts(b->text, STR("minute")) || str_starts(b->text, STR("hour")) ||
		    str_starts(b->text, STR("day")) || str_starts(b->text, STR("week")) ||
		    str_starts(b->text, STR("month")) || str_starts(b->text, STR("year")) ||
		    str_is(b->text, "business");
	if (b->kind != TOKEN_NAME || a->line != b->line || nesting_in_function(t->nesting, i))
		return false;
	if (a->kind == TOKEN_NUMBER && unit)
		SAY(t, i, "a length of time stands in quotes: \"%.*s %.*s\".", SHOW(a->text), SHOW(b->text));
	else if (word && !(word->forms & FORM_BARE) && !vocabulary_find(b->text))
		SAY(t, i, "the name after %s stands in quotes: %s \"%.*s\".", word->name, word->name, SHOW(b->text));
	else
		return false;
	return true;
}

static void check_commas(struct typing *t)
{
	for (size_t i = 0; i + 2 < t->count; i++) {
		const struct lexed *a = &t->tokens[i], *b = a + 1;
		if (lacks_quotes(t, i))
			continue;
		bool root = t->nesting->of[i] == 0;
		if (root && lexed_is(b, ",") && (lexed_is(a, "}") || a->kind == TOKEN_TEXT) &&
		    t->nesting->of[i + 1] == 0)
			SAY(t, i + 1,
			    "a comma stands between declarations at the top of the file. Delete it. Or was a } closed too early?");
		if (!nesting_in_table(t->nesting, i) || nesting_in_function(t->nesting, i) ||
		    t->nesting->of[i] != t->nesting->of[i + 1])
			continue;
		if (!ends_value(a) || !begins_value(b) || goes_on(t, i))
			continue;
		const char *next = nesting_show(b, t->arena);
		if (b->line > a->line)
			SAY(t, i, "a comma is missing at the end of line %d, before %s.", a->line, next);
		else
			SAY(t, i, "a comma is missing in line %d, before %s.", a->line, next);
	}
}

bool playbook_check_typing(const char *path, const struct nesting *nesting, struct arena *arena,
			   struct problems *problems)
{
	struct typing t = {path,  nesting,  nesting->file->tokens, nesting->file->count,
			   arena, problems, problems->errors};
	if (check_letters(&t) && check_braces(&t)) {
		check_entries(&t);
		check_joins(&t);
		check_lead_dot(&t);
		check_comparisons(&t);
		check_words(&t);
		check_commas(&t);
	}
	return problems->errors == t.before;
}
