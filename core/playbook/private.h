/* What a playbook holds besides what turn walks. Only the files of this room include it. */
#ifndef NURTURE_PLAYBOOK_PRIVATE_H
#define NURTURE_PLAYBOOK_PRIVATE_H

#include "playbook/playbook.h"
#include "playbook/story.h"

struct sandbox;
struct templates;
struct scripts; /* load.h: the files that ran, and their functions */

struct playbook_private {
	struct arena *arena;          /* everything the playbook points to */
	struct scripts *scripts;      /* the sandbox with marketing's functions */
	struct templates *templates;  /* template*.c: NULL until templates_load */
	struct story *stories;
	const struct playbook_channel *channels;
	size_t channel_count;
};

/* By template*.c. Compiles every templates/KIND/NAME.md of `files` against the playbook's fields and models and the channels in
 * playbook->private; problems go to *problems. Called once, last, by playbook_load, when all declarations are read. */
void templates_load(struct playbook *playbook, const struct playbook_files *files, struct problems *problems);
void templates_free(struct templates *templates); /* takes NULL */

#endif
