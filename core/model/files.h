/* The files of a playbook: sorted paths and bytes. Store keeps them, playbook reads them. */
#ifndef NURTURE_MODEL_FILES_H
#define NURTURE_MODEL_FILES_H

#include "base/str.h"

struct playbook_file {
	const char *path; /* "campaigns/drip.lua": relative, '/' */
	struct str bytes;
};
/* A rule, a step, a segment or a campaign that is not run any more, because workers died in it. */
struct playbook_off {
	const char *path, *context; /* "scoring/fit.lua", `model "fit", rule "size"` */
};
struct playbook_files {
	const struct playbook_file *files; /* sorted by path */
	size_t count;
	const struct playbook_off *off;    /* as the database has it for these files; not part of the revision */
	size_t off_count;
};

#endif
