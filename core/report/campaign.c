/* Counts into shares and comparisons. Decides nothing about whom to count: that is the query's. */
#include "report/campaign.h"

#include "report/uplift.h"

#include <math.h>
#include <string.h>

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *range(struct interval interval)
{
	return interval.known ? json_pack("[f, f]", interval.low, interval.high) : json_null();
}

static struct group group_of(const json_t *row)
{
	return (struct group){json_number_value(json_object_get(row, "leads")), json_number_value(json_object_get(row, "converted"))};
}

static void add_share(json_t *row)
{
	struct group g = group_of(row);
	json_object_set_new(row, "share", number(g.cases > 0 ? g.hits / g.cases : NAN));
	json_object_set_new(row, "interval", range(interval_share(g.hits, g.cases)));
}

static json_t *comparison(const json_t *a, const json_t *b)
{
	struct uplift u = uplift_of(group_of(a), group_of(b));
	return json_pack("{s:o, s:o, s:b, s:s, s:o, s:o}", "difference", number(u.difference), "interval", range(u.interval), "known", u.known, "verdict",
			 !u.known ? "not yet known" : u.difference > 0 ? "more" : "less", "needed", number(u.needed), "missing", number(u.missing));
}

static void compare_with_holdout(json_t *goal)
{
	static const char *const groups[] = {"all", "assigned", "held_out", "touched"};
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		add_share(json_object_get(goal, groups[i]));
	json_object_set_new(goal, "uplift", comparison(json_object_get(goal, "assigned"), json_object_get(goal, "held_out")));
}

static void compare_variants(json_t *split)
{
	json_t *variants = json_object_get(split, "variants"), *comparisons = json_array();
	size_t count = json_array_size(variants);
	for (size_t i = 0; i < count; i++)
		add_share(json_array_get(variants, i));
	for (size_t i = 0; i < count; i++) {
		for (size_t k = i + 1; k < count; k++) {
			json_t *a = json_array_get(variants, i), *b = json_array_get(variants, k), *c = comparison(a, b);
			json_object_set(c, "a", json_object_get(a, "variant"));
			json_object_set(c, "b", json_object_get(b, "variant"));
			json_array_append_new(comparisons, c);
		}
	}
	json_object_set_new(split, "comparisons", comparisons);
}

/* ---- steps in the order of the playbook ---- */

static json_t *take_step(json_t *steps, const char *name)
{
	size_t i;
	json_t *step;
	json_array_foreach(steps, i, step) {
		const char *own = json_string_value(json_object_get(step, "step"));
		if (!own || strcmp(own, name) != 0)
			continue;
		json_incref(step);
		json_array_remove(steps, i);
		return step;
	}
	return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:[], s:[], s:[], s:[]}", "step", name, "reached", 0, "here", 0, "parked", 0, "sent", 0,
			 "under_way", 0, "held_back", 0, "opened", 0, "clicked", 0, "answered", 0, "left", 0, "why", "answers", "left_why", "contacts");
}

static json_t *in_order(json_t *steps, const struct report_campaign_of *of)
{
	json_t *ordered = json_array();
	for (size_t i = 0; i < of->step_count; i++)
		json_array_append_new(ordered, take_step(steps, of->steps[i]));
	json_array_extend(ordered, steps);
	return ordered;
}

/* ---- living and gone ---- */

static json_t *row_named(json_t *rows, const char *name)
{
	size_t i;
	json_t *row;
	json_array_foreach(rows, i, row) {
		const char *own = json_string_value(json_object_get(row, "campaign"));
		if (own && strcmp(own, name) == 0)
			return row;
	}
	return NULL;
}

void report_campaigns_living(json_t *rows, const char *const *names, size_t count)
{
	size_t i;
	json_t *row;
	json_array_foreach(rows, i, row)
		json_object_set_new(row, "living", json_false());
	for (size_t k = 0; k < count; k++) {
		row = row_named(rows, names[k]);
		if (row)
			json_object_set_new(row, "living", json_true());
		else
			json_array_append_new(rows, json_pack("{s:s, s:b, s:i, s:i, s:i, s:n, s:i, s:n}", "campaign", names[k], "living", 1, "leads", 0, "inside", 0, "goals", 0,
							      "share", "held_out", 0, "held_out_share"));
	}
}

/* ---- all of it ---- */

static json_t *nobody(const char *name)
{
	static const char none[] = "{\"leads\": 0, \"inside\": 0, \"parked\": 0, \"steps\": [], \"splits\": [], \"revisions\": [], \"goal\": {\"all\": {\"leads\": 0, \"converted\": 0},"
				   " \"assigned\": {\"leads\": 0, \"converted\": 0}, \"held_out\": {\"leads\": 0, \"converted\": 0}, \"touched\": {\"leads\": 0, \"converted\": 0}}}";
	json_t *row = json_loads(none, 0, NULL);
	json_object_set_new(row, "campaign", json_string(name));
	return row;
}

json_t *report_campaign(json_t *row, const struct report_campaign_of *of)
{
	json_t *report = row ? row : nobody(of->name), *split;
	size_t i;
	json_object_set_new(report, "living", json_boolean(of->title));
	if (of->title)
		json_object_set_new(report, "title", json_string(of->title));
	json_object_set_new(report, "steps", in_order(json_object_get(report, "steps"), of));
	compare_with_holdout(json_object_get(report, "goal"));
	json_array_foreach(json_object_get(report, "splits"), i, split)
		compare_variants(split);
	return report;
}
