/* nurture calls export: calls for a call centre outside. Exported calls are leased to the centre as to an agent, one line each, so nobody else gets them; each is in the file before the
 * next is taken, and where the file cannot be written none is. CSV, or a JSON object a line where the file's name ends with .ndjson. */
#include "cli/command.h"

#include "base/cell.h"
#include "base/mem.h"
#include "cli/calls.h"
#include "cli/own_server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { HOURS = 24, MOST = 500 };

static const char *deep(const json_t *call, const char *a, const char *b, const char *c)
{
	const json_t *json = json_object_get(json_object_get(json_object_get(call, a), b), c);
	return json_string_value(json) ? json_string_value(json) : "";
}

static const char head[] = "id,line,phone,name,company,country,campaign,step,script,priority,words\r\n";

static void put_csv(struct buf *out, const json_t *call, const char *line)
{
	char id[32];
	snprintf(id, sizeof id, "%" PRId64, (int64_t)json_integer_value(json_object_get(call, "id")));
	const char *company = json_string_value(json_object_get(json_object_get(json_object_get(json_object_get(call, "sheet"), "lead"), "fields"), "company"));
	const char *const cells[] = {id, line, cli_text(call, "phone"), cli_text(call, "name"), company ? company : "", deep(call, "sheet", "place", "country"),
				     cli_text(call, "campaign"), cli_text(call, "step"), cli_text(call, "script"), cli_text(call, "priority"), cli_text(call, "words")};
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		if (i)
			buf_putc(out, ',');
		cell_put(out, str_of(cells[i]));
	}
	buf_puts(out, "\r\n");
}

static void put_json(struct buf *out, json_t *call, const char *line)
{
	json_object_set_new(call, "line", json_string(line));
	char *text = json_dumps(call, JSON_COMPACT);
	buf_puts(out, text);
	buf_putc(out, '\n');
	free(text);
}

/* One more call; 1, 0 when there is none, -1 after it said why not. */
static int take_one(struct own_server *server, const char *path, const char *line, int64_t hours, bool ndjson, struct buf *out)
{
	json_t *answer = NULL, *body = json_pack("{s:s, s:I}", "agent", line, "lease_minutes", (json_int_t)(hours * 60));
	char *text = json_dumps(body, JSON_COMPACT);
	int status = own_server_ask(server, "POST", path, "application/json", str_of(text), &answer), result = 0;
	json_t *call = json_object_get(answer, "call");
	if (status != 200)
		result = -own_server_refused(status, answer);
	else if (json_is_object(call)) {
		if (ndjson)
			put_json(out, call, line);
		else
			put_csv(out, call, line);
		result = 1;
	}
	free(text);
	json_decref(body);
	json_decref(answer);
	return result;
}

/* Each is in the file before the next is asked for: where the disk is full one is lost until its lease is over, no more. */
static int take_all(struct own_server *server, const struct cli *cli, int64_t most, int64_t hours, struct cli_file *file, int64_t *taken)
{
	bool ndjson = calls_is_ndjson(cli->args[0]);
	char line[40];
	int got = 1;
	char *path = calls_path(cli, "calls/next");
	if (!path)
		return CLI_FAILED;
	struct buf out = {0};
	buf_puts(&out, ndjson ? "" : head);
	while (*taken < most && got > 0) {
		snprintf(line, sizeof line, "%llx-%" PRId64, (unsigned long long)mono_now(), *taken + 1); /* of one call: nobody has had it before */
		got = take_one(server, path, line, hours, ndjson, &out);
		if (got > 0 && cli_file_put(file, buf_str(&out)))
			got = -1;
		*taken += got > 0;
		buf_clear(&out);
	}
	buf_fini(&out);
	free(path);
	return got < 0 ? CLI_FAILED : CLI_DONE;
}

/* What an export that was killed has taken, and a centre that does not want them any more. */
static int give_back(struct cli *cli, const char *centre)
{
	struct own_server server;
	json_t *answer = NULL;
	if (own_server_open(&server, cli, centre))
		return CLI_FAILED;
	char *path = calls_path(cli, "calls/release");
	int status = path ? own_server_ask(&server, "POST", path, "application/json", STR("{}"), &answer) : 0;
	own_server_close(&server);
	int result = status == 200 ? CLI_DONE : path ? own_server_refused(status, answer) : CLI_FAILED;
	if (status == 200)
		printf("%" PRId64 " calls of %s are in the queue again.\n", (int64_t)json_integer_value(json_object_get(answer, "released")), centre);
	free(path);
	json_decref(answer);
	return result;
}

static int run_export(struct cli *cli)
{
	const char *centre = cli_option(cli, "--centre");
	int64_t most = MOST, hours = HOURS, taken = 0;
	struct own_server server;
	struct cli_file file;
	if (!calls_is_plain(centre)) {
		fprintf(stderr, "nurture calls export: say for whom: --centre NAME, small letters, digits, hyphens.\n");
		return CLI_WRONG_USAGE;
	}
	if (cli_option(cli, "--back") && !cli->arg_count)
		return give_back(cli, centre);
	if (cli_option(cli, "--back") || !cli->arg_count) {
		fprintf(stderr, "nurture calls export: say into which FILE, or --back without a file.\n");
		return CLI_WRONG_USAGE;
	}
	if ((cli_option(cli, "--most") && cli_number("--most", cli_option(cli, "--most"), 1, 100000, &most)) ||
	    (cli_option(cli, "--hours") && cli_number("--hours", cli_option(cli, "--hours"), 1, 168, &hours)))
		return CLI_WRONG_USAGE;
	if (cli_file_open(&file, cli->args[0]))
		return CLI_FAILED;
	int result = own_server_open(&server, cli, centre);
	if (!result) {
		result = take_all(&server, cli, most, hours, &file, &taken);
		own_server_close(&server);
	}
	if (cli_file_close(&file, taken > 0))
		return CLI_FAILED; /* they come back when their lease is over */
	if (taken)
		printf("%" PRId64 " calls are in %s; %s has %" PRId64 " hours for them.\n", taken, cli->args[0], centre, hours);
	else if (!result)
		printf("0 calls can be made now: %s is not written.\n", cli->args[0]);
	return result;
}

#define CHANNEL_OPTION {"--channel", NULL, "NAME", "of the configuration (else the first with plugin \"telemarketing\")"}
extern const struct cli_command cli_calls_export;
const struct cli_command cli_calls_export = {
	.name = "calls export", .arguments = "[FILE]", .summary = "Takes calls out of the queue for a call centre outside: CSV, or FILE.ndjson.",
	.more = "Only what may be called now is given. What has no result when the hours are over goes back to the queue.",
	.options = {{"--centre", NULL, "NAME", "whose they are"}, {"--most", NULL, "N", "at most so many (500)"}, {"--hours", NULL, "N", "to be called within (24)"},
		    {"--back", NULL, NULL, "gives back what the centre has and has no result yet"}, CHANNEL_OPTION},
	.least = 0, .most = 1, .run = run_export,
};
