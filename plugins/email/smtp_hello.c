/* From the greeting to a connection that is ready: EHLO, STARTTLS, AUTH. Called by smtp_session.c.
 *
 * What always holds: a password leaves only under TLS, unless the settings say tls = "none"; after STARTTLS nothing that
 * was offered in the clear counts any more, as EHLO is said anew. */
#include "smtp_session.h"

#include <string.h>

static void say_hello(struct session *s, bool again)
{
	s->hello_again = again;
	session_set(s, SESSION_EHLO);
	session_printf(s, "%s %s\r\n", again ? "HELO" : "EHLO", s->pool->helo);
	session_arm(s, DEADLINE_COMMAND);
}

/* base64 of n octets with CRLF, as one line to the server; the copy is wiped. */
static void write_base64(struct session *s, const char *before, const char *bytes, size_t n)
{
	char *base64 = g_base64_encode((const guchar *)bytes, n);
	GString *line = g_string_new(before);
	g_string_append_printf(line, "%s\r\n", base64);
	session_write(s, line->str, line->len);
	explicit_bzero(line->str, line->len);
	explicit_bzero(base64, strlen(base64));
	g_string_free(line, TRUE);
	g_free(base64);
}

static void write_plain(struct session *s)
{
	const struct server *set = s->pool->server;
	GString *plain = g_string_new(NULL);
	g_string_append_c(plain, '\0');
	g_string_append(plain, set->user);
	g_string_append_c(plain, '\0');
	g_string_append(plain, set->password);
	write_base64(s, "AUTH PLAIN ", plain->str, plain->len);
	explicit_bzero(plain->str, plain->len);
	g_string_free(plain, TRUE);
}

static void begin_auth(struct session *s)
{
	const struct server *set = s->pool->server;
	if (!s->secure && set->tls != TLS_NONE) {
		session_lost(s, "the server offers no TLS, and without it no password is sent (unless tls = \"none\")", false);
		return;
	}
	if (!s->offer.auth_plain && !s->offer.auth_login) {
		session_lost(s, "the server offers neither AUTH PLAIN nor LOGIN", false);
		return;
	}
	session_set(s, SESSION_AUTH);
	s->auth_step = 0;
	if (s->offer.auth_plain)
		write_plain(s);
	else
		session_printf(s, "AUTH LOGIN\r\n");
	session_arm(s, DEADLINE_COMMAND);
}

static void on_auth(struct session *s)
{
	const struct server *set = s->pool->server;
	bool asks = s->reply.code == 334 && !s->offer.auth_plain && s->auth_step < 2;
	if (s->reply.code == 235) {
		session_ready(s);
		return;
	}
	if (!asks) {
		session_refused(s, "user and password were not accepted");
		return;
	}
	const char *word = s->auth_step++ == 0 ? set->user : set->password;
	write_base64(s, "", word, strlen(word));
	session_arm(s, DEADLINE_COMMAND);
}

static void on_hello(struct session *s)
{
	const struct server *set = s->pool->server;
	if (s->reply.code >= 500 && !s->hello_again && !s->secure) {
		say_hello(s, true);
		return;
	}
	if (s->reply.code != 250) {
		session_refused(s, "the server refused EHLO");
		return;
	}
	smtp_reply_offer(&s->reply, &s->offer);
	if (!s->secure && set->tls != TLS_NONE && s->offer.starttls) {
		session_set(s, SESSION_STARTTLS);
		session_printf(s, "STARTTLS\r\n");
		session_arm(s, DEADLINE_COMMAND);
	} else if (!s->secure && set->tls == TLS_REQUIRE) {
		session_lost(s, "the server offers no STARTTLS, which tls = \"require\" asks for", false);
	} else if (set->user) {
		begin_auth(s);
	} else {
		session_ready(s);
	}
}

static void on_greeting(struct session *s)
{
	if (s->reply.code == 220)
		say_hello(s, false);
	else
		session_refused(s, "the server refused the connection");
}

static void on_starttls(struct session *s)
{
	if (s->reply.code == 220)
		session_begin_tls(s);
	else
		session_refused(s, "the server refused STARTTLS");
}

void hello_begin(struct session *s)
{
	say_hello(s, false);
}

void hello_reply(struct session *s)
{
	switch (s->state) {
	case SESSION_GREETING: on_greeting(s); break;
	case SESSION_EHLO: on_hello(s); break;
	case SESSION_STARTTLS: on_starttls(s); break;
	default: on_auth(s); break;
	}
}
