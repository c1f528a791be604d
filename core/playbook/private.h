/* What a playbook holds besides what turn walks. Only the files of this room include it. */
#ifndef NURTURE_PLAYBOOK_PRIVATE_H
#define NURTURE_PLAYBOOK_PRIVATE_H

#include "playbook/playbook.h"
#include "playbook/story.h"

struct scripts; /* script.h: the files that ran, and their functions */

struct playbook_private {
	struct arena *arena; /* everything the playbook points to */
	struct scripts *scripts;
	const struct story *stories;
	const struct playbook_channel *channels;
	size_t channel_count;
};

#endif
