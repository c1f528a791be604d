/* nurture suppression list|add|remove: those who must not be contacted. Lists from files come by nurture import --suppress. */
#include "cli/command.h"

#include "cli/fields.h"
#include "model/suppress_value.h"
#include "model/value.h"
#include "playbook/current.h"
#include "playbook/playbook.h"
#include "report/report.h"
#include "store/suppress.h"

#include <string.h>

static const struct report_column columns[] = {
	{"kind", "kind", REPORT_TEXT}, {"value", "value", REPORT_TEXT}, {"channel", "channel", REPORT_TEXT}, {"reason", "reason", REPORT_TEXT}, {"at", "since", REPORT_MOMENT}, {"warning", "warning", REPORT_TEXT}, {0},
};

static int print_erased(struct cli *cli)
{
	json_t *rows = cli_query(cli, "suppressions_erased", NULL, 0);
	json_int_t count = json_integer_value(json_object_get(json_array_get(rows, 0), "count"));
	if (count)
		printf("%" JSON_INTEGER_FORMAT " more are hashes of people who were erased.\n", count);
	json_decref(rows);
	return rows ? CLI_DONE : CLI_FAILED;
}

static int run_list(struct cli *cli)
{
	const char *const params[] = {cli_option(cli, "--kind"), cli_option(cli, "--after"), "1000"};
	if (cli_open(cli))
		return CLI_FAILED;
	int status = cli_print_rows(cli, columns, cli_query(cli, "suppressions_page", params, 3));
	return status || cli->json ? status : print_erased(cli);
}

static int wrong(const struct cli *cli, const char *why)
{
	fprintf(stderr, "nurture %s: %s\n", cli->command->name, why);
	return CLI_WRONG_USAGE;
}

static bool is_kind(const char *kind)
{
	static const char *const kinds[] = {"email", "domain", "phone"};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kind, kinds[i]) == 0)
			return true;
	return false;
}

/* Of which country numbers without country code are: --country, else the playbook's; "" = not known. */
static int read_country(struct cli *cli, struct arena *arena, struct str *out)
{
	const char *given = cli_option(cli, "--country");
	struct value country = {0};
	struct error error = {0};
	*out = STR("");
	if (given && value_from_text(&model_lead_fields[LEAD_COUNTRY], str_of(given), arena, &country, &error))
		return wrong(cli, error.message);
	*out = country.text;
	if (given || strcmp(cli->args[0], "phone") != 0)
		return CLI_DONE;
	struct playbook_current *current = cli_playbook(cli, arena);
	if (!current)
		return CLI_FAILED;
	const struct playbook *playbook = playbook_current_get(current);
	if (playbook)
		*out = str_of(arena_dup(arena, playbook->country));
	playbook_current_free(current);
	return CLI_DONE;
}

static const char *channel_of(const struct cli *cli)
{
	const char *channel = cli_option(cli, "--channel");
	return channel ? channel : "*";
}

static int add(struct cli *cli, struct str value)
{
	struct cli_wait wait = {.cli = cli};
	const char *reason = cli_option(cli, "--reason");
	struct suppress list = {.kind = cli->args[0], .values = &value, .count = 1, .channel = channel_of(cli), .reason = reason ? reason : "by hand", .told = true,
				.fn = cli_on_done, .arg = &wait};
	if (cli_now(cli, &list.now))
		return CLI_FAILED;
	store_suppress(cli->store, &list);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	if (cli->json)
		return cli_print_json(json_pack("{s:I, s:I}", "added", (json_int_t)list.added, "stopped", (json_int_t)list.cancelled));
	printf(list.added ? "It is on the list; %lld planned contacts are stopped.\n" : "It was on the list already; %lld planned contacts are stopped.\n", (long long)list.cancelled);
	return CLI_DONE;
}

static int drop(struct cli *cli, struct str value, struct str written)
{
	struct cli_wait wait = {.cli = cli};
	store_suppress_drop(cli->store, cli->args[0], value.p, written.p, channel_of(cli), NULL, cli_on_done, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	if (cli->json)
		return cli_print_json(json_pack("{s:b}", "removed", true));
	puts("It is off the list. A withdrawal of the person's own stands as it stood.");
	return CLI_DONE;
}

/* A number that names nobody may stand on the list from before, and is taken off as it was written. */
static int change(struct cli *cli, struct arena *arena, bool adds)
{
	struct str written, value, country;
	struct error error = {0};
	if (!is_kind(cli->args[0]))
		return wrong(cli, "KIND is email, domain or phone. Postal addresses come by nurture import --suppress address.");
	if (suppress_value_written(cli->args[0], str_of(cli->args[1]), arena, &written, &error))
		return wrong(cli, error.message);
	if (cli_open(cli))
		return CLI_FAILED;
	int status = read_country(cli, arena, &country);
	if (status)
		return status;
	bool named = suppress_value(cli->args[0], str_of(cli->args[1]), country, arena, &value, &error) == 0;
	if (adds)
		return named ? add(cli, value) : wrong(cli, error.message);
	written = arena_str(arena, written);
	return drop(cli, named ? arena_str(arena, value) : written, written);
}

static int run_change(struct cli *cli, bool adds)
{
	struct arena *arena = arena_new();
	int status = change(cli, arena, adds);
	arena_free(arena);
	return status;
}

static int run_add(struct cli *cli)
{
	return run_change(cli, true);
}

static int run_remove(struct cli *cli)
{
	return run_change(cli, false);
}

#define CHANNEL {"--channel", NULL, "KIND", "email, call or letter; else all of them"}
#define COUNTRY {"--country", NULL, "CC", "of a number without country code; else the playbook's"}

extern const struct cli_command cli_suppression_list, cli_suppression_add, cli_suppression_remove;
const struct cli_command cli_suppression_list = {
	.name = "suppression list", .arguments = "", .summary = "Lists whom not to contact.", .more = "At most 1,000 rows, in the order of their values; --after goes on. A warning marks numbers that stop nobody: take them off, and add them with\n"
		"their country.",
	.options = {{"--kind", NULL, "KIND", "email, domain, phone, address or lead"}, {"--after", NULL, "VALUE", "behind this one"}}, .json = true, .run = run_list,
};
const struct cli_command cli_suppression_add = {
	.name = "suppression add", .arguments = "KIND VALUE", .summary = "Puts an e-mail address, a domain or a phone number on the list of whom not to contact.",
	.more = "A domain takes its subdomains with it. Planned contacts are stopped at once. The audit keeps a salted hash of it, never the value.",
	.options = {CHANNEL, COUNTRY, {"--reason", NULL, "TEXT", "why; shown in the list"}}, .least = 2, .most = 2, .json = true, .run = run_add,
};
const struct cli_command cli_suppression_remove = {
	.name = "suppression remove", .arguments = "KIND VALUE", .summary = "Takes one off the list of whom not to contact.",
	.options = {CHANNEL, COUNTRY}, .least = 2, .most = 2, .json = true, .run = run_remove,
};
