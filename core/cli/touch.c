/* nurture touch list|resend|drop: touches in doubt, which only a person can settle. */
#include "cli/command.h"

#include "model/lead.h"
#include "report/report.h"
#include "store/outbox.h"

enum { PAGE = 500 }; /* decided in one transaction */

static const struct report_column columns[] = {
	{"touch_id", "touch", REPORT_COUNT},  {"lead_id", "lead", REPORT_COUNT},   {"channel", "channel", REPORT_TEXT}, {"template", "template", REPORT_TEXT},
	{"due_at", "due", REPORT_MOMENT},     {"reason", "reason", REPORT_TEXT},   {0},
};

static json_t *in_doubt(struct cli *cli, const char *after, const char *limit)
{
	const char *const params[] = {after, limit, cli_option(cli, "--channel")};
	return cli_query(cli, "touches_in_doubt", params, 3);
}

static int run_list(struct cli *cli)
{
	return cli_open(cli) ? CLI_FAILED : cli_print_rows(cli, columns, in_doubt(cli, NULL, NULL));
}

/* ---- deciding ---- */

struct decision {
	struct cli_wait wait;
	bool resend;
	const int64_t *ids;
	json_t *rows;      /* what became of each */
	size_t done, refused;
};

static void refuse(struct decision *d, json_t *row, int64_t id, enum touch_state was)
{
	d->refused++;
	json_object_set_new(row, "result", json_string("refused"));
	if (was == TOUCH_STATE_COUNT)
		fprintf(stderr, "nurture: there is no touch %lld.\n", (long long)id);
	else
		fprintf(stderr, "nurture: touch %lld is %s, not in doubt: it stays as it is.\n", (long long)id, touch_state_name(was));
}

static void on_decided(void *arg, const enum touch_state *was, size_t count, const struct error *error)
{
	struct decision *d = arg;
	for (size_t i = 0; i < count && was; i++) {
		json_t *row = json_pack("{s:I, s:s?}", "touch_id", (json_int_t)d->ids[i], "was",
					was[i] == TOUCH_STATE_COUNT ? NULL : touch_state_name(was[i]));
		json_array_append_new(d->rows, row);
		if (was[i] != TOUCH_IN_DOUBT) {
			refuse(d, row, d->ids[i], was[i]);
			continue;
		}
		d->done++;
		json_object_set_new(row, "result", json_string(d->resend ? "planned" : "cancelled"));
	}
	cli_on_done(&d->wait, error);
}

static int decide_some(struct cli *cli, struct decision *d, const int64_t *ids, size_t count)
{
	moment_t now;
	d->ids = ids;
	d->wait = (struct cli_wait){.cli = cli};
	int failed = cli_now(cli, &now);
	if (!failed) {
		store_touch_decide(cli->store, ids, count, d->resend, now, on_decided, &d->wait);
		failed = cli_wait(&d->wait);
	}
	if (failed && d->wait.error.code)
		cli_fail(&d->wait.error);
	d->ids = NULL;
	return failed ? -1 : 0;
}

/* Page by page, forward only: what comes into doubt meanwhile with a lower number is for the next call. */
static int decide_all(struct cli *cli, struct decision *d)
{
	char after[24] = "", limit[16];
	int64_t ids[PAGE];
	snprintf(limit, sizeof limit, "%d", PAGE);
	for (size_t count = PAGE; count == PAGE;) {
		json_t *rows = in_doubt(cli, *after ? after : NULL, limit);
		if (!rows)
			return -1;
		count = json_array_size(rows);
		for (size_t i = 0; i < count; i++)
			ids[i] = json_integer_value(json_object_get(json_array_get(rows, i), "touch_id"));
		json_decref(rows);
		if (count && decide_some(cli, d, ids, count))
			return -1;
		snprintf(after, sizeof after, "%lld", count ? (long long)ids[count - 1] : 0LL);
	}
	return 0;
}

/* The ids of the arguments, each once; -1 when one is no number. */
static int read_ids(const struct cli *cli, int64_t *ids, size_t *count)
{
	*count = 0;
	for (int i = 0; i < cli->arg_count; i++) {
		int64_t id;
		bool known = false;
		if (cli_number("a touch's number (nurture touch list)", cli->args[i], 1, INT64_MAX, &id))
			return -1;
		for (size_t k = 0; k < *count; k++)
			known |= ids[k] == id;
		if (!known)
			ids[(*count)++] = id;
	}
	return 0;
}

static int say(struct cli *cli, const struct decision *d)
{
	if (cli->json)
		cli_print_json(json_incref(d->rows));
	else if (d->done || !d->refused)
		printf(d->resend ? "%zu %s planned again; a message that is sent again keeps its Message-ID.\n" : "%zu %s dropped.\n", d->done,
		       d->done == 1 ? "touch is" : "touches are");
	return d->refused ? CLI_FAILED : CLI_DONE;
}

static int decide(struct cli *cli, bool resend)
{
	int64_t ids[sizeof cli->args / sizeof *cli->args];
	size_t count;
	bool all = cli_option(cli, "--all");
	if (read_ids(cli, ids, &count))
		return CLI_WRONG_USAGE;
	if (all == (count > 0) || (!all && cli_option(cli, "--channel"))) {
		fprintf(stderr, "nurture %s: say which touches: their numbers (nurture touch list), or --all, with --channel for one channel's.\n", cli->command->name);
		return CLI_WRONG_USAGE;
	}
	if (cli_open(cli))
		return CLI_FAILED;
	struct decision d = {.resend = resend, .rows = json_array()};
	int failed = all ? decide_all(cli, &d) : decide_some(cli, &d, ids, count);
	int status = failed ? CLI_FAILED : say(cli, &d);
	json_decref(d.rows);
	return status;
}

static int run_resend(struct cli *cli)
{
	return decide(cli, true);
}

static int run_drop(struct cli *cli)
{
	return decide(cli, false);
}

#define WHICH {"--all", NULL, NULL, "all that are in doubt now"}, {"--channel", NULL, "NAME", "with --all: only this channel's"}

extern const struct cli_command cli_touch_list, cli_touch_resend, cli_touch_drop;
const struct cli_command cli_touch_list = {
	.name = "touch list", .arguments = "", .summary = "Lists touches in doubt: they may or may not have gone.",
	.options = {{"--channel", NULL, "NAME", "only this channel's"}}, .json = true, .run = run_list,
};
const struct cli_command cli_touch_resend = {
	.name = "touch resend", .arguments = "ID… | --all", .summary = "Sends touches in doubt once more.",
	.more = "The same message with the same Message-ID, after the gate was asked again; who had it gets a copy. It is due at once and cannot be\n"
		"called back. Touches in any other state are left alone and named; then the exit status is 1.",
	.options = {WHICH}, .most = 64, .json = true, .run = run_resend,
};
const struct cli_command cli_touch_drop = {
	.name = "touch drop", .arguments = "ID… | --all", .summary = "Gives up touches in doubt.",
	.more = "They become cancelled, for good: a dropped touch cannot be sent any more. Touches in any other state are left alone and named;\n"
		"then the exit status is 1.",
	.options = {WHICH}, .most = 64, .json = true, .run = run_drop,
};
