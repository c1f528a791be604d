/* What posted.c and preview_job.c share: {"path": "text"} or, for files that are no text, {"path": {"base64": "…"}} → files, and problems → JSON. */
#include "jobs/posted_files.h"

#include "playbook/files.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MOST = 400, FILE_MOST = 4 * 1024 * 1024, PROBLEMS_MOST = 200 };

json_t *posted_problems(const struct problems *problems)
{
	json_t *list = json_array();
	for (size_t i = 0; i < problems->count && i < PROBLEMS_MOST; i++) {
		const struct problem *q = &problems->items[i];
		json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:s, s:s}", "kind", q->kind == PROBLEM_ERROR ? "error" : "note", "file",
						      q->at.file ? q->at.file : "", "line", q->at.line, "context", q->context ? q->context : "", "message",
						      q->message));
	}
	return list;
}

static bool good_path(const char *path)
{
	struct str rest = str_of(path);
	if (!rest.n || rest.n > PATH_MOST || !str_is_text(rest) || path[0] == '/')
		return false;
	while (rest.p) {
		struct str part = str_cut(&rest, '/');
		if (!part.n || part.p[0] == '.')
			return false;
	}
	return true;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct playbook_file *)a)->path, ((const struct playbook_file *)b)->path);
}

/* p NULL: it is neither. */
static struct str bytes_of(json_t *given, struct arena *arena)
{
	const char *text = json_string_value(json_object_get(given, "base64"));
	size_t n = text ? strlen(text) : 0, got = 0;
	if (json_is_string(given))
		return (struct str){json_string_value(given), json_string_length(given)};
	char *bytes = text && json_object_size(given) == 1 ? arena_alloc(arena, n + 1) : NULL;
	if (!bytes || sodium_base642bin((unsigned char *)bytes, n + 1, text, n, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL))
		return (struct str){NULL, 0};
	return (struct str){bytes, got};
}

const char *posted_files(json_t *given, struct arena *arena, struct playbook_files *out)
{
	const char *path;
	json_t *bytes;
	struct playbook_file *files = arena_array(arena, json_object_size(given) + 1, sizeof *files);
	size_t n = 0;
	json_object_foreach(given, path, bytes) {
		struct str file = bytes_of(bytes, arena);
		if (!good_path(path) || !file.p || file.n > FILE_MOST || n == PLAYBOOK_FILES_MAX)
			return path;
		files[n++] = (struct playbook_file){path, file};
	}
	qsort(files, n, sizeof *files, by_path);
	*out = (struct playbook_files){.files = files, .count = n};
	return NULL;
}
