/* A backtest's result for people: words first, then figures with small bars, then what is known of each rule. Made of the JSON alone, so that what a job
 * kept reads the same. Called by `nurture backtest`. Bars are of eighths of a block where UTF-8 is, else of #. */
#include "report/backtest.h"

#include <math.h>
#include <string.h>

struct page {
	const json_t *result;
	struct buf *out;
	bool utf8;
	int width;
};

/* ---- pieces ---- */

static const json_t *at(const json_t *json, const char *key)
{
	return json_object_get(json, key);
}

static double number(const json_t *json, const char *key)
{
	return json_number_value(at(json, key));
}

static const char *text(const json_t *json, const char *key)
{
	const char *s = json_string_value(at(json, key));
	return s ? s : "";
}

/* "41,188" */
static const char *grouped(double value, char out[32])
{
	char plain[32];
	int n = snprintf(plain, sizeof plain, "%.0f", value), k = 0;
	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0 && plain[i - 1] != '-')
			out[k++] = ',';
		out[k++] = plain[i];
	}
	out[k] = '\0';
	return out;
}

static void put_bar(struct page *p, double share, int cells)
{
	static const char *const eighths[] = {"", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589"};
	double full = fmax(0, fmin(1, share)) * cells;
	int whole = (int)full, part = (int)((full - whole) * 8), used = whole;
	for (int i = 0; i < whole; i++)
		buf_puts(p->out, p->utf8 ? "\u2588" : "#");
	if (p->utf8 && part) {
		buf_puts(p->out, eighths[part]);
		used++;
	}
	buf_printf(p->out, "%*s", cells - used, "");
}

static const char *interval(const json_t *pair, double times, const char *format, char out[48])
{
	char low[16], high[16];
	if (!json_is_array(pair))
		return strcpy(out, "(not yet known)");
	snprintf(low, sizeof low, format, json_number_value(json_array_get(pair, 0)) * times);
	snprintf(high, sizeof high, format, json_number_value(json_array_get(pair, 1)) * times);
	snprintf(out, 48, "(%s to %s)", low, high);
	return out;
}

/* Words in lines of the page's width, after `indent` columns. Data may not steer the terminal. */
static void put_words(struct page *p, const char *words, int indent)
{
	int column = 0;
	for (const char *s = words; *s;) {
		int n = (int)strcspn(s, " ");
		if (column && column + 1 + n > p->width) {
			buf_putc(p->out, '\n');
			column = 0;
		}
		if (column)
			buf_putc(p->out, ' ');
		else
			buf_printf(p->out, "%*s", indent, "");
		column += column ? 1 : indent;
		for (int i = 0; i < n; i++)
			buf_putc(p->out, (unsigned char)s[i] < 0x20 || s[i] == 0x7f ? ' ' : s[i]);
		column += n;
		s += n + strspn(s + n, " ");
	}
	buf_putc(p->out, '\n');
}

/* A name in so many columns, cut where it is longer. */
static void put_name(struct page *p, const char *name, int columns)
{
	struct str rest = str_of(name);
	int used = 0;
	for (size_t i = 0, step; i < rest.n && used < columns; i += step ? step : 1, used++) {
		step = str_utf8_step(rest.p + i, rest.n - i);
		if (str_is_shown(rest.p + i, step))
			buf_put(p->out, rest.p + i, step);
		else
			buf_putc(p->out, '?');
	}
	buf_printf(p->out, "%*s", columns - used, "");
}

static void end_line(struct page *p)
{
	while (p->out->n && p->out->p[p->out->n - 1] == ' ')
		p->out->p[--p->out->n] = '\0';
	buf_putc(p->out, '\n');
}

static void put_title(struct page *p, const char *title)
{
	buf_printf(p->out, "\n%s\n", title);
}

/* ---- parts ---- */

static void put_head(struct page *p)
{
	const json_t *r = p->result;
	char a[32], b[32], c[32], d[32], line[320];
	double leads = number(r, "leads"), outcomes = number(r, "outcomes");
	size_t i;
	json_t *words;
	snprintf(line, sizeof line, "Backtest of %.64s (%.160s), revision %.12s", text(r, "model"), text(r, "title"), text(r, "revision"));
	put_words(p, line, 0);
	buf_printf(p->out, "%s against %s, from %s to %s\n\n", text(r, "outcome"), text(r, "against"), json_is_null(at(r, "from")) ? "the beginning" : text(r, "from"), text(r, "to"));
	const char *words_of = json_is_null(at(r, "at")) ? "%s leads: %s with the outcome (%.1f %%), %s scored before %.64s, %s at the end of the time"
						       : "%s leads: %s with the outcome (%.1f %%), %s with %.64s, %s with neither";
	snprintf(line, sizeof line, words_of, grouped(leads, a), grouped(outcomes, b), leads > 0 ? outcomes / leads * 100 : 0, grouped(number(r, "by_against"), c), text(r, "against"), grouped(number(r, "at_end"), d));
	put_words(p, line, 0);
	const json_t *left = at(r, "left_out");
	if (number(left, "before") + number(left, "later") > 0)
		buf_printf(p->out, "Not among them: %s that had the outcome before, %s that came later.\n", grouped(number(left, "before"), a), grouped(number(left, "later"), b));
	json_array_foreach(at(r, "words"), i, words)
		put_words(p, json_string_value(words), 0);
}

static void put_auc(struct page *p)
{
	char range[48], line[160];
	const json_t *auc = at(p->result, "auc");
	double value = number(auc, "value");
	put_title(p, "How well it orders");
	snprintf(line, sizeof line, "AUC %.4f %s: of one lead with the outcome and one without, the first has more points in %.0f of 100 pairs.", value,
		 interval(at(auc, "interval"), 1, "%.3f", range), value * 100);
	put_words(p, line, 2);
	buf_printf(p->out, "  Calling the best half reaches %.1f %% of the outcomes.\n", number(p->result, "half") * 100);
}

static void put_deciles(struct page *p)
{
	char leads[32], range[48];
	size_t i;
	json_t *d;
	double most = 0;
	json_array_foreach(at(p->result, "deciles"), i, d)
		most = fmax(most, number(d, "rate"));
	buf_puts(p->out, "\n  best      leads  outcomes    rate                                reached                    lift\n");
	json_array_foreach(at(p->result, "deciles"), i, d) {
		buf_printf(p->out, "  %3.0f %%  %8s  %8.1f  %5.1f %%  ", number(d, "share") * 100, grouped(number(d, "leads"), leads), number(d, "outcomes"), number(d, "rate") * 100);
		buf_printf(p->out, "%-15s ", interval(at(d, "rate_interval"), 100, "%.1f", range));
		put_bar(p, most > 0 ? number(d, "rate") / most : 0, 10);
		buf_printf(p->out, " %5.1f %%  ", number(d, "reached") * 100);
		put_bar(p, number(d, "reached"), 18);
		buf_printf(p->out, " %5.2f\n", number(d, "lift"));
	}
}

static void put_group(struct page *p, const json_t *g, double most)
{
	char leads[32], range[48];
	const char *name = text(g, "name");
	buf_puts(p->out, "  ");
	put_name(p, name[0] ? name : "(none)", 18);
	buf_printf(p->out, " %9s  %8.0f  ", grouped(number(g, "leads"), leads), number(g, "outcomes"));
	if (number(g, "leads") > 0) {
		buf_printf(p->out, "%5.1f %%  %-15s ", number(g, "rate") * 100, interval(at(g, "interval"), 100, "%.1f", range));
		put_bar(p, most > 0 ? number(g, "rate") / most : 0, 24);
		buf_printf(p->out, "  %5.2f", number(g, "lift"));
	}
	end_line(p);
}

static void put_tables(struct page *p)
{
	size_t i, k;
	json_t *table, *g;
	char title[160];
	json_array_foreach(at(p->result, "tables"), i, table) {
		double most = 0;
		snprintf(title, sizeof title, "%-6s of %-11.11s %9s  %8s  %7s  %-15s %-24s  %5s", strcmp(text(table, "kind"), "band") == 0 ? "Bands" : "Grades", text(table, "name"),
			 "leads", "outcomes", "rate", "", "", "lift");
		put_title(p, title);
		json_array_foreach(at(table, "groups"), k, g)
			most = fmax(most, number(g, "rate"));
		json_array_foreach(at(table, "groups"), k, g)
			put_group(p, g, most);
	}
}

static void put_calibration(struct page *p)
{
	size_t i;
	json_t *bin;
	double most = 0;
	char leads[32], range[48], scores[48];
	const json_t *rises = at(p->result, "rises");
	put_title(p, "Do more points mean more outcomes?");
	put_words(p, json_is_true(rises) ? "As far as can be told: yes. A score is an order, not a chance; what was observed is below, and made rising (isotonic) in the last column."
		: json_is_false(rises) ? "Not everywhere: somewhere below, leads with more points had the outcome less often, and that is no chance."
		: "Not yet known: there are too few outcomes, too few different scores, or the order may be one of lots.", 2);
	buf_puts(p->out, "  score                 leads  outcomes    rate                                      made rising\n");
	json_array_foreach(at(p->result, "calibration"), i, bin)
		most = fmax(most, number(bin, "rate"));
	json_array_foreach(at(p->result, "calibration"), i, bin) {
		snprintf(scores, sizeof scores, number(bin, "low") < number(bin, "high") ? "%.0f to %.0f" : "%.0f", number(bin, "low"), number(bin, "high"));
		buf_printf(p->out, "  %-18s %8s  %8.0f  %5.1f %%  %-15s ", scores, grouped(number(bin, "leads"), leads), number(bin, "outcomes"), number(bin, "rate") * 100,
			   interval(at(bin, "interval"), 100, "%.1f", range));
		put_bar(p, most > 0 ? number(bin, "rate") / most : 0, 20);
		buf_printf(p->out, "  %7.1f %%\n", number(bin, "fitted") * 100);
	}
}

/* In words that a marketer can act on. */
static const char *meaning(const char *weight)
{
	static const struct { const char *weight, *words; } meanings[] = {
		{"carries", "carries weight"}, {"wrong way", "POINTS THE WRONG WAY"}, {"too much", "weighs too much: the order is better without it"},
		{"not yet known", "not yet known"}, {"never", "never gave points"}, {"always", "gave all the same points"}};
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (strcmp(meanings[i].weight, weight) == 0)
			return meanings[i].words;
	return weight;
}

/* An interval of what is lost, as one of a change. */
static const char *turned(const json_t *pair, char out[48])
{
	json_t *change = json_is_array(pair) ? json_pack("[f, f]", -json_number_value(json_array_get(pair, 1)), -json_number_value(json_array_get(pair, 0))) : json_null();
	(void)interval(change, 1, "%+.4f", out);
	json_decref(change);
	return out;
}

static void put_rule(struct page *p, const json_t *rule)
{
	char leads[32], with[48], without[48], drop[48], points[32];
	double least = json_number_value(json_array_get(at(rule, "points"), 0)), most = json_number_value(json_array_get(at(rule, "points"), 1));
	snprintf(points, sizeof points, least < most ? "%.0f to %.0f" : "%.0f", least, most);
	buf_puts(p->out, "  ");
	put_name(p, text(rule, "rule"), 40);
	buf_printf(p->out, " %-12s %s%s\n", points, meaning(text(rule, "weight")), json_is_true(at(rule, "account")) ? " (company as of today)" : "");
	if (number(rule, "leads") <= 0)
		return;
	buf_printf(p->out, "    %8s leads: %5.1f %% %s", grouped(number(rule, "leads"), leads), number(rule, "rate") * 100, interval(at(rule, "interval"), 100, "%.1f", with));
	if (!json_is_null(at(rule, "rate_without")))
		buf_printf(p->out, ", the others: %5.1f %% %s", number(rule, "rate_without") * 100, interval(at(rule, "interval_without"), 100, "%.1f", without));
	buf_printf(p->out, "\n             without it the AUC changes by %+.4f %s\n", -number(rule, "drop"), turned(at(rule, "drop_interval"), drop));
}

static void put_rules(struct page *p)
{
	size_t i;
	json_t *rule;
	put_title(p, "Which rules carry weight");
	put_words(p, "Points, then how many it gave some to, how often these had the outcome, and the others; last, how the order changes without it (intervals hold for all rules together).", 2);
	json_array_foreach(at(p->result, "rules"), i, rule)
		put_rule(p, rule);
}

static void put_axis(struct page *p, const char *name, const json_t *axis)
{
	char range[48];
	if (!json_is_object(axis))
		return;
	buf_puts(p->out, "  ");
	put_name(p, name, 20);
	buf_printf(p->out, " %.4f %-18s ", number(axis, "auc"), interval(at(axis, "interval"), 1, "%.3f", range));
	put_bar(p, (number(axis, "auc") - 0.5) * 2, 40);
	end_line(p);
}

static void put_gain(struct page *p, const char *adds, const char *to, const json_t *gain)
{
	char range[48];
	if (json_is_object(gain))
		buf_printf(p->out, "  %s adds %+.4f to %s %s\n", adds, number(gain, "value"), to, interval(at(gain, "interval"), 1, "%+.4f", range));
}

static void put_axes(struct page *p)
{
	const json_t *axes = at(p->result, "axes");
	char title[160];
	if (!json_is_object(axes))
		return;
	const char *letter = text(at(axes, "letter"), "model"), *digit = text(at(axes, "digit"), "model");
	snprintf(title, sizeof title, "%s against %s (AUC; bars from 0.5, chance, to 1)", letter, digit);
	put_title(p, title);
	put_axis(p, letter, at(axes, "letter"));
	put_axis(p, digit, at(axes, "digit"));
	put_axis(p, "together", at(axes, "together"));
	put_gain(p, digit, letter, at(axes, "gain_letter"));
	put_gain(p, letter, digit, at(axes, "gain_digit"));
	put_words(p, text(axes, "words"), 2);
}

static void put_compare(struct page *p)
{
	const json_t *c = at(p->result, "compare"), *auc = at(p->result, "auc");
	char mine[48], theirs[48], range[48];
	if (!json_is_object(c))
		return;
	put_title(p, "Against the active playbook, on the same leads");
	buf_printf(p->out, "  this folder   AUC %.4f %-18s best half %5.1f %%\n", number(auc, "value"), interval(at(auc, "interval"), 1, "%.3f", mine), number(p->result, "half") * 100);
	buf_printf(p->out, "  active        AUC %.4f %-18s best half %5.1f %%  (revision %.12s)\n", number(at(c, "auc"), "value"), interval(at(at(c, "auc"), "interval"), 1, "%.3f", theirs),
		   number(c, "half") * 100, text(c, "revision"));
	buf_printf(p->out, "  difference    %+.4f %s: %s\n", number(at(c, "difference"), "value"), interval(at(at(c, "difference"), "interval"), 1, "%+.4f", range), text(c, "words"));
}

void backtest_text(const json_t *result, bool utf8, int width, struct buf *out)
{
	struct page p = {result, out, utf8, width};
	put_head(&p);
	if (!json_is_object(at(result, "auc")))
		return;
	put_auc(&p);
	put_compare(&p);
	put_deciles(&p);
	put_tables(&p);
	put_calibration(&p);
	put_axes(&p);
	put_rules(&p);
}
