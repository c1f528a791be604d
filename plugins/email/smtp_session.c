/* The life of a connection: see smtp_session.h for its states. Called by the pool; calls smtp_hello.c until it is ready and
 * smtp_transaction.c for letters.
 *
 * Every wait has a deadline in machine time that only a whole reply (or, while a body leaves, progress) moves: a server
 * that sends one octet a second is late all the same. */
#include "smtp_session.h"

#include "smtp_tls.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

enum { READ_MAX = 65536, QUIT_PATIENCE_US = 5000000 };

#define TO(state) (1u << (state))

static const unsigned may_follow[SESSION_STATES] = {
	[SESSION_CONNECTING] = TO(SESSION_CONNECTING) | TO(SESSION_TLS) | TO(SESSION_GREETING) | TO(SESSION_DEAD),
	[SESSION_TLS] = TO(SESSION_GREETING) | TO(SESSION_EHLO) | TO(SESSION_DEAD),
	[SESSION_GREETING] = TO(SESSION_EHLO) | TO(SESSION_DEAD),
	[SESSION_EHLO] = TO(SESSION_EHLO) | TO(SESSION_STARTTLS) | TO(SESSION_AUTH) | TO(SESSION_IDLE) | TO(SESSION_DEAD),
	[SESSION_STARTTLS] = TO(SESSION_TLS) | TO(SESSION_DEAD),
	[SESSION_AUTH] = TO(SESSION_AUTH) | TO(SESSION_IDLE) | TO(SESSION_DEAD),
	[SESSION_IDLE] = TO(SESSION_ENVELOPE) | TO(SESSION_QUIT) | TO(SESSION_DEAD),
	[SESSION_ENVELOPE] = TO(SESSION_BODY) | TO(SESSION_FINAL) | TO(SESSION_IDLE) | TO(SESSION_DEAD),
	[SESSION_BODY] = TO(SESSION_FINAL) | TO(SESSION_DEAD),
	[SESSION_FINAL] = TO(SESSION_ENVELOPE) | TO(SESSION_IDLE) | TO(SESSION_DEAD),
	[SESSION_QUIT] = TO(SESSION_DEAD),
};

static GQueue *list_of(struct session *s)
{
	switch (s->state) {
	case SESSION_IDLE: return &s->pool->idle;
	case SESSION_DEAD: return &s->pool->dead;
	default: return &s->pool->working;
	}
}

void session_set(struct session *s, enum session_state state)
{
	if (!(may_follow[s->state] & TO(state)))
		g_error("an SMTP session cannot go from state %d to %d", s->state, state);
	GQueue *before = list_of(s);
	s->state = state;
	GQueue *after = list_of(s);
	if (before == after)
		return;
	g_queue_unlink(before, &s->link);
	g_queue_push_head_link(after, &s->link);
}

static void arm_us(struct session *s, int64_t us)
{
	struct timeval tv = {us / 1000000, us % 1000000};
	s->unsent = session_unsent(s);
	evtimer_add(s->deadline, &tv);
}

void session_arm(struct session *s, enum deadline deadline)
{
	if (s->holds)
		return; /* what is released arms it */
	s->leaving = deadline == DEADLINE_FINAL && session_unsent(s) > 0;
	arm_us(s, s->pool->settings->deadlines[s->leaving ? DEADLINE_BODY : deadline]);
}

/* All that was written has left: the time for the answer to the dot begins now. */
static void on_drained(struct bufferevent *bev, void *arg)
{
	struct session *s = arg;
	(void)bev;
	if (s->leaving && s->state != SESSION_DEAD)
		session_arm(s, DEADLINE_FINAL);
}

static void close_socket(struct session *s)
{
	if (s->bev)
		bufferevent_free(s->bev);
	s->bev = NULL;
	s->holds = false;
	s->held_length = s->behind_length = 0;
}

void session_free(struct session *s)
{
	g_queue_unlink(list_of(s), &s->link);
	close_socket(s);
	event_free(s->deadline);
	smtp_reply_fini(&s->reply);
	g_free(s);
}

