/* nurture lead LEAD --export: all that is known of one person, with what is known of the leads that were merged into it, as one JSON object. Written
 * section by section and page by page, however much it is. Called by lead.c. */
#include "cli/command.h"
#include "report/person.h"

#include "base/mem.h"

#include <stdlib.h>

enum { PAGE = 1000 };

static void print(struct report_person_text *text)
{
	fwrite(text->out.p, 1, text->out.n, stdout);
	buf_clear(&text->out);
}

static int print_section(struct cli *cli, struct report_person_text *text, size_t section, const char *leads)
{
	const bool pages = report_person[section].pages;
	char size[16];
	char *after = NULL;
	snprintf(size, sizeof size, "%d", PAGE);
	report_person_begin(text, section);
	do {
		const char *const params[] = {leads, after, size};
		json_t *rows = cli_query(cli, report_person[section].query, params, pages ? 3 : 1);
		size_t got = json_array_size(rows);
		free(after);
		after = NULL;
		if (!rows)
			return CLI_FAILED;
		if (pages && got == PAGE)
			after = mem_dup(cli_text(json_array_get(rows, got - 1), "cursor"));
		report_person_rows(text, section, rows);
		print(text);
		json_decref(rows);
	} while (after);
	report_person_end(text, section);
	print(text);
	return CLI_DONE;
}

int cli_lead_export(struct cli *cli, int64_t lead_id)
{
	char id[24];
	struct report_person_text text = {.flags = JSON_ENSURE_ASCII};
	snprintf(id, sizeof id, "%lld", (long long)lead_id);
	const char *const params[] = {id};
	json_t *rows = cli_query(cli, "erase_preview", params, 1);
	const char *leads = cli_text(json_array_get(rows, 0), "leads");
	int status = rows ? CLI_DONE : CLI_FAILED;
	for (size_t i = 0; status == CLI_DONE && i < REPORT_PERSON_SECTIONS; i++)
		status = print_section(cli, &text, i, leads);
	report_person_fini(&text);
	json_decref(rows);
	return fflush(stdout) || ferror(stdout) ? cli_refuse("standard output cannot be written.") : status;
}
