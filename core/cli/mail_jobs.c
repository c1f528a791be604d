/* nurture mail jobs|show|cut|release|cancel|sample|acknowledge: jobs of letters. The channel's plugin answers, in the running server. */
#include "cli/command.h"

#include "base/mem.h"
#include "cli/mail.h"
#include "cli/own_server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- asking ---- */

static int64_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* JOB is a number, or a name that ends with it: "letters-2027-03-18-7". 0: neither. */
static int64_t job_number(const char *text)
{
	const char *dash = strrchr(text, '-'), *digits = dash ? dash + 1 : text;
	size_t n = strlen(digits);
	return n && n < 18 && strspn(digits, "0123456789") == n ? strtoll(digits, NULL, 10) : 0;
}

/* Asks and prints: as JSON or by `print`. body NULL = GET. Takes both. */
static int ask(struct cli *cli, char *rest, json_t *body, void (*print)(const json_t *answer))
{
	struct own_server server;
	json_t *answer = NULL;
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL, *path = NULL;
	int status = 0, result = CLI_FAILED;
	json_decref(body);
	if (own_server_open(&server, cli, cli_user()) == CLI_DONE) {
		path = mail_path(cli, rest);
		status = path ? own_server_ask(&server, text ? "POST" : "GET", path, text ? "application/json" : NULL, str_of(text ? text : ""), &answer) : 0;
		own_server_close(&server);
	}
	free(rest), free(path), free(text);
	if (status >= 200 && status < 300 && cli->json)
		return cli_print_json(answer);
	if (status >= 200 && status < 300) {
		print(answer);
		result = CLI_DONE;
	} else if (status) {
		result = own_server_refused(status, answer);
	}
	json_decref(answer);
	return result;
}

static int ask_job(struct cli *cli, const char *deed, json_t *body, void (*print)(const json_t *answer))
{
	int64_t job = job_number(cli->args[0]);
	if (!job) {
		json_decref(body);
		fprintf(stderr, "nurture %s: \"%s\" is no job. Name it by its number, or as its folder is called: nurture mail jobs.\n", cli->command->name, cli->args[0]);
		return CLI_WRONG_USAGE;
	}
	return ask(cli, mem_printf("jobs/%" PRId64 "%s%s", job, *deed ? "/" : "", deed), body, print);
}

/* ---- printing ---- */

static void print_text(const char *before, const json_t *object, const char *key)
{
	if (!*cli_text(object, key))
		return;
	fputs(before, stdout);
	cli_print_text(stdout, str_of(cli_text(object, key)));
}

static void print_row(const json_t *job)
{
	printf("%6" PRId64 "  %-28s %-10s %8" PRId64 " letters", number(job, "job"), cli_text(job, "name"), cli_text(job, "state"), number(job, "letters"));
	if (number(job, "pages"))
		printf(", %" PRId64 " pages", number(job, "pages"));
	if (json_real_value(json_object_get(job, "cost")) > 0)
		printf(", %.2f %s", json_real_value(json_object_get(job, "cost")), cli_text(job, "currency"));
	print_text(", ", job, "phase");
	putchar('\n');
	print_text("        ! ", job, "trouble");
	if (*cli_text(job, "trouble"))
		putchar('\n');
}

static void print_jobs(const json_t *answer)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(answer, "jobs"), i, row)
		print_row(row);
	if (!json_array_size(json_object_get(answer, "jobs")))
		printf("There are no jobs.\n");
	json_array_foreach (json_object_get(answer, "waiting"), i, row) {
		printf("waiting %-28s %8" PRId64 " letters", cli_text(row, "campaign"), number(row, "letters"));
		print_text(", for ", row, "drop_on");
		print_text(", cut at ", row, "cut_at");
		printf("%s", *cli_text(row, "cut_at") ? "" : ", cut by count or by hand");
		print_text("\n        ! they wait for the list ", row, "missing");
		print_text(", tried again at ", row, "again_at");
		putchar('\n');
	}
}

static void print_job(const json_t *job)
{
	static const struct { const char *key, *word; } lines[] = {
		{"drop_on", "for the post of"}, {"begun_at", "begun"}, {"begun_by", "by"}, {"cut_at", "cut"}, {"released_at", "released"}, {"released_by", "by"}, {"sent_at", "sent"},
		{"remote", "to"}, {"acknowledged_at", "acknowledged"}, {"acknowledged", "as"}, {"cancelled_at", "cancelled"}, {"cancelled_by", "by"}, {"purged_at", "folder gone"}, {"revision", "revision"}, {"sums", "checksum"}};
	const json_t *folder = json_object_get(job, "folder");
	size_t i;
	json_t *step;
	print_row(job);
	for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
		if (!*cli_text(job, lines[k].key))
			continue;
		printf("        %-16s ", lines[k].word);
		print_text("", job, lines[k].key);
		putchar('\n');
	}
	json_array_foreach (json_object_get(job, "steps"), i, step)
		printf("        %-28s step %s, %s: %" PRId64 " letters, %.2f\n", cli_text(step, "campaign"), cli_text(step, "step"), cli_text(step, "template"), number(step, "letters"),
		       json_real_value(json_object_get(step, "cost")));
	if (folder && json_is_true(json_object_get(folder, "whole")))
		printf("        The folder is as it was written: all checksums are right.\n");
	else if (folder)
		printf("        ! The folder is not as it was written: %s It is not uploaded.\n", cli_text(folder, "why"));
}

