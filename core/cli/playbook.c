/* Reading, checking and publishing a playbook for commands. */
#include "cli/playbook.h"

#include "channel/plugin.h"
#include "jobs/folder.h"
#include "playbook/files.h"
#include "playbook/site.h"
#include "store/revision.h"

#include <stdlib.h>

/* Without any configuration a playbook is checked as for the server that most people will have: one that sends e-mail. Its plugin
 * is not asked, so which fields a template may have is not known. */
int cli_playbook_config(struct cli *cli)
{
	struct error error = {0};
	if (cli->config_path)
		return cli_read_config(cli);
	cli->config = config_parse(NULL, STR("channel \"email\" { plugin = \"email\" }\n"), &error);
	if (!cli->config)
		return cli_fail(&error);
	struct config_channel *email = (struct config_channel *)(uintptr_t)&cli->config->channels[0];
	email->says = json_pack("{s:s, s:s}", "kind", "email", "body", "markdown");
	fprintf(stderr, "nurture: there is no configuration (--config FILE): checked as for a server with channel \"email\" { plugin = \"email\" } and no other.\n");
	return CLI_DONE;
}

int cli_playbook_read(struct cli *cli, const char *dir, struct cli_playbook *out)
{
	struct error error = {0};
	*out = (struct cli_playbook){.folder = dir ? dir : cli->config->playbook};
	if (!out->folder)
		return cli_refuse("which folder? Name it (nurture %s DIR), or set playbook = \"…\" in the configuration.", cli->command->name);
	out->arena = arena_new();
	out->problems.arena = out->arena;
	if (folder_read(-1, out->folder, out->arena, &out->files, &error))
		return cli_fail(&error);
	return CLI_DONE;
}

void cli_playbook_check(struct cli *cli, struct cli_playbook *out)
{
	release_set_look(channel_check_templates);
	out->playbook = release_check(cli->config, &out->files, out->arena, &out->problems, &out->stories);
}

int cli_playbook_load(struct cli *cli, const char *dir, struct cli_playbook *out)
{
	int status = dir ? cli_playbook_read(cli, dir, out) : cli_playbook_read_active(cli, out);
	if (status != CLI_DONE)
		return status;
	const struct playbook_site *site = dir ? playbook_site_of(cli->config, out->arena) : playbook_site_without_templates(cli->config, out->arena);
	out->playbook = playbook_load(&out->files, site, &out->problems);
	if (out->playbook)
		return CLI_DONE;
	cli_playbook_print_problems(out, stderr);
	return cli_refuse("%s has errors.", out->folder);
}

void cli_playbook_print_problems(const struct cli_playbook *playbook, FILE *out)
{
	if (!playbook->problems.count)
		return;
	char *text = problems_text(&playbook->problems);
	fputs(text, out);
	if (text[0] && text[strlen(text) - 1] != '\n')
		fputc('\n', out);
	free(text);
}

void cli_playbook_free(struct cli_playbook *playbook)
{
	playbook_free(playbook->playbook);
	arena_free(playbook->arena);
}

/* ---- the active one ---- */

struct fetching {
	struct cli_wait wait;
	struct cli_playbook *out;
	char revision[65];
};

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct fetching *f = arg;
	if (!error && revision && revision->activation) {
		struct arena *arena = f->out->arena;
		struct playbook_file *files = arena_array(arena, revision->files.count + 1, sizeof *files);
		for (size_t i = 0; i < revision->files.count; i++)
			files[i] = (struct playbook_file){arena_dup(arena, revision->files.files[i].path), arena_str(arena, revision->files.files[i].bytes)};
		struct playbook_off *off = arena_array(arena, revision->files.off_count + 1, sizeof *off);
		for (size_t i = 0; i < revision->files.off_count; i++)
			off[i] = (struct playbook_off){arena_dup(arena, revision->files.off[i].path), arena_dup(arena, revision->files.off[i].context)};
		f->out->files = (struct playbook_files){.files = files, .count = revision->files.count, .off = off, .off_count = revision->files.off_count};
		snprintf(f->revision, sizeof f->revision, "%s", revision->revision);
	}
	cli_on_done(&f->wait, error);
}

int cli_playbook_read_active(struct cli *cli, struct cli_playbook *out)
{
	struct fetching f = {.wait.cli = cli, .out = out};
	*out = (struct cli_playbook){.arena = arena_new()};
	out->problems = (struct problems){.arena = out->arena, .published = true};
	store_revision_active(cli->store, on_revision, &f);
	if (cli_wait(&f.wait))
		return cli_fail(&f.wait.error);
	out->folder = arena_printf(out->arena, "revision %.12s", f.revision);
	return f.revision[0] ? CLI_DONE : cli_refuse("no playbook is published yet. Run: nurture publish DIR");
}

/* ---- publishing ---- */

struct publishing {
	struct cli_wait wait;
	struct published published;
};

static void on_published(void *arg, const struct published *published, const struct error *error)
{
	struct publishing *p = arg;
	p->published = *published;
	cli_on_done(&p->wait, error);
}

static int say(struct cli *cli, const char *revision, const struct published *p, json_t *preview)
{
	if (cli->json) {
		json_t *json = json_pack("{s:s, s:I, s:b, s:I, s:I}", "revision", revision, "activation", (json_int_t)p->activation, "changed", p->changed, "parked",
					 (json_int_t)p->parked, "parked_before", (json_int_t)p->parked_before);
		if (preview)
			json_object_set(json, "preview", preview);
		return cli_print_json(json);
	}
	printf(p->changed ? "Revision %.12s is active (activation %lld).\n" : "Revision %.12s is active already (activation %lld): nothing changed.\n",
	       revision, (long long)p->activation);
	if (p->parked)
		printf("%lld %s: nothing of theirs goes out until a revision has the steps again, or says where they go.\n", (long long)p->parked,
		       p->parked == 1 ? "enrollment stands on a step that is gone and is parked" : "enrollments stand on steps that are gone and are parked");
	if (p->parked_before)
		printf("%lld %s parked since an earlier revision: this one does not say where they go either.\n", (long long)p->parked_before,
		       p->parked_before == 1 ? "enrollment is" : "enrollments are");
	return CLI_DONE;
}

int cli_playbook_publish(struct cli *cli, struct cli_playbook *playbook, const char *message, const char *expected, json_t *preview)
{
	char revision[HASH_HEX];
	struct publishing p = {.wait.cli = cli};
	struct release release = {.store = cli->store, .playbook = playbook->playbook, .files = &playbook->files, .author = cli_user(), .message = message,
		.expected = expected, .hold = cli_option(cli, "--hold") != NULL, .switch_on = cli_option(cli, "--switch-on") != NULL, .fn = on_published, .arg = &p};
	release_publish(&release);
	int status = cli_wait(&p.wait) ? cli_fail(&p.wait.error) : CLI_DONE;
	playbook_files_revision(&playbook->files, revision);
	if (status == CLI_DONE)
		status = say(cli, revision, &p.published, preview);
	json_decref(preview);
	return status;
}
