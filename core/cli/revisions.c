/* nurture revisions, nurture rollback: the log of activations, and going back in it. */
#include "cli/preview.h"

#include "base/mem.h"
#include "report/report.h"

#include <stdlib.h>

static const struct report_column columns[] = {
	{"activation", "activation", REPORT_COUNT}, {"revision", "revision", REPORT_TEXT}, {"at", "when", REPORT_MOMENT},
	{"author", "who", REPORT_TEXT},             {"message", "why", REPORT_TEXT},       {0},
};

static int run_revisions(struct cli *cli)
{
	const char *const params[] = {NULL, "1000"};
	return cli_open(cli) ? CLI_FAILED : cli_print_rows(cli, columns, cli_query(cli, "revisions", params, 2));
}

extern const struct cli_command cli_revisions, cli_rollback;
const struct cli_command cli_revisions = {
	.name = "revisions", .arguments = "", .summary = "Lists what was published, newest first.", .json = true, .run = run_revisions,
};

/* ---- rollback ---- */

struct past {
	struct cli_wait wait;
	struct cli_playbook *into;
};

/* Files are borrowed until the callback ends: copied. */
static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct past *past = arg;
	if (!error && revision) {
		struct arena *arena = past->into->arena;
		struct playbook_file *files = arena_array(arena, revision->files.count + 1, sizeof *files);
		for (size_t i = 0; i < revision->files.count; i++)
			files[i] = (struct playbook_file){arena_dup(arena, revision->files.files[i].path), arena_str(arena, revision->files.files[i].bytes)};
		past->into->files = (struct playbook_files){.files = files, .count = revision->files.count};
	}
	cli_on_done(&past->wait, error);
}

static int activate(struct cli *cli, struct cli_playbook *p)
{
	struct past past = {.wait.cli = cli, .into = p};
	store_revision_get(cli->store, cli->args[0], on_revision, &past);
	if (cli_wait(&past.wait))
		return cli_fail(&past.wait.error);
	cli_playbook_check(cli, p);
	if (!p->playbook) {
		cli_playbook_print_problems(p, stderr);
		return cli_refuse("not rolled back: this version refuses that revision (%zu errors above).", p->problems.errors);
	}
	char *message = mem_printf("rollback to %.64s", cli->args[0]);
	int status = cli_shown_publish(cli, p, message, "rolled back");
	free(message);
	return status;
}

static int run_rollback(struct cli *cli)
{
	struct cli_playbook p = {.folder = cli->args[0], .arena = arena_new()};
	p.problems.arena = p.arena;
	int status = cli_open(cli) ? CLI_FAILED : activate(cli, &p);
	cli_playbook_free(&p);
	return status;
}

const struct cli_command cli_rollback = {
	.name = "rollback", .arguments = "REV", .summary = "Makes an old revision the active one again.",
	.more = "REV is the revision's name or an unambiguous beginning of it (nurture revisions). Refused when leads stand on steps\nthat it does not have, unless --hold parks them. When leads would move, it shows how and asks, as publish does.",
	.options = {
		{"--yes", NULL, NULL, "goes back without asking, whatever would change"},
		{"--dry-run", NULL, NULL, "shows what would change, and changes nothing"},
		{"--hold", NULL, NULL, "parks enrollments that stand on steps which are gone"},
		{"--switch-on", NULL, NULL, "rules and steps that were switched off after deaths of workers are on again; REV may be the active one"},
	},
	.least = 1, .most = 1, .json = true, .plugins = true, .run = run_rollback,
};
