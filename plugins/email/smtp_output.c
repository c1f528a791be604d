/* What a connection is given to write: see smtp_session.h. Called by smtp_session.c, smtp_hello.c and smtp_transaction.c.
 *
 * Most goes through the bufferevent, which writes when the loop comes round. A message with its dot and the envelope behind it does not wait for
 * that where the connection is plain and all before it has left: it goes to the kernel at once, from where it lies, in one write. What
 * the kernel does not take goes the ordinary way; an error is found there, too, so here nothing ever fails.
 *
 * What always holds: octets leave in the order in which they were written; what is held counts as not sent. */
#include "smtp_session.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

size_t session_unsent(const struct session *s)
{
	return (s->bev ? evbuffer_get_length(bufferevent_get_output(s->bev)) : 0) + s->held_length + s->behind_length;
}

void session_hold(struct session *s)
{
	s->holds = s->bev && !s->secure && session_unsent(s) == 0;
}

/* Whether it was taken. */
static bool hold(struct session *s, const char *bytes, size_t n)
{
	if (n > sizeof s->behind && s->held_length + s->behind_length == 0) {
		s->held = bytes;
		s->held_length = n;
		return true;
	}
	if (n > sizeof s->behind - s->behind_length)
		return false;
	memcpy(s->behind + s->behind_length, bytes, n);
	s->behind_length += n;
	return true;
}

void session_write(struct session *s, const char *bytes, size_t n)
{
	s->written += n;
	if (s->holds && hold(s, bytes, n))
		return;
	session_release(s);
	bufferevent_write(s->bev, bytes, n);
}

void session_printf(struct session *s, const char *fmt, ...)
{
	char line[2048];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof line)
		g_error("an SMTP command is too long");
	session_write(s, line, (size_t)n);
}

/* What the kernel has left of `n` octets, after `sent` of all were taken. */
static void write_rest(struct session *s, const char *bytes, size_t n, size_t *sent)
{
	size_t taken = *sent < n ? *sent : n;
	*sent -= taken;
	if (taken < n)
		bufferevent_write(s->bev, bytes + taken, n - taken);
}

void session_release(struct session *s)
{
	if (!s->holds)
		return;
	struct iovec parts[] = {{(void *)(uintptr_t)s->held, s->held_length}, {s->behind, s->behind_length}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	ssize_t n = sendmsg(bufferevent_getfd(s->bev), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	size_t sent = n > 0 ? (size_t)n : 0;
	s->holds = false;
	write_rest(s, s->held, s->held_length, &sent);
	write_rest(s, s->behind, s->behind_length, &sent);
	s->held = NULL;
	s->held_length = s->behind_length = 0;
	if (s->ending)
		session_arm(s, DEADLINE_FINAL);
}
