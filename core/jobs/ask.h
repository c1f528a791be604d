/* Waiting for one answer of the database, where there is nothing else to do meanwhile: in children of the jobs worker and in commands.
 *
 * The answer is put into a struct on the caller's stack. So it is waited for until it comes, as the store always gives one, be it that it gave up (store.h). */
#ifndef NURTURE_JOBS_ASK_H
#define NURTURE_JOBS_ASK_H

#include "base/arena.h"
#include "playbook/current.h"
#include "store/store.h"

struct ask {
	bool done;
	struct error error;
	json_t *rows;  /* of ask_on_rows: the caller's reference */
	moment_t now;  /* of ask_on_clock: domain time */
};

/* What the store calls; arg is a struct ask. */
void ask_on_done(void *arg, const struct error *error);
void ask_on_id(void *arg, int64_t id, const struct error *error); /* the id is nobody's matter */
void ask_on_rows(void *arg, json_t *rows, const struct error *error);
void ask_on_clock(void *arg, const struct clock *clock, const struct error *error);
/* -1 with *error when it was one. answer may be used again. */
int ask_wait(struct loop *loop, struct ask *answer, struct error *error) MUST_USE;

/* Rows of a named statement, or NULL with *error. */
json_t *ask_query(struct loop *loop, struct store *store, const char *name, const char *const *params, size_t count, struct error *error) MUST_USE;
int ask_now(struct loop *loop, struct store *store, moment_t *now, struct error *error) MUST_USE;
/* Offers the active revision to `current`, which has none when none is published; files, if they are wanted, are copied into arena. */
int ask_playbook(struct loop *loop, struct store *store, struct playbook_current *current, struct arena *arena, struct playbook_files *files,
		 struct error *error) MUST_USE;

#endif
