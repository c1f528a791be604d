/* nurture serve: the server, in the foreground. */
#include "cli/command.h"
#include "server/server.h"

#include "base/log.h"

static int run(struct cli *cli)
{
	struct error error = {0};
	struct server_options options = {.config_path = cli->config_path, .time_scale = 1, .watch = cli_option(cli, "--watch") != NULL};
	const char *scale = cli_option(cli, "--time-scale");
	if (scale && (!str_to_double(str_of(scale), &options.time_scale) || options.time_scale < 1 || options.time_scale > 1e6)) {
		fprintf(stderr, "nurture serve: --time-scale must be a number from 1 to 1000000, not \"%s\".\n", scale);
		return CLI_WRONG_USAGE;
	}
	log_set_level(LOG_LEVEL_INFO);
	return server_run(&options, &error) ? cli_fail(&error) : CLI_DONE;
}

extern const struct cli_command cli_serve;
const struct cli_command cli_serve = {
	.name = "serve", .arguments = "", .summary = "Runs the server in the foreground; Ctrl-C or SIGTERM drains and stops it.",
	.more = "SIGHUP starts a new generation of workers with the configuration, plugins and program as they are then;\n"
		"if one of them is broken, the running generation goes on and the log says why.",
	.options = {
		{"--watch", NULL, NULL, "publishes the playbook folder whenever a file in it is saved and checks"},
		{"--time-scale", NULL, "N", "domain time runs N times as fast (86400: a day a second); for demonstrations"},
	},
	.run = run,
};
