/* When a plugin may not go on: it sent without permission, or leaves touch after touch without a word. The channel stops taking touches and says so
 * in the log, the figures and /readyz; a person looks, and a reload (or a restart) tries again. What crashes or hangs is seen by the master. */
#include "base/log.h"
#include "delivery/parts.h"

#include <stdio.h>
#include <sys/resource.h>

enum { MUTES_MOST = 5 };

static void on_take_back(void *arg)
{
	struct delivery *d = arg;
	if (!d->stopping && d->channel)
		channel_cancel_all(d->channel);
}

static void fault(struct delivery *d, const char *why)
{
	if (d->faulted)
		return;
	d->faulted = true;
	metrics_add(d->worker->metrics, METRIC_CHANNEL_FAULTS, 1);
	log_error("channel.faulted", log_str("channel", d->name), log_str("plugin", d->plugin->name), log_str("why", why));
	delivery_tell(d, "faulted", why);
	loop_later(d->worker->loop, on_take_back, d); /* not inside a call of the plugin */
}

void fault_look(struct delivery *d, const struct channel_result *result)
{
	char why[128];
	if (result->unpermitted)
		fault(d, "the plugin sent or queued a touch without permission");
	d->mutes = result->mute && d->state == DELIVERY_RUNS ? d->mutes + 1 : 0;
	if (d->mutes < MUTES_MOST)
		return;
	snprintf(why, sizeof why, "the plugin left %d touches in a row without a word", MUTES_MOST);
	fault(d, why);
}

void fault_limit_memory(int megabytes)
{
	if (!megabytes)
		return;
#if !defined __SANITIZE_ADDRESS__ /* whose shadow is larger than any limit */
	struct rlimit limit = {(rlim_t)megabytes << 20, (rlim_t)megabytes << 20};
	if (setrlimit(RLIMIT_DATA, &limit))
		log_warn("channel.memory", log_int("megabytes", megabytes), log_str("message", "the limit cannot be set"));
#endif
}
