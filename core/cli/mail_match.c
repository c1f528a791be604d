/* nurture mail match FILE: orders without a code, matched back to the leads who had a letter. Asks the running server (core/web/letter_match.c). */
#include "cli/mail_rows.h"

#include <string.h>

static int run(struct cli *cli)
{
	static const char *const columns[] = {"code", "email", "phone", "name", "first_name", "last_name", "street", "postal_code", "city", "country", "subject", "value", "at", "key", NULL},
				 *const needed[] = {"code", "email", "phone", "last_name", "name", NULL};
	int64_t within = 90;
	const char *days = cli_option(cli, "--within");
	if (days && cli_number("--within", days, 1, 1000, &within))
		return CLI_WRONG_USAGE;
	json_t *more = json_pack("{s:I, s:b}", "within", (json_int_t)within, "trial", cli_option(cli, "--trial") != NULL);
	int result = mail_rows_send(cli, &(struct mail_rows){.columns = columns, .needed = needed, .method = "POST", .path = "/v1/letter-matches", .more = more});
	json_decref(more);
	return result;
}

extern const struct cli_command cli_mail_match;
const struct cli_command cli_mail_match = {
	.name = "mail match", .arguments = "FILE.csv", .summary = "Orders without a code: who had a letter before has answered it (event letter.response).",
	.more = "Columns: code, email, phone, name (or first_name, last_name), street, postal_code, city, country, subject, value, at, key. Matched is by code, e-mail address, telephone\n"
		"number, or name and address; where several could be meant it is unsure, and goes to the rejects. The same key (else: the same row) counts once.",
	.options = {{"--within", NULL, "DAYS", "after the letter (90)"}, {"--trial", NULL, NULL, "only say what would be matched"}, MAIL_ROWS_OPTIONS},
	.least = 1, .most = 1, .json = true, .run = run,
};
