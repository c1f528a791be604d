/* The table of reports, and rows made readable. */
#include "report/report.h"

#include "base/mem.h"

#include <stdlib.h>

static const struct report_column grades[] = {
	{"name", "grades", REPORT_TEXT},        {"grade", "grade", REPORT_TEXT},          {"band", "band", REPORT_TEXT},
	{"leads", "leads", REPORT_COUNT},       {"share", "of all", REPORT_SHARE},        {"converted", "converted", REPORT_COUNT},
	{"rate", "of these", REPORT_SHARE},     {0},
};
static const struct report_column touches[] = {
	{"channel", "channel", REPORT_TEXT}, {"template", "template", REPORT_TEXT}, {"state", "state", REPORT_TEXT},
	{"reason", "reason", REPORT_TEXT},   {"touches", "touches", REPORT_COUNT},  {0},
};
static const struct report_column campaigns[] = {
	{"campaign", "campaign", REPORT_TEXT},     {"living", "in the playbook", REPORT_TEXT},  {"leads", "came in", REPORT_COUNT},
	{"inside", "in it now", REPORT_COUNT},     {"goals", "reached the goal", REPORT_COUNT}, {"share", "of those meant", REPORT_SHARE},
	{"held_out", "held out", REPORT_COUNT},    {"held_out_share", "of these", REPORT_SHARE}, {"last_entered_at", "last came in", REPORT_TEXT}, {0},
};
static const struct report_column stages[] = {
	{"stage", "stage", REPORT_TEXT}, {"leads", "leads", REPORT_COUNT}, {"share", "of all", REPORT_SHARE}, {0},
};
static const struct report_column returns[] = {
	{"day", "day (UTC)", REPORT_TEXT}, {"channel", "channel", REPORT_TEXT}, {"kind", "what came back", REPORT_TEXT}, {"answer", "what became of it", REPORT_TEXT},
	{"count", "times", REPORT_COUNT},  {0},
};
static const struct report_column letters[] = {
	{"job", "job", REPORT_TEXT},           {"campaign", "campaign", REPORT_TEXT}, {"step", "step", REPORT_TEXT},   {"sent_on", "sent on", REPORT_TEXT}, {"letters", "letters", REPORT_COUNT},
	{"returned", "came back", REPORT_COUNT}, {"answered", "answered", REPORT_COUNT}, {"share", "of all", REPORT_SHARE}, {"value", "value", REPORT_COUNT}, {0},
};

const struct report reports[] = {
	{"grades", "Leads by grade, and what part of each converted", grades},
	{"stages", "Leads by stage", stages},
	{"touches", "Touches by template and what became of them", touches},
	{"returns", "What came back by mailbox and provider, by day: bounces, complaints, answers", returns},
	{"letters", "Letters by job, campaign and step, and who answered them (with costs: nurture mail report)", letters},
	{"campaigns", "All campaigns, living and gone, and what part of their leads reached the goal", campaigns},
	{0},
};

const struct report *report_find(struct str name)
{
	for (const struct report *report = reports; report->name; report++)
		if (str_is(name, report->name))
			return report;
	return NULL;
}

/* Data may not steer the terminal. */
static void put_text(struct buf *out, struct str text)
{
	for (size_t i = 0, step; i < text.n; i += step ? step : 1) {
		step = str_utf8_step(text.p + i, text.n - i);
		if (str_is_shown(text.p + i, step))
			buf_put(out, text.p + i, step);
		else
			buf_puts(out, text.p[i] == '\n' || text.p[i] == '\t' ? " " : "\xef\xbf\xbd"); /* U+FFFD */
	}
}

static void put_cell(const struct report_column *column, json_t *value, struct buf *out)
{
	if (!value || json_is_null(value))
		buf_puts(out, "-");
	else if (column->kind == REPORT_SHARE)
		buf_printf(out, "%.1f %%", json_number_value(value) * 100);
	else if (json_is_integer(value))
		buf_printf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		buf_printf(out, "%.4g", json_real_value(value));
	else if (json_is_boolean(value))
		buf_puts(out, json_is_true(value) ? "yes" : "no");
	else if (json_is_string(value))
		put_text(out, (struct str){json_string_value(value), json_string_length(value)});
}

static void put_padded(struct buf *out, struct str text, size_t width, bool right)
{
	size_t length = str_utf8_length(text);
	int pad = length < width ? (int)(width - length) : 0;
	if (right)
		buf_printf(out, "%*s%.*s", pad, "", STR_ARG(text));
	else
		buf_printf(out, "%.*s%*s", STR_ARG(text), pad, "");
}

static bool is_right(const struct report_column *column)
{
	return column->kind == REPORT_COUNT || column->kind == REPORT_SHARE || column->kind == REPORT_NUMBER;
}

static void put_line(struct buf *out, const struct report_column *columns, size_t count, const struct buf *cells, const size_t *widths)
{
	for (size_t c = 0; c < count; c++) {
		if (c)
			buf_puts(out, "  ");
		put_padded(out, cells ? buf_str(&cells[c]) : str_of(columns[c].heading), widths[c], is_right(&columns[c]));
	}
	while (out->n && out->p[out->n - 1] == ' ')
		out->p[--out->n] = '\0';
	buf_putc(out, '\n');
}

void report_table(const struct report_column *columns, json_t *rows, struct buf *out)
{
	size_t count = 0, lines = json_array_size(rows);
	while (columns[count].key)
		count++;
	if (!lines) {
		buf_puts(out, "nothing yet\n");
		return;
	}
	struct buf *cells = mem_array(lines * count, sizeof *cells);
	size_t *widths = mem_array(count, sizeof *widths);
	for (size_t c = 0; c < count; c++)
		widths[c] = strlen(columns[c].heading);
	for (size_t i = 0; i < lines * count; i++) {
		put_cell(&columns[i % count], json_object_get(json_array_get(rows, i / count), columns[i % count].key), &cells[i]);
		size_t length = str_utf8_length(buf_str(&cells[i]));
		if (length > widths[i % count])
			widths[i % count] = length;
	}
	put_line(out, columns, count, NULL, widths);
	for (size_t i = 0; i < lines; i++)
		put_line(out, columns, count, cells + i * count, widths);
	for (size_t i = 0; i < lines * count; i++)
		buf_fini(&cells[i]);
	free(cells);
	free(widths);
}
