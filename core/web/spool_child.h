/* The process that writes one posted file (spool.h). Called by spool.c only, behind a fork. */
#ifndef NURTURE_WEB_SPOOL_CHILD_H
#define NURTURE_WEB_SPOOL_CHILD_H

#include "web/spool.h"

struct spool_verdict {
	int error; /* errno; 0 = the file is on disk under its key */
	char key[SPOOL_KEY];
};

/* Reads `length` bytes from fd, writes them, says the verdict, and ends when the other side closes. */
_Noreturn void spool_child(int fd, int folder, uint64_t length, struct str seed);

#endif
