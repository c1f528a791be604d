/* A campaign's report for a terminal: tables that marketing reads, and sentences for what the comparisons say. Says no more than the figures do. */
#include "report/campaign.h"

#include "report/report.h"

#include <math.h>

static const struct report_column steps[] = {
	{"step", "step", REPORT_TEXT},           {"reached", "reached", REPORT_COUNT},     {"sent", "sent", REPORT_COUNT},
	{"under_way", "under way", REPORT_COUNT}, {"held_back", "held back", REPORT_COUNT}, {"opened", "opened", REPORT_COUNT},
	{"clicked", "clicked", REPORT_COUNT},    {"answered", "answered", REPORT_COUNT},   {"left", "left", REPORT_COUNT},
	{"here", "stand here", REPORT_COUNT},    {"parked", "held", REPORT_COUNT},         {0},
};
static const struct report_column why[] = {
	{"step", "step", REPORT_TEXT}, {"state", "held back", REPORT_TEXT}, {"reason", "why", REPORT_TEXT}, {"touches", "contacts", REPORT_COUNT}, {0},
};
static const struct report_column answers[] = {
	{"step", "step", REPORT_TEXT}, {"answer", "answer", REPORT_TEXT}, {"leads", "leads", REPORT_COUNT}, {0},
};
static const struct report_column left_why[] = {
	{"step", "step", REPORT_TEXT}, {"reason", "left because", REPORT_TEXT}, {"leads", "leads", REPORT_COUNT}, {0},
};
static const struct report_column contacts[] = {
	{"step", "step", REPORT_TEXT},       {"kind", "contact", REPORT_TEXT},     {"template", "template", REPORT_TEXT},   {"sent", "sent", REPORT_COUNT},
	{"held_back", "held back", REPORT_COUNT}, {"opened", "opened", REPORT_COUNT}, {"clicked", "clicked", REPORT_COUNT}, {"of", "revisions", REPORT_TEXT}, {0},
};
static const struct report_column groups[] = {
	{"group", "leads", REPORT_TEXT}, {"leads", "how many", REPORT_COUNT}, {"converted", "reached the goal", REPORT_COUNT}, {"share", "of these", REPORT_SHARE},
	{"sure", "95 % sure", REPORT_TEXT}, {0},
};
static const struct report_column revisions[] = {
	{"revision", "revision", REPORT_TEXT}, {"entered", "entered", REPORT_COUNT}, {"since", "from", REPORT_TEXT}, {"until", "to", REPORT_TEXT}, {0},
};

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));
	return text ? text : "";
}

static long long count_of(const json_t *row, const char *key)
{
	return (long long)json_number_value(json_object_get(row, key));
}

/* ---- tables ---- */

static json_t *with(const json_t *row, const char *key, json_t *value)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)row);
	json_object_set_new(copy, key, value);
	return copy;
}

/* The rows of all steps' lists called `key`, each with its step. */
static json_t *rows_of(const json_t *report, const char *key)
{
	json_t *rows = json_array(), *step, *row;
	size_t i, k;
	json_array_foreach(json_object_get(report, "steps"), i, step)
		json_array_foreach(json_object_get(step, key), k, row)
			json_array_append_new(rows, with(row, "step", json_string(text_of(step, "step"))));
	return rows;
}

static void put_table(struct buf *out, const char *title, const struct report_column *columns, json_t *rows)
{
	if (json_array_size(rows)) {
		buf_printf(out, "\n%s\n", title);
		report_table(columns, rows, out);
	}
	json_decref(rows);
}

static json_t *joined(const json_t *revisions_of)
{
	struct buf text = {0};
	size_t i;
	json_t *one;
	json_array_foreach(revisions_of, i, one)
		buf_printf(&text, "%s%.12s", i ? " " : "", json_string_value(one) ? json_string_value(one) : "");
	json_t *out = json_stringn(text.n ? text.p : "", text.n);
	buf_fini(&text);
	return out;
}

static void put_contacts(struct buf *out, const json_t *report)
{
	json_t *rows = rows_of(report, "contacts"), *row;
	size_t i;
	json_array_foreach(rows, i, row)
		json_object_set_new(row, "of", joined(json_object_get(row, "revisions")));
	put_table(out, "Contacts, by template; opened and clicked by people, not by machines", contacts, rows);
}

static json_t *sure(const json_t *interval)
{
	char text[64];
	if (json_array_size(interval) != 2)
		return json_string("-");
	snprintf(text, sizeof text, "%.1f to %.1f %%", json_number_value(json_array_get(interval, 0)) * 100, json_number_value(json_array_get(interval, 1)) * 100);
	return json_string(text);
}

static json_t *group_row(const json_t *group, const char *name)
{
	json_t *row = with(group, "group", json_string(name));
	json_object_set_new(row, "sure", sure(json_object_get(group, "interval")));
	return row;
}

/* ---- what the comparisons say ---- */

static void put_comparison(struct buf *out, const json_t *c, const char *a, const char *b)
{
	const json_t *interval = json_object_get(c, "interval"), *missing = json_object_get(c, "missing");
	if (json_array_size(interval) != 2) {
		buf_printf(out, "%s against %s: not yet known; one of them has no leads.\n", a, b);
		return;
	}
	buf_printf(out, "%s against %s: ", a, b);
	if (!json_is_true(json_object_get(c, "known")))
		buf_puts(out, "not yet known. ");
	buf_printf(out, "%+.1f percentage points (95 %%: %+.1f to %+.1f", json_number_value(json_object_get(c, "difference")) * 100,
		   json_number_value(json_array_get(interval, 0)) * 100, json_number_value(json_array_get(interval, 1)) * 100);
	buf_puts(out, json_is_true(json_object_get(c, "known")) ? ").\n" : ", which holds nought).\n");
	if (json_is_true(json_object_get(c, "known")))
		return;
	if (!json_is_number(missing))
		buf_puts(out, "  Both are alike so far: no sample tells a difference of nothing.\n");
	else if (json_number_value(missing) > 0)
		buf_printf(out, "  To tell a difference as large as this one in eight of ten tries %lld leads are needed in all: %lld more.\n", count_of(c, "needed"),
			   count_of(c, "missing"));
	else
		buf_puts(out, "  There are as many leads as a difference like this usually takes; it is near the edge: wait for more.\n");
}

