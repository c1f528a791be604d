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

static json_t *job_named(const json_t *jobs, const char *name)
{
	size_t i;
	json_t *job;
	json_array_foreach (json_object_get(jobs, "jobs"), i, job)
		if (strcmp(cli_text(job, "name"), name) == 0)
			return job;
	return NULL;
}

/* The job as a whole has a price, too: each of its letters bears a part of it. */
static void add_cost(json_t *row, const json_t *job)
{
	double pieces = 0, letters = json_number_value(json_object_get(row, "letters")), all = json_number_value(json_object_get(job, "letters"));
	double cost = json_number_value(json_object_get(job, "cost")), mine = 0, answered = json_number_value(json_object_get(row, "answered"));
	size_t i;
	const json_t *part;
	json_array_foreach (json_object_get(job, "steps"), i, part) {
		pieces += json_number_value(json_object_get(part, "cost"));
		if (strcmp(cli_text(part, "campaign"), cli_text(row, "campaign")) == 0 && strcmp(cli_text(part, "step"), cli_text(row, "step")) == 0)
			mine += json_number_value(json_object_get(part, "cost"));
	}
	mine += all > 0 ? (cost - pieces) * letters / all : 0;
	json_object_set_new(row, "cost", json_real(mine));
	json_object_set_new(row, "cost_per_answer", answered > 0 ? json_real(mine / answered) : json_null());
	json_object_set(row, "currency", json_object_get(job, "currency"));
}

static int add_costs(struct cli *cli, struct own_server *server, json_t *rows, const json_t *jobs)
{
	size_t i;
	json_t *row;
	json_array_foreach (rows, i, row) {
		const json_t *job = job_named(jobs, cli_text(row, "job"));
		char *rest = job ? mem_printf("jobs/%" PRId64 "?folder=no", (int64_t)json_integer_value(json_object_get(job, "job"))) : NULL, *path = rest ? mail_path(cli, rest) : NULL;
		json_t *whole = path ? ask(server, path) : NULL;
		if (whole)
			add_cost(row, whole);
		free(rest), free(path);
		json_decref(whole);
		if (job && !whole)
			return CLI_FAILED;
	}
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	struct own_server server;
	if (own_server_open(&server, cli, cli_user()))
		return CLI_FAILED;
	char *path = mail_path(cli, "jobs");
	json_t *jobs = path ? ask(&server, path) : NULL, *answer = jobs ? ask(&server, "/v1/reports/letters") : NULL;
	json_t *rows = json_is_array(answer) ? answer : json_object_get(answer, "rows");
	int result = rows ? add_costs(cli, &server, rows, jobs) : CLI_FAILED;
	own_server_close(&server);
	if (!result)
		result = cli_print_rows(cli, columns, json_incref(rows));
	free(path);
	json_decref(jobs);
	json_decref(answer);
	return result;
}

extern const struct cli_command cli_mail_report;
const struct cli_command cli_mail_report = {
	.name = "mail report", .arguments = "", .summary = "What letters brought, by job, campaign and step: who answered, what came back, what an answer cost.",
	.more = "The answers alone, also without a channel for letters: nurture report letters.", .options = {MAIL_CHANNEL_OPTION}, .json = true, .run = run,
};
