/* The server's addresses, looked up without blocking by libevent's evdns (which reads /etc/resolv.conf and /etc/hosts).
 *
 * Each look-up has an evdns base of its own, so that a changed resolv.conf counts from the next one on; the pool keeps the
 * addresses for a minute. Called by smtp_pool.c. */
#include "smtp_pool.h"

#include <event2/dns.h>
#include <event2/util.h>
#include <stdio.h>
#include <string.h>

struct resolver {
	struct pool *pool; /* NULL when the pool wants no answer any more */
	struct evdns_base *dns;
};

static void free_later(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *resolver = arg;
	(void)fd, (void)what;
	evdns_base_free(resolver->dns, 0);
	g_free(resolver);
}

static void keep(struct pool *pool, const struct evutil_addrinfo *list)
{
	pool->address_count = 0;
	for (; list && pool->address_count < ADDRESSES_MAX; list = list->ai_next) {
		struct server_address *address = &pool->addresses[pool->address_count];
		if ((size_t)list->ai_addrlen > sizeof address->at)
			continue;
		memcpy(&address->at, list->ai_addr, list->ai_addrlen);
		address->length = (socklen_t)list->ai_addrlen;
		pool->address_count++;
	}
	pool->resolved_at = pool_now(pool);
}

static void on_resolved(int error, struct evutil_addrinfo *list, void *arg)
{
	struct resolver *resolver = arg;
	struct pool *pool = resolver->pool;
	struct timeval at_once = {0, 0};
	if (pool) {
		char why[POOL_WHY];
		pool->resolver = NULL;
		keep(pool, error ? NULL : list);
		snprintf(why, sizeof why, "%.255s: %s", pool->server->host, error ? evutil_gai_strerror(error) : "no address");
		if (pool->address_count == 0)
			pool_failed(pool, why);
		pool_dispatch_soon(pool);
		event_base_once(pool->base, -1, EV_TIMEOUT, free_later, resolver, &at_once);
	}
	if (list)
		evutil_freeaddrinfo(list);
}

static struct evdns_base *dns_new(struct event_base *base)
{
	struct evdns_base *dns =
		evdns_base_new(base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (!dns) { /* no resolv.conf: numbers and /etc/hosts still work */
		dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
		evdns_base_load_hosts(dns, "/etc/hosts");
	}
	evdns_base_set_option(dns, "timeout:", "5");
	evdns_base_set_option(dns, "attempts:", "2");
	return dns;
}

void resolve_begin(struct pool *pool)
{
	struct resolver *resolver = g_new0(struct resolver, 1);
	struct evutil_addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
		.ai_flags = EVUTIL_AI_ADDRCONFIG,
	};
	char port[8];
	snprintf(port, sizeof port, "%u", pool->server->port);
	resolver->pool = pool;
	resolver->dns = dns_new(pool->base);
	pool->resolver = resolver;
	evdns_getaddrinfo(resolver->dns, pool->server->host, port, &hints, on_resolved, resolver);
}

/* The pool goes away: a late answer finds nobody. What evdns still holds is freed with its process. */
void resolve_cancel(struct pool *pool)
{
	if (pool->resolver)
		pool->resolver->pool = NULL;
	pool->resolver = NULL;
}
