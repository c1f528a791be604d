/* nurture trace: the walks of a lead as its turns noted them: each step with its moment, cause, revision, file and line, contact and outcome. nurture
 * touch show: one contact, what became of it and why. What HTTP has under /v1/leads/ID/enrollments and /v1/touches. */
#include "cli/command.h"

#include <stdlib.h>

static json_t *page(struct cli *cli, const char *lead, const char *after)
{
	const char *const params[] = {lead, cli->arg_count > 1 ? cli->args[1] : NULL, after, "1000"};
	return cli_query(cli, "lead_trace", params, 4);
}

static json_t *all_rows(struct cli *cli, const char *lead)
{
	json_t *rows = page(cli, lead, NULL), *more = rows;
	while (more && json_array_size(more) == 1000) {
		char *after = strdup(cli_text(json_array_get(more, 999), "cursor"));
		if (more != rows)
			json_decref(more);
		more = page(cli, lead, after);
		json_array_extend(rows, more);
		free(after);
	}
	if (more != rows)
		json_decref(more);
	if (!more) {
		json_decref(rows);
		return NULL;
	}
	size_t i;
	json_t *row;
	json_array_foreach(rows, i, row)
		json_object_del(row, "cursor");
	return rows;
}

/* To the second; --json has it exactly. */
static void print_moment(const json_t *row, const char *key)
{
	printf("%.19sZ", cli_text(row, key));
}

static void print_contact(const json_t *row)
{
	if (!json_is_integer(json_object_get(row, "touch_id")))
		return;
	printf("  [touch %lld: %s \"", (long long)json_integer_value(json_object_get(row, "touch_id")), cli_text(row, "kind"));
	cli_print_text(stdout, str_of(cli_text(row, "template")));
	printf("\"%s%s, %s", cli_text(row, "recipient")[0] ? " to " : "", cli_text(row, "recipient"), cli_text(row, "outcome"));
	if (cli_text(row, "reason")[0]) {
		printf(": ");
		cli_print_text(stdout, str_of(cli_text(row, "reason")));
	}
	printf(cli_text(row, "over_at")[0] ? " at " : ", due ");
	print_moment(row, cli_text(row, "over_at")[0] ? "over_at" : "due_at");
	printf("]");
}

static void print_note(const json_t *row)
{
	print_moment(row, "at");
	printf("  %s", cli_text(row, "campaign"));
	if (cli_text(row, "step")[0])
		printf(", step %s", cli_text(row, "step"));
	printf(": %s", cli_text(row, "what"));
	if (cli_text(row, "cause")[0]) {
		printf(": ");
		cli_print_text(stdout, str_of(cli_text(row, "cause")));
	}
	print_contact(row);
	printf("  (%s%srevision %.12s)\n", cli_text(row, "place"), cli_text(row, "place")[0] ? ", " : "", cli_text(row, "revision"));
}

static void print_paused(const json_t *row)
{
	if (cli_text(row, "campaign_paused_at")[0]) {
		printf("; the campaign is paused since ");
		print_moment(row, "campaign_paused_at");
	}
	if (cli_text(row, "paused_at")[0]) {
		printf("; paused by itself since ");
		print_moment(row, "paused_at");
	}
	if (cli_text(row, "campaign_paused_at")[0] || cli_text(row, "paused_at")[0])
		printf(": nothing goes out until that is resumed");
}

static void print_stand(const json_t *row)
{
	bool held_out = json_is_true(json_object_get(row, "holdout")), ended = strcmp(cli_text(row, "state"), "ended") == 0;
	printf("%s, enrollment %lld: ", cli_text(row, "campaign"), (long long)json_integer_value(json_object_get(row, "enrollment_id")));
	if (ended)
		printf("left (%s) at ", cli_text(row, "reason"));
	else if (held_out)
		printf("held out since ");
	else
		printf("%s on step \"%s\"%s%s since ", cli_text(row, "state"), cli_text(row, "step"), cli_text(row, "reason")[0] ? ": " : "", cli_text(row, "reason"));
	print_moment(row, ended ? "ended_at" : held_out ? "entered_at" : "step_since");
	if (!ended && cli_text(row, "due_at")[0] && strncmp(cli_text(row, "due_at"), "infinity", 8) != 0) {
		printf(", due ");
		print_moment(row, "due_at");
	}
	if (!ended)
		print_paused(row);
	printf("\n");
}

