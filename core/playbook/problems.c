/* What a check found: gathered by all parts of the room, sorted by file and line, shown twenty at a time. Errors keep a
 * playbook from being published, notes do not. Texts live in the arena that the caller gave. */
#include "playbook/playbook.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHOWN_MOST = 20, REMEMBERED = 200 };

static char *text_of(struct arena *arena, const char *fmt, va_list args)
{
	struct buf text = {0};
	buf_vprintf(&text, fmt, args);
	char *copy = arena_dup_n(arena, text.p, text.n);
	buf_fini(&text);
	return copy;
}

static bool said_already(const struct problems *problems, const struct problem *p)
{
	for (size_t i = problems->count > REMEMBERED ? problems->count - REMEMBERED : 0; i < problems->count; i++) {
		const struct problem *o = &problems->items[i];
		if (o->at.line == p->at.line && strcmp(o->at.file, p->at.file) == 0 &&
		    strcmp(o->message, p->message) == 0 && strcmp(o->context, p->context) == 0)
			return true;
	}
	return false;
}

void problems_add(struct problems *problems, enum problem_kind kind, struct place at, const char *context,
		  const char *fmt, ...)
{
	va_list args;
	if (kind == PROBLEM_JUDGED && !problems->published)
		kind = PROBLEM_ERROR;
	struct problem problem = {.kind = kind, .at = {.line = at.line}};
	problem.at.file = arena_dup(problems->arena, at.file ? at.file : "");
	problem.context = arena_dup(problems->arena, context ? context : "");
	va_start(args, fmt);
	problem.message = text_of(problems->arena, fmt, args);
	va_end(args);
	if (said_already(problems, &problem))
		return;
	struct problem *entry =
		arena_push(problems->arena, &problems->items, problems->count, &problems->room, sizeof *entry);
	*entry = problem;
	problems->count++;
	problems->errors += kind == PROBLEM_ERROR;
	problems->judged += kind == PROBLEM_JUDGED;
}

static int compare(const void *pa, const void *pb)
{
	const struct problem *a = pa, *b = pb;
	int order = strcmp(a->at.file, b->at.file);
	if (order)
		return order;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	return strcmp(a->message, b->message);
}

void problems_sort(struct problems *problems)
{
	if (problems->count)
		qsort(problems->items, problems->count, sizeof *problems->items, compare);
}

const struct problem *problems_first_error(const struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		if (problems->items[i].kind == PROBLEM_ERROR)
			return &problems->items[i];
	return NULL;
}

static void put_problem(struct buf *out, const struct problem *p)
{
	if (p->at.file[0] && p->at.line > 0)
		buf_printf(out, "%s:%d: ", p->at.file, p->at.line);
	else if (p->at.file[0])
		buf_printf(out, "%s: ", p->at.file);
	if (p->context[0])
		buf_printf(out, "%s: ", p->context);
	buf_printf(out, "%s%s\n", p->kind == PROBLEM_NOTE ? "note: " : "", p->message);
}

char *problems_text(const struct problems *problems)
{
	struct buf out = {0};
	for (size_t i = 0; i < problems->count && i < SHOWN_MOST; i++)
		put_problem(&out, &problems->items[i]);
	if (problems->count > SHOWN_MOST)
		buf_printf(&out, "and %zu more\n", problems->count - SHOWN_MOST);
	return buf_take(&out);
}
