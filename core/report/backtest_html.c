/* Each part of the result has its section, in a table of them; a part that is null is left out. See backtest_html.h. */
#include "report/backtest_html.h"

#include "report/chart.h"
#include "report/html_table.h"

#include <math.h>
#include <stdio.h>

static const char STYLE[] =
	":root{color-scheme:light dark;--ink:#1d1d1d;--paper:#fff;--soft:#595959;--line:#d4d4d4;--fresh:#1a5fb4;--other:#b3470f}"
	"@media (prefers-color-scheme:dark){:root{--ink:#ececec;--paper:#161616;--soft:#b0b0b0;--line:#474747;--fresh:#86b9f5;--other:#ffab6b}}"
	"body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--paper)}"
	"h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.2rem;margin-top:2.5rem}p{max-width:40rem}.soft{color:var(--soft)}figure{margin:1rem 0;max-width:28rem}"
	"svg{width:100%;height:auto;font:12px system-ui,sans-serif}svg text{fill:var(--ink)}.grid{stroke:var(--line);fill:none}.chance{stroke:var(--soft);"
	"stroke-dasharray:4 4;fill:none}.curve{stroke:var(--fresh);stroke-width:2.5;fill:none}.sure{stroke:var(--fresh);stroke-width:3;opacity:.55}"
	".dot{fill:var(--fresh)}.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem}caption{text-align:start;color:var(--soft);padding:.3rem 0}"
	"th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:end;font-weight:400;vertical-align:top}thead th{color:var(--soft)}"
	"th[scope=row],.text{text-align:start}td{white-space:nowrap}td.text{white-space:normal}.big{font-size:2rem;font-weight:600}li{margin:.3rem 0}:focus-visible{outline:2px solid var(--other)}"
	"@media print{.wide{overflow:visible}section{break-inside:avoid}}";

static const json_t *get(const json_t *result, const char *key)
{
	return json_object_get(result, key);
}

static const char *text(const json_t *result, const char *key)
{
	const char *t = json_string_value(get(result, key));
	return t ? t : "";
}

static void begin_section(struct buf *out, const char *title, const char *words)
{
	buf_printf(out, "<section><h2>%s</h2><p>%s</p>", title, words);
}

static void put_words(struct buf *out, const json_t *words)
{
	if (!json_array_size(words))
		return;
	buf_puts(out, "<ul>");
	for (size_t i = 0; i < json_array_size(words); i++) {
		buf_puts(out, "<li>");
		html_text(out, json_string_value(json_array_get(words, i)));
		buf_puts(out, "</li>");
	}
	buf_puts(out, "</ul>");
}

/* The largest of figures and of the ends of their intervals. */
static double largest(const json_t *rows, const char *figure, const char *interval)
{
	double most = 0;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		most = fmax(most, fmax(fabs(json_number_value(get(row, figure))), fmax(fabs(json_number_value(json_array_get(get(row, interval), 0))),
										     fabs(json_number_value(json_array_get(get(row, interval), 1))))));
	}
	return most > 0 ? most : 1;
}

/* ---- sections ---- */

static void put_head(struct buf *out, const json_t *r)
{
	bool at_once = json_is_string(get(r, "at"));
	buf_puts(out, at_once ? "<p class=\"soft\">Leads as they stood then, and who had " : "<p class=\"soft\">Leads as they stood before ");
	html_text(out, text(r, "outcome"));
	buf_puts(out, at_once ? " after it, or " : ", or before ");
	html_text(out, text(r, "against"));
	buf_puts(out, at_once ? "" : ", or at the end of the time");
	if (json_is_string(get(r, "from"))) {
		buf_puts(out, "; since ");
		html_text(out, text(r, "from"));
	}
	buf_puts(out, "; until ");
	html_text(out, text(r, "to"));
	buf_puts(out, ". Revision ");
	buf_put_html(out, (struct str){text(r, "revision"), strnlen(text(r, "revision"), 12)});
	buf_puts(out, ".</p><p>");
	html_figure(out, get(r, "leads"), HTML_COUNT);
	buf_puts(out, " leads, ");
	html_figure(out, get(r, "outcomes"), HTML_COUNT);
	buf_puts(out, " with the outcome.</p>");
	put_words(out, get(r, "words"));
}

static void put_auc(struct buf *out, const json_t *r)
{
	struct chart chart;
	begin_section(out, "Does a high score come before the outcome?",
		      "Of a lead with the outcome and one without, how often has the first the higher score: 0.5 is a coin, 1 is never wrong.");
	buf_puts(out, "<p><span class=\"big\">");
	html_figure(out, get(get(r, "auc"), "value"), HTML_NUMBER);
	buf_puts(out, "</span> AUC, between ");
	html_figure(out, get(get(r, "auc"), "interval"), HTML_NUMBERS);
	buf_puts(out, "</p><figure>");
	chart_square_begin(&chart, out, "roc", "ROC curve", "Share of those with the outcome that are found, by the share of the others that are called for nothing.", "called for nothing",
			   "found");
	chart_chance(&chart);
	chart_curve(&chart, get(r, "roc"), "curve");
	chart_end(&chart);
	buf_puts(out, "</figure></section>");
}

