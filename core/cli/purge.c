/* nurture purge: erases everybody who has done nothing for long (store/erase.h), in pages, as a job that is shown, can be cancelled, and goes on where
 * it was when the same command is run again after a kill. What is asked of the turns is in lane 2, and never more than some thousands wait. */
#include "cli/fields.h"
#include "store/erase.h"

#include "base/buf.h"
#include "base/duration.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

enum { WAITING_MOST = 4000 /* leads that were asked to go and wait for their turn */ };

struct purging {
	struct cli *cli;
	struct arena *arena;
	const char *segment, *since, *verbs; /* as parameters */
	char owner[33];
	int64_t job, after, count, total;
	bool cancelled, engine;
};

/* ---- who ---- */

/* Everything that is not the lead's own doing. */
static const char *verbs_by_us(struct purging *p, const struct playbook *playbook)
{
	struct buf names = {0};
	for (const struct verb *verb = model_verbs; verb->name; verb++)
		if (!verb->by_lead)
			buf_printf(&names, "%s%s", names.n ? "," : "", verb->name);
	for (size_t i = 0; playbook && i < playbook->verb_count; i++)
		if (!playbook->verbs[i].by_lead)
			buf_printf(&names, ",%s", playbook->verbs[i].name);
	const char *text = arena_dup_n(p->arena, names.p ? names.p : "", names.n);
	buf_fini(&names);
	return text;
}

/* "6mo" for those who type little: d, w, mo, y. */
static struct str length_of(struct purging *p, struct str text)
{
	static const struct { const char *brief, *unit; } units[] = {{"mo", "months"}, {"d", "days"}, {"w", "weeks"}, {"y", "years"}};
	size_t digits = strspn(text.p, "0123456789");
	for (size_t i = 0; digits && i < sizeof units / sizeof *units; i++)
		if (strcmp(text.p + digits, units[i].brief) == 0)
			return str_of(arena_printf(p->arena, "%.*s %s", (int)digits, text.p, units[i].unit));
	return text;
}

static int read_who(struct purging *p, const struct playbook *playbook)
{
	struct duration older;
	struct error error = {0};
	char text[MOMENT_TEXT];
	moment_t now = 0;
	bool known = !p->segment;
	struct str said = str_of(cli_option(p->cli, "--older"));
	if (said.n > 1 && said.p[said.n - 1] == 'm' && strspn(said.p, "0123456789") == said.n - 1)
		return cli_refuse("--older \"%s\": m could mean months or minutes. Write \"%.*smo\" for months.", said.p, (int)said.n - 1, said.p);
	if (duration_parse(length_of(p, str_of(cli_option(p->cli, "--older"))), &older, &error) < 0)
		return cli_fail(&error);
	if (older.unit != DURATION_DAYS && older.unit != DURATION_WEEKS && older.unit != DURATION_MONTHS && older.unit != DURATION_YEARS)
		return cli_refuse("--older \"%s\": say it in days, weeks, months or years.", cli_option(p->cli, "--older"));
	for (size_t i = 0; playbook && !known && i < playbook->segment_count; i++)
		known = strcmp(playbook->segments[i].name, p->segment) == 0;
	if (!known)
		return cli_refuse("there is no segment \"%s\" in the active playbook.", p->segment);
	if (cli_now(p->cli, &now))
		return CLI_FAILED;
	p->since = arena_dup(p->arena, moment_format(now - duration_micros(older), text));
	p->verbs = verbs_by_us(p, playbook);
	return CLI_DONE;
}

