/* An edition: one activated revision, loaded by one worker for itself.
 *
 * Engine, delivery, web and jobs keep one each and replace it when the activation number moves. Counted references: a
 * batch that was decided by an edition keeps it until it is saved, because names in it are borrowed from the playbook. */
#ifndef NURTURE_PLAYBOOK_EDITION_H
#define NURTURE_PLAYBOOK_EDITION_H

#include "base/config.h"
#include "playbook/playbook.h"

struct edition {
	struct playbook *playbook;
	int64_t activation;
	int64_t longest_cap;     /* microseconds: how far back touches matter, at least a day */
	struct arena *arena;     /* the files, the site */
	int refs;
};

/* Loads files (copied; sorted by path) for activation `number`. NULL when they do not load on this worker; then *problems is the
 * text to show, which the caller frees. */
struct edition *edition_load(const struct playbook_files *files, const struct config *config, int64_t activation, char **problems) MUST_USE;
struct edition *edition_ref(struct edition *edition);
void edition_unref(struct edition *edition); /* takes NULL; frees with the last reference */

#endif
