/* The migrations of the plugins that a configuration's channels use. Called by the master's start and by `nurture db`; blocking. */
#ifndef NURTURE_SERVER_PLUGIN_MIGRATIONS_H
#define NURTURE_SERVER_PLUGIN_MIGRATIONS_H

#include "base/config.h"
#include "base/error.h"

/* Whether any of them has some: said by channel_describe. */
bool plugin_migrations_any(const struct config *config);
/* Runs what did not run, plugin by plugin, once each. -1 at the first that cannot. */
int plugin_migrations_run(const struct config *config, const char *owner_conninfo, int *applied, struct error *error) MUST_USE;
/* [{"plugin", "migrations": how many it has, "missing"}], a new reference; NULL with an error. */
json_t *plugin_migrations_status(const struct config *config, const char *conninfo, struct error *error) MUST_USE;

#endif