static bool is_meant(const struct cli *cli, const json_t *row)
{
	char id[24];
	snprintf(id, sizeof id, "%lld", (long long)json_integer_value(json_object_get(row, "enrollment_id")));
	return cli->arg_count < 2 || strcmp(cli->args[1], cli_text(row, "campaign")) == 0 || strcmp(cli->args[1], id) == 0;
}

static int run(struct cli *cli)
{
	int64_t lead_id = cli_open(cli) ? 0 : cli_find_lead(cli, cli->args[0]);
	char lead[24];
	size_t i;
	json_t *row;
	if (!lead_id)
		return CLI_FAILED;
	snprintf(lead, sizeof lead, "%lld", (long long)lead_id);
	const char *const params[] = {lead, NULL, "1000"};
	json_t *stands = cli_query(cli, "lead_enrollments", params, 3), *rows = stands ? all_rows(cli, lead) : NULL;
	if (!rows) {
		json_decref(stands);
		return CLI_FAILED;
	}
	for (i = json_array_size(stands); i-- > 0;)
		if (!is_meant(cli, json_array_get(stands, i)))
			json_array_remove(stands, i);
		else
			json_object_del(json_array_get(stands, i), "cursor");
	if (cli->json)
		return cli_print_json(json_pack("{s:I, s:o, s:o}", "lead", (json_int_t)lead_id, "enrollments", stands, "trace", rows));
	if (!json_array_size(stands) && !json_array_size(rows))
		printf(cli->arg_count > 1 ? "Lead %lld never was in \"%s\".\n" : "Lead %lld never was in a campaign.\n", (long long)lead_id, cli->arg_count > 1 ? cli->args[1] : "");
	json_array_foreach(stands, i, row)
		print_stand(row);
	printf("\n");
	json_array_foreach(rows, i, row)
		print_note(row);
	json_decref(stands);
	json_decref(rows);
	return CLI_DONE;
}

/* ---- one touch ---- */

static void print_touch(const json_t *row)
{
	static const char *const keys[] = {"campaign", "step", "recipient", "channel", "purpose", "place", "revision", "planned_at", "planned_because", "due_at",
					   "expires_at", "over_at", "remote_id"};
	size_t i;
	json_t *attempt;
	printf("touch %lld: %s \"", (long long)json_integer_value(json_object_get(row, "touch_id")), cli_text(row, "kind"));
	cli_print_text(stdout, str_of(cli_text(row, "template")));
	printf("\" to lead %lld, %s: ", (long long)json_integer_value(json_object_get(row, "lead_id")), cli_text(row, "state"));
	cli_print_text(stdout, str_of(cli_text(row, "why")));
	printf(".\n");
	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (!cli_text(row, keys[i])[0])
			continue;
		printf("%-16s ", keys[i]);
		cli_print_text(stdout, str_of(cli_text(row, keys[i])));
		printf("\n");
	}
	json_array_foreach(json_object_get(row, "attempts"), i, attempt) {
		printf("attempt %lld  %s  %s ", (long long)json_integer_value(json_object_get(attempt, "attempt")), cli_text(attempt, "at"), cli_text(attempt, "outcome"));
		cli_print_text(stdout, str_of(cli_text(attempt, "reason")));
		printf("\n");
	}
}

static int run_touch(struct cli *cli)
{
	int64_t id;
	if (cli_number("a touch's number", cli->args[0], 1, INT64_MAX, &id))
		return CLI_WRONG_USAGE;
	if (cli_open(cli))
		return CLI_FAILED;
	const char *const params[] = {cli->args[0]};
	json_t *rows = cli_query(cli, "touch_get", params, 1);
	if (!rows)
		return CLI_FAILED;
	int status = json_array_size(rows) ? CLI_DONE : cli_refuse("there is no touch %s.", cli->args[0]);
	if (status == CLI_DONE && cli->json)
		cli_print_json(json_incref(json_array_get(rows, 0)));
	else if (status == CLI_DONE)
		print_touch(json_array_get(rows, 0));
	json_decref(rows);
	return status;
}

extern const struct cli_command cli_trace, cli_touch_show;
const struct cli_command cli_trace = {
	.name = "trace", .arguments = "LEAD [CAMPAIGN]", .summary = "A lead's walk through its campaigns: each step with its moment, cause, revision, place, contact and outcome.",
	.more = "LEAD is an id, an e-mail address or an external id; CAMPAIGN a name, or the number of one enrollment.",
	.least = 1, .most = 2, .json = true, .run = run,
};
const struct cli_command cli_touch_show = {
	.name = "touch show", .arguments = "ID", .summary = "One touch: what became of it and why, which step planned it, every attempt.", .least = 1, .most = 1, .json = true, .run = run_touch,
};
