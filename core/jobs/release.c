/* check → the active revision's files (to know whether leads must be looked at again) → clock → publish. */
#include "jobs/release.h"

#include "base/log.h"
#include "base/mem.h"
#include "playbook/files.h"
#include "playbook/site.h"

#include <stdlib.h>

static release_look_fn *look;

void release_set_look(release_look_fn *fn)
{
	look = fn;
}

struct playbook *release_check(const struct config *config, const struct playbook_files *files, struct arena *arena, struct problems *problems,
			       struct story_result *stories)
{
	struct story_result ran = {0};
	const struct playbook_site *site = playbook_site_of(config, arena);
	struct playbook *playbook = playbook_load(files, site, problems);
	if (playbook)
		playbook_try(playbook, problems);
	if (playbook && problems->errors == 0) /* else each story would tell the same */
		ran = turn_stories(playbook, problems);
	if (playbook && look)
		look(config, files, problems);
	if (stories)
		*stories = ran;
	if (problems->errors == 0)
		return playbook;
	problems_sort(problems);
	playbook_free(playbook);
	return NULL;
}

/* ---- what changed ---- */

static bool decides(const char *path)
{
	struct str s = str_of(path);
	return str_ends(s, STR(".lua")) && !str_starts(s, STR("tests/"));
}

static const struct playbook_file *next_deciding(const struct playbook_files *files, size_t *i)
{
	while (*i < files->count && !decides(files->files[*i].path))
		++*i;
	return *i < files->count ? &files->files[(*i)++] : NULL;
}

bool release_needs_rescore(const struct playbook_files *before, const struct playbook_files *after)
{
	size_t i = 0, k = 0;
	for (;;) {
		const struct playbook_file *a = next_deciding(before, &i), *b = next_deciding(after, &k);
		if (!a || !b)
			return a != b;
		if (strcmp(a->path, b->path) != 0 || !str_same(a->bytes, b->bytes))
			return true;
	}
}

/* ---- publishing ---- */

struct publishing {
	struct release release;
	struct publish publish;
	struct arena *arena;
	char revision[HASH_HEX];
};

static const char *const *step_names(const struct playbook *playbook, struct arena *arena, size_t *count)
{
	const char **names = NULL;
	size_t room = 0;
	*count = 0;
	for (size_t i = 0; i < playbook->campaign_count; i++) {
		const struct campaign *campaign = &playbook->campaigns[i];
		for (size_t k = 0; k < campaign->step_count; k++) {
			const struct step *step = &campaign->steps[k];
			*(const char **)arena_push(arena, &names, (*count)++, &room, sizeof *names) = arena_printf(arena, "%s/%s", campaign->name, step->name);
			for (size_t w = 0; w < step->was_count; w++)
				*(const char **)arena_push(arena, &names, (*count)++, &room, sizeof *names) =
					arena_printf(arena, "%s/%s", campaign->name, step->was[w]);
		}
	}
	return names;
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *asset_rows(const struct playbook *playbook)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < playbook->asset_count; i++) {
		const struct asset *asset = &playbook->assets[i];
		json_array_append_new(rows, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "name", asset->name, "title",
						      asset->title ? asset->title : asset->name, "kind", text_or_null(asset->kind), "topic",
						      text_or_null(asset->topic), "buying_stage", text_or_null(asset->buying_stage), "url",
						      text_or_null(asset->url), "file", text_or_null(asset->file)));
	}
	return rows;
}

static void on_published(void *arg, const struct published *published, const struct error *error)
{
	struct publishing *p = arg;
	struct release release = p->release;
	json_decref(p->publish.assets);
	arena_free(p->arena);
	free(p);
	release.fn(release.arg, published, error);
}

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	static const struct published none;
	struct publishing *p = arg;
	if (error) {
		on_published(p, &none, error);
		return;
	}
	p->publish.now = clock_domain(clock, real_now());
	store_publish(p->release.store, &p->publish, on_published, p);
}

static void on_active(void *arg, const struct store_revision *active, const struct error *error)
{
	static const struct published none;
	static const struct playbook_files no_files;
	struct publishing *p = arg;
	if (error && error->code != ERROR_NOT_FOUND) {
		on_published(p, &none, error);
		return;
	}
	p->publish.rescore = release_needs_rescore(active && active->activation ? &active->files : &no_files, p->release.files);
	store_clock_read(p->release.store, on_clock, p);
}

void release_publish(const struct release *release)
{
	struct publishing *p = mem_alloc(sizeof *p);
	const struct playbook *playbook = release->playbook;
	p->release = *release;
	p->arena = arena_new();
	playbook_files_revision(release->files, p->revision);
	p->publish = (struct publish){.revision = p->revision, .name = playbook->name ? playbook->name : "playbook", .author = release->author,
		.message = release->message, .actor = release->actor, .node = release->node, .files = *release->files, .expected = release->expected,
		.hold = release->hold, .switch_on = release->switch_on, .assets = asset_rows(playbook)};
	p->publish.steps = step_names(playbook, p->arena, &p->publish.step_count);
	store_revision_active(release->store, on_active, p);
}
