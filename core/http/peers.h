/* How many connections each address holds, so that none takes them all. Called by server.c at accept and by conn.c at the end
 * of a connection. An IPv6 address counts with its whole /64: that is what one customer is given. */
#ifndef NURTURE_HTTP_PEERS_H
#define NURTURE_HTTP_PEERS_H

#include "http/http.h"

struct peers;
struct peer; /* one address with at least one connection */

struct peers *peers_new(void);
void peers_free(struct peers *peers); /* takes NULL; no peer is used afterwards */
/* One connection more; NULL when the address holds `limit` of them already. */
struct peer *peers_take(struct peers *peers, const struct http_address *address, unsigned limit);
void peers_give_back(struct peers *peers, struct peer *peer); /* peer NULL = one that was not counted */

#endif