static void put_capture(struct buf *out, const json_t *r)
{
	static const struct html_column columns[] = {{"share", "best", HTML_SHARE}, {"leads", "leads", HTML_WHOLE}, {"outcomes", "outcomes", HTML_COUNT}, {"rate", "rate", HTML_SHARE},
						     {"rate_interval", "between", HTML_SHARES}, {"reached", "reached so far", HTML_SHARE}, {"lift", "lift", HTML_TIMES}, {0}};
	struct chart chart;
	begin_section(out, "How many are reached by calling the best first?", "Each tenth of the leads, best first: what share of all outcomes is among those called so far.");
	buf_puts(out, "<p>Calling the best half reaches <strong>");
	html_figure(out, get(r, "half"), HTML_SHARE);
	buf_puts(out, "</strong> of the outcomes.</p><figure>");
	chart_square_begin(&chart, out, "capture", "Capture curve", "Share of the outcomes that is reached, by the share of the leads that is called, best first.", "leads called",
			   "outcomes reached");
	chart_chance(&chart);
	chart_curve(&chart, get(r, "capture"), "curve");
	chart_end(&chart);
	buf_puts(out, "</figure>");
	html_table(out, "By tenths, best first", columns, get(r, "deciles"));
	buf_puts(out, "</section>");
}

static void put_groups(struct buf *out, const json_t *table, size_t number)
{
	static const struct html_column columns[] = {{"name", "", HTML_TEXT}, {"leads", "leads", HTML_WHOLE}, {"outcomes", "outcomes", HTML_COUNT}, {"rate", "rate", HTML_SHARE},
						     {"interval", "between", HTML_SHARES}, {"lift", "lift", HTML_TIMES}, {0}};
	const json_t *groups = get(table, "groups");
	struct chart chart;
	char id[32], caption[300];
	snprintf(id, sizeof id, "groups%zu", number);
	snprintf(caption, sizeof caption, "By %.40s of %.200s", text(table, "kind"), text(table, "name"));
	buf_puts(out, "<figure>");
	chart_rows_begin(&chart, out, id, caption, "Share with the outcome, with its interval, for each.", (int)json_array_size(groups), 0, largest(groups, "rate", "interval"), true);
	for (size_t i = 0; i < json_array_size(groups); i++) {
		const json_t *group = json_array_get(groups, i);
		chart_row(&chart, text(group, "name"), get(group, "rate"), get(group, "interval"));
	}
	chart_end(&chart);
	buf_puts(out, "</figure>");
	html_table(out, caption, columns, groups);
}

static void put_tables(struct buf *out, const json_t *r)
{
	const json_t *tables = get(r, "tables");
	if (!json_array_size(tables))
		return;
	begin_section(out, "What became of each grade?", "The share that had the outcome. A dot is what was seen, the line what it may really be.");
	for (size_t i = 0; i < json_array_size(tables); i++)
		put_groups(out, json_array_get(tables, i), i);
	buf_puts(out, "</section>");
}

static void put_calibration(struct buf *out, const json_t *r)
{
	static const struct html_column columns[] = {{"low", "score from", HTML_RANGE}, {"high", "to", HTML_RANGE}, {"leads", "leads", HTML_WHOLE}, {"outcomes", "outcomes", HTML_COUNT},
						     {"rate", "rate", HTML_SHARE}, {"interval", "between", HTML_SHARES}, {"fitted", "made rising", HTML_SHARE}, {0}};
	const json_t *bins = get(r, "calibration");
	struct chart chart;
	if (!json_array_size(bins))
		return;
	begin_section(out, "What does a score mean?", "Leads by score, lowest first, and the share that had the outcome. It should rise.");
	buf_puts(out, "<figure>");
	chart_rows_begin(&chart, out, "calibration", "Calibration", "Share with the outcome, with its interval, by score.", (int)json_array_size(bins), 0, largest(bins, "rate", "interval"),
			 true);
	for (size_t i = 0; i < json_array_size(bins); i++) {
		const json_t *bin = json_array_get(bins, i);
		char name[80];
		snprintf(name, sizeof name, "%g to %g", json_number_value(get(bin, "low")), json_number_value(get(bin, "high")));
		chart_row(&chart, name, get(bin, "rate"), get(bin, "interval"));
	}
	chart_end(&chart);
	buf_puts(out, "</figure>");
	html_table(out, "By score, lowest first", columns, bins);
	buf_puts(out, "</section>");
}

