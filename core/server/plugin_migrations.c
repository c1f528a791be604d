/* Each plugin is asked for its migrations in a child (channel), and the store runs them. Several channels of one plugin share its schema. */
#include "server/plugin_migrations.h"

#include "channel/plugin.h"
#include "store/plugin_migrate.h"

#include <stdlib.h>
#include <string.h>

/* One channel before it is of the same plugin. */
static bool seen(const struct config *config, size_t channel)
{
	for (size_t i = 0; i < channel; i++)
		if (strcmp(config->channels[i].plugin, config->channels[channel].plugin) == 0)
			return true;
	return false;
}

bool plugin_migrations_any(const struct config *config)
{
	for (size_t i = 0; i < config->channel_count; i++)
		if (json_array_size(json_object_get(config->channels[i].says, "migrations")))
			return true;
	return false;
}

/* A new reference; empty = it has none, or another channel before has the same. */
static json_t *migrations_of(const struct config *config, size_t i, struct error *error)
{
	if (seen(config, i) || !json_array_size(json_object_get(config->channels[i].says, "migrations")))
		return json_array();
	char *path = channel_plugin_path(config->plugin_dir, config->channels[i].plugin, error);
	json_t *migrations = path ? channel_plugin_migrations(path, error) : NULL;
	free(path);
	return migrations;
}

int plugin_migrations_run(const struct config *config, const char *owner_conninfo, int *applied, struct error *error)
{
	*applied = 0;
	for (size_t i = 0; i < config->channel_count; i++) {
		int count = 0;
		json_t *migrations = migrations_of(config, i, error);
		if (!migrations)
			return -1;
		int failed = json_array_size(migrations) ? plugin_migrate(owner_conninfo, config->channels[i].plugin, migrations, &count, error) : 0;
		json_decref(migrations);
		*applied += count;
		if (failed)
			return -1;
	}
	return 0;
}

json_t *plugin_migrations_status(const struct config *config, const char *conninfo, struct error *error)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < config->channel_count; i++) {
		int missing = 0;
		json_t *migrations = migrations_of(config, i, error);
		size_t count = json_array_size(migrations);
		bool failed = !migrations || (count && plugin_migrate_missing(conninfo, config->channels[i].plugin, migrations, &missing, error));
		json_decref(migrations);
		if (failed) {
			json_decref(rows);
			return NULL;
		}
		if (count)
			json_array_append_new(rows, json_pack("{s:s, s:i, s:i}", "plugin", config->channels[i].plugin, "migrations", (int)count, "missing", missing));
	}
	return rows;
}
