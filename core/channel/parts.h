/* What channel.c, host.c and timer.c share; nobody else includes this. */
#ifndef NURTURE_CHANNEL_PARTS_H
#define NURTURE_CHANNEL_PARTS_H

#include "channel/channel.h"
#include "channel/tickets.h"

#include <pthread.h>
#include <sys/queue.h>

struct post {
	struct post *next;
	nurture_timer_fn *fn;
	void *arg;
};

LIST_HEAD(timers, nurture_timer);

/* The plugin's `struct nurture_host_data` is its channel. */
struct channel {
	struct loop *loop;
	const struct nurture_plugin *plugin;
	void *self;                       /* the plugin's instance */
	char *name;
	const struct channel_calls *calls;
	void *arg;
	struct nurture_host host;
	struct tickets tickets, requests;
	LIST_HEAD(, asked_query) queries; /* on their way */
	LIST_HEAD(, asked_look) looks;    /* on their way */
	LIST_HEAD(, asked_word) words;    /* that are waited for */
	struct loop_timer *deadlines;
	int64_t deadline_us, grace_us;
	uint64_t late;
	bool draining, closing;
	const json_t *kept;               /* the plugin's notes of before, while it opens */
	pthread_t thread;                 /* the loop's: the only one that may call the host, but for post */
	struct timers timers;             /* all that the plugin has made and not freed */

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
/* The plugin called a function of the host from a thread of its own. What it may have broken cannot be known: says so and ends the
 * process, as any other crash of a plugin's. */
void channel_must_be_on_loop(struct channel *channel, const char *function);

/* host_return.c: the host's `returned` */
void channel_returned(struct nurture_host_data *data, const struct nurture_return *given, nurture_returned_fn *fn, void *arg);

/* standing.c: the host's hold, tell, keep, kept, keep_then, held, turns_anew */
void channel_hold(struct nurture_host_data *data, const char *reason);
void channel_tell(struct nurture_host_data *data, const json_t *standing);
void channel_keep(struct nurture_host_data *data, const json_t *notes);
const json_t *channel_kept(struct nurture_host_data *data);
void channel_keep_then(struct nurture_host_data *data, const json_t *notes, nurture_kept_fn *fn, void *arg);
bool channel_held(struct nurture_host_data *data);
void channel_turns_anew(struct nurture_host_data *data);

/* request.c */
void channel_reply(struct nurture_host_data *data, struct nurture_handle handle, const struct nurture_reply *reply);
void channel_requests_end(struct channel *channel); /* those that have no reply */

/* query.c */
void channel_query(struct nurture_host_data *data, const struct nurture_query *query, nurture_query_fn *fn, void *arg);
void channel_queries_end(struct channel *channel); /* nobody is told any more */

/* look.c: the host's look */
void channel_compose(struct nurture_host_data *data, const char *template_name, const json_t *fields, nurture_look_fn *fn, void *arg);
void channel_look(struct nurture_host_data *data, int64_t touch_id, nurture_look_fn *fn, void *arg);
void channel_look_again(struct nurture_host_data *data, int64_t touch_id, int64_t since, nurture_look_fn *fn, void *arg);
void channel_looks_end(struct channel *channel); /* nobody is told any more */

/* tell.c: the host's event, colleague and offer */
void channel_event(struct nurture_host_data *data, int64_t lead_id, const char *verb, const char *subject, double value, const json_t *json, const char *key);
void channel_event_then(struct nurture_host_data *data, int64_t lead_id, const char *verb, const char *subject, double value, const json_t *json, const char *key,
			nurture_told_fn *fn, void *arg);
void channel_colleague(struct nurture_host_data *data, int64_t lead_id, const json_t *fields, const char *key);
void channel_colleague_then(struct nurture_host_data *data, int64_t lead_id, const json_t *fields, const char *key, nurture_told_fn *fn, void *arg);
void channel_offer(struct nurture_host_data *data, int64_t touch_id, int64_t lease, nurture_offer_fn *fn, void *arg);
void channel_words_end(struct channel *channel); /* nobody is told any more */

/* phone.c */
bool channel_phone_possible(struct nurture_host_data *data, const char *number);
size_t channel_country(struct nurture_host_data *data, const char *word, char *codes, size_t size);

/* timer.c: the host's three functions for timers */
struct nurture_timer *channel_timer_new(struct nurture_host_data *data, nurture_timer_fn *fn, void *arg);
void channel_timer_set(struct nurture_timer *timer, int64_t in_us);
void channel_timer_free(struct nurture_timer *timer);
/* The plugin is closed: what it left never fires; a free that comes later is taken. Returns how many there were. */
size_t channel_timers_end(struct channel *channel);

#endif