static void put_goal(struct buf *out, const json_t *report)
{
	static const struct { const char *key, *name; } names[] = {
		{"all", "all who came in"}, {"assigned", "  meant to be contacted"}, {"held_out", "  held out"}, {"touched", "touched (something was sent)"},
	};
	const json_t *goal = json_object_get(report, "goal");
	json_t *rows = json_array();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		json_array_append_new(rows, group_row(json_object_get(goal, names[i].key), names[i].name));
	put_table(out, "The goal", groups, rows);
	if (count_of(json_object_get(goal, "held_out"), "leads"))
		put_comparison(out, json_object_get(goal, "uplift"), "Meant to be contacted", "held out");
	else
		buf_puts(out, "Nobody was held out: what would have happened without the campaign is not yet known.\n");
}

/* Who has no way yet gets what was decided. */
static void put_test(struct buf *out, const json_t *test)
{
	const char *winner = text_of(test, "winner");
	const json_t *numbers = json_object_get(test, "numbers");
	const char *way;
	json_t *count;
	if (!json_is_object(test))
		return;
	if (!json_is_string(json_object_get(test, "decided_at")))
		buf_printf(out, "Winner: not yet known. It is looked for at %s.\n", text_of(test, "look_at"));
	else if (*winner)
		buf_printf(out, "Winner: \"%s\", known at 95 %% since %s. All others get it.\n", winner, text_of(test, "decided_at"));
	else
		buf_printf(out, "Winner: not yet known at %s, when it was looked for. All others get \"%s\".\n", text_of(test, "decided_at"), text_of(test, "first_act"));
	json_object_foreach((json_t *)numbers, way, count)
		buf_printf(out, "  %s: %lld of %lld\n", way, (long long)json_integer_value(json_array_get(count, 1)), (long long)json_integer_value(json_array_get(count, 0)));
	buf_putc(out, '\n');
}

static void put_splits(struct buf *out, const json_t *report)
{
	size_t i, k;
	json_t *split, *row;
	json_array_foreach(json_object_get(report, "splits"), i, split) {
		json_t *rows = json_array();
		struct buf title = {0};
		json_array_foreach(json_object_get(split, "variants"), k, row)
			json_array_append_new(rows, group_row(row, text_of(row, "variant")));
		buf_printf(&title, "Split of step %s", text_of(split, "step"));
		put_table(out, title.p, groups, rows);
		buf_fini(&title);
		json_array_foreach(json_object_get(split, "comparisons"), k, row)
			put_comparison(out, row, text_of(row, "a"), text_of(row, "b"));
		put_test(out, json_object_get(split, "test"));
	}
}

static void put_finished(struct buf *out, const json_t *finished)
{
	const json_t *numbers = json_object_get(finished, "numbers");
	buf_printf(out, "Finished at %s, by revision %.12s: nobody enters any more. %lld had come in by then, %lld had reached the goal, %lld were inside and %s.\n", text_of(finished, "at"),
		   text_of(finished, "revision"), count_of(numbers, "leads"), count_of(numbers, "goals"), count_of(numbers, "inside"),
		   json_is_true(json_object_get(finished, "let_out")) ? "were let out" : "walk to their end");
}

static void put_head(struct buf *out, const json_t *report)
{
	const json_t *held_out = json_object_get(json_object_get(report, "goal"), "held_out");
	const char *title = text_of(report, "title");
	buf_printf(out, "%s%s%s", text_of(report, "campaign"), *title ? ": " : "", title);
	if (!json_is_true(json_object_get(report, "living")))
		buf_printf(out, ": no longer in the active playbook; revision %.12s is the last that leads entered it by", text_of(report, "revision"));
	if (!count_of(report, "leads")) {
		buf_puts(out, "\nNobody has entered it yet.\n");
		return;
	}
	buf_printf(out, "\n%lld came in from %.10s to %.10s, %lld of them held out; %lld are in it now", count_of(report, "leads"), text_of(report, "first_entered_at"),
		   text_of(report, "last_entered_at"), count_of(held_out, "leads"), count_of(report, "inside"));
	if (count_of(report, "parked"))
		buf_printf(out, ", and %lld of these are held (nurture trace says why)", count_of(report, "parked"));
	buf_puts(out, ".\n");
	if (json_is_object(json_object_get(report, "finished")))
		put_finished(out, json_object_get(report, "finished"));
}

void report_campaign_text(const json_t *report, struct buf *out)
{
	put_head(out, report);
	if (!count_of(report, "leads"))
		return;
	put_table(out, "Steps", steps, json_incref(json_object_get(report, "steps")));
	put_contacts(out, report);
	put_table(out, "Held back, and why", why, rows_of(report, "why"));
	put_table(out, "Answers", answers, rows_of(report, "answers"));
	put_table(out, "Left, and why", left_why, rows_of(report, "left_why"));
	put_goal(out, report);
	put_splits(out, report);
	if (json_array_size(json_object_get(report, "revisions")) > 1)
		put_table(out, "Entered by revision", revisions, json_incref(json_object_get(report, "revisions")));
}
