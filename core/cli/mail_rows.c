/* See mail_rows.h. The file is read twice (once to tell how its letters are written) and never held; what the server has taken stands there, so a file that broke off is sent again. */
#include "cli/mail_rows.h"

#include "base/buf.h"
#include "base/mem.h"
#include "cli/own_server.h"
#include "jobs/csv.h"
#include "jobs/rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROUP = 500, COLUMNS_MOST = 30 };

struct sending {
	struct cli *cli;
	const struct mail_rows *what;
	struct own_server server;
	struct csv_reader *reader;
	struct rejects *rejects;
	struct csv_row header;
	int column[COLUMNS_MOST];     /* of the file, for each name; -1 = it has none */
	struct arena *keep, *arena;   /* the header; a group */
	struct csv_row rows[GROUP];
	size_t count;
	bool lone, begun;
	json_t *results;              /* word → how many */
	json_t *back;                 /* numbers of the letters that this file has brought back, as far as the server names them */
	int64_t unused;
	struct error error;
};

/* ---- columns ---- */

static int column_named(const struct csv_row *header, struct str name)
{
	for (size_t i = 0; i < header->count; i++)
		if (str_same_nocase(str_trim(header->cells[i]), name))
			return (int)i;
	return -1;
}

/* -1: the map names a column that the file has not, or a name that nobody knows. */
static int read_map(struct sending *s)
{
	const char *map = cli_option(s->cli, "--map");
	struct str rest = str_of(map ? map : "");
	while (rest.p && rest.n) {
		struct str head = str_cut(&rest, ','), name = str_trim(str_cut(&head, '='));
		size_t i = 0;
		while (s->what->columns[i] && !str_is(name, s->what->columns[i]))
			i++;
		if (!s->what->columns[i] || !head.p)
			return cli_refuse("--map: \"%.*s\" is no column of these rows.", STR_ARG(name)), -1;
		s->column[i] = column_named(&s->header, str_trim(head));
		if (s->column[i] < 0)
			return cli_refuse("--map: the file has no column \"%.*s\".", STR_ARG(str_trim(head))), -1;
	}
	return 0;
}

static bool has_needed(const struct sending *s)
{
	for (size_t n = 0; s->what->needed[n]; n++)
		for (size_t i = 0; s->what->columns[i]; i++)
			if (s->column[i] >= 0 && strcmp(s->what->columns[i], s->what->needed[n]) == 0)
				return true;
	return false;
}

static int find_columns(struct sending *s)
{
	for (size_t i = 0; s->what->columns[i]; i++)
		s->column[i] = column_named(&s->header, str_of(s->what->columns[i]));
	if (read_map(s))
		return CLI_FAILED;
	if (has_needed(s))
		return CLI_DONE;
	if (!s->what->lone || s->header.count != 1)
		return cli_refuse("%s: its first line names no column \"%s\". Say which it is: --map %s=Head.", s->cli->args[s->cli->arg_count - 1], s->what->needed[0], s->what->needed[0]);
	for (size_t i = 0; s->what->columns[i]; i++)
		s->column[i] = strcmp(s->what->columns[i], s->what->lone) == 0 ? 0 : -1;
	s->lone = true; /* the first line is a row already */
	return CLI_DONE;
}

/* ---- a group ---- */

static json_t *row_json(const struct sending *s, const struct csv_row *row)
{
	json_t *json = json_object();
	for (size_t i = 0; s->what->columns[i]; i++) {
		struct str cell = s->column[i] >= 0 && (size_t)s->column[i] < row->count ? str_trim(row->cells[s->column[i]]) : (struct str){"", 0};
		if (cell.n)
			json_object_set_new(json, s->what->columns[i], json_stringn(cell.p, cell.n));
	}
	return json;
}

static int unused(struct sending *s, const struct csv_row *row, const char *why)
{
	s->unused++;
	if (s->rejects)
		return rejects_add(s->rejects, &s->header, row, "row", why, &s->error);
	if (s->unused <= 20) {
		fprintf(stderr, "%s: line %" PRId64 ": ", s->cli->args[s->cli->arg_count - 1], row->line);
		cli_print_text(stderr, str_of(why));
		fputs(s->unused == 20 ? "\n(more of them: --rejects FILE)\n" : "\n", stderr);
	}
	return 0;
}

