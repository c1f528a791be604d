/* Loading a playbook, stage by stage: the revision's name, the files run (script.c), declarations gathered and checked
 * (build.c, details.c), then read into the structs of playbook.h (build_*.c, flow.c), and the templates compiled. A
 * playbook with an error is never given out. And the look-ups by name. */
#include "playbook/build.h"
#include "playbook/template.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>

static void copy_channels(struct playbook *playbook, const struct playbook_site *site)
{
	struct playbook_private *private = playbook->private;
	size_t n = site ? site->channel_count : 0;
	struct playbook_channel *copy = arena_array(private->arena, n + 1, sizeof *copy);
	for (size_t i = 0; i < n; i++) {
		copy[i].name = arena_dup(private->arena, site->channels[i].name);
		copy[i].kind = arena_dup(private->arena, site->channels[i].kind);
		copy[i].body = arena_dup(private->arena, site->channels[i].body);
	}
	private->channels = copy;
	private->channel_count = n;
}

static struct playbook *new_playbook(const struct playbook_site *site)
{
	struct playbook *playbook = mem_alloc(sizeof *playbook);
	struct arena *arena = arena_new();
	playbook->private = arena_alloc(arena, sizeof *playbook->private);
	playbook->private->arena = arena;
	copy_channels(playbook, site);
	return playbook;
}

/* Reads what the files declare. Order matters: names that others ask for by index come first. */
static void read_all(struct build *b)
{
	build_site(b);
	build_fields(b);
	if (!b->fields_are_sound)
		return; /* whatever names a field would be told wrongly */
	build_forms(b);
	build_order_segments(b);
	build_order_campaigns(b);
	build_models(b);
	build_grades(b);
	build_rules(b);
	build_segments(b);
	build_calls(b);
	build_routes(b);
	build_campaigns(b);
	build_check_second_yes(b);
	build_people_sort(b);
	build_check_circles(b);
	build_check_functions(b);
	build_stories(b);
}

static void print_models(struct build *b)
{
	struct model *models = (struct model *)b->playbook->models;
	for (size_t i = 0; i < b->playbook->model_count; i++)
		models[i].fingerprint = build_fingerprint(b, b->declared[DECLARED_MODEL].items[i].phrase);
	build_account_words(b);
	b->playbook->standing = build_standing_fingerprint(b);
}

struct playbook *playbook_load(const struct playbook_files *files, const struct playbook_site *site,
			       struct problems *problems)
{
	struct playbook *playbook = new_playbook(site);
	static const struct playbook_site nothing_known;
	struct build b = {.playbook = playbook,
			  .arena = playbook->private->arena,
			  .problems = problems,
			  .files = files,
			  .site = site,
			  .context = "",
			  .fields_are_sound = true};
	playbook_files_revision(files, playbook->revision);
	b.scripts = playbook->private->scripts = scripts_load(files, site, b.arena, problems);
	size_t before = problems->errors;
	build_gather(&b);
	if (before == 0) /* a file that did not run leaves names unknown: they would all be told */
		read_all(&b);
	if (problems->errors == 0)
		print_models(&b);
	if (problems->errors == 0 && !(site && site->no_templates && !site->pages))
		playbook->templates = templates_load(playbook, files, site ? site : &nothing_known, problems);
	if (problems->errors == 0)
		playbook->topic_of = template_topics(playbook, files, b.arena), playbook->reply_of = template_replies(files, b.arena);
	if (problems->errors == 0)
		build_switched(&b);
	problems_sort(problems);
	if (problems->errors == 0)
		return playbook;
	playbook_free(playbook);
	return NULL;
}

void playbook_free(struct playbook *playbook)
{
	if (!playbook)
		return;
	templates_free(playbook->templates);
	map_free(playbook->topic_of);
	map_free(playbook->reply_of);
	scripts_free(playbook->private->scripts);
	arena_free(playbook->private->arena);
	free(playbook);
}

/* ---- look-ups that need what is private ---- */

bool playbook_verb_by_lead(const struct playbook *playbook, struct str name)
{
	const struct verb *verb = verb_find(name);
	for (size_t i = 0; !verb && i < playbook->verb_count; i++)
		if (str_is(name, playbook->verbs[i].name))
			return playbook->verbs[i].by_lead;
	return verb && verb->by_lead;
}

static bool is_there(const struct playbook *playbook, struct str kind)
{
	for (size_t i = 0; playbook->as_if && playbook->as_if[i]; i++)
		if (str_is(kind, playbook->as_if[i]))
			return true;
	return !playbook->as_if;
}

const char *playbook_channel_of(const struct playbook *playbook, struct str kind)
{
	if (!is_there(playbook, kind))
		return NULL;
	for (size_t i = 0; i < playbook->private->channel_count; i++)
		if (str_is(kind, playbook->private->channels[i].kind))
			return playbook->private->channels[i].name;
	for (size_t i = 0; playbook->as_if && playbook->as_if[i]; i++)
		if (str_is(kind, playbook->as_if[i]))
			return playbook->as_if[i];
	return NULL;
}

const struct story *playbook_story(const struct playbook *playbook, int handle)
{
	return &playbook->private->stories[handle];
}
