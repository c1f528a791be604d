/* What the parts of a backtest's result share. Only backtest*.c include this. */
#ifndef NURTURE_REPORT_BACKTEST_PARTS_H
#define NURTURE_REPORT_BACKTEST_PARTS_H

#include "report/auc.h"
#include "report/backtest.h"
#include "report/lift.h"

/* A dataset with the scores of its model and what they placed. */
struct measured {
	const struct dataset *dataset;
	double *scores, *placed;
	struct auc auc;
};
void measured_init(struct measured *m, const struct dataset *dataset, int model);
void measured_fini(struct measured *m);

json_t *backtest_interval(struct interval interval); /* [low, high] or null */
json_t *backtest_number(double value);               /* null when it is none */

/* Each puts its keys into the result. */
void backtest_order(const struct measured *m, json_t *result);   /* backtest_order.c: auc, half, deciles, capture, roc, calibration, rises */
void backtest_tables(const struct measured *m, json_t *result);  /* backtest_tables.c: tables */
void backtest_rules(const struct measured *m, json_t *result);   /* backtest_rules.c: rules */
void backtest_axes(const struct measured *m, json_t *result);    /* backtest_axes.c: axes */
void backtest_compare(const struct measured *m, const struct dataset *rival, json_t *result); /* backtest_axes.c: compare */

/* Two scores joined so that they order best, learned on other rows than those that are scored (five folds by the lead's id). false: nothing can be learned. */
bool backtest_together(const double *a, const double *b, const struct dataset *dataset, double *out);

#endif