/* The server knows what one part of the file names twice; of a letter that an earlier part has brought back it says that it was back before. */
static bool named_before(struct sending *s, const json_t *row, const char *result)
{
	char touch[24];
	snprintf(touch, sizeof touch, "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(row, "touch")));
	if (strcmp(result, "returned") == 0)
		json_object_set_new(s->back, touch, json_true());
	return strcmp(result, "returned before") == 0 && json_object_get(s->back, touch);
}

static int take_answer(struct sending *s, const json_t *answer)
{
	size_t i;
	const json_t *row;
	json_array_foreach (json_object_get(answer, "rows"), i, row) {
		const char *result = cli_text(row, "result"), *why = cli_text(row, "why");
		int64_t n = json_integer_value(json_object_get(row, "n"));
		if (json_object_get(row, "touch") && named_before(s, row, result))
			result = "named twice", why = "an earlier row names this letter";
		json_object_set_new(s->results, result, json_integer(json_integer_value(json_object_get(s->results, result)) + 1));
		if (*why && n >= 0 && (size_t)n < s->count && unused(s, &s->rows[n], why))
			return -1;
	}
	return 0;
}

static int ask(struct sending *s, const char *method, const char *path, const json_t *rows, const json_t *more)
{
	json_t *body = more ? json_deep_copy(more) : json_object(), *answer = NULL;
	json_object_set(body, "rows", (json_t *)(uintptr_t)rows);
	char *text = json_dumps(body, JSON_COMPACT);
	int status = own_server_ask(&s->server, method, path, "application/json", str_of(text), &answer);
	int result = status == 200 ? take_answer(s, answer) ? cli_fail(&s->error) : CLI_DONE : status ? own_server_refused(status, answer) : CLI_FAILED;
	free(text);
	json_decref(body);
	json_decref(answer);
	return result;
}

static int send_group(struct sending *s, bool last)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(rows, row_json(s, &s->rows[i]));
	char *path = s->what->parts ? mem_printf("%s%cbegin=%s&end=%s", s->what->path, strchr(s->what->path, '?') ? '&' : '?', s->begun ? "false" : "true", last ? "true" : "false")
				    : mem_dup(s->what->path);
	int result = ask(s, s->what->method, path, rows, s->what->more);
	if (!result && s->what->also)
		result = ask(s, "POST", s->what->also, rows, s->what->also_more);
	s->begun = true;
	s->count = 0;
	free(path);
	json_decref(rows);
	arena_reset(s->arena);
	return result;
}

static int send_all(struct sending *s)
{
	struct csv_row row;
	int got = 1, result = CLI_DONE;
	if (s->lone) {
		struct str *name = arena_array(s->keep, 1, sizeof *name);
		*name = str_of(s->what->lone);
		s->rows[s->count++] = s->header;
		s->header.cells = name; /* what the file of refused rows has for a head */
	}
	while (!result && (got = csv_next(s->reader, s->arena, &row, &s->error)) == 1) {
		if (row.broken) {
			json_object_set_new(s->results, "broken", json_integer(json_integer_value(json_object_get(s->results, "broken")) + 1));
			result = unused(s, &row, row.broken) ? cli_fail(&s->error) : CLI_DONE;
			continue;
		}
		s->rows[s->count++] = row;
		if (s->count == GROUP)
			result = send_group(s, false);
	}
	if (got < 0)
		return cli_fail(&s->error);
	if (!result && s->count)
		result = send_group(s, false);
	return !result && s->what->parts ? send_group(s, true) : result;
}

/* ---- the file ---- */

static int say(struct sending *s, int result)
{
	const char *word;
	const json_t *count;
	if (s->rejects && rejects_flush(s->rejects, &s->error))
		return cli_fail(&s->error);
	if (result)
		return result;
	if (s->cli->json) {
		(void)cli_print_json(json_incref(s->results));
		return s->unused ? CLI_FAILED : CLI_DONE;
	}
	json_object_foreach (s->results, word, count)
		printf("%8" PRId64 " %s\n", (int64_t)json_integer_value(count), word);
	if (s->unused && s->rejects)
		printf("%" PRId64 " rows could not be used: see %s.\n", s->unused, cli_option(s->cli, "--rejects"));
	return s->unused ? CLI_FAILED : CLI_DONE;
}

static int run(struct sending *s, int fd)
{
	const char *no_text;
	enum encoding encoding = encoding_of_file(fd, &no_text);
	if (no_text)
		return cli_refuse("%s: %s", s->cli->args[s->cli->arg_count - 1], no_text);
	s->reader = csv_reader_new(fd, encoding, 0);
	int got = csv_next(s->reader, s->keep, &s->header, &s->error);
	if (got < 0)
		return cli_fail(&s->error);
	if (!got || s->header.broken)
		return cli_refuse("%s: %s", s->cli->args[s->cli->arg_count - 1], got ? s->header.broken : "the file is empty.");
	if (find_columns(s) || own_server_open(&s->server, s->cli, cli_user()))
		return CLI_FAILED;
	const char *rejects = cli_option(s->cli, "--rejects");
	s->rejects = rejects ? rejects_new(rejects, 0, csv_separator(s->reader)) : NULL;
	int result = send_all(s);
	own_server_close(&s->server);
	return say(s, result);
}

int mail_rows_send(struct cli *cli, const struct mail_rows *rows)
{
	const char *path = cli->args[cli->arg_count - 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cli_refuse("%s: %s", path, strerror(errno));
	struct sending s = {.cli = cli, .what = rows, .keep = arena_new(), .arena = arena_new(), .results = json_object(), .back = json_object()};
	int result = run(&s, fd);
	csv_reader_free(s.reader);
	rejects_free(s.rejects);
	json_decref(s.results);
	json_decref(s.back);
	arena_free(s.arena);
	arena_free(s.keep);
	close(fd);
	return result;
}
