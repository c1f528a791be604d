/* Whether a plugin's file may be let into the process (TRUST 20). Called by plugin.c before anything of the file is loaded. */
#ifndef NURTURE_CHANNEL_TRUST_H
#define NURTURE_CHANNEL_TRUST_H

#include "base/error.h"

/* -1 with a sentence that says what to change: not a regular file, empty; it or its folder writable by or belonging to somebody who may not
 * run code in the server. */
int channel_trust_file(const char *path, struct error *error) MUST_USE;

#endif
