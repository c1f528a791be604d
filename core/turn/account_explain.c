/* One receipt for every point of an account: each rule's line and whom it counted, by role and never by name. Called by `nurture account`, `nurture
 * score --account --explain` and the web. Always holds: the lines of a model and `bounded` add up to its score. */
#include "turn/account_rules.h"

#include "turn/inside.h"

#include <math.h>

static void put_fields(struct buf *buf, const struct playbook *playbook, const struct account *account, const struct condition *c)
{
	for (size_t i = 0; i < c->fields.count; i++) {
		int slot = c->fields.tests[i].slot;
		buf_printf(buf, "%s%s = ", i ? ", " : "", playbook->schema.account[slot].name);
		turn_put_value(buf, &account->fields[slot]);
	}
}

static void put_condition(struct buf *buf, const struct playbook *playbook, const struct account *account, const struct condition *c)
{
	if (c->kind == CONDITION_PEOPLE)
		turn_put_people(buf, account_people(playbook, account, &c->people));
	else if (c->kind == CONDITION_ACCOUNT)
		put_fields(buf, playbook, account, c);
	else if (c->kind == CONDITION_NONE)
		buf_puts(buf, "none of: ");
	if (c->kind != CONDITION_ALL && c->kind != CONDITION_ANY && c->kind != CONDITION_NONE)
		return;
	for (size_t i = 0; i < c->group.count; i++) {
		buf_puts(buf, !i ? "" : c->kind == CONDITION_ALL ? " and " : c->kind == CONDITION_ANY ? " or " : ", ");
		put_condition(buf, playbook, account, c->group.items[i]);
	}
}

static struct str because(const struct playbook *playbook, const struct account *account, const struct rule *rule, struct arena *arena)
{
	struct buf buf = {0};
	if (rule->when)
		put_condition(&buf, playbook, account, rule->when);
	if (rule->points_kind == POINTS_CHOOSE) {
		buf_printf(&buf, "%s%s = ", buf.n ? "; " : "", playbook->schema.account[rule->choose.slot].name);
		turn_put_value(&buf, &account->fields[rule->choose.slot]);
	} else if (!rule->when) {
		buf_puts(&buf, "always");
	}
	struct str out = arena_str(arena, buf_str(&buf));
	buf_fini(&buf);
	return out;
}

static bool asks_people(const struct condition *c)
{
	if (!c || c->kind == CONDITION_PEOPLE)
		return c != NULL;
	for (size_t i = 0; (c->kind == CONDITION_ALL || c->kind == CONDITION_ANY) && i < c->group.count; i++)
		if (asks_people(c->group.items[i]))
			return true;
	return false;
}

static int most_of(const struct rule *rule)
{
	double most = rule->points;
	for (size_t i = 0; rule->points_kind == POINTS_CHOOSE && i <= rule->choose.count; i++) {
		double points = i < rule->choose.count ? rule->choose.cases[i].points : rule->choose.otherwise;
		most = i && most > points ? most : points;
	}
	if (rule->each == EACH_PERSON || (rule->has_max && most > rule->max))
		most = rule->max;
	return most > 0 ? (int)llround(most) : 0;
}

static struct receipt receipt_of(const struct playbook *playbook, const struct account *account, const struct model *model, struct arena *arena,
				 struct account_coverage *coverage)
{
	struct receipt receipt = {.model = model->name, .count = model->rule_count, .score = account_model_points(playbook, account, model)};
	int sum = 0;
	receipt.lines = arena_array(arena, model->rule_count + 1, sizeof *receipt.lines);
	for (size_t i = 0; i < model->rule_count; i++) {
		const struct rule *rule = &model->rules[i];
		int points = account_rule_points(playbook, account, rule);
		receipt.lines[i] = (struct receipt_line){.rule = rule->name, .at = rule->at, .points = points, .changes_at = MOMENT_NEVER, .because = {"", 0}};
		if (points)
			receipt.lines[i].because = because(playbook, account, rule, arena);
		sum += points;
		if (asks_people(rule->when) && most_of(rule)) {
			coverage->points += points;
			coverage->most += most_of(rule);
		}
	}
	receipt.bounded = receipt.score - sum;
	return receipt;
}

void turn_account_explain(const struct playbook *playbook, const struct account *account, struct arena *arena, struct receipt **out, size_t *count,
			  struct account_coverage *coverage)
{
	*out = arena_array(arena, playbook->model_count + 1, sizeof **out);
	*count = 0;
	for (size_t i = 0; i < playbook->model_count; i++) {
		if (!playbook->models[i].of_account)
			continue;
		coverage[*count] = (struct account_coverage){0};
		(*out)[*count] = receipt_of(playbook, account, &playbook->models[i], arena, &coverage[*count]);
		++*count;
	}
}

json_t *turn_account_explain_json(const struct playbook *playbook, const struct account *account, struct arena *arena)
{
	struct receipt *receipts;
	size_t count;
	struct account_coverage *coverage = arena_array(arena, playbook->model_count + 1, sizeof *coverage);
	json_t *models = json_array();
	turn_account_explain(playbook, account, arena, &receipts, &count, coverage);
	for (size_t i = 0; i < count; i++) {
		json_t *model = turn_receipt_json(playbook, &receipts[i]);
		json_object_set_new(model, "coverage", json_pack("{s:i, s:i}", "points", coverage[i].points, "most", coverage[i].most));
		json_array_append_new(models, model);
	}
	return json_pack("{s:o}", "models", models);
}
