/* An operation that is one statement with parameters as text and one small answer: made, given its parameters, submitted. Inside the room only, for what
 * commands, the jobs role, imports and people ask (admin.c, imports.c, people.c). */
#ifndef NURTURE_STORE_ADMIN_OP_H
#define NURTURE_STORE_ADMIN_OP_H

#include "store/admin.h"
#include "store/op.h"

enum { ADMIN_PARAMS = 10 };

struct admin_op {
	struct op op;
	struct statement statement;
	const char *params[ADMIN_PARAMS];
	size_t count;
	const char *missing;      /* message when no row comes back; NULL = that is fine */
	enum error_code missing_code;
	bool found;
	int64_t number;           /* first column of the row */
	json_t *rows;             /* where the answer is JSON */
	bool is_json;
	void (*answer)(struct admin_op *self, const struct error *error);
	union {
		store_done_fn *done;
		store_id_fn *id;
		store_rows_fn *rows;
		store_job_fn *job;
		store_walk_fn *walk;
	} fn;
	void *arg;
};

/* answer and fn are the caller's to set, or those of a done, an id (the first column), rows (JSON in the first column). */
struct admin_op *admin_op_new(struct store *store, struct statement statement, void *arg);
struct admin_op *admin_op_done(struct store *store, struct statement statement, store_done_fn *fn, void *arg);
struct admin_op *admin_op_id(struct store *store, struct statement statement, store_id_fn *fn, void *arg);
struct admin_op *admin_op_rows(struct store *store, struct statement statement, store_rows_fn *fn, void *arg);
/* The next parameter, copied; a text may be NULL. */
void admin_op_text(struct admin_op *self, const char *text);
void admin_op_number(struct admin_op *self, int64_t number);
void admin_op_moment(struct admin_op *self, moment_t moment);
void admin_op_json(struct admin_op *self, const json_t *json);
/* What is said when no row comes back; message lives for ever. */
void admin_op_must_find(struct admin_op *self, enum error_code code, const char *message);

#endif
