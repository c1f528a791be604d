/* Rules and steps that are switched off because workers died in them.
 *
 * The master says in which place a worker died; the third death of a day in one place, with its file unchanged, switches it off by a new
 * activation of the same revision: so all workers learn of it as they learn of a publish, and no batch is decided half with and half
 * without. It is on again when its file is published with other bytes, or by publish.switch_on. */
#ifndef NURTURE_STORE_SWITCHED_H
#define NURTURE_STORE_SWITCHED_H

#include "store/store.h"

/* what: `model "m", rule "r" (file:line)` when this death switched it off; NULL = it did not. */
typedef void store_switched_fn(void *arg, const char *what, const struct error *error);
/* note: of the worker that died, "lead ID revision HASH in FILE:LINE CONTEXT". One that names no place changes nothing. */
void store_script_killed(struct store *store, const char *note, store_switched_fn *fn, void *arg);

#endif
