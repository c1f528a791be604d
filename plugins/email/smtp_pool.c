/* One SMTP server: see smtp_pool.h. Letters wait here; sessions take them; connections are opened as letters wait, and with
 * growing pauses while the server is not well. When it is away altogether, all that waits goes back to the fleet at once. */
#include "smtp_pool.h"

#include "address.h"
#include "smtp_session.h"
#include "smtp_tls.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	PAUSE_FIRST_US = 1000000,
	PAUSE_MAX_US = 60000000,
	ADDRESSES_US = 60000000, /* looked up anew after it */
};

int64_t pool_now(struct pool *pool)
{
	struct timespec t;
	(void)pool;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

struct letter *pool_take(struct pool *pool)
{
	GList *link = g_queue_pop_head_link(&pool->waiting);
	if (pool->fleet->waiting) {
		pool->took_at = pool_now(pool);
		fleet_soon(pool->fleet); /* there is room */
	}
	return link ? link->data : NULL;
}

void pool_dispatch_soon(struct pool *pool)
{
	event_active(pool->again, EV_TIMEOUT, 1);
}

void pool_return(struct pool *pool, struct letter *letter)
{
	letter->owner = NULL;
	letter_forget_permission(letter);
	if (pool->draining || letter->cancelled) {
		letter_end(letter, NURTURE_CANCELLED, "the channel is closing", NULL, 0);
		return;
	}
	g_queue_push_head_link(&pool->waiting, &letter->link);
	pool_dispatch_soon(pool);
}

void pool_is_well(struct pool *pool)
{
	pool->refusals = 0;
	if (!pool->failures)
		return;
	desk_log(pool->desk, NURTURE_LOG_INFO, "email.relay_up", "relay=%s failures=%u", pool->server->name, pool->failures);
	pool->failures = 0;
	pool->not_before = 0;
	pool->refusing = false;
	fleet_changed(pool->fleet);
	fleet_soon(pool->fleet);
}

void pool_failed(struct pool *pool, const char *why)
{
	if (pool->failures && pool_now(pool) < pool->not_before)
		return; /* connections that failed in the same breath count once */
	unsigned doublings = pool->failures < 10 ? pool->failures : 10;
	int64_t pause = (int64_t)PAUSE_FIRST_US << doublings;
	if (pool->failures == 0 || strcmp(why, pool->why) != 0)
		desk_log(pool->desk, NURTURE_LOG_WARN, "email.relay_down", "relay=%s why=\"%s\"", pool->server->name, why);
	pool->failures++;
	pool->refusing = false;
	fleet_changed(pool->fleet);
	pool->not_before = pool_now(pool) + (pause < PAUSE_MAX_US ? pause : PAUSE_MAX_US);
	pool->resolved_at = 0;
	snprintf(pool->why, sizeof pool->why, "%s", why);
}

static unsigned connections(const struct pool *pool)
{
	return pool->working.length + pool->idle.length;
}

bool pool_is_away(struct pool *pool)
{
	return pool->failures && pool_now(pool) < pool->not_before && (pool->refusing || connections(pool) == 0);
}

bool pool_is_unsure(const struct pool *pool)
{
	return pool->failures > 0;
}

unsigned pool_ready(const struct pool *pool)
{
	return connections(pool) - pool->opening;
}

void pool_refused(struct pool *pool, struct letter *letter, const char *why)
{
	pool_failed(pool, why);
	pool->refusing = true;
	fleet_take_back(pool->fleet, letter);
	fleet_desert(pool->fleet, pool);
}

static void open_connections(struct pool *pool)
{
	bool stale = pool->address_count == 0 || pool->resolved_at == 0 ||
		     pool_now(pool) - pool->resolved_at > ADDRESSES_US;
	unsigned most = pool->failures ? 1 : pool->server->connections; /* after a failure one goes ahead */
	if (stale) {
		if (!pool->resolver)
			resolve_begin(pool);
		return;
	}
	while (pool->opening < MIN(pool->waiting.length, most) && connections(pool) < pool->server->connections &&
	       pool_now(pool) >= pool->not_before)
		session_open(pool);
}

void pool_dispatch(struct pool *pool)
{
	while (pool->waiting.length && pool->idle.length) {
		struct session *session = g_queue_peek_head(&pool->idle);
		transaction_start(session, pool_take(pool));
	}
	if (pool->waiting.length == 0)
		return;
	int64_t pause = pool->not_before - pool_now(pool);
	if (pause <= 0)
		open_connections(pool);
	else if (connections(pool) == 0)
		fleet_desert(pool->fleet, pool);
	pause = pool->not_before - pool_now(pool);
	if (pool->waiting.length && pause > 0) {
		struct timeval tv = {pause / 1000000, pause % 1000000};
		evtimer_add(pool->again, &tv);
	}
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	struct pool *pool = arg;
	(void)fd, (void)what;
	while (pool->dead.length)
		session_free(g_queue_peek_head(&pool->dead));
	pool_dispatch(pool);
}

void pool_permitted(struct letter *letter)
{
	transaction_permitted(letter->owner);
}

void pool_cancel(struct letter *letter)
{
	transaction_cancel(letter->owner, letter);
}

void pool_drain(struct pool *pool)
{
	pool->draining = true;
	for (struct letter *letter; (letter = pool_take(pool)) != NULL;)
		letter_end(letter, NURTURE_CANCELLED, "the channel is closing", NULL, 0);
	while (pool->idle.length)
		session_quit(g_queue_peek_head(&pool->idle));
}

void pool_free(struct pool *pool)
{
	GQueue *const lists[] = {&pool->working, &pool->idle, &pool->dead};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		while (lists[i]->length)
			session_free(g_queue_peek_head(lists[i]));
	resolve_cancel(pool);
	event_free(pool->again);
	SSL_CTX_free(pool->tls);
	g_free(pool);
}

/* The name for EHLO: the settings', else this machine's if it is a whole one, else a literal (RFC 5321 4.1.4). */
static void choose_helo(struct pool *pool)
{
	char host[200] = "", probe[210];
	struct address address;
	const char *why;
	gethostname(host, sizeof host - 1);
	snprintf(probe, sizeof probe, "x@%s", host);
	bool whole = strchr(host, '.') && address_parse(probe, &address, &why);
	const char *name = pool->settings->helo ? pool->settings->helo : whole ? host : "[127.0.0.1]";
	snprintf(pool->helo, sizeof pool->helo, "%s", name);
}

struct pool *pool_new(struct fleet *fleet, const struct server *server)
{
	struct pool *pool = g_new0(struct pool, 1);
	char why[POOL_WHY];
	pool->fleet = fleet;
	pool->desk = fleet->desk;
	pool->settings = fleet->settings;
	pool->server = server;
	pool->base = fleet->base;
	pool->again = evtimer_new(pool->base, on_again, pool);
	pool->tls = smtp_tls_new(server, why, sizeof why);
	if (!pool->tls)
		desk_log(pool->desk, NURTURE_LOG_ERROR, "email.tls", "relay=%s %s", server->name, why);
	choose_helo(pool);
	return pool;
}
