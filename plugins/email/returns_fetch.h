/* One file over https, by a thread of its own. No redirects, no proxies, at most FETCH_MOST bytes, FETCH_SECONDS. */
#ifndef NURTURE_EMAIL_RETURNS_FETCH_H
#define NURTURE_EMAIL_RETURNS_FETCH_H

#include <nurture/plugin.h>

enum { FETCH_MOST = 65536, FETCH_SECONDS = 8 };

struct fetcher;
/* On the loop. bytes NULL: it failed (why). */
typedef void fetched_fn(void *arg, const char *url, const char *bytes, size_t length, const char *why);

struct fetcher *fetcher_new(const struct nurture_host *host, const char *ca, fetched_fn *fn, void *arg);
/* fn is not called any more. A thread that waits for a server ends by itself. */
void fetcher_free(struct fetcher *fetcher);
void fetcher_fetch(struct fetcher *fetcher, const char *url);

#endif
