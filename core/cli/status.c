/* nurture status: one look at everything: who serves, which playbook, what went wrong, what waits. */
#include "cli/command.h"

#include "server/lock.h"

static void print_channels(json_t *channels)
{
	size_t i;
	json_t *row;
	json_array_foreach(channels, i, row)
		printf("channel    %s: %s%s%s\n", cli_text(row, "channel"), cli_text(row, "state"), cli_text(row, "reason")[0] ? ": " : "", cli_text(row, "reason"));
}

static void print_figure(json_t *row, const char *key, const char *words)
{
	json_int_t n = json_integer_value(json_object_get(row, key));
	if (n)
		printf("attention  %lld %s\n", (long long)n, words);
}

static void print_refused(json_t *row)
{
	json_t *refused = json_object_get(row, "publish_error");
	if (!json_is_object(refused))
		return;
	printf("\nnot published (%s, %s); the active revision goes on:\n", cli_text(refused, "source"), cli_text(refused, "at"));
	struct str lines = str_of(cli_text(refused, "problems"));
	while (lines.p) {
		struct str line = str_cut(&lines, '\n');
		if (line.n) {
			printf("  ");
			cli_print_text(stdout, line);
			printf("\n");
		}
	}
}

static void print_status(struct cli *cli, json_t *row, json_t *channels, int pid, const char *listen)
{
	if (pid)
		printf("server     runs (process %d), listens on %s\n", pid, listen);
	else
		printf("server     does not run here\n");
	printf("data       %s\n", cli->config->data_dir);
	if (cli_text(row, "revision")[0])
		printf("playbook   %s, revision %.12s, active since %s\n", cli_text(row, "name"), cli_text(row, "revision"), cli_text(row, "activated_at"));
	else
		printf("playbook   none is published yet (nurture publish DIR)\n");
	printf("leads      %lld\n", (long long)json_integer_value(json_object_get(row, "leads")));
	printf("waiting    %lld to be looked at, %lld touches due\n", (long long)json_integer_value(json_object_get(row, "inbox")),
	       (long long)json_integer_value(json_object_get(row, "touches_due")));
	print_channels(channels);
	print_figure(row, "parked", "leads are parked: a worker died in their turn three times");
	print_figure(row, "failing", "leads whose turn fails and is tried again");
	print_figure(row, "script_errors", "rules or steps failed for some leads");
	print_figure(row, "in_doubt", "touches are in doubt (nurture touch list)");
	print_refused(row);
}

static int run(struct cli *cli)
{
	char listen[256];
	if (cli_open(cli))
		return CLI_FAILED;
	pid_t pid = lock_holder(cli->config->data_dir, listen, sizeof listen);
	json_t *rows = cli_query(cli, "status", NULL, 0), *channels = rows ? cli_query(cli, "channel_states", NULL, 0) : NULL;
	int status = channels ? CLI_DONE : CLI_FAILED;
	if (channels && cli->json)
		status = cli_print_json(json_pack("{s:b, s:i, s:s, s:s, s:O, s:O}", "running", pid != 0, "process", (int)pid, "listen", listen, "data_dir",
						  cli->config->data_dir, "database", json_array_get(rows, 0), "channels", channels));
	else if (channels)
		print_status(cli, json_array_get(rows, 0), channels, pid, listen);
	json_decref(rows);
	json_decref(channels);
	return status;
}

extern const struct cli_command cli_status;
const struct cli_command cli_status = {
	.name = "status", .arguments = "", .summary = "Who serves, which playbook is active, what went wrong, what waits.", .json = true, .run = run,
};
