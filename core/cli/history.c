/* nurture db rebuild-history: the packed histories, by which turns decide, from the events again; or, with --check, only whether they agree. */
#include "cli/command.h"

#include "store/rebuild.h"

#include "model/lead.h"

struct tally {
	struct cli_wait wait;
	struct rebuild_page page;
	long long looked, differ, unreadable;
};

static void on_page(void *arg, const struct rebuild_page *page, const struct error *error)
{
	struct tally *tally = arg;
	tally->page = *page;
	cli_on_done(&tally->wait, error);
}

static int one_shard(struct tally *tally, int shard, bool check)
{
	int64_t after = 0;
	do {
		tally->wait.done = false;
		store_history_rebuild(tally->wait.cli->store, shard, after, check, on_page, tally);
		if (cli_wait(&tally->wait))
			return cli_fail(&tally->wait.error);
		tally->looked += tally->page.looked;
		tally->differ += tally->page.differ;
		tally->unreadable += tally->page.unreadable;
		after = tally->page.next;
	} while (after);
	return CLI_DONE;
}

static int answer(struct cli *cli, const struct tally *t, bool check)
{
	if (cli->json) {
		int printed = cli_print_json(json_pack("{s:I, s:I, s:I, s:b}", "leads", (json_int_t)t->looked, "differ", (json_int_t)t->differ, "unreadable",
						       (json_int_t)t->unreadable, "written", !check));
		return printed ? printed : check && t->differ ? CLI_FAILED : CLI_DONE;
	}
	printf("%lld leads: the histories of %lld said something else than their events (%lld could not be read).%s\n", t->looked, t->differ, t->unreadable,
	       check || !t->differ ? "" : " They are built again; their leads look again, behind all live work.");
	return check && t->differ ? CLI_FAILED : CLI_DONE;
}

static int run(struct cli *cli)
{
	struct cli_progress bar = {.what = "shards looked at:"};
	struct tally tally = {.wait = {.cli = cli}};
	bool check = cli_option(cli, "--check") != NULL;
	if (cli_open(cli))
		return CLI_FAILED;
	for (int shard = 0; shard < SHARD_COUNT; shard++) {
		if (one_shard(&tally, shard, check))
			return CLI_FAILED;
		cli_progress_show(&bar, shard + 1, SHARD_COUNT);
	}
	cli_progress_end(&bar);
	return answer(cli, &tally, check);
}

extern const struct cli_command cli_db_rebuild_history;
const struct cli_command cli_db_rebuild_history = {
	.name = "db rebuild-history", .arguments = "", .summary = "Builds what turns know of each lead's past again from the events.",
	.more = "For after damage, and for doubt. The server may run: each shard stands still for the time of a hundred leads. Interrupted, it can be run again;\n"
		"what agrees is left as it is.",
	.options = {{"--check", NULL, NULL, "change nothing; status 1 when a history does not say what the events say"}},
	.json = true, .run = run,
};
