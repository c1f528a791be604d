/* nurture campaign list; nurture campaign pause|resume|leave, nurture enroll: what people do with campaigns by hand. Turns do it,
 * as soon as a server runs, by the campaign's own `again`, `leave` and holdout. */
#include "cli/command.h"

#include "playbook/current.h"
#include "playbook/site.h"
#include "report/report.h"
#include "store/campaign.h"
#include "store/revision.h"

#include <stdlib.h>
#include <string.h>

static const struct report_column columns[] = {
	{"campaign", "campaign", REPORT_TEXT}, {"active", "active", REPORT_COUNT}, {"held", "held", REPORT_COUNT}, {"paused", "paused", REPORT_COUNT},
	{"ended", "ended", REPORT_COUNT},      {"goals", "goals", REPORT_COUNT},   {"paused_at", "all paused since", REPORT_MOMENT},
	{"finished_at", "finished", REPORT_MOMENT}, {0},
};

/* ---- the active playbook's campaigns ---- */

struct looking {
	struct cli_wait wait;
	struct playbook_current *current;
};

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct looking *looking = arg;
	if (!error && revision && revision->activation)
		playbook_current_offer(looking->current, revision->activation, &revision->files);
	cli_on_done(&looking->wait, error);
}

static int say_unknown(struct cli *cli, const struct playbook *playbook)
{
	const char *names[200];
	size_t n = 0;
	for (size_t i = 0; playbook && i < playbook->campaign_count && n < 200; i++)
		names[n++] = playbook->campaigns[i].name;
	const char *near = str_nearest(str_of(cli->args[0]), names, n);
	return cli_refuse("there is no campaign \"%s\" in the active playbook.%s%s%s", cli->args[0], near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int look(struct cli *cli, struct looking *looking, struct arena *arena)
{
	*looking = (struct looking){.wait = {.cli = cli}, .current = playbook_current_new(playbook_site_of(cli->config, arena), "command")};
	store_revision_active(cli->store, on_revision, looking);
	return cli_wait(&looking->wait) ? cli_fail(&looking->wait.error) : CLI_DONE;
}

/* Also those that nobody ever entered. */
static int run_list(struct cli *cli)
{
	struct arena *arena = arena_new();
	struct looking looking = {0};
	json_t *names = json_array(), *rows = NULL, *row;
	size_t i;
	int status = cli_open(cli) || look(cli, &looking, arena) ? CLI_FAILED : CLI_DONE;
	const struct playbook *playbook = looking.current ? playbook_current_get(looking.current) : NULL;
	for (i = 0; playbook && i < playbook->campaign_count; i++)
		json_array_append_new(names, json_string(playbook->campaigns[i].name));
	char *text = json_dumps(names, JSON_COMPACT);
	const char *const params[] = {text, cli_option(cli, "--after"), "1000"};
	if (status == CLI_DONE)
		rows = cli_query(cli, "campaigns", params, 3);
	json_array_foreach(rows, i, row)
		json_object_del(row, "cursor");
	free(text);
	json_decref(names);
	playbook_current_free(looking.current);
	arena_free(arena);
	return status == CLI_DONE ? cli_print_rows(cli, columns, rows) : status;
}

static int check_campaign(struct cli *cli)
{
	struct arena *arena = arena_new();
	struct looking looking;
	int status = look(cli, &looking, arena);
	const struct playbook *playbook = playbook_current_get(looking.current);
	if (status == CLI_DONE && (!playbook || !playbook_campaign(playbook, str_of(cli->args[0]))))
		status = say_unknown(cli, playbook);
	playbook_current_free(looking.current);
	arena_free(arena);
	return status;
}

/* ---- asking ---- */

static void say_finished(const struct store_campaign *ask, json_t *answer)
{
	const char *campaign = cli_text(answer, "campaign");
	if (!json_is_true(json_object_get(answer, "changed")))
		printf("Nothing changed in campaign \"%s\": it was finished already.\n", campaign);
	else
		printf("Campaign \"%s\" is finished: nobody enters any more, and %s. `nurture report campaign %s` keeps what became of it.\n", campaign,
		       ask->let_out ? "those inside leave" : "those inside walk to their end", campaign);
}

/* What is said of it is over: its name is in the books, and only another one begins. */
static bool say_over(const struct store_campaign *ask, json_t *answer)
{
	const char *finished = cli_text(answer, "finished_at"), *campaign = cli_text(answer, "campaign");
	if (!*finished || (ask->act != CAMPAIGN_ENROLL && ask->act != CAMPAIGN_RESUME))
		return false;
	printf("Campaign \"%s\" was finished at %s: nobody enters it any more%s. It does not begin again; the same steps under another name do.\n", campaign, finished,
	       ask->act == CAMPAIGN_RESUME && json_is_true(json_object_get(answer, "changed")) ? ", and those inside walk on to their end" : "");
	return true;
}

static void say(const struct store_campaign *ask, json_t *answer)
{
	static const char *const whole[] = {
		"Campaign \"%s\" is paused: nobody in it goes on, nothing of it is sent. Who enters keeps a place.\n",
		"Campaign \"%s\" goes on. What fell due meanwhile is left out, done or spread as late = says.\n"};
	static const char *const one[] = {"Lead %lld is paused in campaign \"%s\".\n", "Lead %lld goes on in campaign \"%s\".\n",
					  "Lead %lld enters campaign \"%s\", if its again, leave and holdout let it in.\n", "Lead %lld leaves campaign \"%s\".\n"};
	static const char *const already[] = {"it was paused already, or is not in there.", "it was not paused.", "it is in there already.", "it is not in there."};
	const char *campaign = cli_text(answer, "campaign");
	if (ask->act == CAMPAIGN_FINISH)
		say_finished(ask, answer);
	else if (say_over(ask, answer))
		return;
	else if (!json_is_true(json_object_get(answer, "changed")))
		printf("Nothing changed in campaign \"%s\": %s\n", campaign, ask->lead ? already[ask->act] : ask->act == CAMPAIGN_PAUSE ? "it was paused already." : "it was not paused.");
	else if (ask->lead)
		printf(one[ask->act], (long long)ask->lead, campaign);
	else
		printf(whole[ask->act], campaign);
	json_int_t alone = json_integer_value(json_object_get(answer, "paused"));
	if (alone && !ask->lead && ask->act == CAMPAIGN_RESUME)
		printf("%lld in it %s paused by %s and waits on: nurture campaign resume %s --lead LEAD.\n", (long long)alone, alone == 1 ? "is" : "are", alone == 1 ? "itself" : "themselves", campaign);
	if (json_integer_value(json_object_get(answer, "waiting")))
		printf("%lld%s have something that fell due.\n", (long long)json_integer_value(json_object_get(answer, "waiting")),
		       json_integer_value(json_object_get(answer, "waiting")) == 100000 ? " or more" : "");
}

static int ask(struct cli *cli, enum campaign_act act)
{
	struct store_campaign ask = {.act = act, .campaign = str_of(cli->args[0]), .let_out = act == CAMPAIGN_FINISH && cli_option(cli, "--now")};
	struct cli_wait wait = {.cli = cli};
	const char *lead = act == CAMPAIGN_FINISH ? NULL : cli_option(cli, "--lead");
	if (cli_open(cli) || check_campaign(cli) || (lead && !(ask.lead = cli_find_lead(cli, lead))) || cli_now(cli, &ask.now))
		return CLI_FAILED;
	store_campaign(cli->store, &ask, cli_on_rows, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	if (cli->json)
		return cli_print_json(wait.rows);
	say(&ask, wait.rows);
	json_decref(wait.rows);
	return CLI_DONE;
}

static int run_pause(struct cli *cli)
{
	return ask(cli, CAMPAIGN_PAUSE);
}

static int run_resume(struct cli *cli)
{
	return ask(cli, CAMPAIGN_RESUME);
}

static int run_finish(struct cli *cli)
{
	return ask(cli, CAMPAIGN_FINISH);
}

static int with_lead(struct cli *cli, enum campaign_act act)
{
	if (cli_option(cli, "--lead"))
		return ask(cli, act);
	fprintf(stderr, "nurture %s: say who: --lead LEAD.\n", cli->command->name);
	return CLI_WRONG_USAGE;
}

static int run_enroll(struct cli *cli)
{
	return with_lead(cli, CAMPAIGN_ENROLL);
}

static int run_leave(struct cli *cli)
{
	return with_lead(cli, CAMPAIGN_LEAVE);
}

#define LEAD {"--lead", NULL, "LEAD", "this lead alone: its id, e-mail address or external id"}
extern const struct cli_command cli_campaign_list, cli_campaign_pause, cli_campaign_resume, cli_campaign_leave, cli_campaign_finish, cli_enroll;
const struct cli_command cli_campaign_list = {
	.name = "campaign list", .arguments = "", .summary = "Campaigns, how many are in them, which are paused.",
	.options = {{"--after", NULL, "NAME", "the next page: campaigns after this one"}}, .json = true, .run = run_list,
};
const struct cli_command cli_campaign_pause = {
	.name = "campaign pause", .arguments = "NAME", .summary = "Nobody in it goes on until it is resumed; all keep their places.",
	.more = "Leave conditions act and goals count all the same. What is with a channel already may still go out.", .options = {LEAD}, .least = 1, .most = 1,
	.json = true, .run = run_pause,
};
const struct cli_command cli_campaign_resume = {
	.name = "campaign resume", .arguments = "NAME", .summary = "Goes on. Contacts that fell due meanwhile are left out, unless late = says \"now\" or \"spread\".",
	.options = {LEAD}, .least = 1, .most = 1, .json = true, .run = run_resume,
};
const struct cli_command cli_campaign_leave = {
	.name = "campaign leave", .arguments = "NAME", .summary = "Takes a lead out of a campaign.", .options = {LEAD}, .least = 1, .most = 1, .json = true, .run = run_leave,
};
const struct cli_command cli_campaign_finish = {
	.name = "campaign finish", .arguments = "NAME", .summary = "Nobody enters it any more; its revision, files and numbers are kept, and its report.",
	.more = "Those inside walk to their end, or are let out. A finished campaign stays finished: what is to run again is published under a name of its own.",
	.options = {{"--now", NULL, NULL, "let out those who are inside"}}, .least = 1, .most = 1, .json = true, .run = run_finish,
};
const struct cli_command cli_enroll = {
	.name = "enroll", .arguments = "CAMPAIGN", .summary = "Lets a lead into a campaign by hand.",
	.more = "Whether it may come (again), or is held out, the campaign says as ever.", .options = {LEAD}, .least = 1, .most = 1, .json = true, .run = run_enroll,
};
