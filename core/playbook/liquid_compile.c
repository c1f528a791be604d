/* The compiler's paper: Lua lines, the literals they name, and how an output is printed in each context. Called by
 * template*.c; the tags are in liquid_tags.c, expressions in liquid_expr.c. */
#include "playbook/liquid.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void liquid_begin(struct liquid *liquid, struct liquid_site *site, struct arena *arena)
{
	*liquid = (struct liquid){.site = site, .arena = arena, .next_id = 1};
	/* The words that a text is full of are locals: a global is looked up by its name each time. */
	liquid_emit(liquid, "local a,t,e,o,eL,oL,L,link,mark,url,drop,w_open,w_close,w_link={},t,e,o,eL,oL,L,link,mark,url,drop,w_open,w_close,w_link");
}

static void add_line(struct liquid *liquid, const char *fmt, va_list args)
{
	int *line = arena_push(liquid->arena, &liquid->lines, liquid->line_count, &liquid->line_room, sizeof *line);
	*line = liquid->line;
	liquid->line_count++;
	liquid->call = 0;
	buf_vprintf(&liquid->lua, fmt, args);
	buf_putc(&liquid->lua, '\n');
}

__attribute__((format(printf, 2, 3))) static void put_line(struct liquid *liquid, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	add_line(liquid, fmt, args);
	va_end(args);
}

size_t liquid_keep(struct liquid *liquid, struct str text)
{
	struct str *literal = arena_push(liquid->arena, &liquid->literals, liquid->literal_count, &liquid->literal_room,
					 sizeof *literal);
	*literal = arena_str(liquid->arena, text);
	return liquid->literal_count++;
}

static void flush(struct liquid *liquid)
{
	if (!liquid->pending.n)
		return;
	size_t number = liquid_keep(liquid, buf_str(&liquid->pending));
	buf_clear(&liquid->pending);
	if (!liquid->call) {
		put_line(liquid, "t(%zu)", number);
		return;
	}
	bool alone = liquid->lua.p[liquid->call - 1] == '(';
	liquid->lua.n = liquid->call;
	buf_printf(&liquid->lua, alone ? "%zu)\n" : ",%zu)\n", number);
	liquid->call = 0;
}

void liquid_literal(struct liquid *liquid, struct str text)
{
	buf_put(&liquid->pending, text.p, text.n);
}

void liquid_emit(struct liquid *liquid, const char *fmt, ...)
{
	va_list args;
	flush(liquid);
	va_start(args, fmt);
	add_line(liquid, fmt, args);
	va_end(args);
}

void liquid_call(struct liquid *liquid, const char *fmt, ...)
{
	va_list args;
	flush(liquid);
	va_start(args, fmt);
	add_line(liquid, fmt, args);
	va_end(args);
	liquid->call = liquid->lua.n - strlen(")\n");
}

/* The last filter decides what needs no more escaping. */
struct printer {
	const char *filter; /* "" = any */
	enum liquid_context context;
	const char *function; /* of liquid_run.c */
	bool without;         /* the filter is left out */
};
static const struct printer printers[] = {
	{"escape", LIQUID_HTML, "o", false},
	{"escape_once", LIQUID_HTML, "o", false},
	{"newline_to_br", LIQUID_HTML, "eb", false},
	{"escape", LIQUID_PROSE, "o", true},
	{"escape_once", LIQUID_PROSE, "o", true},
	{"newline_to_br", LIQUID_PROSE, "o", true},
	{"url_encode", LIQUID_URL, "o", false},
	{"", LIQUID_PLAIN, "o", false},
	{"", LIQUID_PROSE, "o", false},
	{"", LIQUID_HTML, "e", false},
	{"", LIQUID_URL, "q", false},
};

static const struct printer *printer_of(struct str last_filter, enum liquid_context context)
{
	const struct printer *printer = printers;
	while (printer->context != context || (printer->filter[0] && !str_is(last_filter, printer->filter)))
		printer++;
	return printer;
}

/* Prints value, the Lua of what stands in the braces. A filter without values wraps it as f_NAME(…). */
static void emit_output(struct liquid *liquid, const struct printer *printer, struct str value)
{
	size_t n = strlen(printer->filter) + 3;
	if (printer->without && value.n > n)
		value = (struct str){value.p + n, value.n - n - 1};
	bool field = str_starts(value, STR("L(")) &&
		     (size_t)((const char *)memchr(value.p, ')', value.n) - value.p) == value.n - 1;
	if (field && strlen(printer->function) == 1) /* a field of the lead alone: printed without a stop in Lua */
		liquid_call(liquid, "%sL%.*s", printer->function, (int)value.n - 1, value.p + 1);
	else
		liquid_call(liquid, "%s(%.*s)", printer->function, STR_ARG(value));
}

void liquid_output(struct liquid *liquid, const struct liquid_token *token, enum liquid_context context)
{
	struct liquid_lexer lexer;
	struct buf value = {0};
	struct str last = {"", 0};
	liquid->line = token->line;
	liquid_lex(&lexer, liquid, token->text);
	if (lexer.kind == LEX_END)
		liquid_wrong(&lexer, "{{ }} is empty. Name what to print, like {{ lead.first_name }}.");
	else
		liquid_filtered(&lexer, &value, &last);
	liquid_finish(&lexer);
	if (!lexer.failed)
		emit_output(liquid, printer_of(last, context), buf_str(&value));
	buf_fini(&value);
}

static void literal_in(struct liquid *liquid, struct str text, enum liquid_context context)
{
	struct buf escaped = {0};
	if (context == LIQUID_HTML)
		liquid_put_html(&escaped, text);
	liquid_literal(liquid, context == LIQUID_HTML ? buf_str(&escaped) : text);
	buf_fini(&escaped);
}

void liquid_document(struct liquid *liquid, const struct liquid_token *tokens, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (tokens[i].kind == LIQUID_TEXT)
			liquid_literal(liquid, tokens[i].text);
		else if (tokens[i].kind == LIQUID_OUTPUT)
			liquid_output(liquid, &tokens[i], LIQUID_HTML);
		else
			liquid_tag(liquid, &tokens[i]);
	}
}

void liquid_all(struct liquid *liquid, const struct liquid_token *tokens, size_t count, enum liquid_context context)
{
	for (size_t i = 0; i < count; i++) {
		if (tokens[i].kind == LIQUID_TEXT)
			literal_in(liquid, tokens[i].text, context);
		else if (tokens[i].kind == LIQUID_OUTPUT)
			liquid_output(liquid, &tokens[i], context);
		else
			liquid_tag(liquid, &tokens[i]);
	}
}

void liquid_end(struct liquid *liquid, struct liquid_code *out)
{
	while (liquid->depth) {
		const struct liquid_block *open = &liquid->blocks[--liquid->depth];
		liquid_problem(liquid->site, open->line, "{%% %s %%} is never closed: write {%% end%s %%} after it.",
			       open->tag, open->tag);
	}
	flush(liquid);
	*out = (struct liquid_code){
		.lua = arena_str(liquid->arena, buf_str(&liquid->lua)),
		.literals = liquid->literals,
		.literal_count = liquid->literal_count,
		.lines = liquid->lines,
		.line_count = liquid->line_count,
	};
	buf_fini(&liquid->lua);
	buf_fini(&liquid->pending);
}
