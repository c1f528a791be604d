/* Rules as columns: 1 where a rule held, what it counted by the most that it counted, and for a choose a 1 at the choice. */
#include "report/fit_parts.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t mixed(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t fit_dice(uint64_t seed, int64_t lead, uint64_t purpose)
{
	return mixed(mixed(mixed(seed + UINT64_C(0x9e3779b97f4a7c15)) ^ (uint64_t)lead) + purpose * UINT64_C(0x9e3779b97f4a7c15));
}

static bool chooses(const struct dataset_rule *rule)
{
	return rule->kind == DATASET_CHOSEN;
}

static double value_of(const struct dataset_rule *rule, size_t row)
{
	return rule->kind == DATASET_FUNCTION || rule->choice_count ? (double)dataset_cell(&rule->points, row) : dataset_units(rule, row);
}

static double largest(const struct fit_table *table, const struct dataset_rule *rule)
{
	double most = 0;
	for (size_t i = 0; i < table->count; i++)
		most = fmax(most, fabs(value_of(rule, table->drawn[i])));
	return most > 0 ? most : 1;
}

static void lay_out(struct fit_table *table)
{
	table->columns = mem_array(table->dataset->rule_count + 1, sizeof *table->columns);
	for (size_t i = 0; i < table->dataset->rule_count; i++) {
		const struct dataset_rule *rule = &table->dataset->rules[i];
		struct fit_column *c = &table->columns[i];
		*c = (struct fit_column){.first = table->width, .count = chooses(rule) ? rule->choice_count + 1 : 1, .scale = 1};
		if (!chooses(rule) && rule->kind != DATASET_ONCE)
			c->scale = largest(table, rule);
		table->width += c->count;
	}
}

static void put_row(struct fit_table *table, size_t row)
{
	for (size_t i = 0; i < table->dataset->rule_count; i++) {
		const struct dataset_rule *rule = &table->dataset->rules[i];
		const struct fit_column *c = &table->columns[i];
		int64_t choice = chooses(rule) ? dataset_cell(&rule->chosen, row) : 0;
		double value = chooses(rule) ? choice >= -1 : value_of(rule, row) / c->scale;
		if (value != 0)
			logistic_cell(table->logistic, c->first + (size_t)(choice < 0 ? (int64_t)rule->choice_count : choice), value);
	}
}

void fit_table_init(struct fit_table *table, const struct dataset *dataset, const size_t *drawn, size_t count)
{
	*table = (struct fit_table){.dataset = dataset, .drawn = drawn, .count = count};
	lay_out(table);
	table->logistic = logistic_new(table->width);
	for (size_t i = 0; i < count; i++) {
		logistic_row(table->logistic, dataset->outcome[drawn[i]]);
		put_row(table, drawn[i]);
	}
}

void fit_table_fini(struct fit_table *table)
{
	logistic_free(table->logistic);
	free(table->columns);
}
