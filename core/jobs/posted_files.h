/* A playbook in a request's body. */
#ifndef NURTURE_JOBS_POSTED_FILES_H
#define NURTURE_JOBS_POSTED_FILES_H

#include "playbook/playbook.h"

#include <jansson.h>

#define POSTED_FILE_WRONG "\"%.200s\" is no file of a playbook: a relative path and a text of at most 4 MB, 20,000 of them."

/* given: {"path": "text", …}; the files point into it. NULL when all are good; else the path that is none, or whose text is none. */
const char *posted_files(json_t *given, struct arena *arena, struct playbook_files *out) MUST_USE;
/* [{kind, file, line, context, message}], at most 200. New reference. */
json_t *posted_problems(const struct problems *problems);

#endif
