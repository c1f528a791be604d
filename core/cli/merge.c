/* nurture merge, nurture unmerge: two leads are one person, or are not after all. The command leaves word for the turns that do it, and waits for the
 * first of them while a server runs. */
#include "cli/command.h"

#include "store/merge.h"

#include <unistd.h>

enum { WAIT_STEPS = 100, STEP_US = 100000 }; /* ten seconds */

static json_t *ask(struct cli *cli, const struct store_merge *merge)
{
	struct cli_wait wait = {.cli = cli};
	store_merge(cli->store, merge, cli_on_rows, &wait);
	if (cli_wait(&wait)) {
		cli_fail(&wait.error);
		return NULL;
	}
	return wait.rows;
}

/* Looks now and then what became of it: the state of its row in `merge`, into answer. */
static int follow(struct cli *cli, json_t *answer, bool back)
{
	char id[24];
	snprintf(id, sizeof id, "%lld", (long long)json_integer_value(json_object_get(answer, "merge")));
	const char *params[] = {id};
	for (int i = 0; i < WAIT_STEPS; i++) {
		json_t *rows = cli_query(cli, "merge_state", params, 1);
		const char *state = cli_text(json_array_get(rows, 0), "state");
		bool over = back ? strcmp(state, "undone") == 0 : strcmp(state, "waiting") != 0;
		if (rows && over)
			json_object_set(answer, "state", json_object_get(json_array_get(rows, 0), "state"));
		json_decref(rows);
		if (!rows || over)
			return rows ? 0 : -1;
		usleep(STEP_US);
	}
	return 0;
}

static void print_plan(json_t *answer, bool back)
{
	size_t i;
	json_t *field;
	printf("Lead %lld would %s %lld: %lld events and %lld names go with it", (long long)json_integer_value(json_object_get(answer, "lead")),
	       back ? "be itself again, apart from" : "become a part of", (long long)json_integer_value(json_object_get(answer, "into")),
	       (long long)json_integer_value(json_object_get(answer, "events")), (long long)json_integer_value(json_object_get(answer, "names")));
	if (!back)
		printf("; %lld open touches are cancelled, %lld enrollments end, %lld permissions are compared and the strictest holds",
		       (long long)json_integer_value(json_object_get(answer, "touches")),
		       (long long)json_integer_value(json_object_get(answer, "enrollments")),
		       (long long)json_integer_value(json_object_get(answer, "permissions")));
	printf(".\n");
	json_array_foreach(json_object_get(answer, "fill"), i, field)
		printf("%s%s", i ? ", " : back ? "Fields that it would take back where nobody changed them: " : "Fields that the other one gets from it: ",
		       json_string_value(field));
	if (json_array_size(json_object_get(answer, "fill")))
		printf(".\n");
}

static int say(struct cli *cli, const struct store_merge *merge, json_t *answer)
{
	const char *state = cli_text(answer, "state");
	long long lead = (long long)json_integer_value(json_object_get(answer, "lead")), into = (long long)json_integer_value(json_object_get(answer, "into"));
	bool refused = strcmp(state, "refused") == 0;
	if (cli->json)
		cli_print_json(json_incref(answer));
	else if (merge->dry)
		print_plan(answer, merge->back);
	else if (refused)
		fprintf(stderr, "nurture: lead %lld was not merged: lead %lld became another's, or went, meanwhile.\n", lead, into);
	else if (strcmp(state, "waiting") == 0)
		printf("Lead %lld: kept for its turn, which comes as soon as a server runs.\n", lead);
	else if (merge->back)
		printf("Lead %lld is itself again, apart from %lld. What was ended or cancelled by the merge stays so.\n", lead, into);
	else
		printf("Lead %lld is lead %lld now. For 90 days: nurture unmerge %lld\n", lead, into, lead);
	json_decref(answer);
	return refused ? CLI_FAILED : CLI_DONE;
}

static int run(struct cli *cli, bool back)
{
	struct store_merge merge = {.back = back, .dry = cli_option(cli, "--dry-run") != NULL};
	if (cli_open(cli) || !(merge.loser = back ? cli_find_lead_apart(cli, cli->args[0]) : cli_find_lead_itself(cli, cli->args[0])))
		return CLI_FAILED;
	if ((!back && !(merge.winner = cli_find_lead_itself(cli, cli->args[1]))) || cli_now(cli, &merge.now))
		return CLI_FAILED;
	json_t *answer = ask(cli, &merge);
	if (!answer || (!merge.dry && follow(cli, answer, back)))
		return CLI_FAILED;
	return say(cli, &merge, answer);
}

static int run_merge(struct cli *cli)
{
	return run(cli, false);
}

static int run_unmerge(struct cli *cli)
{
	return run(cli, true);
}

extern const struct cli_command cli_merge, cli_unmerge;
const struct cli_command cli_merge = {
	.name = "merge", .arguments = "LEAD INTO", .summary = "LEAD is the same person as INTO, which stays.",
	.more = "What LEAD did comes to INTO's history, and what INTO does not know of itself is taken from LEAD. LEAD's open touches are cancelled, its\n"
		"campaigns end, its addresses and numbers are INTO's; of permissions the strictest holds. LEAD is an id, an e-mail address or an external id.",
	.options = {{"--dry-run", NULL, NULL, "only say what would happen"}}, .least = 2, .most = 2, .json = true, .run = run_merge,
};
const struct cli_command cli_unmerge = {
	.name = "unmerge", .arguments = "LEAD", .summary = "Takes the merge of LEAD (its id, or a name that it brought) back, within 90 days.",
	.more = "LEAD has its names, its history and its scores again, and the other one its own. Touches and campaigns that the merge ended stay ended; what\n"
		"LEAD withdrew, or anyone since the merge, stays withdrawn for both, and what was allowed only to LEAD is withdrawn for the other.",
	.options = {{"--dry-run", NULL, NULL, "only say what would happen"}}, .least = 1, .most = 1, .json = true, .run = run_unmerge,
};
