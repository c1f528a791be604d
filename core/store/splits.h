/* Tests of splits: which are due comes from query splits_due, what was decided is written here. Only the jobs worker decides (jobs/splits.c). */
#ifndef NURTURE_STORE_SPLITS_H
#define NURTURE_STORE_SPLITS_H

#include "store/store.h"

#include <jansson.h>

struct store_split {
	struct str campaign, step, words;
	int looks;             /* how often it was looked at before: another one who looks now writes nothing */
	bool decided;
	struct str winner;     /* "" = none could be told */
	moment_t look_at;      /* else: when next */
	json_t *numbers;       /* {way: [leads, won]}; borrowed */
};
void store_split_look(struct store *store, const struct store_split *split, moment_t now, store_done_fn *fn, void *arg);

#endif