static void put_rules(struct buf *out, const json_t *r)
{
	static const struct html_column columns[] = {{"rule", "rule", HTML_TEXT}, {"weight", "it", HTML_TEXT}, {"points", "points", HTML_RANGE}, {"leads", "gave to", HTML_WHOLE},
						     {"rate", "rate", HTML_SHARE}, {"rate_without", "rate of the others", HTML_SHARE}, {"drop", "AUC lost without", HTML_NUMBER},
						     {"drop_interval", "between", HTML_NUMBERS}, {"alone", "AUC alone", HTML_NUMBER}, {"place", "stands in", HTML_TEXT}, {0}};
	const json_t *rules = get(r, "rules");
	struct chart chart;
	if (!json_array_size(rules))
		return;
	double most = largest(rules, "drop", "drop_interval");
	begin_section(out, "Which rules carry weight?", "How much AUC is lost without each rule's points. To the right of the line a rule helps; to the left it points the wrong way.");
	buf_puts(out, "<figure>");
	chart_rows_begin(&chart, out, "rules", "Weight of the rules", "AUC lost without the rule, with its interval.", (int)json_array_size(rules), -most, most, false);
	chart_mark(&chart, 0);
	for (size_t i = 0; i < json_array_size(rules); i++) {
		const json_t *rule = json_array_get(rules, i);
		chart_row(&chart, text(rule, "rule"), get(rule, "drop"), get(rule, "drop_interval"));
	}
	chart_end(&chart);
	buf_puts(out, "</figure>");
	html_table(out, "The rules, in the order of the playbook", columns, rules);
	buf_puts(out, "</section>");
}

static void put_axes(struct buf *out, const json_t *r)
{
	static const struct html_column columns[] = {{"name", "", HTML_TEXT}, {"auc", "AUC", HTML_NUMBER}, {"interval", "between", HTML_NUMBERS}, {0}};
	const json_t *axes = get(r, "axes"), *letter = get(axes, "letter"), *digit = get(axes, "digit"), *together = get(axes, "together");
	struct chart chart;
	if (!json_is_object(axes))
		return;
	json_t *rows = json_pack("[{s:s, s:O?, s:O?}, {s:s, s:O?, s:O?}, {s:s, s:O?, s:O?}]", "name", text(letter, "model"), "auc", get(letter, "auc"), "interval", get(letter, "interval"), "name",
				 text(digit, "model"), "auc", get(digit, "auc"), "interval", get(digit, "interval"), "name", "together", "auc", get(together, "auc"), "interval",
				 get(together, "interval"));
	begin_section(out, "Who they are against what they do", "How much each axis of the grade tells alone, and both together.");
	html_text(out, text(axes, "words"));
	buf_puts(out, "<figure>");
	chart_rows_begin(&chart, out, "axes", "AUC of each axis", "AUC with its interval: the letter's axis, the digit's, both.", 3, 0.4, 1, false);
	chart_mark(&chart, 0.5);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		chart_row(&chart, text(row, "name"), get(row, "auc"), get(row, "interval"));
	}
	chart_end(&chart);
	buf_puts(out, "</figure>");
	html_table(out, "Each axis", columns, rows);
	buf_puts(out, "</section>");
	json_decref(rows);
}

static void put_compare(struct buf *out, const json_t *r)
{
	const json_t *compare = get(r, "compare");
	if (!json_is_object(compare))
		return;
	begin_section(out, "Beside the other playbook, on the same leads", "");
	buf_puts(out, "<p>AUC ");
	html_figure(out, get(get(compare, "auc"), "value"), HTML_NUMBER);
	buf_puts(out, " there; difference ");
	html_figure(out, get(get(compare, "difference"), "value"), HTML_NUMBER);
	buf_puts(out, ", between ");
	html_figure(out, get(get(compare, "difference"), "interval"), HTML_NUMBERS);
	buf_puts(out, ". ");
	html_text(out, text(compare, "words"));
	buf_puts(out, "</p></section>");
}

void backtest_html(const json_t *result, struct buf *out)
{
	buf_puts(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>Backtest: ");
	buf_put_html(out, str_of(text(result, "title")));
	buf_printf(out, "</title><style>%s</style></head><body><main><h1>Backtest: ", STYLE);
	html_text(out, text(result, "title"));
	buf_puts(out, "</h1>");
	put_head(out, result);
	if (json_is_object(get(result, "auc"))) {
		static void (*const sections[])(struct buf *, const json_t *) = {put_auc, put_capture, put_tables, put_calibration, put_rules, put_axes, put_compare};
		for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
			sections[i](out, result);
	}
	buf_puts(out, "</main></body></html>\n");
}
