/* nurture calls dnc: loads a do-not-call list, in parts, through the server's own route (plugins/telemarketing/lists.c reads the numbers). */
#include "cli/command.h"

#include "base/mem.h"
#include "base/clock.h"
#include "cli/calls.h"
#include "cli/own_server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	PART = 512 << 10, /* is answered within a second or two */
	BAD_SHOWN = 20
};

static int64_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

struct loading {
	struct own_server server;
	char *base;     /* the path without `begin` */
	int64_t load;   /* by which its parts know each other */
	bool begun;
	int64_t numbers, new, bad, lines; /* lines: of the parts before this one */
	json_t *bad_at;                   /* the first lines that are no numbers, from 1 */
	struct cli_progress bar;
	int64_t bytes, whole;
};

/* Of a list of hundreds of millions the token runs out on the way: with another one the part goes once more. */
static int ask_anew(struct loading *loading, const char *path, struct str part, json_t **answer)
{
	struct cli *cli = loading->server.cli;
	json_decref(*answer);
	*answer = NULL;
	own_server_close(&loading->server);
	return own_server_open(&loading->server, cli, "nurture calls") ? 0 : own_server_ask(&loading->server, "PUT", path, "text/plain", part, answer);
}

/* The server knows the lines of one part. */
static void note_bad(struct loading *loading, const json_t *bad_at, struct str part)
{
	size_t i;
	json_t *line;
	json_array_foreach ((json_t *)(uintptr_t)bad_at, i, line)
		if (json_array_size(loading->bad_at) < BAD_SHOWN)
			json_array_append_new(loading->bad_at, json_integer((json_int_t)loading->lines + json_integer_value(line)));
	for (const char *at = part.p; (at = memchr(at, '\n', part.n - (size_t)(at - part.p))) != NULL; at++)
		loading->lines++;
}

static int send_part(struct loading *loading, struct str part, bool last)
{
	json_t *answer = NULL;
	char *path = mem_printf("%s&load=%" PRId64 "&begin=%s&end=%s", loading->base, loading->load, loading->begun ? "false" : "true", last ? "true" : "false");
	int status = own_server_ask(&loading->server, "PUT", path, "text/plain", part, &answer);
	if (status == 401)
		status = ask_anew(loading, path, part, &answer);
	cli_progress_show(&loading->bar, loading->bytes += (int64_t)part.n, loading->whole);
	loading->begun = true;
	loading->numbers += number(answer, "numbers");
	loading->new += number(answer, "new");
	loading->bad += number(answer, "bad_lines");
	note_bad(loading, json_object_get(answer, "bad_at"), part);
	int result = status == 200 ? CLI_DONE : own_server_refused(status, answer);
	json_decref(answer);
	free(path);
	return result;
}

/* Whole lines, half a megabyte at a time; the last part is empty and says that the list is whole: until then the list is what it was. */
static int send_file(struct loading *loading, FILE *file)
{
	char *part = mem_alloc(PART + 1);
	size_t n = 0, got;
	int result = CLI_DONE;
	while (!result && ((got = fread(part + n, 1, PART - n, file)) > 0 || n)) {
		n += got;
		size_t whole = n;
		while (got && whole && part[whole - 1] != '\n')
			whole--;
		whole = whole ? whole : n;
		result = send_part(loading, (struct str){part, whole}, false);
		memmove(part, part + whole, n - whole);
		n -= whole;
	}
	free(part);
	return result ? result : send_part(loading, (struct str){"", 0}, true);
}

static bool is_plain(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

/* A number that cannot be read is one that is called: which they are. */
static void print_bad(const struct loading *loading)
{
	size_t i, shown = json_array_size(loading->bad_at);
	json_t *line;
	if (!loading->bad)
		return;
	printf("! %" PRId64 " lines are no numbers, and what they mean may be called: line", loading->bad);
	json_array_foreach (loading->bad_at, i, line)
		printf("%s %" JSON_INTEGER_FORMAT, i ? "," : "", json_integer_value(line));
	if ((int64_t)shown < loading->bad)
		printf(" and %" PRId64 " more", loading->bad - (int64_t)shown);
	puts(".");
}

static void print_loaded(const struct cli *cli, const char *list, const struct loading *loading)
{
	bool internal = strcmp(list, "internal") == 0;
	if (cli->json) {
		(void)cli_print_json(json_pack("{s:s, s:I, s:I, s:I, s:O}", "list", list, "numbers", (json_int_t)loading->numbers, "new", (json_int_t)loading->new, "bad_lines",
					       (json_int_t)loading->bad, "bad_at", loading->bad_at));
		return;
	}
	printf("%" PRId64 " numbers are on the list \"%s\"%s.\n", internal ? loading->new : loading->numbers, list, internal ? " that were not" : " now");
	print_bad(loading);
}

static int load(struct cli *cli, FILE *file, const char *list, const char *scrubbed, const char *country)
{
	struct stat file_stat;
	struct loading loading = {.load = mono_now(), .bad_at = json_array(), .bar = {.what = "numbers", .since = mono_now()}};
	loading.whole = fstat(fileno(file), &file_stat) == 0 && S_ISREG(file_stat.st_mode) ? file_stat.st_size : 0;
	if (own_server_open(&loading.server, cli, "nurture calls")) {
		json_decref(loading.bad_at);
		return CLI_FAILED;
	}
	char *rest = mem_printf("lists/%s?scrubbed=%s&country=%s", list, scrubbed, country);
	loading.base = calls_path(cli, rest);
	int result = loading.base ? send_file(&loading, file) : CLI_FAILED;
	cli_progress_end(&loading.bar);
	own_server_close(&loading.server);
	free(rest);
	free(loading.base);
	if (!result)
		print_loaded(cli, list, &loading);
	json_decref(loading.bad_at);
	return result;
}

static int run_dnc(struct cli *cli)
{
	const char *list = cli_option(cli, "--list"), *scrubbed = cli_option(cli, "--scrubbed"), *country = cli_option(cli, "--country");
	if (!list || !is_plain(list) || (!scrubbed && strcmp(list, "internal") != 0) || (scrubbed && !is_plain(scrubbed)) || (country && strspn(country, "0123456789") != strlen(country))) {
		fprintf(stderr, "nurture calls dnc: say which list, and when it was taken from its keeper: --list us-dnc --scrubbed 2027-03-01. --country is a country code, like 44.\n");
		return CLI_WRONG_USAGE;
	}
	FILE *file = fopen(cli->args[0], "re");
	if (!file)
		return cli_refuse("%s cannot be read: %m", cli->args[0]);
	int result = load(cli, file, list, scrubbed ? scrubbed : "", country ? country : "");
	fclose(file);
	return result;
}

extern const struct cli_command cli_calls_dnc;
const struct cli_command cli_calls_dnc = {
	.name = "calls dnc", .arguments = "FILE", .summary = "Loads a do-not-call list: numbers that are not called, one a line or in the first column of a CSV.",
	.more = "A national list replaces the one of that name and is good for 31 days from its scrub; which countries need which is the channel's setting `lists`.\n"
		"--list internal adds numbers that are never called again.",
	.options = {
		{"--list", NULL, "NAME", "its name: us-dnc; internal = our own"},
		{"--scrubbed", NULL, "DATE", "when it was taken from its keeper: 2027-03-01"},
		{"--country", NULL, "CODE", "of numbers that have none: 44"},
		{"--channel", NULL, "NAME", "of the configuration (else the first with plugin \"telemarketing\")"},
	},
	.least = 1, .most = 1, .json = true, .run = run_dnc,
};
