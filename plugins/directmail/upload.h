/* A job's folder is brought to the print house: SFTP or HTTPS, by libcurl. Blocks: in the thread only.
 *
 * What always holds: the folder is whole there or has another name (SFTP: NAME.part until the rename; HTTPS: SHA256SUMS comes last). Told twice, the second time finds the first: a folder
 * with the same sums is there already, and is acknowledged. */
#ifndef DIRECTMAIL_UPLOAD_H
#define DIRECTMAIL_UPLOAD_H

#include "hand.h"
#include "settings.h"

/* remote: where it is now. 0, or -1 with the problem: it is tried again. */
int upload_job(const struct settings *settings, const char *name, struct hand *hand, char *remote, size_t room, struct nurture_problem *problem);

/* Whether the print house has a whole job of that name, whatever our folder says by now: 1, 0, or -1 with the problem: nobody knows. */
int upload_find(const struct settings *settings, const char *name, struct hand *hand, struct nurture_problem *problem);

#endif
