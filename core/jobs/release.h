/* Releasing a playbook: check the files with everything that can be known before, and publish them. One path for
 * `nurture publish`, the watch and the first start. */
#ifndef NURTURE_JOBS_RELEASE_H
#define NURTURE_JOBS_RELEASE_H

#include "base/config.h"
#include "playbook/playbook.h"
#include "store/revision.h"
#include "turn/story.h"

/* What may look at the files of a playbook that loads, and add problems: the plugins of channels, which are in a room that this one does not see.
 * Set once by whoever starts (server, cli), before anything is checked; NULL = nobody looks. */
typedef void release_look_fn(const struct config *config, const struct playbook_files *files, struct problems *problems);
void release_set_look(release_look_fn *fn);

/* Loads, checks and runs the playbook's tests. NULL when something is wrong: then problems->errors > 0. stories may be NULL. The playbook
 * points into files and config. */
struct playbook *release_check(const struct config *config, const struct playbook_files *files, struct arena *arena, struct problems *problems,
			       struct story_result *stories);

struct release {
	struct store *store;
	const struct playbook *playbook; /* of release_check */
	const struct playbook_files *files;
	const char *author, *message;
	const char *actor;               /* see struct publish */
	const char *expected;            /* see struct publish */
	const char *node;                /* see struct publish */
	bool hold;                       /* park stranded enrollments */
	bool switch_on;                  /* see struct publish */
	store_publish_fn *fn;            /* called once, later */
	void *arg;
};
/* Publishes; what the release points to lives until fn. Leads are looked at again when anything but templates and tests changed. */
void release_publish(const struct release *release);

/* true when a lead's standing could differ between the two: any .lua outside tests/ was added, changed or removed. */
bool release_needs_rescore(const struct playbook_files *before, const struct playbook_files *after);

#endif
