/* nurture calls status|lists: what the channel for calls says of itself and of its do-not-call lists. The channel's plugin answers, in the server. */
#include "cli/command.h"

#include "base/mem.h"
#include "cli/calls.h"
#include "cli/own_server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

char *calls_path(const struct cli *cli, const char *rest)
{
	const char *name = cli_option(cli, "--channel");
	for (size_t i = 0; !name && i < cli->config->channel_count; i++)
		if (strcmp(cli->config->channels[i].plugin, "telemarketing") == 0)
			name = cli->config->channels[i].name;
	if (!name) {
		(void)cli_refuse("the configuration has no channel for calls: channel \"calls\" { plugin = \"telemarketing\" }");
		return NULL;
	}
	return mem_printf("/v1/channels/%s/%s", name, rest);
}

bool calls_is_ndjson(const char *path)
{
	return str_ends(str_of(path), STR(".ndjson"));
}

bool calls_is_plain(const char *centre)
{
	return centre && *centre && strlen(centre) <= 40 && strspn(centre, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(centre);
}

/* ---- status ---- */

static int64_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void print_length(int64_t seconds)
{
	if (seconds >= 2 * 86400)
		printf("%" PRId64 " days", seconds / 86400);
	else if (seconds >= 2 * 3600)
		printf("%" PRId64 " hours", seconds / 3600);
	else
		printf("%" PRId64 " minutes", seconds / 60);
}

static void print_queue(const json_t *status)
{
	size_t i;
	json_t *row;
	printf("%" PRId64 " calls are queued.\n", number(status, "queued"));
	json_array_foreach (json_object_get(status, "queue"), i, row) {
		const json_t *age = json_object_get(row, "age");
		printf("  %-28s %6" PRId64 ": %" PRId64 " ready, %" PRId64 " waiting, %" PRId64 " in hand, %" PRId64 " callbacks; age: %" PRId64 " under an hour, %" PRId64
		       " under a day, %" PRId64 " older, the oldest ", cli_text(row, "campaign"), number(row, "calls"), number(row, "ready"), number(row, "waiting"),
		       number(row, "in_hand"), number(row, "callbacks"), number(age, "under_an_hour"), number(age, "under_a_day"), number(age, "older"));
		print_length(number(row, "oldest_seconds"));
		putchar('\n');
	}
}

static void print_agents(const json_t *status)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(status, "agents"), i, row) {
		printf("  %-28s ", "");
		cli_print_text(stdout, str_of(cli_text(row, "agent")));
		printf(" is %s for ", cli_text(row, "state"));
		print_length(number(row, "seconds"));
		printf("%s%s\n", *cli_text(row, "can") ? ", can " : "", cli_text(row, "can"));
	}
	json_array_foreach (json_object_get(status, "nobody_can"), i, row)
		printf("  ! %" PRId64 " calls need %s, and no agent can that.\n", number(row, "calls"), cli_text(row, "needs"));
}

static void print_not_offered(const json_t *status)
{
	size_t i;
	json_t *row;
	const json_t *all = json_object_get(status, "not_offered");
	if (json_array_size(all))
		printf("Not offered now:\n");
	json_array_foreach ((json_t *)(uintptr_t)all, i, row) {
		const char *next = cli_text(row, "next_at");
		printf("  %6" PRId64 " %s: ", number(row, "calls"), cli_text(row, "state"));
		cli_print_text(stdout, str_of(*cli_text(row, "reason") ? cli_text(row, "reason") : "not due yet"));
		printf("%s%s\n", *next ? "; the first is looked at again at " : "", next);
	}
}

static void print_came_to_nothing(const json_t *day)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(day, "came_to_nothing"), i, row) {
		printf("  %6" PRId64 " came to nothing: ", number(row, "calls"));
		cli_print_text(stdout, str_of(cli_text(row, "reason")));
		putchar('\n');
	}
}

