/* Migrations of plugins, each in the schema of its plugin's name. Blocking, with the owner's connection: for the master's start and for commands. */
#ifndef NURTURE_STORE_PLUGIN_MIGRATE_H
#define NURTURE_STORE_PLUGIN_MIGRATE_H

#include "base/error.h"

#include <jansson.h>

/* `migrations`: [{"number", "name", "sql"}], numbers rising (channel_plugin_migrations). Runs those that have not run, under the lock of all migrations; makes the
 * schema, and, where the owner may, a role nurture_plugin_NAME that reaches nothing else. ERROR_CONFLICT: one that ran is missing or its text is another, or a
 * later one ran before it. *applied: how many ran. */
int plugin_migrate(const char *owner_conninfo, const char *plugin, const json_t *migrations, int *applied, struct error *error) MUST_USE;
/* The same question without running any: how many are missing. */
int plugin_migrate_missing(const char *conninfo, const char *plugin, const json_t *migrations, int *missing, struct error *error) MUST_USE;

#endif
