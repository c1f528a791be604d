/* nurture mail report: what letters brought and what an answer cost, by job, campaign and step. The answers are the server's (report "letters"), the costs the channel's (its jobs). */
#include "cli/mail.h"

#include "base/mem.h"
#include "cli/own_server.h"
#include "report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct report_column columns[] = {
	{"job", "job", REPORT_TEXT},           {"campaign", "campaign", REPORT_TEXT}, {"step", "step", REPORT_TEXT},      {"sent_on", "sent on", REPORT_TEXT}, {"letters", "letters", REPORT_COUNT},
	{"returned", "came back", REPORT_COUNT}, {"answered", "answered", REPORT_COUNT}, {"share", "of all", REPORT_SHARE}, {"cost", "cost", REPORT_COUNT},      {"cost_per_answer", "an answer cost", REPORT_COUNT},
	{"value", "value", REPORT_COUNT},      {"currency", "currency", REPORT_TEXT}, {0},
};

/* New reference; NULL after it said why not. */
static json_t *ask(struct own_server *server, const char *path)
{
	json_t *answer = NULL;
	int status = own_server_ask(server, "GET", path, NULL, STR(""), &answer);
	if (status == 200)
		return answer;
	if (status)
		(void)own_server_refused(status, answer);
	json_decref(answer);
	return NULL;
}

/* A job's folder is called CHANNEL-DAY-NUMBER. 0: another channel's. */
static int64_t job_number(const char *name)
{
	const char *dash = strrchr(name, '-');
	size_t n = dash ? strlen(dash + 1) : 0;
	return n && n < 18 && strspn(dash + 1, "0123456789") == n ? strtoll(dash + 1, NULL, 10) : 0;
}

/* Each job is asked for, however old: there may be more than a list has. -1 after it said why not; *job NULL: the channel has no such job. New reference. */
static int find_job(struct cli *cli, struct own_server *server, const char *name, json_t **job)
{
	int64_t number = job_number(name);
	char *rest = mem_printf("jobs/%" PRId64 "?folder=no", number), *path = number ? mail_path(cli, rest) : NULL;
	int status = path ? own_server_ask(server, "GET", path, NULL, STR(""), job) : 404;
	free(rest), free(path);
	if (status == 200 && strcmp(cli_text(*job, "name"), name) == 0)
		return 0;
	if (status != 200 && status != 404) {
		if (status)
			(void)own_server_refused(status, *job);
		json_decref(*job);
		return -1;
	}
	json_decref(*job);
	*job = NULL;
	return 0;
}

/* The job as a whole has a price, too: each of its letters bears a part of it. Letters to people who were erased since are the channel's to count: the server knows of none of them in which
 * job it was. */
static void add_cost(json_t *row, const json_t *job)
{
	double pieces = 0, letters = 0, all = json_number_value(json_object_get(job, "letters"));
	double cost = json_number_value(json_object_get(job, "cost")), mine = 0, answered = json_number_value(json_object_get(row, "answered"));
	size_t i;
	const json_t *part;
	json_array_foreach (json_object_get(job, "steps"), i, part) {
		pieces += json_number_value(json_object_get(part, "cost"));
		if (strcmp(cli_text(part, "campaign"), cli_text(row, "campaign")) == 0 && strcmp(cli_text(part, "step"), cli_text(row, "step")) == 0)
			mine += json_number_value(json_object_get(part, "cost")), letters += json_number_value(json_object_get(part, "letters"));
	}
	json_object_set_new(row, "letters", json_integer((json_int_t)letters));
	json_object_set_new(row, "share", letters > 0 ? json_real(answered / letters) : json_null());
	mine += all > 0 ? (cost - pieces) * letters / all : 0;
	json_object_set_new(row, "cost", json_real(mine));
	json_object_set_new(row, "cost_per_answer", answered > 0 ? json_real(mine / answered) : json_null());
	json_object_set(row, "currency", json_object_get(job, "currency"));
}

/* Rows of one job stand together. */
static int add_costs(struct cli *cli, struct own_server *server, json_t *rows)
{
	size_t i;
	json_t *row, *job = NULL;
	const char *last = "";
	int failed = 0;
	json_array_foreach (rows, i, row) {
		const char *name = cli_text(row, "job");
		if (strcmp(name, last) != 0) {
			json_decref(job);
			job = NULL;
			failed = find_job(cli, server, name, &job);
		}
		if (failed)
			return CLI_FAILED;
		last = name;
		if (job)
			add_cost(row, job);
	}
	json_decref(job);
	return CLI_DONE;
}

static bool has_row(const json_t *rows, const char *job, const json_t *part)
{
	size_t i;
	const json_t *row;
	json_array_foreach (rows, i, row)
		if (strcmp(cli_text(row, "job"), job) == 0 && strcmp(cli_text(row, "campaign"), cli_text(part, "campaign")) == 0 && strcmp(cli_text(row, "step"), cli_text(part, "step")) == 0)
			return true;
	return false;
}

/* A row of a job that the server knows nobody of any more: all who had that letter were erased. What it cost stands; who answered or sent it back went with them. */
static void add_missing(json_t *rows, const json_t *job)
{
	size_t i;
	const json_t *part;
	const char *sent = cli_text(job, "sent_at");
	json_array_foreach (json_object_get(job, "steps"), i, part) {
		if (has_row(rows, cli_text(job, "name"), part))
			continue;
		json_t *row = json_pack("{s:s, s:s, s:s, s:s%, s:i, s:i, s:i}", "job", cli_text(job, "name"), "campaign", cli_text(part, "campaign"), "step", cli_text(part, "step"), "sent_on", sent,
					strlen(sent) < 10 ? strlen(sent) : 10, "returned", 0, "answered", 0, "value", 0);
		add_cost(row, job);
		json_array_append_new(rows, row);
	}
}

/* Of the jobs that the channel lists, which are its newest. */
static int add_erased(struct cli *cli, struct own_server *server, json_t *rows)
{
	size_t i;
	const json_t *one;
	char *path = mail_path(cli, "jobs?state=sent");
	json_t *list = path ? ask(server, path) : NULL;
	int result = !path || list ? CLI_DONE : CLI_FAILED;
	json_array_foreach (json_object_get(list, "jobs"), i, one) {
		json_t *job = NULL;
		if (find_job(cli, server, cli_text(one, "name"), &job)) {
			result = CLI_FAILED;
			break;
		}
		if (job)
			add_missing(rows, job);
		json_decref(job);
	}
	free(path);
	json_decref(list);
	return result;
}

static int run(struct cli *cli)
{
	struct own_server server;
	if (own_server_open(&server, cli, cli_user()))
		return CLI_FAILED;
	json_t *answer = ask(&server, "/v1/reports/letters");
	json_t *rows = json_is_array(answer) ? answer : json_object_get(answer, "rows");
	int result = rows && !add_costs(cli, &server, rows) ? add_erased(cli, &server, rows) : CLI_FAILED;
	own_server_close(&server);
	if (!result)
		result = cli_print_rows(cli, columns, json_incref(rows));
	json_decref(answer);
	return result;
}

extern const struct cli_command cli_mail_report;
const struct cli_command cli_mail_report = {
	.name = "mail report", .arguments = "", .summary = "What letters brought, by job, campaign and step: who answered, what came back, what an answer cost.",
	.more = "The answers alone, also without a channel for letters: nurture report letters.", .options = {MAIL_CHANNEL_OPTION}, .json = true, .run = run,
};
