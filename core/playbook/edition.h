/* An edition: one activated revision, loaded by one worker for itself, with counted references.
 *
 * playbook_current keeps the one in force. Engine and delivery take a reference for each batch that they decide by it, because names
 * that the batch saves are borrowed from the playbook; so it does not matter how often marketing publishes meanwhile. */
#ifndef NURTURE_PLAYBOOK_EDITION_H
#define NURTURE_PLAYBOOK_EDITION_H

#include "playbook/playbook.h"

struct edition {
	struct playbook *playbook;
	int64_t activation;
	int64_t longest_cap; /* microseconds: how far back touches matter, at least a day */
	int refs;
};

/* NULL when the files do not load here; the reasons are in *problems. */
struct edition *edition_load(const struct playbook_files *files, const struct playbook_site *site, int64_t activation,
			     struct problems *problems) MUST_USE;
struct edition *edition_ref(struct edition *edition);
void edition_unref(struct edition *edition); /* takes NULL; frees with the last reference */

#endif
