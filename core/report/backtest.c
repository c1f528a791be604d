/* A dataset's figures as JSON (backtest.h lists the keys): what was asked, who is in it, then part by part. Where there is nothing to say, the words say why. */
#include "report/backtest_parts.h"

#include "base/mem.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

json_t *backtest_interval(struct interval interval)
{
	return interval.known && isfinite(interval.low) && isfinite(interval.high) ? json_pack("[f, f]", interval.low, interval.high) : json_null();
}

json_t *backtest_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *moment_json(moment_t moment)
{
	char text[MOMENT_TEXT];
	return moment == INT64_MIN ? json_null() : json_string(moment_format(moment, text));
}

static void say(json_t *words, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(json_t *words, const char *fmt, ...)
{
	struct buf text = {0};
	va_list args;
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	json_array_append_new(words, json_stringn(text.p, text.n));
	buf_fini(&text);
}

static bool one_score(const struct dataset *d)
{
	const struct dataset_column *points = &d->models[d->model].points;
	for (size_t i = 1; i < d->count; i++)
		if (dataset_cell(points, i) != dataset_cell(points, 0))
			return false;
	return true;
}

static const char *verdict_of(const struct dataset *d)
{
	if (!d->positives)
		return "no outcomes";
	if (d->positives == d->count)
		return "all outcomes";
	if (one_score(d))
		return "one score";
	return d->positives < AUC_FEW || d->count - d->positives < AUC_FEW ? "few" : "known";
}

static void say_verdict(const struct dataset *d, const char *verdict, json_t *words)
{
	long long leads = (long long)d->count, won = (long long)d->positives;
	if (strcmp(verdict, "no outcomes") == 0)
		say(words, "None of the %lld leads had %s in this time: there is nothing to measure the score by.", leads, d->outcome_verb);
	else if (strcmp(verdict, "all outcomes") == 0)
		say(words, "Each of the %lld leads had %s in this time: without others there is nothing to tell them from.", leads, d->outcome_verb);
	else if (strcmp(verdict, "one score") == 0)
		say(words, "All %lld leads have the same score, %lld: it tells nobody from anybody.", leads, (long long)dataset_cell(&d->models[d->model].points, 0));
	else if (strcmp(verdict, "few") == 0)
		say(words, "Only %lld of %lld leads had %s: too few of one kind to say how sure a figure is. What an interval is missing from is not yet known.", won, leads, d->outcome_verb);
}

static void say_left(const struct dataset *d, json_t *words)
{
	const struct dataset_left *left = &d->left;
	if (left->unknown)
		say(words, "%lld leads are left out: nothing was known of them yet when their outcome came (they were imported afterwards). --as-imported judges them by the first fields that were heard.",
		    (long long)left->unknown);
	if (d->as_imported_count)
		say(words, "%lld leads are judged by fields that were heard only after their outcome (--as-imported): these may know what became of them.", (long long)d->as_imported_count);
	if (left->failed)
		say(words, "%lld leads are left out: a rule failed on them (%s: %s; for example lead %lld).", (long long)left->failed, left->failed_where, left->failed_message,
		    (long long)left->failed_lead);
	if (d->waiting)
		say(words, "%lld events wait for their leads' turns, and are not in it yet (an import that is not worked off?): ask again when they are through (nurture status: waiting).", (long long)d->waiting);
	if (d->account_today)
		say(words, "Rules that look at the company or call a function see the company as it is today: what it was then is not kept. They are marked.");
}

static void say_moments(const struct dataset *d, json_t *words)
{
	size_t at_end = d->count - d->positives - d->negatives_by_against;
	if (d->all_at_once) {
		char at[MOMENT_TEXT];
		moment_format(d->from, at);
		say(words, "Everybody is scored as of %s, at the same age of the world: outcomes are those that came after it. Who had %s before is not among them, nor who came later.", at, d->outcome_verb);
		return;
	}
	if (!d->positives || !at_end)
		return;
	say(words, "%lld leads had neither %s nor %s: they are scored at the end of the time, the others just before it happened. Rules that look at time (within, fades, none) see both kinds at different ages: --at MOMENT scores all as of one.",
	    (long long)at_end, d->outcome_verb, d->against_verb);
}

static json_t *left_json(const struct dataset_left *left)
{
	json_t *json = json_pack("{s:I, s:I, s:I, s:I}", "before", (json_int_t)left->before, "later", (json_int_t)left->later, "unknown", (json_int_t)left->unknown, "failed",
				 (json_int_t)left->failed);
	if (left->failed) {
		json_object_set_new(json, "failed_where", json_string(left->failed_where));
		json_object_set_new(json, "failed_message", json_string(left->failed_message));
		json_object_set_new(json, "failed_lead", json_integer(left->failed_lead));
	}
	return json;
}

static json_t *head(const struct dataset *d, const char *verdict)
{
	size_t at_end = d->count - d->positives - d->negatives_by_against;
	const struct dataset_model *model = &d->models[d->model];
	json_t *words = json_array();
	say_verdict(d, verdict, words);
	say_moments(d, words);
	say_left(d, words);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:I, s:b, s:I, s:s, s:o}", "model", model->name, "title", model->title, "revision", d->revision,
			 "outcome", d->outcome_verb, "against", d->against_verb, "at", d->all_at_once ? moment_json(d->from) : json_null(), "from", moment_json(d->from), "to", moment_json(d->to), "leads", (json_int_t)d->count,
			 "outcomes", (json_int_t)d->positives, "by_against", (json_int_t)d->negatives_by_against, "at_end", (json_int_t)at_end, "left_out", left_json(&d->left),
			 "as_imported", (json_int_t)d->as_imported_count, "account_today", d->account_today, "waiting", (json_int_t)d->waiting, "verdict", verdict, "words", words);
}

/* Without figures their keys are there all the same, and null. */
static void put_nothing(json_t *result)
{
	static const char *const keys[] = {"auc", "half", "deciles", "capture", "roc", "calibration", "rises", "tables", "rules", "axes", "compare"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		json_object_set_new(result, keys[i], json_null());
}

json_t *backtest_json(const struct dataset *dataset, const struct dataset *rival)
{
	const char *verdict = verdict_of(dataset);
	json_t *result = head(dataset, verdict);
	struct measured m;
	put_nothing(result);
	if (!dataset->positives || dataset->positives == dataset->count)
		return result;
	measured_init(&m, dataset, dataset->model);
	backtest_order(&m, result);
	backtest_tables(&m, result);
	backtest_rules(&m, result);
	backtest_axes(&m, result);
	if (rival)
		backtest_compare(&m, rival, result);
	measured_fini(&m);
	return result;
}
