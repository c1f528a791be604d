/* nurture calls import: what became of calls that a call centre outside had (calls_export.c). A result is an outcome like any other: told twice it counts once, and what is refused goes to a
 * file of rejects with the reason. CSV as spreadsheets write it (jobs/csv.h: also UTF-16 and Windows-1252), or a JSON object a line where the file's name ends with .ndjson. */
#include "cli/command.h"

#include "base/cell.h"
#include "base/mem.h"
#include "cli/calls.h"
#include "cli/own_server.h"
#include "jobs/csv.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REASONS_MOST = 10 };

/* disposition, result, note, callback_at as they are; every other column, but what an export wrote, is a question's answer. */
static json_t *outcome_of(const struct csv_row *header, const struct csv_row *row)
{
	static const char *const plain[] = {"disposition", "result", "note", "callback_at"};
	static const char *const ours[] = {"id", "line", "phone", "name", "company", "country", "campaign", "step", "script", "priority", "words", "reason"};
	json_t *outcome = json_pack("{s:b}", "texts", 1), *answers = json_object();
	for (size_t i = 0; i < header->count; i++) {
		struct str name = header->cells[i], cell = cell_text(row->cells[i]);
		bool is_plain_one = false, is_ours = false;
		for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
			is_plain_one |= str_is(name, plain[k]);
		for (size_t k = 0; k < sizeof ours / sizeof *ours; k++)
			is_ours |= str_is(name, ours[k]);
		if (cell.n && (is_plain_one || !is_ours))
			json_object_set_new(is_plain_one ? outcome : answers, name.p, json_stringn(cell.p, cell.n));
	}
	json_object_set_new(outcome, "answers", answers);
	return outcome;
}

struct results {
	struct own_server server;
	struct cli *cli;
	struct buf rejects;
	int64_t taken, refused;
	bool broken;     /* the server is away */
};

static const char *cell_of(const struct csv_row *header, const struct csv_row *row, const char *name)
{
	for (size_t i = 0; i < header->count; i++)
		if (str_is(header->cells[i], name))
			return cell_text(row->cells[i]).p;
	return "";
}

/* NULL: it is taken; else why not, which the caller frees. */
static char *send_one(struct results *r, const char *id, const char *line, json_t *outcome)
{
	json_t *answer = NULL;
	if (!*id || strspn(id, "0123456789") != strlen(id))
		return mem_dup("there is no id of a call");
	if (*line)
		json_object_set_new(outcome, "agent", json_string(line));
	char *rest = mem_printf("calls/%s/outcome", id), *path = calls_path(r->cli, rest), *text = json_dumps(outcome, JSON_COMPACT), *why = NULL;
	int status = path ? own_server_ask(&r->server, "POST", path, "application/json", str_of(text), &answer) : 0;
	r->broken |= status == 0 || status >= 500;
	if (status != 200)
		why = mem_dup(json_string_value(json_object_get(answer, "detail")) ?: "the server did not take it");
	free(rest), free(path), free(text);
	json_decref(answer);
	return why;
}

/* line: of the file, or its record. The first reasons are said where there is no file for them. */
static void count(struct results *r, int64_t line, const char *why)
{
	r->taken += !why;
	r->refused += why != NULL;
	if (!why || cli_option(r->cli, "--rejects") || r->refused > REASONS_MOST)
		return;
	fprintf(stderr, "%s: %" PRId64 ": ", r->cli->args[0], line);
	cli_print_text(stderr, str_of(why));
	fputs(r->refused == REASONS_MOST ? "\n(more of them: --rejects FILE)\n" : "\n", stderr);
}

/* ---- CSV ---- */

static struct str text_in(const struct csv_row *row, size_t i)
{
	return i < row->count ? cell_text(row->cells[i]) : (struct str){"", 0};
}

static void put_reject(struct results *r, const struct csv_row *header, const struct csv_row *row, const char *why)
{
	for (size_t i = 0; i < header->count; i++) {
		cell_put(&r->rejects, text_in(row, i));
		buf_putc(&r->rejects, ',');
	}
	cell_put(&r->rejects, str_of(why));
	buf_puts(&r->rejects, "\r\n");
}

/* As send_one. */
static char *send_row(struct results *r, const struct csv_row *header, const struct csv_row *row)
{
	if (row->broken)
		return mem_dup(row->broken);
	if (row->count != header->count)
		return mem_printf("this row has %zu cells, the head %zu", row->count, header->count);
	json_t *outcome = outcome_of(header, row);
	char *why = send_one(r, cell_of(header, row, "id"), cell_of(header, row, "line"), outcome);
	json_decref(outcome);
	return why;
}

static int send_rows(struct results *r, struct csv_reader *reader, const struct csv_row *header)
{
	struct arena *arena = arena_new();
	struct csv_row row;
	struct error error;
	int got = 1;
	while (!r->broken && (got = csv_next(reader, arena, &row, &error)) == 1) {
		char *why = send_row(r, header, &row);
		count(r, row.line, why);
		if (why)
			put_reject(r, header, &row, why);
		free(why);
		arena_reset(arena);
	}
	arena_free(arena);
	return got < 0 ? cli_fail(&error) : CLI_DONE;
}

static int read_head(struct results *r, const struct csv_row *header)
{
	bool has_id = false;
	for (size_t i = 0; i < header->count; i++)
		has_id |= str_is(header->cells[i], "id");
	if (!has_id)
		return cli_refuse("%s: its first line names no column \"id\": it is the head of the export, id,line,…", r->cli->args[0]);
	for (size_t i = 0; i < header->count; i++) {
		cell_put(&r->rejects, header->cells[i]);
		buf_putc(&r->rejects, ',');
	}
	buf_puts(&r->rejects, "reason\r\n");
	return CLI_DONE;
}

