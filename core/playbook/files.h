/* The files of a playbook: sorted paths and bytes, and the hash that names the revision (DESIGN section 5). */
#ifndef NURTURE_PLAYBOOK_FILES_H
#define NURTURE_PLAYBOOK_FILES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "model/files.h"

enum { PLAYBOOK_FILES_MAX = 20000, PLAYBOOK_FILE_MAX = 4 * 1024 * 1024 };

/* Lower-case hex SHA-256 over (path, NUL, length as 8 bytes big-endian, bytes) of each file. */
void playbook_files_revision(const struct playbook_files *files, char out[HASH_HEX]);
const struct playbook_file *playbook_files_find(const struct playbook_files *files, struct str path);

#endif
