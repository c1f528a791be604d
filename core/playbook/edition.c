/* Loading an activated revision, and letting it go when nobody uses it any more. */
#include "playbook/edition.h"

#include "base/mem.h"
#include "playbook/site.h"

#include <stdlib.h>

static struct playbook_files copy_files(const struct playbook_files *files, struct arena *arena)
{
	struct playbook_file *copies = arena_array(arena, files->count + 1, sizeof *copies);
	for (size_t i = 0; i < files->count; i++)
		copies[i] = (struct playbook_file){arena_dup(arena, files->files[i].path), arena_str(arena, files->files[i].bytes)};
	return (struct playbook_files){copies, files->count};
}

static int64_t longest_cap(const struct playbook *playbook)
{
	int64_t longest = MOMENT_DAY;
	for (size_t i = 0; i < playbook->cap_count; i++) {
		int64_t window = duration_micros(playbook->caps[i].within);
		longest = window > longest ? window : longest;
	}
	return longest;
}

struct edition *edition_load(const struct playbook_files *files, const struct config *config, int64_t activation, char **problems_out)
{
	struct arena *arena = arena_new(), *texts = arena_new();
	struct problems problems = {.arena = texts};
	struct playbook_files copies = copy_files(files, arena);
	struct playbook *playbook = playbook_load(&copies, playbook_site_of(config, arena), &problems);
	*problems_out = playbook ? NULL : problems_text(&problems);
	arena_free(texts);
	if (!playbook) {
		arena_free(arena);
		return NULL;
	}
	struct edition *edition = mem_alloc(sizeof *edition);
	*edition = (struct edition){.playbook = playbook, .activation = activation, .longest_cap = longest_cap(playbook), .arena = arena, .refs = 1};
	return edition;
}

struct edition *edition_ref(struct edition *edition)
{
	edition->refs++;
	return edition;
}

void edition_unref(struct edition *edition)
{
	if (!edition || --edition->refs > 0)
		return;
	playbook_free(edition->playbook);
	arena_free(edition->arena);
	free(edition);
}
