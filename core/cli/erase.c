/* nurture erase: a person goes, what was counted stays (store/erase.h). The command stops everything at once and asks the leads' own turns to
 * forget; then it waits for them. */
#include "cli/command.h"

#include "store/erase.h"

#include <stdlib.h>

static const int64_t WAIT_US = 60 * MOMENT_SECOND;

static json_t *preview(struct cli *cli, int64_t lead_id)
{
	char id[24];
	snprintf(id, sizeof id, "%lld", (long long)lead_id);
	const char *const params[] = {id};
	json_t *rows = cli_query(cli, "erase_preview", params, 1), *row = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	return row;
}

/* What a plugin has put outside the database, or is about to: that is somebody's to call back. */
static void print_held(const json_t *held)
{
	size_t i;
	const json_t *job;
	json_array_foreach (held, i, job) {
		printf("%s        %s %lld, ", i ? "" : "in jobs that are cut already:\n", cli_text(job, "channel"), (long long)json_integer_value(json_object_get(job, "job")));
		cli_print_text(stdout, str_of(cli_text(job, "name")));
		printf(": %s, %s; folder: ", cli_text(job, "state"), cli_text(job, "uploaded"));
		cli_print_text(stdout, str_of(cli_text(job, "folder")));
		printf("\n");
	}
	if (i)
		printf("        One that is not released leaves this person out when it is (or: nurture mail cancel JOB). What is uploaded has to be called back at the print house.\n");
}

static void print_preview(json_t *row, int64_t lead_id)
{
	static const struct { const char *key, *what; } lines[] = {
		{"names", "names (addresses, numbers, ids of other systems) forgotten"}, {"events", "events kept as verb and moment, without their data"},
		{"permissions", "permissions kept without address and evidence"}, {"walks", "walks through campaigns ended"},
		{"touches", "touches kept as figures"}, {"touches_open", "of them not sent yet, cancelled"}, {"opportunities", "opportunities kept as figures"}};
	json_int_t leads = json_integer_value(json_object_get(row, "lead_count"));
	printf("lead %lld", (long long)lead_id);
	if (leads > 1)
		printf(" and %lld that were merged into it", (long long)leads - 1);
	printf("\n");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		printf("%8lld  %s\n", (long long)json_integer_value(json_object_get(row, lines[i].key)), lines[i].what);
	print_held(json_object_get(row, "held"));
}

/* true when the turns have forgotten. */
static bool wait_for_turns(struct cli *cli, const char *leads)
{
	mono_t until = mono_now() + WAIT_US;
	for (int pause = 20; mono_now() < until; pause = pause < 500 ? pause * 2 : 500) {
		const char *const params[] = {leads};
		json_t *rows = cli_query(cli, "erase_left", params, 1);
		bool known = rows != NULL, left = json_integer_value(json_object_get(json_array_get(rows, 0), "left")) > 0;
		bool never = false;
		json_decref(rows);
		if (!known || !left)
			return known;
		(void)store_wait(cli->loop, &never, pause * MOMENT_SECOND / 1000);
	}
	return false;
}

static int erase(struct cli *cli, int64_t lead_id, json_t *row)
{
	struct cli_wait wait = {.cli = cli};
	moment_t now = 0;
	if (cli_now(cli, &now))
		return CLI_FAILED;
	store_erase(cli->store, &lead_id, 1, false, NULL, now, cli_on_id, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	bool engine = json_is_true(json_object_get(row, "engine")), done = engine && wait_for_turns(cli, cli_text(row, "leads"));
	if (cli->json)
		return cli_print_json(json_pack("{s:I, s:I, s:b, s:O}", "lead", (json_int_t)lead_id, "leads", (json_int_t)wait.number, "erased", done, "held",
						json_object_get(row, "held")));
	if (done)
		printf("Lead %lld is erased. Its addresses stay suppressed as hashes.\n", (long long)lead_id);
	else
		printf("Lead %lld is stopped: nothing goes out to it any more. What is known of it is erased in its turn%s.\n", (long long)lead_id,
		       engine ? ", which has not come yet" : ", as soon as the server runs");
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	int64_t lead_id = cli_open(cli) ? 0 : cli_find_lead(cli, cli->args[0]);
	json_t *row = lead_id ? preview(cli, lead_id) : NULL;
	int status = CLI_DONE;
	if (!row)
		return CLI_FAILED;
	bool over = !json_is_null(json_object_get(row, "erased_at"));
	if (cli_option(cli, "--dry-run") && cli->json) {
		status = cli_print_json(json_incref(row));
	} else if (over) {
		printf("Lead %lld was erased already.\n", (long long)lead_id);
	} else {
		if (!cli->json)
			print_preview(row, lead_id);
		if (!cli_option(cli, "--dry-run"))
			status = cli_confirm(cli, "Erase it for good?");
		if (status == CLI_DONE && !cli_option(cli, "--dry-run"))
			status = erase(cli, lead_id, row);
	}
	json_decref(row);
	return status;
}

extern const struct cli_command cli_erase;
const struct cli_command cli_erase = {
	.name = "erase", .arguments = "LEAD", .summary = "Forgets a person for good; what was counted stays.",
	.more = "LEAD is an id, an e-mail address or an external id. From the first moment nothing goes out to it any more; fields, names, data of events and\n"
		"all texts go in its next turn, also those of leads that were merged into it. Jobs of letters that hold it already are named: they are yours to call back. Whoever comes back later is a new lead, to whom nothing\n"
		"goes out until it has itself given a new permission.",
	.options = {{"--dry-run", NULL, NULL, "only says what is known and what would become of it"}, {"--yes", "-y", NULL, "does not ask"}},
	.least = 1, .most = 1, .json = true, .run = run,
};
