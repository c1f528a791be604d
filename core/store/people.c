/* People and sessions: each operation is one statement (people.sql) and one small answer. */
#include "store/people.h"

#include "store/admin_op.h"

#include "store/people.sql.h"

const char *const store_person_roles[] = {"agent", "supervisor", "owner", "marketing", "admin", NULL};

static const char NOBODY[] = "there is no person of this name (nurture user list).";

void store_person_add(struct store *store, const struct store_person *person, store_id_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_id(store, STATEMENT(person_add), fn, arg);
	admin_op_must_find(self, ERROR_CONFLICT, "there is a person of this name already.");
	admin_op_text(self, person->name);
	admin_op_text(self, person->email);
	admin_op_text(self, person->role);
	admin_op_text(self, person->password);
	op_submit(&self->op);
}

static struct admin_op *change(struct store *store, struct statement statement, const char *name, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, statement, fn, arg);
	admin_op_must_find(self, ERROR_NOT_FOUND, NOBODY);
	admin_op_text(self, name);
	return self;
}

void store_person_role(struct store *store, const char *name, const char *role, store_done_fn *fn, void *arg)
{
	struct admin_op *self = change(store, STATEMENT(person_role), name, fn, arg);
	admin_op_text(self, role);
	op_submit(&self->op);
}

void store_person_password(struct store *store, const char *name, const char *password, const char *by, store_done_fn *fn, void *arg)
{
	struct admin_op *self = change(store, STATEMENT(person_password), name, fn, arg);
	admin_op_text(self, password);
	admin_op_text(self, by);
	op_submit(&self->op);
}

void store_person_disable(struct store *store, const char *name, bool disabled, store_done_fn *fn, void *arg)
{
	struct admin_op *self = change(store, STATEMENT(person_disable), name, fn, arg);
	admin_op_text(self, disabled ? "true" : "false");
	op_submit(&self->op);
}

void store_person_remove(struct store *store, const char *name, store_done_fn *fn, void *arg)
{
	op_submit(&change(store, STATEMENT(person_remove), name, fn, arg)->op);
}

void store_sessions_end(struct store *store, const char *name, int64_t session_id, store_id_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_id(store, STATEMENT(sessions_end), fn, arg);
	admin_op_must_find(self, ERROR_NOT_FOUND, NOBODY);
	admin_op_text(self, name);
	admin_op_number(self, session_id);
	op_submit(&self->op);
}

void store_session_begin(struct store *store, const struct store_session *session, store_id_fn *fn, void *arg)
{
	char hex[HASH_HEX], old[HASH_HEX];
	struct admin_op *self = admin_op_id(store, STATEMENT(session_begin), fn, arg);
	admin_op_must_find(self, ERROR_CONFLICT, "this person was changed just now: sign in again.");
	admin_op_text(self, hash_hex(session->hash, HASH_SHA256, hex));
	admin_op_text(self, session->old ? hash_hex(session->old, HASH_SHA256, old) : NULL);
	admin_op_number(self, session->person_id);
	admin_op_number(self, session->epoch);
	admin_op_number(self, session->life_s);
	admin_op_text(self, session->address);
	admin_op_text(self, session->agent);
	admin_op_number(self, STORE_SESSIONS_MOST - 1); /* and the new one */
	admin_op_text(self, session->by);
	op_submit(&self->op);
}

void store_session_seen(struct store *store, int64_t session_id, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(session_seen), fn, arg);
	admin_op_number(self, session_id);
	op_submit(&self->op);
}

void store_session_end(struct store *store, int64_t session_id, const char *by, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_done(store, STATEMENT(session_end), fn, arg);
	admin_op_number(self, session_id);
	admin_op_text(self, by);
	op_submit(&self->op);
}
