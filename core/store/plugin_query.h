/* Queries of a plugin, in the schema of its name: a few connections of its process's own. Called by delivery, and by the kit of `nurture plugin check`. */
#ifndef NURTURE_STORE_PLUGIN_QUERY_H
#define NURTURE_STORE_PLUGIN_QUERY_H

#include "base/loop.h"

#include <nurture/plugin.h>

struct plugin_store;

struct plugin_store *plugin_store_new(struct loop *loop, const char *conninfo, const char *plugin);
void plugin_store_free(struct plugin_store *plugins); /* takes NULL; what is on its way is answered with an error */
/* As nurture_host.query says; fn is called exactly once, never inside, also for a query that is none. */
void plugin_store_ask(struct plugin_store *plugins, const struct nurture_query *query, nurture_query_fn *fn, void *arg);

#endif
