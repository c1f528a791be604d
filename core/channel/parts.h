/* What channel.c and host.c share; nobody else includes this. */
#ifndef NURTURE_CHANNEL_PARTS_H
#define NURTURE_CHANNEL_PARTS_H

#include "channel/channel.h"
#include "channel/tickets.h"

#include <pthread.h>

struct post {
	struct post *next;
	nurture_timer_fn *fn;
	void *arg;
};

/* The plugin's `struct nurture_host_data` is its channel. */
struct channel {
	struct loop *loop;
	const struct nurture_plugin *plugin;
	void *self;                       /* the plugin's instance */
	char *name;
	const struct channel_calls *calls;
	void *arg;
	struct nurture_host host;
	struct tickets tickets;
	struct loop_timer *deadlines;
	int64_t deadline_us, grace_us;
	uint64_t late;
	bool draining, closing;

	/* posts of other threads */
	pthread_mutex_t lock;
	struct post *first, *last;        /* under lock */
	int wake_fd;
	struct event *wake;
};

/* Fills channel->host and the way in for posts. */
void channel_host_init(struct channel *channel);
void channel_host_fini(struct channel *channel);
/* Ends a ticket: over is called, the handle is dead after. */
void channel_end(struct channel *channel, struct nurture_handle handle, const struct channel_result *result);
void channel_count_late(struct channel *channel, const char *what);

#endif
