/* The server of an smtp:// relay: [USER:PASSWORD@]HOST[:PORT]. Called by settings_relays.c alone. What is wrong is said without
 * repeating any of it, as a password may stand in a wrong place. */
#include "settings_parts.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* %XX decoded; NULL if a % is not followed by two hexadecimal digits (or by 00). */
static char *percent_decode(const char *text, size_t n)
{
	GString *out = g_string_sized_new(n);
	for (size_t i = 0; i < n; i++) {
		if (text[i] != '%') {
			g_string_append_c(out, text[i]);
			continue;
		}
		int high = i + 2 < n ? g_ascii_xdigit_value(text[i + 1]) : -1;
		int low = i + 2 < n ? g_ascii_xdigit_value(text[i + 2]) : -1;
		if (high < 0 || low < 0 || high * 16 + low < 0x20) {
			g_string_free(out, TRUE);
			return NULL;
		}
		g_string_append_c(out, (char)(high * 16 + low));
		i += 2;
	}
	return g_string_free(out, FALSE);
}

static int read_login(struct server *s, const char *where, const char *login, size_t n, struct nurture_problem *problem)
{
	const char *colon = memchr(login, ':', n);
	if (!colon || colon == login)
		return problem_set(problem, where, "before @ write USER:PASSWORD");
	s->user = percent_decode(login, (size_t)(colon - login));
	s->password = percent_decode(colon + 1, n - (size_t)(colon + 1 - login));
	if (!s->user || !s->password)
		return problem_set(problem, where, "in user and password of relay, write %% as %%25 and @ as %%40");
	return 0;
}

static int read_port(struct server *s, const char *where, const char *text, struct nurture_problem *problem)
{
	char *end = NULL;
	unsigned long port = strtoul(text, &end, 10);
	if (!g_ascii_isdigit(*text) || *end || port < 1 || port > 65535)
		return problem_set(problem, where, "the port of relay must be a number from 1 to 65535");
	s->port = (uint16_t)port;
	return 0;
}

/* HOST, HOST:PORT, [IPv6]:PORT */
static int read_host(struct server *s, const char *where, const char *text, struct nurture_problem *problem)
{
	unsigned char binary[16];
	const char *end = text[0] == '[' ? strchr(text, ']') : text + strcspn(text, ":");
	if (!end)
		return problem_set(problem, where, "in relay, the address after [ has no ]");
	const char *after = text[0] == '[' ? end + 1 : end;
	text += text[0] == '[';
	s->host = g_strndup(text, (gsize)(end - text));
	if (*end == ']' && inet_pton(AF_INET6, s->host, binary) != 1)
		return problem_set(problem, where, "in relay, what stands in [ ] is not an IPv6 address");
	if (*end != ']' && (!*s->host || strspn(s->host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") !=
						 strlen(s->host)))
		return problem_set(problem, where, "in relay, what stands as host is not a host name");
	s->port = s->scheme == RELAY_SMTPS ? 465 : s->user ? 587 : 25;
	if (*after == ':')
		return read_port(s, where, after + 1, problem);
	return *after ? problem_set(problem, where, "in relay, after the host comes nothing but :PORT") : 0;
}

/* With the user as it was written, for two users of one host have each their own standing, quota and notes; without the password. */
static char *name_of(const struct server *s, const char *login, const char *at)
{
	int n = at ? (int)strcspn(login, ":") : 0;
	bool six = strchr(s->host, ':') != NULL;
	return g_strdup_printf("%s://%.*s%s%s%s%s:%u", s->scheme == RELAY_SMTPS ? "smtps" : "smtp", n, login, at ? "@" : "", six ? "[" : "", s->host, six ? "]" : "", s->port);
}

int settings_read_server(struct server *s, const char *where, const char *text, struct nurture_problem *problem)
{
	s->scheme = g_str_has_prefix(text, "smtps://") ? RELAY_SMTPS : RELAY_SMTP;
	if (s->scheme == RELAY_SMTP && !g_str_has_prefix(text, "smtp://"))
		return problem_set(problem, where, "relay must be maildir:FOLDER, smtp://[USER:PASSWORD@]HOST[:PORT] or smtps://…");
	const char *rest = strstr(text, "://") + 3, *at = strrchr(rest, '@');
	if (at && read_login(s, where, rest, (size_t)(at - rest), problem))
		return -1;
	char *host = g_strdup(at ? at + 1 : rest);
	size_t n = strlen(host);
	if (n && host[n - 1] == '/')
		host[n - 1] = '\0';
	int result = read_host(s, where, host, problem);
	g_free(host);
	if (!result)
		s->name = name_of(s, rest, at);
	return result;
}

void server_fini(struct server *s)
{
	g_free(s->name);
	g_free(s->host);
	g_free(s->user);
	if (s->password)
		explicit_bzero(s->password, strlen(s->password));
	g_free(s->password);
	g_free(s->tls_ca);
}
