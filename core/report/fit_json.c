/* What fit found, as JSON: the figures, each rule, and the sentences that a person must read. */
#include "report/fit.h"

#include "base/mem.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *interval(struct interval i)
{
	return i.known ? json_pack("[f, f]", i.low, i.high) : json_null();
}

static json_t *auc_json(const struct fit *fit)
{
	const struct auc *fresh = &fit->fresh.auc, *old = &fit->old.auc;
	json_t *json = json_object();
	json_object_set_new(json, "value", number(fresh->value));
	json_object_set_new(json, "interval", interval(auc_interval(fresh)));
	json_object_set_new(json, "old", number(old->value));
	json_object_set_new(json, "old_interval", interval(auc_interval(old)));
	json_object_set_new(json, "difference", number(fit->gain.value));
	json_object_set_new(json, "difference_interval", interval(auc_difference_interval(&fit->gain, fresh, interval_z95)));
	json_object_set_new(json, "weights", number(fit->raw.auc.value));
	return json;
}

static json_t *choices_json(const struct dataset_rule *rule, const struct fit_rule *fitted)
{
	json_t *choices = json_object();
	for (size_t i = 0; i < fitted->case_count; i++)
		json_object_set_new(choices, i < rule->choice_count ? rule->choices[i] : "otherwise", json_real(fitted->cases[i]));
	return choices;
}

static json_t *rule_json(const struct dataset_rule *rule, const struct fit_rule *fitted)
{
	static const char *const words[] = {[FIT_LEARNED] = "learned", [FIT_NEVER] = "never", [FIT_ALWAYS] = "always", [FIT_KEPT] = "kept"};
	json_t *json = json_pack("{s:s, s:s, s:s, s:I, s:b}", "rule", rule->name, "place", rule->place, "word", words[fitted->word], "leads",
				 (json_int_t)fitted->leads, "alone", fitted->alone);
	if (fitted->word == FIT_LEARNED) {
		json_object_set_new(json, "weight", number(fitted->weight));
		json_object_set_new(json, "odds", number(exp(fitted->weight)));
		json_object_set_new(json, "folds", json_integer(fitted->folds));
	}
	if (fitted->word != FIT_KEPT)
		json_object_set_new(json, fitted->case_count ? "choices" : "points", fitted->case_count ? choices_json(rule, fitted) : json_real(fitted->points));
	return json;
}

static void say(json_t *words, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(json_t *words, const char *fmt, ...)
{
	char text[1024];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	json_array_append_new(words, json_string(text));
}

static void say_rules(json_t *words, const struct fit *fit)
{
	for (size_t i = 0; i < fit->rule_count; i++) {
		const struct fit_rule *rule = &fit->rules[i];
		if (rule->alone)
			say(words, "Rule \"%s\" tells nearly all outcomes by itself: is it a consequence of the outcome, and not a sign that comes before it?", rule->name);
		if (rule->word == FIT_NEVER)
			say(words, "Rule \"%s\" held for none of these leads: nothing is known of it, so it gets 0 points.", rule->name);
	}
}

static json_t *words_of(const struct fit *fit)
{
	json_t *words = json_array();
	struct interval difference = auc_difference_interval(&fit->gain, &fit->fresh.auc, interval_z95);
	if (difference.known && difference.low <= 0)
		say(words, difference.high < 0 ? "These points are worse than the ones that the model has: keep those."
					       : "It is not certain that these points are better than the ones that the model has.");
	if (fit->at_from && !fit->can_shift)
		say(words, "%zu of %zu leads would stand below %d and are all scored %d: no rule holds for everybody. rule \"everybody\" { points = 1 } would give fit room to tell them apart.",
		    fit->at_from, fit->leads, fit->from, fit->from);
	if (fit->left_away)
		say(words, "%zu leads were drawn from %zu by the seed: more would not change the points.", fit->leads + (fit->split == FIT_BY_FOLDS ? 0 : fit->held_leads),
		    fit->leads + (fit->split == FIT_BY_FOLDS ? 0 : fit->held_leads) + fit->left_away);
	say_rules(words, fit);
	return words;
}

json_t *fit_json(const struct dataset *dataset, const struct fit *fit)
{
	json_t *rules = json_array();
	for (size_t i = 0; i < fit->rule_count; i++)
		json_array_append_new(rules, rule_json(&dataset->rules[i], &fit->rules[i]));
	json_t *half = json_object();
	json_object_set_new(half, "value", number(fit->fresh.half));
	json_object_set_new(half, "old", number(fit->old.half));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "model", dataset->models[dataset->model].name, "revision",
			 dataset->revision, "outcome", dataset->outcome_verb, "against", dataset->against_verb, "split", fit_split_name(fit->split), "seed",
			 (json_int_t)fit->seed, "cost", fit->cost, "leads", (json_int_t)fit->leads, "outcomes", (json_int_t)fit->outcomes, "held_leads",
			 (json_int_t)fit->held_leads, "held_outcomes", (json_int_t)fit->held_outcomes, "left_away", (json_int_t)fit->left_away, "at_from",
			 (json_int_t)fit->at_from, "auc", auc_json(fit), "half", half, "words", words_of(fit), "rules", rules);
}
