/* A posted file on its way to disk: a child of the web worker writes it, so that a slow disk holds up nobody else. Used by imports.c.
 *
 * The file lies in DATA_DIR/uploads as NAME.part, locked, until all its bytes are there and on disk; then it is renamed to KEY.csv, KEY being
 * the hash of `seed` and the bytes (jobs/import.c makes the same one). From that rename until spool_free the folder is locked: meanwhile the
 * file's job is written, and jobs/uploads.c takes a file without one for nobody's. Whatever dies, nothing half is left but a .part
 * without a lock, which uploads.c removes. */
#ifndef NURTURE_WEB_SPOOL_H
#define NURTURE_WEB_SPOOL_H

#include "base/error.h"
#include "base/loop.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

enum { SPOOL_KEY = 25 };

struct spool;
struct spool_events {
	loop_fn *room;                              /* spool_write may go on */
	/* The file is there (error NULL, key is its name), or not: ERROR_LIMIT = no room on the disk, ERROR_SYSTEM. Once. */
	void (*done)(void *arg, const char *key, const struct error *error);
	void *arg;
};

/* length: of the file, known before. seed: hashed before its bytes. NULL: no process or no folder. */
struct spool *spool_new(struct loop *loop, const char *data_dir, uint64_t length, struct str seed, struct spool_events events, struct error *error) MUST_USE;
/* Takes all of data; false: write no more until events.room. */
bool spool_write(struct spool *spool, struct str data);
/* Before done: the file never was. After it: the folder's lock is free. Takes NULL. */
void spool_free(struct spool *spool);

#endif
