/* One SMTP server's pool: what waits for it, which connections there are, when to open another. Seen by the files of the SMTP way only; which letters
 * come here the fleet says (fleet.h).
 *
 * What always holds: a waiting letter is in `waiting`, with letter->pool this one; a letter on a connection is its session's; sessions live in one of
 * the lists that session_state names; a session that died is in `dead` until the loop comes round. */
#ifndef NURTURE_EMAIL_SMTP_POOL_H
#define NURTURE_EMAIL_SMTP_POOL_H

#include "fleet.h"

#include <event2/event.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

enum { ADDRESSES_MAX = 16, POOL_WHY = 512 };

struct server_address {
	struct sockaddr_storage at;
	socklen_t length;
};

struct pool {
	struct fleet *fleet;
	struct desk *desk;
	const struct settings *settings;
	const struct server *server;
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
	unsigned refusals;         /* letters in a row of which it said that it does not serve us */
	unsigned refused_domain;   /* a hash: of the last of them */
	bool refused_many;         /* they went to two domains at least */
	int64_t took_at;           /* machine time: a letter that waited here was taken */
	bool refusing;             /* it answers, and does not serve us: until not_before it gets nothing, though it may be connected */
	char why[POOL_WHY];        /* of the last failure */
	struct event *again;       /* at not_before, and soon after a death: dispatch and sweep */
	bool draining;
};

int64_t pool_now(struct pool *pool); /* machine time, of this turn of the loop */

/* The next letter that waits, taken from the queue; NULL if none does. */
struct letter *pool_take(struct pool *pool);
/* Puts back a letter that was on a connection and is unharmed; it is the next to go. */
void pool_return(struct pool *pool, struct letter *letter);
/* For the fleet. */
struct pool *pool_new(struct fleet *fleet, const struct server *server);
void pool_drain(struct pool *pool); /* what waits is cancelled, idle connections are closed */
void pool_free(struct pool *pool);  /* letters still here are the desk's to free */
bool pool_is_away(struct pool *pool);   /* nothing is to be given to it before not_before */
bool pool_is_unsure(const struct pool *pool); /* it failed, and nobody knows whether it is well again */
unsigned pool_ready(const struct pool *pool); /* connections that have been ready */
void pool_permitted(struct letter *letter);   /* of a letter on a connection: permission was answered */
void pool_cancel(struct letter *letter);      /* of such a one: the host wants it back */

/* It answers, and does not serve us: the letter (in no queue) goes back to its lane, with all that waits; others may take them. */
void pool_refused(struct pool *pool, struct letter *letter, const char *why);
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
