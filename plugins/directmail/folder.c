/* See folder.h: the files of a job while they are written. */
#include "folder.h"

#include "letter_view.h"
#include "paper.h"
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROBLEMS_MOST = 1000, FILES_PAGE = 4096 };

struct folder {
	struct folder_of of;
	char tmp[FOLDER_NAME * 2];
	int spool, fd;
	bool finished;
	struct out *data, *sheets; /* sheets: the PDF that is open */
	struct table *table;
	struct paper *paper;
	json_t *files;    /* [{name, bytes, sha256, records or pages}] */
	json_t *problems; /* [{number, what}] */
	int64_t records, pages, problem_count;
};

static void set(struct nurture_problem *problem, const char *where, const char *what)
{
	snprintf(problem->where, sizeof problem->where, "%s", where);
	snprintf(problem->message, sizeof problem->message, "%s", what);
}

static void note(struct folder *folder, int64_t number, const char *what)
{
	if (folder->problem_count++ < PROBLEMS_MOST)
		json_array_append_new(folder->problems, json_pack("{s:I, s:s}", "number", (json_int_t)number, "what", what));
}

static void add_file(struct folder *folder, const struct out *out, const char *counted, int64_t count)
{
	json_array_append_new(folder->files, json_pack("{s:s, s:I, s:s, s:I}", "name", out->name, "bytes", (json_int_t)out->bytes, "sha256", out->sum, counted, (json_int_t)count));
}

/* ---- beginning ---- */

static bool make_folder(struct folder *folder, struct nurture_problem *problem)
{
	const char *spool = folder->of.settings->spool;
	if (mkdir(spool, 0750) && errno != EEXIST) {
		set(problem, "spool", strerror(errno));
		return false;
	}
	folder->spool = open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->spool < 0 || folder_remove(spool, folder->tmp, problem) || mkdirat(folder->spool, folder->tmp, 0750)) {
		set(problem, "spool", strerror(errno));
		return false;
	}
	folder->fd = openat(folder->spool, folder->tmp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder->fd < 0)
		set(problem, "spool", strerror(errno));
	return folder->fd >= 0;
}

/* ---- letters as PDF ---- */

static bool put_pdf(void *out, const void *bytes, size_t n)
{
	return out_put(out, bytes, n);
}

static bool open_paper(struct folder *folder, const char *name, struct nurture_problem *problem)
{
	folder->sheets = out_open(folder->fd, name);
	folder->paper = paper_open(&folder->of, put_pdf, folder->sheets, problem);
	return folder->paper != NULL;
}

/* What the disk said is known by the file, not by who drew. */
static bool close_paper(struct folder *folder, const char *counted, int64_t count, struct nurture_problem *problem)
{
	bool drawn = paper_close(folder->paper, problem) == 0, good = folder->sheets && out_close(folder->sheets, problem) == 0 && drawn;
	folder->paper = NULL;
	if (good)
		add_file(folder, folder->sheets, counted, count);
	out_free(folder->sheets);
	folder->sheets = NULL;
	return good;
}

static bool add_letter(struct folder *folder, struct letter_view *view, int *pages, struct nurture_problem *problem)
{
	char name[40], words[PAPER_NOTE];
	bool each = folder->of.settings->letters == LETTERS_EACH;
	snprintf(name, sizeof name, "letter-%06" PRId64 ".pdf", view->letter->number);
	*pages = 0;
	if (folder->of.settings->letters == LETTERS_NONE)
		return true;
	bool good = (!each || open_paper(folder, name, problem)) && paper_add(folder->paper, view, pages, words, problem) == 0;
	if (!good && folder->sheets && folder->sheets->failed)
		(void)out_close(folder->sheets, problem);
	if (good && *words)
		note(folder, view->letter->number, words);
	folder->pages += *pages;
	return good && (!each || close_paper(folder, "pages", *pages, problem));
}

struct folder *folder_open(const struct folder_of *of, struct nurture_problem *problem)
{
	struct folder *folder = calloc(1, sizeof *folder);
	if (!folder)
		abort();
	*folder = (struct folder){.of = *of, .spool = -1, .fd = -1, .files = json_array(), .problems = json_array()};
	snprintf(folder->tmp, sizeof folder->tmp, "%s.%s.tmp", of->name, of->owner);
	if (make_folder(folder, problem)) {
		folder->data = out_open(folder->fd, "data.csv");
		folder->table = table_new(folder->data, of->settings, problem);
	}
	if (!folder->table || (of->settings->letters == LETTERS_ONE && !open_paper(folder, "letters.pdf", problem))) {
		folder_free(folder);
		return NULL;
	}
	if (of->settings->head)
		table_head(folder->table);
	return folder;
}

