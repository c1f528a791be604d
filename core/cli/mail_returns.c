/* nurture mail returns FILE: letters that the post brought back, by what is printed on them. The channel's plugin knows them (plugins/directmail/returns.c). */
#include "cli/mail_rows.h"

#include <stdlib.h>
#include <string.h>

/* "10=moved,20=unknown" → {"10": "moved", …}; NULL after it said what is wrong. */
static json_t *reasons_of(const struct cli *cli)
{
	const char *text = cli_option(cli, "--reasons");
	struct str rest = str_of(text ? text : "");
	json_t *reasons = json_object();
	while (rest.p && rest.n) {
		struct str word = str_cut(&rest, ','), code = str_trim(str_cut(&word, '='));
		word = word.p ? str_trim(word) : word;
		if (code.n && word.p && word.n) {
			json_object_setn_new(reasons, code.p, code.n, json_stringn(word.p, word.n));
			continue;
		}
		fprintf(stderr, "nurture mail returns: --reasons is CODE=REASON,CODE=REASON, like 10=moved,20=unknown.\n");
		json_decref(reasons);
		return NULL;
	}
	return reasons;
}

static int run(struct cli *cli)
{
	static const char *const columns[] = {"code", "letter", "reason", "street", "postal_code", "city", "country", NULL}, *const needed[] = {"code", "letter", NULL};
	json_t *more = reasons_of(cli);
	if (!more)
		return CLI_WRONG_USAGE;
	more = json_pack("{s:o, s:s*}", "reasons", more, "reason", cli_option(cli, "--reason"));
	char *path = cli_read_config(cli) ? NULL : mail_path(cli, "returns");
	int result = path ? mail_rows_send(cli, &(struct mail_rows){.columns = columns, .needed = needed, .lone = "code", .method = "POST", .path = path, .more = more}) : CLI_FAILED;
	free(path);
	json_decref(more);
	return result;
}

extern const struct cli_command cli_mail_returns;
const struct cli_command cli_mail_returns = {
	.name = "mail returns", .arguments = "FILE.csv", .summary = "Letters that came back: code (or letter, as the job's data file names it) and reason.",
	.more = "Reasons: undeliverable (the default), unknown, moved, deceased, refused, address, unclaimed. Each ends the letter as undeliverable for its campaign, and no further\n"
		"letter goes to that name and address (of unclaimed it may; of address none goes to that house). Another address of the lead is not touched by it. Where the\n"
		"post says the new address (street, postal_code, city, country), it becomes the lead's. A file without a head has one code a line. Told again it counts once.",
	.options = {{"--reason", NULL, "REASON", "of rows that say none"}, {"--reasons", NULL, "CODE=REASON,…", "what the post's codes mean"}, MAIL_ROWS_OPTIONS, MAIL_CHANNEL_OPTION},
	.least = 1, .most = 1, .json = true, .run = run,
};
