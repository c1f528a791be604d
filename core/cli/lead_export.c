/* nurture lead LEAD --export: all that is known of one person, with what is known of the leads that were merged into it, as one JSON object. Written
 * section by section and page by page, however much it is. Called by lead.c. */
#include "cli/command.h"
#include "report/person.h"

#include "base/mem.h"

#include <stdlib.h>

enum { PAGE = 1000 };

static void print_rows(json_t *rows, bool *first)
{
	size_t i;
	json_t *row;
	json_array_foreach(rows, i, row) {
		json_object_del(row, "cursor");
		char *text = json_dumps(row, JSON_COMPACT | JSON_ENSURE_ASCII);
		printf("%s\n  %s", *first ? "" : ",", text ? text : "null");
		free(text);
		*first = false;
	}
}

static int print_section(struct cli *cli, const char *query, const char *leads, bool pages)
{
	char size[16];
	char *after = NULL;
	bool first = true;
	size_t got;
	snprintf(size, sizeof size, "%d", PAGE);
	do {
		const char *const params[] = {leads, after, size};
		json_t *rows = cli_query(cli, query, params, pages ? 3 : 1);
		free(after);
		after = NULL;
		if (!rows)
			return CLI_FAILED;
		got = json_array_size(rows);
		if (pages && got == PAGE)
			after = mem_dup(cli_text(json_array_get(rows, got - 1), "cursor"));
		print_rows(rows, &first);
		json_decref(rows);
	} while (after);
	return CLI_DONE;
}

int cli_lead_export(struct cli *cli, int64_t lead_id)
{
	char id[24];
	snprintf(id, sizeof id, "%lld", (long long)lead_id);
	const char *const params[] = {id};
	json_t *rows = cli_query(cli, "erase_preview", params, 1);
	const char *leads = cli_text(json_array_get(rows, 0), "leads");
	int status = rows ? CLI_DONE : CLI_FAILED;
	for (size_t i = 0; status == CLI_DONE && i < REPORT_PERSON_SECTIONS; i++) {
		printf("%s\"%s\": [", i ? ",\n" : "{", report_person[i].name);
		status = print_section(cli, report_person[i].query, leads, report_person[i].pages);
		printf("]");
	}
	if (status == CLI_DONE)
		printf("}\n");
	json_decref(rows);
	return fflush(stdout) || ferror(stdout) ? cli_refuse("standard output cannot be written.") : status;
}
