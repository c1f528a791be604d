/* How many of each grade and of each band had the outcome. Called by backtest.c. */
#include "report/backtest_parts.h"

#include "base/mem.h"

#include <stdlib.h>

static json_t *group(const struct measured *m, const char *name, size_t leads, size_t outcomes)
{
	double all = (double)m->dataset->positives / (double)m->dataset->count, rate = leads ? (double)outcomes / (double)leads : 0;
	return json_pack("{s:s, s:I, s:I, s:o, s:o, s:o}", "name", name, "leads", (json_int_t)leads, "outcomes", (json_int_t)outcomes, "rate",
			 leads ? json_real(rate) : json_null(), "interval", backtest_interval(interval_share((double)outcomes, (double)leads)), "lift",
			 leads ? json_real(rate / all) : json_null());
}

static void put_table(const struct measured *m, const char *name, const char *kind, char *const *names, size_t count, const struct dataset_column *column, json_t *tables)
{
	json_t *groups = json_array();
	size_t *leads = mem_array(count + 1, sizeof *leads), *outcomes = mem_array(count + 1, sizeof *outcomes);
	for (size_t i = 0; i < m->dataset->count; i++) {
		size_t at = (size_t)dataset_cell(column, i);
		leads[at]++;
		outcomes[at] += m->dataset->outcome[i];
	}
	for (size_t i = 1; i <= count; i++)
		json_array_append_new(groups, group(m, names[i - 1], leads[i], outcomes[i]));
	if (leads[0])
		json_array_append_new(groups, group(m, "", leads[0], outcomes[0]));
	json_array_append_new(tables, json_pack("{s:s, s:s, s:o}", "name", name, "kind", kind, "groups", groups));
	free(leads);
	free(outcomes);
}

void backtest_tables(const struct measured *m, json_t *result)
{
	json_t *tables = json_array();
	for (size_t i = 0; i < m->dataset->table_count; i++) {
		const struct dataset_table *t = &m->dataset->tables[i];
		if (t->grade_count)
			put_table(m, t->name, "grade", t->grades, t->grade_count, &t->grade, tables);
		if (t->band_count)
			put_table(m, t->name, "band", t->bands, t->band_count, &t->band, tables);
	}
	json_object_set_new(result, "tables", tables);
}
