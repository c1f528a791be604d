/* The fake host: see host.h. */
#include "host.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

struct nurture_timer {
	struct event *event;
	nurture_timer_fn *fn;
	void *arg;
};

struct posted {
	struct posted *next;
	nurture_timer_fn *fn;
	void *arg;
};

struct asked {
	struct event *event;
	struct nurture_handle handle;
	nurture_permit_fn *fn;
	void *arg;
	bool allowed;
};

struct nurture_host_data {
	struct host *host;
	int wake; /* eventfd */
	struct event *woken;
	pthread_mutex_t mutex;
	struct posted *posted, **posted_end;
};

static const char *const outcome_names[] = {
	[NURTURE_SENT] = "sent",         [NURTURE_QUEUED] = "queued",
	[NURTURE_DEFERRED] = "deferred", [NURTURE_REJECTED] = "rejected",
	[NURTURE_CHANNEL_DOWN] = "channel_down", [NURTURE_UNKNOWN] = "unknown",
	[NURTURE_CANCELLED] = "cancelled",
};

const char *host_outcome_name(enum nurture_outcome outcome)
{
	return outcome_names[outcome];
}

static void host_log(struct nurture_host_data *data, enum nurture_log_level level, const char *event, const char *message)
{
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	if (!data->host->quiet)
		fprintf(stderr, "%s %s %s\n", levels[level], event, message);
}

static struct event_base *host_loop(struct nurture_host_data *data)
{
	return data->host->base;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct nurture_timer *timer = arg;
	(void)fd, (void)what;
	timer->fn(timer->arg);
}

static struct timeval in(int64_t us)
{
	return (struct timeval){.tv_sec = us / 1000000, .tv_usec = us % 1000000};
}

static struct nurture_timer *host_timer_new(struct nurture_host_data *data, nurture_timer_fn *fn, void *arg)
{
	struct nurture_timer *timer = calloc(1, sizeof *timer);
	*timer = (struct nurture_timer){evtimer_new(data->host->base, on_timer, timer), fn, arg};
	return timer;
}

static void host_timer_set(struct nurture_timer *timer, int64_t in_us)
{
	struct timeval tv = in(in_us < 0 ? 0 : in_us);
	evtimer_add(timer->event, &tv);
}

static void host_timer_free(struct nurture_timer *timer)
{
	if (!timer)
		return;
	event_free(timer->event);
	free(timer);
}

static void on_answer(evutil_socket_t fd, short what, void *arg)
{
	struct asked *asked = arg;
	(void)fd, (void)what;
	asked->fn(asked->arg, asked->handle, asked->allowed);
	event_free(asked->event);
	free(asked);
}

static void host_permit(struct nurture_host_data *data, struct nurture_handle handle, nurture_permit_fn *fn, void *arg)
{
	struct host *host = data->host;
	bool allowed = true;
	int64_t wait = host->permit ? host->permit(host->arg, handle, &allowed) : 0;
	host->permits++;
	if (wait < 0)
		return;
	struct asked *asked = calloc(1, sizeof *asked);
	struct timeval tv = in(wait);
	*asked = (struct asked){evtimer_new(host->base, on_answer, asked), handle, fn, arg, allowed};
	if (wait)
		evtimer_add(asked->event, &tv);
	else
		event_active(asked->event, EV_TIMEOUT, 0);
}

static void host_complete(struct nurture_host_data *data, struct nurture_handle handle, const struct nurture_result *result)
{
	data->host->complete(data->host->arg, handle, result);
}

static void host_news(struct nurture_host_data *data, int64_t touch_id, const struct nurture_result *result)
{
	(void)data, (void)touch_id, (void)result;
	abort(); /* no plugin driven by this host has news to tell */
}

static void host_event(struct nurture_host_data *data, int64_t lead_id, const char *verb, const char *subject, double value,
		       const json_t *object, const char *key)
{
	(void)data, (void)lead_id, (void)verb, (void)subject, (void)value, (void)object, (void)key;
	abort(); /* as above */
}

static int64_t host_now(struct nurture_host_data *data)
{
	struct timeval tv;
	gettimeofday(&tv, NULL);
	return data->host->now ? data->host->now : tv.tv_sec * INT64_C(1000000) + tv.tv_usec;
}

static void host_post(struct nurture_host_data *data, nurture_timer_fn *fn, void *arg)
{
	struct posted *posted = calloc(1, sizeof *posted);
	uint64_t one = 1;
	*posted = (struct posted){NULL, fn, arg};
	pthread_mutex_lock(&data->mutex);
	*data->posted_end = posted;
	data->posted_end = &posted->next;
	pthread_mutex_unlock(&data->mutex);
	if (write(data->wake, &one, sizeof one) != sizeof one)
		abort();
}

