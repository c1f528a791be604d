/* This node's row in the database (store/node.h), said every few seconds by the one worker that each node has one of. */
#ifndef NURTURE_JOBS_PRESENCE_H
#define NURTURE_JOBS_PRESENCE_H

#include "base/worker.h"
#include "store/store.h"

struct presence;

struct presence *presence_new(struct worker *worker, struct store *store);
void presence_stop(struct presence *presence); /* says nothing any more: draining; whoever comes next goes on */
void presence_free(struct presence *presence); /* takes NULL; the store must be freed before */

/* What all nodes must agree on: {option: hash}, hashes salted with `secret`, which all nodes share. Never a value: settings hold passwords.
 * A new reference. */
json_t *presence_options(const struct config *config, struct str secret);

#endif
