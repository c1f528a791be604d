/* The web role: its listening sockets, its connections to the database (one that asks, two that take in), and a tick a second that keeps the playbook and
 * the clock current. The doors open once it knows the clock, the link keys and whether there is a playbook (callers wait in the
 * socket's queue meanwhile), or after five seconds without a database, to say so. Drains by finishing the requests in hand. */
#include "web/web.h"

#include "base/log.h"
#include "base/mem.h"
#include "store/outbox.h"
#include "web/context.h"
#include "web/flood.h"
#include "web/hasher.h"
#include "web/hits.h"
#include "web/networks.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static const int64_t TICK_US = 1000000, FIRST_TICK_US = 10000, OPEN_US = 5000000;

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	struct web *web = arg;
	if (error)
		return;
	web->clock = *clock;
	web->clock_known = true;
}

static void on_keys(void *arg, const struct token_keys *keys, const struct error *error)
{
	struct web *web = arg;
	if (error || !keys->count)
		return;
	free(web->keys);
	web->keys = mem_array(keys->count, sizeof *web->keys);
	memcpy(web->keys, keys->keys, keys->count * sizeof *web->keys);
	web->key_count = keys->count;
}

static void open_doors(struct web *web)
{
	const struct worker *worker = web->worker;
	struct error error;
	struct http_limits limits = http_limits_default();
	limits.per_address = (unsigned)worker->config->connections_per_address;
	for (size_t i = 0; i < worker->listener_count; i++) {
		struct http_options options = {.listen_fd = worker->listeners[i],
					       .limits = limits,
					       .trusted_proxies = worker->config->trusted_proxies,
					       .handler = web_dispatch,
					       .begin = web_begin,
					       .late = web_late,
					       .arg = web};
		web->servers[i] = http_server_new(worker->loop, &options, &error);
		if (!web->servers[i]) { /* the configuration was checked: a person must look; the master starts us again */
			log_error("web.closed", log_str("where", error.where), log_str("error", error.message));
			loop_stop(worker->loop);
			return;
		}
		web->server_count++;
	}
}

/* What the protocol refused never came to a route. */
static void count_refused(struct web *web)
{
	uint64_t refused = 0;
	for (size_t i = 0; i < web->server_count; i++)
		refused += http_counters(web->servers[i])->refused + http_counters(web->servers[i])->crowded;
	metrics_add(web->worker->metrics, METRIC_HTTP_REFUSED, (int64_t)(refused - web->refused));
	web->refused = refused;
}

static void on_tick(void *arg)
{
	struct web *web = arg;
	bool late = mono_now() - web->started_at >= OPEN_US;
	bool ready = web->clock_known && web->key_count && web_revision_known(web->revision);
	if (!web->server_count && !web->drained && (ready || late))
		open_doors(web);
	loop_timer_set(web->tick, late || (ready && web_playbook(web)) ? TICK_US : FIRST_TICK_US);
	count_refused(web);
	if (!store_is_up(web->store))
		return;
	web_revision_poll(web->revision);
	if (web->clock_known)
		web_hits_tick(web->hits);
	if (!web->clock_known)
		store_clock_read(web->store, on_clock, web);
	if (!web->key_count)
		store_link_keys(web->store, on_keys, web);
}

static void stop(void *self)
{
	struct web *web = self;
	for (size_t i = 0; i < web->server_count; i++)
		http_server_free(web->servers[i]);
	for (size_t i = 0; i < INTAKE_CARRIERS; i++)
		store_free(web->intake[i]);
	store_free(web->store);
	hasher_free(web->hasher);
	web_hits_free(web->hits);
	web_letters_free(web->letters);
	loop_timer_free(web->tick);
	web_auth_free(web->auth);
	flood_free(web->flood);
	web_networks_free(web->networks);
	web_revision_free(web->revision);
	web_channel_routes_free(web);
	free(web->servers);
	free(web->keys);
	free(web);
}

/* A list that was there when the configuration was checked and is not any more shuts no door: then ours alone are known. */
static struct web_networks *read_networks(const struct config *config)
{
	static const struct config ours;
	struct error error = {0};
	struct web_networks *networks = web_networks_new(config, &error);
	if (networks)
		return networks;
	log_error("networks.unread", log_str("where", error.where), log_str("error", error.message));
	return web_networks_new(&ours, &error);
}

static void *start(struct worker *worker, struct error *error)
{
	(void)error;
	signal(SIGCHLD, SIG_IGN); /* of this worker's children (spool.c, email.c) nobody waits for the end */
	struct web *web = mem_alloc(sizeof *web);
	web->networks = read_networks(worker->config);
	web->worker = worker;
	web->store = store_new(worker->loop, worker->conninfo, "nurture web");
	store_set_discreet(web->store);
	for (size_t i = 0; i < INTAKE_CARRIERS; i++)
		store_set_discreet(web->intake[i] = store_new(worker->loop, worker->conninfo, "web.intake"));
	store_intake_through(web->store, web->intake, INTAKE_CARRIERS);
	web->flood = flood_new();
	web->hasher = hasher_new(worker->loop);
	web->auth = web_auth_new(web);
	web->revision = web_revision_new(web);
	web->hits = web_hits_new(web);
	web->letters = web_letters_new(web);
	web_channel_routes_new(web);
	web->tick = loop_timer_new(worker->loop, on_tick, web);
	web->servers = mem_array(worker->listener_count, sizeof *web->servers);
	web->started_at = mono_now();
	loop_timer_set(web->tick, 0);
	return web;
}

static void on_hits_drained(struct web *web)
{
	web->drained(web->drained_arg);
}

static void on_server_drained(void *arg)
{
	struct web *web = arg;
	if (--web->draining == 0)
		web_hits_drain(web->hits, on_hits_drained);
}

static void drain(void *self, worker_drained_fn *fn, void *arg)
{
	struct web *web = self;
	web->drained = fn;
	web->drained_arg = arg;
	web->draining = web->server_count;
	for (size_t i = 0; i < web->server_count; i++)
		http_drain(web->servers[i], on_server_drained, web);
	if (!web->server_count)
		fn(arg);
}

const struct worker_role web_role = {.name = "web", .start = start, .drain = drain, .stop = stop};

struct now_asked {
	struct web *web;
	web_now_fn *fn;
	void *arg;
};

static void on_now(void *arg, const struct clock *clock, const struct error *error)
{
	struct now_asked asked = *(struct now_asked *)arg;
	free(arg);
	on_clock(asked.web, clock, error);
	asked.fn(asked.arg, error ? 0 : clock_domain(clock, real_now()), error);
}

void web_now(struct web *web, web_now_fn *fn, void *arg)
{
	if (web->clock_known && web->clock.scale == 1.0) {
		fn(arg, clock_domain(&web->clock, real_now()), NULL);
		return;
	}
	struct now_asked *asked = mem_alloc(sizeof *asked);
	*asked = (struct now_asked){web, fn, arg};
	store_clock_read(web->store, on_now, asked);
}
