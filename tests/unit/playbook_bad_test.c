/* Every file of tests/data/playbooks/bad, checked together with the sound playbook beside it, is told exactly what the
 * lines
 * `--> LINE: CONTEXT: MESSAGE` at its end say: nothing less, and nothing more. */
#include "unit/check_main.h"
#include "unit/playbook_folder.h"

#include "base/buf.h"

#define DATA NURTURE_SOURCE "/tests/data/playbooks/"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The expected lines, sorted; and the path that `--@ PATH` in the first line gives. */
static size_t expected(struct arena *arena, struct str bytes, char **out, const char **path)
{
	size_t n = 0;
	for (struct str rest = bytes; rest.p;) {
		struct str line = str_cut(&rest, '\n');
		if (str_starts(line, STR("--@ ")))
			*path = arena_dup_n(arena, line.p + 4, line.n - 4);
		if (str_starts(line, STR("--> ")) && n < 100)
			out[n++] = arena_dup_n(arena, line.p + 4, line.n - 4);
	}
	qsort(out, n, sizeof *out, by_text);
	return n;
}

static size_t told(struct arena *arena, const struct problems *problems, const char *path, char **out)
{
	size_t n = 0;
	for (size_t i = 0; i < problems->count && n < 100; i++) {
		const struct problem *p = &problems->items[i];
		const char *elsewhere = strcmp(p->at.file, path) == 0 ? "" : arena_printf(arena, "%s:", p->at.file);
		out[n++] = arena_printf(arena, "%s%d: %s%s%s%s", elsewhere, p->at.line, p->context,
					*p->context ? ": " : "", p->kind == PROBLEM_NOTE ? "note: " : "", p->message);
	}
	qsort(out, n, sizeof *out, by_text);
	return n;
}

static void join(struct buf *text, char *const *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(text, "--> %s\n", lines[i]);
}

/* false, and both printed, when they differ. */
static bool check_file(const char *name)
{
	struct folder folder = {.arena = arena_new()};
	struct problems problems = {.arena = folder.arena};
	char *want[100] = {0}, *have[100] = {0};
	const char *path = arena_printf(folder.arena, "segments/%s", name);
	struct str bytes = folder_read(folder.arena, arena_printf(folder.arena, DATA "bad/%s", name));
	size_t wanted = expected(folder.arena, bytes, want, &path);
	folder_walk(&folder, DATA "base", "");
	folder_put(&folder, path, bytes);
	struct playbook_files files = folder_files(&folder);
	struct playbook *playbook = playbook_load(&files, folder_site(), &problems);
	size_t said = told(folder.arena, &problems, path, have);
	struct buf a = {0}, b = {0};
	join(&a, want, wanted);
	join(&b, have, said);
	bool same = wanted > 0 && str_same(buf_str(&a), buf_str(&b)) && (playbook != NULL) == (problems.errors == 0);
	if (!same)
		printf("%s: expected\n%sbut was told\n%s\n", name, a.p ? a.p : "", b.p ? b.p : "");
	buf_fini(&a);
	buf_fini(&b);
	playbook_free(playbook);
	arena_free(folder.arena);
	return same;
}

START_TEST(every_bad_playbook_is_told_what_is_wrong_and_nothing_else)
{
	int wrong = 0, count = 0;
	DIR *dir = opendir(DATA "bad");
	ck_assert_ptr_nonnull(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		wrong += !check_file(entry->d_name);
	}
	closedir(dir);
	ck_assert_int_gt(count, 40);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

START_TEST(the_sound_playbook_has_no_problem)
{
	struct folder folder = {.arena = arena_new()};
	struct problems problems = {.arena = folder.arena};
	folder_walk(&folder, DATA "base", "");
	struct playbook_files files = folder_files(&folder);
	struct playbook *playbook = playbook_load(&files, folder_site(), &problems);
	char *text = problems_text(&problems);
	ck_assert_msg(playbook && problems.count == 0, "%s", text);
	free(text);
	playbook_free(playbook);
	arena_free(folder.arena);
}
END_TEST

START_TEST(at_most_twenty_problems_are_shown)
{
	struct problems problems = {.arena = arena_new()};
	for (int i = 0; i < 33; i++)
		problems_add(&problems, PROBLEM_ERROR, (struct place){"a.lua", 40 - i}, "step \"x\"", "wrong %d", i);
	problems_sort(&problems);
	char *text = problems_text(&problems);
	ck_assert_ptr_nonnull(strstr(text, "a.lua:8: step \"x\": wrong 32\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nand 13 more\n"));
	free(text);
	arena_free(problems.arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(every_bad_playbook_is_told_what_is_wrong_and_nothing_else),
	UNIT(the_sound_playbook_has_no_problem),
	UNIT(at_most_twenty_problems_are_shown),
};
UNIT_MAIN("playbook/bad", cases)
