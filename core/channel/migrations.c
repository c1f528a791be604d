/* Migrations as rows of a const table of a plugin's: checked when its file is loaded, and asked for in a child (plugin.h, channel_plugin_migrations). */
#include "channel/migrations.h"

#include "base/str.h"
#include "channel/ask.h"
#include "channel/plugin.h"

enum { MIGRATIONS_MOST = 1000, NAME_MOST = 60, SQL_MOST = 512 << 10, SCHEMA_MOST = 40 };

static const struct nurture_migration *at(const struct nurture_plugin *plugin, size_t i)
{
	return (const struct nurture_migration *)((const char *)plugin->migrations->migrations + i * plugin->migrations->migration_size);
}

/* Schemas that are there already, or PostgreSQL's. */
static bool is_taken(const char *name)
{
	return strcmp(name, "public") == 0 || strcmp(name, "nurture") == 0 || strcmp(name, "runtime") == 0;
}

static const char *wrong_row(const struct nurture_plugin *plugin, size_t i)
{
	const struct nurture_migration *row = at(plugin, i);
	if (row->number < 1 || (i && row->number <= at(plugin, i - 1)->number))
		return "numbers begin with 1 or more and rise";
	if (!row->name || !*row->name || strlen(row->name) > NAME_MOST || !str_is_text(str_of(row->name)))
		return "it has no name of at most 60 bytes";
	if (!row->sql || !*row->sql || strlen(row->sql) > SQL_MOST || !str_is_text(str_of(row->sql)))
		return "it has no SQL, or more than half a megabyte of it";
	return NULL;
}

int channel_migrations_check(const char *file, const struct nurture_plugin *plugin, struct error *error)
{
	const struct nurture_migrations *table = plugin->migrations;
	if (!table)
		return 0;
	if (table->size < sizeof *table || table->migration_size < sizeof(struct nurture_migration) || !table->migrations || !table->count ||
	    table->count > MIGRATIONS_MOST)
		return error_set(error, ERROR_INVALID, file, "its table of migrations says %zu and %zu bytes and %zu rows; %zu and %zu are needed, and 1 to %d rows.", table->size,
				 table->migration_size, table->count, sizeof *table, sizeof(struct nurture_migration), MIGRATIONS_MOST);
	if (is_taken(plugin->name) || strlen(plugin->name) > SCHEMA_MOST)
		return error_set(error, ERROR_INVALID, file, "a plugin with migrations needs a name of its own, of at most %d bytes: its schema is called so.", SCHEMA_MOST);
	for (size_t i = 0; i < table->count; i++) {
		const char *why = wrong_row(plugin, i);
		if (why)
			return error_set(error, ERROR_INVALID, file, "migration %d (row %zu): %s.", at(plugin, i)->number, i + 1, why);
	}
	return 0;
}

json_t *channel_migrations_describe(const struct nurture_plugin *plugin, bool whole)
{
	json_t *rows = json_array();
	for (size_t i = 0; plugin->migrations && i < plugin->migrations->count; i++) {
		json_t *row = json_pack("{s:i, s:s}", "number", at(plugin, i)->number, "name", at(plugin, i)->name);
		if (whole)
			json_object_set_new(row, "sql", json_string(at(plugin, i)->sql));
		json_array_append_new(rows, row);
	}
	return rows;
}

static json_t *answer(const void *path, struct error *error)
{
	const struct nurture_plugin *plugin = channel_plugin_load(path, error);
	return plugin ? channel_migrations_describe(plugin, true) : NULL;
}

json_t *channel_plugin_migrations(const char *path, struct error *error)
{
	return channel_ask(path, answer, path, ASK_START_SECONDS, error);
}