/* ---- records ---- */

static const char *get_text(void *arg, const char *source)
{
	return letter_view_text(arg, source);
}

int folder_add(struct folder *folder, const struct folder_letter *letter, int *pages, struct nurture_problem *problem)
{
	struct letter_view view;
	int64_t replaced = table_replaced(folder->table);
	letter_view_init(&view, &folder->of, letter);
	bool good = table_row(folder->table, get_text, &view);
	if (!good)
		(void)out_close(folder->data, problem);
	good = good && add_letter(folder, &view, pages, problem);
	size_t lines = letter_view_lost(&view);
	letter_view_fini(&view);
	if (lines) {
		char what[120];
		snprintf(what, sizeof what, "its address has %zu lines, and the columns of the data file print %d", lines, folder->of.settings->lines);
		note(folder, letter->number, what);
	}
	folder->records++;
	if (table_replaced(folder->table) > replaced)
		note(folder, letter->number, "the charset of the data file lacks some of its characters: question marks stand for them");
	return good ? 0 : -1;
}

/* ---- ending ---- */

static int close_data(struct folder *folder, struct nurture_problem *problem)
{
	if (out_close(folder->data, problem))
		return -1;
	add_file(folder, folder->data, "records", folder->records);
	return 0;
}

/* The manifest, and the sums of all that stands in it and of itself, in the form of sha256sum. */
static int write_manifest(struct folder *folder, json_t *manifest, char sum[OUT_HASH_TEXT], struct nurture_problem *problem)
{
	json_object_set(manifest, "files", folder->files);
	json_object_set(manifest, "problems", folder->problems);
	json_object_set_new(manifest, "problem_count", json_integer(folder->problem_count));
	char *text = json_dumps(manifest, JSON_INDENT(2) | JSON_SORT_KEYS);
	struct out *out = out_open(folder->fd, "manifest.json");
	out_put(out, text, strlen(text));
	out_put(out, "\n", 1);
	free(text);
	int result = out_close(out, problem);
	memcpy(sum, out->sum, OUT_HASH_TEXT);
	out_free(out);
	return result;
}

static int write_sums(struct folder *folder, const char *manifest, char sums[OUT_HASH_TEXT], struct nurture_problem *problem)
{
	char line[200];
	size_t i;
	json_t *file;
	struct out *out = out_open(folder->fd, "SHA256SUMS");
	json_array_foreach (folder->files, i, file) {
		snprintf(line, sizeof line, "%s  %s\n", json_string_value(json_object_get(file, "sha256")), json_string_value(json_object_get(file, "name")));
		out_put(out, line, strlen(line));
	}
	snprintf(line, sizeof line, "%s  manifest.json\n", manifest);
	out_put(out, line, strlen(line));
	int result = out_close(out, problem);
	memcpy(sums, out->sum, OUT_HASH_TEXT);
	out_free(out);
	return result;
}

int folder_finish(struct folder *folder, json_t *manifest, char sums[OUT_HASH_TEXT], struct nurture_problem *problem)
{
	char sum[OUT_HASH_TEXT];
	if (close_data(folder, problem) || (folder->paper && !close_paper(folder, "pages", folder->pages, problem)) || write_manifest(folder, manifest, sum, problem) || write_sums(folder, sum, sums, problem))
		return -1;
	if (fsync(folder->fd)) {
		set(problem, "spool", strerror(errno));
		return -1;
	}
	folder->finished = true;
	return 0;
}

void folder_free(struct folder *folder)
{
	struct nurture_problem ignored = {.size = sizeof ignored};
	if (!folder)
		return;
	table_free(folder->table);
	out_free(folder->data);
	(void)paper_close(folder->paper, &ignored);
	out_free(folder->sheets);
	if (!folder->finished && folder->spool >= 0)
		(void)folder_remove(folder->of.settings->spool, folder->tmp, &ignored);
	if (folder->fd >= 0)
		close(folder->fd);
	if (folder->spool >= 0)
		close(folder->spool);
	json_decref(folder->files);
	json_decref(folder->problems);
	free(folder);
}
