/* What the commands of `nurture calls` share. */
#ifndef NURTURE_CLI_CALLS_H
#define NURTURE_CLI_CALLS_H

#include "cli/command.h"

/* A path of the channel for calls, of --channel or the first of its plugin; the caller frees. NULL after it said that there is none. */
char *calls_path(const struct cli *cli, const char *rest) MUST_USE;
bool calls_is_ndjson(const char *path);   /* by its name: a JSON object a line; else CSV */
bool calls_is_plain(const char *centre);  /* a call centre's name: small letters, digits, hyphens, 40 at most; NULL is none */

#endif
