/* What a command works with: configuration, the private cluster for the time of the command, a store. */
#include "cli/command.h"

#include "base/mem.h"
#include "channel/plugin.h"
#include "server/lock.h"
#include "store/cluster.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

int cli_fail(const struct error *error)
{
	fprintf(stderr, "nurture: %s%s%s\n", error->where, error->where[0] ? ": " : "", error->message);
	return CLI_FAILED;
}

int cli_refuse(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fprintf(stderr, "nurture: ");
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "\n");
	va_end(args);
	return CLI_FAILED;
}

const char *cli_user(void)
{
	const char *sudo = getenv("SUDO_USER");
	struct passwd *entry = getpwuid(getuid());
	if (sudo && sudo[0])
		return sudo;
	return entry ? entry->pw_name : "unknown";
}

static int read_config(struct cli *cli)
{
	struct error error = {0};
	cli->config = config_load(cli->config_path, &error);
	if (!cli->config)
		return cli_fail(&error);
	if (channel_describe(cli->config, &cli->plugin_trouble) == 0)
		error_clear(&cli->plugin_trouble);
	return CLI_DONE;
}

int cli_read_config(struct cli *cli)
{
	if (read_config(cli))
		return CLI_FAILED;
	return cli->plugin_trouble.code ? cli_fail(&cli->plugin_trouble) : CLI_DONE;
}

/* Somebody who looks for what is wrong with a server must not be refused for that. */
static int read_as_needed(struct cli *cli)
{
	if (cli->command->plugins)
		return cli_read_config(cli);
	if (read_config(cli))
		return CLI_FAILED;
	if (cli->plugin_trouble.code)
		fprintf(stderr, "nurture: %s: %s\nnurture: a server that runs goes on with what it had; reload, restart, publish and simulate are refused until this is mended.\n",
			cli->plugin_trouble.where, cli->plugin_trouble.message);
	return CLI_DONE;
}

int cli_open_database(struct cli *cli)
{
	struct error error = {0};
	if (!cli->config && read_as_needed(cli))
		return CLI_FAILED;
	if (!cli->config->database) {
		if (lock_prepare(cli->config, &error))
			return cli_fail(&error);
		cli->cluster = cluster_start(cli->config->data_dir, cli->config->user, &error);
		if (!cli->cluster)
			return cli_fail(&error);
	}
	cli->conninfo = mem_dup(cli->cluster ? cluster_runtime(cli->cluster) : cli->config->database);
	cli->owner_conninfo = mem_dup(cli->cluster ? cluster_owner(cli->cluster) : cli->config->database_owner ?: cli->config->database);
	return CLI_DONE;
}

static int check_migrations(struct cli *cli)
{
	struct error error = {0};
	int applied = 0, known = 0;
	if (migrate_status(cli->conninfo, &applied, &known, &error)) { /* who may not migrate can use it */
		if (error.code == ERROR_DENIED)
			return cli_refuse("the database is being made: try again in a moment. If that lasts: nurture db migrate gives the rights that are missing (%s)", error.message);
		return cli_fail(&error);
	}
	if (applied < known && cli->config->auto_migrate) /* also makes what a first start would make */
		return migrate_run(cli->owner_conninfo, &applied, &error) ? cli_fail(&error) : CLI_DONE;
	if (applied < known)
		return cli_refuse("%d migrations are missing. Run: nurture db migrate", known - applied);
	return CLI_DONE;
}

int cli_open(struct cli *cli)
{
	if (cli_open_database(cli) || check_migrations(cli))
		return CLI_FAILED;
	cli->loop = loop_new();
	char *name = mem_printf("command %.40s", cli_user()); /* the actor of what the audit keeps */
	cli->store = store_new(cli->loop, cli->conninfo, name);
	free(name);
	return CLI_DONE;
}

void cli_close(struct cli *cli)
{
	store_free(cli->store);
	loop_free(cli->loop);
	cluster_stop(cli->cluster);
	config_free(cli->config);
	free(cli->conninfo);
	free(cli->owner_conninfo);
}
