/* The SMTP relay's pool: what waits, which connections there are, when to open another. Seen by smtp_session.c and
 * smtp_transaction.c only; the plugin sees relay.h.
 *
 * What always holds: a waiting letter is in `waiting`; a letter on a connection is its session's; sessions live in one of
 * the lists that session_state names; a session that died is in `dead` until the loop comes round. */
#ifndef NURTURE_EMAIL_SMTP_POOL_H
#define NURTURE_EMAIL_SMTP_POOL_H

#include "relay.h"

#include <event2/event.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

enum { ADDRESSES_MAX = 16, POOL_WHY = 512 };

struct server_address {
	struct sockaddr_storage at;
	socklen_t length;
};

struct pool {
	struct relay relay;
	struct desk *desk;
	const struct settings *settings;
	struct event_base *base;
	SSL_CTX *tls; /* NULL: tls_why says why, if TLS was wanted */
	char helo[256];

	GQueue waiting;  /* letters, by their link */
	GQueue working;  /* sessions from CONNECTING to FINAL, but IDLE, and QUIT */
	GQueue idle;     /* sessions in IDLE */
	GQueue dead;     /* sessions in DEAD, until swept */
	unsigned opening; /* sessions that have not been ready yet: among `working` */

	struct resolver *resolver; /* a look-up under way, or NULL */
	struct server_address addresses[ADDRESSES_MAX];
	unsigned address_count;
	int64_t resolved_at;       /* machine time */

	unsigned failures;         /* in a row, without an answer to a letter in between */
	int64_t not_before;        /* machine time of the next connection */
	char why[POOL_WHY];        /* of the last failure */
	struct event *again;       /* at not_before, and soon after a death: dispatch and sweep */
	bool draining;
};

int64_t pool_now(struct pool *pool); /* machine time, of this turn of the loop */

/* The next letter that waits, taken from the queue; NULL if none does. */
struct letter *pool_take(struct pool *pool);
/* Puts back a letter that was on a connection and is unharmed; it is the next to go. */
void pool_return(struct pool *pool, struct letter *letter);
/* The server answered to a letter: it is well. */
void pool_is_well(struct pool *pool);
/* A session never became ready, or was lost in a way that the next one might be too: new ones wait, longer each time. A server
 * that dies of every message gets one a pause, and not all of them, into doubt. */
void pool_failed(struct pool *pool, const char *why);
/* Gives letters to connections, and opens connections for letters. Called after anything changed. */
void pool_dispatch(struct pool *pool);
/* Has pool_dispatch called soon, from the loop: for callers on a session's stack. */
void pool_dispatch_soon(struct pool *pool);

/* smtp_resolve.c: fills pool->addresses, then calls pool_dispatch, or pool_failed first. */
void resolve_begin(struct pool *pool);
void resolve_cancel(struct pool *pool);

#endif
