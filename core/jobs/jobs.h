/* The jobs role: what runs beside the product's loops. It watches the playbook folder, publishes it at the first start,
 * keeps partitions ahead and keys swept, and runs the waiting rows of table `job`. One a node. */
#ifndef NURTURE_JOBS_JOBS_H
#define NURTURE_JOBS_JOBS_H

#include "base/worker.h"

extern const struct worker_role jobs_role;

#endif
