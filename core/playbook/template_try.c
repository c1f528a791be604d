/* Every template of e-mails and letters written once for a lead of whom nothing is known, and once for one whose texts are filled in: what comes out empty, too long or too large is seen
 * before it is sent. Called by playbook_try, when a playbook is checked; never by workers. What fails for everybody is an error, what may be meant is a note. */
#include "playbook/template_parts.h"
#include "playbook/template_store.h"
#include "playbook/text.h"

#include <stdarg.h>
#include <stdio.h>

enum { SUBJECT_LONG = 150, HTML_LARGE = 100 * 1024 };

struct trying {
	struct playbook *playbook;
	struct problems *problems;
	struct arena *arena;
	struct template_entry *entry;
	struct str kind, name;
	const char *then; /* what becomes of one that says nothing */
};

/* How one rendering came out. */
struct came_out {
	bool failed, no_subject, no_words;
	size_t subject, html;
	struct error error;
};

__attribute__((format(printf, 3, 4))) static void tell(const struct trying *t, enum problem_kind kind, const char *fmt, ...)
{
	char message[900];
	va_list args;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	problems_add(t->problems, kind, (struct place){t->entry->file, 1}, arena_printf(t->problems->arena, "template \"%.*s\"", STR_ARG(t->name)), "%s", message);
}

static int no_points(void *arg, int model)
{
	(void)arg;
	(void)model;
	return 0;
}

/* A print house that has the data file alone may print its own words around text1 to text5. */
static bool is_words(const struct trying *t, const char *field)
{
	return str_is(t->kind, "letter") ? strcmp(field, "html") == 0 || (strncmp(field, "text", 4) == 0 && field[4]) : strcmp(field, "text") == 0;
}

static struct came_out write_for(const struct trying *t, struct value *fields)
{
	struct lead lead = {.id = 64, .fields = fields};
	struct touch touch = {.kind = t->kind, .template_name = t->name, .purpose = STR("marketing"), .campaign = {"", 0}, .step = {"", 0}, .data = {"", 0}};
	struct template_input input = {.view = {.lead = &lead, .score = no_points, .now = 1800000000 * MOMENT_SECOND}, .touch = &touch, .public_url = "https://example.com"};
	struct template_fields out;
	struct came_out result = {.no_words = true};
	if (playbook_render(t->playbook, touch.kind, t->name, &input, t->arena, &out, &result.error)) {
		result.failed = true;
		result.no_words = false;
		return result;
	}
	for (size_t i = 0; i < out.count; i++) {
		struct str value = str_trim(out.items[i].value);
		if (strcmp(out.items[i].name, "subject") == 0)
			result.subject = text_length(value), result.no_subject = !value.n;
		else if (strcmp(out.items[i].name, "html") == 0)
			result.html = value.n;
		if (value.n && is_words(t, out.items[i].name))
			result.no_words = false;
	}
	return result;
}

static struct value *filled(const struct trying *t)
{
	const struct schema *schema = &t->playbook->schema;
	struct value *fields = arena_array(t->arena, schema->lead_count + 1, sizeof *fields);
	for (size_t i = 0; i < schema->lead_count; i++)
		if (schema->lead[i].type == FIELD_TEXT)
			fields[i] = (struct value){.type = VALUE_TEXT, .text = STR("Something")};
	return fields;
}

static void judge_words(const struct trying *t, const struct came_out *empty, const struct came_out *known)
{
	if (known->no_words && empty->no_words && !known->failed && t->entry->branches)
		tell(t, PROBLEM_NOTE, "it says nothing to two leads that were made up: where none of its ifs holds, %s. Write an {%% else %%}.", t->then);
	else if (known->no_words && empty->no_words && !known->failed)
		tell(t, PROBLEM_ERROR, "it says nothing: no words come out of it, and %s.", t->then);
	else if (empty->no_words && !empty->failed)
		tell(t, PROBLEM_NOTE, "it says nothing to a lead of whom nothing is known: no words come out, and %s.", t->then);
}

static void judge_mail(const struct trying *t, const struct came_out *empty, const struct came_out *known)
{
	if (known->no_subject && empty->no_subject)
		tell(t, PROBLEM_ERROR, "its subject comes out empty.");
	else if (empty->no_subject)
		tell(t, PROBLEM_NOTE, "its subject comes out empty for a lead of whom nothing is known. A filter helps: | default: \"…\".");
	if (known->subject > SUBJECT_LONG || empty->subject > SUBJECT_LONG)
		tell(t, PROBLEM_NOTE, "its subject has %zu characters; inboxes show the first 40 to 70.", known->subject > empty->subject ? known->subject : empty->subject);
	if (known->html > HTML_LARGE)
		tell(t, PROBLEM_NOTE, "its HTML has %zu KB: Gmail cuts off what is behind 102 KB, and with it the unsubscribe link.", known->html / 1024);
	if (empty->failed && known->failed)
		tell(t, PROBLEM_NOTE, "it could not be written for a lead that was made up: %s", known->error.message);
}

static void try_one(struct trying *t)
{
	struct str key = t->name;
	t->kind = str_cut(&key, '/');
	t->name = key;
	t->then = str_is(t->kind, "letter") ? "such a letter is not printed" : "such a mail is not sent";
	t->arena = arena_new();
	struct came_out empty = write_for(t, arena_array(t->arena, t->playbook->schema.lead_count + 1, sizeof(struct value)));
	struct came_out known = write_for(t, filled(t));
	judge_words(t, &empty, &known);
	if (str_is(t->kind, "email"))
		judge_mail(t, &empty, &known);
	arena_free(t->arena);
}

void templates_try(struct playbook *playbook, struct problems *problems)
{
	struct trying t = {.playbook = playbook, .problems = problems};
	size_t cursor = 0;
	struct str key;
	void *entry;
	while (playbook->templates && map_next(playbook->templates->by_name, &cursor, &key, &entry)) {
		if (!str_starts(key, STR("email/")) && !str_starts(key, STR("letter/")))
			continue;
		t.entry = entry;
		t.name = key;
		try_one(&t);
	}
}
