/* The playbook's truth: revisions, their files, activations (DESIGN section 5). */
#ifndef NURTURE_STORE_REVISION_H
#define NURTURE_STORE_REVISION_H

#include "model/files.h"
#include "store/admin.h"
#include "store/store.h"

struct store_revision {
	char revision[65];
	int64_t activation;          /* 0 = none published yet */
	struct playbook_files files; /* empty when only the number was asked; with what of them is switched off */
};
typedef void store_revision_fn(void *arg, const struct store_revision *revision, const struct error *error); /* borrowed */
/* The active one with its files. */
void store_revision_active(struct store *store, store_revision_fn *fn, void *arg);
/* A past one by its hash or an unambiguous beginning of it (at least 4 digits). */
void store_revision_get(struct store *store, const char *revision, store_revision_fn *fn, void *arg);

struct publish {
	const char *revision, *name, *author, *message;
	const char *actor;           /* for the audit; NULL = the name of the connection */
	struct playbook_files files;
	/* what it declares, for tables and the stranding check */
	const char *const *steps; size_t step_count;     /* "campaign/step" of all steps, old names (`was`) included */
	json_t *assets;              /* array of {name, title, kind, topic, buying_stage, url, file} */
	bool rescore;                /* all leads are scored again */
	const char *expected;        /* the revision that is active when this is published, else ERROR_CONFLICT; NULL = whichever */
	bool hold;                   /* park stranded enrollments instead of refusing */
	const char *node;            /* worker_place() of a node that publishes its folder at its first start: what others' folders were refused for stands, where this is the active one
				      * already; NULL = it is taken back */
	bool switch_on;              /* what workers died in is on again, and leads are looked at again: also when the revision is the active one */
	moment_t now;
};
/* Stores files (if new), checks for stranded enrollments under an advisory lock (ERROR_CONFLICT, message 49, all of them in the message), activates.
 * The same revision as the active one: no new activation, ok. */
struct published {
	int64_t activation;          /* the active one now */
	bool changed;                /* false: this revision was the active one already */
	int64_t parked;              /* enrollments that stand on steps which are gone (hold) */
	int64_t parked_before;       /* those of steps that were gone with an earlier one, and are so still */
};
/* What it points to lives until fn; published is borrowed, zeros on error. */
typedef void store_publish_fn(void *arg, const struct published *published, const struct error *error);
void store_publish(struct store *store, const struct publish *publish, store_publish_fn *fn, void *arg);
/* What `nurture status` and /v1/playbook say of the playbook. Each writer of each node has its own, and takes back its own alone; another revision that becomes active takes back
 * all of them. All is copied. */
struct publish_error {
	const char *writer;          /* "folder": it was not published; "engine": the active revision does not load; "active": it runs, and a publish would refuse it */
	const char *node;            /* worker_place() */
	const char *source;          /* of a folder its path; else NULL */
	int64_t activation;          /* that it is said of, and it holds no longer than that; 0 = of a folder */
	const char *problems;        /* NULL = there are none (any more) */
};
void store_publish_error(struct store *store, const struct publish_error *error, store_done_fn *fn, void *arg);
/* Begins a walk over all leads (migration 0022), as publishing with `rescore` does, and has the people of all accounts counted again; gives its job. Engines walk their shards; one that
 * was not over is ended: this one begins from the first lead. ERROR_NOT_FOUND when nothing was published. */
void store_rescore(struct store *store, moment_t now, store_id_fn *fn, void *arg);

#endif
