/* Reading, checking and publishing a playbook for commands. */
#include "cli/playbook.h"

#include "channel/plugin.h"
#include "jobs/folder.h"
#include "playbook/files.h"

#include <stdlib.h>

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
		json_t *json = json_pack("{s:s, s:I, s:b, s:I}", "revision", revision, "activation", (json_int_t)p->activation, "changed", p->changed, "parked",
					 (json_int_t)p->parked);
		if (preview)
			json_object_set(json, "preview", preview);
		return cli_print_json(json);
	}
	printf(p->changed ? "Revision %.12s is active (activation %lld).\n" : "Revision %.12s is active already (activation %lld): nothing changed.\n",
	       revision, (long long)p->activation);
	if (p->parked)
		printf("%lld %s: nothing of theirs goes out until a revision has the steps again, or says where they go.\n", (long long)p->parked,
		       p->parked == 1 ? "enrollment stands on a step that is gone and is parked" : "enrollments stand on steps that are gone and are parked");
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
