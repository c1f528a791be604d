/* Looks at passwords beside the loop: one thread of low priority, which does one after the other, so that a flood of log-ins takes the memory of one and
 * never the loop's time. What waits is bounded, and of one network only so much of it: nobody keeps all others out. */
#ifndef NURTURE_WEB_HASHER_H
#define NURTURE_WEB_HASHER_H

#include "base/loop.h"
#include "base/password.h"

enum { HASHER_WAIT = 64, HASHER_OF_ONE = 16 };

struct hasher;
struct hasher *hasher_new(struct loop *loop);
void hasher_free(struct hasher *hasher); /* takes NULL; what waits is never answered */

/* is: the password was that of the hash. made: the hash of the new one, "" when none was asked for or could be made; lives for the call. */
typedef void hasher_fn(void *arg, bool is, const char *made);
struct hasher_work {
	struct str network;       /* whose it is, 16 bytes (flood_network) */
	const char *hash;         /* the password to be looked at is of it; NULL = of nobody, which takes as long */
	struct str password;
	struct str new_password;  /* empty = none; made only when the first one was right */
	hasher_fn *fn;            /* on the loop, later */
	void *arg;
};
/* Copies it all. false: too many wait, and nothing was taken. */
bool hasher_take(struct hasher *hasher, const struct hasher_work *work);

#endif