static void print_state(const json_t *answer)
{
	printf("Job %" PRId64 " is %s.\n", number(answer, "job"), cli_text(answer, "state"));
}

static void print_begun(const json_t *answer)
{
	printf("Job %" PRId64 " is being cut: spool folder %s. nurture mail show %" PRId64 " says how it stands.\n", number(answer, "job"), cli_text(answer, "name"), number(answer, "job"));
}

static void print_sample(const json_t *answer)
{
	printf("%" PRId64 " letters are in %s, each marked as a sample; their codes answer nothing.\n", number(answer, "letters"), cli_text(answer, "folder"));
}

/* ---- commands ---- */

static int run_jobs(struct cli *cli)
{
	return ask(cli, mem_printf("jobs"), NULL, print_jobs);
}

static int run_show(struct cli *cli)
{
	return ask_job(cli, "", NULL, print_job);
}

static int run_cut(struct cli *cli)
{
	const char *campaign = cli_option(cli, "--campaign");
	return ask(cli, mem_printf("jobs"), campaign ? json_pack("{s:s}", "campaign", campaign) : json_object(), print_begun);
}

static int run_release(struct cli *cli)
{
	return ask_job(cli, "release", json_object(), print_state);
}

static int run_cancel(struct cli *cli)
{
	return ask_job(cli, "cancel", json_pack("{s:s}", "letters", cli_option(cli, "--drop") ? "drop" : "back"), print_state);
}

static int run_acknowledge(struct cli *cli)
{
	const char *reference = cli_option(cli, "--reference");
	return ask_job(cli, "acknowledge", json_pack("{s:s}", "reference", reference ? reference : "received"), print_state);
}

static int run_sample(struct cli *cli)
{
	int64_t count = 5;
	if (cli_option(cli, "--count") && cli_number("--count", cli_option(cli, "--count"), 1, 100, &count))
		return CLI_WRONG_USAGE;
	return ask_job(cli, "sample", json_pack("{s:I}", "count", (json_int_t)count), print_sample);
}

extern const struct cli_command cli_mail_jobs, cli_mail_show, cli_mail_cut, cli_mail_release, cli_mail_cancel, cli_mail_acknowledge, cli_mail_sample;
const struct cli_command cli_mail_jobs = {
	.name = "mail jobs", .arguments = "", .summary = "Jobs of letters, the newest first, and what waits for one.", .options = {MAIL_CHANNEL_OPTION}, .json = true, .run = run_jobs,
};
const struct cli_command cli_mail_show = {
	.name = "mail show", .arguments = "JOB", .summary = "One job: who did what with it, what it costs, and whether its folder is as it was written.",
	.options = {MAIL_CHANNEL_OPTION}, .least = 1, .most = 1, .json = true, .run = run_show,
};
const struct cli_command cli_mail_cut = {
	.name = "mail cut", .arguments = "", .summary = "Cuts a job now, of all letters that wait.",
	.options = {{"--campaign", NULL, "NAME", "only of this campaign"}, MAIL_CHANNEL_OPTION}, .json = true, .run = run_cut,
};
const struct cli_command cli_mail_release = {
	.name = "mail release", .arguments = "JOB", .summary = "Lets a job go that waits for its approval: it is uploaded, and its letters are sent.",
	.options = {MAIL_CHANNEL_OPTION}, .least = 1, .most = 1, .json = true, .run = run_release,
};
const struct cli_command cli_mail_cancel = {
	.name = "mail cancel", .arguments = "JOB", .summary = "Takes a job back that is not sent yet: its folder goes, its letters wait for another one.",
	.more = "What was cancelled is cut again by hand, or with the next job of a day. With --drop its letters are given up: their campaigns go on as with what is held.",
	.options = {{"--drop", NULL, NULL, "give the letters up"}, MAIL_CHANNEL_OPTION}, .least = 1, .most = 1, .json = true, .run = run_cancel,
};
const struct cli_command cli_mail_acknowledge = {
	.name = "mail acknowledge", .arguments = "JOB", .summary = "Notes that the print house has the job.",
	.options = {{"--reference", NULL, "TEXT", "what it calls it"}, MAIL_CHANNEL_OPTION}, .least = 1, .most = 1, .json = true, .run = run_acknowledge,
};
const struct cli_command cli_mail_sample = {
	.name = "mail sample", .arguments = "JOB", .summary = "Writes some letters of a job for a test print, marked as samples, before it is released.",
	.options = {{"--count", NULL, "N", "so many, from all over the job (5)"}, MAIL_CHANNEL_OPTION}, .least = 1, .most = 1, .json = true, .run = run_sample,
};
