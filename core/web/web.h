/* The web worker: HTTP in, rows in, answers out. One small file a resource. */
#ifndef NURTURE_WEB_WEB_H
#define NURTURE_WEB_WEB_H

#include "base/worker.h"

extern const struct worker_role web_role;

/* How a message is shown by its channel's plugin (channel/show.h), which this room may not call. Runs in a child of the worker's; may block. Before the role starts. */
struct touch;
struct touch_content;
struct arena;
struct buf;
typedef int web_show_fn(const struct config *config, const struct touch *touch, const struct touch_content *content, struct arena *arena, struct buf *out,
			struct error *error);
void web_set_show(web_show_fn *fn);

#endif
