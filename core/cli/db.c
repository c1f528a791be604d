/* nurture db migrate|status: the database's tables. */
#include "cli/command.h"

#include "store/cluster.h"

static int run_migrate(struct cli *cli)
{
	struct error error = {0};
	int applied = 0;
	if (cli_open_database(cli))
		return CLI_FAILED;
	if (migrate_run(cli->owner_conninfo, &applied, &error))
		return cli_fail(&error);
	printf(applied ? "%d migration%s applied.\n" : "Nothing to do: the database is up to date.\n", applied, applied == 1 ? "" : "s");
	return CLI_DONE;
}

static int run_status(struct cli *cli)
{
	struct error error = {0};
	int applied = 0, known = 0;
	if (cli_open_database(cli))
		return CLI_FAILED;
	if (migrate_status(cli->conninfo, &applied, &known, &error))
		return cli_fail(&error);
	if (cli->json)
		return cli_print_json(json_pack("{s:i, s:i}", "applied", applied, "known", known));
	printf("%d of %d migrations are applied.%s\n", applied, known, applied < known ? " Run: nurture db migrate" : "");
	return CLI_DONE;
}

extern const struct cli_command cli_db_migrate, cli_db_status;
const struct cli_command cli_db_migrate = {.name = "db migrate", .arguments = "", .summary = "Brings the database up to date.", .run = run_migrate};
const struct cli_command cli_db_status = {.name = "db status", .arguments = "", .summary = "Says how far the database is.", .json = true, .run = run_status};
