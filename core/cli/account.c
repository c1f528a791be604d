/* nurture account: what is known of a company, who of its buying centre is covered, and why it has its score. Also behind nurture score --account. */
#include "cli/command.h"

#include "playbook/current.h"
#include "playbook/site.h"
#include "store/admin.h"
#include "store/accounts.h"
#include "store/revision.h"
#include "turn/account.h"

#include <stdlib.h>

struct showing {
	struct cli_wait wait;
	struct playbook_current *current;
	struct arena *arena;
	struct account_batch *batch;
};

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct showing *showing = arg;
	if (!error && revision && revision->activation)
		playbook_current_offer(showing->current, revision->activation, &revision->files);
	cli_on_done(&showing->wait, error);
}

static void on_account(void *arg, struct account_batch *batch, const struct error *error)
{
	struct showing *showing = arg;
	showing->batch = batch;
	cli_on_done(&showing->wait, error);
}

/* Its id as text, or NULL after it said that there is none. */
const char *cli_account_find(struct cli *cli, struct arena *arena, const char *text)
{
	const char *named = model_account_name(str_of(text), arena);
	json_t *rows = cli_query(cli, "account_find", &named, 1);
	const char *id = NULL;
	if (rows && json_array_size(rows) == 1)
		id = arena_printf(arena, "%lld", (long long)json_integer_value(json_object_get(json_array_get(rows, 0), "account_id")));
	else if (rows)
		cli_refuse(json_array_size(rows) ? "more than one account is called \"%s\". Name it by its id." : "there is no account \"%s\". Name it by its id, domain or name.", text);
	json_decref(rows);
	return id;
}

static int load(struct cli *cli, struct showing *showing, int64_t id)
{
	store_revision_active(cli->store, on_revision, showing);
	if (cli_wait(&showing->wait))
		return cli_fail(&showing->wait.error);
	showing->wait = (struct cli_wait){.cli = cli};
	store_account_facts(cli->store, playbook_current_schema(showing->current), id, on_account, showing);
	return cli_wait(&showing->wait) ? cli_fail(&showing->wait.error) : CLI_DONE;
}

static void print_roles(json_t *account)
{
	json_t *role;
	size_t i;
	printf("roles          ");
	json_array_foreach (json_object_get(account, "roles_covered"), i, role)
		printf("%s%s %lld", i ? ", " : "", cli_text(role, "role"), (long long)json_integer_value(json_object_get(role, "leads")));
	printf("\nmissing        ");
	json_array_foreach (json_object_get(account, "roles_missing"), i, role)
		printf("%s%s", i ? ", " : "", json_string_value(role));
	printf("\n");
}

static void print_account(json_t *account)
{
	static const char *const names[] = {"name", "domain", "country", "city", "owner", "last_act"};
	json_t *grade;
	size_t i;
	printf("account        %lld\n", (long long)json_integer_value(json_object_get(account, "account_id")));
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		if (!cli_text(account, names[i])[0])
			continue;
		printf("%-14s ", strcmp(names[i], "last_act") == 0 ? "last act" : names[i]);
		cli_print_text(stdout, strcmp(names[i], "last_act") == 0 ? (struct str){cli_text(account, names[i]), 10} : str_of(cli_text(account, names[i])));
		printf("\n");
	}
	printf("people         %lld\n", (long long)json_integer_value(json_object_get(account, "leads")));
	print_roles(account);
	json_array_foreach (json_object_get(account, "grades"), i, grade)
		printf("%-14s %s%s%s\n", cli_text(grade, "name"), cli_text(grade, "grade"), cli_text(grade, "grade")[0] && cli_text(grade, "band")[0] ? ", band " : "",
		       cli_text(grade, "band"));
}

