/* Each is one statement with parameters as text (admin_op.h). */
#include "store/imports.h"

#include "store/admin_op.h"

#include "store/imports.sql.h"

void store_import_map_put(struct store *store, const char *name, const json_t *map, moment_t now, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(import_map_put), fn, arg);
	admin_op_text(self, name);
	admin_op_json(self, map);
	admin_op_moment(self, now);
	op_submit(&self->op);
}

void store_import_map_drop(struct store *store, const char *name, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(import_map_drop), fn, arg);
	admin_op_text(self, name);
	admin_op_must_find(self, ERROR_NOT_FOUND, "there is no map of this name.");
	op_submit(&self->op);
}

void store_import_errors_add(struct store *store, int64_t job_id, const json_t *errors, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(import_errors_add), fn, arg);
	admin_op_number(self, job_id);
	admin_op_json(self, errors);
	op_submit(&self->op);
}
