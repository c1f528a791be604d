/* Columns of whole numbers that widen when a larger one comes; see dataset.h. Filled row by row by jobs/backtest, read by the statistics. */
#include "report/dataset.h"

#include "base/cell.h"
#include "base/mem.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT = 100, FIRST_ROOM = 1024 };

/* ---- a column ---- */

static int width_of(int64_t value)
{
	return value >= INT8_MIN && value <= INT8_MAX ? 1 : value >= INT16_MIN && value <= INT16_MAX ? 2 : value >= INT32_MIN && value <= INT32_MAX ? 4 : 8;
}

static int64_t cell_at(const void *cells, int width, size_t row)
{
	switch (width) {
	case 1:
		return ((const int8_t *)cells)[row];
	case 2:
		return ((const int16_t *)cells)[row];
	case 4:
		return ((const int32_t *)cells)[row];
	default:
		return ((const int64_t *)cells)[row];
	}
}

static void set_cell(void *cells, int width, size_t row, int64_t value)
{
	switch (width) {
	case 1:
		((int8_t *)cells)[row] = (int8_t)value;
		break;
	case 2:
		((int16_t *)cells)[row] = (int16_t)value;
		break;
	case 4:
		((int32_t *)cells)[row] = (int32_t)value;
		break;
	default:
		((int64_t *)cells)[row] = value;
	}
}

int64_t dataset_cell(const struct dataset_column *column, size_t row)
{
	return row < column->room ? cell_at(column->cells, column->width, row) : 0;
}

/* Wide enough for the value, long enough for the row; what is new is 0. */
static void make_room(struct dataset_column *column, size_t row, int64_t value)
{
	int width = width_of(value) > column->width ? width_of(value) : column->width;
	size_t room = column->room ? column->room : FIRST_ROOM;
	while (room <= row)
		room *= 2;
	if (width == column->width && room == column->room)
		return;
	void *cells = mem_array(room, (size_t)width);
	memset(cells, 0, room * (size_t)width);
	for (size_t i = 0; i < column->room; i++)
		set_cell(cells, width, i, cell_at(column->cells, column->width, i));
	free(column->cells);
	*column = (struct dataset_column){width, cells, room};
}

void dataset_put(struct dataset_column *column, size_t row, int64_t value)
{
	if (value == 0 && row >= column->room)
		return;
	if (row >= column->room || width_of(value) > column->width)
		make_room(column, row, value);
	set_cell(column->cells, column->width, row, value);
}

void dataset_put_units(struct dataset_rule *rule, size_t row, double units)
{
	bool counted = rule->kind == DATASET_COUNTED;
	double most = 9e15;
	dataset_put(&rule->units, row, (int64_t)llround(fmin(most, fmax(-most, counted ? units * UNIT : units))));
}

double dataset_units(const struct dataset_rule *rule, size_t row)
{
	double cell = (double)dataset_cell(&rule->units, row);
	return rule->kind == DATASET_COUNTED ? cell / UNIT : cell;
}

/* ---- rows ---- */

void dataset_init(struct dataset *dataset)
{
	*dataset = (struct dataset){.model = -1};
}

size_t dataset_add(struct dataset *dataset, int64_t lead, moment_t at, bool outcome, bool against)
{
	size_t row = dataset->count++;
	if (row >= dataset->room) {
		dataset->room = dataset->room ? dataset->room * 2 : FIRST_ROOM;
		dataset->lead = mem_resize(dataset->lead, dataset->room, sizeof *dataset->lead);
		dataset->at = mem_resize(dataset->at, dataset->room, sizeof *dataset->at);
		dataset->outcome = mem_resize(dataset->outcome, dataset->room, 1);
		dataset->against = mem_resize(dataset->against, dataset->room, 1);
	}
	dataset->lead[row] = lead;
	dataset->at[row] = at;
	dataset->outcome[row] = outcome;
	dataset->against[row] = against && !outcome;
	dataset->positives += outcome;
	dataset->negatives_by_against += against && !outcome;
	return row;
}

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

