/* nurture lead: who a lead is, and its timeline, newest first. */
#include "cli/command.h"

#include <stdlib.h>

static void print_value(json_t *value)
{
	char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	cli_print_text(stdout, str_of(text ? text : json_string_value(value)));
	free(text);
}

static void print_fields(json_t *object, const char *indent)
{
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value) {
		if (json_is_null(value) || (json_is_string(value) && !json_string_length(value)))
			continue;
		if (json_is_object(value)) {
			print_fields(value, indent);
			continue;
		}
		printf("%s%-14s ", indent, key);
		print_value(value);
		printf("\n");
	}
}

static void print_entry(json_t *row)
{
	static const char *const head[] = {"at", "kind", "what"};
	const char *key;
	json_t *value;
	for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
		cli_print_text(stdout, str_of(cli_text(row, head[i])));
		printf("  ");
	}
	json_object_foreach(row, key, value) {
		if (strcmp(key, "at") == 0 || strcmp(key, "kind") == 0 || strcmp(key, "what") == 0 || strcmp(key, "cursor") == 0 || json_is_null(value))
			continue;
		printf("%s=", key);
		print_value(value);
		printf(" ");
	}
	printf("\n");
}

static int print(struct cli *cli, json_t *lead, json_t *timeline)
{
	size_t i;
	json_t *row;
	if (!lead || !timeline) {
		json_decref(lead);
		json_decref(timeline);
		return CLI_FAILED;
	}
	if (cli->json)
		return cli_print_json(json_pack("{s:O, s:o}", "lead", json_array_get(lead, 0), "timeline", timeline));
	print_fields(json_array_get(lead, 0), "");
	printf("\n");
	json_array_foreach(timeline, i, row)
		print_entry(row);
	json_decref(lead);
	json_decref(timeline);
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	char id[24], limit[24];
	int64_t most = 100;
	const char *given = cli_option(cli, "--limit");
	if (given && cli_number("--limit", given, 1, 10000, &most))
		return CLI_WRONG_USAGE;
	int64_t lead_id = cli_open(cli) ? 0 : cli_find_lead(cli, cli->args[0]);
	if (!lead_id)
		return CLI_FAILED;
	snprintf(id, sizeof id, "%lld", (long long)lead_id);
	snprintf(limit, sizeof limit, "%lld", (long long)most);
	const char *const who[] = {id}, *const page[] = {id, NULL, limit};
	json_t *lead = cli_query(cli, "lead_get", who, 1);
	return print(cli, lead, lead ? cli_query(cli, "lead_timeline", page, 3) : NULL);
}

extern const struct cli_command cli_lead;
const struct cli_command cli_lead = {
	.name = "lead", .arguments = "LEAD", .summary = "Who a lead is, and what happened to it, newest first.",
	.more = "LEAD is an id, an e-mail address or an external id.",
	.options = {{"--limit", NULL, "N", "how many entries of the timeline (100)"}},
	.least = 1, .most = 1, .json = true, .run = run,
};
