/* The active playbook in a web worker: its fields and verbs are what input is checked against. Asked for once a second;
 * loaded when its number changed; a revision that does not load here leaves the one before in place and says so in /readyz. */
#include "web/context.h"

#include "base/log.h"
#include "base/mem.h"
#include "store/revision.h"

#include <stdio.h>
#include <stdlib.h>

struct web_revision {
	struct web *web;
	struct playbook *playbook;
	int64_t activation;
	bool asking;
	char error[512];
};

struct web_revision *web_revision_new(struct web *web)
{
	struct web_revision *revision = mem_alloc(sizeof *revision);
	revision->web = web;
	return revision;
}

void web_revision_free(struct web_revision *revision)
{
	if (!revision)
		return;
	playbook_free(revision->playbook);
	free(revision);
}

static struct playbook *load(const struct store_revision *stored, struct problems *problems)
{
	struct playbook_file *files = arena_array(problems->arena, stored->count, sizeof *files);
	for (size_t i = 0; i < stored->count; i++)
		files[i] = (struct playbook_file){arena_dup_n(problems->arena, stored->files[i].path.p, stored->files[i].path.n),
						  stored->files[i].bytes};
	struct playbook_files all = {files, stored->count};
	struct playbook_site site = {0};
	return playbook_load(&all, &site, problems);
}

static void on_active(void *arg, const struct store_revision *stored, const struct error *error)
{
	struct web_revision *revision = arg;
	revision->asking = false;
	if (error || !stored->activation || stored->activation == revision->activation)
		return;
	struct problems problems = {.arena = arena_new()};
	struct playbook *playbook = load(stored, &problems);
	revision->activation = stored->activation;
	if (playbook) {
		playbook_free(revision->playbook);
		revision->playbook = playbook;
		revision->error[0] = '\0';
		log_info("web.playbook", log_str("revision", stored->revision), log_int("activation", stored->activation));
	} else {
		const struct problem *first = problems.count ? &problems.items[0] : NULL;
		snprintf(revision->error, sizeof revision->error, "revision %.7s does not load here: %s", stored->revision,
			 first ? first->message : "no reason given");
		log_error("web.playbook.broken", log_str("revision", stored->revision), log_str("reason", revision->error));
	}
	arena_free(problems.arena);
}

static void on_number(void *arg, json_t *rows, const struct error *error)
{
	struct web_revision *revision = arg;
	int64_t newest = json_integer_value(json_object_get(json_array_get(rows, 0), "activation"));
	if (error || !newest || newest == revision->activation) {
		revision->asking = false;
		return;
	}
	store_revision_active(revision->web->store, on_active, revision);
}

void web_revision_poll(struct web_revision *revision)
{
	if (revision->asking)
		return;
	revision->asking = true;
	store_query(revision->web->store, "activation_now", NULL, 0, on_number, revision);
}

const struct playbook *web_playbook(const struct web *web)
{
	return web->revision->playbook;
}

const struct schema *web_schema(const struct web *web)
{
	return web->revision->playbook ? &web->revision->playbook->schema : &model_standard_schema;
}

const char *web_revision_error(const struct web_revision *revision)
{
	return revision->error[0] ? revision->error : NULL;
}