void session_lost(struct session *s, const char *why, bool late)
{
	char reason[300];
	struct pool *pool = s->pool;
	if (s->state == SESSION_DEAD)
		return;
	snprintf(reason, sizeof reason, "%s", why); /* it may be s->why */
	bool was_ready = s->was_ready;
	transaction_lost(s, reason, late);
	evtimer_del(s->deadline);
	session_set(s, SESSION_DEAD);
	close_socket(s);
	if (!was_ready) {
		pool->opening--;
		pool_failed(pool, reason);
	}
	pool_dispatch_soon(pool);
}

void session_refused(struct session *s, const char *what)
{
	char said[160];
	smtp_reply_say(&s->reply, said, sizeof said);
	snprintf(s->why, sizeof s->why, "%s: %s", what, said);
	session_lost(s, s->why, false);
}

static const char *const late_words[SESSION_STATES] = {
	[SESSION_CONNECTING] = "no connection in time",
	[SESSION_TLS] = "no TLS handshake in time",
	[SESSION_GREETING] = "no greeting in time",
	[SESSION_EHLO] = "no answer to EHLO in time",
	[SESSION_STARTTLS] = "no answer to STARTTLS in time",
	[SESSION_AUTH] = "no answer to AUTH in time",
	[SESSION_IDLE] = "idle",
	[SESSION_ENVELOPE] = "no answer to MAIL, RCPT or DATA in time",
	[SESSION_BODY] = "the server took no more of the message",
	[SESSION_FINAL] = "no answer to the message in time",
	[SESSION_QUIT] = "no answer to QUIT in time",
};

static void connect_next(struct session *s, const char *why);

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	(void)fd, (void)what;
	bool moved = session_unsent(s) < s->unsent;
	if (moved && session_unsent(s))
		session_arm(s, DEADLINE_BODY);
	else if (moved && s->state == SESSION_FINAL)
		session_arm(s, DEADLINE_FINAL);
	else if (s->state == SESSION_BODY && !session_unsent(s))
		return; /* the host has the word: it keeps the deadline of the delivery */
	else if (s->state == SESSION_IDLE)
		session_quit(s);
	else if (s->state == SESSION_CONNECTING)
		connect_next(s, late_words[s->state]);
	else
		session_lost(s, late_words[s->ending ? SESSION_FINAL : s->state], true);
}

void session_ready(struct session *s)
{
	if (!s->was_ready) {
		s->was_ready = true;
		s->pool->opening--;
		pool_dispatch_soon(s->pool); /* perhaps others may open now */
	}
	if (s->state != SESSION_IDLE)
		session_set(s, SESSION_IDLE);
	struct letter *next = pool_take(s->pool);
	if (next)
		transaction_start(s, next);
	if (s->state != SESSION_IDLE)
		return;
	if (s->pool->draining)
		session_quit(s);
	else
		session_arm(s, DEADLINE_IDLE);
}

void session_quit(struct session *s)
{
	session_set(s, SESSION_QUIT);
	session_printf(s, "QUIT\r\n");
	arm_us(s, QUIT_PATIENCE_US);
}

static void on_event(struct bufferevent *bev, short what, void *arg);
static void on_read(struct bufferevent *bev, void *arg);