static void print_status(const json_t *status)
{
	const json_t *day = json_object_get(status, "last_day"), *late = json_object_get(status, "deadlines");
	print_queue(status);
	print_not_offered(status);
	printf("Agents:\n");
	print_agents(status);
	printf("Last day: %" PRId64 " offered, %" PRId64 " ended, %" PRId64 " reached somebody (%.0f %%), %" PRId64 " abandoned (%.0f %%), %" PRId64
	       " blocked; %" PRId64 " s a call.\n", number(day, "offered"), number(day, "ended"), number(day, "reached"), 100 * json_real_value(json_object_get(day, "contact_rate")),
	       number(day, "abandoned"), 100 * json_real_value(json_object_get(day, "abandonment")), number(day, "blocked"), number(day, "handling_seconds"));
	print_came_to_nothing(day);
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(status, "first_offers"), i, row)
		printf("  %-28s %" PRId64 " calls had their first agent after %" PRId64 " s (median), %" PRId64 " s (nine of ten); %" PRId64 " within five minutes\n",
		       cli_text(row, "campaign"), number(row, "calls"), number(row, "median_seconds"), number(row, "ninety_percent_seconds"), number(row, "within_five_minutes"));
	if (number(late, "missed") || number(late, "will_be_missed"))
		printf("! %" PRId64 " calls have missed their deadline, %" PRId64 " more will at this pace.\n", number(late, "missed"), number(late, "will_be_missed"));
}

/* Asks, and prints it as JSON or by `print`. */
static int ask_and_print(struct cli *cli, const char *rest, void (*print)(const json_t *))
{
	struct own_server server;
	json_t *answer = NULL;
	if (own_server_open(&server, cli, "nurture calls"))
		return CLI_FAILED;
	char *path = calls_path(cli, rest);
	int status = path ? own_server_ask(&server, "GET", path, NULL, STR(""), &answer) : 0, result = CLI_FAILED;
	own_server_close(&server);
	free(path);
	if (status == 200 && cli->json)
		return cli_print_json(answer);
	if (status == 200) {
		print(answer);
		result = CLI_DONE;
	} else if (path) {
		result = own_server_refused(status, answer);
	}
	json_decref(answer);
	return result;
}

static int run_status(struct cli *cli)
{
	return ask_and_print(cli, "status", print_status);
}

static void print_lists(const json_t *answer)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(answer, "lists"), i, row) {
		bool fresh = json_is_true(json_object_get(row, "fresh")), loaded = *cli_text(row, "scrubbed_at");
		const char *country = cli_text(row, "country"), *loading = json_is_true(json_object_get(row, "loading")) ? "; is being loaded" : "";
		if (strcmp(cli_text(row, "list"), "internal") == 0)
			printf("%-24s %10" PRId64 " numbers, for ever\n", cli_text(row, "list"), number(row, "numbers"));
		else if (loaded)
			printf("%-24s %10" PRId64 " numbers, scrubbed %.10s%s%s\n", cli_text(row, "list"), number(row, "numbers"), cli_text(row, "scrubbed_at"),
			       fresh ? "" : ": too old, its country is not called", loading);
		else
			printf("%-24s never loaded%s%s%s\n", cli_text(row, "list"), *country ? ": numbers of " : "", country, *country ? " are not called" : loading);
	}
}

static int run_lists(struct cli *cli)
{
	return ask_and_print(cli, "lists", print_lists);
}

extern const struct cli_command cli_calls_status, cli_calls_lists;
const struct cli_command cli_calls_status = {
	.name = "calls status", .arguments = "", .summary = "The queue by campaign and age, agents, how calls went in the last day, deadlines that will be missed.",
	.options = {{"--channel", NULL, "NAME", "of the configuration (else the first with plugin \"telemarketing\")"}}, .json = true, .run = run_status,
};
const struct cli_command cli_calls_lists = {
	.name = "calls lists", .arguments = "", .summary = "Do-not-call lists, and whether they are fresh.",
	.options = {{"--channel", NULL, "NAME", "of the configuration (else the first with plugin \"telemarketing\")"}}, .json = true, .run = run_lists,
};
