/* nurture status: one look at everything: who serves, which playbook, what went wrong, what waits. */
#include "cli/command.h"

#include "server/lock.h"

/* What the database knows, each the rows of one query. */
struct picture {
	json_t *status, *nodes, *differences, *channels, *script_errors, *off, *failures, *held, *accounts, *troubles, *paused;
};

static void print_lines(const json_t *row, const char *key, const char *before)
{
	size_t i;
	json_t *line;
	json_array_foreach(json_object_get(json_object_get(row, "standing"), key), i, line) {
		printf("%s", before);
		cli_print_text(stdout, str_of(json_string_value(line)));
		printf("\n");
	}
}

/* Who waits for a person, and how it goes on. */
static void print_waits(const json_t *row)
{
	if (cli_text(row, "stopped_at")[0])
		printf("attention  channel %s was stopped by %s at %.16s: nothing of it goes out (nurture channel resume %s)\n", cli_text(row, "channel"),
		       cli_text(row, "stopped_by"), cli_text(row, "stopped_at"), cli_text(row, "channel"));
	if (!cli_text(row, "held_at")[0])
		return;
	printf("attention  channel %s is held since %.16s, as every further touch would fare the same: ", cli_text(row, "channel"), cli_text(row, "held_at"));
	cli_print_text(stdout, str_of(cli_text(row, "held_reason")));
	printf(". Mend it, then: nurture channel resume %s\n", cli_text(row, "channel"));
}

static void print_channel(const json_t *row)
{
	printf("channel    %s: %s%s", cli_text(row, "channel"), cli_text(row, "state"), cli_text(row, "reason")[0] ? ": " : "");
	cli_print_text(stdout, str_of(cli_text(row, "reason")));
	printf("\n");
	print_lines(row, "lines", "           ");
	print_waits(row);
	print_lines(row, "troubles", "attention  ");
	json_int_t forget = json_integer_value(json_object_get(row, "to_forget"));
	if (!forget)
		return;
	printf("           its plugin has still to forget %lld people, since %.16s%s", (long long)forget, cli_text(row, "to_forget_since"),
	       cli_text(row, "to_forget_reason")[0] ? ": " : "");
	cli_print_text(stdout, str_of(cli_text(row, "to_forget_reason")));
	printf("\n");
}

static void print_channels(const struct config *config, json_t *channels)
{
	size_t i;
	json_t *row;
	json_array_foreach(channels, i, row)
		if (config_has_channel(config, cli_text(row, "channel")))
			print_channel(row);
		else
			printf("channel    %s: no longer configured\n", cli_text(row, "channel"));
}

static void print_node(json_t *row)
{
	printf("node       %s (%s): version %s, since %s%s%s\n", cli_text(row, "host"), cli_text(row, "listen"), cli_text(row, "version"),
	       cli_text(row, "started_at"), json_is_true(json_object_get(row, "alive")) ? "" : ", not heard of since ",
	       json_is_true(json_object_get(row, "alive")) ? "" : cli_text(row, "seen_at"));
	if (!cli_text(row, "trouble")[0])
		return;
	printf("attention  its last reload was refused, what ran goes on: ");
	cli_print_text(stdout, str_of(cli_text(row, "trouble")));
	printf("\n");
}

static void print_nodes(json_t *nodes, json_t *differences)
{
	size_t i;
	json_t *row;
	json_array_foreach(nodes, i, row)
		print_node(row);
	json_array_foreach(differences, i, row)
		printf("attention  node %s (%s): %s differs from node %s (%s); nodes on one database must agree\n", cli_text(row, "host"),
		       cli_text(row, "listen"), cli_text(row, "option"), cli_text(row, "other_host"), cli_text(row, "other_listen"));
}

static void print_figure(json_t *row, const char *key, const char *one, const char *many)
{
	json_int_t n = json_integer_value(json_object_get(row, key));
	if (n)
		printf("attention  %lld %s\n", (long long)n, n == 1 ? one : many);
}

/* Where marketing's functions fail: the few that failed last. Lua's message names the place itself, and some the rule as well. */
static void print_script_error(json_t *row)
{
	struct str place = str_of(cli_text(row, "place")), context = str_of(cli_text(row, "context")), message = str_of(cli_text(row, "message"));
	long long count = json_integer_value(json_object_get(row, "count"));
	if (str_starts(message, place) && message.n > place.n + 2 && message.p[place.n] == ':')
		message = (struct str){message.p + place.n + 2, message.n - place.n - 2};
	printf("           %.*s: ", STR_ARG(place));
	if (context.n && !str_starts(message, context))
		printf("%.*s: ", STR_ARG(context));
	cli_print_text(stdout, message);
	printf(" (%lld time%s, first for lead %lld)\n", count, count == 1 ? "" : "s", (long long)json_integer_value(json_object_get(row, "first_lead")));
}