static void on_woken(evutil_socket_t fd, short what, void *arg)
{
	struct nurture_host_data *data = arg;
	uint64_t count;
	(void)what;
	if (read(fd, &count, sizeof count) != sizeof count)
		return;
	pthread_mutex_lock(&data->mutex);
	struct posted *list = data->posted;
	data->posted = NULL;
	data->posted_end = &data->posted;
	pthread_mutex_unlock(&data->mutex);
	for (struct posted *next; list; list = next) {
		next = list->next;
		list->fn(list->arg);
		free(list);
	}
}

static void host_capacity(struct nurture_host_data *data, uint32_t touches)
{
	data->host->capacity = touches;
}

static void host_hold(struct nurture_host_data *data, const char *reason)
{
	snprintf(data->host->held, sizeof data->host->held, "%s", reason ? reason : "");
}

static void host_tell(struct nurture_host_data *data, const json_t *standing)
{
	json_decref(data->host->told);
	data->host->told = json_deep_copy(standing);
}

static void host_keep(struct nurture_host_data *data, const json_t *notes)
{
	json_decref(data->host->kept);
	data->host->kept = json_deep_copy(notes);
}

/* Kept at once; the answer comes from the loop. */
static void write_kept(const struct host *host)
{
	char path[1000];
	snprintf(path, sizeof path, "%s.new", host->keep_in);
	if (json_dump_file(host->kept, path, JSON_COMPACT) || rename(path, host->keep_in))
		abort();
}

static void on_kept(void *arg)
{
	struct host *host = arg;
	if (host->keep_in)
		write_kept(host);
	while (host->keeping)
		if (host->keeping_fns[--host->keeping])
			host->keeping_fns[host->keeping](host->keeping_args[host->keeping], true);
}

static void host_keep_then(struct nurture_host_data *data, const json_t *notes, nurture_kept_fn *fn, void *arg)
{
	struct host *host = data->host;
	if (host->keeping == HOST_KEEPING)
		abort();
	host_keep(data, notes);
	host->keeping_fns[host->keeping] = fn;
	host->keeping_args[host->keeping++] = arg;
	host_post(data, on_kept, host);
}

static bool host_held(struct nurture_host_data *data)
{
	(void)data;
	return true;
}

static void host_turns_anew(struct nurture_host_data *data)
{
	data->host->anew++;
}

static const json_t *host_kept(struct nurture_host_data *data)
{
	return data->host->kept;
}

void host_init(struct host *host, host_complete_fn *complete, void *arg)
{
	struct nurture_host_data *data = calloc(1, sizeof *data);
	*host = (struct host){.complete = complete, .arg = arg, .capacity = 1, .data = data};
	host->table = (struct nurture_host){
		.size = sizeof host->table,
		.data = data,
		.log = host_log,
		.loop = host_loop,
		.timer_new = host_timer_new,
		.timer_set = host_timer_set,
		.timer_free = host_timer_free,
		.permit = host_permit,
		.complete = host_complete,
		.news = host_news,
		.event = host_event,
		.now = host_now,
		.post = host_post,
		.capacity = host_capacity,
		.hold = host_hold,
		.tell = host_tell,
		.keep = host_keep,
		.kept = host_kept,
		.keep_then = host_keep_then,
		.held = host_held,
		.turns_anew = host_turns_anew,
	};
	struct event_config *config = event_config_new();
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	host->base = event_base_new_with_config(config);
	event_config_free(config);
	data->host = host;
	data->posted_end = &data->posted;
	pthread_mutex_init(&data->mutex, NULL);
	data->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	data->woken = event_new(host->base, data->wake, EV_READ | EV_PERSIST, on_woken, data);
	event_add(data->woken, NULL);
}

void host_closed(struct host *host)
{
	struct nurture_host_data *data = host->data;
	pthread_mutex_lock(&data->mutex);
	for (struct posted *next; data->posted; data->posted = next) {
		next = data->posted->next;
		free(data->posted);
	}
	data->posted_end = &data->posted;
	pthread_mutex_unlock(&data->mutex);
}

void host_fini(struct host *host)
{
	struct nurture_host_data *data = host->data;
	host_closed(host);
	event_free(data->woken);
	close(data->wake);
	pthread_mutex_destroy(&data->mutex);
	event_base_free(host->base);
	json_decref(host->told);
	json_decref(host->kept);
	free(data);
}
