/* nurture db migrate|status: the database's tables. */
#include "cli/command.h"

#include "channel/plugin.h"
#include "server/plugin_migrations.h"
#include "store/cluster.h"

static int run_migrate(struct cli *cli)
{
	struct error error = {0};
	int applied = 0, of_plugins = 0;
	if (cli_open_database(cli))
		return CLI_FAILED;
	if (migrate_run(cli->owner_conninfo, &applied, &error))
		return cli_fail(&error);
	if (channel_describe(cli->config, &error) || plugin_migrations_run(cli->config, cli->owner_conninfo, &of_plugins, &error))
		return cli_fail(&error);
	applied += of_plugins;
	printf(applied ? "%d migration%s applied.\n" : "Nothing to do: the database is up to date.\n", applied, applied == 1 ? "" : "s");
	return CLI_DONE;
}

static json_int_t number(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

static int run_status(struct cli *cli)
{
	struct error error = {0};
	int applied = 0, known = 0;
	json_t *row = NULL;
	size_t i = 0;
	if (cli_open_database(cli))
		return CLI_FAILED;
	if (migrate_status(cli->conninfo, &applied, &known, &error))
		return cli_fail(&error);
	json_t *plugins = channel_describe(cli->config, &error) || applied < known ? json_array() : plugin_migrations_status(cli->config, cli->conninfo, &error);
	if (!plugins)
		return cli_fail(&error);
	if (cli->json)
		return cli_print_json(json_pack("{s:i, s:i, s:o}", "applied", applied, "known", known, "plugins", plugins));
	printf("%d of %d migrations are applied.%s\n", applied, known, applied < known ? " Run: nurture db migrate" : "");
	json_array_foreach (plugins, i, row)
		printf("plugin %s: %lld of its %lld migrations are applied.%s\n", json_string_value(json_object_get(row, "plugin")),
		       (long long)(number(row, "migrations") - number(row, "missing")), (long long)number(row, "migrations"),
		       number(row, "missing") ? " Run: nurture db migrate" : "");
	json_decref(plugins);
	return CLI_DONE;
}

extern const struct cli_command cli_db_migrate, cli_db_status;
const struct cli_command cli_db_migrate = {.name = "db migrate", .arguments = "", .summary = "Brings the database up to date.", .run = run_migrate};
const struct cli_command cli_db_status = {.name = "db status", .arguments = "", .summary = "Says how far the database is.", .json = true, .run = run_status};
