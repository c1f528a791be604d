/* One transaction of the intake: a group of requests. Inside the room only. */
#ifndef NURTURE_STORE_INTAKE_GROUP_H
#define NURTURE_STORE_INTAKE_GROUP_H

#include "store/event_write.h"
#include "store/intake.h"
#include "store/op.h"

/* Called once, with the requests as given; `again`: nothing is wrong with them, another transaction was in the way (deadlock). */
typedef void intake_group_fn(struct store *store, struct intake **requests, size_t count, const struct error *error, bool again);
/* Commits all of the requests, or none. `requests` is copied; the oldest of them waits since `since`. */
void intake_group_submit(struct store *store, struct intake *const *requests, size_t count, mono_t since, intake_group_fn *fn);

/* The same of single events, each alone in its request (intake_once.c). It takes them all, or none, but for those that it has `left`: without `makes`, which
 * costs more, these are also the events of leads that are new. */
typedef void intake_once_fn(struct store *store, struct intake **requests, size_t count, bool makes, const struct error *error, bool again);
void intake_once_submit(struct store *store, struct intake *const *requests, size_t count, bool makes, mono_t since, intake_once_fn *fn);
bool intake_is_single(const struct intake *intake);

/* ---- whom the requests mean (intake_names.c) ---- */

/* A name that some event gives its lead; distinct ones, sorted. */
struct intake_name {
	const char *kind;
	struct str value;
	bool create;
	int64_t lead_id;
	struct str second;   /* beside an address: the id in another system that came with it; "" = none */
	int64_t owner;       /* the lead that gets the address, where nobody has it; its lock is held. 0 = a new one */
	int64_t whose;       /* the answer to identity_whose; 0 = nobody's address changes */
	bool anonymous;      /* the answer for a cookie: its lead has no name yet */
	struct str visitor;  /* who came with it, once in a group; "" = nobody */
	enum intake_proof proof;
};
/* A visitor, and the name that came with it first, if one did. Distinct ones, sorted by number. */
struct intake_visitor {
	struct intake_name self;        /* kind cookie */
	const struct intake_name *name; /* or NULL */
	int64_t lead_id;                /* or 0 */
	enum intake_proof proof;        /* of the name or lead_id */
	int64_t login;                  /* who logged in there last; 0 = nobody */
	moment_t said_at;               /* of the login */
	struct str told;
};
struct intake_names {
	struct intake_name *names; size_t name_count;
	struct intake_visitor *visitors; size_t visitor_count;
	struct intake_name **asked;   size_t asked_count; /* those with a second name */
	int64_t *leads;            size_t lead_count; /* that are named by id; sorted, distinct */
	int64_t *found;            /* whom these mean; 0 = nobody */
};
int intake_name_compare(const void *a, const void *b); /* the one order in which everybody writes names */
void intake_names_gather(struct intake_names *names, struct intake **requests, size_t count, struct arena *arena);
/* Whose address would change by a second name (tag_whose); new names with their bare leads; whom all names mean. Each sends nothing when there is nothing. */
void intake_names_whose(struct op *op, struct intake_names *names, struct arena *arena, int tag);
void intake_names_whose_rows(const struct intake_names *names, const PGresult *rows);
void intake_names_put_owners(struct params *p, const struct intake_names *names); /* of all that may be made, as one array */
void intake_names_make(struct op *op, const struct intake_names *names, moment_t now, int tag);
void intake_names_ask(struct op *op, const struct intake_names *names, int tag_names, int tag_leads);
void intake_names_rows(const struct intake_names *names, const PGresult *rows); /* the answer to tag_names */
int64_t intake_names_of(const struct intake_names *names, const struct intake_event *event); /* 0 = nobody */
int64_t intake_names_lead(const struct intake_names *names, int64_t lead_id);
struct intake_name *intake_names_find(const struct intake_names *names, struct intake_name wanted); /* or NULL */
bool intake_readdresses(const struct intake_event *event); /* a new address of a lead that is known by id */
bool intake_brings_two(const struct intake_event *event);  /* an address and the id in another system, and no lead */
bool intake_is_named(const struct intake_event *event); /* by a name; not by id, nor only by its visitor */
struct intake_name intake_names_name(const struct intake_event *event); /* "" = it has none */

