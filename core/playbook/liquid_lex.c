/* Cuts what stands inside a tag into names, numbers, texts and marks. Called by liquid_expr.c and liquid_tags.c. */
#include "playbook/liquid.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const marks[] = {"..", "==", "!=", "<>", "<=", ">=", ".", "[", "]",
				    "(",  ")",  ",",  ":",  "|",  "=",  "<", ">", NULL};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void liquid_wrong(struct liquid_lexer *lexer, const char *fmt, ...)
{
	if (!lexer->failed) {
		char message[800];
		va_list args;
		va_start(args, fmt);
		vsnprintf(message, sizeof message, fmt, args);
		va_end(args);
		liquid_problem(lexer->liquid->site, lexer->liquid->line, "%s", message);
	}
	lexer->failed = true;
	lexer->kind = LEX_END;
	lexer->text = lexer->rest = (struct str){"", 0};
}

static void take(struct liquid_lexer *lexer, enum liquid_lexeme kind, size_t n)
{
	lexer->kind = kind;
	lexer->text = (struct str){lexer->rest.p, n};
	lexer->rest = (struct str){lexer->rest.p + n, lexer->rest.n - n};
}

static void take_text(struct liquid_lexer *lexer)
{
	const char *end = memchr(lexer->rest.p + 1, *lexer->rest.p, lexer->rest.n - 1);
	if (!end) {
		liquid_wrong(lexer, "a text is never closed: %.*s", (int)(lexer->rest.n > 40 ? 40 : lexer->rest.n),
			     lexer->rest.p);
		return;
	}
	take(lexer, LEX_TEXT, (size_t)(end - lexer->rest.p) + 1);
	lexer->text = (struct str){lexer->text.p + 1, lexer->text.n - 2};
}

static void take_number(struct liquid_lexer *lexer)
{
	const char *p = lexer->rest.p;
	size_t n = *p == '-';
	while (n < lexer->rest.n && is_digit(p[n]))
		n++;
	if (n + 1 < lexer->rest.n && p[n] == '.' && is_digit(p[n + 1]))
		for (n++; n < lexer->rest.n && is_digit(p[n]);)
			n++;
	take(lexer, LEX_NUMBER, n);
}

static void take_mark(struct liquid_lexer *lexer)
{
	for (size_t i = 0; marks[i]; i++) {
		if (str_starts(lexer->rest, str_of(marks[i]))) {
			take(lexer, LEX_MARK, strlen(marks[i]));
			return;
		}
	}
	size_t n = str_utf8_step(lexer->rest.p, lexer->rest.n);
	if (n > 1 && memcmp(lexer->rest.p, "\xe2\x80", 2) == 0)
		liquid_wrong(lexer, "this is a curly quote (%.*s) from a word processor. Type a straight one: \"",
			     (int)n, lexer->rest.p);
	else
		liquid_wrong(lexer, "\"%.*s\" cannot stand here.", (int)(n ? n : 1), n ? lexer->rest.p : "?");
}

void liquid_next(struct liquid_lexer *lexer)
{
	lexer->rest = str_trim(lexer->rest);
	const char *p = lexer->rest.p;
	if (!lexer->rest.n) {
		lexer->kind = LEX_END;
		lexer->text = lexer->rest;
	} else if (is_letter(*p)) {
		size_t n = 1;
		while (n < lexer->rest.n && (is_letter(p[n]) || is_digit(p[n]) || p[n] == '-'))
			n++;
		take(lexer, LEX_NAME, n);
	} else if (is_digit(*p) || (*p == '-' && lexer->rest.n > 1 && is_digit(p[1]))) {
		take_number(lexer);
	} else if (*p == '"' || *p == '\'') {
		take_text(lexer);
	} else {
		take_mark(lexer);
	}
}

void liquid_lex(struct liquid_lexer *lexer, struct liquid *liquid, struct str text)
{
	*lexer = (struct liquid_lexer){.liquid = liquid, .rest = text};
	liquid_next(lexer);
}

bool liquid_take(struct liquid_lexer *lexer, const char *mark)
{
	bool is = (lexer->kind == LEX_MARK || lexer->kind == LEX_NAME) && str_is(lexer->text, mark);
	if (is)
		liquid_next(lexer);
	return is;
}

void liquid_finish(struct liquid_lexer *lexer)
{
	if (!lexer->failed && lexer->kind != LEX_END)
		liquid_wrong(lexer, "\"%.*s\" is too much here.", (int)(lexer->text.n > 40 ? 40 : lexer->text.n),
			     lexer->text.p);
}
