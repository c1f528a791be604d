/* Tests of splits (split { …, winner = … }): those whose moment has come are looked at, and decided when the winner is known. Called by the upkeep. */
#ifndef NURTURE_JOBS_SPLITS_H
#define NURTURE_JOBS_SPLITS_H

#include "store/store.h"

void splits_look(struct store *store, moment_t now, store_done_fn *fn, void *arg);

#endif
