/* nurture lead: who a lead is, and its timeline, newest first. nurture lead release: a parked one goes on. */
#include "cli/command.h"

#include "store/admin.h"
#include "store/intake.h"

#include <stdlib.h>

static void print_value(json_t *value)
{
	char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	cli_print_text(stdout, str_of(text ? text : json_string_value(value)));
	free(text);
}

/* What the scrub found, in one line. */
static void print_quality(json_t *flags)
{
	size_t i;
	json_t *flag;
	json_array_foreach(flags, i, flag)
		printf("%s%s", i ? ", " : "quality        ", json_string_value(flag));
	if (json_array_size(flags))
		printf("\n");
}

static void print_fields(json_t *object)
{
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value) {
		if (strcmp(key, "failure") == 0 || json_is_null(value) || (json_is_string(value) && !json_string_length(value)) || json_is_array(value))
			continue;
		if (json_is_object(value)) {
			print_fields(value);
			continue;
		}
		printf("%-14s ", key);
		print_value(value);
		printf("\n");
	}
}

/* Why its turns are not taken, or put off. */
static void print_failure(json_t *lead)
{
	json_t *failure = json_object_get(lead, "failure");
	long long id = (long long)json_integer_value(json_object_get(lead, "lead_id"));
	bool parked = cli_text(failure, "parked_at")[0];
	if (!json_is_object(failure))
		return;
	printf("%-14s ", parked ? "parked" : "failing");
	cli_print_text(stdout, str_of(cli_text(failure, "message")));
	if (parked)
		printf(", three workers died in its turn; since %s nothing is decided about it (nurture lead release %lld)\n", cli_text(failure, "parked_at"), id);
	else
		printf(", tried again at %s\n", cli_text(failure, "retry_at"));
}

static void print_scores(json_t *scores)
{
	size_t i;
	json_t *row;
	json_array_foreach(scores, i, row) {
		json_t *points = json_object_get(row, "points");
		if (json_is_integer(points))
			printf("%-14s %lld points\n", cli_text(row, "name"), (long long)json_integer_value(points));
		else
			printf("%-14s %s%s%s\n", cli_text(row, "name"), cli_text(row, "grade"), cli_text(row, "grade")[0] ? ", band " : "band ", cli_text(row, "band"));
	}
}

/* One line an entry; of its detail what a person asks for first. --json has all of it. */
static void print_entry(json_t *row)
{
	static const char *const shown[] = {"cause", "value", "place", "touch_id"};
	json_t *detail = json_object_get(row, "detail");
	printf("%.19sZ  %-8s  ", cli_text(row, "at"), cli_text(row, "kind")); /* to the second; --json has it exactly */
	cli_print_text(stdout, str_of(cli_text(row, "what")));
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		json_t *value = json_object_get(detail, shown[i]);
		if (!value || json_is_null(value))
			continue;
		printf("  %s=", shown[i]);
		print_value(value);
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
	print_fields(json_array_get(lead, 0));
	print_quality(json_object_get(json_array_get(lead, 0), "quality"));
	print_failure(json_array_get(lead, 0));
	print_scores(json_object_get(json_array_get(lead, 0), "scores"));
	printf("\n");
	json_array_foreach(timeline, i, row)
		print_entry(row);
	json_decref(lead);
	json_decref(timeline);
	return CLI_DONE;
}

static int run_release(struct cli *cli)
{
	struct cli_wait wait = {.cli = cli};
	int64_t lead_id = cli_open(cli) ? 0 : cli_find_lead(cli, cli->args[0]);
	if (!lead_id)
		return CLI_FAILED;
	store_lead_release(cli->store, lead_id, cli_on_done, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	printf("Lead %lld is looked at again.\n", (long long)lead_id);
	return CLI_DONE;
}

/* The right to object: nothing goes out any more on any channel, for any purpose; what is planned is taken back. */
static int stop(struct cli *cli, int64_t lead_id)
{
	struct cli_wait wait = {.cli = cli};
	moment_t now = 0;
	if (cli_now(cli, &now))
		return CLI_FAILED;
	struct intake_consent consent = {.lead_id = lead_id, .channel = STR("*"), .purpose = STR("*"), .state = CONSENT_WITHDRAWN, .source = STR("command")};
	struct intake_event event = {.lead_id = lead_id, .verb = STR("consent.withdraw"), .subject = STR("*"), .at = now};
	struct intake intake = {.events = &event, .event_count = 1, .consents = &consent, .consent_count = 1, .now = now, .fn = cli_on_done, .arg = &wait};
	store_intake(cli->store, &intake);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	if (cli->json)
		return cli_print_json(json_pack("{s:I, s:b, s:i}", "lead", (json_int_t)lead_id, "stopped", 1, "cancelled", consent.cancelled));
	printf("Lead %lld is stopped on every channel, for every purpose; %d open touches were taken back.\n", (long long)lead_id, consent.cancelled);
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
	if (cli_option(cli, "--stop"))
		return stop(cli, lead_id);
	if (cli_option(cli, "--export"))
		return cli_lead_export(cli, lead_id);
	snprintf(id, sizeof id, "%lld", (long long)lead_id);
	snprintf(limit, sizeof limit, "%lld", (long long)most);
	const char *const who[] = {id}, *const page[] = {id, NULL, limit};
	json_t *lead = cli_query(cli, "lead_get", who, 1);
	return print(cli, lead, lead ? cli_query(cli, "lead_timeline", page, 3) : NULL);
}

extern const struct cli_command cli_lead, cli_lead_release;
const struct cli_command cli_lead_release = {
	.name = "lead release", .arguments = "LEAD", .summary = "Lets a lead go on that was parked because workers died in its turn.",
	.more = "LEAD is an id, an e-mail address or an external id (nurture status lists them).",
	.least = 1, .most = 1, .run = run_release,
};
const struct cli_command cli_lead = {
	.name = "lead", .arguments = "LEAD", .summary = "Who a lead is, and what happened to it, newest first.",
	.more = "LEAD is an id, an e-mail address or an external id.",
	.options = {
		{"--limit", NULL, "N", "how many entries of the timeline (100)"},
		{"--export", NULL, NULL, "all that is known of the person, also what plugins keep, as JSON (GDPR, articles 15 and 20)"},
		{"--stop", NULL, NULL, "the person objects: nothing goes out any more, on any channel, for any purpose"},
	},
	.least = 1, .most = 1, .json = true, .run = run,
};
