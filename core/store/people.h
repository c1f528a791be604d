/* People who work with the system, and their sessions: table `person`, table `session`. Asked by `nurture user …` and by web when somebody signs in.
 *
 * A session is good while its epoch is its person's. Whatever changes a password, a role or an account raises the person's epoch and takes the
 * sessions away in the same transaction: none outlives it, also none that is being made meanwhile. Each change leaves a row in `audit`.
 * Lists come from store_query: `persons`, `person_get`, `person_sessions`, `login_find`, `session_find`. Times are machine time. */
#ifndef NURTURE_STORE_PEOPLE_H
#define NURTURE_STORE_PEOPLE_H

#include "base/hash.h"
#include "store/admin.h"

extern const char *const store_person_roles[]; /* NULL ends: agent, supervisor, owner, marketing, admin */

struct store_person {
	const char *name;
	const char *email;    /* NULL = not known */
	const char *role;     /* of store_person_roles */
	const char *password; /* argon2id (base/password.h); NULL = cannot sign in */
};
void store_person_add(struct store *store, const struct store_person *person, store_id_fn *fn, void *arg); /* ERROR_CONFLICT: the name is taken */

/* What changes: each ends all sessions of that person. by: who does it, for the audit; NULL = the connection. ERROR_NOT_FOUND. */
void store_person_role(struct store *store, const char *name, const char *role, store_done_fn *fn, void *arg);
void store_person_password(struct store *store, const char *name, const char *password, const char *by, store_done_fn *fn, void *arg);
void store_person_disable(struct store *store, const char *name, bool disabled, store_done_fn *fn, void *arg);
void store_person_remove(struct store *store, const char *name, store_done_fn *fn, void *arg);
/* Ends sessions: of that number, or with 0 all of that person's; the id is how many. */
void store_sessions_end(struct store *store, const char *name, int64_t session_id, store_id_fn *fn, void *arg);

enum { STORE_SESSIONS_MOST = 20 }; /* of one person at once: the oldest give way */
struct store_session {
	const unsigned char *hash; /* HASH_SHA256 bytes */
	const unsigned char *old;  /* of the session that the same browser had, which ends; NULL = none */
	int64_t person_id;
	int64_t epoch;             /* as it was when the password was looked at: ERROR_CONFLICT when it is another now */
	int64_t life_s;            /* seconds until it ends, whatever is done with it */
	const char *address, *agent; /* where it was begun from */
	const char *by;            /* for the audit */
};
void store_session_begin(struct store *store, const struct store_session *session, store_id_fn *fn, void *arg);
void store_session_seen(struct store *store, int64_t session_id, store_done_fn *fn, void *arg);
void store_session_end(struct store *store, int64_t session_id, const char *by, store_done_fn *fn, void *arg); /* also when it is not there */

#endif
