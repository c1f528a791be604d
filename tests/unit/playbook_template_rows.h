/* One mail from a text: what its HTML or its plain text becomes, row by row. */
#ifndef NURTURE_TESTS_PLAYBOOK_TEMPLATE_ROWS_H
#define NURTURE_TESTS_PLAYBOOK_TEMPLATE_ROWS_H

#include "unit/check_main.h"
#include "unit/playbook_template_kit.h"

static struct kit kit;

#define SUBJECT "---\nsubject: S\n---\n"

static void load(const char *source)
{
	kit_begin(&kit);
	kit_add(&kit, "templates/email/t.md", source);
	kit_load(&kit);
}

/* What stands between the frame of the document and the footer, with the styles left out. */
static const char *body_of(const char *html)
{
	const char *from = strstr(html, "color:#111827;\">\n"), *to = strstr(html, "</td></tr>");
	ck_assert_ptr_nonnull(from);
	from = strchr(from, '\n') + 1;
	char *out = arena_dup_n(kit.arena, from, (size_t)(to - from)), *w = out;
	for (char *p = out; *p;) {
		char *end = strncmp(p, " style=\"", 8) == 0 ? strchr(p + 8, '"') : NULL;
		if (end)
			p = end + 1;
		else
			*w++ = *p++;
	}
	*w = '\0';
	return out;
}

static const char *html(const char *source, const char *data)
{
	char *whole = NULL;
	ck_assert_int_ge(asprintf(&whole, SUBJECT "%s", source), 0);
	load(whole);
	ck_assert_msg(kit.problems.count == 0, "%s\n%s", source, kit_problems(&kit));
	kit.touch.data = data ? str_of(data) : STR("");
	const char *text = kit_render(&kit, "email", "html");
	ck_assert_msg(text != NULL, "%s: %s %s", source, kit.error.where, kit.error.message);
	free(whole);
	return body_of(text);
}

static const char *field(const char *name)
{
	for (size_t i = 0; i < kit.out.count; i++)
		if (strcmp(kit.out.items[i].name, name) == 0)
			return kit.out.items[i].value.p;
	return "(none)";
}

struct row {
	const char *source, *result;
};

static void check_rows(const struct row *rows, size_t count, const char *name, const char *data)
{
	for (size_t i = 0; i < count; i++) {
		const char *got = html(rows[i].source, data);
		if (strcmp(name, "text") == 0) {
			char *text = arena_dup(kit.arena, field("text"));
			char *footer = strstr(text, "\n--\nAcme");
			ck_assert_ptr_nonnull(footer);
			*footer = '\0';
			got = text;
		}
		ck_assert_msg(strcmp(got, rows[i].result) == 0, "%s\n  gave: %s\n  not:  %s", rows[i].source, got,
			      rows[i].result);
		kit_end(&kit);
	}
}
#define CHECK_ROWS(rows, name, data) check_rows(rows, sizeof(rows) / sizeof *(rows), name, data)

#endif
