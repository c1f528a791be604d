/* nurture plugin list|check: which plugins there are, and whether a file is one. Each is loaded in a child of its own. */
#include "cli/command.h"

#include "base/buf.h"
#include "base/mem.h"
#include "channel/check.h"
#include "channel/plugin.h"
#include "report/report.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static const struct report_column columns[] = {
	{"name", "plugin", REPORT_TEXT},       {"version", "version", REPORT_TEXT},   {"kind", "serves", REPORT_TEXT},
	{"licence", "licence", REPORT_TEXT}, {"migrations_count", "migrations", REPORT_COUNT}, {"routes_text", "routes", REPORT_TEXT}, {"problem", "problem", REPORT_TEXT}, {0},
};

/* "GET /next, POST /calls/:call": for the table. */
static json_t *routes_text(const json_t *routes)
{
	struct buf text = {0};
	json_t *route = NULL, *out = NULL;
	size_t i = 0;
	json_array_foreach (routes, i, route)
		buf_printf(&text, "%s%s %s", i ? ", " : "", json_string_value(json_object_get(route, "method")), json_string_value(json_object_get(route, "path")));
	out = json_string(buf_str(&text).p);
	buf_fini(&text);
	return out;
}

static json_t *describe(const struct cli *cli, const char *path, const char *name)
{
	struct error error = {0};
	json_t *says = channel_plugin_describe(path, &error);
	if (says && !cli->json)
		json_object_update_new(says, json_pack("{s:o, s:i}", "routes_text", routes_text(json_object_get(says, "routes")), "migrations_count",
						       (int)json_array_size(json_object_get(says, "migrations"))));
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
		json_array_append_new(rows, describe(cli, path, entries[i]->d_name));
		free(path);
		free(entries[i]);
	}
	free(entries);
	return cli_print_rows(cli, columns, rows);
}

/* What a check told: lines as they come, or rows for --json. */
struct told {
	json_t *rows; /* NULL = print lines */
	int kept, broken, skipped;
};

static void on_check(void *arg, const char *verdict, const char *what, const char *why)
{
	struct told *told = arg;
	*(strcmp(verdict, "ok") == 0 ? &told->kept : strcmp(verdict, "FAILED") == 0 ? &told->broken : &told->skipped) += 1;
	if (told->rows) {
		json_array_append_new(told->rows, json_pack("{s:s, s:s, s:o}", "verdict", verdict, "check", what, "why",
							    json_string(why) ?: json_string("(not UTF-8)")));
		return;
	}
	printf("%-8s %s%s", verdict, what, *why ? ": " : "");
	cli_print_text(stdout, str_of(why));
	putchar('\n');
	fflush(stdout);
}

/* Said before anything is tried: else every promise would be broken by a slip of the pen. */
static bool is_there(const char *path)
{
	struct stat st;
	if (stat(path, &st))
		return cli_refuse(errno == ENOENT ? "there is no file %s." : "%s cannot be looked at: it, or a folder on the way to it, is closed to you.", path), false;
	if (!S_ISREG(st.st_mode))
		return cli_refuse("%s is not a file: name the plugin's .so.", path), false;
	return true;
}

static int run_check(struct cli *cli)
{
	const char *text = cli_option(cli, "--settings");
	json_error_t wrong;
	json_t *settings = text ? json_loads(text, 0, &wrong) : json_object();
	if (!json_is_object(settings)) {
		cli_refuse("--settings wants a JSON object, like '{\"relay\": \"maildir:outbox\"}': %s.", settings ? "this is another value" : wrong.text);
		return CLI_WRONG_USAGE;
	}
	if (!is_there(cli->args[0])) {
		json_decref(settings);
		return CLI_WRONG_USAGE;
	}
	struct told told = {.rows = cli->json ? json_array() : NULL};
	int failed = channel_plugin_check(cli->args[0], settings, cli_option(cli, "--only"), on_check, &told);
	json_decref(settings);
	if (!told.kept && !told.broken && !told.skipped)
		return cli_refuse("no promise has \"%s\" in its sentence.", cli_option(cli, "--only")), CLI_WRONG_USAGE;
	if (cli->json)
		cli_print_json(told.rows);
	else
		printf("%d kept, %d broken, %d not tried\n", told.kept, told.broken, told.skipped);
	return failed ? CLI_FAILED : CLI_DONE;
}

extern const struct cli_command cli_plugin_list, cli_plugin_check;
const struct cli_command cli_plugin_list = {.name = "plugin list", .arguments = "", .summary = "Lists the plugins of the plugin folder.", .json = true, .run = run_list};
const struct cli_command cli_plugin_check = {
	.name = "plugin check", .arguments = "FILE.so", .summary = "Tries what any plugin must keep on this one.",
	.more = "Each promise is tried in a process of its own, so a plugin that crashes or hangs harms nothing. Those about touches need settings\n"
		"that the plugin takes, and with which it can send; else they are skipped. Let them lead to no place that may not get test\n"
		"messages. Exit status 0: nothing is broken; 1: something is.",
	.options = {{"--settings", NULL, "JSON", "the channel's settings, as an object"},
		    {"--only", NULL, "TEXT", "only the promises that have this in their sentence"}}, .least = 1, .most = 1, .json = true, .run = run_check,
};
