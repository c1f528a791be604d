/* Where the names of a text of data stand, so that what is wrong with one can be told with its line. It reads the text as Lua would read names, braces,
 * texts and comments, and nothing else; Lua itself has read it before, so what does not fit is passed over. Pure. */
#include "base/luadata.h"

#include <ctype.h>
#include <stdio.h>

enum { DEPTH = 16, NAME = 100, PATH_ROOM = 512 };

struct scan {
	const char *p, *end;
	int line;
	char names[DEPTH][NAME]; /* by which name the braces that are open were opened; "" = by none */
	int depth;
	char name[NAME];         /* of the value that comes next; "" = none */
	json_t *lines;
};

static int peek(const struct scan *s, int ahead)
{
	return s->end - s->p > ahead ? (unsigned char)s->p[ahead] : -1;
}

static void step(struct scan *s)
{
	s->line += *s->p++ == '\n';
}

/* "[[" or "[=[" at p: how many "=", or -1. */
static int long_level(const struct scan *s)
{
	int n = 1;
	while (peek(s, n) == '=')
		n++;
	return peek(s, 0) == '[' && peek(s, n) == '[' ? n - 1 : -1;
}

static bool closes(const struct scan *s, int level)
{
	for (int i = 0; i < level; i++)
		if (peek(s, 1 + i) != '=')
			return false;
	return peek(s, 0) == ']' && peek(s, 1 + level) == ']';
}

static void pass_long(struct scan *s, int level)
{
	while (s->p < s->end && !closes(s, level))
		step(s);
	for (int i = 0; i < level + 2 && s->p < s->end; i++)
		step(s);
}

static void pass_comment(struct scan *s)
{
	s->p += 2;
	int level = long_level(s);
	if (level >= 0)
		pass_long(s, level);
	else
		while (s->p < s->end && *s->p != '\n')
			step(s);
}

/* A text in quotes; its letters into out. */
static void pass_text(struct scan *s, char out[NAME])
{
	char quote = *s->p++;
	size_t n = 0;
	for (; s->p < s->end && *s->p != quote && *s->p != '\n'; step(s)) {
		if (*s->p == '\\' && peek(s, 1) >= 0)
			s->p++;
		if (n < NAME - 1)
			out[n++] = *s->p;
	}
	out[n] = '\0';
	if (s->p < s->end && *s->p == quote)
		s->p++;
}

static void pass_space(struct scan *s)
{
	while (s->p < s->end && (isspace((unsigned char)*s->p) || (*s->p == '-' && peek(s, 1) == '-')))
		*s->p == '-' ? pass_comment(s) : step(s);
}

/* A word was read, or a text in [ ]: a name when "=" follows. */
static void name_it(struct scan *s, const char *word, int line)
{
	char path[PATH_ROOM] = "";
	size_t n = 0;
	pass_space(s);
	if (peek(s, 0) != '=' || peek(s, 1) == '=')
		return;
	s->p++;
	snprintf(s->name, NAME, "%s", word);
	for (int i = 0; i <= s->depth && n < sizeof path; i++) {
		const char *part = i < s->depth ? s->names[i] : word;
		if (part[0])
			n += (size_t)snprintf(path + n, sizeof path - n, "%s%s", n ? "." : "", part);
	}
	json_object_set_new(s->lines, path, json_integer(line));
}

static void read_word(struct scan *s)
{
	char word[NAME];
	size_t n = 0;
	int line = s->line;
	while (s->p < s->end && (isalnum((unsigned char)*s->p) || *s->p == '_')) {
		if (n < NAME - 1)
			word[n++] = *s->p;
		s->p++;
	}
	word[n] = '\0';
	name_it(s, word, line);
}

static void read_bracket(struct scan *s)
{
	char word[NAME] = "";
	int line = s->line;
	s->p++;
	pass_space(s);
	if (peek(s, 0) != '"' && peek(s, 0) != '\'')
		return;
	pass_text(s, word);
	pass_space(s);
	if (peek(s, 0) != ']')
		return;
	s->p++;
	name_it(s, word, line);
}

static void open_brace(struct scan *s)
{
	if (s->depth < DEPTH)
		snprintf(s->names[s->depth], NAME, "%s", s->name);
	s->depth += s->depth < DEPTH;
	s->name[0] = '\0';
	s->p++;
}

json_t *luadata_lines(struct str text)
{
	struct scan s = {.p = text.p, .end = text.p + text.n, .line = 1, .lines = json_object()};
	char ignored[NAME];
	while (pass_space(&s), s.p < s.end) {
		int level = long_level(&s);
		if (*s.p == '{') {
			open_brace(&s);
		} else if (*s.p == '}') {
			s.depth -= s.depth > 0;
			s.p++;
		} else if (*s.p == '"' || *s.p == '\'') {
			pass_text(&s, ignored);
		} else if (level >= 0) {
			pass_long(&s, level);
		} else if (*s.p == '[') {
			read_bracket(&s);
		} else if (isalnum((unsigned char)*s.p) || *s.p == '_') {
			read_word(&s);
		} else {
			s.name[0] = '\0';
			s.p++;
		}
	}
	return s.lines;
}
