/* Checks of single options and the masking of secrets. Pure. */
#include "base/config_check.h"

#include "base/buf.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static bool port_ok(const char *text)
{
	int64_t port;
	return str_to_int(str_of(text), &port) && port >= 0 && port <= 65535;
}

bool config_check_listen(const char *text, char *why, size_t room)
{
	char host[128];
	const char *colon = strrchr(text, ':');
	snprintf(why, room, "must be ADDRESS:PORT, like \"127.0.0.1:8080\" or \"[::1]:8080\", or \"unix:/path\", not \"%.100s\".", text);
	if (strncmp(text, "unix:/", 6) == 0)
		return strlen(text + 5) < 100;
	size_t n = colon ? (size_t)(colon - text) : 0;
	if (!n || n >= sizeof host || !port_ok(colon + 1))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	unsigned char address[16];
	if (host[0] != '[')
		return inet_pton(AF_INET, host, address) == 1;
	if (host[n - 1] != ']')
		return false;
	host[n - 1] = '\0';
	return inet_pton(AF_INET6, host + 1, address) == 1;
}

bool config_check_url(const char *text, char *why, size_t room)
{
	struct str url = str_of(text);
	snprintf(why, room, "must begin with https:// or http:// and hold no spaces, quotes, ? or #.");
	size_t skip = str_starts(url, STR("https://")) ? 8 : str_starts(url, STR("http://")) ? 7 : 0;
	return skip && url.n > skip && url.n < 500 && !strpbrk(text, " \"'<>?#\\\t\r\n") && text[skip] != '/';
}

bool config_check_network(const char *text, char *why, size_t room)
{
	char host[128];
	unsigned char address[16];
	int64_t bits = 0;
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	snprintf(why, room, "must hold addresses or networks, like \"127.0.0.1\" or \"10.0.0.0/8\", not \"%.100s\".", text);
	if (n >= sizeof host || (slash && !str_to_int(str_of(slash + 1), &bits)))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	if (inet_pton(AF_INET, host, address) == 1)
		return bits >= 0 && bits <= 32;
	return inet_pton(AF_INET6, host, address) == 1 && bits >= 0 && bits <= 128;
}

bool config_check_database(const char *text, char *why, size_t room)
{
	snprintf(why, room, "must be a connection string, like \"postgresql://user@host/nurture\" or \"host=… dbname=…\".");
	struct str s = str_of(text);
	return str_starts(s, STR("postgresql://")) || str_starts(s, STR("postgres://")) || strchr(text, '=') != NULL;
}

bool config_check_level(const char *text, char *why, size_t room)
{
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	snprintf(why, room, "must be \"debug\", \"info\", \"warn\" or \"error\", not \"%.40s\".", text);
	for (size_t i = 0; i < 4; i++)
		if (strcmp(text, levels[i]) == 0)
			return true;
	return false;
}

bool config_is_name(const char *text)
{
	size_t n = strlen(text);
	return n > 0 && n <= 60 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == n && text[0] != '-';
}

bool config_is_secret_key(const char *key)
{
	static const char *const parts[] = {"password", "passwd", "secret", "token", "api_key", "private_key"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strstr(key, parts[i]))
			return true;
	return false;
}

/* Length of the secret that begins at p, or 0. */
static size_t secret_at(const char *p, const char *const *secrets, size_t count)
{
	size_t longest = 0;
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(secrets[i]);
		if (n > longest && strncmp(p, secrets[i], n) == 0)
			longest = n;
	}
	return longest;
}

/* In `scheme://user:password@host` the password's start and length. */
static size_t url_password(const char *text, const char **start)
{
	const char *scheme = strstr(text, "://");
	const char *at = scheme ? strrchr(scheme + 3, '@') : NULL;
	const char *colon = at ? memchr(scheme + 3, ':', (size_t)(at - scheme - 3)) : NULL;
	*start = colon ? colon + 1 : NULL;
	return colon ? (size_t)(at - colon - 1) : 0;
}

char *config_mask(const char *text, const char *const *secrets, size_t count)
{
	struct buf out = {0};
	const char *password;
	size_t password_n = url_password(text, &password);
	for (const char *p = text; *p;) {
		size_t n = secret_at(p, secrets, count);
		if (p == password && password_n > n)
			n = password_n;
		if (p - text >= 9 && strncmp(p - 9, "password=", 9) == 0)
			n = strcspn(p, " &");
		if (n) {
			buf_puts(&out, "***");
			p += n;
		} else {
			buf_putc(&out, *p++);
		}
	}
	return buf_take(&out);
}
