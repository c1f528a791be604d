/* A playbook folder read from disk: regular files only, sorted, bounded. For the commands and for the watch. */
#ifndef NURTURE_JOBS_FOLDER_H
#define NURTURE_JOBS_FOLDER_H

#include "base/arena.h"
#include "base/error.h"
#include "model/files.h"

/* Reads `path` (or, with dir >= 0, the folder that is open there: path then only names it in errors). Names beginning with a dot and
 * editors' backups (NAME~, #NAME#) are passed over; a symbolic link, FIFO, device or socket is refused with its path, and so is
 * a file above PLAYBOOK_FILE_MAX. Everything lives in arena. */
int folder_read(int dir, const char *path, struct arena *arena, struct playbook_files *out, struct error *error) MUST_USE;

#endif
