/* nurture config: the configuration as it is understood, defaults filled in, secrets as ***; and whether serve would take it. */
#include "cli/command.h"

#include "channel/plugin.h"
#include "server/lock.h"

#include <stdlib.h>

static int run(struct cli *cli)
{
	struct error error = {0};
	cli->config = config_load(cli->config_path, &error);
	if (!cli->config)
		return cli_fail(&error);
	char *text = config_describe(cli->config);
	printf("-- %s\n%s", cli->config_path ? cli->config_path : "no file: all defaults", text);
	free(text);
	if (lock_check(cli->config, &error) || channel_describe(cli->config, &error)) {
		fflush(stdout);
		return cli_fail(&error);
	}
	return CLI_DONE;
}

extern const struct cli_command cli_config;
const struct cli_command cli_config = {
	.name = "config", .arguments = "", .summary = "Prints the configuration as it is understood, without secrets; 1 when serve would refuse it.", .run = run,
};
