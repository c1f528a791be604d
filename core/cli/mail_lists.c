/* nurture mail lists, nurture mail list NAME FILE: whom no letter goes to. The channel's plugin keeps the lists (plugins/directmail/lists.c). */
#include "cli/mail_rows.h"

#include "base/mem.h"
#include "cli/own_server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void print_lists(const json_t *answer)
{
	size_t i;
	const json_t *row;
	char day[MOMENT_TEXT];
	json_array_foreach (json_object_get(answer, "lists"), i, row) {
		int64_t taken = json_integer_value(json_object_get(row, "taken_at"));
		printf("%-24s %-12s %10" PRId64 " rows, %s%.10s%s\n", cli_text(row, "list"), cli_text(row, "kind"), (int64_t)json_integer_value(json_object_get(row, "rows")),
		       taken ? "taken " : "for ever", taken ? moment_format(taken, day) : "", json_is_true(json_object_get(row, "loading")) ? "; a new one is not whole yet" : "");
	}
}

static int run_lists(struct cli *cli)
{
	struct own_server server;
	json_t *answer = NULL;
	if (own_server_open(&server, cli, cli_user()))
		return CLI_FAILED;
	char *path = mail_path(cli, "lists");
	int status = path ? own_server_ask(&server, "GET", path, NULL, STR(""), &answer) : 0, result = CLI_DONE;
	own_server_close(&server);
	free(path);
	if (status != 200)
		result = status ? own_server_refused(status, answer) : CLI_FAILED;
	else if (cli->json)
		(void)cli_print_json(json_incref(answer));
	else
		print_lists(answer);
	json_decref(answer);
	return result;
}

static int run_list(struct cli *cli)
{
	static const char *const columns[] = {"name", "first_name", "last_name", "organisation", "street", "postal_code", "city", "region", "country", "domain", NULL},
				 *const needed[] = {"street", "organisation", "domain", NULL};
	const char *taken = cli_option(cli, "--taken"), *name = cli->args[0];
	bool ours = strcmp(name, "internal") == 0 || strcmp(name, "deceased") == 0;
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name) || (!taken && !ours) || (taken && strspn(taken, "0123456789-") != strlen(taken))) {
		fprintf(stderr, "nurture mail list: NAME has small letters, digits and hyphens; say when a list was taken from its keeper: --taken 2027-03-01.\n");
		return CLI_WRONG_USAGE;
	}
	if (cli_read_config(cli))
		return CLI_FAILED;
	char *rest = mem_printf("lists/%s%s%s", name, taken ? "?taken=" : "", taken ? taken : ""), *path = mail_path(cli, rest);
	bool dead = strcmp(name, "deceased") == 0;
	json_t *what = json_pack("{s:s}", "what", "deceased");
	int result = path ? mail_rows_send(cli, &(struct mail_rows){.columns = columns, .needed = needed, .method = "PUT", .path = path, .parts = !ours,
								    .also = dead ? "/v1/lead-places" : NULL, .also_more = what}) : CLI_FAILED;
	json_decref(what);
	free(rest), free(path);
	return result;
}

static int run_moved(struct cli *cli)
{
	static const char *const columns[] = {"name", "first_name", "last_name", "street", "postal_code", "city", "country", "new_street", "new_postal_code", "new_city", "new_region", "new_country",
					      NULL}, *const needed[] = {"new_street", NULL};
	json_t *what = json_pack("{s:s}", "what", "moved");
	int result = mail_rows_send(cli, &(struct mail_rows){.columns = columns, .needed = needed, .method = "POST", .path = "/v1/lead-places", .more = what});
	json_decref(what);
	return result;
}

extern const struct cli_command cli_mail_lists, cli_mail_list, cli_mail_moved;
const struct cli_command cli_mail_lists = {
	.name = "mail lists", .arguments = "", .summary = "Lists of whom no letter goes to, and how old they are.", .options = {MAIL_CHANNEL_OPTION}, .json = true, .run = run_lists,
};
const struct cli_command cli_mail_list = {
	.name = "mail list", .arguments = "NAME FILE.csv", .summary = "Loads a do-not-mail list: name (or first_name, last_name), street, postal_code, city, country.",
	.more = "A preference file (Robinson list, MPS, DMAchoice) replaces the list of its name; until it is whole the one of before stands. \"internal\" and \"deceased\" are ours:\n"
		"they only grow; who is on \"deceased\" loses all permissions, on all channels. Rows without a name mean the whole household; rows of organisation and\n"
		"postal_code, or of domain, alone mean whoever is of that organisation. It is asked when a letter is due, and when its job is cut.",
	.options = {{"--taken", NULL, "DAY", "when it was taken from its keeper: 2027-03-01"}, MAIL_ROWS_OPTIONS, MAIL_CHANNEL_OPTION},
	.least = 2, .most = 2, .json = true, .run = run_list,
};
const struct cli_command cli_mail_moved = {
	.name = "mail moved", .arguments = "FILE.csv", .summary = "Who has moved: name, old address, new address; it becomes the lead's.",
	.more = "Columns: name (or first_name, last_name), street, postal_code, country, new_street, new_postal_code, new_city, new_region, new_country. A lead is found by its name and the\n"
		"old address; where only the last name agrees the row is unsure, and goes to the rejects. A file that is loaded again changes nothing.",
	.options = {MAIL_ROWS_OPTIONS}, .least = 1, .most = 1, .json = true, .run = run_moved,
};