/* ---- keys (intake_keys.c): `at` is an event's place in the order of EACH_EVENT ---- */

struct intake_key {
	struct str hash;
	bool is_new, wanted, claimed, used;
};
struct intake_keys {
	struct intake_key *keys; size_t count; /* distinct ones, sorted */
	struct str *hashes;                    /* of each event's; "" = it has none */
};
struct str intake_key_hash(struct str key, struct arena *arena); /* what is kept of a key */
/* Writes them: those that are new are in the answer to tag. Nothing is sent when there is none. */
void intake_keys_ask(struct op *op, struct intake_keys *keys, struct intake **requests, size_t count, int tag);
void intake_keys_rows(const struct intake_keys *keys, const PGresult *rows);
void intake_keys_want(const struct intake_keys *keys, size_t at); /* its lead is there */
bool intake_keys_claim(const struct intake_keys *keys, size_t at); /* of an event that has one: true for the first of those whose lead is there, when it was not seen */
bool intake_keys_drop(struct op *op, const struct intake_keys *keys); /* those that nobody wants; false: nothing is sent */
bool intake_keys_use(const struct intake_keys *keys, size_t at); /* of an event that has one: false when it was seen */

/* ---- visitors (intake_visitors.c) ---- */

void intake_visitors_gather(struct intake_names *names, struct intake **requests, size_t count, struct arena *arena);
/* Before the names are made: visitors that are new. Nothing is sent when there is none. */
void intake_visitors_make(struct op *op, const struct intake_names *names, moment_t now);
/* Instead of identity_insert: new names, with visitors who came with them. */
void intake_visitors_name(struct op *op, const struct intake_names *names, moment_t now, int tag);
/* After the names are made: anonymous visitors of known names; what was told with them. */
void intake_visitors_join(struct op *op, const struct intake_names *names, moment_t now);
/* After the events are written: the browsers in which somebody logged in are theirs. What else of such a browser is in the group stays with whom it was, so
 * a login is never about what was before it. Nothing is sent when there is none. */
void intake_visitors_login(struct op *op, const struct intake_names *names);
const struct intake_name *intake_visitors_of(const struct intake_names *names, const struct intake_event *event); /* or NULL */

/* ---- permissions (intake_consents.c) ---- */

struct intake_consents {
	struct intake_consent **withdrawals, **confirmations;
	size_t withdrawal_count, confirmation_count;
	struct event_list overs; /* what the turns must know of touches that were stopped */
};
/* First of all: nothing of it may be overtaken, or overtake. Nothing is sent when there is nothing to lock. */
void intake_consents_lock(struct op *op, struct intake **requests, size_t count);
/* The leads are known: true when one is another's by now, whose lock is to be held too. All begins again then. */
bool intake_consents_elsewhere(struct op *op, const struct intake_names *names, struct intake **requests, size_t count);
/* Before events are written, for some tell of it. false: nothing is sent. */
bool intake_consents_confirm(struct op *op, struct intake_consents *self, const struct intake_names *names, struct intake **requests, size_t count, int tag);
void intake_consents_confirmed_rows(struct intake_consents *self, const PGresult *rows);
/* After them: all others, and the touches that they stop. */
void intake_consents_write(struct op *op, struct intake_consents *self, const struct intake_names *names, struct intake **requests, size_t count, int tag);
void intake_consents_cancelled_rows(struct op *op, struct intake_consents *self, const PGresult *rows, moment_t now);

#define EACH_EVENT(requests, count, r, e)                                           \
	for (size_t r##_i = 0; r##_i < (count); r##_i++)                            \
		for (struct intake *r = (requests)[r##_i]; r; r = NULL)             \
			for (struct intake_event *e = r->events, *e##_end = e + r->event_count; e && e < e##_end; e++)
#define EACH_CONSENT(requests, count, r, c)                                         \
	for (size_t r##_i = 0; r##_i < (count); r##_i++)                            \
		for (struct intake *r = (requests)[r##_i]; r; r = NULL)             \
			for (struct intake_consent *c = r->consents, *c##_end = c + r->consent_count; c && c < c##_end; c++)

#endif
