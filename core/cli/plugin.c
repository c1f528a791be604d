/* nurture plugin list|check: which plugins there are, and whether a file is one. Each is loaded in a child of its own. */
#include "cli/command.h"

#include "base/mem.h"
#include "channel/check.h"
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

static const struct report_column check_columns[] = {
	{"verdict", "result", REPORT_TEXT}, {"check", "what any plugin must keep", REPORT_TEXT}, {"why", "why", REPORT_TEXT}, {0},
};

static void on_check(void *arg, const char *verdict, const char *what, const char *why)
{
	json_array_append_new(arg, json_pack("{s:s, s:s, s:s}", "verdict", verdict, "check", what, "why", why));
}

static int run_check(struct cli *cli)
{
	const char *text = cli_option(cli, "--settings");
	json_error_t wrong;
	json_t *settings = text ? json_loads(text, 0, &wrong) : json_object();
	if (!json_is_object(settings))
		return cli_refuse("--settings wants a JSON object, like '{\"relay\": \"maildir:outbox\"}': %s.", settings ? "this is another value" : wrong.text);
	json_t *rows = json_array();
	int failed = channel_plugin_check(cli->args[0], settings, on_check, rows);
	json_decref(settings);
	return cli_print_rows(cli, check_columns, rows) == CLI_DONE && !failed ? CLI_DONE : CLI_FAILED;
}

extern const struct cli_command cli_plugin_list, cli_plugin_check;
const struct cli_command cli_plugin_list = {.name = "plugin list", .arguments = "", .summary = "Lists the plugins of the plugin folder.", .json = true, .run = run_list};
const struct cli_command cli_plugin_check = {
	.name = "plugin check", .arguments = "FILE.so", .summary = "Tries what any plugin must keep on this one.",
	.more = "Each check runs in a process of its own, so a plugin that crashes or hangs harms nothing. Checks that deliver need settings that the\n"
		"plugin takes. Nothing should be reachable by them that may not get a test message.",
	.options = {{"--settings", NULL, "JSON", "the channel's settings, as an object"}}, .least = 1, .most = 1, .json = true, .run = run_check,
};