static void print_receipts(json_t *account)
{
	json_t *model, *rule;
	size_t i, k;
	json_array_foreach (json_object_get(account, "models"), i, model) {
		json_t *coverage = json_object_get(model, "coverage");
		printf("\n%s = %lld  %s\n", cli_text(model, "model"), (long long)json_integer_value(json_object_get(model, "score")), cli_text(model, "title"));
		json_array_foreach (json_object_get(model, "rules"), k, rule) {
			printf("  %6lld  %s", (long long)json_integer_value(json_object_get(rule, "points")), cli_text(rule, "rule"));
			printf("%s", cli_text(rule, "because")[0] ? ": " : "");
			cli_print_text(stdout, str_of(cli_text(rule, "because")));
			printf("  (%s)\n", cli_text(rule, "where"));
		}
		if (json_integer_value(json_object_get(model, "bounded")))
			printf("  %6lld  cut off by the model's from and to\n", (long long)json_integer_value(json_object_get(model, "bounded")));
		printf("  the buying centre gives %lld of %lld points\n", (long long)json_integer_value(json_object_get(coverage, "points")),
		       (long long)json_integer_value(json_object_get(coverage, "most")));
	}
}

static int show(struct cli *cli, struct showing *showing, const char *id)
{
	struct playbook *playbook = playbook_current_get(showing->current);
	json_t *rows = cli_query(cli, "account_get", &id, 1);
	if (!rows || !json_array_size(rows) || !showing->batch->count) {
		json_decref(rows);
		return rows ? cli_refuse("there is no account %s.", id) : CLI_FAILED;
	}
	json_t *account = json_incref(json_array_get(rows, 0));
	json_t *why = playbook ? turn_account_explain_json(playbook, showing->batch->rows[0].account, showing->arena) : NULL;
	json_object_update(account, why);
	json_decref(why);
	json_decref(rows);
	if (cli->json)
		return cli_print_json(account);
	print_account(account);
	print_receipts(account);
	json_decref(account);
	return CLI_DONE;
}

int cli_account_show(struct cli *cli, const char *text)
{
	struct showing showing = {.wait.cli = cli, .arena = arena_new()};
	const char *id = cli_open(cli) ? NULL : cli_account_find(cli, showing.arena, text);
	showing.current = id ? playbook_current_new(playbook_site_without_templates(cli->config, showing.arena), "command") : NULL;
	int status = id ? load(cli, &showing, strtoll(id, NULL, 10)) : CLI_FAILED;
	if (status == CLI_DONE)
		status = show(cli, &showing, id);
	store_accounts_free(showing.batch);
	if (showing.current)
		playbook_current_free(showing.current);
	arena_free(showing.arena);
	return status;
}

static int run(struct cli *cli)
{
	return cli_account_show(cli, cli->args[0]);
}

static int run_recount(struct cli *cli)
{
	struct arena *arena = arena_new();
	struct cli_wait wait = {.cli = cli};
	const char *id = cli_open(cli) ? NULL : cli_account_find(cli, arena, cli->args[0]);
	int status = id ? CLI_DONE : CLI_FAILED;
	if (id) {
		store_account_recount(cli->store, strtoll(id, NULL, 10), cli_on_done, &wait);
		status = cli_wait(&wait) ? cli_fail(&wait.error) : CLI_DONE;
	}
	if (status == CLI_DONE)
		printf("The people of account %s are counted again in its next turn; nurture account %s shows what came of it.\n", id, id);
	arena_free(arena);
	return status;
}

extern const struct cli_command cli_account, cli_account_recount;
const struct cli_command cli_account_recount = {
	.name = "account recount", .arguments = "ACCOUNT", .summary = "Counts a company's people again: mends what it knows of them.",
	.more = "ACCOUNT is an id, a domain or a name.", .least = 1, .most = 1, .run = run_recount,
};
const struct cli_command cli_account = {
	.name = "account", .arguments = "ACCOUNT", .summary = "A company: its people by role, its scores, and what earned each point.",
	.more = "ACCOUNT is an id, a domain or a name.", .least = 1, .most = 1, .json = true, .run = run,
};
