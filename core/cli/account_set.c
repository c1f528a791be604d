/* nurture account set: fields of a company, as PATCH /v1/accounts/{account} sets them. Its turn writes them and wakes its people. */
#include "cli/fields.h"

#include "store/admin.h"

#include <stdlib.h>

/* FIELD=VALUE; nothing behind the sign empties the field. */
static int take(const struct schema *schema, const char *text, struct arena *arena, json_t *set, struct error *error)
{
	struct value value = {.type = VALUE_EMPTY};
	struct str written = str_of(text), name = str_cut(&written, '=');
	if (!written.p)
		return error_set(error, ERROR_INVALID, NULL, "\"%s\" is no FIELD=VALUE, like employees=500.", text);
	const char *field = arena_dup_n(arena, name.p, name.n);
	int slot = model_account_set_slot(schema, field, error);
	if (slot < 0 || (written.n && value_from_text(&schema->account[slot], written, arena, &value, error) < 0))
		return -1;
	json_object_set_new(set, field, value_to_json(&value));
	return 0;
}

static int tell(struct cli *cli, const char *id, json_t *set, struct arena *arena)
{
	struct cli_wait wait = {.cli = cli};
	json_t *data = json_pack("{s:O}", "set", set);
	size_t n = json_dumpb(data, NULL, 0, JSON_COMPACT);
	char *text = arena_alloc(arena, n + 1);
	json_dumpb(data, text, n, JSON_COMPACT);
	json_decref(data);
	store_account_update(cli->store, strtoll(id, NULL, 10), (struct str){text, n}, cli_on_done, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	printf("Account %s is written in its next turn; nurture account %s shows what came of it.\n", id, id);
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	struct arena *arena = arena_new();
	struct error error = {0};
	json_t *set = json_object();
	const char *id = cli_open(cli) ? NULL : cli_account_find(cli, arena, cli->args[0]);
	struct playbook_current *current = id ? cli_playbook(cli, arena) : NULL;
	int status = current ? CLI_DONE : CLI_FAILED;
	for (int i = 1; i < cli->arg_count && status == CLI_DONE; i++)
		if (take(playbook_current_schema(current), cli->args[i], arena, set, &error) < 0)
			status = cli_fail(&error);
	if (status == CLI_DONE)
		status = tell(cli, id, set, arena);
	if (current)
		playbook_current_free(current);
	json_decref(set);
	arena_free(arena);
	return status;
}

extern const struct cli_command cli_account_set;
const struct cli_command cli_account_set = {
	.name = "account set", .arguments = "ACCOUNT FIELD=VALUE…", .summary = "Sets fields of a company: nurture account set example.com employees=500.",
	.more = "ACCOUNT is an id, a domain or a name. FIELD= empties a field. All are set, or none.", .least = 2, .most = 64, .run = run,
};