static void free_rule(struct dataset_rule *rule)
{
	free(rule->name);
	free(rule->place);
	free_texts(rule->choices, rule->choice_count);
	free(rule->points.cells);
	free(rule->units.cells);
	free(rule->chosen.cells);
}

static void free_table(struct dataset_table *table)
{
	free(table->name);
	free_texts(table->grades, table->grade_count);
	free_texts(table->bands, table->band_count);
	free(table->grade.cells);
	free(table->band.cells);
}

void dataset_fini(struct dataset *dataset)
{
	for (size_t i = 0; i < dataset->model_count; i++) {
		free(dataset->models[i].name);
		free(dataset->models[i].title);
		free(dataset->models[i].points.cells);
	}
	for (size_t i = 0; i < dataset->rule_count; i++)
		free_rule(&dataset->rules[i]);
	for (size_t i = 0; i < dataset->table_count; i++)
		free_table(&dataset->tables[i]);
	free(dataset->models);
	free(dataset->rules);
	free(dataset->tables);
	free(dataset->lead);
	free(dataset->at);
	free(dataset->outcome);
	free(dataset->against);
	free(dataset->revision);
	free(dataset->outcome_verb);
	free(dataset->against_verb);
	dataset_init(dataset);
}

double *dataset_scores(const struct dataset *dataset, int model)
{
	double *scores = mem_array(dataset->count + 1, sizeof *scores);
	for (size_t i = 0; i < dataset->count; i++)
		scores[i] = (double)dataset_cell(&dataset->models[model].points, i);
	return scores;
}

/* ---- as a file ---- */

static const struct dataset_table *table_of(const struct dataset *dataset)
{
	for (size_t i = 0; i < dataset->table_count; i++) {
		const struct dataset_table *t = &dataset->tables[i];
		if (t->grade_count && (t->model == dataset->model || t->letter_axis == dataset->model || t->digit_axis == dataset->model))
			return t;
	}
	return NULL;
}

static void write_cell(struct buf *line, const char *text)
{
	buf_putc(line, ',');
	cell_put(line, str_of(text));
}

static void write_row(const struct dataset *dataset, const struct dataset_table *table, size_t row, struct buf *line)
{
	char moment[MOMENT_TEXT];
	int64_t grade = table ? dataset_cell(&table->grade, row) : 0;
	buf_printf(line, "%lld,%s,%d,%lld,%s", (long long)dataset->lead[row], moment_format(dataset->at[row], moment), dataset->outcome[row],
		   (long long)dataset_cell(&dataset->models[dataset->model].points, row), grade ? table->grades[grade - 1] : "");
	for (size_t i = 0; i < dataset->rule_count; i++)
		buf_printf(line, ",%lld", (long long)dataset_cell(&dataset->rules[i].points, row));
	buf_puts(line, "\r\n");
}

int dataset_write_csv(const struct dataset *dataset, const char *path, struct error *error)
{
	const struct dataset_table *table = table_of(dataset);
	struct buf line = {0};
	FILE *out = fopen(path, "we");
	if (!out)
		return error_errno(error, path, "cannot be written");
	buf_puts(&line, "lead,moment,outcome,score,grade");
	for (size_t i = 0; i < dataset->rule_count; i++)
		write_cell(&line, dataset->rules[i].name);
	buf_puts(&line, "\r\n");
	bool good = true;
	for (size_t i = 0; i <= dataset->count && good; i++) {
		good = fwrite(line.p, 1, line.n, out) == line.n;
		buf_clear(&line);
		if (i < dataset->count)
			write_row(dataset, table, i, &line);
	}
	buf_fini(&line);
	int saved = errno;
	if (fclose(out) || !good) {
		errno = good ? errno : saved;
		return error_errno(error, path, "could not be written to its end");
	}
	return 0;
}
