/* What a plugin may call: the host table. Every argument comes from code that is not ours and is checked: handles by their
 * generation, outcomes by their range, texts for UTF-8 without controls (they go into the database and the log).
 *
 * All but `post` are for the loop thread, and end the process when they are called from another. `post` puts its call into a list under a
 * lock and writes to an eventfd. */
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "channel/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

void channel_must_be_on_loop(struct channel *channel, const char *function)
{
	char message[160];
	if (pthread_equal(channel->thread, pthread_self()))
		return;
	snprintf(message, sizeof message, "the plugin called %s from a thread of its own; only post may be called from there", function);
	log_error("channel.off_thread", log_str("channel", channel->name), log_str("message", message));
	abort();
}

/* The channel behind the plugin's first argument, when the host's `function` is called. */
static struct channel *of(struct nurture_host_data *data, const char *function)
{
	channel_must_be_on_loop((struct channel *)data, function);
	return (struct channel *)data;
}

static struct nurture_host_data *data_of(struct channel *channel)
{
	return (struct nurture_host_data *)channel;
}

/* Copies text with everything that is not printable UTF-8 replaced by '?', cut at CHANNEL_REASON_MAX bytes. */
struct str channel_clean(const char *text, char out[CHANNEL_REASON_MAX + 1])
{
	size_t n = 0, size = text ? strlen(text) : 0;
	for (size_t i = 0; i < size;) {
		size_t step = str_utf8_step(text + i, size - i);
		bool plain = step && !(step == 1 && ((unsigned char)text[i] < 32 || text[i] == 127));
		if (n + (plain ? step : 1) > CHANNEL_REASON_MAX)
			break;
		if (plain)
			memcpy(out + n, text + i, step), n += step;
		else
			out[n++] = text[i] == '\n' || text[i] == '\t' ? ' ' : '?';
		i += step ? step : 1;
	}
	out[n] = 0;
	return (struct str){out, n};
}

struct cleaned {
	struct channel_result result;
	char reason[CHANNEL_REASON_MAX + 1], remote_id[CHANNEL_REASON_MAX + 1], answer[CHANNEL_REASON_MAX + 1];
	char kind[32], field[CHANNEL_REASON_MAX + 1];
	char *said; /* freed by done_with */
};

/* What was answered, as text: an object of a size that an event may have. */
static struct str read_said(const json_t *said, struct cleaned *out)
{
	if (!json_is_object(said) || json_object_size(said) == 0)
		return (struct str){"", 0};
	out->said = json_dumps(said, JSON_COMPACT);
	if (out->said && strlen(out->said) <= CHANNEL_SAID_MAX)
		return str_of(out->said);
	log_error("channel.said.refused", log_str("message", "a plugin told more of what was answered than 16 KB, or no text: it is left out"));
	return (struct str){"", 0};
}

/* A word of small letters, or nothing. */
static struct str read_kind(const char *kind, char out[32])
{
	size_t n = kind ? strspn(kind, "abcdefghijklmnopqrstuvwxyz_") : 0;
	if (!n || n >= 32 || kind[n])
		return (struct str){"", 0};
	memcpy(out, kind, n + 1);
	return (struct str){out, n};
}

static void done_with(struct cleaned *cleaned)
{
	free(cleaned->said);
}

