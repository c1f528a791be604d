/* nurture lead LEAD --export: all that is known of one person, with what is known of the leads that were merged into it, as one JSON object. Gathered
 * section by section and page by page in a file without a name, however much it is, and written when all of it is there: a plugin's part may fail, and
 * half of what is known must not pass for all of it. Called by lead.c. */
#include "cli/command.h"
#include "report/person.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 1000, PIECE = 64 * 1024 };

struct gathering {
	struct cli *cli;
	const char *folder;
	FILE *file;
	struct report_person_text text;
};

static int not_gathered(const struct gathering *g)
{
	return cli_refuse("what is known cannot be gathered in %s: %s. Name a folder in TMPDIR that can be written to and has room.", g->folder, strerror(errno));
}

/* The file is for its owner alone, has no name from the start on, and is gone with the process: it holds a person's data. It lies on a disk: /tmp is
 * memory on many machines. */
static int open_file(struct gathering *g)
{
	const char *folder = getenv("TMPDIR");
	g->folder = folder && *folder ? folder : "/var/tmp";
	char *path = mem_printf("%s/nurture-export-XXXXXX", g->folder);
	int fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	g->file = fd < 0 ? NULL : fdopen(fd, "w+");
	free(path);
	return g->file ? CLI_DONE : not_gathered(g);
}

static int put_away(struct gathering *g)
{
	bool good = fwrite(g->text.out.p, 1, g->text.out.n, g->file) == g->text.out.n && fflush(g->file) == 0;
	buf_clear(&g->text.out);
	return good ? CLI_DONE : not_gathered(g);
}

static int gather_section(struct gathering *g, size_t section, const char *leads)
{
	const bool pages = report_person[section].pages;
	char size[16];
	char *after = NULL;
	int status = CLI_DONE;
	snprintf(size, sizeof size, "%d", PAGE);
	report_person_begin(&g->text, section);
	do {
		const char *const params[] = {leads, after, size};
		json_t *rows = cli_query(g->cli, report_person[section].query, params, pages ? 3 : 1);
		size_t got = json_array_size(rows);
		free(after);
		after = NULL;
		if (!rows)
			return CLI_FAILED;
		if (pages && got == PAGE)
			after = mem_dup(cli_text(json_array_get(rows, got - 1), "cursor"));
		report_person_rows(&g->text, section, rows);
		status = put_away(g);
		json_decref(rows);
	} while (status == CLI_DONE && after);
	free(after);
	report_person_end(&g->text, section);
	return status == CLI_DONE ? put_away(g) : status;
}

/* All of it is there. */
static int print(const struct gathering *g)
{
	char piece[PIECE];
	size_t n;
	rewind(g->file);
	while ((n = fread(piece, 1, sizeof piece, g->file)) > 0 && fwrite(piece, 1, n, stdout) == n)
		;
	if (ferror(g->file))
		return cli_refuse("what was gathered in %s cannot be read again: %s.", g->folder, strerror(errno));
	return fflush(stdout) || ferror(stdout) ? cli_refuse("standard output cannot be written.") : CLI_DONE;
}

int cli_lead_export(struct cli *cli, int64_t lead_id)
{
	char id[24];
	struct gathering g = {.cli = cli, .text = {.flags = JSON_ENSURE_ASCII}};
	if (open_file(&g) != CLI_DONE)
		return CLI_FAILED;
	snprintf(id, sizeof id, "%lld", (long long)lead_id);
	const char *const params[] = {id};
	json_t *rows = cli_query(cli, "erase_preview", params, 1);
	const char *leads = cli_text(json_array_get(rows, 0), "leads");
	int status = rows ? CLI_DONE : CLI_FAILED;
	for (size_t i = 0; status == CLI_DONE && i < REPORT_PERSON_SECTIONS; i++)
		status = gather_section(&g, i, leads);
	if (status == CLI_DONE)
		status = print(&g);
	fclose(g.file);
	report_person_fini(&g.text);
	json_decref(rows);
	return status;
}
