/* The files of a playbook: sorted paths and bytes. Store keeps them, playbook reads them. */
#ifndef NURTURE_MODEL_FILES_H
#define NURTURE_MODEL_FILES_H

#include "base/str.h"

struct playbook_file {
	const char *path; /* "campaigns/drip.lua": relative, '/' */
	struct str bytes;
};
struct playbook_files {
	const struct playbook_file *files; /* sorted by path */
	size_t count;
};

#endif
