/* Logistic regression with an L2 penalty: a thin dress around liblinear (Fan, Chang, Hsieh, Wang, Lin, LIBLINEAR: A library for large linear
 * classification, JMLR 9, 2008), whose names would collide with ours. Called by the files of this room that fit models; knows nothing of leads
 * and rules. The same rows always give the same weights: its solver (a trust region Newton method) throws no dice. */
#ifndef NURTURE_REPORT_LOGISTIC_H
#define NURTURE_REPORT_LOGISTIC_H

#include "base/error.h"

#include <stddef.h>

struct logistic;

struct logistic *logistic_new(size_t columns);
void logistic_free(struct logistic *logistic); /* takes NULL */
/* Begins a row. */
void logistic_row(struct logistic *logistic, bool outcome);
/* A value of the row that was begun last; columns from 0, rising within a row; 0 need not be said. Finite, best between -1 and 1. */
void logistic_cell(struct logistic *logistic, size_t column, double value);
size_t logistic_count(const struct logistic *logistic); /* rows */
bool logistic_outcome(const struct logistic *logistic, size_t row);
/* Weights of `columns`, learned from some rows. c: what a row's error costs beside the squares of the weights; small = cautious. ERROR_INVALID
 * when the rows do not hold both outcomes. */
int logistic_train(const struct logistic *logistic, const size_t *rows, size_t count, double c, double *weights, struct error *error) MUST_USE;
/* The weighted sum of a row. */
double logistic_sum(const struct logistic *logistic, size_t row, const double *weights);

#endif