static void print_script_errors(json_t *errors)
{
	size_t i;
	json_t *row;
	json_array_foreach(errors, i, row)
		print_script_error(row);
}

static void print_switched_off(json_t *off)
{
	size_t i;
	json_t *row;
	json_array_foreach(off, i, row) {
		printf("off        ");
		cli_print_text(stdout, str_of(cli_text(row, "context")));
		printf(" (%s): %lld workers died in it, the last one with lead %lld; on again when its file is changed and published\n", cli_text(row, "place"),
		       (long long)json_integer_value(json_object_get(row, "deaths")), (long long)json_integer_value(json_object_get(row, "last_lead")));
	}
}

static void print_paused(json_t *paused)
{
	size_t i;
	json_t *row;
	json_array_foreach(paused, i, row)
		printf("paused     campaign \"%s\" since %s by %s: %lld in it wait (nurture campaign resume %s)\n", cli_text(row, "campaign"), cli_text(row, "paused_at"),
		       cli_text(row, "actor"), (long long)json_integer_value(json_object_get(row, "inside")), cli_text(row, "campaign"));
}

/* Where they stand: most of them first. */
static void print_held(json_t *held)
{
	size_t i;
	json_t *row;
	json_array_foreach(held, i, row) {
		long long count = (long long)json_integer_value(json_object_get(row, "count"));
		struct str reason = str_of(cli_text(row, "reason"));
		if (str_ends(reason, STR("failed"))) /* message 52 */
			printf("           campaign \"%s\": step \"%s\" failed for %lld lead%s (first: %lld). They are held there, nothing was sent, and they are tried again after the next publish: ",
			       cli_text(row, "campaign"), cli_text(row, "step"), count, count == 1 ? "" : "s", (long long)json_integer_value(json_object_get(row, "first_lead")));
		else
			printf("           %lld in campaign \"%s\", step \"%s\": ", count, cli_text(row, "campaign"), cli_text(row, "step"));
		cli_print_text(stdout, reason);
		printf("\n");
	}
}

static void print_failures(json_t *failures)
{
	size_t i;
	json_t *row;
	json_array_foreach(failures, i, row) {
		bool parked = cli_text(row, "parked_at")[0];
		char lead[40];
		struct str message = str_of(cli_text(row, "message"));
		snprintf(lead, sizeof lead, "lead %lld ", (long long)json_integer_value(json_object_get(row, "lead_id")));
		if (str_starts(message, str_of(lead))) /* a worker's last note begins with it */
			message = (struct str){message.p + strlen(lead), message.n - strlen(lead)};
		bool died = strcmp(cli_text(row, "place"), "worker") == 0;
		printf("           %.*s: %s", (int)strlen(lead) - 1, lead, died ? "a worker died in its turn (" : "");
		cli_print_text(stdout, message);
		printf("%s%s%s\n", died ? ")" : "", parked ? ", parked since " : ", tried again at ", cli_text(row, parked ? "parked_at" : "retry_at"));
	}
}

static void print_account_failures(json_t *failures)
{
	size_t i;
	json_t *row;
	json_array_foreach(failures, i, row) {
		printf("           account %lld: ", (long long)json_integer_value(json_object_get(row, "account_id")));
		cli_print_text(stdout, str_of(cli_text(row, "message")));
		printf(", tried again at %s\n", cli_text(row, "retry_at"));
	}
}

/* What engines try again and again. */
static void print_troubles(json_t *troubles)
{
	size_t i;
	json_t *row;
	json_array_foreach(troubles, i, row) {
		printf("attention  the engine cannot work (%s) since %s: ", cli_text(row, "what"), cli_text(row, "since"));
		cli_print_text(stdout, str_of(cli_text(row, "message")));
		printf("\n");
	}
}

/* The lines that are errors, or those that are notes, behind a heading (NULL = none). */
static void print_problems(struct str lines, bool notes, const char *heading)
{
	while (lines.p) {
		struct str line = str_cut(&lines, '\n');
		bool note = str_starts(line, STR("note: ")) || (line.n && memmem(line.p, line.n, ": note: ", 8));
		if (!line.n || note != notes)
			continue;
		printf("%s  ", heading ? heading : "");
		heading = NULL;
		cli_print_text(stdout, line);
		printf("\n");
	}
}

static void print_refused_one(const json_t *refused)
{
	const char *writer = cli_text(refused, "writer"), *at = cli_text(refused, "at");
	if (strcmp(writer, "active") == 0)
		printf("\nthe active revision runs, and this version would refuse to publish it (seen %s):\n", at);
	else if (strcmp(writer, "engine") == 0)
		printf("\nthe active revision does not load, and leads wait (seen %s):\n", at);
	else
		printf("\nnot published (%s, %s); the active revision goes on:\n", cli_text(refused, "source"), at);
	size_t i;
	const json_t *node;
	json_array_foreach (json_object_get(refused, "nodes"), i, node) {
		printf("%s", i ? ", " : "node ");
		cli_print_text(stdout, str_of(json_string_value(node)));
	}
	printf("\n");
	print_problems(str_of(cli_text(refused, "problems")), false, NULL);
	print_problems(str_of(cli_text(refused, "problems")), true, "notes, which hinder nothing:\n");
}