static void read_result(const struct nurture_result *given, struct cleaned *out)
{
	struct channel_result *r = &out->result;
	out->said = NULL;
	*r = (struct channel_result){.outcome = NURTURE_UNKNOWN, .reason = STR("the plugin gave no result"), .answer = {"", 0}, .said = {"", 0}, .kind = {"", 0}, .field = {"", 0}};
	if (!given || !NURTURE_HAS(given, outcome))
		return;
	if (given->outcome < NURTURE_SENT || given->outcome > NURTURE_CANCELLED) {
		snprintf(out->reason, sizeof out->reason, "the plugin gave outcome %d, which is none", (int)given->outcome);
		r->reason = str_of(out->reason);
		return;
	}
	r->outcome = given->outcome;
	r->reason = channel_clean(NURTURE_HAS(given, reason) ? given->reason : NULL, out->reason);
	r->remote_id = channel_clean(NURTURE_HAS(given, remote_id) ? given->remote_id : NULL, out->remote_id);
	r->until = NURTURE_HAS(given, until) ? given->until : 0;
	r->attempt = NURTURE_HAS(given, attempt) ? given->attempt : 0;
	r->answer = channel_clean(NURTURE_HAS(given, answer) ? given->answer : NULL, out->answer);
	r->untried = r->outcome == NURTURE_DEFERRED && r->until > 0 && NURTURE_HAS(given, untried) && given->untried;
	r->broken = r->outcome == NURTURE_DEFERRED && NURTURE_HAS(given, broken) && given->broken;
	r->field = channel_clean(r->broken ? given->broken : NULL, out->field);
	r->kind = read_kind(NURTURE_HAS(given, kind) ? given->kind : NULL, out->kind);
	r->said = read_said(NURTURE_HAS(given, said) ? given->said : NULL, out);
}

