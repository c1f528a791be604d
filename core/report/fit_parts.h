/* What fit.c (who learns, who is judged), fit_columns.c (rules as columns) and fit_points.c (weights into points) share. Inside the room only. */
#ifndef NURTURE_REPORT_FIT_PARTS_H
#define NURTURE_REPORT_FIT_PARTS_H

#include "report/fit.h"
#include "report/logistic.h"

/* Where a rule's values stand among the columns. */
struct fit_column {
	size_t first, count; /* choose: one for each choice, then otherwise */
	double scale;        /* a value is divided by it */
};
struct fit_table {
	const struct dataset *dataset;
	const size_t *drawn;  /* rows of the dataset that are in it */
	size_t count, width;
	struct fit_column *columns; /* of each rule */
	struct logistic *logistic;
};
/* Rows of a table, by number in it. */
struct fit_rows {
	size_t *items;
	size_t count;
};

void fit_table_init(struct fit_table *table, const struct dataset *dataset, const size_t *drawn, size_t count);
void fit_table_fini(struct fit_table *table);
/* The same number for the same lead, seed and purpose. */
uint64_t fit_dice(uint64_t seed, int64_t lead, uint64_t purpose);

/* Points of the weights, by what these rows show. rules[i].cases have room. */
void fit_points(const struct fit_table *table, const struct fit_rows *rows, const double *weights, struct fit *fit);

#endif
