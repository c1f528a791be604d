/* From a playbook to the columns of a dataset, and from a replayed lead to its row. For backtest.c alone. */
#ifndef NURTURE_JOBS_BACKTEST_SHAPE_H
#define NURTURE_JOBS_BACKTEST_SHAPE_H

#include "report/dataset.h"
#include "turn/replay.h"

/* Names the columns. -1: there is no such model. */
int backtest_shape(const struct playbook *playbook, const char *model, struct dataset *dataset, struct error *error) MUST_USE;
/* A rule of the model or of its axes failed: what it would have been is not known. */
bool backtest_failed(const struct dataset *dataset, const struct replay_score *score);
void backtest_row(struct dataset *dataset, size_t row, const struct replay_score *score);

#endif