static int64_t number_of(struct cli *cli, const char *query, const char *const *params, size_t count, const char *key)
{
	json_t *rows = cli_query(cli, query, params, count);
	int64_t n = rows ? json_integer_value(json_object_get(json_array_get(rows, 0), key)) : -1;
	json_decref(rows);
	return n;
}

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
		p->count = json_integer_value(json_object_get(job, "progress"));
		p->total = json_integer_value(json_object_get(job, "total"));
		p->after = json_integer_value(json_object_get(json_object_get(job, "result"), "after"));
		p->since = arena_dup(p->arena, cli_text(json_object_get(job, "arguments"), "since"));
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
	json_t *arguments = json_pack("{s:s, s:s, s:s?}", "key", key, "since", p->since, "segment", p->segment);
	store_job_create(p->cli->store, "purge", arguments, p->owner, now, cli_on_id, &wait);
	int failed = cli_wait(&wait);
	json_decref(arguments);
	p->job = wait.number;
	return failed ? cli_fail(&wait.error) : CLI_DONE;
}

static int say_progress(struct purging *p)
{
	struct cli_wait wait = {.cli = p->cli};
	json_t *result = json_pack("{s:I}", "after", (json_int_t)p->after);
	store_job_progress(p->cli->store, p->job, p->owner, p->count, p->total, result, on_progress, &wait);
	int failed = cli_wait(&wait);
	json_decref(result);
	p->cancelled = wait.flag;
	return failed ? cli_fail(&wait.error) : CLI_DONE;
}

static int end(struct purging *p)
{
	struct cli_wait wait = {.cli = p->cli};
	moment_t now = 0;
	json_t *result = json_pack("{s:I}", "leads", (json_int_t)p->count);
	if (cli_now(p->cli, &now) == 0)
		store_job_end(p->cli->store, p->job, p->owner, p->cancelled ? "cancelled" : "done", result, NULL, now, cli_on_done, &wait);
	int failed = now ? cli_wait(&wait) : -1;
	json_decref(result);
	return failed ? CLI_FAILED : CLI_DONE;
}

/* ---- pages ---- */

/* Waits until the turns have forgotten most of what was asked. Without an engine nobody would ever. */
static int wait_for_room(struct purging *p, int64_t most)
{
	for (;;) {
		int64_t waiting = number_of(p->cli, "purge_waiting", NULL, 0, "waiting");
		bool never = false;
		if (waiting < 0)
			return CLI_FAILED;
		if (waiting <= most || !p->engine || p->cancelled)
			return CLI_DONE;
		(void)store_wait(p->cli->loop, &never, MOMENT_SECOND / 5);
		if (say_progress(p))
			return CLI_FAILED;
	}
}

