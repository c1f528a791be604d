/* The web worker: HTTP in, rows in, answers out. One small file a resource. */
#ifndef NURTURE_WEB_WEB_H
#define NURTURE_WEB_WEB_H

#include "base/worker.h"

extern const struct worker_role web_role;

#endif
