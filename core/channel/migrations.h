/* A plugin's table of migrations: whether it is one, and what is in it. Who runs them is store (plugin_migrate.h). */
#ifndef NURTURE_CHANNEL_MIGRATIONS_H
#define NURTURE_CHANNEL_MIGRATIONS_H

#include "base/error.h"

#include <nurture/plugin.h>

/* -1 with a sentence that names the row: a number that does not rise, no name, no text; a plugin whose name cannot be a schema's. */
int channel_migrations_check(const char *file, const struct nurture_plugin *plugin, struct error *error) MUST_USE;
/* [{"number", "name"}], and with `whole` also "sql"; a new reference. */
json_t *channel_migrations_describe(const struct nurture_plugin *plugin, bool whole);

#endif