static void host_log(struct nurture_host_data *data, enum nurture_log_level level, const char *event, const char *message)
{
	static const enum log_level levels[] = {
		[NURTURE_LOG_DEBUG] = LOG_LEVEL_DEBUG, [NURTURE_LOG_INFO] = LOG_LEVEL_INFO,
		[NURTURE_LOG_WARN] = LOG_LEVEL_WARN, [NURTURE_LOG_ERROR] = LOG_LEVEL_ERROR,
	};
	struct channel *channel = of(data, "log");
	char name[64] = "plugin";
	for (size_t i = 0; event && event[i] && i + 1 < sizeof name; i++) { /* the event's name is a word of the log's grammar */
		name[i] = (char)(strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", event[i]) ? event[i] : '_');
		name[i + 1] = 0;
	}
	log_write(level >= NURTURE_LOG_DEBUG && level <= NURTURE_LOG_ERROR ? levels[level] : LOG_LEVEL_ERROR, name,
		  (const struct log_field[]){log_str("channel", channel->name), log_str("message", message ? message : ""), {0}});
}

static struct event_base *host_loop(struct nurture_host_data *data)
{
	return loop_base(of(data, "loop")->loop);
}

static void host_permit(struct nurture_host_data *data, struct nurture_handle handle, nurture_permit_fn *fn, void *arg)
{
	struct channel *channel = of(data, "permit");
	struct ticket *ticket = tickets_get(&channel->tickets, handle);
	if (!ticket || (ticket->permission != PERMISSION_NONE && ticket->permission != PERMISSION_GIVEN) || !fn) {
		channel_count_late(channel, "permit");
		return;
	}
	ticket->permission = PERMISSION_ASKED;
	ticket->permit_fn = fn;
	ticket->permit_arg = arg;
	channel->calls->permit(channel->arg, ticket->cookie, handle);
}

static void host_complete(struct nurture_host_data *data, struct nurture_handle handle, const struct nurture_result *given)
{
	struct channel *channel = of(data, "complete");
	struct ticket *ticket = tickets_get(&channel->tickets, handle);
	struct cleaned cleaned;
	if (!ticket) {
		channel_count_late(channel, "complete");
		return;
	}
	read_result(given, &cleaned);
	bool goes = cleaned.result.outcome == NURTURE_SENT || cleaned.result.outcome == NURTURE_QUEUED; /* nobody can ask later: the handle ends here */
	if (goes && ticket->permission != PERMISSION_GIVEN) {
		cleaned.result.unpermitted = true;
		log_error("channel.unpermitted", log_str("channel", channel->name),
			  log_str("message", "the plugin sent or queued a touch without permission: this is a bug of the plugin"));
	}
	channel_end(channel, handle, &cleaned.result);
	done_with(&cleaned);
}

static void host_news_then(struct nurture_host_data *data, int64_t touch_id, const struct nurture_result *given, nurture_news_fn *fn, void *arg)
{
	struct channel *channel = of(data, "news");
	struct cleaned cleaned;
	if (channel->closing)
		return;
	read_result(given, &cleaned);
	channel->calls->news(channel->arg, touch_id, &cleaned.result, fn, arg);
	done_with(&cleaned);
}

static void host_news(struct nurture_host_data *data, int64_t touch_id, const struct nurture_result *given)
{
	host_news_then(data, touch_id, given, NULL, NULL);
}

static void host_forgotten(struct nurture_host_data *data, int64_t id, bool done, const char *reason)
{
	struct channel *channel = of(data, "forgotten");
	char text[CHANNEL_REASON_MAX + 1];
	if (!channel->closing && channel->calls->forgotten)
		channel->calls->forgotten(channel->arg, id, done, channel_clean(reason, text));
}

static int64_t host_now(struct nurture_host_data *data)
{
	struct channel *channel = of(data, "now");
	return channel->calls->now(channel->arg);
}

static void host_post(struct nurture_host_data *data, nurture_timer_fn *fn, void *arg)
{
	struct channel *channel = (struct channel *)data;
	struct post *post = mem_alloc(sizeof *post);
	*post = (struct post){.fn = fn, .arg = arg};
	pthread_mutex_lock(&channel->lock);
	if (channel->last)
		channel->last->next = post;
	else
		channel->first = post;
	channel->last = post;
	pthread_mutex_unlock(&channel->lock);
	if (eventfd_write(channel->wake_fd, 1)) {
		/* the counter is full: the loop is awake anyway */
	}
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct channel *channel = arg;
	eventfd_t count;
	(void)what;
	(void)eventfd_read(fd, &count);
	pthread_mutex_lock(&channel->lock);
	struct post *post = channel->first;
	channel->first = channel->last = NULL;
	pthread_mutex_unlock(&channel->lock);
	while (post) {
		struct post *next = post->next;
		post->fn(post->arg);
		free(post);
		post = next;
	}
}

static void host_capacity(struct nurture_host_data *data, uint32_t touches)
{
	uint32_t n = touches < 1 ? 1 : touches > CHANNEL_CAPACITY_MAX ? CHANNEL_CAPACITY_MAX : touches;
	struct channel *channel = of(data, "capacity");
	channel->calls->capacity(channel->arg, n);
}

void channel_host_init(struct channel *channel)
{
	channel->host = (struct nurture_host){
		.size = sizeof channel->host, .data = data_of(channel), .log = host_log, .loop = host_loop, .timer_new = channel_timer_new,
		.timer_set = channel_timer_set, .timer_free = channel_timer_free, .permit = host_permit, .complete = host_complete,
		.news = host_news, .event = channel_event, .now = host_now, .post = host_post, .capacity = host_capacity,
		.news_then = host_news_then, .forgotten = host_forgotten, .returned = channel_returned,
		.hold = channel_hold, .tell = channel_tell, .keep = channel_keep, .kept = channel_kept,
		.reply = channel_reply, .channel_name = channel->name, .query = channel_query,
		.look = channel_look, .compose = channel_compose, .colleague = channel_colleague,
		.offer = channel_offer, .event_then = channel_event_then, .colleague_then = channel_colleague_then,
		.keep_then = channel_keep_then, .held = channel_held, .turns_anew = channel_turns_anew,
		.phone_possible = channel_phone_possible, .country = channel_country, .look_again = channel_look_again,
	};
	channel->thread = pthread_self();
	LIST_INIT(&channel->timers);
	LIST_INIT(&channel->queries);
	LIST_INIT(&channel->looks);
	LIST_INIT(&channel->words);
	pthread_mutex_init(&channel->lock, NULL);
	channel->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (channel->wake_fd < 0)
		abort();
	channel->wake = event_new(loop_base(channel->loop), channel->wake_fd, EV_READ | EV_PERSIST, on_wake, channel);
	event_add(channel->wake, NULL);
}

void channel_host_fini(struct channel *channel)
{
	event_free(channel->wake);
	close(channel->wake_fd);
	for (struct post *post = channel->first; post;) { /* what was posted too late is not run */
		struct post *next = post->next;
		free(post);
		post = next;
	}
	pthread_mutex_destroy(&channel->lock);
}
