/* nurture token create|list|revoke: tokens for /v1. A token is shown once, when it is made; the database has its hash. */
#include "cli/command.h"

#include "base/hash.h"
#include "report/report.h"
#include "store/admin.h"

#include <sodium.h>

enum { TOKEN_BYTES = 32 };

static bool scope_known(const char *scope)
{
	static const char *const scopes[] = {"admin", "write", "read", "track"};
	for (size_t i = 0; i < 4; i++)
		if (strcmp(scope, scopes[i]) == 0)
			return true;
	return false;
}

static int run_create(struct cli *cli)
{
	unsigned char random[TOKEN_BYTES], hash[HASH_SHA256];
	char text[64] = "nt_";
	const char *scope = cli_option(cli, "--scope"), *name = cli_option(cli, "--name");
	struct cli_wait wait = {.cli = cli};
	if (!scope || !scope_known(scope)) {
		fprintf(stderr, "nurture token create: --scope must be admin, write, read or track.\n");
		return CLI_WRONG_USAGE;
	}
	if (cli_open(cli))
		return CLI_FAILED;
	hash_random(random, sizeof random);
	sodium_bin2base64(text + 3, sizeof text - 3, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	hash_sha256(str_of(text), hash);
	store_token_create(cli->store, hash, name ? name : "", scope, cli_on_id, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	puts(text);
	return CLI_DONE;
}

static const struct report_column columns[] = {
	{"token_id", "token", REPORT_COUNT},       {"name", "name", REPORT_TEXT},           {"scope", "scope", REPORT_TEXT},
	{"created_at", "created", REPORT_MOMENT}, {"revoked_at", "revoked", REPORT_MOMENT}, {0},
};

static int run_list(struct cli *cli)
{
	return cli_open(cli) ? CLI_FAILED : cli_print_rows(cli, columns, cli_query(cli, "tokens", NULL, 0));
}

static int run_revoke(struct cli *cli)
{
	int64_t id;
	struct cli_wait wait = {.cli = cli};
	if (cli_number("the token's number (nurture token list)", cli->args[0], 1, INT64_MAX, &id))
		return CLI_WRONG_USAGE;
	if (cli_open(cli))
		return CLI_FAILED;
	store_token_revoke(cli->store, id, cli_on_done, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	printf("Token %lld is revoked.\n", (long long)id);
	return CLI_DONE;
}

extern const struct cli_command cli_token_create, cli_token_list, cli_token_revoke;
const struct cli_command cli_token_create = {
	.name = "token create", .arguments = "--scope SCOPE", .summary = "Makes a token for /v1 and prints it, alone; it is shown only now.",
	.options = {{"--scope", NULL, "SCOPE", "admin, write, read or track"}, {"--name", NULL, "TEXT", "who uses it"}}, .run = run_create,
};
const struct cli_command cli_token_list = {.name = "token list", .arguments = "", .summary = "Lists tokens (never their text).", .json = true, .run = run_list};
const struct cli_command cli_token_revoke = {
	.name = "token revoke", .arguments = "TOKEN", .summary = "Ends a token by its number (nurture token list).", .least = 1, .most = 1, .run = run_revoke,
};
