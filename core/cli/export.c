/* nurture export: leads into a file or to standard output, page by page, so that memory stays flat and no long transaction stands open.
 *
 * With --output it is written to FILE.part, which becomes FILE when it is whole. A FILE.part of before, of the same form, is gone on with behind its
 * last whole line: the first column is the lead, and leads come in one order. */
#include "cli/fields.h"
#include "report/export.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct exporting {
	struct cli *cli;
	struct arena *arena;
	struct export_shape shape;
	const char *segment, *path;
	char *part;
	FILE *out;
	int64_t after, count; /* the last lead written; how many by this run */
	bool resumed;
};

/* ---- the shape ---- */

static const char **names_of(struct arena *arena, size_t count)
{
	return arena_array(arena, count + 1, sizeof(char *));
}

static int read_shape(struct exporting *e, const struct playbook_current *current)
{
	const struct playbook *playbook = playbook_current_get(current);
	const char *format = cli_option(e->cli, "--format"), *fields = cli_option(e->cli, "--fields");
	const char **models = names_of(e->arena, playbook ? playbook->model_count : 0), **grades = names_of(e->arena, playbook ? playbook->grades_count : 0);
	struct export_names names = {.schema = playbook_current_schema(current), .models = models, .grades = grades};
	struct error error = {0};
	bool known = !e->segment;
	for (size_t i = 0; playbook && i < playbook->model_count; i++)
		models[i] = playbook->models[i].name;
	for (size_t i = 0; playbook && i < playbook->grades_count; i++)
		grades[i] = playbook->grades[i].name;
	for (size_t i = 0; playbook && !known && i < playbook->segment_count; i++)
		known = strcmp(playbook->segments[i].name, e->segment) == 0;
	if (!known)
		return cli_refuse("there is no segment \"%s\" in the active playbook.", e->segment);
	if (export_shape_read(&e->shape, str_of(format ? format : "csv"), fields ? str_of(fields) : (struct str){NULL, 0}, &names, e->arena, &error) < 0)
		return cli_fail(&error);
	return CLI_DONE;
}

/* ---- the file ---- */

/* The lead of a line: of CSV what stands before the first comma, of NDJSON behind {"lead":. 0 = it is none. */
static int64_t lead_of(const struct export_shape *shape, struct str line)
{
	int64_t lead = 0;
	struct str rest = line;
	if (!shape->csv && !str_starts(line, STR("{\"lead\":")))
		return 0;
	if (!shape->csv)
		rest = (struct str){line.p + 8, line.n - 8};
	for (size_t i = 0; i < rest.n && rest.p[i] >= '0' && rest.p[i] <= '9' && i < 18; i++)
		lead = lead * 10 + (rest.p[i] - '0');
	return lead;
}

/* Behind the last whole record of a file that broke off: *end is where it ends. Line ends inside quotes are part of a cell. */
static int scan(struct exporting *e, FILE *file, off_t *end, char **head)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	bool quoted = false, first = true;
	int64_t lead = 0;
	off_t at = 0;
	*end = 0;
	while ((n = getline(&line, &room, file)) > 0 && line[n - 1] == '\n') {
		if (!quoted && first)
			*head = mem_dup(line);
		if (!quoted && !(first && e->shape.csv))
			lead = lead_of(&e->shape, (struct str){line, (size_t)n});
		for (ssize_t i = 0; e->shape.csv && i < n; i++)
			quoted ^= line[i] == '"';
		at += n;
		first = false;
		if (quoted)
			continue;
		*end = at;
		e->after = lead;
	}
	free(line);
	return ferror(file) ? -1 : 0;
}

/* Goes on with what an earlier run wrote, if it is of the same form; else begins anew. */
static int take_up(struct exporting *e)
{
	struct buf head = {0};
	char *had = NULL;
	off_t end = 0;
	FILE *file = fopen(e->part, "r");
	int status = 0;
	export_head(&e->shape, &head);
	if (file && scan(e, file, &end, &had) == 0 && e->after && (!e->shape.csv || (had && strcmp(had, head.p) == 0))) {
		e->resumed = true;
		status = truncate(e->part, end);
	}
	if (!e->resumed)
		e->after = 0;
	if (file)
		fclose(file);
	free(had);
	buf_fini(&head);
	return status;
}

static int open_output(struct exporting *e)
{
	struct stat there;
	if (!e->path) {
		e->out = stdout;
		return CLI_DONE;
	}
	if (stat(e->path, &there) == 0)
		return cli_refuse("%s is there already. Give another name, or remove it.", e->path);
	e->part = mem_printf("%s.part", e->path);
	if (lstat(e->part, &there) == 0 && !S_ISREG(there.st_mode))
		return cli_refuse("%s is no plain file.", e->part);
	if (take_up(e))
		return cli_refuse("%s: %s", e->part, strerror(errno));
	/* for its owner alone: it holds people's data */
	int fd = open(e->part, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (e->resumed ? O_APPEND : O_TRUNC), 0600);
	e->out = fd < 0 ? NULL : fdopen(fd, "w");
	return e->out ? CLI_DONE : cli_refuse("%s: %s", e->part, strerror(errno));
}

