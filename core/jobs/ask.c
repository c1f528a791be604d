/* One question, one answer. */
#include "jobs/ask.h"

#include "store/revision.h"

static const int64_t EVER = INT64_MAX / 4;

void ask_on_done(void *arg, const struct error *error)
{
	struct ask *answer = arg;
	answer->done = true;
	if (error)
		answer->error = *error;
}

void ask_on_id(void *arg, int64_t id, const struct error *error)
{
	(void)id;
	ask_on_done(arg, error);
}

void ask_on_rows(void *arg, json_t *rows, const struct error *error)
{
	((struct ask *)arg)->rows = error ? NULL : json_incref(rows);
	ask_on_done(arg, error);
}

void ask_on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	if (!error)
		((struct ask *)arg)->now = clock_domain(clock, real_now());
	ask_on_done(arg, error);
}

int ask_wait(struct loop *loop, struct ask *answer, struct error *error)
{
	while (!store_wait(loop, &answer->done, EVER))
		;
	answer->done = false;
	if (answer->error.code)
		*error = answer->error;
	return answer->error.code ? -1 : 0;
}

json_t *ask_query(struct loop *loop, struct store *store, const char *name, const char *const *params, size_t count, struct error *error)
{
	struct ask answer = {0};
	store_query(store, name, params, count, ask_on_rows, &answer);
	return ask_wait(loop, &answer, error) ? NULL : answer.rows;
}

int ask_now(struct loop *loop, struct store *store, moment_t *now, struct error *error)
{
	struct ask answer = {0};
	store_clock_read(store, ask_on_clock, &answer);
	if (ask_wait(loop, &answer, error))
		return -1;
	*now = answer.now;
	return 0;
}

/* ---- the active playbook ---- */

struct asked_playbook {
	struct ask answer; /* first */
	struct playbook_current *current;
	struct arena *arena;
	struct playbook_files *files; /* NULL = they are not wanted */
};

static void keep_files(struct asked_playbook *asked, const struct playbook_files *from)
{
	struct playbook_file *files = arena_array(asked->arena, from->count + 1, sizeof *files);
	for (size_t i = 0; i < from->count; i++)
		files[i] = (struct playbook_file){arena_dup(asked->arena, from->files[i].path), arena_str(asked->arena, from->files[i].bytes)};
	*asked->files = (struct playbook_files){.files = files, .count = from->count};
}

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct asked_playbook *asked = arg;
	if (!error && revision->activation) {
		if (asked->files)
			keep_files(asked, &revision->files);
		playbook_current_offer(asked->current, revision->activation, &revision->files);
	}
	ask_on_done(&asked->answer, error);
}

int ask_playbook(struct loop *loop, struct store *store, struct playbook_current *current, struct arena *arena, struct playbook_files *files, struct error *error)
{
	struct asked_playbook asked = {.current = current, .arena = arena, .files = files};
	store_revision_active(store, on_revision, &asked);
	return ask_wait(loop, &asked.answer, error);
}
