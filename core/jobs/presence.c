/* Keys → hashes of the options that nodes must agree on → a row every three seconds, with what the master says of its last reload.
 *
 * Of two generations both speak while one replaces the other; the last word is the newer one's. The salt is the first key of links, which
 * stands in the database and never changes: so all nodes hash alike, and nobody else can. */
#include "jobs/presence.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/token.h"
#include "store/node.h"
#include "store/outbox.h"

#include <stdlib.h>
#include <unistd.h>

#ifndef NURTURE_VERSION
#define NURTURE_VERSION "?"
#endif

struct presence {
	struct worker *worker;
	struct store *store;
	struct loop_timer *timer;
	json_t *options;
	char host[256];
	int differences;   /* told */
	bool stopped;
};

/* ---- what nodes must agree on ---- */

static void put(json_t *options, struct str secret, const char *option, struct str value)
{
	unsigned char hash[HASH_SHA256];
	char hex[HASH_HEX];
	struct buf salted = {0};
	buf_put(&salted, secret.p, secret.n);
	buf_puts(&salted, "nurture node");
	buf_put(&salted, option, strlen(option) + 1);
	buf_put(&salted, value.p, value.n);
	hash_sha256(buf_str(&salted), hash);
	json_object_set_new(options, option, json_string(hash_hex(hash, sizeof hash, hex)));
	buf_fini(&salted);
}

static void put_setting(json_t *options, struct str secret, const char *channel, const char *name, struct str value)
{
	char *option = mem_printf("channel \"%s\": %s", channel, name);
	put(options, secret, option, value);
	free(option);
}

static void put_retention(json_t *options, struct str secret, const struct config *config)
{
	struct buf text = {0};
	for (size_t i = 0; i < config->retention_count; i++)
		buf_printf(&text, "%s older %s;", config->retention[i].segment ? config->retention[i].segment : "*", config->retention[i].older);
	buf_printf(&text, "%d", config->anonymous_days);
	put(options, secret, "retention", buf_str(&text));
	buf_fini(&text);
}

json_t *presence_options(const struct config *config, struct str secret)
{
	json_t *options = json_object();
	put(options, secret, "public_url", str_of(config->public_url));
	put(options, secret, "postal_address", str_of(config->postal_address));
	put_retention(options, secret, config);
	for (size_t i = 0; i < config->channel_count; i++) {
		const struct config_channel *channel = &config->channels[i];
		const char *name;
		json_t *value;
		put_setting(options, secret, channel->name, "plugin", str_of(channel->plugin));
		put_setting(options, secret, channel->name, "in_doubt", str_of(channel->in_doubt));
		json_object_foreach(channel->settings, name, value) {
			char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
			put_setting(options, secret, channel->name, name, str_of(text));
			free(text);
		}
	}
	return options;
}

/* ---- saying it ---- */

/* Which ones they are stands in /readyz and `nurture status`. */
static void tell(struct presence *p, int living, int differences)
{
	if (differences == p->differences)
		return;
	p->differences = differences;
	if (differences)
		log_error("node.differs", log_int("options", differences), log_int("nodes", living),
			  log_str("message", "nodes on one database must agree; nurture status says which options differ"));
	else
		log_info("node.agrees", log_int("nodes", living));
}

static void on_beat(void *arg, int living, int differences, const struct error *error)
{
	struct presence *p = arg;
	if (p->stopped)
		return;
	loop_timer_set(p->timer, NODE_BEAT_SECONDS * MOMENT_SECOND);
	if (error) {
		log_warn("node.unheard", log_str("message", error->message));
		return;
	}
	metrics_set(p->worker->metrics, METRIC_NODES, living);
	metrics_set(p->worker->metrics, METRIC_NODE_DIFFERENCES, differences);
	tell(p, living, differences);
}

static void beat(struct presence *p)
{
	const struct worker_node *node = &p->worker->node;
	char trouble[WORKER_TROUBLE];
	memcpy(trouble, node->trouble, sizeof trouble); /* the master may be writing it: what is torn is whole the next time */
	trouble[sizeof trouble - 1] = '\0';
	if (!str_is_text(str_of(trouble)))
		trouble[0] = '\0';
	struct node_beat beat = {.token = node->token, .before = node->before, .host = p->host, .listen = node->listen, .version = NURTURE_VERSION,
		.started_at = node->started_at, .options = p->options, .trouble = trouble};
	store_node_beat(p->store, &beat, on_beat, p);
}

static void on_keys(void *arg, const struct token_keys *keys, const struct error *error)
{
	struct presence *p = arg;
	if (p->stopped)
		return;
	if (error || !keys->count) {
		loop_timer_set(p->timer, MOMENT_SECOND);
		return;
	}
	p->options = presence_options(p->worker->config, (struct str){(const char *)keys->keys[0].secret, sizeof keys->keys[0].secret});
	beat(p);
}

static void on_timer(void *arg)
{
	struct presence *p = arg;
	if (p->options)
		beat(p);
	else
		store_link_keys(p->store, on_keys, p);
}

struct presence *presence_new(struct worker *worker, struct store *store)
{
	struct presence *p = mem_alloc(sizeof *p);
	*p = (struct presence){.worker = worker, .store = store};
	if (gethostname(p->host, sizeof p->host - 1) || !str_is_text(str_of(p->host)))
		snprintf(p->host, sizeof p->host, "?");
	p->timer = loop_timer_new(worker->loop, on_timer, p);
	loop_timer_set(p->timer, 0);
	return p;
}

void presence_stop(struct presence *p)
{
	p->stopped = true;
	loop_timer_stop(p->timer);
}

void presence_free(struct presence *p)
{
	if (!p)
		return;
	loop_timer_free(p->timer);
	json_decref(p->options);
	free(p);
}
