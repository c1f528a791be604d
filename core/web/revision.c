/* Keeps the worker's playbook current: the number of the active revision is asked for once a second, its files only when
 * it changed. Input is checked against its fields and verbs. */
#include "web/context.h"

#include "base/mem.h"
#include "playbook/site.h"
#include "store/revision.h"

#include <stdlib.h>

struct web_revision {
	struct web *web;
	struct arena *arena; /* what the site is made of */
	struct playbook_current *current;
	bool asking;
	bool known; /* the database has said which one is active, or that none is */
};

struct web_revision *web_revision_new(struct web *web)
{
	struct web_revision *revision = mem_alloc(sizeof *revision);
	revision->web = web;
	revision->arena = arena_new();
	revision->current = playbook_current_new(playbook_site_with_pages(web->worker->config, revision->arena), "web");
	return revision;
}

void web_revision_free(struct web_revision *revision)
{
	if (!revision)
		return;
	playbook_current_free(revision->current);
	arena_free(revision->arena);
	free(revision);
}

static void on_active(void *arg, const struct store_revision *stored, const struct error *error)
{
	struct web_revision *revision = arg;
	revision->asking = false;
	if (error)
		return;
	if (stored->activation)
		playbook_current_offer(revision->current, stored->activation, &stored->files);
	revision->known = true;
}

static void on_number(void *arg, json_t *rows, const struct error *error)
{
	struct web_revision *revision = arg;
	int64_t newest = json_integer_value(json_object_get(json_array_get(rows, 0), "activation"));
	revision->asking = !error && newest && newest != playbook_current_activation(revision->current);
	if (revision->asking)
		store_revision_active(revision->web->store, on_active, revision);
	else if (!error)
		revision->known = true;
}

void web_revision_poll(struct web_revision *revision)
{
	if (revision->asking)
		return;
	revision->asking = true;
	store_query(revision->web->store, "activation_now", NULL, 0, on_number, revision);
}

bool web_revision_known(const struct web_revision *revision)
{
	return revision->known;
}

struct playbook *web_playbook(const struct web *web)
{
	return playbook_current_get(web->revision->current);
}

struct edition *web_edition(const struct web *web)
{
	return playbook_current_edition(web->revision->current);
}

const struct schema *web_schema(const struct web *web)
{
	return playbook_current_schema(web->revision->current);
}

const char *web_revision_error(const struct web_revision *revision)
{
	return playbook_current_error(revision->current);
}