static void adopt(struct session *s, struct bufferevent *bev)
{
	s->bev = bev;
	bufferevent_setcb(bev, on_read, on_drained, on_event, s);
	bufferevent_setwatermark(bev, EV_READ, 0, READ_MAX);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

/* Puts TLS on the connection. What the server sent in the clear after its 220 is never read as its word (CVE-2011-0411). */
void session_begin_tls(struct session *s)
{
	if (evbuffer_get_length(bufferevent_get_input(s->bev))) {
		session_lost(s, "the server spoke before the TLS handshake", false);
		return;
	}
	SSL *ssl = s->pool->tls ? smtp_tls_client(s->pool->tls, s->pool->server) : NULL;
	if (!ssl) {
		session_lost(s, "TLS cannot be set up: see tls_ca", false);
		return;
	}
	evutil_socket_t fd = bufferevent_getfd(s->bev);
	bufferevent_setfd(s->bev, -1);
	close_socket(s);
	struct bufferevent *bev = bufferevent_openssl_socket_new(s->pool->base, fd, ssl, BUFFEREVENT_SSL_CONNECTING,
								 BEV_OPT_CLOSE_ON_FREE);
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	session_set(s, SESSION_TLS);
	adopt(s, bev);
	session_arm(s, DEADLINE_CONNECT);
}

static void on_reply(struct session *s)
{
	switch (s->state) {
	case SESSION_GREETING:
	case SESSION_EHLO:
	case SESSION_STARTTLS:
	case SESSION_AUTH: hello_reply(s); break;
	case SESSION_ENVELOPE:
	case SESSION_BODY:
	case SESSION_FINAL: transaction_reply(s); break;
	default: session_refused(s, "closed by the server"); break; /* IDLE: a good-bye; QUIT: its answer */
	}
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct session *s = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	while (s->state != SESSION_DEAD && s->bev == bev && evbuffer_get_length(in)) {
		const char *why = NULL;
		size_t n = evbuffer_get_length(in), used = 0;
		const char *bytes = (const char *)evbuffer_pullup(in, (ev_ssize_t)n);
		enum reply_progress progress = smtp_reply_feed(&s->reply, bytes, n, &used, &why);
		evbuffer_drain(in, used);
		if (progress == REPLY_MORE)
			return;
		if (progress == REPLY_BAD) {
			snprintf(s->why, sizeof s->why, "the server does not speak SMTP: %s", why);
			session_lost(s, s->why, false);
			return;
		}
		on_reply(s);
	}
}

static void connected(struct session *s)
{
	int on = 1;
	if (s->state == SESSION_TLS) {
		bool implicit = s->pool->server->scheme == RELAY_SMTPS;
		s->secure = true;
		if (implicit) {
			session_set(s, SESSION_GREETING);
			session_arm(s, DEADLINE_GREETING);
		} else {
			hello_begin(s);
		}
		return;
	}
	setsockopt(bufferevent_getfd(s->bev), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (s->pool->server->scheme == RELAY_SMTPS) {
		session_begin_tls(s);
		return;
	}
	session_set(s, SESSION_GREETING);
	session_arm(s, DEADLINE_GREETING);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct session *s = arg;
	int error = EVUTIL_SOCKET_ERROR();
	if (what & BEV_EVENT_CONNECTED) {
		connected(s);
		return;
	}
	on_read(bev, s); /* a last word may lie in the buffer */
	if (s->state == SESSION_DEAD || s->bev != bev)
		return;
	if (s->state == SESSION_TLS)
		smtp_tls_say(bufferevent_openssl_get_ssl(bev), bufferevent_get_openssl_error(bev), s->why, sizeof s->why);
	else if (what & BEV_EVENT_EOF || error == 0)
		snprintf(s->why, sizeof s->why, "the server closed the connection");
	else
		snprintf(s->why, sizeof s->why, "connection: %s", evutil_socket_error_to_string(error));
	if (s->state == SESSION_CONNECTING)
		connect_next(s, s->why);
	else
		session_lost(s, s->why, false);
}

/* Connects to the next of the server's addresses; after the last, the session is lost for the reason given. */
static void connect_next(struct session *s, const char *why)
{
	struct pool *pool = s->pool;
	while (s->address < pool->address_count) {
		struct server_address *address = &pool->addresses[s->address++];
		close_socket(s);
		adopt(s, bufferevent_socket_new(pool->base, -1, BEV_OPT_CLOSE_ON_FREE));
		session_arm(s, DEADLINE_CONNECT);
		struct bufferevent *bev = s->bev;
		if (!bufferevent_socket_connect(bev, (struct sockaddr *)&address->at, (int)address->length))
			return;
		if (s->bev != bev || s->state != SESSION_CONNECTING)
			return; /* the event callback has dealt with it */
	}
	session_lost(s, why, false);
}

void session_open(struct pool *pool)
{
	struct session *s = g_new0(struct session, 1);
	s->pool = pool;
	s->link.data = s;
	s->deadline = evtimer_new(pool->base, on_deadline, s);
	smtp_reply_init(&s->reply);
	s->state = SESSION_CONNECTING;
	g_queue_push_head_link(&pool->working, &s->link);
	pool->opening++;
	connect_next(s, "the server has no address");
}