static void print_refused(json_t *row)
{
	size_t i;
	const json_t *refused;
	json_array_foreach (json_object_get(row, "publish_errors"), i, refused)
		print_refused_one(refused);
}

static void print_status(struct cli *cli, const struct picture *picture, int pid, const char *listen)
{
	json_t *row = json_array_get(picture->status, 0);
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
	print_nodes(picture->nodes, picture->differences);
	print_channels(cli->config, picture->channels);
	if (cli->plugin_trouble.code)
		printf("attention  %s: %s\n", cli->plugin_trouble.where, cli->plugin_trouble.message);
	print_troubles(picture->troubles);
	print_switched_off(picture->off);
	print_figure(row, "parked", "lead is parked: a worker died in its turn three times (nurture lead release LEAD)",
		     "leads are parked: a worker died in their turn three times (nurture lead release LEAD)");
	print_figure(row, "failing", "lead whose turn fails and is tried again", "leads whose turns fail and are tried again");
	print_failures(picture->failures);
	print_figure(row, "accounts_failing", "account whose turn the database refuses is tried again", "accounts whose turns the database refuses are tried again");
	print_account_failures(picture->accounts);
	print_figure(row, "held", "enrollment is held: nothing of it goes out until a revision lets it go on", "enrollments are held: nothing of theirs goes out until a revision lets them go on");
	print_held(picture->held);
	print_paused(picture->paused);
	print_figure(row, "script_errors", "rule or step failed for some leads", "rules or steps failed for some leads");
	print_script_errors(picture->script_errors);
	print_figure(row, "in_doubt", "touch is in doubt (nurture touch list; then nurture touch resend or drop)",
		     "touches are in doubt (nurture touch list; then nurture touch resend or drop)");
	print_refused(row);
}

/* false: the database did not answer, and why is said. */
static bool look(struct cli *cli, struct picture *picture)
{
	static const char *const few[] = {"5"}, *const first_few[] = {NULL, "5"};
	return (picture->status = cli_query(cli, "status", NULL, 0)) && (picture->nodes = cli_query(cli, "nodes", NULL, 0)) &&
	       (picture->differences = cli_query(cli, "node_differences", NULL, 0)) && (picture->channels = cli_query(cli, "channel_states", NULL, 0)) &&
	       (picture->script_errors = cli_query(cli, "script_errors", few, 1)) && (picture->off = cli_query(cli, "switched_off", NULL, 0)) &&
	       (picture->failures = cli_query(cli, "turn_failures", first_few, 2)) && (picture->held = cli_query(cli, "enrollments_held", few, 1)) &&
	       (picture->accounts = cli_query(cli, "account_failures", first_few, 2)) && (picture->troubles = cli_query(cli, "engine_troubles", NULL, 0)) &&
	       (picture->paused = cli_query(cli, "campaigns_paused", NULL, 0));
}

static int run(struct cli *cli)
{
	char listen[256];
	struct picture picture = {0};
	if (cli_open(cli))
		return CLI_FAILED;
	pid_t pid = lock_holder(cli->config->data_dir, listen, sizeof listen);
	int status = look(cli, &picture) ? CLI_DONE : CLI_FAILED;
	if (status == CLI_DONE && cli->json)
		status = cli_print_json(json_pack("{s:b, s:s, s:i, s:s, s:s, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O}", "running", pid != 0, "plugin_trouble", cli->plugin_trouble.code ? cli->plugin_trouble.message : "", "process", (int)pid, "listen", listen,
						  "data_dir", cli->config->data_dir, "database", json_array_get(picture.status, 0), "nodes",
						  picture.nodes, "node_differences", picture.differences, "channels", picture.channels, "script_errors", picture.script_errors,
						  "switched_off", picture.off, "turn_failures", picture.failures, "enrollments_held", picture.held, "account_failures",
						  picture.accounts, "engine_troubles", picture.troubles, "campaigns_paused", picture.paused));
	else if (status == CLI_DONE)
		print_status(cli, &picture, pid, listen);
	json_decref(picture.status);
	json_decref(picture.nodes);
	json_decref(picture.differences);
	json_decref(picture.channels);
	json_decref(picture.script_errors);
	json_decref(picture.off);
	json_decref(picture.failures);
	json_decref(picture.held);
	json_decref(picture.accounts);
	json_decref(picture.troubles);
	json_decref(picture.paused);
	return status;
}

extern const struct cli_command cli_status;
const struct cli_command cli_status = {
	.name = "status", .arguments = "", .summary = "Who serves, which playbook is active, what went wrong, what waits.", .json = true, .run = run,
};