/* ---- pages ---- */

static int write_out(struct exporting *e, struct buf *text)
{
	bool good = fwrite(text->p ? text->p : "", 1, text->n, e->out) == text->n && fflush(e->out) == 0;
	buf_clear(text);
	if (good)
		return CLI_DONE;
	return cli_refuse("%s: %s.%s", e->part ? e->part : "standard output", strerror(errno), e->part ? " Run the same command again: it goes on from there." : "");
}

static json_t *page(struct exporting *e)
{
	const char *after = arena_printf(e->arena, "%lld", (long long)e->after), *size = arena_printf(e->arena, "%d", EXPORT_PAGE);
	const char *const params[] = {e->after ? after : NULL, size, e->segment, e->shape.scores ? "true" : "false"};
	return cli_query(e->cli, "export_page", params, 4);
}

static int64_t total_of(struct exporting *e)
{
	const char *const params[] = {e->segment};
	json_t *rows = cli_query(e->cli, "export_count", params, 1);
	int64_t total = json_integer_value(json_object_get(json_array_get(rows, 0), "leads"));
	json_decref(rows);
	return total;
}

static int write_all(struct exporting *e)
{
	struct cli_progress bar = {.what = "export"};
	struct buf text = {0};
	int64_t total = isatty(2) ? total_of(e) : 0;
	int status = CLI_DONE;
	if (!e->resumed)
		export_head(&e->shape, &text);
	for (size_t got = EXPORT_PAGE; status == CLI_DONE && got == EXPORT_PAGE;) {
		json_t *rows = page(e);
		got = json_array_size(rows);
		int64_t last = export_rows(&e->shape, rows, &text);
		status = rows ? write_out(e, &text) : CLI_FAILED;
		json_decref(rows);
		e->after = last ? last : e->after;
		e->count += (int64_t)got;
		cli_progress_show(&bar, e->count, total);
	}
	cli_progress_end(&bar);
	buf_fini(&text);
	return status;
}

static int finish(struct exporting *e)
{
	if (!e->path)
		return CLI_DONE;
	bool kept = fsync(fileno(e->out)) == 0;
	kept = fclose(e->out) == 0 && kept;
	e->out = NULL;
	if (!kept || renameat2(AT_FDCWD, e->part, AT_FDCWD, e->path, RENAME_NOREPLACE) < 0)
		return cli_refuse("%s: %s", e->path, strerror(errno));
	fprintf(stderr, "%lld leads%s in %s\n", (long long)e->count, e->resumed ? " more" : "", e->path);
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	struct exporting e = {.cli = cli, .segment = cli_option(cli, "--segment"), .path = cli_option(cli, "--output")};
	const char *after = cli_option(cli, "--after");
	if (after && cli_number("--after", after, 1, INT64_MAX, &e.after))
		return CLI_WRONG_USAGE;
	if (after && e.path) {
		fprintf(stderr, "nurture export: with --output it goes on by itself; --after is for standard output.\n");
		return CLI_WRONG_USAGE;
	}
	if (cli_open(cli))
		return CLI_FAILED;
	e.arena = arena_new();
	e.resumed = after != NULL; /* no heading line */
	struct playbook_current *current = cli_playbook(cli, e.arena);
	int status = current && read_shape(&e, current) == CLI_DONE && open_output(&e) == CLI_DONE ? write_all(&e) : CLI_FAILED;
	if (status == CLI_DONE)
		status = finish(&e);
	if (e.out && e.out != stdout)
		fclose(e.out);
	playbook_current_free(current);
	free(e.part);
	arena_free(e.arena);
	return status;
}

extern const struct cli_command cli_export;
const struct cli_command cli_export = {
	.name = "export", .arguments = "", .summary = "Writes leads, all or of one segment, as CSV or NDJSON.",
	.more = "In the order of their shards and ids; people without a name yet (visitors) and leads that were merged into others are left out.\n"
		"FIELDS are names with commas: fields of leads, lead, created_at, updated_at, stage, segments, account_id, score.MODEL, grade.GRADES,\n"
		"band.GRADES. Killed and run again with the same --output it goes on. A CSV cell that a spreadsheet would take for a formula begins\n"
		"with an apostrophe, which an import takes away again.",
	.options = {
		{"--segment", NULL, "SEGMENT", "only who is in it (all)"},
		{"--format", NULL, "csv|ndjson", "the form (csv)"},
		{"--fields", NULL, "FIELDS", "which columns (all fields of leads)"},
		{"--output", "-o", "FILE", "where to (standard output)"},
		{"--after", NULL, "LEAD", "only who comes behind this lead's id, without a heading"},
	},
	.least = 0, .most = 0, .run = run,
};
