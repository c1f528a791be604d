/* Limits of public routes: how often one key (an address, a network, a form, an e-mail address) may do something in a time. Each is a bucket that
 * fills again; kept in this worker's memory only, in a table that never grows, under hashes that nobody outside can aim at. With several web
 * workers each has its own. */
#ifndef NURTURE_WEB_FLOOD_H
#define NURTURE_WEB_FLOOD_H

#include "base/clock.h"
#include "http/http.h"

struct flood;
struct flood *flood_new(void);
void flood_free(struct flood *flood); /* takes NULL */

struct flood_limit {
	const char *what;  /* sets keys of different limits apart */
	unsigned burst;    /* at once */
	mono_t each_us;    /* then one in this time */
};
/* Takes one; false: there is none left, and nothing was taken. */
bool flood_take(struct flood *flood, const struct flood_limit *limit, struct str key, mono_t now);
/* Gives one back that was taken: it did no harm. */
void flood_back(struct flood *flood, const struct flood_limit *limit, struct str key, mono_t now);
/* The network of an address, as key: /24 of IPv4, /48 of IPv6. */
struct str flood_network(const struct http_address *address, char out[16]);

#endif
