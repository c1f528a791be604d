/* nurture token create|list|revoke: tokens for /v1. A token is shown once, when it is made; the database has its hash. */
#include "cli/command.h"

#include "base/duration.h"
#include "base/hash.h"
#include "report/report.h"
#include "store/admin.h"

#include <sodium.h>

enum { TOKEN_BYTES = 32, NAME_MOST = 200 };
static const int64_t LIFE_MOST = 20 * 366 * MOMENT_DAY;

static bool scope_known(const char *scope)
{
	static const char *const scopes[] = {"admin", "write", "read", "track"};
	for (size_t i = 0; i < 4; i++)
		if (strcmp(scope, scopes[i]) == 0)
			return true;
	return false;
}

static int read_life(const char *text, int64_t *life)
{
	struct duration length = {0};
	struct error error = {0};
	bool good = duration_parse(str_of(text), &length, &error) == 0 && length.count > 0;
	*life = good ? duration_micros(length) : 0;
	if (!good || *life > LIFE_MOST)
		fprintf(stderr, "nurture token create: --expires must be a length of time up to 20 years, like \"90 days\", not \"%.40s\".\n", text);
	return good && *life <= LIFE_MOST ? 0 : -1;
}

static int run_create(struct cli *cli)
{
	unsigned char random[TOKEN_BYTES], hash[HASH_SHA256];
	char text[64] = "nt_";
	const char *scope = cli_option(cli, "--scope"), *name = cli_option(cli, "--name"), *expires = cli_option(cli, "--expires");
	int64_t life = 0;
	struct cli_wait wait = {.cli = cli};
	if (!scope || !scope_known(scope)) {
		fprintf(stderr, "nurture token create: --scope must be admin, write, read or track.\n");
		return CLI_WRONG_USAGE;
	}
	if (name && (strlen(name) > NAME_MOST || !str_is_text(str_of(name)))) {
		fprintf(stderr, "nurture token create: --name must be text of at most %d bytes.\n", NAME_MOST);
		return CLI_WRONG_USAGE;
	}
	if (expires && read_life(expires, &life))
		return CLI_WRONG_USAGE;
	if (cli_open(cli))
		return CLI_FAILED;
	hash_random(random, sizeof random);
	sodium_bin2base64(text + 3, sizeof text - 3, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	hash_sha256(str_of(text), hash);
	store_token_create(cli->store, hash, name ? name : "", scope, life, cli_on_id, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	puts(text);
	return CLI_DONE;
}

static const struct report_column columns[] = {
	{"token_id", "token", REPORT_COUNT},       {"name", "name", REPORT_TEXT},           {"scope", "scope", REPORT_TEXT},
	{"created_at", "created", REPORT_MOMENT},  {"expires_at", "expires", REPORT_MOMENT},    {"revoked_at", "revoked", REPORT_MOMENT},
	{0},
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
	.options = {{"--scope", NULL, "SCOPE", "admin, write, read or track"}, {"--name", NULL, "TEXT", "who uses it"},
		{"--expires", NULL, "LENGTH", "\"90 days\", \"1 year\": ends by itself after that; else it never does"}}, .run = run_create,
};
const struct cli_command cli_token_list = {.name = "token list", .arguments = "", .summary = "Lists tokens (never their text).", .json = true, .run = run_list};
const struct cli_command cli_token_revoke = {
	.name = "token revoke", .arguments = "TOKEN", .summary = "Ends a token by its number (nurture token list).", .least = 1, .most = 1, .run = run_revoke,
};
