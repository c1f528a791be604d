/* Which columns a dataset has is what the playbook says: all models, the rules of the one that is tested, the tables of grades that stand on it. Names are
 * copied, so that the dataset outlives the playbook. */
#include "jobs/backtest_shape.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- who looks at the account, which is as it is today ---- */

/* Models and grades of accounts are decided in the account's turn, and are today's. */
static bool asks_scored_account(const struct playbook *playbook, const struct condition *c)
{
	bool asks = (c->kind == CONDITION_GRADE && playbook->grades[c->grade.table].of_account) || (c->kind == CONDITION_BAND && playbook->grades[c->band.table].of_account);
	for (size_t i = 0; c->kind == CONDITION_SCORE && i < c->scores.count; i++)
		asks |= playbook->models[c->scores.tests[i].model].of_account;
	return asks;
}

static bool asks_account(const struct playbook *playbook, const struct condition *c)
{
	if (!c)
		return false;
	if (c->kind == CONDITION_ACCOUNT || c->kind == CONDITION_PEOPLE || c->kind == CONDITION_FUNCTION || asks_scored_account(playbook, c))
		return true;
	if (c->kind == CONDITION_MOMENT)
		return c->moment->of == DATE_OF_ACCOUNT;
	if (c->kind == CONDITION_SEGMENT)
		return asks_account(playbook, playbook->segments[c->segment].who);
	if (c->kind != CONDITION_ANY && c->kind != CONDITION_ALL && c->kind != CONDITION_NONE)
		return false;
	for (size_t i = 0; i < c->group.count; i++)
		if (asks_account(playbook, c->group.items[i]))
			return true;
	return false;
}

/* ---- columns ---- */

static enum dataset_rule_kind kind_of(const struct rule *rule)
{
	if (rule->each != EACH_ONCE || rule->fades.count)
		return DATASET_COUNTED;
	return rule->points_kind == POINTS_CHOOSE ? DATASET_CHOSEN : rule->points_kind == POINTS_FUNCTION ? DATASET_FUNCTION : DATASET_ONCE;
}

static void shape_rule(const struct playbook *playbook, const struct rule *rule, struct dataset_rule *out)
{
	*out = (struct dataset_rule){.name = mem_dup(rule->name), .place = mem_printf("%s:%d", rule->at.file, rule->at.line), .kind = kind_of(rule)};
	out->account = asks_account(playbook, rule->when) || rule->points_kind == POINTS_FUNCTION;
	if (rule->points_kind == POINTS_FIXED && rule->has_max && rule->points != 0)
		out->most = fabs(rule->max / rule->points);
	if (rule->points_kind != POINTS_CHOOSE)
		return;
	out->choice_count = rule->choose.count;
	out->choices = mem_array(rule->choose.count + 1, sizeof *out->choices);
	for (size_t i = 0; i < rule->choose.count; i++)
		out->choices[i] = mem_dup_n(rule->choose.cases[i].choice.p, rule->choose.cases[i].choice.n);
}

static void shape_grades(const struct grades *grades, struct dataset_table *out)
{
	size_t digits = grades->digit_count ? grades->digit_count : 1;
	*out = (struct dataset_table){.name = mem_dup(grades->name), .model = grades->model, .letter_axis = grades->letter_axis, .digit_axis = grades->digit_axis,
				      .grade_count = grades->letter_count * digits, .band_count = grades->band_count};
	out->grades = mem_array(out->grade_count + 1, sizeof *out->grades);
	out->bands = mem_array(out->band_count + 1, sizeof *out->bands);
	for (size_t i = 0; i < out->grade_count; i++)
		out->grades[i] = grades->digit_count ? mem_printf("%c%zu", (char)('A' + i / digits), i % digits + 1) : mem_printf("%c", (char)('A' + i));
	for (size_t i = 0; i < out->band_count; i++)
		out->bands[i] = mem_dup(grades->bands[i].name);
}

static bool stands_on(const struct grades *grades, int model)
{
	if (grades->of_account)
		return false;
	return grades->model == model || (grades->model < 0 && (grades->letter_axis == model || grades->digit_axis == model));
}

