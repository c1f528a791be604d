/* A plugin's table of routes: whether it is one, what it says, and which row is meant. The requests themselves are in request.c. */
#ifndef NURTURE_CHANNEL_ROUTES_H
#define NURTURE_CHANNEL_ROUTES_H

#include "base/error.h"

#include <nurture/plugin.h>

/* -1 with a sentence that names the row: a method, path, scope or header that is none, two of one shape, too many. No routes at all are fine. */
int channel_routes_check(const char *file, const struct nurture_plugin *plugin, struct error *error) MUST_USE;
/* [{"method", "path", "scope", "body": bytes, "headers": […]}], a new reference. */
json_t *channel_routes_describe(const struct nurture_plugin *plugin);
/* The row with this method and this path as the table writes it; NULL = there is none (any more). */
const struct nurture_route *channel_route_find(const struct nurture_plugin *plugin, const char *method, const char *path);

#endif
