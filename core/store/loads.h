/* What each of sales has in hand (sales_load) is added up by the saves of turns. What that misses — leads that are erased or merged, programs of before that did
 * not count — is put right here, by the upkeep. */
#ifndef NURTURE_STORE_LOADS_H
#define NURTURE_STORE_LOADS_H

#include "store/store.h"

/* Turns that give to somebody wait for it meanwhile: it reads the open handoffs alone. */
void store_loads_reckon(struct store *store, store_done_fn *fn, void *arg);

#endif
