/* nurture purge: erases everybody who has done nothing for long (jobs/purge.h), as a job that is shown, can be cancelled, and goes on where
 * it was when the same command is run again after a kill. --retention only tells: whom the rules of nurture.conf mean, which the server keeps daily. */
#include "cli/fields.h"

#include "base/hash.h"
#include "jobs/purge.h"
#include "store/admin.h"

struct purging {
	struct cli *cli;
	struct arena *arena;
	struct purge purge;
	struct cli_progress bar;
	char owner[33];
	int64_t job, total;
	bool failed;
};

/* ---- the job ---- */

static void on_progress(void *arg, bool cancel, const struct error *error)
{
	struct cli_wait *wait = arg;
	wait->flag = cancel;
	cli_on_done(wait, error);
}

/* A purge of the same words that was killed is gone on with, by its own moment and cursor. */
static int take_up(struct purging *p, const char *key)
{
	const char *const params[] = {"purge", key};
	json_t *rows = cli_query(p->cli, "job_find", params, 2), *job = json_array_get(rows, 0);
	if (!rows)
		return CLI_FAILED;
	if (job && (strcmp(cli_text(job, "state"), "running") == 0 || strcmp(cli_text(job, "state"), "waiting") == 0)) {
		p->job = json_integer_value(json_object_get(job, "job_id"));
		p->purge.count = json_integer_value(json_object_get(job, "progress"));
		p->total = json_integer_value(json_object_get(job, "total"));
		p->purge.after = json_integer_value(json_object_get(json_object_get(job, "result"), "after"));
		p->purge.who.since = arena_dup(p->arena, cli_text(json_object_get(job, "arguments"), "since"));
	}
	json_decref(rows);
	return CLI_DONE;
}

static void on_taken(void *arg, json_t *rows, const struct error *error)
{
	struct cli_wait *wait = arg;
	wait->number = (int64_t)json_array_size(rows);
	cli_on_done(wait, error);
}

static int begin(struct purging *p, const char *key)
{
	struct cli_wait wait = {.cli = p->cli};
	moment_t now = 0;
	if (cli_now(p->cli, &now))
		return CLI_FAILED;
	if (p->job) {
		store_job_take(p->cli->store, p->job, "purge", p->owner, on_taken, &wait);
		if (cli_wait(&wait))
			return cli_fail(&wait.error);
		return wait.number ? CLI_DONE : cli_refuse("this purge is under way already (job %lld).", (long long)p->job);
	}
	json_t *arguments = json_pack("{s:s, s:s, s:s?}", "key", key, "since", p->purge.who.since, "segment", p->purge.who.segment);
	store_job_create(p->cli->store, "purge", arguments, p->owner, now, cli_on_id, &wait);
	int failed = cli_wait(&wait);
	json_decref(arguments);
	p->job = wait.number;
	return failed ? cli_fail(&wait.error) : CLI_DONE;
}

static int say_progress(struct purging *p)
{
	struct cli_wait wait = {.cli = p->cli};
	json_t *result = json_pack("{s:I}", "after", (json_int_t)p->purge.after);
	store_job_progress(p->cli->store, p->job, p->owner, p->purge.count, p->total, result, on_progress, &wait);
	int failed = cli_wait(&wait);
	json_decref(result);
	p->purge.cancelled = wait.flag;
	return failed ? cli_fail(&wait.error) : CLI_DONE;
}

static int end(struct purging *p)
{
	struct cli_wait wait = {.cli = p->cli};
	moment_t now = 0;
	json_t *result = json_pack("{s:I}", "leads", (json_int_t)p->purge.count);
	if (cli_now(p->cli, &now) == 0)
		store_job_end(p->cli->store, p->job, p->owner, p->purge.cancelled ? "cancelled" : "done", result, NULL, now, cli_on_done, &wait);
	int failed = now ? cli_wait(&wait) : -1;
	json_decref(result);
	return failed ? CLI_FAILED : CLI_DONE;
}

static bool told(void *arg, int64_t count, int64_t after)
{
	struct purging *p = arg;
	(void)after;
	cli_progress_show(&p->bar, count, p->total);
	p->failed = p->failed || say_progress(p);
	return p->failed || p->purge.cancelled;
}

static int purge(struct purging *p)
{
	struct error error = {0};
	p->bar = (struct cli_progress){.what = "purge"};
	int status = purge_run(&p->purge, &error);
	cli_progress_end(&p->bar);
	if (status)
		return cli_fail(&error);
	return p->failed ? CLI_FAILED : end(p);
}

static int say(struct purging *p)
{
	if (p->cli->json)
		return cli_print_json(json_pack("{s:I, s:I, s:b}", "job", (json_int_t)p->job, "leads", (json_int_t)p->purge.count, "cancelled", p->purge.cancelled));
	printf("%lld leads %s%s.\n", (long long)p->purge.count, p->purge.engine ? "erased" : "stopped; they are erased as soon as the server runs",
	       p->purge.cancelled ? "; then it was cancelled" : "");
	return CLI_DONE;
}

static int dry_run(struct purging *p)
{
	const char *segment = p->purge.who.segment;
	if (p->cli->json)
		return cli_print_json(json_pack("{s:I, s:s}", "leads", (json_int_t)p->total, "since", p->purge.who.since));
	printf("%lld leads%s%s have done nothing since %.10s.\n", (long long)p->total, segment ? " of segment " : "", segment ? segment : "", p->purge.who.since);
	return CLI_DONE;
}