static void shape_tables(const struct playbook *playbook, struct dataset *dataset)
{
	dataset->tables = mem_array(playbook->grades_count + 1, sizeof *dataset->tables);
	for (size_t i = 0; i < playbook->grades_count; i++)
		if (stands_on(&playbook->grades[i], dataset->model)) {
			shape_grades(&playbook->grades[i], &dataset->tables[dataset->table_count]);
			dataset->tables[dataset->table_count++].source = i;
		}
}

static int refuse_model(const struct playbook *playbook, const char *model, struct error *error)
{
	char names[512] = "";
	for (size_t i = 0; i < playbook->model_count; i++)
		if (!playbook->models[i].of_account && strlen(names) + strlen(playbook->models[i].name) + 4 < sizeof names)
			strcat(strcat(names, names[0] ? ", " : ""), playbook->models[i].name);
	return error_set(error, ERROR_NOT_FOUND, "model", "the playbook has no model \"%s\". It has: %s.", model, names[0] ? names : "none");
}

int backtest_shape(const struct playbook *playbook, const char *model, struct dataset *dataset, struct error *error)
{
	dataset->model = playbook_model(playbook, str_of(model));
	if (dataset->model < 0)
		return refuse_model(playbook, model, error);
	if (playbook->models[dataset->model].of_account)
		return error_set(error, ERROR_INVALID, "model", "\"%s\" is a model of accounts: what a company was at a time of the past is not kept, so only models of leads can be replayed.", model);
	dataset->revision = mem_dup(playbook->revision);
	dataset->model_count = playbook->model_count;
	dataset->models = mem_array(playbook->model_count + 1, sizeof *dataset->models);
	for (size_t i = 0; i < playbook->model_count; i++) {
		const struct model *m = &playbook->models[i];
		dataset->models[i] = (struct dataset_model){.name = mem_dup(m->name), .title = mem_dup(m->title ? m->title : m->name), .from = m->from, .to = m->to};
	}
	const struct model *tested = &playbook->models[dataset->model];
	dataset->rule_count = tested->rule_count;
	dataset->rules = mem_array(tested->rule_count + 1, sizeof *dataset->rules);
	for (size_t i = 0; i < tested->rule_count; i++) {
		shape_rule(playbook, &tested->rules[i], &dataset->rules[i]);
		dataset->account_today |= dataset->rules[i].account;
	}
	shape_tables(playbook, dataset);
	return 0;
}

/* ---- rows ---- */

bool backtest_failed(const struct dataset *dataset, const struct replay_score *score)
{
	bool failed = !score->scored[dataset->model];
	for (size_t i = 0; i < dataset->table_count; i++) {
		const struct dataset_table *t = &dataset->tables[i];
		failed |= (t->letter_axis >= 0 && !score->scored[t->letter_axis]) || (t->digit_axis >= 0 && !score->scored[t->digit_axis]);
	}
	return failed;
}

static int64_t grade_number(const struct dataset_table *table, struct str grade)
{
	for (size_t i = 0; grade.n && i < table->grade_count; i++)
		if (str_is(grade, table->grades[i]))
			return (int64_t)i + 1;
	return 0;
}

void backtest_row(struct dataset *dataset, size_t row, const struct replay_score *score)
{
	for (size_t i = 0; i < dataset->model_count; i++)
		dataset_put(&dataset->models[i].points, row, score->points[i]);
	for (size_t i = 0; i < dataset->rule_count; i++) {
		struct dataset_rule *rule = &dataset->rules[i];
		dataset_put(&rule->points, row, score->rules[i].points);
		dataset_put_units(rule, row, score->rules[i].units);
		if (rule->kind == DATASET_CHOSEN || rule->choice_count)
			dataset_put(&rule->chosen, row, score->rules[i].chosen);
	}
	for (size_t i = 0; i < dataset->table_count; i++) {
		struct dataset_table *table = &dataset->tables[i];
		dataset_put(&table->grade, row, grade_number(table, score->grades[table->source]));
		dataset_put(&table->band, row, score->bands[table->source] + 1);
	}
}
