/* The loop of turns (DESIGN section 5): holds shards by lease, loads batches, decides with turn, saves.
 *
 * server runs the role; nothing else is public. What a worker is doing stands in its note: "lead ID revision HASH in
 * FILE:LINE RULE OR STEP" during a turn, so that the master can name the lead and the rule in whose turn a worker died. */
#ifndef NURTURE_ENGINE_ENGINE_H
#define NURTURE_ENGINE_ENGINE_H

#include "base/worker.h"

extern const struct worker_role engine_role;

#endif
