/* Printing: tables, JSON, and the progress bar. Data from outside never reaches a terminal as control characters. */
#include "cli/command.h"

#include "report/report.h"

#include <stdlib.h>
#include <unistd.h>

enum { BAR = 30 };

int cli_print_json(json_t *json)
{
	char *text = json ? json_dumps(json, JSON_INDENT(2) | JSON_ENCODE_ANY | (isatty(1) ? JSON_ENSURE_ASCII : 0)) : NULL;
	json_decref(json);
	if (!text)
		return cli_refuse("the answer cannot be printed as JSON.");
	puts(text);
	free(text);
	return CLI_DONE;
}

int cli_print_rows(struct cli *cli, const struct report_column *columns, json_t *rows)
{
	struct buf out = {0};
	if (!rows)
		return CLI_FAILED;
	if (cli->json)
		return cli_print_json(rows);
	report_table(columns, rows, &out);
	fwrite(out.p, 1, out.n, stdout);
	buf_fini(&out);
	json_decref(rows);
	return CLI_DONE;
}

void cli_print_text(FILE *out, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t step = str_utf8_step(s.p + i, s.n - i);
		bool control = !str_is_shown(s.p + i, step);
		if (!step)
			step = 1;
		for (size_t k = 0; control && k < step; k++)
			fprintf(out, "\\x%02x", (unsigned char)s.p[i + k]);
		if (!control)
			fwrite(s.p + i, 1, step, out);
		i += step;
	}
}

const char *cli_text(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));
	return text ? text : "";
}

static int file_failed(const struct cli_file *file)
{
	struct error error = {0};
	error_errno(&error, file->path, "cannot be written");
	return cli_fail(&error);
}

int cli_file_open(struct cli_file *file, const char *path)
{
	file->path = path;
	snprintf(file->beside, sizeof file->beside, "%.4000s.%d~", path, (int)getpid());
	file->out = fopen(file->beside, "wx");
	if (!file->out)
		return file_failed(file);
	setvbuf(file->out, NULL, _IONBF, 0); /* what cannot be written is known at once */
	return CLI_DONE;
}

int cli_file_put(struct cli_file *file, struct str text)
{
	off_t before = ftello(file->out);
	if (fwrite(text.p, 1, text.n, file->out) == text.n)
		return CLI_DONE;
	int result = file_failed(file);
	if (ftruncate(fileno(file->out), before) == 0) /* the disk is full: no half a line */
		(void)fseeko(file->out, before, SEEK_SET);
	return result;
}

int cli_file_close(struct cli_file *file, bool keep)
{
	bool good = fclose(file->out) == 0;
	if (keep && good && rename(file->beside, file->path) == 0)
		return CLI_DONE;
	int result = keep ? file_failed(file) : CLI_DONE;
	unlink(file->beside);
	return result;
}

int cli_write_file(const char *path, struct str text)
{
	struct cli_file file;
	if (cli_file_open(&file, path))
		return CLI_FAILED;
	int result = cli_file_put(&file, text);
	return cli_file_close(&file, !result) ? CLI_FAILED : result;
}

void cli_progress_show(struct cli_progress *p, int64_t done, int64_t total)
{
	mono_t now = mono_now();
	if (!p->since)
		p->since = now;
	if (!isatty(2) || now - p->since < MOMENT_SECOND || now - p->last < MOMENT_SECOND / 10)
		return;
	p->last = now;
	p->shown = true;
	if (total <= 0) {
		fprintf(stderr, "\r%s %lld", p->what, (long long)done);
		return;
	}
	int full = (int)(done * BAR / total);
	fprintf(stderr, "\r%s [%.*s%*s] %3d %%", p->what, full, "##############################", BAR - full, "", (int)(done * 100 / total));
}

void cli_progress_end(struct cli_progress *p)
{
	if (p->shown)
		fprintf(stderr, "\r%*s\r", BAR + 40, "");
}
