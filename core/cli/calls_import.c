/* nurture calls import: what became of calls that a call centre outside had (calls_export.c). A result is an outcome like any other: told twice it counts once, and what is refused goes to a
 * file of rejects with the reason. CSV as spreadsheets write it (a mark at its head, "," or ";"), or a JSON object a line where the file's name ends with .ndjson. */
#include "cli/command.h"

#include "base/cell.h"
#include "base/luadata.h"
#include "base/mem.h"
#include "cli/calls.h"
#include "cli/own_server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MOST = 100, REASONS_MOST = 10 };

/* The cells of a record (RFC 4180), which are changed in their place; 0 = the text is over. */
static size_t read_record(char **at, char comma, char *cells[COLUMNS_MOST])
{
	size_t count = 0;
	char *p = *at;
	if (!*p)
		return 0;
	for (bool more = true; more;) {
		bool quoted = *p == '"';
		char *from = quoted ? ++p : p, *to = from;
		while (*p && (quoted ? *p != '"' || p[1] == '"' : *p != comma && *p != '\n' && *p != '\r')) {
			p += quoted && *p == '"';
			*to++ = *p++;
		}
		p += quoted && *p == '"';
		more = *p == comma;
		if (*p == '\r' && p[1] == '\n')
			p++;
		if (*p)
			p++;
		*to = 0;
		if (count < COLUMNS_MOST)
			cells[count++] = (char *)cell_text(str_of(from)).p;
	}
	*at = p;
	return count;
}

/* disposition, result, note, callback_at as they are; every other column, but what an export wrote, is a question's answer. */
static json_t *outcome_of(char *const *names, char *const *cells, size_t count)
{
	static const char *const plain[] = {"disposition", "result", "note", "callback_at"};
	static const char *const ours[] = {"id", "line", "phone", "name", "company", "country", "campaign", "step", "script", "priority", "words", "reason"};
	json_t *outcome = json_pack("{s:b}", "texts", 1), *answers = json_object();
	for (size_t i = 0; i < count; i++) {
		bool is_plain_one = false, is_ours = false;
		for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
			is_plain_one |= strcmp(names[i], plain[k]) == 0;
		for (size_t k = 0; k < sizeof ours / sizeof *ours; k++)
			is_ours |= strcmp(names[i], ours[k]) == 0;
		if (*cells[i] && is_plain_one)
			json_object_set_new(outcome, names[i], json_string(cells[i]));
		else if (*cells[i] && !is_ours)
			json_object_set_new(answers, names[i], json_string(cells[i]));
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

static const char *cell_of(char *const *names, char *const *cells, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return cells[i];
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

static char comma_of(const char *text)
{
	size_t head = strcspn(text, "\r\n");
	return memchr(text, ',', head) || !memchr(text, ';', head) ? ',' : ';';
}

static int read_csv(struct results *r, char *text)
{
	char *names[COLUMNS_MOST], *cells[COLUMNS_MOST], *at = text, comma = comma_of(text);
	size_t columns = read_record(&at, comma, names), n;
	bool has_id = false;
	for (size_t i = 0; i < columns; i++)
		has_id |= strcmp(names[i], "id") == 0;
	if (!has_id)
		return cli_refuse("%s: its first line names no column \"id\": it is the head of the export, id,line,…", r->cli->args[0]);
	for (size_t i = 0; i < columns; i++) {
		cell_put(&r->rejects, str_of(names[i]));
		buf_putc(&r->rejects, ',');
	}
	buf_puts(&r->rejects, "reason\r\n");
	for (int64_t record = 2; !r->broken && (n = read_record(&at, comma, cells)); record++) {
		if (n == 1 && !*cells[0])
			continue;
		size_t both = n < columns ? n : columns;
		json_t *outcome = outcome_of(names, cells, both);
		char *why = send_one(r, cell_of(names, cells, both, "id"), cell_of(names, cells, both, "line"), outcome);
		count(r, record, why);
		for (size_t i = 0; why && i < columns; i++) {
			cell_put(&r->rejects, str_of(i < n ? cells[i] : ""));
			buf_putc(&r->rejects, ',');
		}
		if (why) {
			cell_put(&r->rejects, str_of(why));
			buf_puts(&r->rejects, "\r\n");
		}
		free(why);
		json_decref(outcome);
	}
	return CLI_DONE;
}

static char *send_line(struct results *r, json_t *json)
{
	static const char *const kept[] = {"disposition", "result", "note", "callback_at", "answers"};
	char id[32];
	json_t *outcome = json_object();
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (json_object_get(json, kept[i]))
			json_object_set(outcome, kept[i], json_object_get(json, kept[i]));
	snprintf(id, sizeof id, "%" PRId64, (int64_t)json_integer_value(json_object_get(json, "id")));
	char *why = json_is_object(json) ? send_one(r, id, cli_text(json, "line"), outcome) : mem_dup("this line is no JSON object");
	json_decref(outcome);
	return why;
}

static void read_ndjson(struct results *r, char *text)
{
	char *rest = NULL;
	int64_t number = 0;
	for (char *line = strtok_r(text, "\r\n", &rest); line && !r->broken; line = strtok_r(NULL, "\r\n", &rest)) {
		json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		char *why = send_line(r, json);
		count(r, ++number, why);
		if (why) {
			json_t *reject = json_is_object(json) ? json_copy(json) : json_pack("{s:s}", "line", line);
			json_object_set_new(reject, "reason", json_string(why));
			char *out = json_dumps(reject, JSON_COMPACT);
			buf_puts(&r->rejects, out ? out : "{}");
			buf_putc(&r->rejects, '\n');
			free(out);
			json_decref(reject);
		}
		free(why);
		json_decref(json);
	}
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
	struct error error = {0};
	size_t size;
	if (!calls_is_plain(centre)) {
		fprintf(stderr, "nurture calls import: say whose results: --centre NAME, as at the export.\n");
		return CLI_WRONG_USAGE;
	}
	char *text = luadata_read(cli->args[0], &size, &error);
	if (!text)
		return cli_fail(&error);
	char *whole = mem_dup_n(text, size);
	if (own_server_open(&r.server, cli, centre)) {
		free(text), free(whole);
		return CLI_FAILED;
	}
	char *from = whole + (strncmp(whole, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
	int result = CLI_DONE;
	if (calls_is_ndjson(cli->args[0]))
		read_ndjson(&r, from);
	else
		result = read_csv(&r, from);
	own_server_close(&r.server);
	result = result ? result : say_results(cli, &r);
	buf_fini(&r.rejects);
	free(text), free(whole);
	return result;
}

#define CHANNEL_OPTION {"--channel", NULL, "NAME", "of the configuration (else the first with plugin \"telemarketing\")"}
extern const struct cli_command cli_calls_import;
const struct cli_command cli_calls_import = {
	.name = "calls import", .arguments = "FILE", .summary = "Results of a call centre: id, line, and disposition or result with the answers.",
	.more = "Columns that are no word of ours are questions of the script. A result that is told again counts once; what is refused goes to the rejects, with the reason.\n"
		"At most 1 MB at a time.",
	.options = {{"--centre", NULL, "NAME", "as at the export"}, {"--rejects", NULL, "FILE", "where refused lines go"}, CHANNEL_OPTION},
	.least = 1, .most = 1, .json = true, .run = run_import,
};
