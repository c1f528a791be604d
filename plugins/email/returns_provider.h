/* What an e-mail provider tells by a web hook of bounces and complaints. A provider is one file with one of these (returns_ses.c); returns_hook.c does the rest:
 * the route, what the host is told, and the answer, which is good only when all of it is recorded, so that the provider tells it again otherwise. */
#ifndef NURTURE_EMAIL_RETURNS_PROVIDER_H
#define NURTURE_EMAIL_RETURNS_PROVIDER_H

#include "returns_came.h"
#include "returns_settings.h"

enum { PROVIDER_CAME = 50 /* recipients in one notice */ };

enum proof {
	PROOF_GOOD,
	PROOF_BAD,   /* not proven: answered 403, and nothing follows */
	PROOF_FETCH, /* something must be fetched first: proof.url, then it is asked again with what came */
};

struct provider_proof {
	char url[512];              /* what to fetch; https only */
	const char *fetched;        /* what came of it; NULL = nothing yet */
	size_t fetched_length;
	const char *why;            /* static: why it is bad */
	bool confirm;               /* good, and it only asks whether this address is ours: url is to be fetched as the answer */
};

struct provider {
	const char *name;
	/* Is the body the provider's word, about what is configured, and not too old? now: seconds since 1970 of this machine's clock. Pure. */
	enum proof (*prove)(const struct returns_settings *settings, const char *body, size_t length, int64_t now, struct provider_proof *proof);
	/* What it says, of a body that is proven: how many were filled. Each is to be given to came_fini. Pure. */
	size_t (*read)(const char *body, size_t length, struct came came[PROVIDER_CAME]);
};
extern const struct provider provider_ses;

#endif