static int work(struct purging *p, const char *key)
{
	struct error error = {0};
	int64_t leads = 0;
	if (cli_option(p->cli, "--dry-run") == NULL && take_up(p, key))
		return CLI_FAILED;
	if (purge_count(&p->purge, &leads, &error) < 0)
		return cli_fail(&error);
	if (!p->job)
		p->total = leads;
	if (!p->cli->json || cli_option(p->cli, "--dry-run"))
		(void)dry_run(p);
	if (cli_option(p->cli, "--dry-run"))
		return CLI_DONE;
	int status = cli_confirm(p->cli, "Erase them for good?");
	if (status != CLI_DONE)
		return status;
	return begin(p, key) == CLI_DONE && purge(p) == CLI_DONE ? say(p) : CLI_FAILED;
}

static int read_who(struct purging *p, const struct playbook *playbook, const char *older, const char *segment)
{
	struct error error = {0};
	moment_t now = 0;
	if (cli_now(p->cli, &now))
		return CLI_FAILED;
	return turn_purge_who(playbook, str_of(older), segment ? str_of(segment) : (struct str){0}, now, p->arena, &p->purge.who, &error) < 0 ? cli_fail(&error) : CLI_DONE;
}

static int by_words(struct purging *p, const struct playbook *playbook)
{
	const char *older = cli_option(p->cli, "--older"), *segment = cli_option(p->cli, "--segment");
	const char *key = arena_printf(p->arena, "%s|%s", older, segment ? segment : "*");
	return read_who(p, playbook, older, segment) == CLI_DONE ? work(p, key) : CLI_FAILED;
}

/* ---- what the server does daily ---- */

static int tell_rules(struct purging *p, const struct playbook *playbook)
{
	const struct config *config = p->cli->config;
	json_t *rules = json_array();
	int status = CLI_DONE;
	for (size_t i = 0; i < config->retention_count && status == CLI_DONE; i++) {
		const struct config_retention *rule = &config->retention[i];
		struct error error = {0};
		status = read_who(p, playbook, rule->older, rule->segment);
		if (status == CLI_DONE && purge_count(&p->purge, &p->total, &error) < 0)
			status = cli_fail(&error);
		if (status == CLI_DONE && !p->cli->json)
			(void)dry_run(p);
		json_array_append_new(rules, json_pack("{s:s?, s:s, s:I, s:s?}", "segment", rule->segment, "older", rule->older, "leads", (json_int_t)p->total, "since",
						       p->purge.who.since));
	}
	if (status == CLI_DONE && p->cli->json)
		return cli_print_json(json_pack("{s:o, s:i}", "rules", rules, "anonymous_days", config->anonymous_days));
	json_decref(rules);
	if (status == CLI_DONE)
		printf("%sAnonymous visitors are kept for %d days after they were last seen.\n",
		       config->retention_count ? "The server erases them daily.\n" : "The configuration has no rule (retention = { … }): leads are kept.\n",
		       config->anonymous_days);
	return status;
}

static bool wrong_words(const struct cli *cli)
{
	bool segment = cli_option(cli, "--segment"), everybody = cli_option(cli, "--everybody"), older = cli_option(cli, "--older");
	if (cli_option(cli, "--retention"))
		return older || segment || everybody;
	return !older || segment == everybody;
}

static int run(struct cli *cli)
{
	struct purging p = {.cli = cli, .purge = {.told = told}};
	unsigned char random[16];
	if (wrong_words(cli)) {
		fprintf(stderr, "nurture purge: say --older LENGTH (\"6 months\"), and of whom: --segment SEGMENT or --everybody. --retention stands alone.\n");
		return CLI_WRONG_USAGE;
	}
	if (cli_open(cli))
		return CLI_FAILED;
	p.arena = arena_new();
	p.purge.loop = cli->loop, p.purge.store = cli->store, p.purge.arg = &p;
	hash_random(random, sizeof random);
	hash_hex(random, sizeof random, p.owner);
	struct playbook_current *current = cli_playbook(cli, p.arena);
	const struct playbook *playbook = current ? playbook_current_get(current) : NULL;
	int status = !current ? CLI_FAILED : cli_option(cli, "--retention") ? tell_rules(&p, playbook) : by_words(&p, playbook);
	playbook_current_free(current);
	arena_free(p.arena);
	return status;
}

extern const struct cli_command cli_purge;
const struct cli_command cli_purge = {
	.name = "purge", .arguments = "", .summary = "Erases everybody who has done nothing for long.",
	.more = "Counts what leads did themselves: not our mails, not scanners. Leads younger than LENGTH stay. A purge is a job (nurture job list|cancel);\n"
		"killed and run again with the same words it goes on. What shall be kept how long always stands in nurture.conf:\n"
		"  retention = { { segment = \"cold\", older = \"24 months\" }, anonymous = \"90 days\" }",
	.options = {
		{"--older", NULL, "LENGTH", "for how long: \"6 months\" or 6mo, \"90 days\" or 90d"},
		{"--segment", NULL, "SEGMENT", "only who is in it"},
		{"--everybody", NULL, NULL, "customers too: all leads"},
		{"--retention", NULL, NULL, "only says whom the rules of nurture.conf mean today; the server carries them out daily"},
		{"--dry-run", NULL, NULL, "only says how many"},
		{"--yes", "-y", NULL, "does not ask"},
	},
	.least = 0, .most = 0, .json = true, .run = run,
};
