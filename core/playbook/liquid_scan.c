/* Cuts a template into texts, outputs {{ }} and tags {% %}. Knows white space control, comment, raw and # comments;
 * says where something is never closed. Called by template.c for each field; never looks into a tag beyond its first
 * word. */
#include "playbook/liquid.h"

#include <stdarg.h>
#include <stdio.h>

struct scanner {
	struct liquid_site *site;
	struct str source;
	size_t at;
	int line;
	bool trim_next; /* the tag before ended with - */
	struct arena *arena;
	struct liquid_tokens *out;
};

void liquid_judge(struct liquid_site *site, int line, const char *fmt, ...)
{
	char message[900];
	va_list args;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	site->errors += !(site->problems && site->problems->published);
	if (site->problems)
		problems_add(site->problems, PROBLEM_JUDGED, (struct place){site->file, line}, site->context, "%s", message);
}

void liquid_problem(struct liquid_site *site, int line, const char *fmt, ...)
{
	char message[900];
	va_list args;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	site->errors++;
	if (site->problems)
		problems_add(site->problems, PROBLEM_ERROR, (struct place){site->file, line}, site->context, "%s",
			     message);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct str trim_end(struct str s)
{
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static int count_lines(struct str s)
{
	int lines = 0;
	for (const char *p = s.p, *end = s.p + s.n; s.n && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		lines++;
	return lines;
}

static struct liquid_token *add(struct scanner *scanner, enum liquid_kind kind, struct str text)
{
	struct liquid_tokens *out = scanner->out;
	struct liquid_token *token = arena_push(scanner->arena, &out->items, out->count, &out->room, sizeof *token);
	*token = (struct liquid_token){.kind = kind, .line = scanner->line, .text = text};
	out->count++;
	return token;
}

/* Text up to `end`; trimmed on the left when the tag before asked, on the right when the next does. */
static void add_text(struct scanner *scanner, size_t end, bool trim_right)
{
	struct str text = {scanner->source.p + scanner->at, end - scanner->at};
	struct str kept = trim_right ? trim_end(text) : text;
	int lines = count_lines(text);
	while (scanner->trim_next && kept.n && is_space(*kept.p)) {
		scanner->line += *kept.p == '\n';
		lines -= *kept.p == '\n';
		kept.p++, kept.n--;
	}
	if (kept.n)
		add(scanner, LIQUID_TEXT, kept);
	scanner->line += lines;
	scanner->at = end;
}

static size_t find(const struct scanner *scanner, size_t from, const char *what)
{
	if (from > scanner->source.n)
		return SIZE_MAX;
	const char *hit = memmem(scanner->source.p + from, scanner->source.n - from, what, strlen(what));
	return hit ? (size_t)(hit - scanner->source.p) : SIZE_MAX;
}

/* The first {{ or {% from `from` on. */
static size_t find_open(const struct scanner *scanner, size_t from)
{
	for (size_t i = from; i + 1 < scanner->source.n; i++) {
		const char *brace = memchr(scanner->source.p + i, '{', scanner->source.n - 1 - i);
		if (!brace)
			break;
		i = (size_t)(brace - scanner->source.p);
		if (brace[1] == '{' || brace[1] == '%')
			return i;
	}
	return SIZE_MAX;
}

/* Where the tag at `from` closes; texts in quotes may hold the closing braces. */
static size_t find_close(const struct scanner *scanner, size_t from, const char *close)
{
	char quote = 0;
	const char *p = scanner->source.p;
	for (size_t i = from; i + 1 < scanner->source.n; i++) {
		if (quote)
			quote = p[i] == quote ? 0 : quote;
		else if (p[i] == close[0] && p[i + 1] == close[1])
			return i;
		else if (p[i] == '"' || p[i] == '\'')
			quote = p[i];
	}
	return find(scanner, from, close); /* an apostrophe that is no quote: in a comment, or wrong and said later */
}

static struct str first_word(struct str s)
{
	size_t n = 0;
	if (s.n && *s.p == '#')
		return (struct str){s.p, 1};
	while (n < s.n && !is_space(s.p[n]) && s.p[n] != ':')
		n++;
	return (struct str){s.p, n};
}

struct braces {
	size_t start, inside, inside_end, end;
	bool trim_left, trim_right;
};

static bool read_braces(struct scanner *scanner, size_t open, struct braces *out)
{
	const char *p = scanner->source.p;
	const char *close = p[open + 1] == '{' ? "}}" : "%}";
	bool dash = open + 2 < scanner->source.n && p[open + 2] == '-';
	size_t inside = open + 2 + dash, at = find_close(scanner, inside, close);
	if (at == SIZE_MAX)
		return false;
	bool dash_end = at > inside && p[at - 1] == '-';
	*out = (struct braces){open, inside, at - dash_end, at + 2, dash, dash_end};
	return true;
}

/* From the end of {% raw %} or {% comment %} on: where its end tag stands. */
static bool find_end_tag(struct scanner *scanner, const char *word, struct braces *out)
{
	for (size_t open = find(scanner, scanner->at, "{%"); open != SIZE_MAX; open = find(scanner, open + 2, "{%")) {
		if (!read_braces(scanner, open, out))
			return false;
		struct str inside =
			str_trim((struct str){scanner->source.p + out->inside, out->inside_end - out->inside});
		if (str_is(first_word(inside), word))
			return true;
	}
	return false;
}

static bool skip_body(struct scanner *scanner, const char *word, bool keep)
{
	struct braces end;
	char end_word[16];
	snprintf(end_word, sizeof end_word, "end%s", word);
	if (!find_end_tag(scanner, end_word, &end)) {
		liquid_problem(scanner->site, scanner->line, "{%% %s %%} is never closed: write {%% %s %%} after it.",
			       word, end_word);
		return false;
	}
	if (keep)
		add_text(scanner, end.start, end.trim_left);
	scanner->line += count_lines((struct str){scanner->source.p + scanner->at, end.end - scanner->at});
	scanner->at = end.end;
	scanner->trim_next = end.trim_right;
	return true;
}

static bool add_braces(struct scanner *scanner, const struct braces *braces)
{
	struct str inside =
		str_trim((struct str){scanner->source.p + braces->inside, braces->inside_end - braces->inside});
	bool output = scanner->source.p[braces->start + 1] == '{';
	struct str word = output ? (struct str){"", 0} : first_word(inside);
	int lines = count_lines((struct str){scanner->source.p + braces->start, braces->end - braces->start});
	scanner->at = braces->end;
	scanner->trim_next = braces->trim_right;
	bool raw = str_is(word, "raw"), comment = str_is(word, "comment");
	if (raw || comment) {
		scanner->line += lines;
		return skip_body(scanner, raw ? "raw" : "comment", raw);
	}
	if (!str_is(word, "#"))
		add(scanner, output ? LIQUID_OUTPUT : LIQUID_TAG, inside)->word = word;
	scanner->line += lines;
	return true;
}

void liquid_scan(struct liquid_site *site, struct str source, int line, struct arena *arena, struct liquid_tokens *out)
{
	struct scanner scanner = {.site = site, .source = source, .line = line, .arena = arena, .out = out};
	*out = (struct liquid_tokens){0};
	for (;;) {
		size_t open = find_open(&scanner, scanner.at);
		struct braces braces;
		if (open == SIZE_MAX) {
			add_text(&scanner, source.n, false);
			return;
		}
		bool closed = read_braces(&scanner, open, &braces);
		add_text(&scanner, open, closed && braces.trim_left);
		if (!closed) {
			liquid_problem(site, scanner.line, "%.2s is never closed.", source.p + open);
			return;
		}
		if (!add_braces(&scanner, &braces))
			return;
	}
}
