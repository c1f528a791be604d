/* nurture plugin list|check: which plugins there are, and whether a file is one. Each is loaded in a child of its own. */
#include "cli/command.h"

#include "base/mem.h"
#include "channel/plugin.h"
#include "report/report.h"

#include <dirent.h>
#include <stdlib.h>

static const struct report_column columns[] = {
	{"name", "plugin", REPORT_TEXT},       {"version", "version", REPORT_TEXT},   {"kind", "serves", REPORT_TEXT},
	{"licence", "licence", REPORT_TEXT}, {"problem", "problem", REPORT_TEXT}, {0},
};

static json_t *describe(const char *path, const char *name)
{
	struct error error = {0};
	json_t *says = channel_plugin_describe(path, &error);
	return says ? says : json_pack("{s:s, s:s}", "name", name, "problem", error.message);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_plugin(const struct dirent *entry)
{
	return str_ends(str_of(entry->d_name), STR(".so"));
}

static int run_list(struct cli *cli)
{
	struct error error = {0};
	struct dirent **entries = NULL;
	cli->config = config_load(cli->config_path, &error);
	if (!cli->config)
		return cli_fail(&error);
	int count = scandir(cli->config->plugin_dir, &entries, is_plugin, by_name);
	if (count < 0)
		return cli_refuse("there is no plugin folder %s.", cli->config->plugin_dir);
	json_t *rows = json_array();
	for (int i = 0; i < count; i++) {
		char *path = mem_printf("%s/%s", cli->config->plugin_dir, entries[i]->d_name);
		json_array_append_new(rows, describe(path, entries[i]->d_name));
		free(path);
		free(entries[i]);
	}
	free(entries);
	return cli_print_rows(cli, columns, rows);
}

static int run_check(struct cli *cli)
{
	struct error error = {0};
	json_t *says = channel_plugin_describe(cli->args[0], &error);
	if (!says)
		return cli_fail(&error);
	if (cli->json)
		return cli_print_json(says);
	printf("%s: plugin %s %s (%s), serves %s. It loads, and its contract fits this server.\n", cli->args[0], cli_text(says, "name"),
	       cli_text(says, "version"), cli_text(says, "licence"), cli_text(says, "kind"));
	json_decref(says);
	return CLI_DONE;
}

extern const struct cli_command cli_plugin_list, cli_plugin_check;
const struct cli_command cli_plugin_list = {.name = "plugin list", .arguments = "", .summary = "Lists the plugins of the plugin folder.", .json = true, .run = run_list};
const struct cli_command cli_plugin_check = {
	.name = "plugin check", .arguments = "FILE.so", .summary = "Says whether a file is a plugin that this server takes.", .least = 1, .most = 1,
	.json = true, .run = run_check,
};
