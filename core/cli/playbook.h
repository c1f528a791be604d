/* What check, publish and rollback share: files in, problems printed, a playbook out. */
#ifndef NURTURE_CLI_PLAYBOOK_H
#define NURTURE_CLI_PLAYBOOK_H

#include "cli/command.h"
#include "jobs/release.h"

struct cli_playbook {
	struct arena *arena;
	const char *folder;
	struct playbook_files files;
	struct problems problems;
	struct story_result stories;
	struct playbook *playbook; /* NULL when there are errors */
};

/* The configuration, read; without any: as for a server that sends e-mail and nothing else (said on standard error). */
int cli_playbook_config(struct cli *cli) MUST_USE;
/* The files of the active revision: the database is open. Whoever loads them is not hindered by what only a publish refuses
 * (problems.published). Says what is wrong. */
int cli_playbook_read_active(struct cli *cli, struct cli_playbook *out) MUST_USE;
/* Reads DIR, or with NULL the active revision, and loads it: its tests are not run, templates of the active one not looked at. Says what is wrong. */
int cli_playbook_load(struct cli *cli, const char *dir, struct cli_playbook *out) MUST_USE;
/* Reads DIR (or config->playbook). Says what is wrong. */
int cli_playbook_read(struct cli *cli, const char *dir, struct cli_playbook *out) MUST_USE;
void cli_playbook_check(struct cli *cli, struct cli_playbook *out);
void cli_playbook_print_problems(const struct cli_playbook *playbook, FILE *out);
void cli_playbook_free(struct cli_playbook *playbook);
/* campaign.c: reads a campaign of a loaded playbook back, or draws it (--dot); with numbers when cli->store is open. */
int cli_campaign_explain(struct cli *cli, struct cli_playbook *playbook, const char *name) MUST_USE;
bool cli_has_database(const struct cli *cli); /* the configuration names one, or there is a private one: opening it makes none */
/* Publishes a checked one; says what became of it. expected: the revision that it was compared with (struct publish), or NULL. preview: what --json says
 * would change, taken; NULL = nothing was looked at. */
int cli_playbook_publish(struct cli *cli, struct cli_playbook *playbook, const char *message, const char *expected, json_t *preview) MUST_USE;

/* ---- lead_facts.c ---- */
/* What turns know of the lead that text names, or with NULL of nobody: what holds for everybody. *batch is the caller's to free, also when CLI_FAILED came
 * after it said why. */
struct batch;
int cli_lead_facts(struct cli *cli, const struct playbook *playbook, const char *text, moment_t now, struct batch **batch) MUST_USE;

#endif