/* The next page; *got: how many it had. */
static int purge_page(struct purging *p, size_t *got)
{
	char after[24], size[24];
	int64_t leads[ERASE_MOST];
	struct cli_wait wait = {.cli = p->cli};
	moment_t now = 0;
	snprintf(after, sizeof after, "%lld", (long long)p->after);
	snprintf(size, sizeof size, "%d", ERASE_MOST);
	const char *const params[] = {p->after ? after : NULL, size, p->since, p->segment, p->verbs};
	json_t *rows = cli_query(p->cli, "purge_page", params, 5);
	*got = json_array_size(rows);
	for (size_t i = 0; i < *got; i++)
		leads[i] = json_integer_value(json_object_get(json_array_get(rows, i), "lead"));
	bool failed = !rows || cli_now(p->cli, &now);
	json_decref(rows);
	if (failed || !*got)
		return failed ? CLI_FAILED : CLI_DONE;
	store_erase(p->cli->store, leads, *got, true, NULL, now, cli_on_id, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	p->after = leads[*got - 1];
	p->count += (int64_t)*got;
	return say_progress(p);
}

static int purge(struct purging *p)
{
	struct cli_progress bar = {.what = "purge"};
	int status = CLI_DONE;
	for (size_t got = 1; status == CLI_DONE && got && !p->cancelled;) {
		status = wait_for_room(p, WAITING_MOST);
		if (status == CLI_DONE && !p->cancelled)
			status = purge_page(p, &got);
		cli_progress_show(&bar, p->count, p->total);
	}
	if (status == CLI_DONE)
		status = wait_for_room(p, 0);
	cli_progress_end(&bar);
	return status == CLI_DONE ? end(p) : status;
}

static int say(struct purging *p)
{
	if (p->cli->json)
		return cli_print_json(json_pack("{s:I, s:I, s:b}", "job", (json_int_t)p->job, "leads", (json_int_t)p->count, "cancelled", p->cancelled));
	printf("%lld leads %s%s.\n", (long long)p->count, p->engine ? "erased" : "stopped; they are erased as soon as the server runs",
	       p->cancelled ? "; then it was cancelled" : "");
	return CLI_DONE;
}

static int dry_run(struct purging *p)
{
	if (p->cli->json)
		return cli_print_json(json_pack("{s:I, s:s}", "leads", (json_int_t)p->total, "since", p->since));
	printf("%lld leads%s%s have done nothing since %.10s.\n", (long long)p->total, p->segment ? " of segment " : "", p->segment ? p->segment : "", p->since);
	return CLI_DONE;
}

static int work(struct purging *p, const char *key)
{
	json_t *engine = NULL;
	if (cli_option(p->cli, "--dry-run") == NULL && take_up(p, key))
		return CLI_FAILED;
	const char *const count[] = {p->since, p->segment, p->verbs}, *const nobody[] = {"0"};
	if (!p->job)
		p->total = number_of(p->cli, "purge_count", count, 3, "leads");
	if (p->total < 0 || !(engine = cli_query(p->cli, "erase_preview", nobody, 1)))
		return CLI_FAILED;
	p->engine = json_is_true(json_object_get(json_array_get(engine, 0), "engine"));
	json_decref(engine);
	if (!p->cli->json || cli_option(p->cli, "--dry-run"))
		(void)dry_run(p);
	if (cli_option(p->cli, "--dry-run"))
		return CLI_DONE;
	int status = cli_confirm(p->cli, "Erase them for good?");
	if (status != CLI_DONE)
		return status;
	return begin(p, key) == CLI_DONE && purge(p) == CLI_DONE ? say(p) : CLI_FAILED;
}

static int run(struct cli *cli)
{
	struct purging p = {.cli = cli, .segment = cli_option(cli, "--segment")};
	if (!cli_option(cli, "--older") || (!p.segment && !cli_option(cli, "--everybody")) || (p.segment && cli_option(cli, "--everybody"))) {
		fprintf(stderr, "nurture purge: say --older LENGTH (\"6 months\"), and of whom: --segment SEGMENT or --everybody.\n");
		return CLI_WRONG_USAGE;
	}
	if (cli_open(cli))
		return CLI_FAILED;
	p.arena = arena_new();
	unsigned char random[16];
	hash_random(random, sizeof random);
	hash_hex(random, sizeof random, p.owner);
	struct playbook_current *current = cli_playbook(cli, p.arena);
	int status = current ? read_who(&p, playbook_current_get(current)) : CLI_FAILED;
	const char *key = arena_printf(p.arena, "%s|%s", cli_option(cli, "--older"), p.segment ? p.segment : "*");
	if (status == CLI_DONE)
		status = work(&p, key);
	playbook_current_free(current);
	arena_free(p.arena);
	return status;
}

extern const struct cli_command cli_purge;
const struct cli_command cli_purge = {
	.name = "purge", .arguments = "", .summary = "Erases everybody who has done nothing for long.",
	.more = "Counts what leads did themselves: not our mails, not scanners. Leads younger than LENGTH stay. A purge is a job (nurture job list|cancel);\n"
		"killed and run again with the same words it goes on.",
	.options = {
		{"--older", NULL, "LENGTH", "for how long: \"6 months\" or 6mo, \"90 days\" or 90d"},
		{"--segment", NULL, "SEGMENT", "only who is in it"},
		{"--everybody", NULL, NULL, "customers too: all leads"},
		{"--dry-run", NULL, NULL, "only says how many"},
		{"--yes", "-y", NULL, "does not ask"},
	},
	.least = 0, .most = 0, .json = true, .run = run,
};
