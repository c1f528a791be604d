/* What posted.c and preview_job.c share: {"path": "text"} → files, and problems → JSON. */
#include "jobs/posted_files.h"

#include "playbook/files.h"

#include <stdlib.h>

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

const char *posted_files(json_t *given, struct arena *arena, struct playbook_files *out)
{
	const char *path;
	json_t *bytes;
	struct playbook_file *files = arena_array(arena, json_object_size(given) + 1, sizeof *files);
	size_t n = 0;
	json_object_foreach(given, path, bytes) {
		if (!good_path(path) || !json_is_string(bytes) || json_string_length(bytes) > FILE_MOST || n == PLAYBOOK_FILES_MAX)
			return path;
		files[n++] = (struct playbook_file){path, {json_string_value(bytes), json_string_length(bytes)}};
	}
	qsort(files, n, sizeof *files, by_path);
	*out = (struct playbook_files){.files = files, .count = n};
	return NULL;
}