static int read_csv(struct results *r, int fd)
{
	const char *no_text;
	enum encoding encoding = encoding_of_file(fd, &no_text);
	if (no_text)
		return cli_refuse("%s: %s", r->cli->args[0], no_text);
	struct csv_reader *reader = csv_reader_new(fd, encoding, 0);
	struct arena *arena = arena_new();
	struct csv_row header = {0};
	struct error error;
	int got = csv_next(reader, arena, &header, &error);
	int result = got < 0                ? cli_fail(&error)
		     : got && header.broken ? cli_refuse("%s: %s", r->cli->args[0], header.broken)
					    : read_head(r, &header);
	if (!result)
		result = send_rows(r, reader, &header);
	csv_reader_free(reader);
	arena_free(arena);
	return result;
}

/* ---- JSON ---- */

/* A number, or its digits as a text, as systems write it that have no numbers of 64 bits; "" = there is none. */
static void id_of(const json_t *json, char out[32])
{
	const json_t *id = json_object_get(json, "id");
	if (json_is_integer(id))
		snprintf(out, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
	else
		snprintf(out, 32, "%s", json_is_string(id) ? json_string_value(id) : "");
}

static char *send_line(struct results *r, json_t *json)
{
	static const char *const kept[] = {"disposition", "result", "note", "callback_at", "answers"};
	char id[32];
	json_t *outcome = json_object();
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (json_object_get(json, kept[i]))
			json_object_set(outcome, kept[i], json_object_get(json, kept[i]));
	id_of(json, id);
	char *why = json_is_object(json) ? send_one(r, id, cli_text(json, "line"), outcome) : mem_dup("this line is no JSON object");
	json_decref(outcome);
	return why;
}

static void reject_line(struct results *r, json_t *json, const char *line, const char *why)
{
	json_t *reject = json_is_object(json) ? json_copy(json) : json_pack("{s:s}", "line", line);
	reject = reject ? reject : json_object(); /* it is no UTF-8 */
	json_object_set_new(reject, "reason", json_string(why));
	char *out = json_dumps(reject, JSON_COMPACT);
	buf_puts(&r->rejects, out ? out : "{}");
	buf_putc(&r->rejects, '\n');
	free(out);
	json_decref(reject);
}

static int read_ndjson(struct results *r, int fd)
{
	FILE *file = fdopen(dup(fd), "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	if (!file)
		return cli_refuse("%s cannot be read: %m", r->cli->args[0]);
	for (int64_t number = 1; !r->broken && (n = getline(&line, &room, file)) >= 0; number++) {
		line[strcspn(line, "\r\n")] = 0;
		char *text = number == 1 && strncmp(line, "\xEF\xBB\xBF", 3) == 0 ? line + 3 : line;
		if (!*text)
			continue;
		json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		char *why = send_line(r, json);
		count(r, number, why);
		if (why)
			reject_line(r, json, text, why);
		free(why);
		json_decref(json);
	}
	free(line);
	fclose(file);
	return CLI_DONE;
}

static int say_results(struct cli *cli, struct results *r)
{
	const char *rejects = cli_option(cli, "--rejects");
	if (r->broken)
		return cli_refuse("the server stopped answering after %" PRId64 " results: import the file again, what is there counts once.", r->taken);
	if (r->refused && rejects && cli_write_file(rejects, buf_str(&r->rejects)))
		return CLI_FAILED;
	if (cli->json)
		return cli_print_json(json_pack("{s:I, s:I}", "taken", (json_int_t)r->taken, "refused", (json_int_t)r->refused));
	printf("%" PRId64 " results are taken, %" PRId64 " refused%s%s.\n", r->taken, r->refused, r->refused && rejects ? ": see " : "", r->refused && rejects ? rejects : "");
	return r->refused ? CLI_FAILED : CLI_DONE;
}

static int run_import(struct cli *cli)
{
	const char *centre = cli_option(cli, "--centre");
	struct results r = {.cli = cli};
	if (!calls_is_plain(centre)) {
		fprintf(stderr, "nurture calls import: say whose results: --centre NAME, as at the export.\n");
		return CLI_WRONG_USAGE;
	}
	int fd = open(cli->args[0], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cli_refuse("%s cannot be read: %m", cli->args[0]);
	int result = own_server_open(&r.server, cli, centre) ? CLI_FAILED : CLI_DONE;
	if (!result) {
		result = calls_is_ndjson(cli->args[0]) ? read_ndjson(&r, fd) : read_csv(&r, fd);
		own_server_close(&r.server);
		result = result ? result : say_results(cli, &r);
	}
	buf_fini(&r.rejects);
	close(fd);
	return result;
}

#define CHANNEL_OPTION {"--channel", NULL, "NAME", "of the configuration (else the first with plugin \"telemarketing\")"}
extern const struct cli_command cli_calls_import;
const struct cli_command cli_calls_import = {
	.name = "calls import", .arguments = "FILE", .summary = "Results of a call centre: id, line, and disposition or result with the answers.",
	.more = "Columns that are no word of ours are questions of the script. A result that is told again counts once; what is refused goes to the rejects, with the reason.\n"
		"A question for several choices or people takes them with ; between: Ann Bauer; carl@example.com",
	.options = {{"--centre", NULL, "NAME", "as at the export"}, {"--rejects", NULL, "FILE", "where refused lines go"}, CHANNEL_OPTION},
	.least = 1, .most = 1, .json = true, .run = run_import,
};
