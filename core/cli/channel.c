/* nurture channel list|stop|resume: what people do with channels by hand. The delivery process of the channel sees it within a second; what it has in hand
 * without permission goes back as it was. Also without a server: the word stands in the database, and counts when one begins. */
#include "cli/command.h"

#include "report/report.h"
#include "store/standing.h"

#include <string.h>

static const struct report_column columns[] = {
	{"channel", "channel", REPORT_TEXT},       {"state", "state", REPORT_TEXT},        {"reason", "reason", REPORT_TEXT},
	{"stopped_by", "stopped by", REPORT_TEXT}, {"held_reason", "held", REPORT_TEXT}, {0},
};

/* One that the configuration of before had says so. */
static void mark_gone(const struct cli *cli, json_t *rows)
{
	size_t i;
	json_t *row;
	json_array_foreach(rows, i, row) {
		bool known = config_has_channel(cli->config, cli_text(row, "channel"));
		json_object_set_new(row, "configured", json_boolean(known));
		if (!known)
			json_object_set_new(row, "state", json_string("not configured"));
	}
}

/* One that no process has opened yet. */
static void add_new(const struct cli *cli, json_t *rows)
{
	for (size_t k = 0; k < cli->config->channel_count; k++) {
		const char *name = cli->config->channels[k].name;
		size_t i;
		json_t *row;
		bool found = false;
		json_array_foreach(rows, i, row)
			found |= strcmp(cli_text(row, "channel"), name) == 0;
		if (!found)
			json_array_append_new(rows, json_pack("{s:s, s:s, s:b}", "channel", name, "state", "not opened yet", "configured", 1));
	}
}

static int run_list(struct cli *cli)
{
	json_t *rows = cli_open(cli) ? NULL : cli_query(cli, "channel_states", NULL, 0);
	if (!rows)
		return CLI_FAILED;
	mark_gone(cli, rows);
	add_new(cli, rows);
	return cli_print_rows(cli, columns, rows);
}

/* ---- one that is configured ---- */

static int say_unknown(struct cli *cli)
{
	const char *names[100];
	size_t n = 0;
	for (; n < cli->config->channel_count && n < 100; n++)
		names[n] = cli->config->channels[n].name;
	const char *near = str_nearest(str_of(cli->args[0]), names, n);
	return cli_refuse("there is no channel \"%s\" in the configuration.%s%s%s", cli->args[0], near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* ---- asking ---- */

static void say(const struct cli *cli, bool resume, json_t *answer)
{
	const char *name = cli->args[0];
	if (!json_is_true(json_object_get(answer, "changed")))
		printf("Nothing changed: channel \"%s\" %s.\n", name, resume ? "was neither stopped nor held" : "was stopped already");
	else if (resume)
		printf("Channel \"%s\" goes on.\n", name);
	else
		printf("Channel \"%s\" is stopped: what has no permission to leave yet goes back and waits. Lets it go on: nurture channel resume %s\n", name, name);
}

static int ask(struct cli *cli, bool resume)
{
	struct cli_wait wait = {.cli = cli};
	if (cli_open(cli))
		return CLI_FAILED;
	if (!config_has_channel(cli->config, cli->args[0]))
		return say_unknown(cli);
	store_channel_stop(cli->store, cli->args[0], resume, NULL, cli_on_rows, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	if (cli->json)
		return cli_print_json(wait.rows);
	say(cli, resume, wait.rows);
	json_decref(wait.rows);
	return CLI_DONE;
}

static int run_stop(struct cli *cli)
{
	return ask(cli, false);
}

static int run_resume(struct cli *cli)
{
	return ask(cli, true);
}

extern const struct cli_command cli_channel_list, cli_channel_stop, cli_channel_resume;
const struct cli_command cli_channel_list = {
	.name = "channel list", .arguments = "", .summary = "Channels, how they stand, which are stopped or held.",
	.more = "Also those that the configuration no longer has (not configured) and those that no server has opened yet.", .json = true, .run = run_list,
};
const struct cli_command cli_channel_stop = {
	.name = "channel stop", .arguments = "NAME", .summary = "Nothing of it goes out until it is resumed, also in the middle of a batch.",
	.more = "What it has in hand without permission goes back as it was, no attempt spent; what is on the wire ends as it ends.", .least = 1, .most = 1,
	.json = true, .run = run_stop,
};
const struct cli_command cli_channel_resume = {
	.name = "channel resume", .arguments = "NAME", .summary = "A channel goes on that was stopped, or held as something is wrong with the sender.", .least = 1,
	.most = 1, .json = true, .run = run_resume,
};
